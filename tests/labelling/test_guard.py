"""Whoever has no business on the review page gets a 403, and learns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.labelling.conftest import TOKEN, Served, fill, served

BEARER = {"Authorization": f"Bearer {TOKEN}"}
ROUTES = ("/", "/page/main.js", "/api/state", "/api/hello", "/thumbnails/1", "/pictures/1", "/nowhere")
WRITES = ("/api/decisions", "/api/undo", "/api/inbox?label=plain", "/api/judge")

FOREIGN = {
    "foreign Origin": {"Origin": "https://shop.example"},
    "the Origin of another port": {"Origin": "http://127.0.0.1:1"},
    "an Origin that hides": {"Origin": "null"},
    "an Origin that begins like ours": {"Origin": "http://127.0.0.1.shop.example"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same site, which other ports are": {"Sec-Fetch-Site": "same-site"},
    "foreign Host": {"Host": "shop.example"},
    "foreign Host on our port": {"Host": "shop.example:{port}"},
    "our Host without its port": {"Host": "127.0.0.1"},
    "no token": {"Authorization": ""},
    "a wrong token": {"Authorization": "Bearer wrong"},
    "the beginning of the token": {"Authorization": f"Bearer {TOKEN[:-1]}"},
    "the token in another scheme": {"Authorization": f"Basic {TOKEN}"},
    "the token in a cookie of another name": {"Authorization": "", "Cookie": f"unframe-label-1={TOKEN}"},
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One page for all: only the last test gets as far as changing it."""
    folder: Path = tmp_path_factory.mktemp("pictures")
    fill(folder, 3)
    with served(folder) as one:
        yield one


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
def test_who_has_no_business_here_is_refused_everywhere(page: Served, headers: dict[str, str]) -> None:
    filled = {name: value.format(port=page.port) for name, value in headers.items()}
    with page.client(**filled) as client:
        answers = [client.get(route) for route in ROUTES]
        answers += [client.post(route, json={}) for route in WRITES]
    assert {answer.status_code for answer in answers} == {403}
    assert all(answer.text.startswith("403: ") for answer in answers)
    assert page.store.current() == {}


def test_nobody_can_log_in_from_elsewhere(page: Served) -> None:
    with httpx.Client(base_url=page.origin) as client:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://shop.example"}, {"Host": "shop.example"}):
            answer = client.get(f"/?token={TOKEN}", headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
        for wrong in ("/?token=", "/?token=wrong", "/", f"/api/state?token={TOKEN}"):
            assert client.get(wrong).status_code == 403


def test_the_address_is_changed_for_a_cookie_that_scripts_and_other_sites_do_not_get(page: Served) -> None:
    with httpx.Client(base_url=page.origin) as client:
        answer = client.get(f"/?token={TOKEN}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/").status_code == 200
        assert client.get("/api/state").json()["rows"]


@pytest.mark.parametrize("other", ['prefs={"a":1}', "a b=c", "novalue", "name=é"])
def test_cookies_of_other_programs_on_this_machine_lock_nobody_out(page: Served, other: str) -> None:
    cookies = f"{other}; unframe-label-{page.port}={TOKEN}; last".encode("latin-1")
    with httpx.Client(base_url=page.origin) as client:
        assert client.get("/", headers=[(b"Cookie", cookies)]).status_code == 200


@pytest.mark.parametrize("origin", ["chrome-extension://abcdefghijklmnop", "moz-extension://abc"])
def test_an_extension_with_the_token_reaches_its_routes_and_no_other(page: Served, origin: str) -> None:
    with page.client(Origin=origin, **{"Sec-Fetch-Site": "cross-site"}) as client:
        assert client.get("/api/hello").json()["who"] == "ann"
        for route in ("/", "/api/state", "/api/pairing", "/pictures/1", "/thumbnails/1"):
            assert client.get(route).status_code == 403
        for route in ("/api/decisions", "/api/undo"):
            assert client.post(route, json={}).status_code == 403


def test_an_extension_without_the_token_is_refused_though_the_browser_has_the_cookie(page: Served) -> None:
    with httpx.Client(base_url=page.origin, headers={"Origin": "chrome-extension://abcdefghijklmnop"}) as client:
        client.cookies.set(f"unframe-label-{page.port}", TOKEN)
        assert client.get("/api/hello").status_code == 403


def test_every_answer_carries_the_strict_policy(page: Served) -> None:
    with page.client() as client:
        for route in ("/", "/api/state", "/nowhere", "/thumbnails/1"):
            headers = client.get(route).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert "access-control-allow-origin" not in headers
    assert "content-security-policy" in httpx.get(page.origin).headers


def test_pictures_go_by_number_and_nothing_goes_by_path(page: Served) -> None:
    with page.client() as client:
        for route in (
            "/pictures/9999",
            "/pictures/..%2Flabels.token",
            "/page/..%2Fapp.py",
            "/page/%2Fetc%2Fpasswd",
            "/page/__init__.py",
            "/pictures/shop-0/0000.png",
        ):
            assert client.get(route).status_code == 404


def test_a_cookie_writes_only_with_the_page_as_origin(page: Served) -> None:
    decision = {"how": "click", "decisions": [{"id": next(iter(page.identifiers().values())), "label": "plain"}]}
    with httpx.Client(base_url=page.origin) as client:
        client.get(f"/?token={TOKEN}")
        assert client.post("/api/decisions", json=decision).status_code == 403
        assert page.store.current() == {}
        answer = client.post("/api/decisions", json=decision, headers={"Origin": page.origin})
        assert answer.status_code == 200
    assert len(page.store.current()) == 1

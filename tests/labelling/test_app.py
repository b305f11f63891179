"""What the review page's server answers to the page and to the browser extension."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image as PillowImage

from tests import draw
from tests.fakes import FRAME_COLOUR
from tests.labelling.conftest import Served, save, served
from unframe.labelling import Answer, LabelStore
from unframe.labelling.suspects import read_suspects
from unframe.types import Box


@pytest.fixture
def client(page: Served) -> Iterator[httpx.Client]:
    with page.client() as one:
        yield one


def decide(client: httpx.Client, how: str = "click", **decision: Any) -> httpx.Response:
    return client.post("/api/decisions", json={"how": how, "decisions": [decision]})


def framed_picture(page: Served) -> int:
    return page.identifiers()["shop-0/0003.png"]


def png(seed: int = 100) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(draw.bordered(draw.product(90, 70, seed=seed), 6, FRAME_COLOUR)[0]).save(buffer, "PNG")
    return buffer.getvalue()


# --- what the page reads


def test_the_state_lists_every_picture_and_then_only_what_changed(page: Served, client: httpx.Client) -> None:
    first = client.get("/api/state").json()
    assert len(first["rows"]) == 12
    row = next(row for row in first["rows"] if row[0] == framed_picture(page))
    assert row == [row[0], 120, 90, "shop-0", 0.99, 1, None, None, None, None]
    assert first["progress"] == {"total": 12, "done": 12, "failed": 0, "finished": True, "trouble": ""}
    after = ",".join(map(str, first["marks"]))
    assert client.get("/api/state", params={"after": after}).json()["rows"] == []
    decide(client, id=row[0], label="framed", kind="border")
    changed = client.get("/api/state", params={"after": after}).json()
    assert [each[0] for each in changed["rows"]] == [row[0]]
    assert changed["rows"][0][7:] == ["framed", "border", "click"]
    for wrong in ("1,2", "1,2,3,4", "1,2,x", "99999999999999999999,0,0"):
        assert client.get("/api/state", params={"after": wrong}).status_code == 400


def test_files_with_the_same_bytes_are_one_picture(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    for name in ("a/one.png", "b/two.png"):
        save(draw.product(60, 50), folder / name)
    with served(folder) as page, page.client() as client:
        ((identifier, *_),) = client.get("/api/state").json()["rows"]
        decide(client, id=identifier, label="plain")
        assert len(page.store.current()) == 1


def test_details_hold_what_the_editor_needs(page: Served, client: httpx.Client) -> None:
    identifier = framed_picture(page)
    decide(client, id=identifier, label="plain")
    found = client.get(f"/api/pictures/{identifier}").json()
    assert (found["path"], found["width"], found["height"]) == ("shop-0/0003.png", 120, 90)
    assert found["answer"]["label"] == "plain"
    assert found["said"][0]["inner"] == [8, 8, 112, 82]
    assert [(each["label"], each["who"], each["how"]) for each in found["history"]] == [("plain", "ann", "click")]
    for unknown in (0, 9999, 1 << 63, 10**20):
        assert client.get(f"/api/pictures/{unknown}").status_code == 404


def test_boxes_are_the_detector_s_until_a_person_drew_them(page: Served, client: httpx.Client) -> None:
    identifier = framed_picture(page)
    clean = page.identifiers()["shop-1/0001.png"]
    wanted = {"ids": f"{identifier},{clean},77,99999999999999999999,junk"}
    whole = [0, 0, 120, 90]
    proposed = {"inner": [8, 8, 112, 82], "outer": whole, "by": "detector"}
    assert client.get("/api/boxes", params=wanted).json() == {str(identifier): proposed, str(clean): None}
    decide(
        client,
        "editor",
        id=identifier,
        label="framed",
        kind="border",
        sides=["top"],
        inner=[0, 9, 120, 90],
        outer=whole,
    )
    drawn = {"inner": [0, 9, 120, 90], "outer": whole, "by": "person"}
    assert client.get("/api/boxes", params=wanted).json()[str(identifier)] == drawn


def test_a_picture_is_sent_byte_for_byte_and_its_thumbnail_is_small(page: Served, client: httpx.Client) -> None:
    identifier = framed_picture(page)
    answer = client.get(f"/pictures/{identifier}")
    assert answer.content == (page.folder / "shop-0/0003.png").read_bytes()
    assert answer.headers["content-type"] == "image/png"
    small = client.get(f"/thumbnails/{identifier}")
    assert PillowImage.open(io.BytesIO(small.content)).size == (120, 90)
    assert small.headers["cache-control"] == "private, no-cache"
    for route in (f"/pictures/{identifier}", f"/thumbnails/{identifier}"):
        again = client.get(route, headers={"If-None-Match": small.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_browser_does_not_take_another_store_s_picture_for_this_one_s(page: Served, tmp_path: Path) -> None:
    save(draw.product(60, 50, seed=99), tmp_path / "other" / "one.png")
    with page.client() as client:
        kept = client.get("/thumbnails/1").headers["etag"]
    with served(tmp_path / "other") as other, other.client() as client:
        assert client.get("/thumbnails/1", headers={"If-None-Match": kept}).status_code == 200


def test_what_browsers_do_not_show_is_sent_as_png_with_the_same_pixels(tmp_path: Path) -> None:
    image = draw.product(600, 400)
    (tmp_path / "shop").mkdir()
    PillowImage.fromarray(image).save(tmp_path / "shop" / "scan.tiff")
    with served(tmp_path) as page, page.client() as client:
        answer = client.get(f"/pictures/{page.identifiers()['shop/scan.tiff']}")
        assert answer.headers["content-type"] == "image/png"
        assert np.array_equal(np.asarray(PillowImage.open(io.BytesIO(answer.content))), image)
        small = client.get(f"/thumbnails/{page.identifiers()['shop/scan.tiff']}").content
        assert PillowImage.open(io.BytesIO(small)).size == (256, 171)


def test_a_lost_thumbnail_is_made_again(page: Served, client: httpx.Client) -> None:
    identifier = framed_picture(page)
    before = client.get(f"/thumbnails/{identifier}").content
    page.classifier.thumbnails.clear()
    assert client.get(f"/thumbnails/{identifier}").content == before


def test_a_picture_that_is_gone_is_a_named_error(page: Served, client: httpx.Client) -> None:
    (page.folder / "shop-0/0003.png").unlink()
    answer = client.get(f"/pictures/{framed_picture(page)}")
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert "0003.png" in answer.json()["message"]


# --- what the page writes


def test_a_decision_is_in_the_store_when_the_answer_comes(page: Served, client: httpx.Client) -> None:
    ids = page.identifiers()
    decisions = [{"id": ids[name], "label": "plain"} for name in sorted(ids)[:5]]
    answer = client.post("/api/decisions", json={"how": "screen", "decisions": decisions})
    assert answer.json()["decided"] == 5
    with LabelStore(page.store.path, create=False) as other:  # another process would see the same
        assert len(other.current()) == 5
        assert {(each.who, each.how, each.act) for each in other.history()} == {("ann", "screen", answer.json()["act"])}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"nonsense", 400),
        (b"[]", 400),
        (b'{"how": "click", "decisions": []}', 400),
        (b'{"how": "import", "decisions": [{"id": 1, "label": "plain"}]}', 400),
        (b'{"how": "click", "decisions": [{"id": "1", "label": "plain"}]}', 400),
        (b'{"how": ["click"], "decisions": [{"id": 1, "label": "plain"}]}', 400),
        (b'{"how": "click", "decisions": [{"id": 1, "label": "plain", "note": "\\ud800"}]}', 400),
        (b"[" * 100_000, 400),
        (b'{"how": "click", "decisions": [{"id": 9999, "label": "plain"}]}', 404),
        (b'{"how": "click", "decisions": [{"id": 99999999999999999999, "label": "plain"}]}', 404),
        (b'{"how": "click", "decisions": [{"id": -99999999999999999999, "label": "plain"}]}', 404),
        (b'{"how": "click", "decisions": [{"id": 1, "label": "frame"}]}', 422),
        (b'{"how": "editor", "decisions": [{"id": 1, "label": "framed", "inner": [0, 0, 500, 50]}]}', 422),
        (b'{"how": "click", "decisions": [{"id": 1, "label": "plain"}, {"id": 2, "label": "odd"}]}', 422),
        (b" " * (8 * 1024 * 1024 + 1), 413),
    ],
)
def test_what_cannot_be_meant_is_refused_whole(page: Served, client: httpx.Client, body: bytes, status: int) -> None:
    assert client.post("/api/decisions", content=body).status_code == status
    assert not list(page.store.history())


def test_moving_a_picture_away_and_back_keeps_its_geometry_only_while_the_label_stays(
    page: Served, client: httpx.Client
) -> None:
    identifier = framed_picture(page)
    sha256 = page.classifier.pictures.known()["shop-0/0003.png"]["sha256"]
    measured = {"kind": "border", "sides": ["top"], "inner": [0, 9, 120, 90], "outer": [0, 0, 120, 90]}
    decide(client, "editor", id=identifier, label="framed", geometry_quality="exact", **measured)
    decide(client, "screen", id=identifier, label="framed")
    last = page.store.labelled(sha256)
    assert last is not None
    assert (last.answer.inner, last.answer.geometry_quality) == (Box(0, 9, 120, 90), "exact")
    decide(client, id=identifier, label="plain")
    last = page.store.labelled(sha256)
    assert last is not None
    assert last.answer == Answer("plain")
    client.post("/api/undo")
    last = page.store.labelled(sha256)
    assert last is not None
    assert last.answer.inner == Box(0, 9, 120, 90)


def test_undo_and_redo_go_all_the_way(page: Served, client: httpx.Client) -> None:
    ids = list(page.identifiers().values())
    for identifier in ids:
        decide(client, id=identifier, label="framed")
    for _ in ids:
        assert client.post("/api/undo").json() == {"changed": 1}
    assert client.post("/api/undo").json() == {"changed": 0}
    assert set(page.labels().values()) == {None}
    for _ in ids:
        assert client.post("/api/redo").json() == {"changed": 1}
    assert set(page.labels().values()) == {"framed"}


def test_two_windows_see_each_other_s_decisions(page: Served) -> None:
    with page.client() as one, page.client() as two:
        marks = ",".join(map(str, two.get("/api/state").json()["marks"]))
        identifier = framed_picture(page)
        decide(one, id=identifier, label="framed")
        seen = two.get("/api/state", params={"after": marks}).json()
        assert [row[0] for row in seen["rows"]] == [identifier]
        decide(two, id=identifier, label="plain")
        assert page.labels() == {"shop-0/0003.png": "plain"}
        assert one.post("/api/undo").json() == {"changed": 1}  # it is one person's history, in whichever window
        assert page.labels() == {"shop-0/0003.png": "framed"}


def test_two_people_on_one_store_keep_their_own_undo(tmp_path: Path, page: Served) -> None:
    with served(page.folder, who="bob") as other, page.client() as ann, other.client() as bob:
        first, second = sorted(page.identifiers())[:2]
        decide(ann, id=page.identifiers()[first], label="framed")
        decide(bob, id=other.identifiers()[second], label="plain")
        assert ann.post("/api/undo").json() == {"changed": 1}
        assert page.labels() == {first: None, second: "plain"}


# --- what the extension asks and sends


def test_the_page_gives_the_extension_its_address(page: Served, client: httpx.Client) -> None:
    assert client.get("/api/pairing").json() == {"address": page.address}


def test_a_picture_of_a_web_page_is_judged_and_not_kept(page: Served, client: httpx.Client) -> None:
    answer = client.post("/api/judge", content=png()).json()
    assert (answer["verdict"], answer["probability"], answer["kind"], answer["label"]) == (
        "framed",
        0.99,
        "border",
        None,
    )
    assert len(page.classifier.pictures.known()) == 12
    client.post("/api/inbox", params={"label": "framed"}, content=png())
    assert client.post("/api/judge", content=png()).json()["label"] == "framed"


def test_a_tag_brings_bytes_addresses_and_decision_into_the_store(page: Served, client: httpx.Client) -> None:
    where = {"page": "https://shop.example/items/7?ref=1", "address": "https://cdn.example/7.png"}
    answer = client.post("/api/inbox", params={"label": "framed", **where}, content=png())
    assert answer.status_code == 201
    (path,) = (page.folder / "inbox" / "shop.example").iterdir()
    assert path.read_bytes() == png()
    relative = path.relative_to(page.folder).as_posix()
    row = page.classifier.pictures.known()[relative]
    assert (row["page"], row["address"], row["source"]) == (where["page"], where["address"], "shop.example")
    (decision,) = page.store.history()
    assert (decision.answer, decision.who, decision.how) == (Answer("framed"), "ann", "extension")
    state = client.get("/api/state").json()
    assert len(state["rows"]) == 13


def test_a_tag_that_is_sent_again_is_one_decision(page: Served, client: httpx.Client) -> None:
    tag = {"label": "framed", "act": "0123456789abcdef" * 2}
    first = client.post("/api/inbox", params=tag, content=png())
    again = client.post("/api/inbox", params=tag, content=png())
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    (decision,) = page.store.history()
    assert decision.act == tag["act"]


def test_pictures_of_pages_with_odd_addresses_stay_in_the_inbox(page: Served, client: httpx.Client) -> None:
    for number, address in enumerate(("file:///etc/passwd", "https://../..", "", "http://[bad", "https://../../x/y")):
        answer = client.post("/api/inbox", params={"label": "plain", "page": address}, content=png(200 + number))
        assert answer.status_code == 201
    files = [path for path in page.folder.rglob("*.png") if "shop-" not in path.as_posix()]
    assert len(files) == 5
    assert all(path.parent.parent == page.folder / "inbox" for path in files)


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ({"label": "framed"}, b"no picture", 422),
        ({"label": "framed"}, b"", 422),
        ({"label": "framed"}, png()[:100], 422),
        ({"label": "frame"}, png(), 422),
        ({}, png(), 400),
        ({"label": "framed", "act": "short"}, png(), 400),
        ({"label": "framed"}, bytes(20 * 1024 * 1024 + 1), 413),
    ],
)
def test_what_is_no_picture_or_no_tag_leaves_nothing_behind(
    page: Served, client: httpx.Client, query: dict[str, str], body: bytes, status: int
) -> None:
    answer = client.post("/api/inbox", params=query, content=body)
    assert answer.status_code == status
    assert not list(page.store.history())
    assert not (page.folder / "inbox").exists()


# --- likely label errors


def test_suspects_come_to_the_page_by_number(page: Served, tmp_path: Path) -> None:
    table = tmp_path / "wrong.csv"
    table.write_text(f"path,score\n{page.folder}/shop-0/0003.png,0.9\n/elsewhere/x.png,0.8\n")
    assert read_suspects(table, page.folder) == {"shop-0/0003.png": 0.9}

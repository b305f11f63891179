"""`/v1/detect`: one picture or several, and what goes wrong with them."""

from __future__ import annotations

import pytest

from tests import fakes
from tests.serving.conftest import CLEAN, DOUBTFUL, FRAMED, TRUNCATED, Client, LogLines, asking, problem, service_of
from unframe.errors import DecodeError, failure
from unframe.imaging import decode
from unframe.settings import Settings


def test_a_picture_is_answered_by_the_record_of_the_command_line(ask: Client) -> None:
    answer = ask.post("/v1/detect", FRAMED, params={"name": "a.png"})
    assert answer.status_code == 200
    assert answer.json() == ask.service.detector.detect(FRAMED).record("a.png")
    assert answer.json()["verdict"] == "framed"


@pytest.mark.parametrize(
    "content_type", ["image/png", "application/octet-stream", "text/plain", "application/json", ""]
)
def test_the_bytes_decide_not_the_content_type(ask: Client, content_type: str) -> None:
    answer = ask.post("/v1/detect", FRAMED, headers={"Content-Type": content_type})
    assert answer.json()["framed"] is True


def test_a_form_is_answered_by_a_list_in_order(ask: Client) -> None:
    answer = ask.form("/v1/detect", ("a.png", FRAMED), ("b.jpg", CLEAN), ("c.png", DOUBTFUL))
    assert [(each["path"], each["verdict"]) for each in answer.json()] == [
        ("a.png", "framed"), ("b.jpg", "clean"), ("c.png", "review"),
    ]  # fmt: skip


def test_fields_may_have_any_name_and_those_that_are_no_files_are_passed_over(ask: Client) -> None:
    files = [("picture", ("a.png", FRAMED)), ("another", ("b.jpg", CLEAN))]
    answer = ask("POST", "/v1/detect", files=files, data={"note": "hello"})
    assert [each["path"] for each in answer.json()] == ["a.png", "b.jpg"]


@pytest.mark.parametrize(("at", "bad"), [(0, TRUNCATED), (13, b""), (31, b"%PDF-1.7")])
def test_one_bad_picture_of_32_leaves_the_others_as_they_are(ask: Client, at: int, bad: bytes) -> None:
    pictures = [(f"{number}.png", [FRAMED, CLEAN, DOUBTFUL][number % 3]) for number in range(32)]
    whole = ask.form("/v1/detect", *pictures).json()
    pictures[at] = (f"{at}.png", bad)
    found = ask.form("/v1/detect", *pictures)
    assert found.status_code == 200
    with pytest.raises(DecodeError) as error:
        decode(bad, name=f"{at}.png")
    assert found.json()[at] == failure(f"{at}.png", error.value)
    assert [each for each in found.json() if each["status"] == "ok"] == whole[:at] + whole[at + 1 :]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (TRUNCATED, (422, "truncated")),
        (b"", (422, "truncated")),
        (b"hello", (415, "not-an-image")),
        (b"8BPS" + bytes(60), (415, "unsupported-format")),
    ],
    ids=["cut", "empty", "text", "photoshop"],
)
def test_a_picture_that_cannot_be_read_is_a_problem_with_the_command_lines_code(
    ask: Client, data: bytes, expected: tuple[int, str]
) -> None:
    answer = ask.post("/v1/detect", data, params={"name": "b.jpg"})
    assert problem(answer) == expected
    with pytest.raises(DecodeError) as error:
        decode(data, name="b.jpg")
    assert (answer.json()["error"], answer.json()["detail"]) == (error.value.code, str(error.value))


def test_limits_on_pixels_are_those_of_the_settings() -> None:
    with asking(service_of(settings=Settings(max_pixels=64 * 48, jobs=1))) as ask:
        assert ask.post("/v1/detect", CLEAN).status_code == 200
    with asking(service_of(settings=Settings(max_pixels=64 * 48 - 1, jobs=1))) as ask:
        assert problem(ask.post("/v1/detect", CLEAN)) == (413, "too-large")
    with asking(service_of(settings=Settings(max_side=63, jobs=1))) as ask:
        assert problem(ask.post("/v1/detect", CLEAN)) == (413, "too-large")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"hello"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nabc"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: image/png\r\n\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=f\r\n\r\nabc\r\n--x--\r\n"),
        (f"multipart/form-data; boundary={'x' * 300}", b"--x"),
    ],
    ids=["no boundary", "empty", "text", "no end", "no disposition", "no file", "long boundary"],
)
def test_a_form_that_is_none_is_a_problem(ask: Client, content_type: str, body: bytes) -> None:
    answer = ask.post("/v1/detect", body, headers={"Content-Type": content_type})
    assert problem(answer) == (400, "bad-form")


def test_a_form_may_hold_only_so_many_pictures() -> None:
    with asking(service_of(max_pictures=3)) as ask:
        assert len(ask.form("/v1/detect", *[("a.jpg", CLEAN)] * 3).json()) == 3
        assert problem(ask.form("/v1/detect", *[("a.jpg", CLEAN)] * 4)) == (413, "too-many-pictures")


def test_names_are_kept_as_text_whatever_they_hold(ask: Client) -> None:
    names = ["ü中.png", "../../etc/passwd", "n" * 400]
    found = ask.form("/v1/detect", *[(name, CLEAN) for name in names]).json()
    assert [each["path"] for each in found] == ["ü中.png", "../../etc/passwd", "n" * 255]


def test_a_defect_is_a_problem_that_tells_nothing_and_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    service = service_of()
    with asking(service) as ask:

        def broken(self: object, image: object) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr(fakes.FakeDetector, "detect", broken)
        answer = ask.post("/v1/detect", FRAMED)
        assert problem(answer) == (500, "internal")
        assert "secret" not in answer.text
        listed = ask.form("/v1/detect", ("a.png", FRAMED)).json()
        assert [each["error"] for each in listed] == ["internal"]
    assert any("secret" in line.get("exception", "") and line["id"] for line in log_lines() if "id" in line)
    assert service.pool.working == service.pool.waiting == service.meter.held == 0


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", (404, "not-found")),
        ("GET", "/page/../app.py", (404, "not-found")),
        ("GET", "/page/%2e%2e%2fapp.py", (404, "not-found")),
        ("GET", "/docs", (404, "not-found")),
        ("PUT", "/v1/detect", (405, "method-not-allowed")),
        ("GET", "/v1/remove", (405, "method-not-allowed")),
        ("GET", "/v1/detect", (422, "bad-request")),
        ("GET", "/v1/detect?url=http://example.com/a.jpg", (403, "fetch-off")),
        ("POST", f"/v1/detect?name={'n' * 256}", (422, "bad-request")),
    ],
)
def test_what_is_not_there_is_a_problem(ask: Client, method: str, path: str, expected: tuple[int, str]) -> None:
    answer = ask(method, path)
    assert problem(answer) == expected
    if answer.status_code == 405:
        assert answer.headers["allow"]

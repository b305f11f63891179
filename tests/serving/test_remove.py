"""`/v1/remove`: the cleaned picture with its record, or an archive of several."""

from __future__ import annotations

import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
from PIL import Image as PillowImage

import unframe
from tests import draw, fakes
from tests.serving.conftest import CLEAN, DOUBTFUL, FRAMED, TRUNCATED, Client, problem
from unframe.imaging import decode, encode
from unframe.removal import Options
from unframe.serving.pictures import output_name

JPEG = encode(draw.bordered(draw.product(64, 48, seed=4), 5, fakes.FRAME_COLOUR)[0], format="JPEG", quality=92)


def record_of(answer: Any) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(answer.headers["unframe-record"])
    return record


@pytest.mark.parametrize(("data", "media_type"), [(FRAMED, "image/png"), (JPEG, "image/jpeg")], ids=["png", "jpeg"])
def test_a_frame_comes_off_as_on_the_command_line(ask: Client, data: bytes, media_type: str) -> None:
    answer = ask.post("/v1/remove", data, params={"name": "ü.png"})
    done = unframe.remove(data, ask.service.detector, name="ü.png")
    assert answer.content == done.data != data
    assert answer.headers["content-type"] == media_type
    assert record_of(answer) == done.record("ü.png")
    assert record_of(answer)["action"] == "crop"


@pytest.mark.parametrize(("data", "reason"), [(CLEAN, None), (DOUBTFUL, "review")], ids=["clean", "in doubt"])
def test_what_is_not_cut_comes_back_byte_for_byte(ask: Client, data: bytes, reason: str | None) -> None:
    answer = ask.post("/v1/remove", data)
    assert answer.content == data
    assert (record_of(answer)["action"], record_of(answer)["reason"]) == ("pass", reason)


def test_options_are_those_of_the_command_line(ask: Client) -> None:
    cut = ask.post("/v1/remove", DOUBTFUL, params={"review": "true"})
    assert cut.content == unframe.remove(DOUBTFUL, ask.service.detector, Options(review=True)).data != DOUBTFUL
    padded = ask.post("/v1/remove", FRAMED, params={"mode": "pad", "size": "100x90", "force": "true"})
    if record_of(padded)["reason"] is None:
        assert PillowImage.open(io.BytesIO(padded.content)).size == (100, 90)
    else:
        assert record_of(padded)["reason"] == "not-plain"


def test_a_box_that_a_person_drew_is_cut_to_whatever_the_detector_says(ask: Client) -> None:
    plain = encode(draw.product(64, 48, seed=3), format="PNG")
    answer = ask.post("/v1/remove", plain, params={"inner": "3,4,60,40"})
    assert (decode(answer.content) == decode(plain)[4:40, 3:60]).all()
    assert record_of(answer)["verdict"] == "clean"
    assert record_of(answer)["action"] == "crop"
    most = ask.post("/v1/remove", FRAMED, params={"inner": "20,20,25,25"})  # far more than 45 % of a side
    assert decode(most.content).shape == (5, 5, 3)
    assert ask.post("/v1/remove", CLEAN, params={"inner": "0,0,64,48"}).content == CLEAN


@pytest.mark.parametrize(
    "query",
    [
        {"mode": "burn"},
        {"size": "100x100"},
        {"mode": "pad", "size": "0x0"},
        {"mode": "pad", "size": "99999x99999"},
        {"mode": "pad", "size": "30000x30000"},
        {"mode": "pad", "size": "large"},
        {"review": "perhaps"},
        {"inner": "1,2,3"},
        {"inner": "10,10,10,20"},
        {"inner": "30,30,20,40"},
        {"inner": "0,0,65,48"},
    ],
    ids=str,
)
def test_parameters_that_make_no_sense_are_a_problem(ask: Client, query: dict[str, str]) -> None:
    assert problem(ask.post("/v1/remove", FRAMED, params=query)) == (422, "bad-request")


def test_an_archive_holds_pictures_and_records_with_failures_in_place(ask: Client) -> None:
    pictures = [("a.png", FRAMED), ("a.png", CLEAN), ("../b.jpg", TRUNCATED), ("dir/ü c.png", DOUBTFUL)]
    answer = ask.form("/v1/remove", *pictures)
    assert answer.headers["content-type"] == "application/zip"
    with ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        records = [json.loads(line) for line in archive.read("records.jsonl").splitlines()]
        held = {name: archive.read(name) for name in archive.namelist()}
    assert [each["status"] for each in records] == ["ok", "ok", "error", "ok"]
    assert [each["path"] for each in records] == [name for name, _ in pictures]
    assert records[2]["error"] == "truncated"
    assert list(held) == ["001-a.png", "002-a.png", "004-ü c.png", "records.jsonl"]
    assert held["001-a.png"] == unframe.remove(FRAMED, ask.service.detector).data
    assert held["002-a.png"] == CLEAN
    assert [each.get("output") for each in records] == ["001-a.png", "002-a.png", None, "004-ü c.png"]
    assert ask.service.meter.held == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "007-passwd.jpg"),
        ("C:\\pictures\\a.JPG", "007-a.JPG"),
        ("a\r\nb\0.png", "007-a__b_.png"),
        ("", "007-picture.jpg"),
        ("...", "007-picture.jpg"),
        (".htaccess", "007-htaccess.jpg"),
        ("n" * 300 + ".jpg", f"007-{'n' * 96}.jpg"),
        ("図" * 100 + ".jpg", f"007-{'図' * 32}.jpg"),
        ("図" * 100 + "nn.jpg", f"007-{'図' * 31}nn.jpg"),
    ],
)
def test_names_in_an_archive_stay_in_its_folder(name: str, expected: str) -> None:
    assert output_name(7, name, "image/jpeg") == expected

"""`unframe detect`: records, formats, exit codes, and one bad file that stops nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests import draw
from tests.cli.conftest import Run, save
from unframe.detector import DETECTORS


def test_jsonl_has_the_records_of_the_plan_in_order(run: Run, shop: Path) -> None:
    done = run("detect", shop, "--format", "jsonl", "--jobs", 4)
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [Path(each["path"]).name for each in records] == ["framed.png", "clean.jpg", "doubtful.png"]
    assert records[0] == {
        "path": str(shop / "framed.png"),
        "status": "ok",
        "width": 160,
        "height": 120,
        "verdict": "framed",
        "framed": True,
        "probability": 0.99,
        "kind": "border",
        "sides": ["top", "right", "bottom", "left"],
        "inner": [12, 12, 148, 108],
        "outer": [0, 0, 160, 120],
        "detector": "baseline",
        "model": "fake-1",
    }
    assert records[1]["sides"] == []
    assert records[1]["inner"] is records[1]["outer"] is records[1]["kind"] is None
    assert done.code == 0


def test_json_is_one_array_of_the_same_records(run: Run, shop: Path) -> None:
    lines = run("detect", shop, "--format", "jsonl").out.splitlines()
    assert json.loads(run("detect", shop, "--format", "json").out) == [json.loads(line) for line in lines]


def test_csv_holds_the_same(run: Run, shop: Path, broken: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("detect", shop, "--format", "csv").out)))
    failed, framed, clean, _ = rows
    assert (framed["inner"], framed["sides"], framed["framed"]) == ("12 12 148 108", "top right bottom left", "true")
    assert (clean["inner"], clean["kind"], clean["framed"]) == ("", "", "false")
    assert (failed["path"], failed["status"], failed["error"]) == (str(broken), "error", "truncated")


def test_text_is_a_table_that_nothing_folds_in_a_pipe(run: Run, shop: Path, broken: Path) -> None:
    done = run("detect", shop)
    row = next(line for line in done.out.splitlines() if "framed.png" in line)
    assert all(
        text in row for text in (str(shop / "framed.png"), "framed", "0.990", "border", "all", "12, 12 – 148, 108")
    )
    assert any("truncated" in line and str(broken) in line for line in done.out.splitlines())
    assert "\x1b" not in done.out
    assert "4 pictures: 1 framed, 1 review, 1 clean, 1 failed" in done.err


@pytest.mark.parametrize(
    ("name", "fail_on", "code"),
    [
        ("framed.png", "framed", 1),
        ("framed.png", "review", 1),
        ("sub/doubtful.png", "framed", 0),
        ("sub/doubtful.png", "review", 1),
        ("sub/clean.jpg", "framed", 0),
        ("sub/clean.jpg", "review", 0),
    ],
)
def test_fail_on(run: Run, shop: Path, name: str, fail_on: str, code: int) -> None:
    assert run("detect", shop / name, "--fail-on", fail_on).code == code


def test_one_bad_file_stops_nothing_and_ends_with_2(run: Run, shop: Path, broken: Path) -> None:
    done = run("detect", shop, shop / "missing.jpg", "--format", "jsonl", "--fail-on", "framed")
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [each["status"] for each in records] == ["error", "ok", "ok", "ok", "error"]
    assert [each["error"] for each in records if each["status"] == "error"] == ["truncated", "unreadable"]
    assert set(records[0]) == {"path", "status", "error", "message"}
    assert str(broken) in records[0]["message"]
    assert done.code == 2
    assert str(broken) in done.err


def test_a_defect_in_a_detector_is_one_record(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: object, image: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("tests.fakes.FakeDetector.detect", fail)
    done = run("detect", shop / "framed.png", "--format", "json")
    record = json.loads(done.out)[0]
    assert record["error"] == "internal"
    assert "ZeroDivisionError" in record["message"]
    assert done.code == 2


def test_standard_input(run: Run, shop: Path) -> None:
    done = run("detect", "-", "--format", "jsonl", stdin=(shop / "framed.png").read_bytes())
    assert json.loads(done.out)["path"] == "-"
    assert json.loads(done.out)["framed"] is True
    assert json.loads(run("detect", "-", "--format", "jsonl").out)["error"] == "truncated"


def test_limits_come_from_the_environment(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNFRAME_MAX_BYTES", "100")
    picture = (shop / "framed.png").read_bytes()
    for done in (run("detect", shop / "framed.png", "-f", "jsonl"), run("detect", "-", "-f", "jsonl", stdin=picture)):
        assert json.loads(done.out)["error"] == "too-large"


@pytest.mark.parametrize(("suffix", "start"), [(".json", "["), (".jsonl", "{"), (".csv", "path,"), (".txt", "")])
def test_an_output_file_takes_its_format_from_its_suffix(
    run: Run, shop: Path, tmp_path: Path, suffix: str, start: str
) -> None:
    target = tmp_path / f"results{suffix}"
    done = run("detect", shop, "-o", target)
    assert done.code == 0
    assert done.out == ""
    assert target.read_text().lstrip().startswith(start)
    assert "framed.png" in target.read_text()


@pytest.mark.parametrize("name", ["frames.xlsx", "frames.parquet"])
def test_a_suffix_that_stands_for_no_format_is_refused(run: Run, shop: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    done = run("detect", shop, "-o", target)
    assert done.code == 2
    assert "for Parquet use unframe scan" in done.err
    assert not target.exists()
    assert run("detect", shop, "-o", target, "--format", "csv").code == 0
    assert target.read_text().startswith("path,")


def test_results_are_not_written_over_a_picture(run: Run, shop: Path) -> None:
    picture = shop / "framed.png"
    before = picture.read_bytes()
    done = run("detect", shop, "-o", picture, "--format", "text", "--overwrite")
    assert (done.code, picture.read_bytes()) == (2, before)
    assert "is one of the pictures" in done.err


def test_a_link_that_leads_round_in_a_circle_is_one_failed_picture(run: Run, shop: Path, tmp_path: Path) -> None:
    (shop / "loop.jpg").symlink_to("loop.jpg")
    done = run("detect", shop, "-o", tmp_path / "results.csv")
    assert done.code == 2
    assert "loop.jpg" in (tmp_path / "results.csv").read_text()


def test_an_output_file_is_not_overwritten_unasked(run: Run, shop: Path, tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    target.write_text("precious")
    done = run("detect", shop, "-o", target)
    assert (done.code, target.read_text()) == (2, "precious")
    assert "--overwrite" in done.err
    assert run("detect", shop, "-o", target, "--overwrite").code == 0
    assert target.read_text().startswith("path,")


def test_names_that_are_no_utf_8_survive_json(run: Run, shop: Path) -> None:
    odd = shop / "odd\udcff.png"
    try:
        (shop / "framed.png").rename(odd)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    for each in ("json", "jsonl"):
        out = run("detect", odd, "--format", each).out
        found = json.loads(out)
        assert (found[0] if each == "json" else found)["path"] == str(odd)
    assert "odd\\udcff.png" in run("detect", odd).out
    assert "odd\\udcff.png" in run("detect", odd, "--format", "csv").out


@pytest.mark.parametrize(
    "arguments",
    [(), ("--detector", "oracle", "x.jpg"), ("--format", "xml", "x.jpg"), ("--jobs", "-1", "x.jpg")],
)
def test_usage_errors_end_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("detect", *arguments).code == 2


def test_an_empty_folder_is_no_success(run: Run, tmp_path: Path) -> None:
    done = run("detect", tmp_path)
    assert done.code == 2
    assert "there are no pictures" in done.err


def test_a_folder_without_a_picture_is_named_beside_others(run: Run, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("detect", shop, tmp_path / "empty", "--format", "jsonl")
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert f"there are no pictures in {tmp_path / 'empty'}; looked for .jpg" in done.err
    assert "there are no pictures" not in run("detect", shop, shop / "sub", "--format", "jsonl").err


def test_a_detector_that_is_not_installed(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DETECTORS, "cnn", ("unframe.nowhere", "X"))
    done = run("detect", shop, "--detector", "cnn")
    assert done.code == 2
    assert "not part of this installation" in done.err


def test_help_teaches(run: Run) -> None:
    text = run("detect", "--help").out
    assert "unframe detect photos/ --format jsonl" in text
    assert "--fail-on" in text


def test_a_network_of_ones_own_judges(run: Run, shop: Path, mine: Path) -> None:
    """`mine` holds dark pictures framed."""
    dark = save(draw.product(seed=5) // 8, shop / "dark.png")
    done = run("detect", dark, shop / "sub" / "clean.jpg", "--model", mine, "--format", "jsonl")
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [(each["detector"], each["model"], each["verdict"]) for each in records] == [
        ("cnn", "mine", "framed"),
        ("cnn", "mine", "clean"),
    ]


def test_a_model_is_for_the_network_alone(run: Run, shop: Path, mine: Path) -> None:
    assert run("detect", shop, "--model", mine, "--detector", "cnn").code == 0
    done = run("detect", shop, "--model", mine, "--detector", "baseline")
    assert done.code == 2
    assert "leave one of them out" in done.err
    assert "installed: unframe-1" in run("detect", shop, "--model", shop / "nothing").err

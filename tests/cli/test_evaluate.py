"""`unframe evaluate`: a report, an honest count of what failed, and exit codes."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests import draw, fakes
from tests.cli.conftest import Run, save

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")
pytest.importorskip("sklearn")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Framed and clean pictures of six sources; one clean picture looks framed to the fake detector."""
    folder = tmp_path / "data"
    for source in range(6):
        for number in range(2):
            photo = draw.product(seed=10 * source + number)
            save(draw.bordered(photo, 8, fakes.FRAME_COLOUR)[0], folder / f"framed/s{source}/{number}.png")
            save(photo, folder / f"clean/s{source}/{number}.png")
    save(draw.bordered(draw.product(seed=99), 8, fakes.FRAME_COLOUR)[0], folder / "clean/s0/wrong.png")
    return folder


def test_a_report_and_a_table(run: Run, data: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    done = run("evaluate", data, "--detector", "baseline", "--report", report)
    assert done.code == 0, done.err
    assert "12 framed and 13 clean pictures of 6 sources; 95 % intervals over sources" in done.out
    assert "0.960" in done.out
    assert {each.name for each in report.iterdir()} == {
        "report.html",
        "report.json",
        "roc.png",
        "detections-baseline.jsonl",
    }
    (detector,) = json.loads((report / "report.json").read_text())["detectors"]
    assert detector["figures"]["accuracy"]["value"] == 24 / 25
    assert detector["figures"]["recall"]["value"] == 1
    assert [Path(path).name for path in detector["mistakes"]["alarms"]] == ["wrong.png"]


def test_a_broken_picture_is_counted_and_named(run: Run, data: Path) -> None:
    (data / "clean" / "s1" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    done = run("evaluate", data, "-d", "baseline")
    assert done.code == 0
    assert "broken.png" in done.err
    assert "1 picture could not be decoded: left out of all figures" in done.err
    assert "12 framed and 13 clean" in done.out


@pytest.mark.parametrize("only", ["framed", "clean"])
def test_one_label_alone_is_refused_before_anything_is_judged(run: Run, data: Path, only: str) -> None:
    done = run("evaluate", data / only)
    assert done.code == 2
    assert "an evaluation needs both" in done.err


def test_bad_data_ends_with_2_and_says_where(run: Run, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,label\na.png,nice\n")
    done = run("evaluate", tmp_path)
    assert done.code == 2
    assert "labels.csv row 2: label is 'nice'" in done.err


@pytest.mark.parametrize(
    ("detector", "complaint"),
    [
        ("canny", "there is no detector 'canny'"),
        (":mine", "--detector is ':mine'; only cnn takes a model"),
        ("cnn:", "--detector is 'cnn:'; only cnn takes a model"),
        ("baseline:mine", "--detector is 'baseline:mine'; only cnn takes a model"),
    ],
)
def test_an_unknown_detector_ends_with_2(run: Run, data: Path, detector: str, complaint: str) -> None:
    done = run("evaluate", data, "-d", detector)
    assert done.code == 2
    assert complaint in done.err


def test_an_earlier_report_stops_the_run_before_it_starts(run: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")
    done = run("evaluate", data, "-d", "baseline", "--report", tmp_path)
    assert done.code == 2
    assert not (tmp_path / "detections-baseline.jsonl").exists()
    assert run("evaluate", data, "-d", "baseline", "--report", tmp_path, "--overwrite").code == 0
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_label_errors_name_the_wrong_label(run: Run, data: Path, tmp_path: Path) -> None:
    suspects = tmp_path / "suspects.csv"
    done = run("evaluate", data, "-d", "baseline", "--label-errors", suspects)
    assert done.code == 0, done.err
    with suspects.open(newline="") as file:
        first, *_ = csv.DictReader(file)
    assert Path(first["path"]).name == "wrong.png"
    assert (first["label"], first["suggested"]) == ("plain", "framed")


def test_labels_that_cannot_be_ranked_cost_no_evaluation(run: Run, data: Path, tmp_path: Path) -> None:
    for label in ("framed", "clean"):
        for source in range(2, 6):
            shutil.rmtree(data / label / f"s{source}")
    suspects, report = tmp_path / "suspects.csv", tmp_path / "report"
    done = run("evaluate", data, "-d", "baseline", "--label-errors", suspects, "--report", report)
    assert done.code == 0
    assert "4 framed and 5 clean pictures of 2 sources; no intervals with fewer than 5 sources" in done.out
    assert (report / "report.html").is_file()
    assert "suspects.csv is not written, because labels cannot be ranked: " in done.err
    assert not suspects.exists()


def test_earlier_label_errors_stop_the_run_before_it_starts(run: Run, data: Path, tmp_path: Path) -> None:
    suspects, report = tmp_path / "suspects.csv", tmp_path / "report"
    suspects.write_text("mine")
    done = run("evaluate", data, "-d", "baseline", "--label-errors", suspects, "--report", report)
    assert (done.code, suspects.read_text(), report.exists()) == (2, "mine", False)


def test_without_its_extra_it_says_what_to_install(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unframe.evaluation.find_spec", lambda name: None)
    done = run("evaluate", data)
    assert done.code == 2
    assert "pip install 'unframe[evaluate]'" in done.err


def test_the_command_behind_a_report_is_on_its_page(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["unframe", "evaluate", "my data", "-d", "baseline"])
    run("evaluate", data, "-d", "baseline", "--report", tmp_path)
    assert "unframe evaluate &#39;my data&#39; -d baseline" in (tmp_path / "report.html").read_text()


def test_models_of_ones_own_are_compared(run: Run, data: Path, mine: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    done = run("evaluate", data, "--model", mine, "--detector", "baseline", "--report", report)
    assert done.code == 0, done.err
    names = [each["name"] for each in json.loads((report / "report.json").read_text())["detectors"]]
    assert names == ["baseline", f"cnn:{mine}"]  # a path so long leaves the figures room nevertheless

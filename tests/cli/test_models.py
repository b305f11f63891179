"""`unframe models`: the list, one card, and the check of a model's files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.runtime import models
from unframe import detector
from unframe.runtime import network
from unframe.runtime.card import WEIGHTS_FILE, Card


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of installed models, with one that is called as the default is."""
    weights = models.darkness().SerializeToString()
    models.save(tmp_path / "shelf" / "unframe-1", weights, models.card(weights, name="unframe-1"))
    monkeypatch.setattr(network, "SHIPPED", tmp_path / "shelf")
    monkeypatch.setattr(detector, "WEIGHTS", tmp_path / "shelf")
    return tmp_path / "shelf"


@pytest.mark.parametrize("arguments", [[], ["show"]])
def test_the_list_has_a_paragraph_for_each_model(run: Run, shelf: Path, arguments: list[str]) -> None:
    done = run("models", *arguments)
    first, second = done.out.split("\n\n")
    assert [line.rstrip() for line in first.splitlines()] == [
        "unframe-1  --detector cnn, the default",
        f"  made as     128_mean, version 1.0.0, {(shelf / 'unframe-1' / WEIGHTS_FILE).stat().st_size:,} bytes",
        "  trained on  10 framed and 12 plain pictures, of 1 sources",
        "  verdicts    clean below 0.200, framed from 0.800",
        "  scores      balanced accuracy 0.5",
        "              on 22 drawn pictures",
    ]
    assert second == "fake-1  --detector baseline\n"
    assert done.code == 0


def test_what_ships_is_listed_with_what_it_scored(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "WEIGHTS", network.SHIPPED)
    shipped = Card.read(network.SHIPPED / network.DEFAULT_MODEL / "card.json")
    text = run("models").out
    assert text.startswith(f"{network.DEFAULT_MODEL}  --detector cnn, the default\n")
    for name, score in shipped.scores.items():
        assert f"{name.replace('_', ' ')} {score.value:g}" in text
        assert f"on {score.n:,} {score.on}" in text


def test_programs_get_the_cards(run: Run, shelf: Path) -> None:
    network_row, baseline_row = json.loads(run("models", "--format", "json").out)
    assert (network_row["detector"], network_row["model"], network_row["default"]) == ("cnn", "unframe-1", True)
    assert Card.from_json(json.dumps(network_row["card"])) == Card.read(shelf / "unframe-1" / "card.json")
    assert (baseline_row["detector"], baseline_row["card"], baseline_row["message"]) == ("baseline", None, None)


def test_without_models_the_list_says_so(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(network, "SHIPPED", tmp_path)
    first, second = run("models").out.strip().split("\n\n")
    assert "no model is installed" in first
    assert second == "fake-1  --detector baseline, the default"


@pytest.mark.parametrize("by_path", [False, True])
def test_a_card_is_shown_whole(run: Run, shelf: Path, by_path: bool) -> None:
    lines = run("models", shelf / "unframe-1" if by_path else "unframe-1").out.splitlines()
    shown = dict(line.split(maxsplit=1) for line in lines if not line.startswith("scores."))
    assert shown["thresholds.decision"] == "0.5"
    assert shown["input.shapes.thumbnail"] == "128, 128, 3"
    assert shown["licence"] == "Apache-2.0; trained on drawn pictures"
    assert any(line.startswith("scores.balanced accuracy.n ") and line.endswith(" 22") for line in lines)


def test_the_baseline_has_no_card(run: Run, shelf: Path) -> None:
    assert run("models", "baseline").out == "baseline  fake-1\n"


def test_an_unknown_model_is_named(run: Run, shelf: Path) -> None:
    done = run("models", "unframe-0")
    assert done.code == 2
    assert done.err.startswith("unframe: there is no model 'unframe-0'; installed: unframe-1;")


def test_sound_files_are_called_sound(run: Run, shelf: Path) -> None:
    done = run("models", "check", shelf / "unframe-1")
    assert done.code == 0
    assert "is sound: unframe-1 1.0.0" in done.out


def test_files_that_were_changed_are_refused(run: Run, shelf: Path) -> None:
    weights = shelf / "unframe-1" / WEIGHTS_FILE
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")
    done = run("models", "check", shelf / "unframe-1")
    assert done.code == 2
    assert "sha256" in done.err
    assert done.out == ""


def test_help_names_both_ways(run: Run) -> None:
    text = run("models", "--help").out
    assert "show" in text
    assert "check" in text

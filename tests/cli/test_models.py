"""`unframe models`: the list, one card, and the check of a model's files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.runtime import models
from unframe.runtime import network
from unframe.runtime.card import WEIGHTS_FILE, Card


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of installed models, with one that is called as the default is."""
    weights = models.darkness().SerializeToString()
    models.save(tmp_path / "shelf" / "unframe-1", weights, models.card(weights, name="unframe-1"))
    monkeypatch.setattr(network, "SHIPPED", tmp_path / "shelf")
    return tmp_path / "shelf"


@pytest.mark.parametrize("arguments", [[], ["show"]])
def test_the_list_has_a_line_for_each_model(run: Run, shelf: Path, arguments: list[str]) -> None:
    done = run("models", *arguments)
    first, second = done.out.splitlines()
    assert first.split()[:3] == ["cnn", "unframe-1", "1.0.0"]
    assert second.split()[:2] == ["baseline", "fake-1"]
    assert done.code == 0


def test_programs_get_the_cards(run: Run, shelf: Path) -> None:
    network_row, baseline_row = json.loads(run("models", "--format", "json").out)
    assert (network_row["detector"], network_row["model"], network_row["default"]) == ("cnn", "unframe-1", True)
    assert Card.from_json(json.dumps(network_row["card"])) == Card.read(shelf / "unframe-1" / "card.json")
    assert (baseline_row["detector"], baseline_row["card"], baseline_row["message"]) == ("baseline", None, None)


def test_without_models_the_list_says_so(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(network, "SHIPPED", tmp_path)
    first, second = run("models").out.splitlines()
    assert "no model is installed" in first
    assert second.endswith("(default)")


@pytest.mark.parametrize("by_path", [False, True])
def test_a_card_is_shown_whole(run: Run, shelf: Path, by_path: bool) -> None:
    lines = run("models", shelf / "unframe-1" if by_path else "unframe-1").out.splitlines()
    shown = dict(line.split(maxsplit=1) for line in lines if not line.startswith("scores."))
    assert shown["thresholds.decision"] == "0.5"
    assert shown["input.shapes.thumbnail"] == "128, 128, 3"
    assert shown["licence"] == "Apache-2.0; trained on drawn pictures"
    assert any(line.startswith("scores.balanced accuracy.n ") and line.endswith(" 22") for line in lines)


def test_the_baseline_has_no_card(run: Run, shelf: Path) -> None:
    assert run("models", "baseline").out.split()[:2] == ["baseline", "fake-1"]


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

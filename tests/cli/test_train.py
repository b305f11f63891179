"""`unframe train`, `unframe compare` and `unframe reproduce`, on pictures and networks so small that all is quick."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import draw
from tests.cli.conftest import Run, save
from unframe.network.build import build
from unframe.network.spec import Spec
from unframe.training import classic

NAME = "16_4_adam_lr_0_01_batch16"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    for shop in range(4):
        for number in range(6):
            image = draw.product(30, 24, 100 * shop + number)
            save(draw.bordered(image, 3)[0], folder / "framed" / f"shop{shop}" / f"{number}.png")
            save(draw.product(30, 24, 100 * shop + 50 + number), folder / "clean" / f"shop{shop}" / f"{number}.png")
    return folder


def test_train_then_compare(run: Run, dataset: Path, tmp_path: Path) -> None:
    other = "16_4-4_batch16"
    done = run("train", dataset, "-o", tmp_path / "runs", "--spec", NAME, "--spec", other, "--epochs", 2)
    assert done.code == 0
    assert len(done.out.splitlines()) == 2
    assert "accuracy" in done.out
    assert "epoch   2/2" in done.err
    assert "best so far" in done.err
    folders = {path.name for path in (tmp_path / "runs").iterdir()} - {classic.PICTURES}
    assert folders == {str(Spec.parse(NAME)), str(Spec.parse(other))}

    again = run("train", dataset, "-o", tmp_path / "runs", "--spec", NAME, "--epochs", 2)
    assert again.code == 0
    assert "epoch" not in again.err  # it was finished

    compared = run("compare", tmp_path / "runs", "-o", tmp_path / "comparison")
    assert compared.code == 0
    assert "16_4-4" in compared.out
    assert {path.name for path in (tmp_path / "comparison").iterdir()} == {"table.md", "table.json", "accuracy.png"}


def test_folds(run: Run, dataset: Path, tmp_path: Path) -> None:
    done = run("train", dataset, "-o", tmp_path, "--spec", NAME, "--epochs", 1, "--folds", 2)
    assert done.code == 0
    assert "on 48 pictures" in done.out
    assert {path.name for path in (tmp_path / str(Spec.parse(NAME))).iterdir()} == {"fold-1-of-2", "fold-2-of-2"}


def test_a_wrong_name_is_shown_before_anything_is_done(run: Run, dataset: Path, tmp_path: Path) -> None:
    done = run("train", dataset, "-o", tmp_path / "runs", "--spec", NAME, "--spec", "128_32-32_convx")
    assert done.code == 2
    assert "\n  128_32-32_convx\n" + " " * 12 + "^^^^^\n" in done.err
    assert not (tmp_path / "runs").exists()


def test_another_run_in_the_folder(run: Run, dataset: Path, tmp_path: Path) -> None:
    assert run("train", dataset, "-o", tmp_path, "--spec", NAME, "--epochs", 1).code == 0
    done = run("train", dataset, "-o", tmp_path, "--spec", NAME, "--epochs", 2)
    assert done.code == 2
    assert "another schedule; choose another folder" in done.err


def test_nothing_to_compare(run: Run, tmp_path: Path) -> None:
    done = run("compare", tmp_path)
    assert done.code == 2
    assert "no run.json" in done.err


def test_reproduce(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tiny(spec: Spec, precision: Any) -> Any:
        return build(Spec.parse("128_2_conv1_gap_fc0"), precision)

    monkeypatch.setattr(classic, "build", tiny)
    for number in range(12):
        save(draw.product(260, 240, number), tmp_path / "photos" / f"shop{number % 3}" / f"{number}.jpg")
        save(draw.bordered(draw.product(200, 180, number), 9)[0], tmp_path / "real" / "framed" / f"{number}.jpg")
    save(draw.product(200, 180, 99), tmp_path / "real" / "clean" / "99.jpg")
    command = ["reproduce", tmp_path / "photos", "--labelled", tmp_path / "real", "-o", tmp_path / "out"]
    options = ["--count", 40, "--epochs", 1, "--jobs", 1, "--seed", 2]
    done = run(*command, *options)
    assert done.code == 0
    assert done.out.startswith("# The post of 2016, reproduced")
    numbers = json.loads((tmp_path / "out" / "reproduction.json").read_text())
    assert len(numbers) == 5
    assert all(each["plan"]["data"]["pictures"] == 40 for each in numbers.values())
    assert all(each["plan"]["split"] == "picture" for each in numbers.values())
    again = run(*command, *options)
    assert again.code == 0
    assert "epoch" not in again.err

"""`unframe train`, `unframe compare` and `unframe reproduce`, on pictures and networks so small that all is quick."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import draw
from tests.cli.conftest import Run, save
from unframe.network.build import build
from unframe.network.spec import Spec
from unframe.runtime.card import Card
from unframe.training import classic, deploy, examples, release

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
    assert "was finished before" in again.err
    assert "epoch" not in again.err

    model = tmp_path / "runs" / str(Spec.parse(NAME)) / "model"
    found = run("detect", dataset, "--model", model, "--format", "jsonl")
    records = [json.loads(line) for line in found.out.splitlines()]
    assert len(records) == 48
    assert {each["model"] for each in records} == {deploy.name(str(Spec.parse(NAME)))}
    assert Card.read(model / "card.json").command.startswith("unframe ")
    judged = run("evaluate", dataset, "--model", model)
    assert judged.code == 0
    assert "24 framed and 24 clean pictures" in judged.out

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


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (["--recipe", "release", "--spec", NAME], "leave one of them out"),
        (["--set", "epochs=2"], "--set is for --recipe release"),
        (["--overlays", "."], "--overlays is for --recipe release"),
        (["--covers", "shop1"], "--covers is for --recipe release"),
        (["--recipe", "release", "--covers", "shop99"], "no photograph has the source 'shop99'"),
        (["--recipe", "release", "--set", "epoch=2"], "names no parameter; they are drawn, folds"),
        (["--recipe", "release", "--set", "epochs=few"], "write epochs="),
        (["--recipe", "release", "--set", "folds=1"], "folds is 1; it must be at least 2"),
    ],
)
def test_options_that_make_no_sense_end_the_command_before_any_work(
    run: Run, dataset: Path, tmp_path: Path, options: list[str], match: str
) -> None:
    done = run("train", dataset, "-o", tmp_path / "runs", *options)
    assert done.code == 2
    assert match in done.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.timeout(900)  # three networks, on whatever machine
@pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer")
def test_the_recipe(run: Run, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def eager(*args: Any) -> Any:
        model = compiled(*args)
        model.run_eagerly = True
        return model

    def without_export(model: Any, path: Path, *, overwrite: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not exported, which would take longer than all else here")

    compiled = release.compiled
    monkeypatch.setattr(release, "compiled", eager)
    monkeypatch.setattr(release, "export", without_export)
    monkeypatch.setattr(release, "difference", lambda *_: 0.0)
    monkeypatch.setattr(release, "drawn", partial(examples.drawn, jobs=1, shard=8))
    for number in range(8):
        save(draw.product(100, 90, 200 + number), tmp_path / "photos" / f"brand{number % 4}" / f"{number}.png")
    small = ["drawn=16", "folds=2", "fold_epochs=1", "epochs=1", "batch=16", "smallest=64", "largest=96", "seed=5"]
    command = ["train", tmp_path / "photos", dataset, "--recipe", "release", "-o", tmp_path / "run"]
    command += [word for each in small for word in ("--set", each)]
    command += ["--covers", "brand1", "--covers", "brand2"]
    done = run(*command)
    assert done.code == 0, done.err
    lines = done.err.splitlines()
    assert lines[0].startswith("drawing ")
    assert [line for line in lines if line in {"fold-1", "fold-2", "final"}] == ["fold-1", "fold-2", "final"]
    assert sum(line.startswith("epoch   1/1 ") for line in lines) == 3
    assert "real auroc: " in done.out
    assert f"{tmp_path / 'run' / 'model'} holds the weights and their card" in done.out
    plan = json.loads((tmp_path / "run" / "run.json").read_text())
    assert plan["recipe"]["seed"] == 5
    assert plan["data"]["covers"] == ["brand1", "brand2"]
    assert Card.read(tmp_path / "run" / "model" / "card.json").seed == 5

    again = run(*command)
    assert again.code == 0
    assert "was finished before" in again.err
    assert "epoch   1/1" not in again.err


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
    assert again.err.count("was finished before") == 5

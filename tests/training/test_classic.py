"""From labelled pictures to run folders, tables and figures; two tiny networks, trained once for all tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from sklearn.metrics import roc_auc_score

from tests import draw
from unframe.dataset.layouts import read_dataset
from unframe.errors import DatasetError, OutputError
from unframe.network.spec import Spec
from unframe.training import compare, run
from unframe.training.classic import Options, Trainer

QUICK = Spec.parse("16_4_adam_lr_0_01_batch16")
OTHER = Spec.parse("16_4_lr_0_1_batch16")
OPTIONS = Options(epochs=2, seed=1, precision="float32")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    for shop in range(6):
        for number in range(8):
            image = draw.product(30, 24, 100 * shop + number)
            label = ("clean", "framed")[number % 2]
            path = folder / label / f"shop{shop}" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            PillowImage.fromarray(draw.bordered(image, 3)[0] if label == "framed" else image).save(path)
    return folder


@pytest.fixture(scope="module")
def trainer(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    return Trainer(read_dataset(dataset), tmp_path_factory.mktemp("runs"), OPTIONS)


@pytest.fixture(scope="module")
def runs(trainer: Trainer) -> list[run.Run]:
    return [trainer.train(QUICK), trainer.train(OTHER)]


@pytest.fixture(scope="module")
def crossed(trainer: Trainer, runs: list[run.Run]) -> list[run.Run]:
    return trainer.cross_validate(QUICK, 3)


def test_validation_is_of_other_sources(trainer: Trainer) -> None:
    validating = set(trainer.validating().tolist())
    sources = {trainer.samples[number].source for number in validating}
    learning = {sample.source for number, sample in enumerate(trainer.samples) if number not in validating}
    assert sources
    assert not sources & learning


def test_validation_by_picture_is_stratified_and_repeatable(dataset: Path, tmp_path: Path) -> None:
    by_picture = Trainer(read_dataset(dataset), tmp_path, Options(split="picture", validation=0.25, seed=4))
    chosen = by_picture.validating()
    framed = sum(by_picture.samples[number].label == "framed" for number in chosen)
    assert (len(chosen), framed) == (12, 6)
    assert np.array_equal(chosen, by_picture.validating())


def test_a_run_folder_says_everything(trainer: Trainer, runs: list[run.Run]) -> None:
    plan = runs[0].plan
    assert Spec.parse(plan["spec"]) == QUICK
    assert plan["parameters"] == QUICK.parameters
    assert plan["data"] == {"sha256": trainer.fingerprint, "pictures": 48}
    assert plan["schedule"]["seed"] == 1
    assert {"keras", "numpy", "python"} <= set(plan["versions"])
    assert [record["epoch"] for record in runs[0].history] == [1, 2]
    assert runs[0].result is not None
    assert runs[0].result["best"]["val_accuracy"] == max(record["val_accuracy"] for record in runs[0].history)
    assert {path.name for path in runs[0].folder.iterdir()} == {
        "run.json", "history.jsonl", "checkpoint.npz", "best.weights.h5", "model.keras", "result.json",
        "validation.csv", "model",
    }  # fmt: skip


def test_validation_answers_are_those_of_the_best_weights(trainer: Trainer, runs: list[run.Run]) -> None:
    validation = runs[0].validation()
    expected = [trainer.samples[number].label == "framed" for number in trainer.validating()]
    assert validation.truth.tolist() == expected
    assert runs[0].result is not None
    accuracy = np.mean((validation.probability > 0.5) == validation.truth)
    assert accuracy == pytest.approx(runs[0].result["best"]["val_accuracy"], abs=1e-6)


def test_each_picture_is_validated_once_across_folds(trainer: Trainer, crossed: list[run.Run]) -> None:
    parts = [set(part.validation().group) for part in crossed]
    assert sum(len(part.validation().truth) for part in crossed) == 48
    assert len(set.union(*parts)) == sum(map(len, parts)) == 6
    row = compare.rows(crossed)[0]
    assert (row.runs, row.pictures) == (3, 48)


def test_the_table_is_computed_from_what_was_kept(runs: list[run.Run], crossed: list[run.Run]) -> None:
    found = {(row.name, row.runs): row for row in compare.rows(run.find([runs[0].folder.parent]))}
    assert set(found) == {(str(QUICK), 1), (str(OTHER), 1), (str(QUICK), 3)}
    truth = np.concatenate([part.validation().truth for part in crossed])
    probability = np.concatenate([part.validation().probability for part in crossed])
    row = found[(str(QUICK), 3)]
    assert row.auroc.value == pytest.approx(roc_auc_score(truth, probability))
    assert row.accuracy.value == pytest.approx(np.mean((probability >= 0.5) == truth))
    ends = (row.accuracy.low, row.accuracy.value, row.accuracy.high)
    assert [end for end in ends if end is not None] == sorted(end for end in ends if end is not None)
    assert None not in ends


def test_a_comparison_on_disk(runs: list[run.Run], crossed: list[run.Run], tmp_path: Path) -> None:
    rows = compare.write([*runs, *crossed], tmp_path)
    table = (tmp_path / "table.md").read_text().splitlines()
    assert len(table) == 2 + len(rows) == 5
    assert "× 3 folds" in table[-1]
    assert len(json.loads((tmp_path / "table.json").read_text())) == 3
    with PillowImage.open(tmp_path / "accuracy.png") as figure:
        assert figure.width > figure.height > 300
    lines = compare.accuracy_figure([*runs, *crossed]).axes[0].get_lines()
    assert len(lines) == 2 * 5 + 1  # validation and learning of five runs, and the legend's
    assert lines[0].get_ydata().tolist() == [record["val_accuracy"] for record in runs[0].history]  # type: ignore[union-attr]
    changed = compare.write(runs[:1], tmp_path, overwrite=True)
    assert len(changed) == 1
    with pytest.raises(OutputError):
        compare.write(runs, tmp_path)


def test_a_folder_is_only_carried_on_by_the_same_run(dataset: Path, runs: list[run.Run]) -> None:
    longer = Trainer(read_dataset(dataset), runs[0].folder.parent, Options(epochs=3, seed=1, precision="float32"))
    with pytest.raises(OutputError, match="another schedule"):
        longer.train(QUICK)
    fewer = Trainer(read_dataset(dataset)[1:], runs[0].folder.parent, OPTIONS)
    with pytest.raises(OutputError, match="another data"):
        fewer.train(QUICK)


def test_unfinished_runs_have_no_row(runs: list[run.Run], tmp_path: Path) -> None:
    run.begin(tmp_path / "begun", dict(runs[0].plan))
    with pytest.raises(DatasetError, match="none of these runs is finished"):
        compare.rows(run.find([tmp_path]))
    with pytest.raises(DatasetError, match=r"no run\.json"):
        run.find([tmp_path / "nothing"])


def test_roc_curves_carry_their_area(runs: list[run.Run]) -> None:
    figure = compare.roc_figure({"one": runs[0].validation(), "two": runs[1].validation()})
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    area = roc_auc_score(runs[0].validation().truth, runs[0].validation().probability)
    assert texts[0] == f"one, AUROC {area:.3f}"
    assert len(texts) == 2

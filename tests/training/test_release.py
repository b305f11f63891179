"""The recipe of the released model from end to end, on few drawn pictures: what it leaves, and how it is killed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from tests import draw
from unframe.dataset.generator.generate import Generator
from unframe.dataset.layouts import read_dataset
from unframe.dataset.records import Sample
from unframe.detector import Detector
from unframe.errors import DatasetError, ModelError, OutputError, SettingsError
from unframe.network import released
from unframe.runtime.card import CARD_FILE, WEIGHTS_FILE, Card
from unframe.training import calibrate, examples, export, release
from unframe.training.loop import Record
from unframe.training.release import Answers, Recipe, Release

# The final network takes weights from a file, and not the optimiser's state beside them; Keras says so.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipping variable loading for optimizer"),
    pytest.mark.timeout(900),  # three networks, on whatever machine
]

TINY = Recipe(drawn=48, folds=2, epochs=2, fold_epochs=1, batch=16, smallest=64, largest=96, seed=1)
COMMAND = "unframe train photos/ labelled/ --recipe release -o run/"
TIMES = ("seconds", "elapsed")


class KilledError(Exception):
    """Stands for a kill at any place."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Sample], list[Sample]]:
    """Labelled pictures of four shops, and photographs of four others."""
    folder = tmp_path_factory.mktemp("data")
    for number in range(12):
        image = draw.product(90, 70, number)
        for place, picture in (
            (f"labelled/framed/shop{number % 4}/{number}.png", draw.bordered(image, 8)[0]),
            (f"labelled/clean/shop{number % 4}/{number}.png", draw.product(80, 96, 50 + number)),
            (f"photos/brand{number % 4}/{number}.png", draw.product(110, 100, 100 + number)),
        ):
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            PillowImage.fromarray(picture).save(path)
    return read_dataset(folder / "labelled"), read_dataset(folder / "photos")


def eager(*args: Any) -> Any:
    """The network, run operation by operation: for three steps a graph is not worth its compilation."""
    model = release_compiled(*args)
    model.run_eagerly = True
    return model


release_compiled = release.compiled


def without_export(model: Any, path: Path, *, overwrite: bool) -> None:
    """Stands in for the export, which takes longer than all the training here and has tests of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(weight.tobytes() for weight in model.get_weights()))


def export_of_the_last(model: Any, path: Path, *, overwrite: bool) -> None:
    """Exports the released model, and no other."""
    kept_apart = path.parent.parent.name.startswith("fold-")
    (without_export if kept_apart else export.export)(model, path, overwrite=overwrite)


def difference_of_the_last(model: Any, path: Path, inputs: Any) -> float:
    """How far the released model's file is from its network."""
    return 0.0 if path.parent.parent.name.startswith("fold-") else export.difference(model, path, inputs)


@pytest.fixture(scope="module", autouse=True)
def _small() -> Any:
    """Shards of a dozen pictures, drawn by one process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "drawn", partial(examples.drawn, jobs=1, shard=12))
        patch.setattr(release, "compiled", eager)
        patch.setattr(release, "export", export_of_the_last)
        patch.setattr(release, "difference", difference_of_the_last)
        yield


@pytest.fixture(scope="module")
def run(data: tuple[list[Sample], list[Sample]], tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A whole run that nothing disturbed."""
    whole = Release(*data, tmp_path_factory.mktemp("run"), TINY)
    whole.run(COMMAND)
    return whole


def card(run: Release, where: str = "model") -> Card:
    return Card.read(run.folder / where / CARD_FILE)


def answers(run: Release) -> Answers:
    return release.joined([Answers.read(run.folder / f"fold-{fold}" / "answers.npz") for fold in (1, 2)])


def test_the_model_is_one_that_detectors_take(run: Release, data: tuple[list[Sample], list[Sample]]) -> None:
    detector = Detector.load(model=run.folder / "model")
    found = detector.detect(data[0][0].path)
    assert found.model == release.MODEL_NAME
    assert 0 < found.probability < 1


def test_every_fold_leaves_a_model_that_never_saw_it(run: Release) -> None:
    weights = {card(run, where).sha256 for where in ("fold-1/model", "fold-2/model", "model")}
    assert len(weights) == 3
    # A fold's own answers have no part in its calibration: it can be judged on that fold.
    other = Answers.read(run.folder / "fold-2" / "answers.npz")
    assert card(run, "fold-1/model").calibration == calibrate.platt(other.logit, other.framed, other.weights())


def test_no_source_is_on_both_sides(run: Release) -> None:
    everything = [*run.labelled, *run.photos]
    parts = [*run._part_of_labelled, *run._part_of_photos]
    folds: dict[str, int] = {}
    for sample, part in zip(everything, parts, strict=True):
        assert folds.setdefault(sample.source, part) == part
    assert set(parts) == {0, 1}


def test_each_fold_answers_for_its_own_pictures(run: Release) -> None:
    for fold in (0, 1):
        found = Answers.read(run.folder / f"fold-{fold + 1}" / "answers.npz")
        own, samples = run.real([fold])
        shards = sorted((run.folder / "drawn" / f"fold-{fold + 1}").glob("*.npz"))
        drawn = examples.Examples.joined([examples.Examples.read(path) for path in shards])
        assert found.real.tolist() == [False] * len(drawn) + [True] * len(own)
        assert found.framed.tolist() == [*(drawn.framed == 1), *(sample.label == "framed" for sample in samples)]
    assert answers(run).weights()[answers(run).real].sum() == pytest.approx(0.5)


def test_the_card_says_what_is_known(run: Release) -> None:
    found = card(run)
    weights = (run.folder / "model" / WEIGHTS_FILE).read_bytes()
    assert (found.sha256, found.bytes) == (hashlib.sha256(weights).hexdigest(), len(weights))
    assert found.spec == released.NAME
    assert (found.command, found.seed) == (COMMAND, TINY.seed)
    assert found.data.fingerprint == f"sha256:{run.fingerprint()}"
    assert found.data.counts["framed"] == 12
    assert found.data.sources == tuple(sorted(f"{kind}{n}" for kind in ("brand", "shop") for n in range(4)))
    said = answers(run)
    assert found.calibration == calibrate.platt(said.logit, said.framed, said.weights())
    probability = calibrate.probabilities(found.calibration, said.logit)
    assert found.thresholds == calibrate.thresholds(probability, said.framed, said.weights())


def test_its_scores_are_those_of_an_independent_count(run: Release) -> None:
    found, said = card(run), answers(run)
    probability = calibrate.probabilities(found.calibration, said.logit)
    for name, rows in (("real", said.real), ("drawn", ~said.real)):
        truth, score = said.framed[rows], found.scores
        expected = balanced_accuracy_score(truth, probability[rows] >= found.thresholds.decision)
        assert score[f"{name}_balanced_accuracy"].value == pytest.approx(expected, abs=5e-5)
        assert score[f"{name}_auroc"].value == pytest.approx(roc_auc_score(truth, said.logit[rows]), abs=5e-5)
        assert score[f"{name}_auroc"].n == rows.sum()
        assert "left out" in score[f"{name}_auroc"].on


class Deadly:
    """A watch that dies once, at one network's epoch or step."""

    def __init__(self, network: str, epochs: int, steps: int) -> None:
        self.network = network
        self.epochs, self.steps = epochs, steps
        self.name = ""

    def __call__(self, name: str, epochs: int) -> Deadly:
        self.name = name
        return self

    def resumed(self, done: int, finished: bool) -> None:
        pass

    def step(self, done: int, total: int) -> None:
        if self.name == self.network:
            self.steps -= 1
            if self.steps < 0:
                raise KilledError

    def epoch(self, record: Record, best: bool) -> None:
        if self.name == self.network:
            self.epochs -= 1
            if self.epochs < 0:
                raise KilledError


def history(run: Release, name: str) -> list[Record]:
    lines = (run.folder / name / "history.jsonl").read_text().splitlines()
    return [{key: value for key, value in json.loads(line).items() if key not in TIMES} for line in lines]


def test_a_run_that_was_killed_ends_like_one_that_was_not(
    run: Release, data: tuple[list[Sample], list[Sample]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "export", without_export)
    monkeypatch.setattr(release, "difference", lambda *_: 0.0)

    def again(watch: release.Watching | None = None) -> Release:
        other = Release(*data, tmp_path, TINY)
        other.run(COMMAND, watch)
        return other

    def deadly_drawing(generator: Generator, count: int, folder: Path) -> list[Path]:
        paths = examples.drawn(generator, count, folder, jobs=1, shard=12)
        paths[-1].unlink()  # as if the second fold's last shard had never been written
        if paths[-1].parent.name == "fold-2":
            raise KilledError
        return paths

    with monkeypatch.context() as patch:
        patch.setattr(release, "drawn", deadly_drawing)
        with pytest.raises(KilledError):
            again()
    for watch in (Deadly("fold-2", 9, 1), Deadly("final", 0, 99)):  # within an epoch, and after the first of two
        with pytest.raises(KilledError):
            again(watch)
    ended = again()
    for name in ("fold-1", "fold-2", "final"):
        assert history(ended, name) == history(run, name)
        pairs = zip(ended._kept(name).get_weights(), run._kept(name).get_weights(), strict=True)
        assert all(np.array_equal(one, other) for one, other in pairs), name
    exported = card(run)  # what differs is the time, and the export that is left out here
    alike = dataclasses.replace(card(ended), created=exported.created, sha256=exported.sha256, bytes=exported.bytes)
    assert alike == exported


def test_a_finished_run_draws_and_trains_nothing(
    run: Release, data: tuple[list[Sample], list[Sample]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = shutil.copytree(run.folder, tmp_path / "copy")
    exported: list[str] = []

    def noted(model: Any, path: Path, *, overwrite: bool) -> None:
        exported.append(path.parent.relative_to(folder).as_posix())
        without_export(model, path, overwrite=overwrite)

    monkeypatch.setattr(release, "export", noted)
    monkeypatch.setattr(release, "difference", lambda *_: 0.0)
    told: list[tuple[str, int, bool]] = []

    class Notes(Deadly):
        def resumed(self, done: int, finished: bool) -> None:
            told.append((self.name, done, finished))

    def left() -> dict[Path, int]:
        files = [*folder.rglob("*.npz"), *folder.rglob(WEIGHTS_FILE), *folder.rglob(CARD_FILE)]
        return {path: path.stat().st_mtime_ns for path in files}

    before = left()
    again = Release(*data, folder, TINY).run("another command", Notes("", 0, 0))
    assert told == [("final", 2, True)]
    assert (exported, left()) == ([], before)
    assert again == card(run)
    # A model that is not whole is exported again, and only that one.
    (folder / "fold-1/model" / WEIGHTS_FILE).write_bytes(b"cut short")
    (folder / "fold-2/model" / CARD_FILE).unlink()
    Release(*data, folder, TINY).run(COMMAND)
    assert exported == ["fold-1/model", "fold-2/model"]
    assert [card(Release(*data, folder, TINY), where).sha256 for where in exported] == [
        card(run, where).sha256 for where in exported
    ]


def test_a_folder_is_only_carried_on_by_the_same_recipe(run: Release, data: tuple[list[Sample], list[Sample]]) -> None:
    with pytest.raises(OutputError, match="another recipe"):
        Release(*data, run.folder, dataclasses.replace(TINY, epochs=3)).run(COMMAND)
    with pytest.raises(OutputError, match="another data"):
        Release(data[0][1:], data[1], run.folder, TINY).run(COMMAND)
    with pytest.raises(OutputError, match="another data"):
        Release(*data, run.folder, TINY, covers=["brand1"]).run(COMMAND)


def test_an_export_that_differs_is_refused(
    run: Release, data: tuple[list[Sample], list[Sample]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = shutil.copytree(run.folder, tmp_path / "copy")
    monkeypatch.setattr(release, "export", without_export)
    monkeypatch.setattr(release, "difference", lambda *_: 0.01)
    with pytest.raises(ModelError, match=r"differs from the trained network by 0\.01"):
        Release(*data, folder, TINY).run(COMMAND)


# What can be said without training


def test_the_card_counts_every_picture_once(data: tuple[list[Sample], list[Sample]], tmp_path: Path) -> None:
    labelled = [dataclasses.replace(each, confidence="low") if each.label == "plain" else each for each in data[0]]
    framed = np.array([True, False] * 20)
    said = Answers(np.where(framed, 3.0, -3.0), framed, framed | True)
    for real in (labelled, data[0]):  # doubtful plain ones are learned from too, though not drawn on
        found = Release(real, data[1], tmp_path, TINY)._card(said, COMMAND)
        assert found.data.counts == {"framed": 12, "plain": 24}


@pytest.mark.parametrize(
    ("choose", "match"),
    [
        (lambda labelled, photos: ([each for each in labelled if each.label == "framed"], []), "no plain pictures"),
        (lambda labelled, photos: ([], photos[:1]), "add pictures from other sources"),
    ],
)
def test_too_little_to_learn_from_is_refused_at_once(
    choose: Callable[..., tuple[list[Sample], list[Sample]]],
    match: str,
    data: tuple[list[Sample], list[Sample]],
    tmp_path: Path,
) -> None:
    with pytest.raises(DatasetError, match=match):
        Release(*choose(*data), tmp_path, TINY)


def test_doubtful_and_unsure_pictures_are_not_drawn_on(tmp_path: Path) -> None:
    photos = [Sample(Path(f"{n}.png"), "plain", source=f"shop{n}") for n in range(4)]
    labelled = [
        Sample(Path("a.png"), "plain", source="a", confidence="low"),
        Sample(Path("b.png"), "unsure", source="b"),
        Sample(Path("c.png"), "framed", source="c"),
        Sample(Path("d.png"), "plain", source="d"),
    ]
    run = Release(labelled, photos, tmp_path, TINY)
    assert [each.path.name for each in run.photos] == ["0.png", "1.png", "2.png", "3.png", "d.png"]
    assert [each.path.name for each in run.labelled] == ["a.png", "c.png", "d.png"]


@pytest.mark.parametrize(
    "change", [{"folds": 1}, {"drawn": 0}, {"real": 0.95}, {"batch": 0}, {"smallest": 8}, {"rate": float("nan")}]
)
def test_a_recipe_outside_its_range_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"{next(iter(change))} is "):
        Recipe(**change)


def test_the_learning_rate_rises_and_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(rate=0.01, epochs=5)
    model = release.compiled(recipe, 10, 5)
    rates = []
    for step in range(50):
        model.optimizer.iterations.assign(step)
        rates.append(float(np.asarray(model.optimizer.learning_rate)))
    assert max(rates) == pytest.approx(0.01, rel=0.02)
    assert int(np.argmax(rates)) in range(8, 13)
    assert rates[0] < 0.002
    assert rates[-1] < 0.0006

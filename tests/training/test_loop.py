"""The loop learns, stops, and goes on after being killed as if nothing had happened."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unframe.errors import ModelError, OutputError
from unframe.network.build import FRAMED, IMAGE, build
from unframe.network.spec import Spec
from unframe.training import loop
from unframe.training.data import Arrays, Batch, Feed, flipped
from unframe.training.loop import Record, Schedule, train
from unframe.types import Image

SPEC = Spec.parse("16_4-4_fc8_sgdm_lr_0_05_drop_0_3_batch16")
SCHEDULE = Schedule(epochs=4, batch=16, seed=3)


def network() -> Any:
    return build(SPEC, "float32")


@pytest.fixture(scope="module")
def feeds(pictures: tuple[Image, np.ndarray]) -> tuple[Arrays, Arrays]:
    images, truth = pictures
    arrays = {IMAGE: images}, {FRAMED: truth[:, None]}
    return Arrays(*arrays, np.arange(72), flipped), Arrays(*arrays, np.arange(72, 96), flipped)


@pytest.fixture(scope="module")
def undisturbed(
    feeds: tuple[Arrays, Arrays], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[np.ndarray]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    model, _ = train(network, *feeds, SCHEDULE, folder)
    return folder, model.get_weights()


class KilledError(Exception):
    """Stands for a kill at any place."""


class Deadly:
    """A feed that dies at one of its batches."""

    def __init__(self, feed: Feed, at: int) -> None:
        self.feed = feed
        self.left = at

    def __len__(self) -> int:
        return len(self.feed)

    def batch(self, numbers: np.ndarray, rng: np.random.Generator | None) -> Batch:
        self.left -= 1
        if self.left < 0:
            raise KilledError
        return self.feed.batch(numbers, rng)


def timeless(folder: Path) -> list[Record]:
    lines = (folder / loop.HISTORY).read_text().splitlines()
    return [
        {name: value for name, value in json.loads(line).items() if name not in ("seconds", "elapsed")}
        for line in lines
    ]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(first, second) for first, second in zip(one, other, strict=True))


def checkpoint(folder: Path) -> list[np.ndarray]:
    with np.load(folder / loop.CHECKPOINT) as stored:
        return [stored[name] for name in sorted(stored.files) if name != "state"]


@pytest.mark.parametrize("batches", [[2], [7], [5, 6, 8]])
def test_a_killed_run_ends_like_an_undisturbed_one(
    batches: list[int], feeds: tuple[Arrays, Arrays], undisturbed: tuple[Path, list[np.ndarray]], tmp_path: Path
) -> None:
    whole, weights = undisturbed
    for at in batches:
        with pytest.raises(KilledError):
            train(network, Deadly(feeds[0], at), feeds[1], SCHEDULE, tmp_path)
    model, _ = train(network, *feeds, SCHEDULE, tmp_path)
    assert timeless(tmp_path) == timeless(whole)
    assert same(model.get_weights(), weights)
    assert same(checkpoint(tmp_path), checkpoint(whole))  # optimiser and dropout's random numbers too


@pytest.mark.parametrize("step", ["keep_weights", "save"])
def test_killed_between_the_files_of_one_epoch(
    step: str,
    feeds: tuple[Arrays, Arrays],
    undisturbed: tuple[Path, list[np.ndarray]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original: Callable[..., None] = getattr(loop, step)
    calls = itertools.count()

    def deadly(*args: Any) -> None:
        if next(calls) == 1:
            raise KilledError
        original(*args)

    with monkeypatch.context() as patch:
        patch.setattr(loop, step, deadly)
        with pytest.raises(KilledError):
            train(network, *feeds, SCHEDULE, tmp_path)
    model, _ = train(network, *feeds, SCHEDULE, tmp_path)
    assert timeless(tmp_path) == timeless(undisturbed[0])
    assert same(model.get_weights(), undisturbed[1])


def test_another_seed_gives_other_weights(
    feeds: tuple[Arrays, Arrays], undisturbed: tuple[Path, list[np.ndarray]], tmp_path: Path
) -> None:
    model, _ = train(network, *feeds, Schedule(epochs=1, batch=16, seed=4), tmp_path)
    assert not same(model.get_weights(), undisturbed[1])


def test_it_learns_and_keeps_the_best_weights(keras: Any, feeds: tuple[Arrays, Arrays], tmp_path: Path) -> None:
    schedule = Schedule(epochs=15, batch=8, monitor="val_loss")
    model, progress = train(
        lambda: build(Spec.parse("16_8-8_adam_lr_0_01_drop_0"), "float32"), *feeds, schedule, tmp_path
    )
    losses = [record["val_loss"] for record in progress.history]
    assert progress.best == int(np.argmin(losses)) + 1
    assert losses[progress.best - 1] < losses[0] / 2
    assert loop.measure(model, feeds[1])["loss"] == pytest.approx(min(losses), rel=1e-5)
    stored = keras.models.load_model(tmp_path / loop.MODEL)
    assert same(stored.get_weights(), model.get_weights())


def test_measuring_agrees_with_counting(feeds: tuple[Arrays, Arrays]) -> None:
    model = network()
    found = loop.predict(model, feeds[1], batch=7)[FRAMED][:, 0]
    truth = feeds[1].batch(np.arange(24), None).targets[FRAMED][:, 0]
    expected = -np.mean(truth * np.log(found) + (1 - truth) * np.log(1 - found))
    measured = loop.measure(model, feeds[1], batch=24)
    assert measured["accuracy"] == pytest.approx(np.mean((found > 0.5) == truth))
    assert measured["loss"] == pytest.approx(expected, rel=1e-4)
    assert loop.measure(model, feeds[1], batch=7) == pytest.approx(measured, rel=1e-4)


def test_it_stops_when_nothing_gets_better(feeds: tuple[Arrays, Arrays], tmp_path: Path) -> None:
    still = lambda: build(Spec.parse("16_4_lr_0_0000001_decay_1"), "float32")  # noqa: E731
    _, progress = train(still, *feeds, Schedule(epochs=50, batch=72, patience=3), tmp_path)
    assert len(progress.history) == progress.best + 3
    assert progress.finished(Schedule(epochs=50, patience=3))


def test_a_network_that_diverges_at_once_is_an_error(feeds: tuple[Arrays, Arrays], tmp_path: Path) -> None:
    endless = replace(feeds[1], targets={FRAMED: np.full_like(feeds[1].targets[FRAMED], np.nan)})
    for _ in range(2):  # nor does the second try go on with what the first has left
        with pytest.raises(ModelError, match="val_loss is nan after its first epoch; choose a lower learning rate"):
            train(network, *feeds[:1], endless, Schedule(epochs=2, batch=72, monitor="val_loss"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_network_that_diverges_later_keeps_its_best_weights(
    feeds: tuple[Arrays, Arrays], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([0.7, float("nan"), float("nan")])
    monkeypatch.setattr(loop, "measure", lambda *_: {"loss": next(losses)})
    _, progress = train(network, *feeds, Schedule(epochs=3, batch=72, monitor="val_loss"), tmp_path)
    assert (progress.best, len(progress.history)) == (1, 3)


def test_a_finished_run_is_not_run_again(
    feeds: tuple[Arrays, Arrays], undisturbed: tuple[Path, list[np.ndarray]]
) -> None:
    model, _ = train(network, Deadly(feeds[0], 0), feeds[1], SCHEDULE, undisturbed[0])
    assert same(model.get_weights(), undisturbed[1])


def test_a_checkpoint_of_another_network_is_refused(
    feeds: tuple[Arrays, Arrays], undisturbed: tuple[Path, list[np.ndarray]]
) -> None:
    with pytest.raises(OutputError, match="another network"):
        train(lambda: build(Spec.parse("16_5-4"), "float32"), *feeds, SCHEDULE, undisturbed[0])


def test_weights_of_pictures_count(feeds: tuple[Arrays, Arrays]) -> None:
    class Weighted(Arrays):
        def batch(self, numbers: np.ndarray, rng: np.random.Generator | None) -> Batch:
            batch = Arrays.batch(self, numbers, rng)
            return batch._replace(weights={FRAMED: batch.targets[FRAMED][:, 0]})

    model = network()
    feed = feeds[1]
    framed = loop.predict(model, feed)[FRAMED][feed.batch(np.arange(24), None).targets[FRAMED] == 1]
    weighted = loop.measure(model, Weighted(feed.inputs, feed.targets, feed.rows, flipped))
    assert weighted["loss"] == pytest.approx(-np.log(framed).sum() / 24, rel=1e-4)
    # Keras divides by the number of pictures, not by the sum of their weights.


def test_the_watch_is_told_everything(feeds: tuple[Arrays, Arrays], tmp_path: Path) -> None:
    told: list[Any] = []

    class Notes:
        def resumed(self, done: int, finished: bool) -> None:
            told.append(("resumed", done, finished))

        def step(self, done: int, total: int) -> None:
            told.append((done, total))

        def epoch(self, record: Record, best: bool) -> None:
            told.append((record["epoch"], best))

    with pytest.raises(KilledError):
        train(network, Deadly(feeds[0], 4), feeds[1], Schedule(epochs=2, batch=32), tmp_path, Notes())
    first = [(1, 3), (2, 3), (3, 3), (1, True)]
    assert told[:4] == first
    told.clear()
    train(network, *feeds, Schedule(epochs=2, batch=32), tmp_path, Notes())
    assert told[:4] == [("resumed", 1, False), *first[:3]]
    told.clear()
    train(network, *feeds, Schedule(epochs=2, batch=32), tmp_path, Notes())
    assert told == [("resumed", 2, True)]

"""Pictures and detectors kept apart: every picture is judged by a network that never saw its source.

The recipe of the released model leaves each fold of the sources out of training once and keeps the network that did
not see it (`unframe.training.release`). Here the same folds are dealt again, new frames are drawn on the photographs
of each, with frame art that the fold's network did not see either, and each fold is judged by its own network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from unframe.dataset.generator import store
from unframe.dataset.generator.album import Overlays, Photo
from unframe.dataset.generator.generate import Generator
from unframe.dataset.layouts import read_dataset
from unframe.dataset.records import Sample
from unframe.errors import DatasetError
from unframe.evaluation.run import scorable
from unframe.runtime import NetworkDetector
from unframe.runtime.card import CARD_FILE
from unframe.training.release import Recipe, Release

SEED = 9000
"""Seed of the first fold's drawn pictures; those that networks learn from have seeds from 0."""


@dataclass(frozen=True)
class Fold:
    """The pictures of one fold of the sources.

    Attributes:
        number: From 0.
        real: Labelled pictures that count.
        photos: Photographs to draw on.
        art: Frame art to draw with.
    """

    number: int
    real: list[Sample]
    photos: list[Photo]
    art: Overlays


class HeldOut:
    """The folds of a run of the release recipe.

    Attributes:
        run: The run's folder.
        folds: The folds whose network is there.
        recipe: What decided the run's networks.
    """

    def __init__(self, data: Path, run: Path) -> None:
        """Deal the folds, and keep those whose network is there.

        Args:
            data: Folder with ``natural/``, ``photos/`` and ``overlays/``.
            run: Folder of the run, with ``run.json`` and ``fold-N/model/``.

        Raises:
            DatasetError: The run was made of other pictures, so that its folds are not known; or no network is there.
        """
        started = json.loads((run / "run.json").read_text(encoding="utf-8"))
        recipe = Recipe(**started["recipe"])
        art = Overlays.of(data / "overlays")
        covers = started["data"]["covers"]
        release = Release(read_dataset(data / "natural"), read_dataset(data / "photos"), run, recipe, art, covers)
        if release.fingerprint() != started["data"]["sha256"]:
            raise DatasetError(f"{run} was trained on other pictures than those of {data}; name the same data")
        self.run = run
        self.folds = [
            Fold(
                number,
                scorable(release.labelled_of([number]))[0],
                release.photographs([number]),
                art[number :: recipe.folds],
            )
            for number in range(recipe.folds)
            if (_model(run, number) / CARD_FILE).exists()
        ]
        if not self.folds:
            raise DatasetError(f"{run} holds no fold-N/model/ yet; let the recipe go on")
        self.recipe = recipe

    def detectors(self) -> list[NetworkDetector]:
        """For each fold, the network that learned from all others."""
        return [NetworkDetector.load(_model(self.run, each.number)) for each in self.folds]

    def draw(self, folder: Path, count: int, jobs: int) -> Iterator[int]:
        """Draw pictures for every fold, or go on where drawing was cut short; yields 1 for each picture."""
        for each in self.folds:
            generator = Generator(each.photos, SEED + each.number, each.art)
            for _ in store.write(generator, folder / f"fold-{each.number + 1}", count // len(self.folds), jobs):
                yield 1


def _model(run: Path, number: int) -> Path:
    return run / f"fold-{number + 1}" / "model"


def drawn(folder: Path, fold: Fold) -> list[Sample]:
    """The pictures that were drawn for a fold; those whose frame is too faint to tell are left out."""
    return [each for each in read_dataset(folder / f"fold-{fold.number + 1}") if each.label != "unsure"]

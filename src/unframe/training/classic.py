"""Training networks by name: pictures labelled framed and plain in, run folders out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from unframe.dataset.records import Sample
from unframe.dataset.splits import folds, split
from unframe.network.backend import Precision, load_keras, resolve
from unframe.network.build import FRAMED, IMAGE, build
from unframe.network.spec import Spec
from unframe.runtime.card import CARD_FILE
from unframe.training import deploy, run
from unframe.training.data import Arrays, Numbers, fingerprint, flipped, labels, thumbnails, trainable
from unframe.training.loop import Schedule, Watch, predict, train

PICTURES = "pictures"
"""Folder, beside the runs, of the arrays that they share."""

Split = Literal["source", "picture"]


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for all networks that are trained together.

    Attributes:
        epochs: Times that every picture is seen, at most.
        patience: Epochs without a better validation score after which training stops; 0 never stops it early.
        monitor: Which figure says that weights are better.
        validation: Share of the pictures that validate.
        split: ``source`` keeps pictures of one source together, so that validation means unseen sources; ``picture``
            deals single pictures, as was done in 2016, which flatters.
        seed: Decides split, initial weights, order and flips.
        precision: What convolutions are calculated in.
    """

    epochs: int = 200
    patience: int = 20
    monitor: str = "val_accuracy"
    validation: float = 0.2
    split: Split = "source"
    seed: int = 0
    precision: Precision = "auto"

    def schedule(self, spec: Spec) -> Schedule:
        """The training loop's schedule for a network."""
        return Schedule(self.epochs, spec.batch, self.patience, self.monitor, self.seed)


class Trainer:
    """Trains networks on the same pictures, each in a folder of its own below one folder."""

    def __init__(
        self, samples: Sequence[Sample], folder: Path, options: Options, command: str = "unframe train"
    ) -> None:
        """Reads every file once, to know the data by its fingerprint.

        Args:
            samples: Pictures; those labelled neither framed nor plain are left out.
            folder: Where runs and arrays go.
            options: What holds for all networks.
            command: How this was started, for the cards of the networks.

        Raises:
            DatasetError: There are not both framed and plain pictures, or one cannot be read.
        """
        self.samples = trainable(samples)
        self.folder = folder
        self.options = options
        self.command = command
        self.fingerprint = fingerprint(self.samples)

    def train(self, spec: Spec, watch: Watch | None = None) -> run.Run:
        """Train a network on one part of the pictures and validate it on the other."""
        return self._run(spec, self.validating(), self.folder / str(spec), {}, watch)

    def cross_validate(self, spec: Spec, count: int, watch: Watch | None = None) -> list[run.Run]:
        """Train a network anew for each fold of the sources, and validate it on that fold.

        Early stopping looks at the fold that is validated on, which flatters a little; compare networks by it, but take
        a figure to promise from sources that no run has seen.
        """
        fold = np.array(folds(self.samples, count, self.options.seed))
        return [
            self._run(
                spec,
                np.flatnonzero(fold == number),
                self.folder / str(spec) / f"fold-{number + 1}-of-{count}",
                {"fold": number + 1, "folds": count},
                watch,
            )
            for number in range(count)
        ]

    def validating(self) -> Numbers:
        """Numbers of the pictures that validate, int64."""
        options = self.options
        if options.split == "source":
            _, kept = split(self.samples, options.validation, options.seed)
            paths = {sample.path for sample in kept}
            return np.array([number for number, each in enumerate(self.samples) if each.path in paths], dtype=np.int64)
        rng = np.random.default_rng([options.seed, 0])
        parts = []
        for label in ("framed", "plain"):  # each dealt alone, so that both parts have the same share of frames
            numbers = np.array([number for number, each in enumerate(self.samples) if each.label == label])
            parts.append(rng.permutation(numbers)[: max(1, round(options.validation * len(numbers)))])
        return np.sort(np.concatenate(parts)).astype(np.int64)

    def plan(self, spec: Spec) -> dict[str, Any]:
        """Everything that decides the outcome of a run."""
        options = self.options
        return {
            "spec": str(spec),
            "parameters": spec.parameters,
            "data": {"sha256": self.fingerprint, "pictures": len(self.samples)},
            "schedule": asdict(options.schedule(spec)),
            "split": options.split,
            "validation": options.validation,
            "precision": resolve(options.precision),
            "backend": load_keras().backend.backend(),
        }

    def _run(self, spec: Spec, validating: Numbers, folder: Path, part: dict[str, int], watch: Watch | None) -> run.Run:
        plan = self.plan(spec)
        run.begin(folder, plan | part)
        learning = np.setdiff1d(np.arange(len(self.samples)), validating)
        everything = self._arrays(spec)
        feed, held_out = replace(everything, rows=learning), replace(everything, rows=validating)
        schedule = self.options.schedule(spec)
        model, progress = train(lambda: build(spec, plan["precision"]), feed, held_out, schedule, folder, watch)
        probability = predict(model, held_out)[FRAMED][:, 0]
        run.finish(folder, progress, [self.samples[number] for number in validating], probability)
        done = run.load(folder)
        if not (folder / deploy.FOLDER / CARD_FILE).exists():
            deploy.deploy(model, done, held_out, self.samples, self.command)
        return done

    def _arrays(self, spec: Spec) -> Arrays:
        images = thumbnails(self.samples, spec.side, spec.colour, self.folder / PICTURES, self.fingerprint)
        return Arrays({IMAGE: images}, {FRAMED: labels(self.samples)}, np.arange(len(self.samples)), flipped)

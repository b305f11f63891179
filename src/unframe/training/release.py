"""The recipe of the released model: draw, cross-validate by source, train on everything, calibrate, export.

Read `Release.run` first. Whatever is finished lies in the run's folder and is not done again, so that a recipe that was
cut short goes on where it stopped:

- ``drawn/fold-N/``: pictures drawn on photographs of fold N's sources, as the network sees them;
- ``fold-N/``: the network that learned from all other folds, and ``answers.npz``: what it says about fold N. These
  answers, on sources that the network never saw, calibrate the released model and are its figures;
- ``final/``: the network that learned from everything: that of the first fold, which goes on with all pictures;
- ``model/``: ``model.onnx`` and ``card.json``, to be installed or used by ``--model``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.generator.album import Overlays, Photo, check_covers
from unframe.dataset.generator.generate import Generator
from unframe.dataset.records import Sample
from unframe.dataset.splits import folds
from unframe.errors import DatasetError, ModelError
from unframe.evaluation.metrics import ranking
from unframe.files import replacement, write_atomic
from unframe.network import released
from unframe.network.backend import load_keras
from unframe.network.muon import muon
from unframe.runtime.card import CARD_FILE, WEIGHTS_FILE, Card, Data, Input, Score
from unframe.runtime.views import ALONG, CHANNELS, DEPTH, THUMBNAIL
from unframe.settings import check, setting
from unframe.training import calibrate, run
from unframe.training.data import fingerprint
from unframe.training.examples import Examples, drawn, real
from unframe.training.export import TOLERANCE, difference, export
from unframe.training.loop import BEST, Schedule, Watch, predict, train
from unframe.training.mixture import Mixture, fair_chances
from unframe.types import KINDS, SIDES

MODEL_NAME = "unframe-1"
PARITY = 256
"""Pictures on which the exported network is compared with the trained one."""

SMOOTHING = 0.02
"""Labels are held back from certainty by half of this share; some are wrong."""

LICENCE = (
    "Weights: Apache-2.0. Trained on frames drawn on public product photographs and on public marketplace pictures; "
    "the pictures belong to their owners and are not distributed."
)


Watching = Callable[[str, int], Watch]
"""Makes what is told how a network's training goes, from the network's name and its number of epochs."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the released model beside its pictures."""

    drawn: int = setting(30_000, "Pictures to draw.", "pictures", 1)
    folds: int = setting(3, "Parts of the sources; each is left out of training once.", "", 2)
    fold_epochs: int = setting(7, "Times that a network that leaves out a fold sees every other drawn picture.", "", 1)
    epochs: int = setting(12, "Times that the final network, which begins as the first of them, sees all.", "", 1)
    batch: int = setting(32, "Pictures in a step.", "pictures", 1)
    rate: float = setting(5e-3, "Highest learning rate; it rises in the first epoch and then falls as a cosine.", "", 0)
    decay: float = setting(1e-3, "Weight decay.", "", 0)
    real: float = setting(0.2, "Part of what is shown that is real rather than drawn.", "", 0, 0.9)
    smallest: int = setting(200, "Longer side of the smallest pictures drawn.", "pixels", 16)
    largest: int = setting(800, "Longer side of the largest pictures drawn.", "pixels", 16)
    seed: int = setting(0, "Decides pictures, weights and order.", "", 0)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True)
class Answers:
    """What networks say about pictures of sources that they never saw; arrays of one length.

    Attributes:
        logit: float64, before calibration.
        framed: bool, the truth.
        real: bool, whether the picture is a real one rather than drawn.
    """

    logit: NDArray[np.float64]
    framed: NDArray[np.bool_]
    real: NDArray[np.bool_]

    @classmethod
    def read(cls, path: Path) -> Answers:
        """The answers of a file that `write` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["logit"], stored["framed"], stored["real"])

    def write(self, path: Path) -> None:
        """Keep the answers in a file."""
        with replacement(path) as file:
            np.savez(file, logit=self.logit, framed=self.framed, real=self.real)

    def weights(self) -> NDArray[np.float64]:
        """Weight of each picture: all real ones together weigh as much as all drawn ones."""
        share = np.where(self.real, 1 / max(int(self.real.sum()), 1), 1 / max(int((~self.real).sum()), 1))
        weights: NDArray[np.float64] = share / share.sum()
        return weights


class Release:
    """One run of the recipe, in one folder."""

    def __init__(
        self,
        labelled: Sequence[Sample],
        photos: Sequence[Sample],
        folder: Path,
        recipe: Recipe | None = None,
        overlays: Overlays | None = None,
        covers: Collection[str] = (),
    ) -> None:
        """Nothing is drawn or trained yet.

        Args:
            labelled: Real pictures, labelled framed or plain; others are left out. May be empty.
            photos: Photographs without frames to draw on. Plain labelled pictures are drawn on too.
            folder: Where the run is kept.
            recipe: What decides the model.
            overlays: Frame art with a transparent centre to draw with.
            covers: Sources whose photographs show covers of books, films or games from edge to edge.

        Raises:
            DatasetError: There are too few photographs or sources, or a source of covers has no photograph.
        """
        self.recipe = recipe or Recipe()
        self.folder = folder
        self.overlays = overlays or Overlays(())
        self.labelled = [each for each in labelled if each.label in {"framed", "plain"}]
        self.photos = [each for each in (*photos, *self.labelled) if each.label == "plain" and each.confidence != "low"]
        if not self.photos:
            raise DatasetError("there are no plain pictures to draw frames on; add a folder of photographs")
        everything = [*self.labelled, *self.photos]
        # Every fold's network is to have seen some books and boxes: they are what is taken for framed.
        strata = ["framed" if each.label == "framed" else Photo.of(each, covers).rectangular for each in everything]
        part = folds(everything, self.recipe.folds, self.recipe.seed, strata)
        self._part_of_labelled = np.array(part[: len(self.labelled)], dtype=np.int64)
        self._part_of_photos = np.array(part[len(self.labelled) :], dtype=np.int64)
        self.covers = sorted(covers)
        check_covers(covers, (each.source for each in self.photos))

    def run(self, command: str, watch: Watching | None = None) -> Card:
        """Do whatever of the recipe is not done yet.

        Args:
            command: The command line, for the card.
            watch: Makes what is told how a network's training goes, from the network's name and its epochs.

        Returns:
            The card of the model, which then lies in ``model/``.
        """
        count = self.recipe.folds
        data = {"sha256": self.fingerprint(), "pictures": len(self.pictures), "covers": self.covers}
        run.begin(self.folder, {"spec": released.NAME, "recipe": asdict(self.recipe), "data": data})
        shards = [self.drawn(fold) for fold in range(count)]
        answers = [self.held_out(fold, shards, watch) for fold in range(count)]
        for fold in range(count):
            # Calibrated on the other folds, a fold's network can be judged on its own fold as if it were released.
            others = joined([each for other, each in enumerate(answers) if other != fold])
            self._install(self._kept(f"fold-{fold + 1}"), others, shards[fold], f"fold-{fold + 1}/model", command)
        # Going on where a fold's network stopped takes half the time of beginning anew (warm restart: Loshchilov and
        # Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017).
        start = self.folder / "fold-1" / BEST
        model = self._trained("final", range(count), shards, self._schedule(self.recipe.epochs), watch, start)
        return self._install(model, joined(answers), shards[0], "model", command)

    @property
    def pictures(self) -> list[Sample]:
        """All pictures that take part, each once."""
        return list({each.path: each for each in (*self.labelled, *self.photos)}.values())

    def fingerprint(self) -> str:
        """Digest of all pictures and of the art they are drawn with."""
        art = hashlib.sha256(b"".join(path.read_bytes() for path in self.overlays.paths)).hexdigest()
        return hashlib.sha256(f"{fingerprint(self.pictures)} {art}".encode()).hexdigest()

    def drawn(self, fold: int) -> list[Path]:
        """Pictures drawn on the photographs of one fold, as shards of examples."""
        recipe = self.recipe
        photos = self.photographs([fold])
        if not photos:
            raise DatasetError(f"too few sources for {recipe.folds} folds; add photographs of other sources")
        generator = Generator(
            photos,
            seed=recipe.seed + fold,
            overlays=self.overlays[fold :: recipe.folds],  # frame art is kept apart like sources
            size=(recipe.smallest, recipe.largest),
        )
        return drawn(generator, recipe.drawn // recipe.folds, self.folder / "drawn" / f"fold-{fold + 1}")

    def held_out(self, fold: int, shards: Sequence[Sequence[Path]], watch: Watching | None = None) -> Answers:
        """What a network says about one fold that learned from all others."""
        path = self.folder / f"fold-{fold + 1}" / "answers.npz"
        if not path.exists():
            others = [number for number in range(self.recipe.folds) if number != fold]
            schedule = self._schedule(self.recipe.fold_epochs)
            model = self._trained(path.parent.name, others, shards, schedule, watch)
            found = [_answers(model, _read(shards[fold]), real=False)]
            if (self._part_of_labelled == fold).any():
                found.append(_answers(model, self.real([fold])[0], real=True))
            joined(found).write(path)
        return Answers.read(path)

    def photographs(self, parts: Collection[int]) -> list[Photo]:
        """The photographs of some folds to draw on."""
        parted = zip(self.photos, self._part_of_photos, strict=True)
        return [Photo.of(each, self.covers) for each, part in parted if part in parts]

    def real(self, parts: Sequence[int]) -> tuple[Examples, list[Sample]]:
        """Examples of the labelled pictures of some folds, and the pictures."""
        chosen = self.labelled_of(parts)
        return real(chosen), chosen

    def labelled_of(self, parts: Collection[int]) -> list[Sample]:
        """The labelled pictures of some folds."""
        return [each for each, part in zip(self.labelled, self._part_of_labelled, strict=True) if part in parts]

    def _schedule(self, epochs: int) -> Schedule:
        """So many epochs, the last of which is the best: a cosine ends there."""
        return Schedule(epochs, self.recipe.batch, 0, "epoch", self.recipe.seed)

    def _trained(
        self,
        name: str,
        parts: Sequence[int],
        shards: Sequence[Sequence[Path]],
        schedule: Schedule,
        watch: Watching | None,
        start: Path | None = None,
    ) -> Any:
        """A network that learned from these folds, from nothing or going on from the weights of a file."""
        recipe = self.recipe
        paths = [path for part in parts for path in shards[part]]
        examples = _read(paths)
        mixture = Mixture(examples)
        if recipe.real and np.isin(self._part_of_labelled, parts).any():
            pictures, samples = self.real(parts)
            mixture = Mixture(examples, pictures, fair_chances(samples), recipe.real)
        steps = -(-len(mixture) // recipe.batch)
        told = watch(name, schedule.epochs) if watch else None
        glance = Mixture(_read(paths[:1]))

        def build() -> Any:
            network = compiled(recipe, steps, schedule.epochs)
            if start is not None:
                network.load_weights(start)
            return network

        return train(build, mixture, glance, schedule, self.folder / name, told)[0]

    def _kept(self, name: str) -> Any:
        """A network that was trained before."""
        model = released.build()
        model.load_weights(self.folder / name / BEST)
        return model

    def _install(self, model: Any, answers: Answers, shards: Sequence[Path], where: str, command: str) -> Card:
        """Write a network and its card, calibrated on answers about pictures that it did not learn from.

        Where they lie already they stay, since a new date on the card would make another model of the same weights.
        """
        weights = self.folder / where / WEIGHTS_FILE
        card, pictures = self._card(answers, command), _few(_read(shards[:1]), PARITY)
        installed = _installed(card, weights)
        if installed is not None and difference(model, weights, pictures) <= TOLERANCE:
            return installed
        export(model, weights, overwrite=True)
        apart = difference(model, weights, pictures)
        if apart > TOLERANCE:
            raise ModelError(
                f"{weights} differs from the trained network by {apart:.2g}; at most {TOLERANCE:g} is allowed"
            )
        card = card.sealed(weights.read_bytes())
        write_atomic(weights.with_name(CARD_FILE), card.to_json().encode(), overwrite=True)
        return card

    def _card(self, answers: Answers, command: str) -> Card:
        calibration = calibrate.platt(answers.logit, answers.framed, answers.weights())
        probability = calibrate.probabilities(calibration, answers.logit)
        return Card(
            name=MODEL_NAME,
            version="1",
            spec=released.NAME,
            input=Input(
                "views", {"thumbnail": (THUMBNAIL, THUMBNAIL, 3), "strips": (len(SIDES), DEPTH, ALONG, CHANNELS)}
            ),
            outputs={"logit": (1,), "inner": (len(SIDES), DEPTH), "outer": (len(SIDES), DEPTH), "kind": (len(KINDS),)},
            thresholds=calibrate.thresholds(probability, answers.framed, answers.weights()),
            calibration=calibration,
            data=Data(
                f"sha256:{self.fingerprint()}",
                dict(Counter(each.label for each in self.pictures)),
                tuple(sorted({each.source for each in self.pictures})),
            ),
            command=command,
            seed=self.recipe.seed,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            scores=dict(_scores(answers, probability)),
            licence=LICENCE,
            sha256="0" * 64,
            bytes=1,
        )


def _installed(card: Card, weights: Path) -> Card | None:
    """The card beside a weights file, where it is that file's and says, but for when and by which command, the same."""
    try:
        found = Card.read(weights.with_name(CARD_FILE))
        same = replace(card, command=found.command, created=found.created).sealed(weights.read_bytes())
    except (ModelError, OSError):
        return None
    return found if found == same else None


def compiled(recipe: Recipe, steps: int, epochs: int) -> Any:
    """The network, ready to be trained for so many epochs of so many steps."""
    keras = load_keras()
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.rate / 20, max(1, steps * (epochs - 1)), alpha=0.01, warmup_target=recipe.rate, warmup_steps=steps
    )
    model = released.build()
    located = {"inner": 0.5, "outer": 0.25}
    losses = {name: keras.losses.CategoricalCrossentropy(from_logits=True) for name in (*located, "kind")}
    model.compile(
        optimizer=muon(rate, recipe.decay, clipnorm=1.0),
        loss=losses | {"logit": keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=SMOOTHING)},
        loss_weights=located | {"kind": 0.1, "logit": 1.0},
        metrics={"logit": keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")},
        jit_compile=False,  # on a processor the compiled convolutions are slower
    )
    return model


def joined(answers: Sequence[Answers]) -> Answers:
    """All answers of several networks."""
    return Answers(
        np.concatenate([each.logit for each in answers]),
        np.concatenate([each.framed for each in answers]),
        np.concatenate([each.real for each in answers]),
    )


def _answers(model: Any, examples: Examples, *, real: bool) -> Answers:
    logit = predict(model, Mixture(examples))["logit"][:, 0].astype(np.float64)
    return Answers(logit, examples.framed == 1, np.full(len(examples), real))


def _read(paths: Sequence[Path]) -> Examples:
    return Examples.joined([Examples.read(path) for path in paths])


def _few(examples: Examples, count: int) -> dict[str, NDArray[np.uint8]]:
    return {"thumbnail": examples.thumbnail[:count], "strips": examples.strips[:count]}


def _scores(answers: Answers, probability: NDArray[np.float64]) -> Iterator[tuple[str, Score]]:
    """Figures on sources that the networks had not seen, by name."""
    for name, rows in (("real", answers.real), ("drawn", ~answers.real)):
        framed, said = answers.framed[rows], probability[rows] >= calibrate.DECISION
        if not 0 < framed.sum() < len(framed):
            continue
        on = f"{name} pictures of sources left out in training, by the networks of the cross-validation"
        area = ranking(framed, answers.logit[rows], np.ones((1, len(framed))))[0][0]
        yield (
            f"{name}_balanced_accuracy",
            Score(_share((said[framed].mean() + (~said[~framed]).mean()) / 2), len(framed), on),
        )
        yield f"{name}_auroc", Score(_share(area), len(framed), on)


def _share(value: float) -> float:
    return round(float(value), 4)

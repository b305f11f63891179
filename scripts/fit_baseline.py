"""Fit the weights of the baseline's rules.

    python -m scripts.fit_baseline ../shared/data

A logistic regression tells the frames that are there from the frames that the rules would rather see. Which one that
is depends on the weights, so fitting and looking take turns. Frames of a design that many pictures share count less
each. What is printed at the end are the columns of the tables in `unframe.baseline.rules`.

How well such weights do on sources that they were not fitted to is told by ``scripts/baseline_results.py``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from sklearn.linear_model import LogisticRegression

from unframe.baseline.measure import Floats, measure
from unframe.baseline.parameters import Parameters
from unframe.baseline.rules import FORMS, RULES, Weights
from unframe.baseline.score import Hypotheses
from unframe.dataset.generator import banners, borders, decorative, insets, keylines, negatives, padding
from unframe.dataset.generator.drawn import Drawn, Supplies
from unframe.dataset.generator.parameters import Parameters as DrawnParameters
from unframe.dataset.generator.textures import cover
from unframe.dataset.layouts import read_dataset
from unframe.dataset.records import Sample, from_drawn
from unframe.evaluation.geometry import tolerance
from unframe.imaging import load
from unframe.types import SIDES, Image

FRAMES = (borders, insets, keylines, padding, banners, decorative)
SHARES = (0.28, 0.2, 0.16, 0.18, 0.13, 0.05)
ROUNDS = 4

Seen = tuple[Weights, float]
"""What the rules saw on one frame, float32 ``(rules, forms)``, and how much this frame counts."""


@dataclass(frozen=True)
class Example:
    """A picture and every frame that its lines can form."""

    sample: Sample
    hypotheses: Hypotheses

    @property
    def framed(self) -> bool:
        """Whether the picture carries a frame."""
        return self.sample.label == "framed"

    def right(self) -> NDArray[np.bool_]:
        """Which of the frames is the one that is there, to 2 pixels or half a percent of the side."""
        right = np.full(self.hypotheses.shape, self.framed)
        if self.sample.inner is None or self.sample.width is None or self.sample.height is None:
            return right & False
        margins = self.sample.inner.margins(self.sample.width, self.sample.height)
        allowed = tolerance(self.sample.width, self.sample.height)
        for side, depth in zip(SIDES, self.hypotheses.depths, strict=True):
            there = np.abs(depth - margins[side]) <= allowed[side]
            right &= there & (depth > 0) if side in self.sample.sides else depth == 0
        return right


def main() -> None:
    """Read and draw the pictures, fit, and print the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with natural/ and photos/")
    parser.add_argument("--drawn", type=int, default=900, help="pictures to draw, and photographs to leave as they are")
    chosen = parser.parse_args()
    examples = collect(chosen.data, chosen.drawn)
    print(Counter((each.framed, each.sample.drawn) for each in examples), file=sys.stderr)
    print(f"{'rule':18}" + "".join(f"{form:>10}" for form in FORMS))
    for rule, weights in zip(RULES, fit(examples), strict=True):
        print(f"{rule.name:18}" + "".join(f"{weight:10.3f}" for weight in weights))


def collect(data: Path, count: int) -> list[Example]:
    """The marketplace pictures whose labels are sure, photographs as they are, and pictures drawn on photographs.

    Args:
        data: Folder with ``natural/`` and ``photos/``.
        count: How many photographs, and how many drawn pictures.
    """
    natural = [each for each in read_dataset(data / "natural") if each.confidence == "high" and each.label != "reject"]
    examples = [Example(sample, see(load(sample.path))) for sample in natural if sample.label != "unsure"]
    return examples + list(_on_photos(read_dataset(data / "photos"), count))


def see(image: Image) -> Hypotheses:
    """Every frame that the lines of an image can form."""
    return Hypotheses(measure(image, Parameters()))


def _on_photos(photos: list[Sample], count: int) -> Iterator[Example]:
    """As many photographs as drawn pictures, of which one in four is a plain picture that looks framed."""
    rng = np.random.default_rng(1)
    pools: dict[str, list[Sample]] = {}
    for photo in photos:
        pools.setdefault(photo.source, []).append(photo)
    shares = np.sqrt([len(pool) for pool in pools.values()])
    for _ in range(count):
        source = list(pools)[rng.choice(len(pools), p=shares / shares.sum())]
        pool = pools[source]
        plain = pool[rng.integers(len(pool))]
        yield Example(plain, see(load(plain.path)))
        drawn = _draw(pool, rng)
        if drawn.label != "unsure":
            yield Example(from_drawn(drawn, plain.path, source), see(compressed(drawn.image, rng)))


def _draw(pool: list[Sample], rng: np.random.Generator) -> Drawn:
    """A picture of any design on photographs of one source."""

    def photo(rng: np.random.Generator) -> Image:
        image = load(pool[rng.integers(len(pool))].path)
        scale = min(1.0, rng.uniform(300, 800) / max(image.shape[:2]))
        return cover(image, *(max(round(side * scale), 1) for side in image.shape[:2]))

    frames = FRAMES[rng.choice(len(FRAMES), p=SHARES)].PAINTERS
    painters = frames if rng.random() < 3 / 4 else negatives.PAINTERS
    painter = painters[str(rng.choice(sorted(painters)))]
    return painter(photo(rng), rng, Supplies(photo, parameters=DrawnParameters(all_sides=0.35)))


def compressed(image: Image, rng: np.random.Generator) -> Image:
    """The image as a JPEG of any usual quality shows it."""
    file = BytesIO()
    PillowImage.fromarray(image).save(file, "JPEG", quality=int(rng.integers(55, 97)))
    return load(file.getvalue())


def fit(examples: list[Example]) -> Weights:
    """The weight of every rule in every form."""
    groups = [each.sample.kind or "" if each.sample.drawn else each.sample.design for each in examples]
    sizes = Counter(groups)
    weights = first_weights()
    wrong: dict[tuple[int, int], Seen] = {}
    for _ in range(ROUNDS):
        right: list[Seen] = []
        for number, (each, group) in enumerate(zip(examples, groups, strict=True)):
            logits, there = each.hypotheses.logits(weights), each.right()
            rival = np.where(there, -np.inf, logits)
            if there.any():
                right.append((_seen(each, np.where(there, logits, -np.inf)), sizes[group] ** -0.5 if group else 1.0))
            if not each.framed:
                wrong[number, int(rival.argmax())] = _seen(each, rival), 1.0
            elif there.any() and rival.max() > logits[there].max() - 1:
                wrong[number, int(rival.argmax())] = _seen(each, rival), 0.6
        weights = _regress(right, list(wrong.values()))
    return weights


def first_weights() -> Weights:
    """A guess to begin with: complete lines speak for a frame, and the more sides, the more must be complete."""
    guess = {"faint": (1, 1, 1), "clear": (1, 1, 1), "complete": (2, 2, 2), "stands_out": (1, 1, 1)}
    guess |= {"weakest": (3, 3, 3), "plain_outside": (1, 1, 1), "always": (-6, -8, -13)}
    return np.array([guess.get(rule.name, (0, 0, 0)) for rule in RULES], dtype=np.float32)


def _seen(each: Example, logits: Floats) -> Weights:
    """What the rules saw on the likeliest frame."""
    place = np.unravel_index(int(logits.argmax()), logits.shape)
    return each.hypotheses.seen(tuple(int(index) for index in place))


def _regress(right: list[Seen], wrong: list[Seen]) -> Weights:
    """Logistic regression on rules in units of their spread, with two plain pictures to one framed."""
    values = np.array([rules.ravel() for rules, _ in right + wrong])
    truth = np.arange(len(values)) < len(right)
    share = np.array([each for _, each in right + wrong])
    for label, total in ((truth, 1000), (~truth, 2000)):  # marketplaces show more plain pictures than framed ones
        share[label] *= total / share[label].sum()
    spread = values.std(axis=0) + 1e-6
    model = LogisticRegression(C=0.1, fit_intercept=False, max_iter=2000)
    model.fit(values / spread, truth, sample_weight=share)
    weights: Weights = (model.coef_[0] / spread).reshape(len(RULES), len(FORMS)).astype(np.float32)
    return weights


if __name__ == "__main__":
    main()

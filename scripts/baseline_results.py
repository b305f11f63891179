"""Measure the baseline on pictures from sources that its weights were not fitted to, and write the results document.

    python -m scripts.baseline_results ../shared/data -o docs/results/baseline.md

Weights are fitted three times, each time without a third of the sources, and every picture is judged with the weights
that never saw its source. What the shipped weights, fitted to all sources, say is printed beside it.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scripts.fit_baseline import collect, compressed, fit
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from unframe.baseline import BaselineDetector
from unframe.dataset.generator.colours import colour
from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.openings import framed
from unframe.dataset.generator.parameters import Parameters
from unframe.dataset.layouts import read_dataset
from unframe.dataset.records import Sample, from_drawn
from unframe.dataset.splits import folds
from unframe.evaluation.geometry import locate
from unframe.imaging import load
from unframe.types import Detection, Image

FOLDS = 3


@dataclass(frozen=True)
class Judged:
    """A picture, what was said about it out of fold, and what the shipped weights say."""

    sample: Sample
    unseen: Detection
    shipped: Detection

    @property
    def framed(self) -> bool:
        """Whether the picture carries a frame."""
        return self.sample.label == "framed"


def main() -> None:
    """Fit, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with natural/ and photos/")
    parser.add_argument("-o", type=Path, required=True, dest="output", help="the document to write")
    parser.add_argument("--drawn", type=int, default=1000, help="pictures to draw for the fit, and again for the test")
    chosen = parser.parse_args()
    natural = [each for each in read_dataset(chosen.data / "natural") if each.confidence == "high"]
    photos = read_dataset(chosen.data / "photos")
    detectors = detectors_by_group([*natural, *photos], chosen.data, chosen.drawn)
    judged = list(judge(((each, load(each.path)) for each in natural), detectors))
    bordered = list(judge(borders(photos, chosen.drawn), detectors))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(document(judged, bordered, chosen.drawn), encoding="utf-8")


def detectors_by_group(samples: list[Sample], data: Path, drawn: int) -> dict[str, BaselineDetector]:
    """For each source, a detector whose weights were fitted without it, or any source that shares a design with it."""
    numbers = dict(zip((each.source for each in samples), folds(samples, FOLDS), strict=True))
    examples = collect(data, drawn)
    weights = [fit([each for each in examples if numbers[each.sample.source] != fold]) for fold in range(FOLDS)]
    return {source: BaselineDetector(weights=weights[fold]) for source, fold in numbers.items()}


def judge(pictures: Iterator[tuple[Sample, Image]], detectors: dict[str, BaselineDetector]) -> Iterator[Judged]:
    """What is said about each picture."""
    shipped = BaselineDetector()
    for sample, image in pictures:
        yield Judged(sample, detectors[sample.source].detect(image), shipped.detect(image))


def borders(photos: list[Sample], count: int) -> Iterator[tuple[Sample, Image]]:
    """Photographs as they are, and as many others with a solid border on four sides; compressed alike.

    The border is 2 to 15 % of the shorter side thick, covers the photograph's edge or lies around it, and has a colour
    that sellers choose and that can be told from the photograph on every side.
    """
    rng = np.random.default_rng(2)
    order = rng.permutation(len(photos))
    for number in order[:count]:
        yield replace(photos[number], kind=None), compressed(load(photos[number].path), rng)
    for number in order[count : 2 * count]:
        drawn = border(load(photos[number].path), rng)
        yield from_drawn(drawn, photos[number].path, photos[number].source), compressed(drawn.image, rng)


def border(photo: Image, rng: np.random.Generator) -> Drawn:
    """A photograph with a solid border that can be seen."""
    while True:
        thickness = max(round(min(photo.shape[:2]) * rng.uniform(0.02, 0.15)), 1)
        around = rng.random() < 0.5
        image = np.pad(photo, ((thickness,) * 2, (thickness,) * 2, (0, 0))) if around else photo.copy()
        mask = np.ones(image.shape[:2], dtype=bool)
        mask[thickness:-thickness, thickness:-thickness] = False
        image[mask] = colour(rng, photo, Parameters())
        drawn = framed(image, mask, "border", "border/solid")
        if drawn.label == "framed":
            return drawn


def document(natural: list[Judged], bordered: list[Judged], drawn: int) -> str:
    """The results as Markdown."""
    geometry = [each for each in natural if each.framed and each.sample.geometry_quality == "exact"]
    return "\n".join(
        [
            "# Results of the baseline",
            "",
            "    python -m scripts.baseline_results ../shared/data -o docs/results/baseline.md"
            + (f" --drawn {drawn}" if drawn != 1000 else ""),
            "",
            "Every figure but those of the columns *shipped* is out of fold: the weights of the rules were fitted "
            f"{FOLDS} times, each time without a third of the sources, and each picture was judged with the weights "
            "that never saw its source or a source that shares a design with it. The shipped weights were fitted to "
            "all sources, so their figures on these pictures flatter them a little. The rules themselves were thought "
            "of while looking at mistakes on `natural/`, so even the figures out of fold are kinder than those on new "
            "sources will be.",
            "",
            "## In short",
            "",
            *table(
                ["pictures", "number", *_FIGURES, "AUROC, shipped", "accuracy, shipped"], summaries(natural, bordered)
            ),
            "",
            f"Distinct probabilities on `natural/`: {len({each.unseen.probability for each in natural}):,} of "
            f"{len(natural):,} pictures, so the ROC is a curve and no staircase.",
            "",
            "## Marketplace pictures, by kind of frame",
            "",
            *by(natural, lambda each: each.sample.kind or "", framed=True),
            "",
            "## Marketplace pictures, by what makes plain ones hard",
            "",
            *by(natural, lambda each: each.sample.hard or "nothing", framed=False),
            "",
            "## Marketplace pictures, by source",
            "",
            *table(["source", "framed", "called framed", "plain", "called framed", "AUROC"], sources(natural)),
            "",
            "## Boxes",
            "",
            "Inner boxes within 2 px, or half a percent of the picture across each side, on all four sides. "
            "*Found* counts pictures that were called framed, *all* every framed picture.",
            "",
            *table(
                ["pictures", "number", "right of found", "right of all", "sides right of found", "kind right of found"],
                [boxes("natural, exact boxes", geometry), boxes("solid borders on photographs", bordered)],
            ),
            "",
        ]
    )


_FIGURES = ("accuracy", "balanced accuracy", "AUROC")


def summaries(natural: list[Judged], bordered: list[Judged]) -> Iterator[list[str]]:
    """One row per set of pictures."""
    for name, judged in (("`natural/`, high confidence", natural), ("solid borders on `photos/`", bordered)):
        truth = [each.framed for each in judged]
        found, shipped = [each.unseen for each in judged], [each.shipped for each in judged]
        called = [each.framed for each in found]
        yield [
            name,
            f"{sum(truth):,} framed, {len(truth) - sum(truth):,} plain",
            percent(np.equal(truth, called)),
            f"{100 * balanced_accuracy_score(truth, called):.1f} %",
            f"{roc_auc_score(truth, [each.probability for each in found]):.3f}",
            f"{roc_auc_score(truth, [each.probability for each in shipped]):.3f}",
            percent(np.equal(truth, [each.framed for each in shipped])),
        ]


def by(judged: list[Judged], name: Callable[[Judged], str], *, framed: bool) -> list[str]:
    """How many pictures of each group are called what they are, and how well the group ranks against all others."""
    parts: dict[str, list[Judged]] = defaultdict(list)
    others = [each for each in judged if each.framed != framed]
    for each in judged:
        if each.framed == framed:
            parts[name(each)].append(each)
    rows = (
        [
            group,
            str(len(part)),
            percent([each.unseen.framed == framed for each in part]),
            percent([each.shipped.framed == framed for each in part]),
            f"{auroc([*part, *others]):.3f}",
        ]
        for group, part in sorted(parts.items())
    )
    against = "plain" if framed else "framed"
    return table(["group", "pictures", "right", "right, shipped", f"AUROC against all {against}"], rows)


def sources(judged: list[Judged]) -> Iterator[list[str]]:
    """One row per source."""
    for source in sorted({each.sample.source for each in judged}):
        part = [each for each in judged if each.sample.source == source]
        framed = [each.unseen.framed for each in part if each.framed]
        plain = [each.unseen.framed for each in part if not each.framed]
        area = f"{auroc(part):.3f}" if framed and plain else "–"
        yield [source, str(len(framed)), percent(framed), str(len(plain)), percent(plain), area]


def auroc(judged: Sequence[Judged]) -> float:
    """Area under the ROC curve, out of fold."""
    return float(roc_auc_score([each.framed for each in judged], [each.unseen.probability for each in judged]))


def boxes(name: str, judged: list[Judged]) -> list[str]:
    """How many boxes, sides and kinds are right."""
    found = [located for each in judged if each.framed and (located := locate(each.sample, each.unseen))]
    right = [each.within for each in found]
    return [
        name,
        str(sum(each.framed for each in judged)),
        percent(right),
        f"{100 * sum(right) / sum(each.framed for each in judged):.1f} %",
        percent([each.sides_agree for each in found]),
        percent([each.kind_agrees for each in found]),
    ]


def percent(hits: Sequence[bool | None] | np.ndarray) -> str:
    """The share of hits."""
    return f"{100 * float(np.mean(np.asarray(hits, dtype=bool))):.1f} %" if len(hits) else "–"


def table(head: Sequence[str], rows: Iterator[list[str]] | list[list[str]]) -> list[str]:
    """A Markdown table."""
    return [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows)]


if __name__ == "__main__":
    main()

"""Summarise: everything that a report says, as plain numbers, before anything is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, precision_recall_curve, roc_curve

from unframe.dataset.splits import groups
from unframe.errors import DatasetError
from unframe.evaluation.compare import Comparison, compare
from unframe.evaluation.geometry import TRUSTED, Geometry, geometry, locate
from unframe.evaluation.metrics import (
    REPLICATES,
    Bin,
    Estimate,
    Floats,
    Scored,
    estimates,
    expected_calibration_error,
    reliability,
    replicate,
    scored,
)
from unframe.evaluation.run import Judged
from unframe.evaluation.slices import Slice, SliceName, SourceSlice, slices, sources

WORST = 12
"""Mistakes of each sort that a report shows, for each detector."""

ACCEPTED = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1)
"""Shares of false alarms for which a report says how many framed pictures would be found."""

WORST_OF_SOURCE = 3
"""Mistakes of each sort that it shows from one source."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve as two lists of equal length, each value 0 to 1.

    Attributes:
        x: False alarm rate of a ROC curve, recall of a precision-recall curve.
        y: Recall of a ROC curve, precision of a precision-recall curve.
    """

    x: list[float]
    y: list[float]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a detector would find at another threshold.

    Attributes:
        alarms: Most false alarms that are accepted among clean pictures, 0 to 1.
        recall: Most framed pictures that can then be found, 0 to 1.
        threshold: Probability from which on a picture is called framed; ``None`` when none may be.
    """

    alarms: float
    recall: float
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Pictures by label and verdict: of each label, how many are called framed, review and clean."""

    framed: dict[str, int]
    plain: dict[str, int]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The worst mistakes of one detector, the worst first; numbers of pictures in the list that was judged.

    Attributes:
        alarms: Plain pictures that are called framed, the surest first.
        misses: Framed pictures that are not, the surest first.
        misplaced: Framed pictures whose box is beyond tolerance, the least overlap first.
    """

    alarms: list[int]
    misses: list[int]
    misplaced: list[int]


@dataclass(frozen=True, slots=True)
class DetectorSummary:
    """Everything about one detector.

    Attributes:
        name: What the detector is called in this run.
        model: Name and version of its rules or weights.
        figures: Each figure of `metrics.NAMES` with its interval.
        confusion: Pictures by label and verdict.
        roc: ROC curve.
        precision_recall: Precision-recall curve.
        operations: What it would find at thresholds that keep false alarms within `ACCEPTED`.
        bins: Reliability diagram.
        calibration_error: Expected calibration error, 0 to 1.
        brier: Brier score, the mean squared error of the probability.
        geometry: How well frames are located, by the quality of the true boxes.
        slices: Figures on parts of the pictures.
        sources: Figures on each source.
        mistakes: The worst mistakes.
    """

    name: str
    model: str
    figures: dict[str, Estimate]
    confusion: Confusion
    roc: Curve
    precision_recall: Curve
    operations: list[Operation]
    bins: list[Bin]
    calibration_error: float
    brier: float
    geometry: dict[str, Geometry]
    slices: dict[SliceName, list[Slice]]
    sources: list[SourceSlice]
    mistakes: Mistakes


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that a report says.

    Attributes:
        data: What the data set is called.
        framed: Framed pictures that were judged.
        plain: Plain pictures that were judged.
        sources: Groups of sources that they come from, among which the bootstrap draws.
        left_out: Pictures that do not count, by reason.
        failures: Pictures that could not be decoded, by error code.
        replicates: Bootstrap samples behind every interval.
        detectors: Every detector, in the order in which they were named.
        comparisons: Every pair of detectors.
    """

    data: str
    framed: int
    plain: int
    sources: int
    left_out: dict[str, int]
    failures: dict[str, int]
    replicates: int
    detectors: list[DetectorSummary]
    comparisons: list[Comparison]


def decoded(judged: Sequence[Judged]) -> list[Judged]:
    """The pictures that could be decoded."""
    return [each for each in judged if each.failure is None]


def summarise(
    data: str,
    judged: Sequence[Judged],
    left_out: Mapping[str, int],
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Summary:
    """Every figure of a report.

    Args:
        data: What the data set is called.
        judged: Pictures labelled framed or plain, with what the same detectors say about each.
        left_out: Pictures that were not judged, by reason.
        replicates: Bootstrap samples for each interval.
        seed: Seed of the bootstrap.

    Raises:
        DatasetError: There is no framed or no plain picture that can be decoded.
    """
    known = decoded(judged)
    labels = Counter(each.sample.label for each in known)
    if not (labels["framed"] and labels["plain"]):
        raise DatasetError(
            f"{data} gives {labels['framed']:,} framed and {labels['plain']:,} plain pictures that count and can be "
            "decoded; an evaluation needs both"
        )
    names = list(known[0].detections)
    answers = {name: scored(known, name) for name in names}
    drawn = {name: replicate(answers[name], replicates, seed) for name in names}
    return Summary(
        data=data,
        framed=labels["framed"],
        plain=labels["plain"],
        sources=len(set(groups([each.sample for each in known]))),
        left_out=dict(left_out),
        failures=dict(Counter(each.failure.code for each in judged if each.failure)),
        replicates=replicates,
        detectors=[_detector(name, known, answers[name], drawn[name]) for name in names],
        comparisons=[
            compare((one, other), (answers[one], answers[other]), (drawn[one], drawn[other]))
            for one, other in combinations(names, 2)
        ],
    )


def _detector(name: str, known: Sequence[Judged], answers: Scored, drawn: dict[str, Floats]) -> DetectorSummary:
    bins = reliability(answers.truth, answers.probability)
    located = {quality: geometry(known, name, quality) for quality in TRUSTED}
    return DetectorSummary(
        name=name,
        model=known[0].detections[name].model,
        figures=estimates(answers, drawn),
        confusion=_confusion(known, name),
        roc=_roc(answers),
        precision_recall=_precision_recall(answers),
        operations=_operations(answers),
        bins=bins,
        calibration_error=expected_calibration_error(bins),
        brier=float(brier_score_loss(answers.truth, answers.probability)),
        geometry={quality: found for quality, found in located.items() if found is not None},
        slices=slices(known, name),
        sources=sources(known, name),
        mistakes=_mistakes(known, name),
    )


def _confusion(known: Sequence[Judged], name: str) -> Confusion:
    counts: dict[str, Counter[str]] = {"framed": Counter(), "plain": Counter()}
    for each in known:
        counts[each.sample.label][each.detections[name].verdict] += 1
    return Confusion(dict(counts["framed"]), dict(counts["plain"]))


def _roc(answers: Scored) -> Curve:
    x, y, _ = roc_curve(answers.truth, answers.probability)
    return Curve(x.tolist(), y.tolist())


def _operations(answers: Scored) -> list[Operation]:
    # Every threshold: a curve leaves out those on a straight line, one of which may be the last that is accepted.
    alarms, recall, threshold = roc_curve(answers.truth, answers.probability, drop_intermediate=False)
    last = [int(np.searchsorted(alarms, accepted, side="right")) - 1 for accepted in ACCEPTED]
    return [
        Operation(accepted, float(recall[at]), float(threshold[at]) if np.isfinite(threshold[at]) else None)
        for accepted, at in zip(ACCEPTED, last, strict=True)
    ]


def _precision_recall(answers: Scored) -> Curve:
    precision, recall, _ = precision_recall_curve(answers.truth, answers.probability)
    return Curve(recall.tolist(), precision.tolist())


def _mistakes(known: Sequence[Judged], name: str) -> Mistakes:
    framed = np.array([each.sample.label == "framed" for each in known])
    called = np.array([each.detections[name].framed for each in known])
    probability = np.array([each.detections[name].probability for each in known])
    overlap = np.array([_overlap(each, name) for each in known])
    source = [each.sample.source for each in known]
    return Mistakes(
        alarms=_first(~framed & called, -probability, source),
        misses=_first(framed & ~called, probability, source),
        misplaced=_first(overlap < 1, overlap, source),
    )


def _overlap(judged: Judged, name: str) -> float:
    """Overlap of a found box that is beyond tolerance, and 1 where there is nothing to find fault with."""
    located = locate(judged.sample, judged.detections[name])
    trusted = judged.sample.geometry_quality in TRUSTED
    return located.iou if located and trusted and not located.within else 1.0


def _first(which: NDArray[np.bool_], by: Floats, source: Sequence[str]) -> list[int]:
    """The first pictures in a ranking, a few of each source, so that one template does not fill the page."""
    taken: Counter[str] = Counter()
    first: list[int] = []
    candidates = np.flatnonzero(which)
    for number in candidates[np.argsort(by[candidates], kind="stable")].tolist():
        if len(first) < WORST and taken[source[number]] < WORST_OF_SOURCE:
            taken[source[number]] += 1
            first.append(number)
    return first

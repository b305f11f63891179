"""Figures of merit with intervals, from truths and probabilities alone.

Intervals come from a bootstrap over sources: whole sources are drawn with replacement, because pictures of one source
resemble each other, and a bootstrap over pictures would promise more than the data hold (Davison and Hinkley 1997,
section 3.8, on resampling clusters). They are percentile intervals at 95 %.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.splits import groups
from unframe.evaluation.run import Judged

Floats = NDArray[np.float64]

REPLICATES = 2000
LEVEL = 0.95
_CELLS = 4_000_000

NAMES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "specificity": "Specificity",
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "untouched": "Clean pictures left untouched",
    "review": "Left to review",
}
"""Every figure of merit and how people call it.

All but the last two know two answers, framed or not, with the detector's own threshold. ``untouched`` is the share of
clean pictures that removal leaves as they are, because their verdict is clean or review.
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval.

    Attributes:
        value: The figure; ``None`` where it is undefined, as precision is when nothing was called framed.
        low: Lower end of its interval; ``None`` where there are too few sources to tell.
        high: Upper end of its interval, or ``None``.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """What one detector said, beside the truth; four arrays of one length, one entry per picture.

    Attributes:
        truth: bool, whether the picture carries a frame.
        probability: float64, the detector's probability that it does, 0 to 1.
        decided: bool, whether the detector calls it framed.
        cut: bool, whether its verdict is framed, so that removal would cut it.
        review: bool, whether its verdict is review.
        group: int64, number of the group of sources that the picture belongs to, from 0.
    """

    truth: NDArray[np.bool_]
    probability: Floats
    decided: NDArray[np.bool_]
    cut: NDArray[np.bool_]
    review: NDArray[np.bool_]
    group: NDArray[np.int64]


def scored(judged: Sequence[Judged], detector: str) -> Scored:
    """The arrays of one detector over pictures that it has judged."""
    detections = [each.detections[detector] for each in judged]
    return Scored(
        truth=np.array([each.sample.label == "framed" for each in judged], dtype=bool),
        probability=np.array([detection.probability for detection in detections], dtype=np.float64),
        decided=np.array([detection.framed for detection in detections], dtype=bool),
        cut=np.array([detection.verdict == "framed" for detection in detections], dtype=bool),
        review=np.array([detection.verdict == "review" for detection in detections], dtype=bool),
        group=group_numbers(judged),
    )


def group_numbers(judged: Sequence[Judged]) -> NDArray[np.int64]:
    """The number of the group of sources of each picture, from 0: int64 ``(pictures,)``."""
    names = groups([each.sample for each in judged])
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def figures(data: Scored, weights: Floats) -> dict[str, Floats]:
    """Every figure of `NAMES`, for several weightings of the pictures at once.

    scikit-learn gives the same figures for one weighting; for thousands of them it would take minutes.

    Args:
        data: Truths and answers of n pictures.
        weights: Weight of each picture, 0 or more, ``(weightings, n)``.

    Returns:
        An array ``(weightings,)`` for each figure, NaN where it is undefined.
    """
    hits, misses = weights @ (data.truth & data.decided), weights @ (data.truth & ~data.decided)
    alarms, passes = weights @ (~data.truth & data.decided), weights @ (~data.truth & ~data.decided)
    auroc, average_precision = ranking(data.truth, data.probability, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, specificity = hits / (hits + misses), passes / (alarms + passes)
        return {
            "accuracy": (hits + passes) / weights.sum(axis=1),
            "balanced_accuracy": (recall + specificity) / 2,
            "precision": hits / (hits + alarms),
            "recall": recall,
            "specificity": specificity,
            "auroc": auroc,
            "average_precision": average_precision,
            "untouched": weights @ (~data.truth & ~data.cut) / (alarms + passes),
            "review": weights @ data.review / weights.sum(axis=1),
        }


def ranking(truth: NDArray[np.bool_], probability: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Area under the ROC curve and average precision, for several weightings of the pictures at once.

    Pictures of equal probability form one step of the curve, whose area is taken as a trapezium, so each tie counts as
    half a pair. Average precision is the sum over steps of precision times gained recall, without interpolation.

    Args:
        truth: Whether each picture is framed, ``(n,)``.
        probability: By which the pictures are ranked, ``(n,)``.
        weights: Weight of each picture, ``(weightings, n)``.
    """
    order = np.argsort(-probability, kind="stable")
    last_of_step = np.flatnonzero(np.diff(probability[order], append=-np.inf))
    heavy, framed = weights[:, order], truth[order]
    hits = np.cumsum(heavy * framed, axis=1)[:, last_of_step]
    alarms = np.cumsum(heavy * ~framed, axis=1)[:, last_of_step]
    gained = np.diff(hits, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (np.diff(alarms, axis=1, prepend=0) * (hits - gained / 2)).sum(axis=1)
        precision = np.nan_to_num(hits / (hits + alarms))  # steps of weight 0 before the first picture gain nothing
        return area / (hits[:, -1] * alarms[:, -1]), (gained * precision).sum(axis=1) / hits[:, -1]


def resamples(group: NDArray[np.int64], replicates: int = REPLICATES, seed: int = 0) -> Iterator[Floats]:
    """Weights of the pictures in bootstrap samples of whole groups, in blocks that fit in memory: ``(block, n)``.

    Args:
        group: Number of the group of each picture, from 0, ``(n,)``.
        replicates: Number of bootstrap samples over all blocks.
        seed: The same seed and groups give the same samples, so that two detectors can be compared within each.
    """
    rng = np.random.default_rng(seed)
    count = int(group.max()) + 1
    block = max(_CELLS // len(group), 1)
    for start in range(0, replicates, block):
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=min(block, replicates - start))
        yield drawn[:, group].astype(np.float64)


def replicate(data: Scored, replicates: int = REPLICATES, seed: int = 0) -> dict[str, Floats]:
    """Every figure of `NAMES` in each bootstrap sample: an array ``(replicates,)`` for each."""
    blocks = [figures(data, weights) for weights in resamples(data.group, replicates, seed)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in NAMES}


def estimates(data: Scored, replicates: dict[str, Floats]) -> dict[str, Estimate]:
    """Every figure of `NAMES` with its interval.

    Args:
        data: Truths and answers.
        replicates: The figures in bootstrap samples, from `replicate`.
    """
    found, speaking = figures(data, np.ones((1, len(data.truth)))), groups_behind(data)
    return {name: estimate(float(found[name][0]), replicates[name], speaking[name]) for name in NAMES}


def groups_behind(data: Scored) -> dict[str, int]:
    """For each figure of `NAMES`, of how many groups the pictures are that it is about.

    Where it needs pictures of both labels, the label with fewer groups decides.
    """

    def count(which: NDArray[np.bool_]) -> int:
        return len(np.unique(data.group[which]))

    everything, framed, plain = len(np.unique(data.group)), count(data.truth), count(~data.truth)
    either = min(framed, plain)
    return {
        "accuracy": everything,
        "balanced_accuracy": either,
        "precision": count(data.decided),
        "recall": framed,
        "specificity": plain,
        "auroc": either,
        "average_precision": either,
        "untouched": plain,
        "review": everything,
    }


def share(hit: NDArray[np.bool_], group: NDArray[np.int64], seed: int = 0) -> Estimate:
    """The share of pictures for which something holds, with its interval.

    Args:
        hit: Whether it holds for each picture, ``(n,)``; may be empty.
        group: Number of the group of each picture, ``(n,)``; numbers may be missing.
        seed: Seed of the bootstrap.
    """
    if not len(hit):
        return Estimate(None)
    numbered = np.unique(group, return_inverse=True)[1]
    blocks = [weights @ hit / weights.sum(axis=1) for weights in resamples(numbered, seed=seed)]
    return estimate(float(hit.mean()), np.concatenate(blocks), int(numbered.max()) + 1)


def estimate(value: float, replicates: Floats, speaking: int) -> Estimate:
    """A figure with the percentile interval of its replicates; without one where fewer than five groups speak.

    Args:
        value: The figure.
        replicates: The figure in bootstrap samples, NaN where it was undefined.
        speaking: Number of groups that the pictures come from that the figure is about.
    """
    if np.isnan(value):
        return Estimate(None)
    known = replicates[~np.isnan(replicates)]
    if speaking < FEWEST_GROUPS or not len(known):
        return Estimate(value)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high))


FEWEST_GROUPS = 5
"""With fewer groups of sources a bootstrap over them says next to nothing, and no interval is given."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The pictures whose probability lies in one tenth of the range.

    Attributes:
        low: Lower end of the tenth.
        high: Upper end of the tenth, exclusive but for the last.
        pictures: How many there are.
        probability: Their mean probability; ``None`` when there are none.
        framed: Share of them that are framed; ``None`` when there are none.
    """

    low: float
    high: float
    pictures: int
    probability: float | None
    framed: float | None


def reliability(truth: NDArray[np.bool_], probability: Floats, bins: int = 10) -> list[Bin]:
    """The pictures by equal steps of their probability, for a reliability diagram."""
    edges = np.linspace(0, 1, bins + 1)
    at = np.clip(np.digitize(probability, edges) - 1, 0, bins - 1)
    found = []
    for number in range(bins):
        inside = at == number
        some = bool(inside.any())
        found.append(
            Bin(
                low=float(edges[number]),
                high=float(edges[number + 1]),
                pictures=int(inside.sum()),
                probability=float(probability[inside].mean()) if some else None,
                framed=float(truth[inside].mean()) if some else None,
            )
        )
    return found


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Mean distance between probability and share of framed pictures, weighted by pictures (Naeini et al. 2015)."""
    total = sum(each.pictures for each in bins)
    gaps = (
        each.pictures * abs(each.probability - each.framed)
        for each in bins
        if each.probability is not None and each.framed is not None
    )
    return sum(gaps) / total

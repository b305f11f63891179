"""Paired tests: do two detectors that judged the same pictures differ?

McNemar's test compares their decisions and DeLong's their ranking; both take pictures for independent, which pictures
of one source are not, so their p-values are too small where sources are few. The intervals of the differences, drawn
over whole sources, do not have that fault; trust them first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from unframe.evaluation.metrics import NAMES, Estimate, Floats, Scored, estimate, figures, groups_behind


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's exact test of two detectors' decisions.

    Attributes:
        only_first: Pictures that only the first detector decides rightly.
        only_second: Pictures that only the second decides rightly.
        p_value: Probability of a split at least as uneven if both were equally good.
    """

    only_first: int
    only_second: int
    p_value: float


@dataclass(frozen=True, slots=True)
class DeLong:
    """DeLong's test of the difference between two areas under the ROC curve.

    Attributes:
        difference: Area of the first less area of the second.
        error: Standard error of the difference.
        p_value: Probability of a difference at least as large if both were equally good.
    """

    difference: float
    error: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two detectors on the same pictures.

    Attributes:
        first: Name of the first detector.
        second: Name of the second.
        mcnemar: Test of their decisions.
        delong: Test of their ranking; ``None`` when all pictures have one label.
        differences: For each figure of `NAMES`, first less second, with an interval over sources.
    """

    first: str
    second: str
    mcnemar: McNemar
    delong: DeLong | None
    differences: dict[str, Estimate]


def mcnemar(truth: NDArray[np.bool_], first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """McNemar's exact test (1947): a binomial test on the pictures that just one detector decides rightly.

    Args:
        truth: Whether each picture is framed, ``(n,)``.
        first: What the first detector decides, ``(n,)``.
        second: What the second decides, ``(n,)``.
    """
    only_first = int(((first == truth) & (second != truth)).sum())
    only_second = int(((second == truth) & (first != truth)).sum())
    both = only_first + only_second
    p_value = float(stats.binomtest(only_first, both).pvalue) if both else 1.0
    return McNemar(only_first, only_second, p_value)


def delong(truth: NDArray[np.bool_], first: Floats, second: Floats) -> DeLong:
    """DeLong's test (DeLong, DeLong and Clarke-Pearson 1988), by midranks as in Sun and Xu (2014).

    Args:
        truth: Whether each picture is framed, ``(n,)``; at least two of either label.
        first: Probabilities of the first detector, ``(n,)``.
        second: Probabilities of the second, ``(n,)``.
    """
    parts = [_placements(truth, scores) for scores in (first, second)]
    areas = [float(of_framed.mean()) for of_framed, _ in parts]
    framed = np.cov([of_framed for of_framed, _ in parts])
    others = np.cov([of_others for _, of_others in parts])
    covariance = framed / truth.sum() + others / (~truth).sum()
    difference = areas[0] - areas[1]
    error = float(np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)))
    if error == 0:
        return DeLong(difference, 0.0, 1.0 if difference == 0 else 0.0)
    return DeLong(difference, error, float(2 * stats.norm.sf(abs(difference) / error)))


def _placements(truth: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """For each framed picture the share of others that it outranks, and for each other that of framed ones above it."""
    framed, others = scores[truth], scores[~truth]
    ranks = stats.rankdata(np.concatenate([framed, others]))
    above = (ranks[: len(framed)] - stats.rankdata(framed)) / len(others)
    below = 1 - (ranks[len(framed) :] - stats.rankdata(others)) / len(framed)
    return above, below


def compare(
    names: tuple[str, str], pair: tuple[Scored, Scored], replicates: tuple[dict[str, Floats], dict[str, Floats]]
) -> Comparison:
    """Two detectors side by side.

    Args:
        names: What the two are called.
        pair: Their answers on the same pictures, in the same order.
        replicates: Their figures in the same bootstrap samples, from `metrics.replicate` with one seed.
    """
    first, second = pair
    testable = min(first.truth.sum(), (~first.truth).sum()) >= 2
    return Comparison(
        first=names[0],
        second=names[1],
        mcnemar=mcnemar(first.truth, first.decided, second.decided),
        delong=delong(first.truth, first.probability, second.probability) if testable else None,
        differences=_differences(first, second, replicates),
    )


def _differences(
    first: Scored, second: Scored, replicates: tuple[dict[str, Floats], dict[str, Floats]]
) -> dict[str, Estimate]:
    once = np.ones((1, len(first.truth)))
    one, other = figures(first, once), figures(second, once)
    of_first, of_second = groups_behind(first), groups_behind(second)
    return {
        name: estimate(
            float(one[name][0] - other[name][0]),
            replicates[0][name] - replicates[1][name],
            min(of_first[name], of_second[name]),
        )
        for name in NAMES
    }

"""From logits to probabilities that mean what they say, and to the thresholds of the verdicts."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from unframe.errors import MissingExtraError
from unframe.runtime.card import Calibration, Thresholds

PRECISION = 0.99
"""Share of the verdicts ``framed``, and of the verdicts ``clean``, that are to be right."""
DECISION = 0.5
WIDEST = (0.02, 0.98)
"""No threshold lies beyond these probabilities, however few mistakes are among the pictures that decide."""

Floats = NDArray[np.float64]


def platt(logits: Floats, framed: NDArray[np.bool_], weights: Floats) -> Calibration:
    """Fit the logistic function that turns logits into probabilities.

    Source: J. Platt, "Probabilistic Outputs for Support Vector Machines" (1999), with his smoothed targets, which keep
    the slope finite where the logits separate the classes.

    Args:
        logits: float ``(pictures,)``, of pictures that the network has not learned from.
        framed: bool ``(pictures,)``.
        weights: float ``(pictures,)``.
    """
    targets = _smoothed(framed)
    # A weighted picture of each class stands for a target between 0 and 1.
    doubled = np.concatenate([logits, logits])[:, None]
    classes = np.repeat([1, 0], len(logits))
    shares = np.concatenate([weights * targets, weights * (1 - targets)])
    try:
        linear = import_module("sklearn.linear_model")
    except ImportError as error:
        raise MissingExtraError("Calibration", "scikit-learn", "train") from error
    fit = linear.LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000).fit(doubled, classes, sample_weight=shares)
    return Calibration("platt", float(max(fit.coef_[0, 0], 1e-6)), float(fit.intercept_[0]))


def _smoothed(framed: NDArray[np.bool_]) -> Floats:
    count, plain = int(framed.sum()), int((~framed).sum())
    return np.where(framed, (count + 1) / (count + 2), 1 / (plain + 2))


def probabilities(calibration: Calibration, logits: Floats) -> Floats:
    """Calibrated probabilities, 0 to 1."""
    return np.array([calibration.probability(float(each)) for each in logits])


def thresholds(probability: Floats, framed: NDArray[np.bool_], weights: Floats) -> Thresholds:
    """The widest ranges of probability whose verdicts are right as often as `PRECISION` asks.

    Args:
        probability: float ``(pictures,)``, of pictures that the network has not learned from.
        framed: bool ``(pictures,)``.
        weights: float ``(pictures,)``.
    """
    above = _lowest(probability, framed, weights)
    below = -_lowest(-probability, ~framed, weights)
    return Thresholds(
        clean_below=float(np.clip(np.nextafter(below, 1), WIDEST[0], DECISION)),  # the last right one is below it
        decision=DECISION,
        framed_above=float(np.clip(above, DECISION, WIDEST[1])),
    )


def _lowest(score: Floats, right: NDArray[np.bool_], weights: Floats) -> float:
    """The lowest score from which on the pictures are right as often as asked, whatever lies below; else infinity."""
    order = np.argsort(-score, kind="stable")
    share = np.cumsum(weights[order] * right[order]) / np.cumsum(weights[order])
    last_of_ties = np.diff(score[order], append=-np.inf) != 0  # a threshold cannot divide equal scores
    found = np.flatnonzero((share >= PRECISION) & last_of_ties)
    return float(score[order[found[-1]]]) if len(found) else np.inf

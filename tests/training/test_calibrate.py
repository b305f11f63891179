"""From logits to probabilities that mean what they say, and to thresholds that keep their promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unframe.runtime.card import Calibration, Thresholds
from unframe.training import calibrate
from unframe.training.calibrate import DECISION, PRECISION, WIDEST, platt, probabilities, thresholds

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def told(a: float, b: float, count: int = 20_000, seed: int = 0) -> Arrays:
    """Logits, truths and weights of pictures whose probability is the logistic function of ``a × logit + b``."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, count)
    return logits, rng.random(count) < 1 / (1 + np.exp(-(a * logits + b))), np.full(count, 1 / count)


@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (0.4, 0.0), (2.5, -1.0), (0.7, 1.5)])
def test_what_made_the_labels_is_found(a: float, b: float) -> None:
    found = platt(*told(a, b))
    assert found.method == "platt"
    assert found.a == pytest.approx(a, rel=0.06)
    assert found.b == pytest.approx(b, abs=0.08)


def test_it_fits_as_well_as_any() -> None:
    logits, framed, weights = told(0.8, 0.3, count=500)
    found = platt(logits, framed, weights)

    def loss(calibration: Calibration) -> float:
        likely = probabilities(calibration, logits)
        return -float(np.mean(np.log(np.where(framed, likely, 1 - likely))))

    for a, b in [(0.03, 0), (-0.03, 0), (0, 0.03), (0, -0.03), (0.2, 0.2)]:
        # Held back by Platt's targets, the fit may be a hair from the best, but nothing else is better by more.
        assert loss(found) < loss(Calibration("platt", found.a + a, found.b + b)) + 1e-4


@settings(max_examples=25)
@given(scale=st.floats(0.05, 20), shift=st.floats(-10, 10), seed=st.integers(0, 3))
def test_probabilities_do_not_depend_on_the_units_of_logits(scale: float, shift: float, seed: int) -> None:
    logits, framed, weights = told(1.2, -0.4, count=200, seed=seed)
    plain = probabilities(platt(logits, framed, weights), logits)
    moved = scale * logits + shift
    assert probabilities(platt(moved, framed, weights), moved) == pytest.approx(plain, abs=2e-3)


@settings(max_examples=25)
@given(gap=st.floats(0.1, 50), count=st.integers(1, 30))
def test_the_slope_is_finite_where_logits_separate_the_labels(gap: float, count: int) -> None:
    logits = np.concatenate([np.full(count, gap), np.full(count, -gap)])
    found = platt(logits, logits > 0, np.full(2 * count, 0.5 / count))
    high, low = found.probability(gap), found.probability(-gap)
    assert high == pytest.approx((count + 1) / (count + 2), abs=0.02)  # Platt's targets: never quite certain
    assert low == pytest.approx(1 / (count + 2), abs=0.02)


def test_a_higher_logit_never_means_a_lower_probability() -> None:
    logits, framed, weights = told(1.0, 0.0, count=300)
    assert platt(logits, ~framed, weights).a > 0


def test_heavier_pictures_count_more() -> None:
    logits, framed, _ = told(1.0, 0.0, count=4000)
    framed[:2000] = True  # half of the pictures tell another story
    ours, theirs = (np.where(np.arange(4000) < 2000, *pair) for pair in ((1e-9, 1.0), (1.0, 1e-9)))
    assert platt(logits, framed, ours).b == pytest.approx(0, abs=0.2)
    assert platt(logits, framed, theirs).b > 3


pictures = st.lists(
    st.tuples(st.sampled_from([0.0, 0.01, 0.2, 0.5, 0.51, 0.9, 0.985, 0.99, 1.0]) | st.floats(0, 1), st.booleans()),
    min_size=1,
    max_size=300,
)


def precision(right: np.ndarray, weights: np.ndarray, chosen: np.ndarray) -> float:
    return float((weights * right)[chosen].sum() / weights[chosen].sum()) if chosen.any() else 1.0


@settings(max_examples=300)
@given(pictures=pictures, seed=st.integers(0, 9))
def test_verdicts_are_right_as_often_as_promised_and_no_fewer_than_need_be(
    pictures: list[tuple[float, bool]], seed: int
) -> None:
    probability, framed = (np.array(column) for column in zip(*pictures, strict=True))
    weights = np.random.default_rng(seed).uniform(0.5, 2, len(pictures))
    found = thresholds(probability, framed, weights)
    assert WIDEST[0] <= found.clean_below <= found.decision == DECISION <= found.framed_above <= WIDEST[1]

    def enough(chosen: np.ndarray, right: np.ndarray) -> bool:
        return precision(right, weights, chosen) >= PRECISION - 1e-12

    # At its furthest place a threshold stays, however many mistakes lie beyond it.
    assert enough(probability >= found.framed_above, framed) or found.framed_above == WIDEST[1]
    assert enough(probability < found.clean_below, ~framed) or found.clean_below == WIDEST[0]
    for other in probability[(probability >= DECISION) & (probability < found.framed_above)]:
        assert not enough(probability >= other, framed)
    for other in probability[(probability < DECISION) & (probability >= found.clean_below)]:
        assert not enough(probability <= other, ~framed)


def test_perfect_answers_leave_nothing_to_review() -> None:
    probability = np.array([0.001, 0.2, 0.49, 0.51, 0.8, 0.999])
    found = thresholds(probability, probability > 0.5, np.ones(6))
    assert [found.verdict(each) for each in probability] == ["clean"] * 3 + ["framed"] * 3


def test_equal_probabilities_are_not_divided() -> None:
    probability = np.full(1000, 0.9)
    framed = np.arange(1000) < 985  # 98.5 % right: too few, though the first 985 alone would do
    found = thresholds(probability, framed, np.ones(1000))
    assert found.framed_above == WIDEST[1]
    assert found.verdict(0.9) == "review"


def test_thresholds_can_be_put_on_a_card() -> None:
    for framed in (np.zeros(5, bool), np.ones(5, bool)):
        found = thresholds(np.linspace(0, 1, 5), framed, np.ones(5))
        assert isinstance(found, Thresholds)
        assert all(isinstance(each, float) for each in (found.clean_below, found.decision, found.framed_above))


def test_the_promise_is_that_of_the_manual() -> None:
    assert calibrate.PRECISION == 0.99

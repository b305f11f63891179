"""Paired tests against SciPy, a published example and a bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.evaluation.cases import random_scores

pytest.importorskip("scipy")
pytest.importorskip("sklearn")

from scipy.stats import binomtest, chi2
from sklearn.metrics import roc_auc_score

from unframe.evaluation.compare import compare, delong, mcnemar
from unframe.evaluation.metrics import Floats, replicate


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_mcnemar_is_a_binomial_test_of_the_pictures_that_differ(answers: list[tuple[bool, bool, bool]]) -> None:
    truth, first, second = (np.array(column) for column in zip(*answers, strict=True))
    only_first = sum(one == true != other for true, one, other in answers)
    only_second = sum(other == true != one for true, one, other in answers)
    found = mcnemar(truth, first, second)
    assert (found.only_first, found.only_second) == (only_first, only_second)
    if only_first + only_second:
        assert found.p_value == binomtest(only_first, only_first + only_second).pvalue
    else:
        assert found.p_value == 1.0


def test_mcnemar_approaches_its_chi_square_form() -> None:
    truth = np.ones(1000, dtype=bool)
    first = np.arange(1000) >= 180
    second = np.arange(1000) < 760
    statistic = (abs(180 - 240) - 1) ** 2 / (180 + 240)
    assert mcnemar(truth, first, second).p_value == pytest.approx(chi2.sf(statistic, 1), rel=0.05)


def brute_force_variance(truth: NDArray[np.bool_], first: Floats, second: Floats) -> float:
    """Variance of the difference of areas by the definition of DeLong et al., pair by pair."""

    def order(framed: float, plain: float) -> float:
        return 1.0 if framed > plain else 0.5 if framed == plain else 0.0

    rows, columns = [], []
    for scores in (first, second):
        table = np.array([[order(one, other) for other in scores[~truth]] for one in scores[truth]])
        rows.append(table.mean(axis=1))
        columns.append(table.mean(axis=0))
    step = np.array([1, -1])
    return float(step @ (np.cov(rows) / len(rows[0]) + np.cov(columns) / len(columns[0])) @ step)


@given(st.integers(0, 2**32 - 1))
def test_delong_is_its_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = random_scores(rng, 30)
    truth = one.truth.copy()
    truth[:4] = (True, True, False, False)
    other = rng.integers(0, 6, 30) / 5
    found = delong(truth, one.probability, other)
    expected = roc_auc_score(truth, one.probability) - roc_auc_score(truth, other)
    assert found.difference == pytest.approx(expected)
    assert found.error**2 == pytest.approx(brute_force_variance(truth, one.probability, other), abs=1e-12)
    assert 0 <= found.p_value <= 1


def test_delong_agrees_with_a_bootstrap() -> None:
    rng = np.random.default_rng(1)
    truth = np.repeat([True, False], 150)
    common = rng.normal(truth * 1.0, 1)
    first, second = common + rng.normal(0, 0.5, 300), common + rng.normal(0, 1.0, 300)
    drawn = []
    for _ in range(400):
        at = np.concatenate([rng.integers(0, 150, 150), rng.integers(150, 300, 150)])
        drawn.append(roc_auc_score(truth[at], first[at]) - roc_auc_score(truth[at], second[at]))
    found = delong(truth, first, second)
    assert found.error == pytest.approx(np.std(drawn), rel=0.12)
    assert found.p_value < 0.05


def test_a_detector_does_not_differ_from_itself() -> None:
    data = random_scores(np.random.default_rng(0), 80)
    drawn = replicate(data, 200)
    found = compare(("a", "b"), (data, data), (drawn, drawn))
    assert found.mcnemar.p_value == 1.0
    assert found.delong is not None
    assert (found.delong.difference, found.delong.p_value) == (0.0, 1.0)
    assert {(each.value, each.low, each.high) for each in found.differences.values()} == {(0.0, 0.0, 0.0)}


def test_a_difference_in_precision_needs_sources_behind_both() -> None:
    data = random_scores(np.random.default_rng(0), 80, groups=8)
    seldom = data.decided & (data.group < 4)
    other = type(data)(data.truth, data.probability, seldom, data.cut, data.review, data.group)
    for pair in ((data, other), (other, data)):
        found = compare(("a", "b"), pair, (replicate(pair[0], 100), replicate(pair[1], 100))).differences
        assert {name for name, each in found.items() if each.low is None} == {"precision"}


def test_the_interval_of_a_difference_is_paired() -> None:
    # Two detectors of nearly the same ranking: each area varies much from sample to sample, their difference little.
    rng = np.random.default_rng(2)
    one = random_scores(rng, 300, groups=12, steps=1000)
    nudged = np.clip(one.probability + rng.normal(0, 0.01, 300), 0, 1)
    other = type(one)(one.truth, nudged, nudged >= 0.5, one.cut, one.review, one.group)
    drawn = replicate(one, 500), replicate(other, 500)
    found = compare(("a", "b"), (one, other), drawn).differences["auroc"]
    assert found.low is not None
    assert found.high is not None
    alone = np.quantile(drawn[0]["auroc"], [0.025, 0.975])
    assert found.high - found.low < 0.3 * (alone[1] - alone[0])

"""Figures against scikit-learn, against counting by hand, and against what a bootstrap is known to give."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation.cases import detection, judged, random_scores, truth
from unframe.evaluation import metrics

sk = pytest.importorskip("sklearn.metrics")

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(4, 60))
def test_figures_are_those_of_scikit_learn_whatever_the_weights(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    data = random_scores(rng, size)
    weights = np.vstack([np.ones(size), rng.integers(0, 4, size), rng.random(size)]).astype(float)
    weights[:, :2] += 0.5  # of either label something must be left
    found = metrics.figures(data, weights)
    for row, weight in enumerate(weights):
        more = {"sample_weight": weight}
        expected = {
            "accuracy": sk.accuracy_score(data.truth, data.decided, **more),
            "recall": sk.recall_score(data.truth, data.decided, **more),
            "specificity": sk.recall_score(~data.truth, ~data.decided, **more),
            "balanced_accuracy": sk.balanced_accuracy_score(data.truth, data.decided, **more),
            "auroc": sk.roc_auc_score(data.truth, data.probability, **more),
            "average_precision": sk.average_precision_score(data.truth, data.probability, **more),
        }
        for name, value in expected.items():
            assert found[name][row] == pytest.approx(value, abs=1e-9), name
        if weight[data.decided].sum():
            assert found["precision"][row] == pytest.approx(sk.precision_score(data.truth, data.decided, **more))
        else:
            assert np.isnan(found["precision"][row])


@given(seeds, st.integers(4, 30))
def test_auroc_is_the_share_of_pairs_in_the_right_order(seed: int, size: int) -> None:
    data = random_scores(np.random.default_rng(seed), size, steps=4)
    pairs = list(itertools.product(data.probability[data.truth], data.probability[~data.truth]))
    right = sum((framed > plain) + 0.5 * (framed == plain) for framed, plain in pairs)
    auroc, _ = metrics.ranking(data.truth, data.probability, np.ones((1, size)))
    assert auroc[0] == pytest.approx(right / len(pairs))


def test_untouched_and_review_go_by_the_verdict() -> None:
    pictures = [
        judged(truth("plain", number=0), detection(0.1)),
        judged(truth("plain", number=1), detection(0.6)),
        judged(truth("plain", number=2), detection(0.4)),
        judged(truth("plain", number=3), detection(0.9)),
        judged(truth("framed", number=4), detection(0.9)),
    ]
    found = metrics.figures(metrics.scored(pictures, "rule"), np.ones((1, 5)))
    assert found["specificity"][0] == 0.5
    assert found["untouched"][0] == 0.75
    assert found["review"][0] == 0.4


def test_pictures_of_a_source_are_drawn_together() -> None:
    group = np.array([0, 1, 1, 2, 0])
    (weights,) = metrics.resamples(group, 200)
    assert weights.shape == (200, 5)
    assert (weights[:, 0] == weights[:, 4]).all()
    assert (weights[:, 1] == weights[:, 2]).all()
    per_source = weights[:, [0, 1, 3]]
    assert (per_source.sum(axis=1) == 3).all()
    assert per_source.mean(axis=0) == pytest.approx(1, abs=0.2)


def test_blocks_of_the_bootstrap_hold_what_one_block_would(monkeypatch: pytest.MonkeyPatch) -> None:
    group = np.arange(40) % 7
    (whole,) = metrics.resamples(group, 100, seed=5)
    monkeypatch.setattr(metrics, "_CELLS", 40 * 30)
    blocks = list(metrics.resamples(group, 100, seed=5))
    assert [len(block) for block in blocks] == [30, 30, 30, 10]
    assert (np.concatenate(blocks) == whole).all()


def test_one_source_that_is_different_widens_the_interval() -> None:
    # 200 pictures: by pictures the share 0.9 would have a standard error of 0.02; by ten sources it has 0.09.
    group = np.repeat(np.arange(10), 20)
    hit = group != 0
    by_source = metrics.share(hit, group)
    by_picture = metrics.share(hit, np.arange(200))
    assert by_source.value == by_picture.value == 0.9
    assert by_source.low == pytest.approx(0.7, abs=0.05)
    assert by_picture.low == pytest.approx(0.9 - 1.96 * 0.0212, abs=0.01)


def test_the_interval_of_a_share_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(100):
        hit = rng.random(150) < 0.7
        found = metrics.share(hit, np.arange(150), seed=trial)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.7 <= found.high
    assert 88 <= covered <= 100


@pytest.mark.parametrize(("groups", "given"), [(4, False), (5, True)])
def test_few_sources_give_no_interval(groups: int, given: bool) -> None:
    found = metrics.share(np.arange(20) % 3 == 0, np.arange(20) % groups)
    assert found.value == 7 / 20
    assert (found.low is not None) == given


def test_a_figure_that_is_undefined_is_none() -> None:
    assert metrics.share(np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64)) == metrics.Estimate(None)
    assert metrics.estimate(float("nan"), np.array([0.5]), 9) == metrics.Estimate(None)


GIVEN = {"accuracy", "review"}  # they are about all pictures


@pytest.mark.parametrize(
    ("framed", "plain", "decided", "given"),
    [
        (1, 9, 9, GIVEN | {"precision", "specificity", "untouched"}),
        (9, 1, 9, GIVEN | {"precision", "recall"}),
        (5, 5, 4, set(metrics.NAMES) - {"precision"}),
        (5, 5, 5, set(metrics.NAMES)),
    ],
)
def test_a_figure_about_few_sources_has_no_interval(framed: int, plain: int, decided: int, given: set[str]) -> None:
    number = np.arange(120)
    truth = number % 2 == 0
    group = np.where(truth, number // 2 % framed, (10 if framed == 1 else 0) + number // 2 % plain)
    called = (number % 7 == 0) & ((group < decided) | (framed != plain))
    data = metrics.Scored(truth, number / 120, called, called, ~called, group)
    found = metrics.estimates(data, metrics.replicate(data, 200))
    assert {name for name, each in found.items() if each.low is not None} == given
    assert all(each.value is not None for each in found.values())
    alone = metrics.share(called[truth], group[truth])
    assert (found["recall"].value, found["recall"].low is None) == (alone.value, alone.low is None)


def test_calibration_error_by_hand() -> None:
    probability = np.array([0.05, 0.05, 0.62, 0.68, 1.0])
    framed = np.array([False, True, True, True, True])
    bins = metrics.reliability(framed, probability)
    assert [each.pictures for each in bins] == [2, 0, 0, 0, 0, 0, 2, 0, 0, 1]
    assert (bins[0].probability, bins[0].framed) == (0.05, 0.5)
    assert bins[6].probability == pytest.approx(0.65)
    assert (bins[1].probability, bins[1].framed) == (None, None)
    assert metrics.expected_calibration_error(bins) == pytest.approx((2 * 0.45 + 2 * 0.35 + 0) / 5)


@given(seeds)
def test_every_picture_lies_in_one_bin(seed: int) -> None:
    data = random_scores(np.random.default_rng(seed), 50, steps=10)
    bins = metrics.reliability(data.truth, data.probability)
    assert sum(each.pictures for each in bins) == 50
    means = [(each.low, each.probability, each.high) for each in bins if each.probability is not None]
    assert all(low - 1e-12 <= mean <= high + 1e-12 for low, mean, high in means)

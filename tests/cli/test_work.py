"""Threads that keep the order, and never run far ahead of whoever takes the results."""

from __future__ import annotations

import time
from threading import Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unframe.cli.work import in_order


@given(st.lists(st.integers(0, 3), max_size=20), st.integers(1, 5))
def test_the_order_is_kept(items: list[int], jobs: int) -> None:
    def work(item: int) -> int:
        time.sleep(item / 10_000)
        return item * item

    assert list(in_order(work, items, jobs)) == [item * item for item in items]


@pytest.mark.parametrize("jobs", [1, 3])
def test_no_more_than_a_few_results_wait(jobs: int) -> None:
    lock, begun = Lock(), []

    def work(item: int) -> int:
        with lock:
            begun.append(item)
        return item

    for taken, result in enumerate(in_order(work, range(100), jobs)):
        time.sleep(0.001)
        assert result == taken
        assert len(begun) <= taken + 2 * jobs + 2


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_is_raised_comes_out_in_its_turn(jobs: int) -> None:
    results = in_order(lambda item: 1 // item, [1, 1, 0, 1], jobs)
    assert [next(results), next(results)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_whoever_stops_taking_stops_the_work() -> None:
    begun = []

    def work(item: int) -> int:
        begun.append(item)
        return item

    results = in_order(work, range(1000), 2)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    assert len(begun) < 20

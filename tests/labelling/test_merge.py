"""Two label stores into one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.labelling.test_store import sha
from unframe.dataset.records import LABELS, Label
from unframe.labelling import Answer, LabelStore, merge

Work = list[tuple[int, Label]]
WORK = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(LABELS)), max_size=6)


@contextmanager
def stores(count: int) -> Iterator[list[LabelStore]]:
    with ExitStack() as stack:
        yield [stack.enter_context(LabelStore(":memory:")) for _ in range(count)]


def labels(store: LabelStore) -> dict[str, tuple[str | None, str]]:
    return {name: (each.answer.label, each.who) for name, each in store.current().items()}


def work(store: LabelStore, who: str, decisions: Work) -> None:
    for number, label in decisions:
        store.decide({sha(number): Answer(label)}, who, "click")


@given(WORK, WORK, WORK)
@settings(max_examples=40)
def test_merging_in_any_order_gives_the_same_labels_and_again_changes_nothing(ann: Work, bob: Work, eve: Work) -> None:
    with stores(4) as (first, second, third, one):
        clock = itertools.count(10**15, 10**3)
        with mock.patch("time.time_ns", side_effect=clock):
            for store, who, decisions in ((first, "ann", ann), (second, "bob", bob), (third, "eve", eve)):
                work(store, who, decisions)
        for other in (third, first, second):
            merge(one, other)
        merge(first, second)
        merge(first, third)
        assert labels(first) == labels(one)
        count = len(list(one.history()))
        assert count == len(ann) + len(bob) + len(eve)
        assert merge(one, first) == []
        assert len(list(one.history())) == count


def test_a_picture_both_decided_about_differently_is_a_conflict_and_the_later_decision_holds() -> None:
    with stores(2) as (ours, theirs):
        work(ours, "ann", [(1, "framed"), (2, "plain"), (3, "framed")])
        work(theirs, "bob", [(1, "plain"), (2, "plain"), (4, "framed")])
        (conflict,) = merge(ours, theirs)
        assert conflict.sha256 == sha(1)
        assert (conflict.ours.who, conflict.theirs.who, conflict.holds.who) == ("ann", "bob", "bob")
        assert labels(ours)[sha(1)] == ("plain", "bob")
        assert labels(ours)[sha(4)] == ("framed", "bob")
        assert merge(theirs, ours) == []  # the way back brings nothing that was not weighed already
        assert labels(ours) == labels(theirs)


def test_whoever_knew_the_other_decision_and_changed_it_is_no_conflict() -> None:
    with stores(2) as (ours, theirs):
        work(ours, "ann", [(1, "framed")])
        merge(theirs, ours)
        work(theirs, "bob", [(1, "plain")])
        assert merge(ours, theirs) == []
        assert labels(ours)[sha(1)] == ("plain", "bob")


def test_merged_acts_can_be_taken_back_by_who_did_them() -> None:
    with stores(2) as (ours, theirs):
        work(theirs, "bob", [(1, "plain")])
        merge(ours, theirs)
        assert ours.undo("ann") == {}
        assert ours.undo("bob") == {sha(1): Answer()}

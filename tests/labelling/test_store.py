"""The label store: what it keeps, and that it forgets nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unframe.dataset.records import LABELS, Label
from unframe.errors import DatasetError, StoreError
from unframe.labelling import Answer, LabelStore
from unframe.labelling.answers import parse
from unframe.labelling.schema import APPLICATION, MIGRATIONS
from unframe.types import Box

FRAMED = Answer(
    "framed", "border", ("top", "left"), Box(3, 4, 100, 80), Box(0, 0, 100, 80), "exact", "high", "", "mat", "a note"
)


def sha(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.sqlite"


def test_a_decision_comes_back_as_it_was_given(path: Path) -> None:
    with LabelStore(path) as store:
        act = store.decide({sha(1): FRAMED}, "ann", "editor")
    with LabelStore(path, create=False) as store:
        (decision,) = store.history()
    assert decision.answer == FRAMED
    assert (decision.sha256, decision.who, decision.how, decision.act) == (sha(1), "ann", "editor", act)
    assert decision.when.tzinfo is not None


def test_the_last_decision_holds_and_every_one_is_kept(path: Path) -> None:
    with LabelStore(path) as store:
        for label in LABELS:
            store.decide({sha(1): Answer(label)}, "ann", "click")
        last = store.labelled(sha(1))
        assert last is not None
        assert last.answer.label == LABELS[-1]
        assert [each.answer.label for each in store.history(sha(1))] == list(LABELS)
        assert store.labelled(sha(2)) is None


@pytest.mark.parametrize("table", ["act", "decision"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET number = number + 1"])
def test_history_can_be_neither_changed_nor_deleted(path: Path, table: str, change: str) -> None:
    with LabelStore(path) as store:
        store.decide({sha(1): FRAMED}, "ann", "click")
        with pytest.raises(StoreError, match="never"), store.write() as connection:
            connection.execute(change.format(table))
        assert len(list(store.history())) == 1


def test_an_act_is_written_whole_or_not_at_all(path: Path) -> None:
    with LabelStore(path) as store:
        wrong = Answer("misspelt")  # type: ignore[arg-type]
        with pytest.raises(StoreError, match="cannot be written"):
            store.decide({sha(1): FRAMED, sha(2): wrong}, "ann", "screen")
        assert store.current() == {}
        assert not list(store.history())
        store.decide({sha(1): FRAMED}, "ann", "click")  # and the store still works


def test_time_grows_though_the_clock_is_set_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LabelStore(path) as store:
        store.decide({sha(1): Answer("framed")}, "ann", "click")
        monkeypatch.setattr("time.time_ns", lambda: 0)
        store.decide({sha(1): Answer("plain")}, "ann", "click")
        last = store.labelled(sha(1))
        assert last is not None
        assert last.answer.label == "plain"


# What a person does, and a plain list of states that does the same.
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True), st.sampled_from(LABELS)),
        st.sampled_from(["undo", "redo"]),
    ),
    max_size=25,
)


@given(ACTIONS)
def test_undo_and_redo_are_those_of_a_list_of_states(actions: list[str | tuple[list[int], Label]]) -> None:
    with LabelStore(":memory:") as store:
        states: list[dict[str, str | None]] = [{}]
        at = 0
        for action in actions:
            if isinstance(action, tuple):
                numbers, label = action
                states = [*states[: at + 1], states[at] | {sha(number): label for number in numbers}]
                at += 1
                store.decide({sha(number): Answer(label) for number in numbers}, "ann", "click")
            elif action == "undo":
                at = max(at - 1, 0)
                store.undo("ann")
            else:
                at = min(at + 1, len(states) - 1)
                store.redo("ann")
            holds = {name: each.answer.label for name, each in store.current().items() if each.answer.label}
            assert holds == states[at]


def test_undo_brings_back_the_whole_answer_that_was_there_before(path: Path) -> None:
    with LabelStore(path) as store:
        store.decide({sha(1): FRAMED}, "import", "import")
        store.decide({sha(1): Answer("plain")}, "ann", "click")
        assert store.undo("ann") == {sha(1): FRAMED}
        assert store.undo("ann") == {}
        assert len(list(store.history())) == 3


def test_undo_leaves_alone_what_somebody_else_has_decided_since(path: Path) -> None:
    with LabelStore(path) as store:
        store.decide({sha(1): Answer("framed"), sha(2): Answer("framed")}, "ann", "screen")
        store.decide({sha(2): Answer("plain")}, "bob", "click")
        assert store.undo("ann") == {sha(1): Answer()}
        last = store.labelled(sha(2))
        assert last is not None
        assert last.who == "bob"


def test_undo_never_goes_back_behind_what_somebody_else_has_decided(path: Path) -> None:
    with LabelStore(path) as store:
        store.decide({sha(1): Answer("framed"), sha(2): Answer("framed")}, "ann", "screen")
        store.decide({sha(1): Answer("plain")}, "bob", "click")
        store.decide({sha(1): Answer("unsure")}, "ann", "click")
        assert store.undo("ann") == {sha(1): Answer("plain")}
        assert store.undo("ann") == {sha(2): Answer()}
        assert {name: each.answer.label for name, each in store.current().items()} == {sha(1): "plain", sha(2): None}
        assert store.redo("ann") == {sha(2): Answer("framed")}
        assert store.redo("ann") == {sha(1): Answer("unsure")}


def test_undo_outlives_the_program(path: Path) -> None:
    with LabelStore(path) as store:
        store.decide({sha(1): Answer("framed")}, "ann", "click")
    with LabelStore(path) as store:
        assert store.undo("ann") == {sha(1): Answer()}
    with LabelStore(path) as store:
        assert store.redo("ann") == {sha(1): Answer("framed")}


def test_commits_are_on_the_disk_before_they_return(path: Path) -> None:
    with LabelStore(path) as store:
        assert store.read("PRAGMA journal_mode")[0][0] == "wal"
        assert store.read("PRAGMA synchronous")[0][0] == 2  # FULL


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_store_of_any_version_is_brought_up_to_date_with_its_labels(path: Path, version: int) -> None:
    connection = sqlite3.connect(path)
    for script in MIGRATIONS[:version]:
        connection.executescript(script)
    connection.executescript(f"""
        PRAGMA application_id = {APPLICATION};
        PRAGMA user_version = {version};
        INSERT INTO act VALUES (1, 'a', 5, 'ann', 'click', NULL);
        INSERT INTO decision VALUES (1, 1, '{sha(1)}', 'plain', NULL, '', NULL, NULL, '', '', '', '', '');
        INSERT INTO current VALUES ('{sha(1)}', 1);
    """)
    connection.close()
    with LabelStore(path) as store:
        assert [each.answer for each in store.current().values()] == [Answer("plain")]
        assert store.read("PRAGMA user_version")[0][0] == len(MIGRATIONS)
        assert store.read("SELECT count(*) FROM picture")[0][0] == 0


def test_a_store_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    with LabelStore(path) as store, store.write() as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="install a newer unframe"):
        LabelStore(path)


def test_other_files_are_refused_and_left_alone(path: Path) -> None:
    path.write_text("these are no labels, but somebody's notes, and long enough to be taken for a header " * 9)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="cannot be used"):
        LabelStore(path)
    assert path.read_bytes() == before
    foreign = path.with_name("foreign.sqlite")
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE notes (text)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        LabelStore(foreign)


def test_a_missing_store_is_made_only_when_that_is_wanted(path: Path) -> None:
    with pytest.raises(StoreError, match="no label store"):
        LabelStore(path, create=False)
    assert not path.exists()


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"label": "frame"}, "label is 'frame'"),
        ({"label": "framed", "kind": "round"}, "kind is 'round'"),
        ({"label": "framed", "sides": ["up"]}, "sides is"),
        ({"label": "framed", "sides": "top"}, "sides is"),
        ({"label": "framed", "inner": [1, 2, 3]}, "inner is"),
        ({"label": "framed", "inner": [9, 9, 3, 3]}, "holds no pixel"),
        ({"label": "framed", "inner": [0, 0, 101, 80]}, "leaves the picture"),
        ({"label": "framed", "inner": [0, 0, 50, 50], "outer": [10, 0, 90, 80]}, "leaves the outer box"),
        ({"label": "plain", "kind": "border"}, "label is plain"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(record: dict[str, object], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        parse(record, 100, 80)


def test_an_answer_is_the_same_after_the_way_through_json() -> None:
    assert parse(FRAMED.record(), 100, 80) == FRAMED
    assert parse({"label": None}) == Answer()

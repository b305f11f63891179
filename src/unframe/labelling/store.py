"""The label store: an append-only history of decisions about pictures, which are known by their SHA-256.

Decisions come in acts: one click is an act of one decision, a confirmed screen an act of many. An act is written whole
or not at all, and once `LabelStore.decide` returns it survives the death of the process and of the machine. Nothing
is ever changed or deleted; taking an act back appends another.

The last decision about a picture, by time and then by the act's name, is its label. Since the time grows with every
act of a store, even when the clock is set back, two stores that are merged either way agree.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from unframe.labelling.answers import FIELDS, Answer
from unframe.labelling.schema import connect, transaction

IMPORT, UNDO, REDO = "import", "undo", "redo"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = ", ".join(f"decision.{name}" for name in FIELDS)
_DECISIONS = (
    f"SELECT decision.number, decision.sha256, {_COLUMNS}, act.uid, act.at, act.who, act.how, act.undoes "  # noqa: S608
    "FROM decision JOIN act ON act.number = decision.act "
)
_STANDING = "NOT EXISTS (SELECT 1 FROM act AS later WHERE later.undoes = {0}.uid)"
# An act is taken back when an undo of it was not taken back in turn by a redo.
_LAST_ACT = f"""
SELECT uid FROM act WHERE who = ? AND how NOT IN ('{IMPORT}', '{UNDO}', '{REDO}') AND NOT EXISTS (
    SELECT 1 FROM act AS undo WHERE undo.undoes = act.uid AND {_STANDING.format("undo")}
) ORDER BY at DESC, uid DESC LIMIT 1
"""  # noqa: S608
_LAST_UNDO = f"""
SELECT uid, undoes FROM act WHERE who = :who AND how = '{UNDO}' AND {_STANDING.format("act")} AND at > (
    SELECT coalesce(max(at), 0) FROM act WHERE who = :who AND how NOT IN ('{IMPORT}', '{UNDO}', '{REDO}')
) ORDER BY at DESC, uid DESC LIMIT 1
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of the history.

    Attributes:
        number: Its place in this store.
        sha256: The picture, as 64 hexadecimal digits.
        answer: What was said.
        who: The person, or the program.
        when: When, in UTC.
        how: By which means: ``click``, ``key``, ``screen``, ``editor``, ``extension``, ``import``, ``undo``, ``redo``.
        act: Name of the act that it belongs to, the same in every store.
        undoes: Name of the act that this one takes back, if any.
    """

    number: int
    sha256: str
    answer: Answer
    who: str
    when: datetime
    how: str
    act: str
    undoes: str | None


class LabelStore:
    """A label store on disk. One object may be used by several threads, one file by several processes.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, LabelStore(Path(folder) / "labels.sqlite") as store:
        ...     _ = store.decide({"0" * 64: Answer("plain")}, who="ann", how="click")
        ...     store.current()["0" * 64].answer.label
        'plain'
    """

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        self.path = Path(path)
        self._connection = connect(self.path, create=create)
        self._lock = threading.RLock()
        # Whoever reads a hundred thousand rows must not hold up a click.
        in_memory = str(path) == ":memory:"
        self._reader = self._connection if in_memory else connect(self.path, create=False)
        self._reading = self._lock if in_memory else threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._reading, self._lock:
            self._reader.close()
            self._connection.close()

    def read(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._lock, closing(self._connection.execute(query, values)) as cursor:
            return cursor.fetchall()

    def read_many(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """The rows of a query that may take a while; nothing else waits for it."""
        with self._reading, closing(self._reader.execute(query, values)) as cursor:
            return cursor.fetchall()

    def write(self) -> _Writing:
        """A transaction: ``with store.write() as connection``; what is written is on the disk when the block ends."""
        return _Writing(self._connection, self._lock)

    def decide(self, answers: Mapping[str, Answer], who: str, how: str, act: str | None = None) -> str:
        """Append one act, and return its name once it is on the disk.

        Args:
            answers: What is said, by the SHA-256 of the picture.
            who: The person, or the program.
            how: By which means.
            act: Name of the act, 32 hexadecimal digits that nobody else draws; drawn when omitted. An act that the
                store has already is not written again, so whoever got no answer may send it again.

        Raises:
            StoreError: The store cannot be written; nothing of the act is in it then.
        """
        with self.write() as connection:
            if act and connection.execute("SELECT 1 FROM act WHERE uid = ?", (act,)).fetchone():
                return act
            return _append(connection, answers, who, how, act=act)

    def undo(self, who: str) -> dict[str, Answer]:
        """Take back the person's last act that still stands, as often as there is one.

        Pictures that somebody else has decided about since are left as they are.

        Returns:
            What now holds, by picture; empty when there is nothing to take back.
        """
        with self.write() as connection:
            found = connection.execute(_LAST_ACT, (who,)).fetchone()
            if found is None:
                return {}
            before = {
                each.sha256: _before(connection, each)
                for each in _act(connection, found["uid"])
                if not _overruled(connection, each)
            }
            _append(connection, before, who, UNDO, undoes=found["uid"])
            return before

    def redo(self, who: str) -> dict[str, Answer]:
        """Do again what the person took back last, unless they have decided something since.

        Returns:
            What now holds, by picture; empty when there is nothing to do again.
        """
        with self.write() as connection:
            found = connection.execute(_LAST_UNDO, {"who": who}).fetchone()
            if found is None:
                return {}
            undone = {each.sha256 for each in _act(connection, found["uid"]) if not _overruled(connection, each)}
            again = {each.sha256: each.answer for each in _act(connection, found["undoes"]) if each.sha256 in undone}
            _append(connection, again, who, REDO, undoes=found["uid"])
            return again

    def current(self) -> dict[str, Decision]:
        """The last decision about each picture, those that are undecided again included."""
        rows = self.read(_DECISIONS + "JOIN current ON current.decision = decision.number")
        return {row["sha256"]: _decision(row) for row in rows}

    def labelled(self, sha256: str) -> Decision | None:
        """The last decision about one picture."""
        rows = self.read(
            _DECISIONS + "JOIN current ON current.decision = decision.number WHERE current.sha256 = ?", (sha256,)
        )
        return _decision(rows[0]) if rows else None

    def history(self, sha256: str | None = None) -> Iterator[Decision]:
        """Every decision, or every one about a picture, from the first to the last."""
        where = "WHERE decision.sha256 = :sha256 " if sha256 else ""
        rows = self.read(_DECISIONS + where + "ORDER BY act.at, act.uid, decision.number", {"sha256": sha256})
        return map(_decision, rows)


class _Writing:
    """A transaction that holds the store's lock, so that threads take turns on its connection."""

    def __init__(self, connection: sqlite3.Connection, lock: threading.RLock) -> None:
        self._lock = lock
        self._transaction = transaction(connection)

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        try:
            return self._transaction.__enter__()
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, *raised: Any) -> bool | None:
        try:
            return self._transaction.__exit__(*raised)
        finally:
            self._lock.release()


def insert_act(connection: sqlite3.Connection, uid: str, at: int, who: str, how: str, undoes: str | None) -> int:
    """Append an act and return its number in this store."""
    values = (uid, at, who, how, undoes)
    cursor = connection.execute("INSERT INTO act (uid, at, who, how, undoes) VALUES (?, ?, ?, ?, ?)", values)
    return int(cursor.lastrowid or 0)


def insert_decisions(connection: sqlite3.Connection, act: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append the decisions of an act: rows with ``sha256`` and the columns of an answer."""
    names = ("sha256", *FIELDS)
    marks = ", ".join(f":{name}" for name in names)
    connection.executemany(
        f"INSERT INTO decision (act, {', '.join(names)}) VALUES ({act:d}, {marks})",  # noqa: S608
        rows,
    )


def refresh_current(connection: sqlite3.Connection, act: int) -> None:
    """Work out again which decision is the last one about each picture of an act."""
    connection.execute(
        """
        INSERT OR REPLACE INTO current
        SELECT sha256, (
            SELECT decision.number FROM decision JOIN act ON act.number = decision.act
            WHERE decision.sha256 = touched.sha256 ORDER BY act.at DESC, act.uid DESC LIMIT 1
        ) FROM decision AS touched WHERE act = ?
        """,
        (act,),
    )


def _append(
    connection: sqlite3.Connection,
    answers: Mapping[str, Answer],
    who: str,
    how: str,
    *,
    act: str | None = None,
    undoes: str | None = None,
) -> str:
    uid = act or secrets.token_hex(16)
    last = connection.execute("SELECT coalesce(max(at), 0) FROM act").fetchone()[0]
    number = insert_act(connection, uid, max(time.time_ns() // 1000, last + 1), who, how, undoes)
    insert_decisions(connection, number, ({"sha256": sha256, **answer.row()} for sha256, answer in answers.items()))
    refresh_current(connection, number)
    return uid


def _act(connection: sqlite3.Connection, uid: str) -> list[Decision]:
    return [_decision(row) for row in connection.execute(_DECISIONS + "WHERE act.uid = ?", (uid,))]


def _before(connection: sqlite3.Connection, decision: Decision) -> Answer:
    """What was said about the picture before this decision."""
    at = _microseconds(decision.when)
    row = connection.execute(
        _DECISIONS
        + "WHERE decision.sha256 = ? AND (act.at, act.uid) < (?, ?) ORDER BY act.at DESC, act.uid DESC LIMIT 1",
        (decision.sha256, at, decision.act),
    ).fetchone()
    return Answer.from_columns(dict(row)) if row else Answer()


def _overruled(connection: sqlite3.Connection, decision: Decision) -> bool:
    """Whether somebody else has decided about the picture after this decision, be it the last one or not."""
    rows = connection.execute(
        _DECISIONS + "WHERE decision.sha256 = ? AND act.who != ? AND (act.at, act.uid) > (?, ?) LIMIT 1",
        (decision.sha256, decision.who, _microseconds(decision.when), decision.act),
    )
    return rows.fetchone() is not None


def _decision(row: sqlite3.Row) -> Decision:
    return Decision(
        number=row["number"],
        sha256=row["sha256"],
        answer=Answer.from_columns(dict(row)),
        who=row["who"],
        when=_EPOCH + timedelta(microseconds=row["at"]),
        how=row["how"],
        act=row["uid"],
        undoes=row["undoes"],
    )


def _microseconds(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)

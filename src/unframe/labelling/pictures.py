"""Where the pictures of a store lie, what they are called on the page, and what the detectors say about them."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from unframe.dataset.records import source_of
from unframe.files import is_utf8
from unframe.labelling.store import LabelStore
from unframe.types import Detection

INBOX = "inbox"
"""Folder that the browser extension's pictures are put in."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture was seen.

    Attributes:
        path: Path relative to the folder, with slashes.
        sha256: Of its bytes; ``None`` when they could not be read.
        size: Number of bytes.
        mtime: When the file was changed, in nanoseconds.
        width: Width in upright pixels, where known.
        height: Height in upright pixels, where known.
        source: Shop, seller or collection that it comes from.
        page: Address of the web page that it was tagged on.
        address: Address of the picture itself.
        error: Why it cannot be decoded, if so.
    """

    path: str
    sha256: str | None
    size: int
    mtime: int
    width: int | None = None
    height: int | None = None
    source: str = ""
    page: str = ""
    address: str = ""
    error: str | None = None


_UPSERT = """
INSERT INTO picture (folder, path, sha256, size, mtime, width, height, source, page, address, error)
VALUES (:folder, :path, :sha256, :size, :mtime, :width, :height, :source, :page, :address, :error)
ON CONFLICT (folder, path) DO UPDATE SET
    sha256 = excluded.sha256, size = excluded.size, mtime = excluded.mtime, error = excluded.error,
    width = coalesce(excluded.width, width), height = coalesce(excluded.height, height),
    source = CASE excluded.source WHEN '' THEN source ELSE excluded.source END,
    page = CASE excluded.page WHEN '' THEN page ELSE excluded.page END,
    address = CASE excluded.address WHEN '' THEN address ELSE excluded.address END
"""
# A file whose bytes have changed is another picture, and gets another identifier.
_CHANGED_FILE = "DELETE FROM picture WHERE folder = :folder AND path = :path AND sha256 IS NOT :sha256"
_PREDICTION = """
INSERT OR REPLACE INTO prediction (sha256, model, probability, framed, record)
VALUES (?, ?, ?, ?, ?)
"""
# Of files with the same bytes the first stands for all: they are one picture, with one label.
_SHOWN = """
SELECT min(picture.id) AS id, picture.width, picture.height, picture.source,
       round(first.probability, 5) AS probability, first.framed, round(second.probability, 5) AS second,
       decision.label, decision.kind, act.how
FROM picture INDEXED BY picture_shown
LEFT JOIN prediction AS first INDEXED BY prediction_shown
    ON first.model = :model AND first.sha256 = picture.sha256
LEFT JOIN prediction AS second INDEXED BY prediction_shown
    ON second.model = :rival AND second.sha256 = picture.sha256
LEFT JOIN current ON current.sha256 = picture.sha256
LEFT JOIN decision ON decision.number = current.decision
LEFT JOIN act ON act.number = decision.act
WHERE picture.folder = :folder AND picture.sha256 IS NOT NULL AND picture.error IS NULL {changed}
GROUP BY picture.sha256
"""
_CHANGED = """
AND picture.sha256 IN (
    SELECT sha256 FROM current WHERE decision > :decision
    UNION SELECT sha256 FROM picture WHERE id > :picture
    UNION SELECT sha256 FROM prediction WHERE number > :prediction
)
"""
# The most doubtful of each side that nobody has decided about: what the page shows first.
_DOUBTFUL = """
SELECT sha256 FROM (
    SELECT sha256 FROM prediction INDEXED BY prediction_shown WHERE model = :model AND framed = {framed}
    AND NOT EXISTS (
        SELECT 1 FROM current JOIN decision ON decision.number = current.decision JOIN act ON act.number = decision.act
        WHERE current.sha256 = prediction.sha256 AND decision.label IS NOT NULL AND act.how != 'import'
    )
    ORDER BY probability {order} LIMIT :count
)
"""
_FIRST = (
    f"AND picture.sha256 IN ({_DOUBTFUL.format(framed=1, order='ASC')} "
    f"UNION ALL {_DOUBTFUL.format(framed=0, order='DESC')})"
)
_MARKS = """
SELECT (SELECT coalesce(max(number), 0) FROM decision) AS decision,
       (SELECT coalesce(max(id), 0) FROM picture) AS picture,
       (SELECT coalesce(max(number), 0) FROM prediction) AS prediction
"""


class Marks(NamedTuple):
    """How far a reader has seen a store: the last decision, picture and prediction, by their numbers."""

    decision: int
    picture: int
    prediction: int


class Pictures:
    """The pictures of one folder in a store."""

    def __init__(self, store: LabelStore, folder: Path) -> None:
        self._store = store
        self.folder = folder.resolve()
        base = store.path.resolve().parent
        # A folder beside its store may be moved with it.
        inside = self.folder.is_relative_to(base)
        self._key = self.folder.relative_to(base).as_posix() if inside else self.folder.as_posix()

    def known(self) -> dict[str, sqlite3.Row]:
        """What is recorded about each file, by its path."""
        rows = self._store.read_many("SELECT * FROM picture WHERE folder = ?", (self._key,))
        return {row["path"]: row for row in rows}

    def record(
        self, places: Iterable[Place], judged: Iterable[tuple[str, Detection]] = (), gone: Iterable[str] = ()
    ) -> None:
        """Write down where pictures are, what detectors said by SHA-256, and which files are no longer there.

        Places whose path is not UTF-8 are passed by: SQLite's texts cannot hold its bytes.
        """
        with self._store.write() as connection:
            for place in filter(lambda each: is_utf8(each.path), places):
                values = {"folder": self._key, **_values(place)}
                connection.execute(_CHANGED_FILE, values)
                connection.execute(_UPSERT, values)
            connection.executemany(_PREDICTION, (_prediction(sha256, said) for sha256, said in judged))
            connection.executemany(
                "DELETE FROM picture WHERE folder = ? AND path = ?", ((self._key, path) for path in gone)
            )

    def marks(self) -> Marks:
        """How far the store has come. Ask before `shown`, so that nothing falls between the two."""
        return Marks(*self._store.read(_MARKS)[0])

    def shown(
        self, model: str = "", rival: str = "", after: Marks | None = None, first: int | None = None
    ) -> list[sqlite3.Row]:
        """A row for each picture that can be labelled.

        The columns are identifier, width, height, source, probability and framed by the model, probability by its
        rival, and label, kind and means of the last decision; whatever is not known is ``None``.

        Args:
            model: Whose probabilities come first.
            rival: Whose come second.
            after: Only those pictures that have changed since.
            first: Only so many of each side, the most doubtful of those that no person has decided about.
        """
        query = _SHOWN.format(changed=_FIRST if first else _CHANGED if after else "")
        values = {"model": model, "rival": rival, "folder": self._key, "count": first}
        values |= (after or Marks(0, 0, 0))._asdict()
        return self._store.read_many(query, values)

    def find(self, identifier: int) -> sqlite3.Row | None:
        """What is recorded about the picture with this identifier, if it is one of the folder's."""
        if not 0 < identifier < 1 << 63:  # SQLite's integers have 64 bits
            return None
        rows = self._store.read("SELECT * FROM picture WHERE folder = ? AND id = ?", (self._key, identifier))
        return rows[0] if rows else None

    def locate(self, row: sqlite3.Row) -> Path:
        """Where the file of a recorded picture is."""
        return self.folder / str(row["path"])

    def judged(self, model: str) -> set[str]:
        """The SHA-256 of every picture that a model has judged."""
        return {
            row["sha256"] for row in self._store.read_many("SELECT sha256 FROM prediction WHERE model = ?", (model,))
        }

    def prediction(self, sha256: str, model: str) -> dict[str, Any] | None:
        """The record of what one model said about one picture."""
        rows = self._store.read("SELECT record FROM prediction WHERE sha256 = ? AND model = ?", (sha256, model))
        return json.loads(rows[0]["record"]) if rows else None


def place_of(path: Path, folder: Path, sha256: str | None, **more: Any) -> Place:
    """The place of a file below a folder, as it is now.

    Raises:
        OSError: The file is gone.
    """
    status = os.stat(path)  # noqa: PTH116 - as `Place` wants its numbers
    relative = path.relative_to(folder).as_posix()
    return Place(relative, sha256, status.st_size, status.st_mtime_ns, **({"source": source(relative)} | more))


def source(relative: str) -> str:
    """The source of a picture that nobody wrote down; pictures of the inbox have their host's folder for one."""
    path = PurePath(relative)
    inside = PurePath(*path.parts[1:]) if path.parts[0] == INBOX and len(path.parts) > 2 else path
    return source_of(inside)


def _values(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in Place.__slots__}


def _prediction(sha256: str, said: Detection) -> tuple[str, str, float, bool, str]:
    record = json.dumps({name: value for name, value in said.record("").items() if name not in {"path", "status"}})
    return sha256, said.model, said.probability, said.framed, record

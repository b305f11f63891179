"""The tables of a label store, their versions, and how a file is opened.

A store is one SQLite file in WAL mode with ``synchronous=FULL``: a commit that returned is on the disk.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unframe.errors import StoreError

APPLICATION = 0x756E6672  # "unfr"; tells a label store from other SQLite files
_BUSY_SECONDS = 30.0
_CACHE_KIB = 64 * 1024  # SQLite's own 2 MiB are read over and over with 100,000 pictures

_LABELS = """
CREATE TABLE act (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    uid    TEXT NOT NULL UNIQUE,  -- the same in every store that the act is merged into
    at     INTEGER NOT NULL,      -- microseconds since 1970, UTC; grows with every act of a store
    who    TEXT NOT NULL,
    how    TEXT NOT NULL,
    undoes TEXT                   -- uid of the act that this one takes back
);
CREATE INDEX act_by_person ON act (who, at, uid);
CREATE INDEX act_by_undone ON act (undoes);
CREATE INDEX act_by_time ON act (at);
CREATE TABLE decision (
    number           INTEGER PRIMARY KEY AUTOINCREMENT,
    act              INTEGER NOT NULL REFERENCES act (number),
    sha256           TEXT NOT NULL,
    label            TEXT CHECK (label IN ('framed', 'plain', 'unsure', 'reject')),  -- NULL: undecided again
    kind             TEXT,
    sides            TEXT NOT NULL,
    inner            TEXT,
    outer            TEXT,
    geometry_quality TEXT NOT NULL,
    confidence       TEXT NOT NULL,
    hard             TEXT NOT NULL,
    design           TEXT NOT NULL,
    note             TEXT NOT NULL,
    UNIQUE (act, sha256)
);
CREATE INDEX decision_by_picture ON decision (sha256);
CREATE TABLE current (  -- the last decision about each picture; follows from the history
    sha256   TEXT PRIMARY KEY,
    decision INTEGER NOT NULL UNIQUE REFERENCES decision (number)
) WITHOUT ROWID;
CREATE TRIGGER act_kept BEFORE UPDATE ON act BEGIN SELECT RAISE(ABORT, 'acts are never changed'); END;
CREATE TRIGGER act_stays BEFORE DELETE ON act BEGIN SELECT RAISE(ABORT, 'acts are never deleted'); END;
CREATE TRIGGER decision_kept BEFORE UPDATE ON decision
    BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decision_stays BEFORE DELETE ON decision
    BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
"""

_PICTURES = """
CREATE TABLE picture (  -- where pictures were last seen; follows from the folders, but for the inbox's addresses
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    folder  TEXT NOT NULL,
    path    TEXT NOT NULL,
    sha256  TEXT,
    size    INTEGER NOT NULL,
    mtime   INTEGER NOT NULL,     -- nanoseconds
    width   INTEGER,
    height  INTEGER,
    source  TEXT NOT NULL,
    page    TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    error   TEXT,
    UNIQUE (folder, path)
);
CREATE INDEX picture_by_sha256 ON picture (sha256);
CREATE TABLE prediction (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256      TEXT NOT NULL,
    model       TEXT NOT NULL,
    probability REAL NOT NULL,
    framed      INTEGER NOT NULL,
    record      TEXT NOT NULL,
    UNIQUE (sha256, model)
);
"""

# The page asks for every picture at once: these hold what it asks for, in the order in which it is put together.
_COVERING = """
CREATE INDEX picture_shown ON picture (folder, sha256, id, width, height, source) WHERE error IS NULL;
CREATE INDEX prediction_shown ON prediction (model, sha256, probability, framed);
"""

MIGRATIONS = (_LABELS, _PICTURES, _COVERING)
"""What makes each version of the store from the one before it; a published entry is never edited."""


def connect(path: Path, *, create: bool = True) -> sqlite3.Connection:
    """A connection to a store, brought up to the newest version.

    Args:
        path: The file; made, with the folder above it, when it is not there.
        create: Refuse a file that is not there instead.

    Raises:
        StoreError: The file is no label store, was made by a newer unframe, or cannot be opened.
    """
    if not create and not path.is_file():
        raise StoreError(f"there is no label store {path}; check the path, or make one with unframe label")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be opened: {error}; check folder and rights") from error
    try:
        _prepare(connection, path)
    except (sqlite3.Error, StoreError) as error:
        connection.close()
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"{path} cannot be used as a label store: {error}; check file, rights and space") from error
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    version = _check(connection, path)
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    if version < len(MIGRATIONS):
        _migrate(connection, path)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to a log that is written ahead; while another process does the same, SQLite itself does not wait."""
    patience = time.monotonic() + _BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.01)
        else:
            break  # in memory there is no such log


def _check(connection: sqlite3.Connection, path: Path) -> int:
    """The version of a file, once it is known to be a store or empty."""
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and application != APPLICATION:
        raise StoreError(f"{path} is an SQLite file of another program; choose another file for labels")
    if version > len(MIGRATIONS):
        known = len(MIGRATIONS)
        raise StoreError(f"{path} has version {version}, this unframe knows up to {known}; install a newer unframe")
    return version


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection):
        # Asked again under the lock: another process may have migrated in the meantime.
        for version in range(_check(connection, path), len(MIGRATIONS)):
            for statement in _statements(MIGRATIONS[version]):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _statements(script: str) -> Iterator[str]:
    # `executescript` would commit first, and a migration has to happen whole or not at all.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A block whose writes are all on the disk when it ends well, and are all undone when it does not.

    Raises:
        StoreError: The store cannot be written.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise StoreError(
            f"the label store cannot be written: {error}; check rights and space, and try again"
        ) from error

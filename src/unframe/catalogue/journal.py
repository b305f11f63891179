"""Journals: what is done of a part before all of it is, one line for each picture.

A line reaches the operating system as soon as its picture is done, so that a process that is killed loses none that it
had written; once in a second lines are promised by the disk, so that a power failure costs the work of about a second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from unframe.catalogue.item import Item, Part
from unframe.catalogue.records import Record, from_line, to_line
from unframe.errors import OutputError, ScanError

_SYNC = 1.0  # seconds
_HEAD = b'{"position": '


class Journal:
    """The journal of a part that is being worked on; may be added to from several threads at once.

    Args:
        path: Its file; what an earlier process wrote there is kept, but for a line that was torn.
        part: The part.
        seal: Called with all records, in order, when they are there; the journal is removed after it.

    Attributes:
        missing: Positions within the part of the items that have no record yet, in order.
        interrupted: Whether an earlier process has worked on the part.

    Raises:
        ScanError: It is about other pictures than the part.
        OutputError: It cannot be written.
    """

    def __init__(self, path: Path, part: Part, seal: Callable[[Iterator[Record]], None]) -> None:
        self._path = path
        self._write = seal
        self._lock = Lock()
        self._synced = time.monotonic()
        self.interrupted = path.exists()
        try:
            self._file = path.open("ab", buffering=0)
            done = self._recover(part.items)
        except OSError as error:
            raise unwritable(path, error) from error
        self._open = len(part.items) - len(done)
        self.missing = [at for at in range(len(part.items)) if at not in done]
        if not self.missing:  # killed between its last line and its file
            self._seal()

    def add(self, position: int, record: Record) -> None:
        """Add the record of an item; with the last one the part becomes a file.

        Args:
            position: Of the item within the part.
            record: Its record.

        Raises:
            OutputError: It could not be written.
        """
        line = _HEAD + b'%d, "record": %s}\n' % (position, to_line(record))
        with self._lock:
            try:
                _write_all(self._file, line)
                if time.monotonic() - self._synced > _SYNC:
                    os.fsync(self._file.fileno())
                    self._synced = time.monotonic()
            except OSError as error:
                raise unwritable(self._path, error) from error
            self._open -= 1
            if not self._open:
                self._seal()

    @property
    def closed(self) -> bool:
        """Whether nothing more is to be added."""
        return self._file.closed

    def close(self) -> None:
        """Let go of the journal; what is in it stays for a scan that goes on."""
        with self._lock:
            self._file.close()

    def _recover(self, items: Sequence[Item]) -> set[int]:
        """The positions that are done; a line that was torn is cut off."""
        done: set[int] = set()
        whole = 0
        with self._path.open("rb") as journal:
            for line in journal:
                entry = read_entry(line)
                if entry is None:
                    break
                position, record = entry
                if position >= len(items) or record["path"] != items[position].path:
                    self._file.close()
                    raise changed(self._path)
                done.add(position)
                whole += len(line)
        self._file.truncate(whole)
        return done

    def _seal(self) -> None:
        self._file.close()
        self._write(_in_order(self._path))
        self._path.unlink()


def _write_all(file: Any, data: bytes) -> None:
    while data:  # a pipe or a nearly full disk may take less than all of it
        data = data[file.write(data) :]


def read_entry(line: bytes) -> tuple[int, Record] | None:
    """Position and record of a journal's line; ``None`` for a line that was torn."""
    if not line.endswith(b"\n"):
        return None
    try:
        entry = from_line(line)
        return int(entry["position"]), entry["record"]
    except (ValueError, KeyError, TypeError):
        return None


def _in_order(journal: Path) -> Iterator[Record]:
    """The records of a journal by position; lines are held as bytes, which take far less than records."""
    lines: dict[int, bytes] = {}
    with journal.open("rb") as file:
        for line in file:
            position = int(line[len(_HEAD) : line.index(b",")])
            lines.setdefault(position, line)
    for position in sorted(lines):
        yield from_line(lines[position])["record"]


def changed(path: Path) -> ScanError:
    """The error for results that belong to other pictures than the source now has."""
    message = f"{path} is about other pictures than the source now has"
    return ScanError(f"{message}: it has changed since the scan began; scan it anew with --overwrite")


def unwritable(path: Path, error: OSError) -> OutputError:
    """The error for results that cannot be written."""
    reason = error.strerror or str(error)
    return OutputError("unwritable", f"{path} cannot be written: {reason}; check folder, rights and space")

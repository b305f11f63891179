"""The results of a scan on disk: whole parts, journals of parts that are being worked on, and what the scan is.

A folder of results holds

- ``part-000000.parquet`` and so on: the records of a part of the source, in order, written whole and then renamed;
- ``_journal-000001.jsonl`` and so on: the parts that are being worked on; see `unframe.catalogue.journal`;
- ``_scan.json``: what is scanned, how, and by whom; see `unframe.catalogue.plan`;
- ``_done-1-of-1.json``, once a machine has done its share.

Readers of Parquet pass by names that begin with an underscore. Results that are to be one file lie in a folder beside
it until all of them are there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from unframe.catalogue import sinks
from unframe.catalogue.item import WHOLE, Column, Part, Shard
from unframe.catalogue.journal import Journal, changed, read_entry, unwritable
from unframe.catalogue.plan import PLAN, Plan, agree, read_plan
from unframe.catalogue.records import FAILED, JUDGED, REMOVED, Record
from unframe.catalogue.sinks import Format
from unframe.catalogue.work import remove_left_overs
from unframe.errors import OutputError, ScanError
from unframe.files import LEFT_OVER, replacement, write_atomic

PARTS = ".parts"
"""What follows the name of a file of results in the name of the folder in which its parts lie."""

_OWN = re.compile(r"part-\d{6,}\.(parquet|jsonl|csv)|_journal-\d{6,}\.jsonl|_done-.*\.json|_lock-.*|_scan\.json")
_SINGLE = {".jsonl", ".ndjson", ".csv"}


class Results:
    """The results of a scan, to be added to; several machines may hold the same folder, each with its own share.

    Args:
        folder: Where the parts lie.
        format: How they are written.
        plan: What the scan is.
        shard: This machine's share.
    """

    def __init__(self, folder: Path, format: Format, plan: Plan, shard: Shard = WHOLE) -> None:
        self.folder = folder
        self.format = format
        self.plan = plan
        self.shard = shard

    def has(self, part: Part) -> bool:
        """Whether a part is done.

        Raises:
            ScanError: It is, but with other pictures than the source now has.
        """
        path = part_path(self.folder, part.number, self.format)
        if not path.exists():
            return False
        if sinks.paths(path, self.format, self.plan.columns) != [sinks.printable(item.path) for item in part.items]:
            raise changed(path)
        self._journal(part).unlink(missing_ok=True)  # left by a process that was killed just then
        return True

    def begin(self, part: Part) -> Journal:
        """A journal for a part that is to be worked on; with its last record the part becomes a file.

        Raises:
            ScanError: What was done of it before is about other pictures than the source now has.
            OutputError: The journal cannot be written.
        """
        return Journal(self._journal(part), part, lambda records: self.write(part, records))

    def write(self, part: Part, records: Iterable[Record]) -> None:
        """Write a part whole; what was there of it is replaced.

        Raises:
            OutputError: It could not be written.
        """
        sinks.write(part_path(self.folder, part.number, self.format), self.format, self.plan.columns, records)

    def finish(self, pictures: int) -> bool:
        """Note that this machine's share is done.

        Args:
            pictures: How many pictures the share has.

        Returns:
            Whether all shares are done.
        """
        note = json.dumps({"pictures": pictures}).encode() + b"\n"
        write_atomic(self.folder / _done(self.shard), note, overwrite=True)
        return is_done(self.folder, self.shard.of)

    def _journal(self, part: Part) -> Path:
        return self.folder / f"_journal-{part.number:06}.jsonl"


@contextmanager
def begin(
    output: Path,
    format: Format,
    plan: Plan,
    *,
    resume: bool = False,
    overwrite: bool = False,
    shard: Shard = WHOLE,
) -> Iterator[Results | None]:
    """The results of a scan, begun or gone on with, and held against other scans for the time being.

    Args:
        output: A folder for the parts, or, where it ends in ``.jsonl`` or ``.csv``, the file that they become.
        format: How records are written.
        plan: What the scan is.
        resume: Go on with an unfinished scan, begin one that is not there, and leave a finished one as it is.
        overwrite: Remove the results of an earlier scan first.
        shard: This machine's share; one of several always resumes.

    Yields:
        The results; ``None`` when they are there already.

    Raises:
        ScanError: There are results, and neither was asked for; or they are of another scan, or being written.
        OutputError: The output could not be written, or is something else than results.
    """
    resume = resume or shard != WHOLE
    folder = folder_of(output)
    if folder != output and output.exists():
        _check_replaceable(output)
        if not folder.exists() and not overwrite:
            if not resume:
                raise OutputError("exists", f"{output} is already there; choose another output or pass --overwrite")
            yield None
            return
    _make(folder)
    with _held(folder, shard):
        if overwrite:
            _clear(folder)
        agree(folder, plan, format, machines=shard.of, resume=resume)
        if is_done(folder, shard.of):
            yield None
            return
        remove_left_overs(folder, alone=shard == WHOLE)
        yield Results(folder, format, plan, shard)


def folder_of(output: Path) -> Path:
    """Where the parts of these results lie: in a folder beside the file that they become, or in the folder itself."""
    if output.suffix.lower() in _SINGLE and not output.is_dir():
        return output.with_name(output.name + PARTS)
    return output


def publish(output: Path, format: Format) -> None:
    """Make one file of results that are to be one; nothing is left to do for others.

    Raises:
        OutputError: It could not be written.
    """
    folder = folder_of(output)
    discarded = output.with_name(f".{output.name}{PARTS}")
    shutil.rmtree(discarded, ignore_errors=True)
    if folder == output or not folder.is_dir():
        return
    with replacement(output, overwrite=True) as file:
        sinks.join(part_files(folder, format), file, format)
    folder.rename(discarded)  # else a process killed here would leave a folder that has lost some of its parts
    shutil.rmtree(discarded, ignore_errors=True)


def part_path(folder: Path, number: int, format: Format) -> Path:
    """The file of a part in a folder of results."""
    return folder / f"part-{number:06}.{format}"


def part_files(folder: Path, format: Format) -> list[Path]:
    """The parts that are there, in order."""
    return sorted(folder.glob(f"part-*.{format}"), key=lambda path: int(path.stem.partition("-")[2]))


def is_done(folder: Path, shares: int = 1) -> bool:
    """Whether every share of a scan is done."""
    return all((folder / _done(Shard(number, shares))).exists() for number in range(shares))


def read(output: Path) -> Iterator[Record]:
    """The records of a scan, in the order of its source, with a value for every column.

    Of a scan that is not finished they are those of the parts that are, and then those of the journals.

    Args:
        output: What ``-o`` was: a folder or a file of results.

    Raises:
        ScanError: There are no results, or they cannot be read.
    """
    folder = folder_of(output)
    if not folder.is_dir():
        yield from _read_file(output)
        return
    plan = read_plan(folder)
    columns = tuple(Column(*each) for each in plan["columns"])
    for path in part_files(folder, plan["format"]):
        yield from sinks.read(path, plan["format"], columns)
    empty = dict.fromkeys(each.name for each in columns)
    for journal in sorted(folder.glob("_journal-*.jsonl")):
        with journal.open("rb") as file:
            yield from (empty | entry[1] for line in file if (entry := read_entry(line)))


def _read_file(path: Path) -> Iterator[Record]:
    if not path.is_file():
        raise ScanError(f"there are no results at {path}; name what -o named")
    foreign = ScanError(f"{path} holds no records of a scan; name what -o named")
    columns: Sequence[Column] = JUDGED
    if (suffix := sinks.format_of(path)) == "csv":
        known = {each.name: each for each in (*JUDGED, *REMOVED, *FAILED)}
        columns = [known.get(name, Column(name)) for name in sinks.csv_header(path)]
        if columns and not {"path", "status", "verdict"} <= {each.name for each in columns}:
            raise foreign
    for record in sinks.read(path, suffix, columns):
        if not _is_of_scan(record):
            raise foreign
        yield record


def _is_of_scan(record: Record) -> bool:
    status = record.get("status")
    return bool(record.get("verdict") if status == "ok" else status == "error" and record.get("error"))


def _check_replaceable(output: Path) -> None:
    """Raise `OutputError` when a file holds something else than results, as a list that somebody made."""
    try:
        next(_read_file(output), None)
    except ScanError as error:
        raise OutputError("exists", f"{output} is no result of a scan; choose another output") from error


def _done(shard: Shard) -> str:
    return f"_done-{shard.number + 1}-of-{shard.of}.json"


def _make(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError("exists", f"{folder} is a file; results in parts need a folder: choose another output")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        foreign = next((path.name for path in folder.iterdir() if not _is_own(path)), None)
    except OSError as error:
        raise unwritable(folder, error) from error
    if foreign is not None:
        message = f"{folder} holds {foreign}, which is no result of a scan; choose another output"
        raise OutputError("exists", message)


def _is_own(path: Path) -> bool:
    return bool(_OWN.fullmatch(path.name)) or path.match(LEFT_OVER)


def _clear(folder: Path) -> None:
    """Remove the results of an earlier scan, in an order in which what is left is never taken for finished."""

    def order(path: Path) -> int:
        return 0 if path.name.startswith("_done-") else 2 if path.name == PLAN else 1

    for path in sorted(folder.iterdir(), key=order):
        if not path.name.startswith("_lock-"):
            path.unlink()


@contextmanager
def _held(folder: Path, shard: Shard) -> Iterator[None]:
    """Hold a share of the results, so that no other process works on the same; a killed process lets go of it."""
    path = folder / f"_lock-{shard.number + 1}-of-{shard.of}"
    with _locked(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _locked(path: Path) -> BinaryIO:
    for _ in range(10):
        try:
            file = path.open("ab")
        except OSError as error:
            raise unwritable(path, error) from error
        if not _lock(file):
            break
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                return file
        file.close()  # its holder removed it between our opening it and our holding it
    raise ScanError(f"another process is scanning to {path.parent}; wait for it, or choose another output")


def _lock(file: BinaryIO) -> bool:
    try:
        import fcntl  # noqa: PLC0415 (not on every system)
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    return True

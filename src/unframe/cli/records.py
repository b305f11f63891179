"""Records out: a table for people, and JSON, JSON lines and CSV for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from unframe.cli.shared import DONE, FAIL_ON_MET, TROUBLE, Format, counted
from unframe.errors import UnframeError

Record = dict[str, Any]

FIELDS = (
    "path",
    "status",
    "width",
    "height",
    "verdict",
    "framed",
    "probability",
    "kind",
    "sides",
    "inner",
    "outer",
    "detector",
    "model",
)
"""Fields of the record of a picture that was judged."""

FAILURE_FIELDS = ("error", "message")
"""Fields that only the record of a picture that failed has, beside ``path`` and ``status``."""

_STYLES = {"framed": "bold red", "review": "yellow", "clean": "green"}
_PIPED_WIDTH = 10_000  # nothing is folded where no person's window sets a width


class Writer(Protocol):
    """Takes records one by one."""

    def write(self, record: Record) -> None:
        """Write one record, or keep it until the end where the format needs all of them."""
        ...

    def close(self) -> None:
        """Write what is still to be written; the stream stays open."""
        ...


class Lines:
    """JSON lines: each record is on its way as soon as it is there."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, record: Record) -> None:
        """Write one line."""
        self._stream.write(_json(record) + b"\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing is left to write."""


class Array:
    """One JSON array, a record on each line; complete even when the run is interrupted."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._before = b"[\n"

    def write(self, record: Record) -> None:
        """Write one element."""
        self._stream.write(self._before + _json(record))
        self._before = b",\n"

    def close(self) -> None:
        """End the array."""
        self._stream.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")
        self._stream.flush()


def _json(record: Record) -> bytes:
    # A file name that is not UTF-8 holds lone surrogates; the escape that replaces them is JSON's own.
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace")


class Table:
    """Comma-separated values with a header; sides and boxes are separated by blanks, no value is an empty field."""

    def __init__(self, stream: BinaryIO, fields: tuple[str, ...]) -> None:
        from unframe.files import CsvText

        self._text = TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)
        self._rows = csv.DictWriter(CsvText(self._text), fields, restval="")
        self._rows.writeheader()

    def write(self, record: Record) -> None:
        """Write one row."""
        self._rows.writerow({name: _cell(value) for name, value in record.items()})

    def close(self) -> None:
        """Let go of the stream without closing it."""
        self._text.detach()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else value


class Page:
    """A table for people, coloured where a terminal shows it; the columns fit, so it waits for the last record."""

    def __init__(self, stream: BinaryIO, terminal: bool, headings: tuple[str, ...]) -> None:
        from rich.console import Console

        self._text = None if terminal else TextIOWrapper(stream, encoding="utf-8", errors="backslashreplace")
        self._console = Console(file=self._text, width=_PIPED_WIDTH) if self._text else Console()
        self._headings = headings
        self._records: list[Record] = []

    def write(self, record: Record) -> None:
        """Keep one record."""
        self._records.append(record)

    def close(self) -> None:
        """Print the table."""
        from rich import box
        from rich import table as rich_table

        page = rich_table.Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
        for heading in self._headings:
            right = heading in {"probability", "width", "height"}
            page.add_column(heading, justify="right" if right else "left", overflow="fold")
        for record in self._records:
            page.add_row(*(_shown(record, heading) for heading in self._headings))
        self._console.print(page)
        if self._text:
            self._text.flush()
            self._text.detach()


def _shown(record: Record, heading: str) -> Any:
    from rich.text import Text

    value = record.get(COLUMNS.get(heading, heading))
    if heading == "verdict" and record["status"] == "error":
        return Text(record["error"], "red")
    if value is None or value == []:
        return Text("")
    show = _SHOW.get(heading, str)
    return Text(show(value), _STYLES.get(str(value), ""))


def _printable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


_SHOW: dict[str, Callable[[Any], str]] = {
    "picture": _printable,
    "output": _printable,
    "probability": "{:.3f}".format,
    "sides": lambda sides: "all" if len(sides) == 4 else ", ".join(sides),
    "photograph": lambda box: "{}, {} – {}, {}".format(*box),
    "too small": lambda small: "yes" if small else "",
}


COLUMNS = {"picture": "path", "photograph": "inner", "too small": "too_small"}
"""Field of the columns whose heading is not the field's own name."""

HEADINGS = ("picture", "verdict", "probability", "kind", "sides", "width", "height", "photograph")
"""Columns of the table that `unframe detect` prints."""


@contextmanager
def writer(
    format: Format | None,
    output: Path | None,
    *,
    overwrite: bool = False,
    fields: tuple[str, ...] = FIELDS,
    headings: tuple[str, ...] = HEADINGS,
) -> Iterator[Writer]:
    """A writer of records to a file, which appears when all are written, or to standard output.

    Args:
        format: How records are written; by the suffix of the file when omitted.
        output: The file; standard output when omitted.
        overwrite: Replace a file that is already there.
        fields: Fields that records have.
        headings: Columns of the table for people.

    Raises:
        OutputError: The file is already there or cannot be written.
        UnframeError: The suffix of the file stands for no format.
    """
    chosen = format or format_of(output)
    with _stream(output, overwrite) as stream:
        made = _make(chosen, stream, fields, headings, terminal=output is None)
        try:
            yield made
        finally:  # an interrupted run shows what it has done
            made.close()


def format_of(output: Path | None) -> Format:
    """The format that the suffix of a file stands for; text where there is no file or no suffix.

    Raises:
        UnframeError: It stands for none.
    """
    suffix = output.suffix.lower() if output else ""
    known: dict[str, Format] = {
        "": "text",
        ".txt": "text",
        ".json": "json",
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".csv": "csv",
    }
    if suffix not in known:
        raise UnframeError(
            f"{output} does not say how results are written; end it in .csv, .json, .jsonl or .txt, or name a "
            "--format (for Parquet use unframe scan)"
        )
    return known[suffix]


def _stream(output: Path | None, overwrite: bool) -> AbstractContextManager[BinaryIO]:
    from contextlib import nullcontext

    from unframe.files import replacement

    if output is None:
        return nullcontext(sys.stdout.buffer)
    return replacement(output, overwrite=overwrite)


def _make(
    format: Format, stream: BinaryIO, fields: tuple[str, ...], headings: tuple[str, ...], *, terminal: bool
) -> Writer:
    match format:
        case "json":
            return Array(stream)
        case "jsonl":
            return Lines(stream)
        case "csv":
            return Table(stream, (*fields, *FAILURE_FIELDS))
        case "text":
            return Page(stream, terminal and sys.stdout.isatty(), headings)


class Tally:
    """Counts what a run found, and knows with which code it ends.

    Args:
        dry: Whether the run only shows what it would do.
    """

    def __init__(self, *, dry: bool = False) -> None:
        self._dry = dry
        self._verdicts: Counter[str] = Counter()
        self._actions: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._too_small = 0
        self._failures: list[Record] = []

    def add(self, record: Record) -> None:
        """Count one record."""
        if record["status"] == "error":
            self._failures.append(record)
            return
        self._verdicts[record["verdict"]] += 1
        if "action" in record:
            self._actions[record["action"]] += 1
            self._reasons[record["reason"]] += record["reason"] is not None
            self._too_small += record["too_small"]

    def summary(self) -> str:
        """The counts in one line."""
        total = self._verdicts.total() + len(self._failures)
        parts = [f"{self._verdicts[each]} {each}" for each in ("framed", "review", "clean") if self._verdicts[each]]
        if self._failures:
            parts.append(f"{len(self._failures)} failed")
        found = f"{counted(total, 'picture')}: {', '.join(parts)}"
        return "; ".join([found, *self._done()])

    def _done(self) -> Iterator[str]:
        if self._actions:
            removed = self._actions.total() - self._actions["pass"]
            off = "would come off" if self._dry else "taken off"
            yield f"{counted(removed, 'frame')} {off}"
        if reasons := +self._reasons:
            causes = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
            yield f"{reasons.total()} left in place ({causes})"
        if self._too_small:
            yield f"{self._too_small} too small"

    def messages(self) -> list[str]:
        """What went wrong, one line each."""
        return [record["message"] for record in self._failures]

    def exit_code(self, fail_on: str | None = None) -> int:
        """2 when a picture failed, 1 when ``fail_on`` or a stronger verdict was met, otherwise 0."""
        if self._failures:
            return TROUBLE
        met = {"framed": ("framed",), "review": ("framed", "review"), None: ()}[fail_on]
        return FAIL_ON_MET if any(self._verdicts[each] for each in met) else DONE

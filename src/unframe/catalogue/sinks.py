"""Files of records: Parquet, JSON lines and CSV, written whole under a temporary name and read back as a stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from unframe.catalogue.item import Column
from unframe.catalogue.records import Record, from_line, to_line
from unframe.errors import MissingExtraError, ScanError
from unframe.files import CsvText, replacement

Format = Literal["parquet", "jsonl", "csv"]

FORMATS: tuple[Format, ...] = get_args(Format)

_ROWS = 1000  # in a group of rows, and the most that are held as objects at once


def format_of(path: Path) -> Format:
    """The format that the suffix of a file or folder stands for.

    Raises:
        ScanError: It stands for none.
    """
    found = {".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}.get(path.suffix.lower())
    if found is None:
        raise ScanError(f"{path} has no suffix that says how to write; use .parquet, .jsonl or .csv, or pass --format")
    return found  # type: ignore[return-value]


def write(path: Path, format: Format, columns: Sequence[Column], records: Iterable[Record]) -> None:
    """Write a whole file of records, or nothing; a file of this name is replaced.

    The same records make the same bytes, however often they are written.

    Args:
        path: The file.
        format: How.
        columns: The columns of the scan. Parquet and CSV have all of them, JSON lines what each record has.
        records: The records, in order.

    Raises:
        OutputError: The file could not be written.
        MissingExtraError: pyarrow is not installed.
    """
    with replacement(path, overwrite=True) as file:
        _WRITERS[format](file, columns, records)


def read(path: Path, format: Format, columns: Sequence[Column]) -> Iterator[Record]:
    """The records of a file, in order, each with a value for every column.

    Raises:
        ScanError: It cannot be read.
        MissingExtraError: pyarrow is not installed.
    """
    return _READERS[format](path, columns)


def paths(path: Path, format: Format, columns: Sequence[Column]) -> list[str]:
    """The ``path`` of each record of a file, in order.

    Raises:
        ScanError: It cannot be read.
    """
    if format == "parquet":
        with _parquet(path) as file:
            found: list[str] = file.read(["path"]).column(0).to_pylist()
            return found
    return [printable(each["path"] or "") for each in read(path, format, columns)]


def join(paths: Iterable[Path], file: BinaryIO, format: Format) -> None:
    """Write JSON lines or CSV files one after the other, with one header."""
    for at, path in enumerate(paths):
        with path.open("rb") as part:
            if format == "csv" and at:
                _skip_header(part)
            while block := part.read(1 << 20):
                file.write(block)


def _skip_header(part: BinaryIO) -> None:
    quotes = 0
    for line in part:  # a column's name may span lines; it is quoted then
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            return


def arrow_schema(columns: Sequence[Column]) -> Any:
    """The columns as a ``pyarrow.Schema``: text, int64, float64, truth values, lists of text, four int32.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    pa = _arrow()
    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.string()),
        "box": pa.list_(pa.int32()),
    }
    return pa.schema([pa.field(each.name, types[each.kind]) for each in columns])


def _arrow() -> Any:
    try:
        import pyarrow as pa  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("Parquet", "pyarrow", "scan") from error
    return pa


def _write_parquet(file: BinaryIO, columns: Sequence[Column], records: Iterable[Record]) -> None:
    schema, pa = arrow_schema(columns), _arrow()
    from pyarrow import parquet  # noqa: PLC0415 (an extra)

    rows = iter(records)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(rows, _ROWS)):
            try:
                table = pa.Table.from_pylist(group, schema=schema)
            except UnicodeEncodeError:  # a file name that is not UTF-8
                table = pa.Table.from_pylist([_printable(each) for each in group], schema=schema)
            writer.write_table(table)


def _printable(record: Record) -> Record:
    return {name: printable(value) if isinstance(value, str) else value for name, value in record.items()}


def printable(text: str) -> str:
    """The text with escapes for what is not Unicode, as in file names of another encoding."""
    return text.encode("utf-8", "backslashreplace").decode()


def _read_parquet(path: Path, _columns: Sequence[Column]) -> Iterator[Record]:
    with _parquet(path) as file:
        for batch in file.iter_batches(_ROWS):
            yield from batch.to_pylist()


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    pa = _arrow()
    from pyarrow import parquet  # noqa: PLC0415 (an extra)

    try:
        with parquet.ParquetFile(path) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise ScanError(f"{path} cannot be read: {error}; delete it, and go on with --resume") from error


def _write_lines(file: BinaryIO, _columns: Sequence[Column], records: Iterable[Record]) -> None:
    for record in records:
        file.write(to_line(record) + b"\n")


def _read_lines(path: Path, columns: Sequence[Column]) -> Iterator[Record]:
    empty = dict.fromkeys(each.name for each in columns)
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield empty | from_line(line)
            except (ValueError, TypeError) as error:  # no JSON, or none of an object
                raise _damaged(f"{path}, line {number}", error) from error


def _write_csv(file: BinaryIO, columns: Sequence[Column], records: Iterable[Record]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
    names = [each.name for each in columns]
    rows = csv.DictWriter(CsvText(text), names, restval="", extrasaction="ignore")
    rows.writeheader()
    for record in records:
        rows.writerow({name: _cell(value) for name, value in record.items()})
    text.flush()
    text.detach()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else value


def _read_csv(path: Path, columns: Sequence[Column]) -> Iterator[Record]:
    with _csv_rows(path) as rows:
        names: list[str] = next(rows, [])
        kinds = {each.name: each.kind for each in columns}
        values = [_VALUES[kinds[name]] for name in names]
        for row in rows:
            if row:
                yield {name: value(cell) for name, value, cell in zip(names, values, row, strict=True)}


def csv_header(path: Path) -> list[str]:
    """The names of the columns of a CSV file.

    Raises:
        ScanError: It cannot be read.
    """
    with _csv_rows(path) as rows:
        return next(rows, [])


@contextmanager
def _csv_rows(path: Path) -> Iterator[Any]:
    """The rows of a CSV file; what is wrong with a value of one is said with its line."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        try:
            yield rows
        except (csv.Error, ValueError) as error:
            raise _damaged(f"{path}, line {rows.line_num}", error) from error


def _damaged(where: str, error: Exception) -> ScanError:
    return ScanError(f"{where} is no record of a scan: {error}; scan anew, or name what -o named")


_VALUES: dict[str, Callable[[str], Any]] = {
    "text": lambda cell: cell or None,
    "integer": lambda cell: int(cell) if cell else None,
    "number": lambda cell: float(cell) if cell else None,
    "flag": lambda cell: cell == "true" if cell else None,
    "texts": str.split,
    "box": lambda cell: [int(each) for each in cell.split()] or None,
}

_WRITERS: dict[Format, Callable[[BinaryIO, Sequence[Column], Iterable[Record]], None]] = {
    "parquet": _write_parquet,
    "jsonl": _write_lines,
    "csv": _write_csv,
}
_READERS: dict[Format, Callable[[Path, Sequence[Column]], Iterator[Record]]] = {
    "parquet": _read_parquet,
    "jsonl": _read_lines,
    "csv": _read_csv,
}

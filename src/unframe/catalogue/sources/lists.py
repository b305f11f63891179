"""Lists of paths or addresses: CSV, TSV, JSON lines, Parquet, or plain text with one on each line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

from unframe.catalogue.addresses import is_remote, local_path, opened, shown
from unframe.catalogue.item import Column, File, Item, Kind, Scalar
from unframe.errors import MissingExtraError, ScanError

ADDRESSES = (
    "path", "image_path", "file", "filename", "file_name", "image", "image_link", "image_url", "url", "address", "src",
)  # fmt: skip
"""Columns that may hold the pictures' paths or addresses, in the order in which they are looked for."""

Row = Mapping[str, Scalar]

_LONGEST_FIELD = 1024 * 1024  # bytes of a cell; beyond it, a quote was left open
_BATCH = 4096


class Rows(Protocol):
    """The rows of a list, with columns that are known before the first of them is read."""

    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Row]:
        """A row after the other, with a value for every column."""
        ...

    def count(self) -> int | None:
        """How many rows there are, where that is cheap to know."""
        ...


@dataclass(frozen=True, slots=True)
class Base:
    """What the relative paths of a list begin at."""

    folder: str

    @classmethod
    def of(cls, address: str, base: str | None) -> Base:
        """The given one, or the folder that the list lies in."""
        return cls(base if base is not None else address.replace("\\", "/").rpartition("/")[0])

    def place(self, path: str) -> str:
        """Where a path or address of the list leads."""
        if is_remote(path) or not self.folder:
            return path
        if is_remote(self.folder):
            return f"{self.folder.rstrip('/')}/{path.lstrip('/')}"
        return str(local_path(self.folder) / local_path(path))


class List:
    """The pictures of a list.

    Args:
        address: The list.
        rows: Its rows.
        column: The column that holds paths or addresses.
        base: What relative paths begin at.
        keep: Columns to carry through; all but ``column`` when omitted.
    """

    def __init__(self, address: str, rows: Rows, column: str, base: Base, keep: Sequence[str] | None) -> None:
        self.address = shown(address)
        self._rows = rows
        self._column = column
        self._base = base
        self.columns = kept(rows.columns, keep, self.address, drop=column)

    def __iter__(self) -> Iterator[Item]:
        """An item for each row; a row that names no picture is an item with trouble."""
        for number, row in enumerate(self._rows, start=1):
            path = str(row[self._column] or "").strip()
            columns = {each.name: row[each.name] for each in self.columns}
            yield item_of(path, self._base, columns, f"row {number} of {self.address}")

    def count(self) -> int | None:
        """How many rows the list has, where that is cheap to know."""
        return self._rows.count()


def item_of(path: str, base: Base, columns: Mapping[str, Scalar], where: str) -> Item:
    """The item that a path or address in a list stands for."""
    if not path:
        return Item("", b"", columns, trouble=f"{where} names no picture")
    return Item(path, File(base.place(path)), columns)


def kept(columns: Sequence[Column], keep: Sequence[str] | None, where: str, drop: str = "") -> tuple[Column, ...]:
    """The columns to carry through.

    Raises:
        ScanError: One of them is not there.
    """
    if keep is None:
        return tuple(each for each in columns if each.name != drop)
    known = {each.name: each for each in columns}
    missing = [name for name in keep if name not in known]
    if missing:
        raise ScanError(f"{where} has no column {missing[0]!r}; it has {', '.join(known) or 'none'}")
    return tuple(known[name] for name in keep)


def open_list(address: str, *, column: str | None, base: str | None, keep: Sequence[str] | None) -> List:
    """The pictures of a list, read by its suffix.

    Raises:
        ScanError: It cannot be read, or no column holds paths or addresses.
        MissingExtraError: It is Parquet, and pyarrow is not installed.
    """
    rows = _rows(address)
    return List(address, rows, _column(rows.columns, column, address), Base.of(address, base), keep)


def _rows(address: str) -> Rows:
    name = (address.partition("?")[0] if is_remote(address) else address).lower().rstrip("/")
    if name.endswith(".parquet"):
        return ParquetRows(address)
    if name.endswith((".jsonl", ".ndjson")):
        return JsonRows(address)
    if name.endswith(".txt"):
        return Lines(address)
    return TableRows(address, "\t" if name.endswith(".tsv") else None)


def _column(columns: Sequence[Column], wanted: str | None, address: str) -> str:
    names = [each.name for each in columns]
    if wanted is not None:
        if wanted not in names:
            raise ScanError(f"{shown(address)} has no column {wanted!r}; it has {', '.join(names) or 'none'}")
        return wanted
    plain = {name.strip().lower(): name for name in reversed(names)}
    found = next((plain[each] for each in ADDRESSES if each in plain), None)
    if found is None:
        where = f"{shown(address)} has the columns {', '.join(names) or 'none'}"
        raise ScanError(f"{where}; say with --column which of them holds the pictures")
    return found


@contextmanager
def text(address: str) -> Iterator[io.TextIOWrapper]:
    """A list as text: UTF-8, with or without a byte order mark.

    Raises:
        ScanError: It cannot be read, or is not UTF-8.
    """
    with opened(address) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as stream:
        try:
            yield stream
        except UnicodeDecodeError as error:
            message = f"{shown(address)} is not UTF-8 (byte {error.start} of a block); save it as UTF-8"
            raise ScanError(message) from error


def cells(lines: Iterable[str], address: str, delimiter: str) -> Iterator[list[str]]:
    """The cells of each row of a table, the header's first.

    Args:
        lines: The table's text.
        address: What messages call the table.
        delimiter: What separates values.

    Raises:
        ScanError: A quote was left open.
    """
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise ScanError(f"{shown(address)}, line {reader.line_num}: {error}; mend the quotes there") from error


class TableRows:
    """Rows of a table with a header, separated by commas, semicolons or tabs; all values are text.

    Args:
        address: The table.
        delimiter: What separates values; told from the header when omitted.
    """

    def __init__(self, address: str, delimiter: str | None = None) -> None:
        self._address = address
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_FIELD))
        with text(address) as stream:
            head = stream.readline()
            self.delimiter = delimiter or max(",;\t", key=head.count)
            header = next(cells(chain([head], stream), address, self.delimiter), [])
        twice = next((name for name in header if header.count(name) > 1), None)
        if twice is not None:
            raise ScanError(f"{shown(address)} has two columns {twice!r}; rename one of them")
        self.columns = tuple(Column(name) for name in header)

    def __iter__(self) -> Iterator[Row]:
        """A row after the other; what is missing in a short one is ``None``, what is too much is left out."""
        names = [each.name for each in self.columns]
        with text(self._address) as stream:
            rows = cells(stream, self._address, self.delimiter)
            next(rows, None)
            for values in rows:
                if values:
                    yield dict.fromkeys(names) | dict(zip(names, values, strict=False))

    def count(self) -> int | None:
        """The rows, counted; unknown where that would fetch the table twice."""
        return None if is_remote(self._address) else sum(1 for _ in self)


class Lines:
    """A path or address on each line; blank lines are passed over."""

    columns: tuple[Column, ...] = (Column("path"),)

    def __init__(self, address: str) -> None:
        self._address = address
        with opened(address):
            pass

    def __iter__(self) -> Iterator[Row]:
        """A row after the other."""
        with text(self._address) as stream:
            for line in stream:
                if line.strip():
                    yield {"path": line.strip()}

    def count(self) -> int | None:
        """The lines, counted; unknown where that would fetch the list twice."""
        return None if is_remote(self._address) else sum(1 for _ in self)


class JsonRows:
    """JSON lines. The columns are all keys of the whole list, which is read once to find them.

    Numbers, truth values and text stay what they are where a key always has the same; whatever else is JSON text.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        kinds: dict[str, Kind | None] = {}
        self._count = 0
        for row in self._objects():
            self._count += 1
            for name, value in row.items():
                kinds[name] = _wider(kinds.get(name), value)
        self.columns = tuple(Column(name, kind or "text") for name, kind in kinds.items())

    def __iter__(self) -> Iterator[Row]:
        """A row after the other."""
        for row in self._objects():
            yield {each.name: _fit(row.get(each.name), each.kind) for each in self.columns}

    def count(self) -> int | None:
        """The rows."""
        return self._count

    def _objects(self) -> Iterator[dict[str, Any]]:
        with text(self._address) as stream:
            for number, line in enumerate(stream, start=1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise ScanError(f"{shown(self._address)}, line {number} is no JSON: {error}") from error
                if not isinstance(row, dict):
                    raise ScanError(f"{shown(self._address)}, line {number} is no object; write one row as {{…}}")
                yield row


def _wider(kind: Kind | None, value: Any) -> Kind | None:
    """The kind that holds a value besides those before it; none as long as there is no value."""
    own: Kind = "text"
    if value is None:
        return kind
    if isinstance(value, bool):
        own = "flag"
    elif isinstance(value, int) and -(2**63) <= value < 2**63:
        own = "integer"
    elif isinstance(value, float):
        own = "number"
    if kind is None or kind == own:
        return own
    return "number" if {kind, own} == {"integer", "number"} else "text"


def _fit(value: Any, kind: Kind) -> Scalar:
    if value is None or kind in {"integer", "flag"}:
        return value  # type: ignore[no-any-return]
    if kind == "number":
        return float(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class ParquetRows:
    """Rows of a Parquet file, or of a folder of them; what JSON has no type for becomes text."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._data = self._open()
        self.columns = tuple(Column(field.name, _arrow_kind(field.type)) for field in self._data.schema)

    def _open(self) -> Any:
        try:
            from pyarrow import ArrowException, dataset  # noqa: PLC0415 (an extra)
        except ImportError as error:
            raise MissingExtraError("reading Parquet", "pyarrow", "scan") from error
        from unframe.catalogue.sources.folders import listing  # noqa: PLC0415

        if is_remote(self._address):
            from unframe.catalogue.addresses import filesystem, protocol  # noqa: PLC0415

            with listing(self._address):
                path = self._address.removeprefix(f"{protocol(self._address)}://")
                return dataset.dataset(path, filesystem=filesystem(self._address), format="parquet")
        try:
            return dataset.dataset(local_path(self._address), format="parquet")
        except (OSError, ArrowException) as error:
            raise ScanError(f"{self._address} is no Parquet that can be read: {error}") from error

    def __iter__(self) -> Iterator[Row]:
        """A row after the other, in the order of files and rows."""
        texts = {each.name for each in self.columns if each.kind == "text"}
        scanner = self._data.scanner(batch_size=_BATCH, batch_readahead=1, fragment_readahead=1, use_threads=False)
        for batch in scanner.to_batches():
            for row in batch.to_pylist():
                yield {name: _text(value) if name in texts else value for name, value in row.items()}

    def count(self) -> int | None:
        """The rows, as the files' footers say."""
        return int(self._data.count_rows())


def _arrow_kind(type_: Any) -> Kind:
    from pyarrow import types  # noqa: PLC0415 (an extra)

    if types.is_boolean(type_):
        return "flag"
    if types.is_integer(type_) and not types.is_uint64(type_):
        return "integer"
    return "number" if types.is_floating(type_) else "text"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)

"""Data sets on disk: three layouts in, one list of `Sample` out.

- A table of labels, CSV, JSONL or Parquet, with the columns of `records.COLUMNS`; or a folder that holds one, called
  ``labels`` with the ending of its format.
- A folder with the folders ``framed/`` and ``clean/`` (``plain/`` is read as well); folders inside them are sources.
- A folder of clean photographs, with a table ``manifest.csv`` of columns ``file`` and ``source``, or without one.

Every complaint names file, row and repair, and all rows are read before the first complaint is made.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from unframe.dataset.records import COLUMNS, NUMBERS, REQUIRED, Label, Sample, from_row, source_of, to_row
from unframe.errors import DatasetError, MissingExtraError
from unframe.files import SUFFIXES, CsvText, is_utf8, walk, write_atomic

LABEL_FOLDERS: dict[str, Label] = {"framed": "framed", "clean": "plain", "plain": "plain"}
MANIFEST = "manifest.csv"
_SHOWN = 5

Row = Mapping[str, Any]
NumberedRows = Iterator[tuple[int, Row]]


def read_dataset(path: str | Path) -> list[Sample]:
    """The pictures of a data set in any of the layouts, in the order of its table or else by path.

    Args:
        path: A table, or a folder in one of the layouts that this module describes.

    Raises:
        DatasetError: There is no data set, a row is wrong, a picture is missing, or a name is not UTF-8.
        MissingExtraError: A Parquet table, and pyarrow is not installed.
    """
    samples = _read(Path(path))
    _check_names(samples)
    return samples


def _read(path: Path) -> list[Sample]:
    if path.is_file():
        return _table(path)
    if not path.is_dir():
        raise DatasetError(f"{path} is not there; name a table of labels or a folder of pictures")
    if table := _labels_of(path):
        return _table(table)
    if any((path / name).is_dir() for name in LABEL_FOLDERS):
        return _label_folders(path)
    if (path / MANIFEST).is_file():
        return _table(path / MANIFEST)
    return _some(_pictures(path, "plain"), path)


def write_labels(samples: Iterable[Sample], path: str | Path, *, overwrite: bool = False) -> None:
    """Write a table that `read_dataset` reads back as the same records.

    Args:
        samples: The records; their pictures are named relative to the table's folder where they lie in it.
        path: The table; its ending, one of `WRITERS`, says the format. It appears whole or not at all.
        overwrite: Replace a table that is already there.

    Raises:
        DatasetError: The ending is not that of a table, or a name is not UTF-8.
        OutputError: The table is there already, or cannot be written.
        MissingExtraError: A Parquet table, and pyarrow is not installed.
    """
    path = Path(path)
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise DatasetError(f"{path} has no ending of a table; end it in {', '.join(WRITERS)}")
    samples = list(samples)
    _check_names(samples)
    rows = [to_row(sample, path.parent) for sample in samples]
    write_atomic(path, writer(rows), overwrite=overwrite)


def _labels_of(folder: Path) -> Path | None:
    tables = [folder / f"labels{suffix}" for suffix in READERS if (folder / f"labels{suffix}").is_file()]
    if len(tables) > 1:
        names = " and ".join(table.name for table in tables)
        raise DatasetError(f"{folder} holds {names}; name the one to read, or remove the others")
    return tables[0] if tables else None


def _label_folders(folder: Path) -> list[Sample]:
    found = [
        sample
        for name, label in LABEL_FOLDERS.items()
        if (folder / name).is_dir()
        for sample in _pictures(folder / name, label)
    ]
    return _some(found, folder)


def _pictures(folder: Path, label: Label) -> list[Sample]:
    return [
        Sample(each.path, label, source=source_of(each.relative)) for each in walk([folder]) if each.path is not None
    ]


def _some(samples: list[Sample], where: Path) -> list[Sample]:
    if not samples:
        raise DatasetError(
            f"{where} holds no picture; give a table labels.csv, folders framed/ and clean/, or pictures "
            f"ending in {', '.join(SUFFIXES)}"
        )
    return samples


def _table(path: Path) -> list[Sample]:
    """The records of a table, whose pictures are relative to its folder; those of a manifest are plain."""
    given = {"label": "plain"} if path.name == MANIFEST else {}
    samples: list[Sample] = []
    problems: list[str] = []
    seen: dict[Path, int] = {}
    for number, row in _rows(path):
        try:
            sample = from_row({**given, **row}, path.parent)
            _check_file(sample.path, seen, number)
        except DatasetError as error:
            problems.append(f"{path} row {number}: {error}")
        else:
            samples.append(sample)
    if problems:
        raise DatasetError(_list(problems))
    return _some(samples, path)


def _check_file(path: Path, seen: dict[Path, int], number: int) -> None:
    first = seen.setdefault(path, number)
    if first != number:
        raise DatasetError(f"{path} is also in row {first}; keep one of the two rows")
    if not path.is_file():
        raise DatasetError(f"there is no file {path}; correct the column file, which is relative to the table's folder")


def _check_names(samples: Iterable[Sample]) -> None:
    """Refuse now what no table, report or card could name when all is measured or learned."""
    bad = [sample for sample in samples if not is_utf8(f"{sample.path}{sample.source}")]
    if bad:
        raise DatasetError(
            _list([f"{str(each.path)!r} of source {each.source!r}: a name is not UTF-8; rename it" for each in bad])
        )


def _list(problems: Sequence[str]) -> str:
    more = len(problems) - _SHOWN
    return "\n".join([*problems[:_SHOWN], *([f"and {more:,} more with such a problem"] if more > 0 else [])])


def _rows(path: Path) -> NumberedRows:
    """Row number, as an editor or a spreadsheet counts, and value by column."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DatasetError(f"{path} is not a table that is read; save it as {', '.join(READERS)}")
    try:
        yield from reader(path)
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is not UTF-8 text (byte {error.start:,}); save it with that encoding") from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}") from error


def _csv_rows(path: Path) -> NumberedRows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            _check_columns(path, reader.fieldnames or ())
            for row in reader:
                _check_width(path, reader.line_num, row)
                yield reader.line_num, row
        except csv.Error as error:
            raise DatasetError(f"{path} row {reader.line_num + 1}: {error}; check its quotes") from error


def _check_width(path: Path, number: int, row: Mapping[Any, Any]) -> None:
    if None in row or None in row.values():
        problem = "more" if None in row else "fewer"
        raise DatasetError(f"{path} row {number} has {problem} values than the header has columns; check its commas")


def _jsonl_rows(path: Path) -> NumberedRows:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, _json_object(path, number, line)


def _json_object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DatasetError(f"{path} row {number} is not JSON: {error}; write one object a line") from error
    if not isinstance(row, dict):
        raise DatasetError(f'{path} row {number} is not a JSON object; write it as {{"file": …, "label": …}}')
    return row


def _parquet_rows(path: Path) -> NumberedRows:
    parquet = _pyarrow_parquet()
    from pyarrow import ArrowException  # noqa: PLC0415 - loaded with the extra only

    try:
        table = parquet.read_table(path)
    except ArrowException as error:
        raise DatasetError(f"{path} is not a Parquet table: {error}; write it again") from error
    _check_columns(path, table.column_names)
    yield from enumerate(table.to_pylist(), start=1)


def _pyarrow_parquet() -> Any:
    try:
        from pyarrow import parquet  # noqa: PLC0415 - loaded with the extra only
    except ImportError as error:
        raise MissingExtraError("Reading or writing a Parquet table", "pyarrow", "evaluate") from error
    return parquet


def _check_columns(path: Path, columns: Iterable[str]) -> None:
    columns = list(columns)
    required = REQUIRED[:1] if path.name == MANIFEST else REQUIRED
    missing = [name for name in required if name not in columns]
    if missing:
        found = ", ".join(columns) or "none"
        raise DatasetError(f"{path} has no column {' and '.join(missing)}; its header gives: {found}; add or rename it")


READERS: dict[str, Callable[[Path], NumberedRows]] = {
    ".csv": _csv_rows,
    ".jsonl": _jsonl_rows,
    ".parquet": _parquet_rows,
}
"""Reader of each kind of table by its ending."""


def _csv_bytes(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(CsvText(text), COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _jsonl_bytes(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _parquet_bytes(rows: Sequence[Row]) -> bytes:
    parquet = _pyarrow_parquet()
    import pyarrow  # noqa: PLC0415 - loaded with the extra only

    # Types by name, not by what the rows hold: a column of unknown numbers must not become one of nothing.
    schema = pyarrow.schema([(name, pyarrow.int32() if name in NUMBERS else pyarrow.string()) for name in COLUMNS])
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema), sink)
    return bytes(sink.getvalue().to_pybytes())


WRITERS: dict[str, Callable[[Sequence[Row]], bytes]] = {
    ".csv": _csv_bytes,
    ".jsonl": _jsonl_bytes,
    ".parquet": _parquet_bytes,
}
"""Writer of each kind of table by its ending."""

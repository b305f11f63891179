"""Likely label errors, as ``unframe dataset label-errors`` ranks them, for the page to show first."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from unframe.errors import DatasetError


def read_suspects(path: Path, folder: Path) -> dict[str, float]:
    """Score of each suspect by its path relative to a folder; those that lie elsewhere are passed by.

    Args:
        path: CSV or, ending in ``.jsonl``, JSON lines with ``path`` and ``score``.
        folder: The folder that the page shows.

    Raises:
        DatasetError: The file cannot be read, or a row has no path and score.
    """
    below = folder.resolve()
    found: dict[str, float] = {}
    for number, row in enumerate(_rows(path), start=1):
        try:
            where, score = Path(row["path"]).resolve(), float(row["score"])
        except (KeyError, TypeError, ValueError):
            raise DatasetError(f"{path} record {number} has no path and score; write it with label-errors") from None
        if where.is_relative_to(below):
            found[where.relative_to(below).as_posix()] = score
    return found


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            if path.suffix.lower() == ".jsonl":
                yield from (json.loads(line) for line in file if line.strip())
            else:
                yield from csv.DictReader(file)
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read: {error}; write it with unframe dataset label-errors") from error

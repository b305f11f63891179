"""What a person says about one picture, as a record, as JSON and as a row of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from unframe.dataset.records import Label, Quality, Sample, from_row
from unframe.errors import DatasetError
from unframe.types import SIDES, Box, Kind, Side

_NOWHERE = Path("picture")
_EDGES = "ltrb"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about a picture; the fields mean what they mean in `unframe.dataset.records.Sample`.

    Attributes:
        label: ``None`` says that the picture is undecided again.
        kind: What the frame looks like, where known.
        sides: Sides that carry a frame.
        inner: Box of the photograph inside the frame, in upright pixels.
        outer: Box where the frame begins.
        geometry_quality: How far to trust the boxes.
        confidence: ``high``, ``low`` or empty.
        hard: Why a plain picture may look framed.
        design: Name of the template that made the frame, where known.
        note: Whatever the person wrote.
    """

    label: Label | None = None
    kind: Kind | None = None
    sides: tuple[Side, ...] = ()
    inner: Box | None = None
    outer: Box | None = None
    geometry_quality: Quality = ""
    confidence: str = ""
    hard: str = ""
    design: str = ""
    note: str = ""

    @classmethod
    def of(cls, sample: Sample) -> Answer:
        """What the record of a data set says."""
        return cls(**{name: getattr(sample, name) for name in FIELDS})

    def sample(self, path: Path, source: str, width: int | None = None, height: int | None = None) -> Sample:
        """The record of a data set for a picture with this answer, which must have a label."""
        values = {name: getattr(self, name) for name in FIELDS}
        return Sample(path=path, source=source, width=width, height=height, **values)

    def record(self) -> dict[str, Any]:
        """The answer as JSON types."""
        return {
            **{name: getattr(self, name) for name in FIELDS},
            "sides": list(self.sides),
            "inner": list(self.inner) if self.inner else None,
            "outer": list(self.outer) if self.outer else None,
        }

    def row(self) -> dict[str, str | None]:
        """The answer as columns of the store: sides as letters, boxes as JSON."""
        return {
            **{name: getattr(self, name) for name in FIELDS},
            "sides": "".join(side[0] for side in self.sides),
            "inner": json.dumps(self.inner) if self.inner else None,
            "outer": json.dumps(self.outer) if self.outer else None,
        }

    @classmethod
    def from_columns(cls, row: Mapping[str, Any]) -> Answer:
        """The answer that `row` made these columns from."""
        values = {name: row[name] for name in FIELDS}
        values["sides"] = tuple(side for side in SIDES if side[0] in row["sides"])
        for name in ("inner", "outer"):
            values[name] = Box(*json.loads(row[name])) if row[name] else None
        return cls(**values)


FIELDS: tuple[str, ...] = tuple(each.name for each in fields(Answer))
"""Names of an answer's fields, which are also columns of the store."""


def parse(record: Mapping[str, Any], width: int | None = None, height: int | None = None) -> Answer:
    """The answer that a JSON object gives, held to the same rules as a row of a data set.

    Args:
        record: ``label`` and, where known, the other fields as `Answer.record` writes them.
        width: Width of the picture in pixels, to check boxes against.
        height: Height of the picture in pixels.

    Raises:
        DatasetError: A value is misspelt or contradicts another; the message names value and repair.
    """
    if record.get("label") is None:
        return Answer()
    row: dict[str, Any] = {name: record.get(name) for name in FIELDS if name not in {"sides", "inner", "outer"}}
    row |= {"file": _NOWHERE, "width": width, "height": height, "sides": _letters(record.get("sides") or [])}
    for name in ("inner", "outer"):
        row |= _edges(name, record.get(name))
    return Answer.of(from_row(row, _NOWHERE.parent))


def _letters(sides: Any) -> str:
    if not isinstance(sides, list) or not set(map(str, sides)) <= set(SIDES):
        raise DatasetError(f"sides is {sides!r}; give a list of {', '.join(SIDES)}")
    return "".join(side[0] for side in sides)


def _edges(name: str, box: Any) -> dict[str, Any]:
    if box is None:
        return {}
    if not isinstance(box, list) or len(box) != len(_EDGES):
        raise DatasetError(f"{name} is {box!r}; give [left, top, right, bottom] in pixels, or null")
    return {f"{name}_{edge}": value for edge, value in zip(_EDGES, box, strict=True)}

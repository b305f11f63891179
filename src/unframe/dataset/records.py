"""One labelled picture as a record, and the same record as a row of a table.

The columns are those that the labelling guide asks for; whatever other columns a table has are ignored.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from unframe.errors import DatasetError
from unframe.types import KINDS, SIDES, Box, Kind, Side

if TYPE_CHECKING:
    from unframe.dataset.generator.drawn import Drawn

Label = Literal["framed", "plain", "unsure", "reject"]
Quality = Literal["", "exact", "good", "approx", "drawn"]

LABELS: tuple[Label, ...] = get_args(Label)
QUALITIES: tuple[Quality, ...] = get_args(Quality)
"""How far to trust the boxes: ``exact`` is within 2 px, ``drawn`` comes from the frame generator, "" is unknown."""

CONFIDENCES = ("", "high", "low")
REQUIRED = ("file", "label")
_BOXES = tuple(f"{box}_{edge}" for box in ("inner", "outer") for edge in "ltrb")
COLUMNS = (
    "file",
    "label",
    "hard",
    "kind",
    "sides",
    *_BOXES,
    "geometry_quality",
    "design",
    "confidence",
    "width",
    "height",
    "source",
    "note",
)
"""Columns of a table of labels, in the order in which they are written."""

NUMBERS = frozenset({*_BOXES, "width", "height"})
"""Those of `COLUMNS` that hold whole numbers; the others hold text."""

_LETTERS: dict[str, Side] = {side[0]: side for side in SIDES}
_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture on disk and what is known about it.

    Attributes:
        path: Where the picture is.
        label: ``framed``, ``plain``, ``unsure`` (two careful people would disagree) or ``reject`` (no product
            photograph).
        kind: What the frame looks like, where known.
        sides: Sides that carry a frame, in the order top, right, bottom, left; empty where unknown or plain.
        inner: Box of the photograph inside the frame, in upright pixels; ``None`` where unknown or plain.
        outer: Box where the frame begins; ``None`` where unknown or plain.
        source: The shop, seller or collection that the picture comes from; pictures of one source stay together in
            every split. Never empty: see `source_of`.
        design: Name of the template or painter that made the frame, where known.
        hard: Why a plain picture may look framed, as ``rectangular``; empty otherwise.
        confidence: ``high``, ``low`` for a doubtful label, or empty.
        geometry_quality: How far to trust the boxes, one of `QUALITIES`. ``drawn`` also marks the plain pictures that
            come from the frame generator.
        width: Width in upright pixels, where known.
        height: Height in upright pixels, where known.
        note: Whatever the labeller wrote.
    """

    path: Path
    label: Label
    kind: Kind | None = None
    sides: tuple[Side, ...] = ()
    inner: Box | None = None
    outer: Box | None = None
    source: str = ""
    design: str = ""
    hard: str = ""
    confidence: str = ""
    geometry_quality: Quality = ""
    width: int | None = None
    height: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.source:
            object.__setattr__(self, "source", source_of(self.path.name))

    @property
    def drawn(self) -> bool:
        """Whether the frame generator made the picture."""
        return self.geometry_quality == "drawn"


def source_of(file: str | PurePath) -> str:
    """The source of a picture whose source nobody wrote down: its first folder, or else its own name without ending.

    So ``shop-a/7.jpg`` belongs to ``shop-a``, and pictures that lie in no folder are each a source of their own, except
    that ``framed/7.jpg`` and ``clean/7.jpg``, which are likely the same product, are one.

    Args:
        file: Path relative to the folder that holds the pictures.
    """
    path = PurePath(file)
    name = path.parts[0] if len(path.parts) > 1 else path.stem
    return name.strip() or name


def from_drawn(drawn: Drawn, path: Path, source: str) -> Sample:
    """The record of a picture that the frame generator drew.

    Args:
        drawn: The picture and its truth.
        path: Where the picture was written.
        source: Source of the photograph that was drawn on, so that splits by source hold for drawn pictures too.
    """
    height, width = drawn.image.shape[:2]
    frame = drawn.frame
    return Sample(
        path=path,
        label=drawn.label,
        kind=frame.kind if frame else None,
        sides=frame.sides if frame else (),
        inner=frame.inner if frame else None,
        outer=frame.outer if frame else None,
        source=source,
        design=drawn.design,
        hard=drawn.hard,
        confidence="high",
        geometry_quality="drawn",
        width=width,
        height=height,
    )


def from_row(row: Mapping[str, Any], folder: Path) -> Sample:
    """The record that a row holds.

    Args:
        row: Value by column, as text or as the JSON type that the column stands for. Columns but `REQUIRED` may be
            missing, and an empty text or ``None`` stands for unknown.
        folder: What the column ``file`` is relative to.

    Raises:
        DatasetError: A value is missing, misspelt or contradicts another; the message names column, value and repair.
    """
    values = {name: _text(row.get(name)) for name in COLUMNS}
    if values["file"]:
        values["file"] = str(row["file"])  # blanks at its ends are part of a file's name
    sample = Sample(
        path=folder / _present(values, "file"),
        label=_label(_present(values, "label")),
        kind=_word(values["kind"], "kind", KINDS) if values["kind"] else None,
        sides=_sides(values["sides"]),
        inner=_box(values, "inner"),
        outer=_box(values, "outer"),
        source=values["source"] or source_of(values["file"]),
        design=values["design"],
        hard=values["hard"],
        confidence=_word(values["confidence"], "confidence", CONFIDENCES),
        geometry_quality=_word(values["geometry_quality"], "geometry_quality", QUALITIES),
        width=_size(values, "width"),
        height=_size(values, "height"),
        note=values["note"],
    )
    return _consistent(sample)


def to_row(sample: Sample, folder: Path) -> dict[str, str | int | None]:
    """The row of a record: every column of `COLUMNS`, ``None`` where a number is unknown.

    Args:
        sample: The record.
        folder: What the column ``file`` is to be relative to; a picture outside it is named by its absolute path.
    """
    boxes = {
        f"{name}_{edge}": box[at] if box else None
        for name, box in (("inner", sample.inner), ("outer", sample.outer))
        for at, edge in enumerate("ltrb")
    }
    row = {
        "file": _relative(sample.path, folder),
        "label": sample.label,
        "hard": sample.hard,
        "kind": sample.kind or "",
        "sides": "".join(side[0] for side in sample.sides),
        **boxes,
        "geometry_quality": sample.geometry_quality,
        "design": sample.design,
        "confidence": sample.confidence,
        "width": sample.width,
        "height": sample.height,
        "source": sample.source,
        "note": sample.note,
    }
    return {column: row[column] for column in COLUMNS}


def _relative(path: Path, folder: Path) -> str:
    # First as they are named, since a picture and a link to it are two; then as a folder is called that a link names.
    named = Path(os.path.abspath(path))  # noqa: PTH100 - resolving would follow links
    found = path.parent.resolve() / path.name
    for whole, base in ((named, Path(os.path.abspath(folder))), (found, folder.resolve())):  # noqa: PTH100 - as above
        if whole.is_relative_to(base):
            return whole.relative_to(base).as_posix()
    return named.as_posix()


def _text(value: Any) -> str:
    if isinstance(value, float):  # a column of numbers with gaps, as pandas writes it
        return "" if math.isnan(value) else f"{value:.12g}"
    return "" if value is None else str(value).strip()


def _present(values: Mapping[str, str], column: str) -> str:
    if not values[column]:
        raise DatasetError(f"{column} is empty; every row needs one")
    return values[column]


def _label(value: str) -> Label:
    """The label; ``clean``, the name of the folder and of the verdict, is another word for ``plain``."""
    return "plain" if value == "clean" else _word(value, "label", LABELS)


def _word(value: str, column: str, allowed: tuple[_Word, ...]) -> _Word:
    for word in allowed:
        if value == word:
            return word
    names = ", ".join(word for word in allowed if word)
    empty = ", or leave it empty" if "" in allowed or column == "kind" else ""
    raise DatasetError(f"{column} is {value!r}; write one of {names}{empty}")


def _sides(value: str) -> tuple[Side, ...]:
    if not set(value) <= set(_LETTERS) or len(set(value)) != len(value):
        raise DatasetError(f"sides is {value!r}; write each framed side once, as letters of t, r, b, l (top to left)")
    return tuple(side for letter, side in _LETTERS.items() if letter in value)


def _number(values: Mapping[str, str], column: str) -> int:
    try:
        return int(values[column])
    except ValueError:
        raise DatasetError(f"{column} is {values[column]!r}; write a whole number of pixels") from None


def _size(values: Mapping[str, str], column: str) -> int | None:
    if not values[column]:
        return None
    size = _number(values, column)
    if size < 1:
        raise DatasetError(f"{column} is {size}; write the size of the upright picture in pixels, or leave it empty")
    return size


def _box(values: Mapping[str, str], name: str) -> Box | None:
    columns = [f"{name}_{edge}" for edge in "ltrb"]
    missing = [column for column in columns if not values[column]]
    if len(missing) == len(columns):
        return None
    if missing:
        raise DatasetError(f"{', '.join(missing)} is empty; give all four edges of the {name} box, or none")
    box = Box(*(_number(values, column) for column in columns))
    if box.width < 1 or box.height < 1:
        raise DatasetError(f"{name} is {list(box)} and holds no pixel; write left < right and top < bottom")
    return box


def _consistent(sample: Sample) -> Sample:
    """The record itself, once label, boxes and size are known to agree."""
    if sample.label == "plain" and (sample.inner or sample.outer or sample.kind or sample.sides):
        raise DatasetError("label is plain, yet kind, sides or boxes are given; empty them, or write framed")
    if sample.width and sample.height:
        whole = Box.whole(sample.width, sample.height)
        _inside(sample.outer, whole, "outer", f"the picture of {sample.width} × {sample.height} pixels")
        _inside(sample.inner, whole, "inner", f"the picture of {sample.width} × {sample.height} pixels")
    if sample.outer:
        _inside(sample.inner, sample.outer, "inner", f"the outer box {list(sample.outer)}")
    return sample


def _inside(box: Box | None, around: Box, name: str, what: str) -> None:
    if box is not None and not around.contains(box):
        raise DatasetError(
            f"{name} is {list(box)} and leaves {what}; right and bottom are exclusive: check the numbers"
        )

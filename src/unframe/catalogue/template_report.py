"""The templates of a catalogue as tables and contact sheets, for a person to look at and to decide about."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from unframe.catalogue.addresses import is_remote
from unframe.catalogue.fetch import fetch
from unframe.catalogue.item import File, Item
from unframe.catalogue.look import LOOK, Look, from_text, look, points, to_text
from unframe.catalogue.summary import group_column
from unframe.catalogue.templates import REACH, Labels
from unframe.errors import DatasetError, UnframeError
from unframe.files import CsvText, write_atomic
from unframe.imaging import decode
from unframe.settings import Settings
from unframe.types import Box, Frame, Image

TEMPLATES, PICTURES, GROUPED = "templates.csv", "pictures.csv", "groups.csv"

COLUMNS = (
    "template",
    "decision",
    "pictures",
    "share",
    "groups",
    "largest",
    "kind",
    "sides",
    "example",
    "reach",
    "looks",
)
"""Columns of the table of templates; a person fills in ``decision``."""

EXEMPLARS = 12
"""Looks that stand for a template at most."""

SHOWN, THUMB, ROWS = 8, 140, 10
"""Pictures of a template on a contact sheet, their longer side in pixels, and templates on a sheet."""

_CAPTION, _GAP = 22, 8
_INK, _PAPER, _MISSING = (33, 37, 41), (255, 255, 255), (222, 226, 230)


@dataclass(frozen=True, slots=True)
class Framed:
    """A framed picture of a catalogue.

    Attributes:
        path: What its record calls it.
        look: What its frame looks like.
        kind: Kind of its frame.
        sides: Sides that carry it, with blanks between.
        group: Seller or the like; empty where nobody says.
    """

    path: str
    look: Look
    kind: str
    sides: str
    group: str


@dataclass(frozen=True, slots=True)
class Template:
    """Frames that look the same.

    Attributes:
        name: Its number, 1 for the most frequent.
        members: Its pictures, the most typical first.
        exemplars: Looks that stand for it: no member lies far from all of them.
        reach: How far its frames may lie from each other.
    """

    name: str
    members: tuple[Framed, ...]
    exemplars: tuple[Look, ...]
    reach: float

    @property
    def groups(self) -> Counter[str]:
        """Pictures by seller or the like."""
        return Counter(each.group for each in self.members if each.group)

    def most(self, what: str) -> str:
        """The most frequent ``kind`` or ``sides`` of its pictures."""
        return Counter(str(getattr(each, what)) for each in self.members).most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Reads pictures of a catalogue again.

    Attributes:
        settings: Limits on what is read.
        base: What relative paths begin at; the working directory when omitted.
    """

    settings: Settings
    base: Path | None = None

    def __call__(self, path: str) -> Image:
        """The picture of a record: uint8 ``(height, width, 3)`` RGB.

        Raises:
            UnframeError: It cannot be read; members of archives cannot, for example.
        """
        address = path if self.base is None or is_remote(path) else str(self.base / path)
        return decode(fetch(Item(path, File(address)), self.settings), self.settings, name=path)


class Reader:
    """The framed pictures among the records of a scan.

    Args:
        records: The records.
        by: The column with the seller or the like; what `group_column` finds when omitted.
        read: Reads the pictures of records without a look again.

    Attributes:
        pictures: Records seen so far.
        unreadable: Framed pictures that were passed over, because they could not be read again.
    """

    def __init__(self, records: Iterable[Mapping[str, Any]], by: str | None, read: Pictures) -> None:
        self._records = records
        self._by = by
        self._read = read
        self.pictures = 0
        self.unreadable: list[str] = []

    def __iter__(self) -> Iterator[Framed]:
        """One framed picture after the other.

        Raises:
            DatasetError: The records have no such column, or a look that is none.
        """
        for record in self._records:
            self.pictures += 1
            if not record.get("inner"):
                continue
            found = self._look(record)
            if found is None:
                self.unreadable.append(record["path"])
                continue
            yield Framed(record["path"], found, record["kind"], " ".join(record["sides"]), self._group(record))

    def _group(self, record: Mapping[str, Any]) -> str:
        by = self._by or group_column(record)
        if by is None:
            return ""
        if by not in record:
            raise DatasetError(f"the records have no column {by!r}; they have {', '.join(record)}")
        return "" if record[by] is None else str(record[by])

    def _look(self, record: Mapping[str, Any]) -> Look | None:
        text = record.get(LOOK.name)
        if text:
            try:
                return from_text(text)
            except ValueError as error:
                raise DatasetError(f"{record['path']} has a look that is none: {error}; scan it anew") from error
        try:
            image = self._read(record["path"])
        except UnframeError:
            return None
        frame = Frame(Box(*record["inner"]), Box(*record["outer"]), tuple(record["sides"]), record["kind"])
        whole = Box.whole(image.shape[1], image.shape[0])
        return look(image, frame) if whole.contains(frame.outer) else None  # else it is another picture by now


def templates(framed: Sequence[Framed], labels: Labels, reach: float = REACH) -> list[Template]:
    """The templates that labels put together, the most frequent first."""
    where = points([each.look for each in framed])
    found = []
    for number in range(int(labels.max(initial=-1)) + 1):
        members: NDArray[np.intp] = np.flatnonzero(labels == number)
        away = np.linalg.norm(where[members] - np.median(where[members], axis=0), axis=1)
        members = members[np.argsort(away, kind="stable")]
        carriers = [framed[int(at)] for at in members]
        exemplars = tuple(carriers[at].look for at in _spread(where[members], reach / 2))
        found.append(Template(str(number + 1), tuple(carriers), exemplars, reach))
    return found


def _spread(where: NDArray[np.float32], reach: float) -> list[int]:
    """Points that lie far apart, the first one first, until none lies further than ``reach`` from all of them."""
    chosen = [0]
    away = np.linalg.norm(where - where[0], axis=1)
    while away.max() > reach and len(chosen) < EXEMPLARS:
        chosen.append(int(away.argmax()))
        away = np.minimum(away, np.linalg.norm(where - where[chosen[-1]], axis=1))
    return chosen


def write(folder: Path, found: Sequence[Template], pictures: int, read: Pictures, *, overwrite: bool = False) -> None:
    """Write tables and contact sheets.

    Args:
        folder: Where they go.
        found: The templates.
        pictures: Pictures of the catalogue, framed or not.
        read: Reads the pictures that are shown.
        overwrite: Replace files that are there, and with them the decisions of a person.

    Raises:
        OutputError: A file is there already, or could not be written.
    """
    rows = [_row(each, pictures) for each in found]
    _table(folder / TEMPLATES, COLUMNS, rows, overwrite)
    members = ((one.path, each.name, one.group) for each in found for one in each.members)
    _table(folder / PICTURES, ("path", "template", "group"), members, overwrite)
    groups = ((name, each.name, count) for each in found for name, count in each.groups.most_common())
    _table(folder / GROUPED, ("group", "template", "pictures"), groups, overwrite)
    for start in range(0, len(found), ROWS):
        stream = io.BytesIO()
        contact_sheet(found[start : start + ROWS], read).save(stream, "PNG")
        path = folder / f"sheet-{start // ROWS + 1:03}.png"
        write_atomic(path, stream.getvalue(), overwrite=overwrite)


def _row(template: Template, pictures: int) -> tuple[object, ...]:
    groups = template.groups
    return (
        template.name,
        "",
        len(template.members),
        f"{len(template.members) / pictures:.4f}",
        len(groups),
        "; ".join(f"{name} ({count:,})" for name, count in groups.most_common(3)),
        template.most("kind"),
        template.most("sides"),
        template.members[0].path,
        template.reach,
        " ".join(to_text(each) for each in template.exemplars),
    )


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], overwrite: bool) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(CsvText(text))
    writer.writerow(columns)
    writer.writerows(rows)
    write_atomic(path, text.getvalue().encode("utf-8", "backslashreplace"), overwrite=overwrite)


def contact_sheet(found: Sequence[Template], read: Pictures) -> PillowImage.Image:
    """A row of pictures for each template, from its most typical one to the one that is least so.

    Pictures that cannot be read again are grey.
    """
    across, down = THUMB + _GAP, THUMB + _CAPTION + _GAP
    sheet = PillowImage.new("RGB", (SHOWN * across + _GAP, len(found) * down + _GAP), _PAPER)
    pen, letters = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for number, template in enumerate(found):
        y = number * down + _GAP
        pen.text((_GAP, y), caption(template), _INK, letters)
        picked = np.unique(np.linspace(0, len(template.members) - 1, SHOWN).round().astype(int))
        for place, at in enumerate(picked):
            thumb = _thumbnail(template.members[at].path, read)
            x, top = place * across + _GAP, y + _CAPTION
            pen.rectangle((x, top, x + THUMB - 1, top + THUMB - 1), fill=_MISSING)
            sheet.paste(thumb, (x + (THUMB - thumb.width) // 2, top + (THUMB - thumb.height) // 2))
    return sheet


def caption(template: Template) -> str:
    """A template in one line."""
    sides = template.most("sides").split()
    where = "all sides" if len(sides) == 4 else ", ".join(sides)
    groups = template.groups
    whose = f"   ·   {len(groups):,} sellers, most {groups.most_common(1)[0][0]}" if len(groups) > 1 else ""
    count = len(template.members)
    return f"{template.name}   ·   {count:,} pictures   ·   {template.most('kind')}, {where}{whose}"


def _thumbnail(path: str, read: Pictures) -> PillowImage.Image:
    try:
        picture = PillowImage.fromarray(read(path))
    except UnframeError:
        return PillowImage.new("RGB", (THUMB, THUMB), _MISSING)
    picture.thumbnail((THUMB, THUMB), PillowImage.Resampling.BOX)
    return picture

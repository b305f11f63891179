"""How pictures stand with the marketplaces' rules on frames and sizes, before and after frames are cut off."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from unframe.catalogue.item import Column
from unframe.catalogue.records import FAILED, JUDGED, REMOVED, Record
from unframe.files import CsvText, replacement
from unframe.removal.profiles import PROFILES, Profile

Standing = Literal["meets", "meets-when-cut", "too-small", "too-small-when-cut", "frame-stays", "review", "unreadable"]

STANDINGS: dict[Standing, str] = {
    "meets": "No frame, and large enough.",
    "meets-when-cut": "Framed; large enough once the frame is cut off.",
    "too-small": "Smaller than the limit as it is.",
    "too-small-when-cut": "Framed; large enough with the frame, but not without it.",
    "frame-stays": "Framed, and the frame was left in place; the record's reason says why.",
    "review": "Whether there is a frame is too close to call.",
    "unreadable": "Could not be fetched or decoded; the record's error says why.",
}
"""How a picture may stand with a marketplace, and what each means; exactly one holds."""


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


def standing(record: Mapping[str, Any], profile: Profile) -> Standing:
    """How a picture stands with a marketplace.

    Args:
        record: What the scan says about it.
        profile: The marketplace's limits.
    """
    if record["status"] == "error":
        return "unreadable"
    if not _fits(Size(record["width"], record["height"]), profile):
        return "too-small"
    if record["verdict"] != "framed" and not _was_cut(record):
        return "review" if record["verdict"] == "review" else "meets"
    if record.get("reason"):
        return "frame-stays"
    return "meets-when-cut" if _fits(_cut(record), profile) else "too-small-when-cut"


def _fits(size: Size, profile: Profile) -> bool:
    return min(size) >= profile.min_side and max(size) >= profile.min_longest


def _was_cut(record: Mapping[str, Any]) -> bool:
    return record.get("action") not in {None, "pass"}


def _cut(record: Mapping[str, Any]) -> Size:
    """The size without the frame: what was made of the picture, or what cutting would leave."""
    if _was_cut(record):
        return Size(record["output_width"], record["output_height"])
    left, top, right, bottom = record["inner"]
    return Size(right - left, bottom - top)


def write_report(
    path: Path,
    records: Iterable[Record],
    columns: Sequence[Column],
    profiles: Sequence[str] = tuple(PROFILES),
    *,
    overwrite: bool = False,
) -> Iterator[Record]:
    """Write a CSV with a row for each picture and marketplace that do not go together, and pass the records on.

    Args:
        path: The file.
        records: What the scan says.
        columns: The columns of the scan; those that its source carries through are in the report, too.
        profiles: Names of marketplaces, of `unframe.removal.profiles.PROFILES`.
        overwrite: Replace a file that is already there.

    Raises:
        OutputError: The file is already there, or could not be written.
    """
    own = {each.name for each in (*JUDGED, *REMOVED, *FAILED)}
    carried = [each.name for each in columns if each.name not in own]
    head = ["path", "marketplace", "standing", "width", "height", "cut_width", "cut_height", "reason", *carried]
    with replacement(path, overwrite=overwrite) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        rows = csv.DictWriter(CsvText(text), head, restval="", extrasaction="ignore")
        rows.writeheader()
        for record in records:
            for name in profiles:
                found = standing(record, PROFILES[name])
                if found != "meets":
                    rows.writerow(_row(record, name, found))
            yield record
        text.flush()
        text.detach()


def _row(record: Record, marketplace: str, found: Standing) -> dict[str, Any]:
    row = {**record, "marketplace": marketplace, "standing": found}
    row["reason"] = record.get("reason") or record.get("error")
    if record.get("inner"):
        row["cut_width"], row["cut_height"] = _cut(record)
    return row

"""Records: what a scan says about a picture, and the columns of all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from unframe.catalogue.item import Column

Record = dict[str, Any]
"""One picture: the record that `unframe detect` gives, with the columns that its source carries through."""

JUDGED: tuple[Column, ...] = (
    Column("path"),
    Column("status"),
    Column("width", "integer"),
    Column("height", "integer"),
    Column("verdict"),
    Column("framed", "flag"),
    Column("probability", "number"),
    Column("kind"),
    Column("sides", "texts"),
    Column("inner", "box"),
    Column("outer", "box"),
    Column("detector"),
    Column("model"),
)
"""Columns of a picture that was judged; all but ``path`` and ``status`` are empty where it could not be."""

REMOVED: tuple[Column, ...] = (
    Column("action"),
    Column("reason"),
    Column("output"),
    Column("output_width", "integer"),
    Column("output_height", "integer"),
    Column("output_verdict"),
    Column("too_small", "flag"),
)
"""Columns of a picture whose frame was, or was to be, taken off."""

FAILED: tuple[Column, ...] = (Column("error"), Column("message"))
"""Columns of a picture that could not be judged; ``message`` also says why a frame was left in place."""

CARRIED_PREFIX = "source_"
"""What a source's column is called after that has the name of one of ours."""


def columns(carried: Sequence[Column], *, removal: bool = False, measured: Sequence[Column] = ()) -> tuple[Column, ...]:
    """The columns of a scan's results, in order.

    Args:
        carried: The columns of its source.
        removal: Whether frames are taken off.
        measured: What else is measured in each picture; see `unframe.catalogue.work.Measure`.
    """
    own = (*JUDGED, *(REMOVED if removal else ()), *FAILED, *measured)
    return (*own, *(Column(renamed(each.name), each.kind) for each in carried))


def renamed(name: str) -> str:
    """What a source's column is called in the results."""
    return CARRIED_PREFIX + name if name in _TAKEN else name


_TAKEN = {each.name for each in (*JUDGED, *REMOVED, *FAILED)}


def to_line(record: Mapping[str, Any]) -> bytes:
    """The record as one line of JSON, without its end of line."""
    # A file name that is not UTF-8 holds lone surrogates; the escape that replaces them is JSON's own.
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace")


def from_line(line: bytes) -> Record:
    """The record that a line of JSON holds."""
    record: Record = json.loads(line)
    return record

"""Headers of GIF files (GIF89a specification, CompuServe 1990). The picture is the first frame on its screen."""

from __future__ import annotations

import struct
from typing import NamedTuple

from unframe.errors import DecodeError
from unframe.imaging.formats.scan import Scan, corrupt, cut_short

_MOST_BLOCKS = 400_000
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL = 0xF9


class _Frame(NamedTuple):
    start: int
    end: int
    right: int
    bottom: int
    control: bytes


class _Walk(NamedTuple):
    frame: _Frame | None
    frames: int
    complete: bool


def scan(data: bytes) -> Scan:
    """Read the headers of a GIF file."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    start = 13 + _table(flags)
    first, frames, complete = _walk(data, start)
    if first is None:
        if complete:
            raise corrupt("is a GIF without any picture")
        raise DecodeError("truncated", cut_short(len(data)))
    # Readers enlarge the screen for a frame that sticks out of it.
    width, height = max(width, first.right), max(height, first.bottom)
    view = memoryview(data)
    screen = data[:6] + struct.pack("<HH", width, height)
    return Scan(
        format="GIF",
        mode="P",
        width=width,
        height=height,
        parts=(screen, view[10:start], first.control, view[first.start : first.end], bytes([_TRAILER])),
        frames=frames,
        missing="" if complete else cut_short(len(data)),
    )


def _walk(data: bytes, at: int) -> _Walk:
    first, frames, control = None, 0, b""
    budget = _MOST_BLOCKS
    while at < len(data):
        start, kind = at, data[at]
        if kind == _TRAILER:
            return _Walk(first, frames, complete=True)
        if kind == _EXTENSION:
            at, budget = _blocks(data, at + 2, budget)
            if data[start + 1 : start + 2] == bytes([_GRAPHIC_CONTROL]):
                control = data[start:at]
        elif kind == _IMAGE and start + 11 <= len(data):
            left, top, wide, high, flags = struct.unpack_from("<4HB", data, start + 1)
            at, budget = _blocks(data, start + 11 + _table(flags), budget)
            frames += 1
            first = first or _Frame(start, at, left + wide, top + high, control)
        elif kind == _IMAGE:
            break
        else:
            # What follows a picture and is no block at all is no part of the GIF.
            return _Walk(first, frames, complete=first is not None)
    return _Walk(first, frames, complete=False)


def _blocks(data: bytes, at: int, budget: int) -> tuple[int, int]:
    """Where a chain of data blocks ends, beyond the end of the file when it is cut."""
    while at < len(data):
        length = data[at]
        at += 1 + length
        if length == 0:
            return at, budget
        budget -= 1
        if budget == 0:
            raise corrupt(f"has more than {_MOST_BLOCKS:,} data blocks")
    return len(data) + 1, budget


def _table(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0

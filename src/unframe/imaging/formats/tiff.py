"""Headers of TIFF and BigTIFF files (TIFF revision 6.0); the picture is the first page.

The decoder is given a fresh directory of the tags that say how pixels are stored, each checked for type, count and
place, and appended to the file. Whatever else a file carries (thousands of tags, other pages, tags as large as
the file) is never looked at.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from unframe.errors import DecodeError
from unframe.imaging import ifd
from unframe.imaging.formats.scan import Scan, corrupt, cut_short, unsupported

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIPS, _SAMPLES, _ROWS, _STRIP_BYTES, _PLANAR = 273, 277, 278, 279, 284
_ORIENTATION, _COLOURS = 274, 320
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_EXTRA, _FORMAT, _JPEG_TABLES, _ICC = 338, 339, 347, 34675

_SINGLE = frozenset({
    _WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, 266, _SAMPLES, _ROWS, _PLANAR, 292, 293, 317, _TILE_WIDTH,
    _TILE_HEIGHT, 512, 513, 514, 531,
})  # fmt: skip
_FEW = {_BITS: 16, _EXTRA: 16, _FORMAT: 16, 519: 8, 520: 8, 521: 8, 529: 3, 530: 2, 532: 6, _COLOURS: 3 << 16}
_MOST_PAGES = 10_000
_MODES = {0: "L", 1: "L", 2: "RGB", 3: "P", 5: "CMYK", 6: "RGB", 8: "LAB"}


class _Page(NamedTuple):
    data: bytes
    flavour: ifd.Flavour
    entries: dict[int, ifd.Entry]

    def numbers(self, tag: int, most: int = 1) -> tuple[int, ...]:
        entry = self.entries.get(tag)
        return ifd.integers(self.data, entry, self.flavour, most) if entry else ()

    def number(self, tag: int, default: int) -> int:
        return next(iter(self.numbers(tag)), default)


def scan(data: bytes) -> Scan:
    """Read the headers of a TIFF file."""
    found = ifd.first(data)
    if found is None:
        raise corrupt("has a TIFF header that is neither version 42 nor 43")
    flavour, at = found
    if at >= len(data):
        raise DecodeError("truncated", f"{cut_short(len(data))}: its directory is at byte {at:,}")
    page = _Page(data, flavour, {each.tag: each for each in reversed(ifd.directory(data, at, flavour)[0])})
    width, height = page.number(_WIDTH, 0), page.number(_HEIGHT, 0)
    turn = page.number(_ORIENTATION, 1)
    icc = page.entries.get(_ICC)
    return Scan(
        format="TIFF",
        mode=_mode(page),
        width=width,
        height=height,
        parts=_parts(page, height),
        orientation=turn if 1 <= turn <= 8 else 1,
        frames=_pages(data, at, flavour),
        icc=data[icc.at : icc.at + icc.size] if icc else None,
        missing=_missing(page, height),
    )


def _mode(page: _Page) -> str:
    bits = page.number(_BITS, 1)
    samples = page.numbers(_FORMAT)
    if samples and samples[0] == 3:
        raise unsupported("is a TIFF of floating-point samples, for which white is not defined")
    if bits > 16:
        raise unsupported(f"is a TIFF of {bits} bits a sample; only 1 to 16 are read")
    photometric = page.number(_PHOTOMETRIC, 0)
    mode = _MODES.get(photometric)
    if mode is None:
        raise unsupported(f"is a TIFF with photometric interpretation {photometric}")
    if photometric == 0 and bits > 8:  # Pillow gives the negative
        raise unsupported(f"is a TIFF of {bits} bits a sample in which 0 is white; only 0 as black is read")
    if mode == "L":
        mode = {1: "1", 16: "I;16"}.get(bits, "L")
    extra = page.numbers(_EXTRA, 16)
    return mode + "A" if mode in {"L", "RGB"} and any(each in {1, 2} for each in extra) else mode


def _pieces(page: _Page, height: int) -> tuple[int, int, int]:
    """Tags of the offsets and of the byte counts of strips or tiles, and how many there must be."""
    planes = page.number(_SAMPLES, 1) if page.number(_PLANAR, 1) == 2 else 1
    if _TILES in page.entries:
        wide, high = max(page.number(_TILE_WIDTH, 1), 1), max(page.number(_TILE_HEIGHT, 1), 1)
        return _TILES, _TILE_BYTES, -(-page.number(_WIDTH, 0) // wide) * -(-height // high) * planes
    rows = max(min(page.number(_ROWS, height), height), 1)
    return _STRIPS, _STRIP_BYTES, -(-height // rows) * planes


def _missing(page: _Page, height: int) -> str:
    at, sizes, count = _pieces(page, height)
    if at not in page.entries:
        raise corrupt("says nowhere where its pixels are")
    starts, lengths = page.numbers(at, count), page.numbers(sizes, count)
    ends = [start + length for start, length in zip(starts, lengths, strict=False)] or list(starts)
    whole = max(ends, default=0)
    if whole > len(page.data):
        return cut_short(len(page.data), whole)
    return "" if len(starts) == count else f"has {len(starts):,} of {count:,} strips or tiles"


def _parts(page: _Page, height: int) -> tuple[bytes | memoryview, ...]:
    order, big = page.flavour
    at, sizes, pieces = _pieces(page, height)
    most = _FEW | dict.fromkeys(_SINGLE, 1) | {at: pieces, sizes: pieces}
    end = len(page.data) + len(page.data) % 2
    kept = [each for tag, each in sorted(page.entries.items()) if tag in most or tag == _JPEG_TABLES]
    fresh = _directory(page, kept, most)
    head = page.data[:2] + (struct.pack(order + "HHHQ", 43, 8, 0, end) if big else struct.pack(order + "HI", 42, end))
    return head, memoryview(page.data)[len(head) :], bytes(len(page.data) % 2), fresh


def _directory(page: _Page, kept: list[ifd.Entry], most: dict[int, int]) -> bytes:
    """A directory of these entries; values that do not fit into it stay where they are in the file."""
    order, big = page.flavour
    room = 8 if big else 4
    lines: list[bytes] = []
    for entry in kept:
        count = min(entry.count, most.get(entry.tag, 65_536))
        size = ifd.TYPE_SIZES.get(entry.kind, 0) * count
        values = page.data[entry.at : entry.at + size]
        if size == 0 or len(values) < size:
            continue
        place = values.ljust(room, b"\0") if size <= room else struct.pack(order + page.flavour.offset, entry.at)
        lines.append(struct.pack(order + "HH" + page.flavour.offset, entry.tag, entry.kind, count) + place)
    count_code = "Q" if big else "H"
    return struct.pack(order + count_code, len(lines)) + b"".join(lines) + bytes(room)


def _pages(data: bytes, at: int, flavour: ifd.Flavour) -> int:
    """How many pages the file has; a chain that breaks or returns to itself ends there."""
    seen: set[int] = set()
    while at and at not in seen and len(seen) < _MOST_PAGES:
        seen.add(at)
        try:
            count_code, start, width = ("Q", 8, 20) if flavour.big else ("H", 2, 12)
            (count,) = struct.unpack_from(flavour.order + count_code, data, at)
            (at,) = struct.unpack_from(flavour.order + flavour.offset, data, at + start + width * count)
        except (struct.error, OverflowError):
            break
    return len(seen)

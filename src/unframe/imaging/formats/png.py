"""Headers of PNG and animated PNG files (W3C PNG, third edition).

Checksums are verified here, because Pillow does not. A wrong one is an error in the header and the palette, and in the
pixels unless the checksum inside the compressed stream is right; an ancillary chunk that has one is ignored. The
picture of an animated PNG is its default image, the one that every reader can show.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from unframe.errors import DecodeError
from unframe.imaging.exif import orientation
from unframe.imaging.formats.scan import Scan, corrupt, cut_short, unsupported

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ICC_LIMIT = 4 * 1024 * 1024
"""A profile that unpacks to more bytes is ignored."""

_MODES = {
    (1, 0): "1", (2, 0): "L", (4, 0): "L", (8, 0): "L", (16, 0): "I;16",
    (8, 2): "RGB", (16, 2): "RGB",
    (1, 3): "P", (2, 3): "P", (4, 3): "P", (8, 3): "P",
    (8, 4): "LA", (16, 4): "RGBA",
    (8, 6): "RGBA", (16, 6): "RGBA",
}  # fmt: skip
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_PIECE, _MOST_UNPACKED = 1 << 10, 1 << 28
_MOST_CHUNKS = 100_000
_DEFLATE_RATIO = 1032
"""No deflate stream unpacks to more than this many times its size (RFC 1951: 258 bytes from 2 bits)."""


class Chunk(NamedTuple):
    """One chunk: its type, where it starts and ends, its payload, and whether its checksum is right."""

    type: bytes
    start: int
    end: int
    body: bytes | memoryview
    sound: bool


def chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks of a PNG file, up to ``IEND`` or to where the file ends; the last one may be incomplete."""
    view, at = memoryview(data), len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        body = view[at + 8 : at + 8 + length]
        sound = end <= len(data) and zlib.crc32(view[at + 4 : end - 4]) == struct.unpack_from(">I", data, end - 4)[0]
        yield Chunk(kind, at, end, body, sound)
        if end > len(data) or kind == b"IEND":
            return
        at = end
    raise corrupt(f"has more than {_MOST_CHUNKS:,} chunks")


def scan(data: bytes) -> Scan:
    """Read the headers of a PNG file."""
    found = list(chunks(data))
    if not found or found[0].end > len(data):
        raise DecodeError("truncated", cut_short(len(data), 57))
    _check(found, len(data))
    width, height, bits, colour, interlaced = _header(found[0])
    first = {each.type: each for each in reversed(found) if each.sound}
    if colour == 3 and b"PLTE" not in first:
        raise corrupt("has indexed colours but no palette")
    exif = bytes(first[b"eXIf"].body) if b"eXIf" in first else None
    return Scan(
        format="PNG",
        mode=_MODES[bits, colour],
        width=width,
        height=height,
        parts=_parts(data, found),
        orientation=orientation(exif),
        frames=_frames(first),
        icc=_icc(first),
        exif=exif,
        missing=_missing(data, found, -(-width * bits * _CHANNELS[colour] // 8) * height if not interlaced else 0),
        transparency=_transparency(first, bits, colour),
    )


def _check(found: list[Chunk], size: int) -> None:
    for each in found:
        if not each.type.isalpha():
            raise corrupt(f"has a broken chunk at byte {each.start:,}")
        if each.type == b"CgBI":
            raise unsupported("is a PNG in Apple's private variant (CgBI)")
    wrong = [each for each in found if each.type in _CRITICAL and each.end <= size and not each.sound]
    first = next((each for each in wrong if each.type != b"IDAT"), None)
    if first is None and wrong and not _unpacks(found):  # once for all: it passes over the whole picture
        first = wrong[0]
    if first:
        raise corrupt(f"has a wrong checksum in its {first.type.decode()} chunk at byte {first.start:,}")


def _unpacks(found: list[Chunk]) -> bool:
    """Whether the compressed pixels unpack to their end and agree with the checksum that stands there."""
    inflater, unpacked = zlib.decompressobj(), 0
    try:
        for piece in _packed(found):
            unpacked += len(inflater.decompress(piece))
            if inflater.eof or unpacked >= _MOST_UNPACKED:
                break
    except zlib.error:
        return False
    return inflater.eof


def _packed(found: list[Chunk]) -> Iterator[bytes | memoryview]:
    """The compressed pixels in pieces, each of which unpacks to about a mebibyte at most."""
    for each in found:
        if each.type == b"IDAT":
            yield from (each.body[at : at + _PIECE] for at in range(0, len(each.body), _PIECE))


def _header(chunk: Chunk) -> tuple[int, int, int, int, bool]:
    if chunk.type != b"IHDR" or len(chunk.body) != 13:
        raise corrupt("does not begin with a PNG header (IHDR) of 13 bytes")
    width, height, bits, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", chunk.body)
    if (bits, colour) not in _MODES:
        raise corrupt(f"declares colour type {colour} with {bits} bits, which PNG does not allow")
    if compression or filtering or interlace > 1:
        raise corrupt("declares a compression, filter or interlace method that PNG does not have")
    return width, height, bits, colour, bool(interlace)


def _parts(data: bytes, found: list[Chunk]) -> tuple[bytes | memoryview, ...]:
    view = memoryview(data)
    kept = [view[each.start : each.end] for each in found if each.type in _CRITICAL]
    return (SIGNATURE, *kept)


def _missing(data: bytes, found: list[Chunk], unpacked: int) -> str:
    if found[-1].end > len(data):
        return cut_short(len(data), found[-1].end)
    if found[-1].type != b"IEND":
        return cut_short(len(data))
    packed = sum(len(each.body) for each in found if each.type == b"IDAT")
    if packed == 0:
        raise corrupt("holds no pixels (no IDAT chunk)")
    if packed * _DEFLATE_RATIO < unpacked:
        return f"holds {packed:,} bytes of compressed pixels, too few for a picture of its size"
    return ""


def _frames(first: dict[bytes, Chunk]) -> int:
    """How many frames an animation control chunk announces; it counts only before the pixels."""
    control, pixels = first.get(b"acTL"), first.get(b"IDAT")
    if control is None or len(control.body) != 8 or (pixels and control.start > pixels.start):
        return 1
    return max(int.from_bytes(control.body[:4], "big"), 1)


def _icc(first: dict[bytes, Chunk]) -> bytes | None:
    if b"iCCP" not in first:
        return None
    _, _, rest = bytes(first[b"iCCP"].body).partition(b"\0")
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(rest[1:], ICC_LIMIT)
    except zlib.error:
        return None
    return profile if inflater.eof else None


def _transparency(first: dict[bytes, Chunk], bits: int, colour: int) -> int | tuple[int, ...] | bytes | None:
    """The tRNS chunk in the scale of decoded pixels: Pillow scales the pixels, but not the transparent colour."""
    if b"tRNS" not in first:
        return None
    body = bytes(first[b"tRNS"].body)
    if colour == 3:
        return body[:256]
    if colour == 0 and len(body) >= 2:
        value: int = struct.unpack_from(">H", body)[0] & ((1 << bits) - 1)
        return value if bits >= 8 else value * 255 // ((1 << bits) - 1)
    if colour == 2 and len(body) >= 6:
        return tuple(each >> 8 if bits == 16 else each & 0xFF for each in struct.unpack_from(">3H", body))
    return None

"""Headers of WebP files (RFC 9649)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unframe.errors import DecodeError
from unframe.imaging.exif import orientation
from unframe.imaging.formats.scan import Scan, corrupt, cut_short

_ALPHA = 0x10
_LEAST = {b"VP8L": 5}
"""Bytes of the first chunk that give the size; 10 for the other kinds."""


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the payload of each chunk that lies in the file at least in part."""
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, at + 8, at + 8 + length
        at += 8 + length + (length & 1)


def scan(data: bytes) -> Scan:
    """Read the headers of a WebP file."""
    (riff,) = struct.unpack_from("<I", data, 4)
    found = list(_chunks(data))
    first = {kind: data[start:end] for kind, start, end in reversed(found) if kind != b"ANMF"}
    if not found:
        raise DecodeError("truncated", cut_short(len(data), riff + 8))
    kind, start, _ = found[0]
    if len(data) < start + _LEAST.get(kind, 10):
        raise DecodeError("truncated", cut_short(len(data), riff + 8))
    width, height, alpha = _canvas(kind, first[kind])
    exif = first.get(b"EXIF")
    return Scan(
        format="WEBP",
        mode="RGBA" if alpha else "RGB",
        width=width,
        height=height,
        parts=(data,),
        orientation=orientation(exif),
        frames=max(sum(kind == b"ANMF" for kind, _, _ in found), 1),
        icc=first.get(b"ICCP"),
        exif=exif,
        missing=_missing(len(data), riff + 8, max(end for _, _, end in found)),
        lossless=b"VP8L" in first,
    )


def _canvas(kind: bytes, body: bytes) -> tuple[int, int, bool]:
    if kind == b"VP8X":
        wide, high = int.from_bytes(body[4:7], "little"), int.from_bytes(body[7:10], "little")
        return wide + 1, high + 1, bool(body[0] & _ALPHA)
    if kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", body)
        if signature != 0x2F:
            raise corrupt("has no lossless WebP signature where one must be")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    if kind == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            raise corrupt("has no WebP key frame where one must be")
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF, False
    raise corrupt(f"has a WebP chunk {kind!r} where the picture must begin")


def _missing(have: int, riff: int, chunk: int) -> str:
    whole = max(riff, chunk)
    return cut_short(have, whole) if have < whole else ""

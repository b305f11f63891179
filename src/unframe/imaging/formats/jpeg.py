"""Headers of JPEG files (ITU-T T.81, JFIF 1.02, Exif 2.32); the first picture of an MPO file is one.

A JPEG does not declare its length. It counts as whole when an end marker follows its first scan: inside the coded
pixels no end marker can occur. A file whose only fault is a missing end marker counts as truncated: without decoding
there is no telling how many of its last rows are missing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from unframe.errors import DecodeError
from unframe.imaging.exif import PREFIX, orientation
from unframe.imaging.formats.scan import Scan, corrupt, cut_short, unsupported

START, END_MARKER = b"\xff\xd8", b"\xff\xd9"
APP0, APP1, APP2, APP14, COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
ICC_PREFIX = b"ICC_PROFILE\0"

_SOS = 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_UNREAD = frozenset({0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF})  # hierarchical, and lossless with arithmetic coding
_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_MOST_SCANS = 500
"""More scans than any encoder writes; each one makes the decoder pass over the whole picture."""


class Segment(NamedTuple):
    """One marker segment: its marker's second byte, where it starts, and where its payload starts and ends."""

    marker: int
    start: int
    body: int
    end: int


def segments(data: bytes) -> Iterator[Segment]:
    """The segments up to and including the header of the first scan; ends early where the file does."""
    at = 2
    while (at := data.find(b"\xff", at)) >= 0:  # skips junk between segments, as every decoder does
        while data[at + 1 : at + 2] == b"\xff":
            at += 1
        if at + 1 >= len(data) or data[at + 1] == 0xD9:
            return
        marker = data[at + 1]
        if marker in {0x00, 0x01, 0xD8} or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        if at + 4 > len(data):
            return
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if end < at + 4:
            raise corrupt(f"has a segment of impossible length at byte {at:,}")
        if end > len(data):
            return
        yield Segment(marker, at, at + 4, end)
        if marker == _SOS:
            return
        at = end


def segment(marker: int, body: bytes) -> bytes:
    """A segment of at most 65,533 bytes, as it stands in a file."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def scan(data: bytes) -> Scan:
    """Read the headers of a JPEG file."""
    found = list(segments(data))
    frame = next((each for each in found if each.marker in FRAMES), None)
    if frame is None:
        if END_MARKER in data[found[-1].end if found else 2 :] or (found and found[-1].marker == _SOS):
            raise corrupt("has no frame header, which every JPEG needs")
        raise DecodeError("truncated", cut_short(len(data)))
    height, width, components = _frame(data, frame)
    pixels = _pixel_data_start(found, len(data))
    _check_work(data, pixels, width * height)
    exif = _exif(data, found)
    adobe = any(each.marker == APP14 and data[each.body :].startswith(b"Adobe") for each in found)
    return Scan(
        format="JPEG",
        mode=_MODES[components],
        width=width,
        height=height,
        parts=_parts(data, found, pixels),
        orientation=orientation(exif),
        icc=_icc(data, found),
        exif=exif,
        missing="" if data.find(END_MARKER, pixels) >= 0 else cut_short(len(data)),
        inverted=components == 4 and not adobe,
    )


def _frame(data: bytes, frame: Segment) -> tuple[int, int, int]:
    bits, height, width, components = struct.unpack_from(">BHHB", data, frame.body)
    if frame.marker in _UNREAD:
        raise unsupported("is a hierarchical or arithmetic lossless JPEG, which unframe does not read")
    if bits != 8:
        raise unsupported(f"is a JPEG of {bits} bits a sample; only 8 are read")
    if components not in _MODES:
        raise unsupported(f"is a JPEG of {components} components; only 1, 3 and 4 are read")
    if height == 0:
        raise unsupported("is a JPEG that gives its height after its pixels (DNL), which unframe does not read")
    if frame.end - frame.body < 6 + 3 * components:
        raise corrupt("has a frame header that is too short")
    return height, width, components


def _pixel_data_start(found: list[Segment], size: int) -> int:
    last = found[-1]
    return last.end if last.marker == _SOS else size


def _check_work(data: bytes, start: int, pixels: int) -> None:
    scans = 1 + data.count(b"\xff\xda", start)
    if scans > _MOST_SCANS or (scans > 32 and scans * pixels > 1_000_000_000):
        raise DecodeError("too-large", f"has {scans:,} progressive scans, which would take too long; save it again")


def _parts(data: bytes, found: list[Segment], pixels: int) -> tuple[bytes | memoryview, ...]:
    view = memoryview(data)
    kept = [view[each.start : each.end] for each in found if not _is_metadata(each.marker)]
    return (START, *kept, view[pixels:])


def _is_metadata(marker: int) -> bool:
    # The decoder tells colour spaces apart by JFIF (APP0) and Adobe (APP14) segments.
    return marker == COMMENT or (APP0 < marker <= 0xEF and marker != APP14)


def _exif(data: bytes, found: list[Segment]) -> bytes | None:
    for each in found:
        if each.marker == APP1 and data.startswith(PREFIX, each.body):
            return data[each.body : each.end]
    return None


def _icc(data: bytes, found: list[Segment]) -> bytes | None:
    pieces = [
        data[each.body : each.end] for each in found if each.marker == APP2 and data.startswith(ICC_PREFIX, each.body)
    ]
    at = len(ICC_PREFIX)
    pieces = sorted((each for each in pieces if len(each) > at + 2), key=lambda piece: piece[at])
    if not pieces or [each[at] for each in pieces] != list(range(1, pieces[0][at + 1] + 1)):
        return None
    return b"".join(each[at + 2 :] for each in pieces)

"""The few things of an EXIF block that matter here: which way up, and what a crop makes stale.

Source: Exif 2.32 (CIPA DC-008), sections 4.5 and 4.6. Edits are made in place: offsets inside a maker's private notes
stay right, and what is not understood is not lost.
"""

from __future__ import annotations

import struct

from unframe.imaging.ifd import Buffer, Entry, Flavour, directory, first, integers

PREFIX = b"Exif\0\0"

_WIDTH, _HEIGHT, _ORIENTATION = 0x0100, 0x0101, 0x0112
_THUMBNAIL_AT, _THUMBNAIL_SIZE = 0x0201, 0x0202
_EXIF_IFD, _PIXEL_WIDTH, _PIXEL_HEIGHT = 0x8769, 0xA002, 0xA003


def orientation(block: Buffer | None) -> int:
    """Orientation that an EXIF block declares, 1 to 8; 1 when it declares none or cannot be read."""
    if not block:
        return 1
    tiff = _tiff(block)
    try:
        found = first(tiff)
        if found is None:
            return 1
        flavour, at = found
        entries, _ = directory(tiff, at, flavour)
        value = _value(tiff, entries, _ORIENTATION, flavour)
    except (struct.error, OverflowError):
        return 1
    return value if value is not None and 1 <= value <= 8 else 1


def after_crop(block: bytes, width: int, height: int) -> bytes:
    """The block for a picture that was turned upright and cut to this size.

    The orientation becomes 1, the recorded size becomes the new one, and the thumbnail, which shows the uncut
    picture, is blanked and unlinked. The block begins with ``Exif``, as JPEG wants it and other writers take it; one
    that cannot be read comes back empty.
    """
    tiff = bytearray(_tiff(block))
    try:
        found = first(tiff)
        if found is None:
            return b""
        flavour, at = found
        entries, following = directory(tiff, at, flavour)
        _set(tiff, entries, flavour, {_ORIENTATION: 1, _WIDTH: width, _HEIGHT: height})
        inside = _value(tiff, entries, _EXIF_IFD, flavour)
        if inside:
            _set(tiff, directory(tiff, inside, flavour)[0], flavour, {_PIXEL_WIDTH: width, _PIXEL_HEIGHT: height})
        if following:
            _drop_thumbnail(tiff, at, len(entries), following, flavour)
    except (struct.error, OverflowError):
        return b""
    return PREFIX + bytes(tiff)


def _tiff(block: Buffer) -> Buffer:
    return block[len(PREFIX) :] if bytes(block[: len(PREFIX)]) == PREFIX else block


def _value(tiff: Buffer, entries: list[Entry], tag: int, flavour: Flavour) -> int | None:
    for entry in entries:
        if entry.tag == tag:
            return next(iter(integers(tiff, entry, flavour, 1)), None)
    return None


def _set(tiff: bytearray, entries: list[Entry], flavour: Flavour, values: dict[int, int]) -> None:
    for entry in entries:
        if entry.tag in values and entry.kind in {3, 4} and entry.count:
            code = {3: "H", 4: "I"}[entry.kind]
            struct.pack_into(flavour.order + code, tiff, entry.at, values[entry.tag])


def _drop_thumbnail(tiff: bytearray, at: int, count: int, following: int, flavour: Flavour) -> None:
    link = at + (8 + 20 * count if flavour.big else 2 + 12 * count)
    struct.pack_into(flavour.order + flavour.offset, tiff, link, 0)
    entries, _ = directory(tiff, following, flavour)
    start = _value(tiff, entries, _THUMBNAIL_AT, flavour) or 0
    end = min(start + (_value(tiff, entries, _THUMBNAIL_SIZE, flavour) or 0), len(tiff))
    if 0 < start < end:
        tiff[start:end] = bytes(end - start)

"""Reading tag directories (IFD), the structure that TIFF files and EXIF blocks share.

Source: TIFF revision 6.0 (Adobe, 1992), section 2, and the BigTIFF proposal (AWare Systems, 2007).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal, NamedTuple

Buffer = bytes | bytearray | memoryview

TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}


class Flavour(NamedTuple):
    """Byte order of a TIFF structure, and whether its offsets have 8 bytes (BigTIFF) or 4."""

    order: Literal["<", ">"]
    big: bool = False

    @property
    def offset(self) -> str:
        """Struct code of an offset."""
        return "Q" if self.big else "I"


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag of a directory.

    Attributes:
        tag: Number of the tag.
        kind: Number of the type of its values.
        count: How many values it declares.
        at: Where its values start, in bytes from the start of the structure.
    """

    tag: int
    kind: int
    count: int
    at: int

    @property
    def size(self) -> int:
        """Bytes that the values take; 0 for a type that is not known."""
        return TYPE_SIZES.get(self.kind, 0) * self.count


def first(data: Buffer) -> tuple[Flavour, int] | None:
    """Flavour of a TIFF structure and the offset of its first directory; ``None`` when it is none.

    Raises:
        struct.error: The structure ends inside its header.
    """
    order: Literal["<", ">"]
    match bytes(data[:2]):
        case b"II":
            order = "<"
        case b"MM":
            order = ">"
        case _:
            return None
    (magic,) = struct.unpack_from(order + "H", data, 2)
    if magic == 42:
        return Flavour(order), struct.unpack_from(order + "I", data, 4)[0]
    if magic == 43:
        return Flavour(order, big=True), struct.unpack_from(order + "Q", data, 8)[0]
    return None


def directory(data: Buffer, at: int, flavour: Flavour) -> tuple[list[Entry], int]:
    """The entries of the directory at this offset, and the offset of the next: 0 for none, or where the data end.

    Raises:
        struct.error, OverflowError: The data end before or inside the directory.
    """
    order, big = flavour
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, at)
    start, width, room = (at + 8, 20, 8) if big else (at + 2, 12, 4)
    end = start + count * width
    if end > len(data):  # before an absurd count costs anything
        raise struct.error("the data end inside a directory")
    following = int.from_bytes(data[end : end + room], "little" if order == "<" else "big")
    entries = []
    for each in range(start, end, width):
        tag, kind, number = struct.unpack_from(order + "HH" + flavour.offset, data, each)
        field = each + width - room
        inline = TYPE_SIZES.get(kind, 0) * number <= room
        entries.append(
            Entry(tag, kind, number, field if inline else struct.unpack_from(order + flavour.offset, data, field)[0])
        )
    return entries, following


def integers(data: Buffer, entry: Entry, flavour: Flavour, most: int) -> tuple[int, ...]:
    """The first values of an entry, at most this many; empty when they are not whole numbers.

    Raises:
        struct.error, OverflowError: The values lie outside the data.
    """
    code = _INTEGERS.get(entry.kind)
    if code is None:
        return ()
    return struct.unpack_from(f"{flavour.order}{min(entry.count, most)}{code}", data, entry.at)

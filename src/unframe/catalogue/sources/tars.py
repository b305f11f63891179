"""Archives of pictures, as WebDataset writes them: a sample's files share a name and differ in their suffix."""

from __future__ import annotations

import lzma
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import BinaryIO

from unframe.catalogue.addresses import opened, shown
from unframe.catalogue.item import Column, Item, Place, Range
from unframe.files import SUFFIXES

_PACKED = (".gz", ".tgz", ".bz2", ".xz")


class Tars:
    """The pictures of one archive or several, in the order in which they lie there; hidden files are passed by.

    Members of a plain archive are read where they lie, by whoever judges them; those of a compressed one cannot be, and
    come along with the item.
    """

    columns: tuple[Column, ...] = (Column("archive"), Column("key"))
    """Address of the archive, and the sample's name within it: the member's path without suffix."""

    def __init__(self, addresses: Sequence[str], limit: int) -> None:
        self._addresses = addresses
        self._limit = limit
        more = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
        self.address = shown(addresses[0]) + more

    def __iter__(self) -> Iterator[Item]:
        """A picture after the other; an archive that ends too early is an item whose trouble says so."""
        for address in self._addresses:
            with opened(address) as file:
                yield from _members(address, file, self._limit)

    def count(self) -> int | None:
        """Unknown without reading the archives."""
        return None


def _members(address: str, file: BinaryIO, limit: int) -> Iterator[Item]:
    packed = address.partition("?")[0].lower().endswith(_PACKED)
    try:
        with tarfile.open(fileobj=file, mode="r|*" if packed else "r:") as archive:
            while member := archive.next():
                vars(archive)["members"].clear()  # a list that only grows
                if member.isfile() and _is_picture(member.name):
                    data = _read(archive, member, limit) if packed else None
                    yield _item(address, member, data)
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        trouble = f"{shown(address)} is no whole archive: {error}; make or fetch it again"
        yield Item(address, b"", {"archive": shown(address), "key": None}, trouble=trouble)


def _is_picture(name: str) -> bool:
    path = PurePath(name)
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, limit: int) -> bytes:
    stream = archive.extractfile(member)
    return stream.read(limit + 1) if stream else b""


def _item(address: str, member: tarfile.TarInfo, data: bytes | None) -> Item:
    path = f"{address}/{member.name}"
    place: Place = Range(address, member.offset_data, member.size) if data is None else data
    name = PurePath(member.name)
    key = name.with_name(name.name.partition(".")[0]).as_posix()
    return Item(path, place, {"archive": shown(address), "key": key})

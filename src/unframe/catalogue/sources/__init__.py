"""Sources of pictures, and which of them an address stands for.

A source reads folders, lists and archives lazily, so that a billion items take no more memory than a thousand. It gives
the same items in the same order every time, so that a scan can go on from a position.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from unframe.catalogue.addresses import filesystem, is_pattern, is_remote, is_there, local_path, protocol, shown
from unframe.catalogue.item import Source
from unframe.catalogue.sources import feeds, folders, lists, tars
from unframe.errors import ScanError
from unframe.settings import Settings

SourceKind = Literal["folder", "tar", "list", "google", "shopify", "woocommerce"]
"""What an address may stand for; a glob is a folder that is sifted, a single picture a folder of one."""

KINDS: tuple[SourceKind, ...] = get_args(SourceKind)

_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_LIST = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".txt")
_FEED = (".xml",)


def open_source(
    address: str,
    kind: SourceKind | None = None,
    *,
    column: str | None = None,
    base: str | None = None,
    keep: Sequence[str] | None = None,
    exclude: Sequence[Path] = (),
    limit: int = Settings().max_bytes,
) -> Source:
    """The source that an address stands for.

    Args:
        address: A folder, a glob, an archive, a list or a feed: a path, or an address that fsspec knows.
        kind: What it is; told from suffix and header when omitted.
        column: The column of a list that holds paths or addresses; the first of `lists.ADDRESSES` when omitted.
        base: What relative paths of a list begin at; the folder of the list when omitted.
        keep: Columns of a list or feed to carry through; for a list all, for a feed `feeds.CARRIED`, when omitted.
        exclude: Folders that are not walked into: those that results are written to.
        limit: Bytes of a picture that a compressed archive is read up to.

    Raises:
        ScanError: There is nothing at the address, or it cannot be read as that kind.
        MissingExtraError: A package that reads it is not installed.
    """
    match kind or _kind(address):
        case "tar":
            return tars.Tars(_several(address), limit)
        case "list":
            return lists.open_list(address, column=column, base=base, keep=keep)
        case "google" | "shopify" | "woocommerce" as feed:
            return feeds.Feed(address, feed, base=base, keep=keep)
        case _:
            return _folder(address, exclude)


def _folder(address: str, exclude: Sequence[Path]) -> Source:
    if is_pattern(address):
        return folders.Glob(address, exclude)
    if is_remote(address):
        return folders.RemoteFolder(address) if _is_remote_folder(address) else folders.Single(address)
    path = local_path(address)
    if path.is_dir():
        return folders.Folder(path, exclude)
    if not path.exists():
        raise ScanError(f"there is no {address}; name a folder, a glob, an archive, a list or a feed")
    return folders.Single(address)


def _is_remote_folder(address: str) -> bool:
    if address.partition("?")[0].endswith("/"):
        return True
    if protocol(address) in {"http", "https"}:  # any page with links would do for a folder
        return False
    with folders.listing(address):
        return bool(filesystem(address).isdir(address))


def _kind(address: str) -> SourceKind:
    name = address.partition("?")[0].lower() if is_remote(address) else address.lower()
    if name.endswith(_TAR):
        return "tar"
    if name.endswith(_FEED):
        return "google"
    if name.rstrip("/").endswith(_LIST):
        if is_pattern(address):
            raise ScanError(f"{shown(address)} stands for several lists; scan them one by one, or join them")
        return feeds.kind_of(address) or "list"
    return "folder"


def _several(address: str) -> list[str]:
    """The archives that an address with ``*`` or, as WebDataset writes it, ``{000..099}`` stands for."""
    span = re.search(r"\{(\d+)\.\.(\d+)\}", address)
    if span and not is_there(address):
        first, last = span[1], span[2]
        numbers = (str(number).zfill(len(first)) for number in range(int(first), int(last) + 1))
        return [address[: span.start()] + number + address[span.end() :] for number in numbers]
    if is_pattern(address):
        return folders.names(address)
    return [address]

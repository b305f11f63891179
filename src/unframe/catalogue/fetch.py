"""The bytes of an item, from wherever they lie, and never more of them than the limit."""

from __future__ import annotations

import time
from typing import Any

from unframe.catalogue.addresses import filesystem, hidden, is_remote, local_path, protocol, reason, shown
from unframe.catalogue.item import File, Item, Range
from unframe.errors import DecodeError, ScanError, UnframeError
from unframe.imaging import read
from unframe.settings import PREFIX, Settings

ATTEMPTS = 3
"""How often a picture is asked for that a server may give later."""

_PAUSE = 0.5  # seconds before the second attempt; doubled before the third
_LATER = {408, 425, 429, 500, 502, 503, 504}


def fetch(item: Item, settings: Settings) -> bytes:
    """The encoded picture of an item.

    Args:
        item: What to fetch.
        settings: Carries the limit of bytes, of which never more than one byte over is held.

    Raises:
        DecodeError: ``unreadable`` or ``too-large``.
        MissingExtraError: A package that speaks the address's protocol is not installed.
    """
    if item.trouble is not None:
        raise DecodeError("unreadable", item.trouble)
    match item.place:
        case bytes() as data:
            return _within(data, len(data), item, settings)
        case Range(address, offset, size):
            _within(b"", size, item, settings)
            return _range(item, address, offset, size)
        case File(address) if is_remote(address):
            return _within(data := _remote(item, address, settings.max_bytes + 1), len(data), item, settings)
        case File(address):
            return read(local_path(address), settings)


def is_slow(item: Item) -> bool:
    """Whether fetching the item mostly waits for a network."""
    return not isinstance(item.place, bytes) and is_remote(item.place.address)


def _within(data: bytes, size: int, item: Item, settings: Settings) -> bytes:
    if size > settings.max_bytes:
        limit = f"the limit is {settings.max_bytes:,}; raise {PREFIX}MAX_BYTES or save it smaller"
        raise DecodeError("too-large", f"{shown(item.path)} has {size:,} bytes or more; {limit}")
    return data


def _range(item: Item, address: str, offset: int, size: int) -> bytes:
    if is_remote(address):
        data = _patiently(item, address, lambda files: files.cat_file(address, start=offset, end=offset + size))
    else:
        try:
            with local_path(address).open("rb") as file:
                file.seek(offset)
                data = file.read(size)
        except OSError as error:
            raise _unreadable(item, error, address) from error
    if len(data) < size:
        raise DecodeError("truncated", f"{shown(item.path)} ends after {len(data):,} of {size:,} bytes")
    return data


def _remote(item: Item, address: str, limit: int) -> bytes:
    def get(files: Any) -> bytes:
        if protocol(address) in {"http", "https"}:
            # As a stream, for a server may send far more than was asked for; with a size, else it would be asked first.
            with files.open(address, "rb", block_size=0, size=limit) as stream:
                return _all_of(stream, limit)
        data: bytes = files.cat_file(address, start=0, end=limit)
        return data

    return _patiently(item, address, get)


def _all_of(stream: Any, limit: int) -> bytes:
    """What a stream holds, up to a limit; one read of it may give less than was asked for."""
    chunks: list[bytes] = []
    missing = limit
    while missing > 0 and (chunk := stream.read(missing)):
        chunks.append(chunk)
        missing -= len(chunk)
    return b"".join(chunks)


def _patiently(item: Item, address: str, get: Any) -> bytes:
    try:
        files = filesystem(address)
    except ScanError as error:  # a protocol that nobody speaks
        raise DecodeError("unreadable", str(error)) from error
    for attempt in range(1, ATTEMPTS + 1):
        try:
            data: bytes = get(files)
        except UnframeError:
            raise
        except Exception as error:  # packages of many protocols, with no common base
            if attempt == ATTEMPTS or not _passes(error):
                raise _unreadable(item, error, address) from hidden(error, address)
            time.sleep(_PAUSE * 2 ** (attempt - 1))
        else:
            return data
    raise AssertionError("unreachable")


def _passes(error: Exception) -> bool:
    """Whether asking again may help."""
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return status in _LATER
    return isinstance(error, TimeoutError | ConnectionError) or type(error).__module__.startswith("aiohttp")


def _unreadable(item: Item, error: Exception, address: str) -> DecodeError:
    return DecodeError("unreadable", f"{shown(item.path)} cannot be read: {reason(error)}")

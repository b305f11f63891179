"""Paths and addresses: which are local, how they are opened, and how they are shown without credentials."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import urlsplit, urlunsplit

from unframe.errors import MissingExtraError, ScanError

_PROTOCOL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")  # two letters at least: `c:` is a drive
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "az": "az", "abfs": "az", "abfss": "az", "adl": "az"}
_WEB = ("http", "https")
_SECONDS = 30  # for one answer of a web server, from connecting to its last byte
_LONGEST_NAME = 100  # bytes of a component of an output path; file systems allow 255


def is_remote(address: str) -> bool:
    """Whether an address is for fsspec; everything else is a path on this machine."""
    return bool(_PROTOCOL.match(address)) and protocol(address) != "file"


def is_pattern(address: str) -> bool:
    """Whether an address has wildcards; in the query of a web address, and in its host, there are none.

    A file or folder of this machine that has the very name is meant, whatever characters are in it.
    """
    if not is_remote(address):
        return bool(re.search(r"[*?\[]", address)) and not is_there(address)
    return bool(re.search(r"[*\[]", address.partition("?")[0].partition("://")[2].partition("/")[2]))


def is_there(address: str) -> bool:
    """Whether an address is the path of a file or folder of this machine."""
    return not is_remote(address) and local_path(address).exists()


def protocol(address: str) -> str:
    """The protocol of an address; ``file`` for a path."""
    return address.partition("://")[0].lower() if _PROTOCOL.match(address) else "file"


def local_path(address: str) -> Path:
    """The path that a local address stands for; ``file://`` is taken off."""
    return Path(address[len("file://") :] if address.lower().startswith("file://") else address)


def shown(address: str) -> str:
    """The address as messages show it: no user, no password, no query, for signatures live there."""
    if not is_remote(address):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:  # as of a torn IPv6 host
        return f"{protocol(address)}://…"
    query = "…" if parts.query else ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def filesystem(address: str) -> Any:
    """The fsspec file system of a remote address; one and the same for all addresses of a protocol.

    Raises:
        MissingExtraError: fsspec, or the package that speaks this protocol, is not installed.
        ScanError: fsspec does not know the protocol.
    """
    name = protocol(address)
    try:
        import fsspec  # noqa: PLC0415 (an extra)

        return fsspec.filesystem(name, **_options(name))
    except ImportError as error:
        package = error.name or "fsspec"
        raise MissingExtraError(f"reading {name}://", package, _EXTRAS.get(name, "scan")) from error
    except ValueError as error:
        raise ScanError(f"{shown(address)} has a protocol that is not known; use s3, gs, az or https") from error


def _options(name: str) -> dict[str, Any]:
    # A cache of listings would grow with the catalogue.
    options: dict[str, Any] = {"use_listings_cache": False}
    if name in _WEB:
        import aiohttp  # noqa: PLC0415 (comes with fsspec's http)

        options["client_kwargs"] = {"timeout": aiohttp.ClientTimeout(total=_SECONDS)}
    return options


@contextmanager
def opened(address: str) -> Iterator[BinaryIO]:
    """A file of a source, open for reading from its start; it can be sought in.

    Raises:
        ScanError: It cannot be opened or read.
    """
    try:
        if is_remote(address):
            with filesystem(address).open(address, "rb") as file:
                yield file
        else:
            with local_path(address).open("rb") as file:
                yield file
    except OSError as error:
        raise ScanError(f"{shown(address)} cannot be read: {reason(error)}") from hidden(error, address)
    except Exception as error:
        if not is_remote(address) or not _from_network(error):
            raise
        raise ScanError(f"{shown(address)} cannot be read: {reason(error)}") from None


def reason(error: BaseException) -> str:
    """Why an address cannot be read, in words that hold nothing of the address.

    Errors of network packages quote addresses, headers and keys, so that none of their text is passed on.
    """
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return f"the server answered {status}"
    if isinstance(error, FileNotFoundError):
        return "there is nothing at this address; check it"
    if isinstance(error, PermissionError):
        return "access was denied; check the credentials, and who may read it"
    if isinstance(error, TimeoutError):
        return "no answer in time; try again"
    text = error.strerror if isinstance(error, OSError) and isinstance(error.errno, int) and error.errno else None
    return text or f"the transfer failed ({type(error).__name__})"


def hidden(error: BaseException, address: str) -> BaseException | None:
    """The error as the cause of another, or nothing where its text might hold a credential."""
    return None if is_remote(address) else error


def _from_network(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] not in {"unframe", "builtins"}


def output_name(address: str) -> PurePath:
    """A relative path for the cleaned copy of whatever lies at an address: readable, safe, and its own.

    It is the address with what a file system might not take replaced, and a digest of the whole address before the
    suffix, so that ``a.jpg?v=1`` and ``a.jpg?v=2``, or ``A.jpg`` and ``a.jpg``, never share a name.
    """
    plain = address.partition("?")[0].partition("#")[0] if is_remote(address) else address
    plain = _PROTOCOL.sub("", plain).rpartition("@")[2] if is_remote(address) else plain
    folders = [_safe(part) for part in PurePosixPath(plain.replace("\\", "/")).parts]
    kept = [each for each in folders if each not in {"", ".", ".."}] or ["picture"]
    stem, dot, suffix = kept[-1].rpartition(".")
    digest = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    name = f"{stem}.{digest}.{suffix}" if dot and stem else f"{kept[-1]}.{digest}"
    return PurePath(*kept[:-1], name)


def _safe(part: str) -> str:
    cleaned = re.sub(r"[^\w.+@=-]", "_", part, flags=re.ASCII).strip("_") or "_"
    cleaned = cleaned.lstrip(".") or "_"  # neither hidden nor a climb
    return cleaned[-_LONGEST_NAME:].lstrip(".")

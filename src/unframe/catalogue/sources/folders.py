"""Folders and globs, on this machine or remote, walked in the order of their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

from unframe import files
from unframe.catalogue.addresses import filesystem, is_remote, local_path, protocol, reason, shown
from unframe.catalogue.item import Column, File, Item
from unframe.errors import ScanError, UnframeError

_MAGIC = re.compile(r"[*?\[]")


class Single:
    """One picture."""

    columns: tuple[Column, ...] = ()

    def __init__(self, address: str) -> None:
        self._address = address
        self.address = shown(address)

    def __iter__(self) -> Iterator[Item]:
        """The one item."""
        yield Item(self._address, File(self._address))

    def count(self) -> int | None:
        """One."""
        return 1


class Folder:
    """A folder of this machine, with the folders below it; see `unframe.files.pictures` for what is found."""

    columns: tuple[Column, ...] = ()

    def __init__(self, root: Path, exclude: Sequence[Path] = ()) -> None:
        self._root = root
        self._exclude = exclude
        self.address = str(root)

    def __iter__(self) -> Iterator[Item]:
        """A picture after the other, in the order of their names."""
        for path in files.pictures(self._root, self._exclude):
            name = str(path)
            yield Item(name, File(name), relative=path.relative_to(self._root).as_posix())

    def count(self) -> int | None:
        """How many pictures there are now."""
        return sum(1 for _ in files.pictures(self._root, self._exclude))


class RemoteFolder:
    """A folder, or prefix, that fsspec lists: pictures by their suffix, hidden names left out."""

    columns: tuple[Column, ...] = ()

    def __init__(self, address: str) -> None:
        self._root = address.rstrip("/")
        self.address = shown(self._root)

    def __iter__(self) -> Iterator[Item]:
        """A picture after the other, in the order of their names."""
        for address in addresses(self._root):
            if _is_picture(address):
                yield Item(address, File(address))

    def count(self) -> int | None:
        """Unknown: listing twice would cost as many requests again."""
        return None


class Glob:
    """The pictures of a folder whose paths match a pattern: ``*``, ``?``, ``[…]``, and ``**`` for folders between.

    Args:
        pattern: The pattern.
        exclude: Folders that are not walked into.

    Raises:
        ScanError: Nothing on this machine matches; of what is remote that is said once it is listed.
    """

    columns: tuple[Column, ...] = ()

    def __init__(self, pattern: str, exclude: Sequence[Path] = ()) -> None:
        self._pattern = pattern
        self._exclude = exclude
        self.address = shown(pattern)
        if not is_remote(pattern):
            next(iter(self))

    def __iter__(self) -> Iterator[Item]:
        """A picture after the other, in the order of their names.

        Raises:
            ScanError: There is none.
        """
        address = None
        for address in _matching(self._pattern, self._exclude):
            yield Item(address, File(address))
        if address is None:
            raise _nothing(self._pattern)

    def count(self) -> int | None:
        """How many match now; unknown where listing costs requests."""
        return None if is_remote(self._pattern) else sum(1 for _ in _matching(self._pattern, self._exclude))


def names(pattern: str) -> list[str]:
    """The files of any suffix that match a pattern, sorted.

    Raises:
        ScanError: There are none.
    """
    root, matches = _split(pattern)
    if is_remote(pattern):
        found = [each for each in addresses(root) if matches(each)]
    else:
        found = sorted(str(each) for each in Path(root).rglob("*") if matches(each.as_posix()) and each.is_file())
    if not found:
        raise _nothing(pattern)
    return found


def _nothing(pattern: str) -> ScanError:
    return ScanError(f"nothing matches {shown(pattern)}; check the pattern, and put it in quotes")


def _matching(pattern: str, exclude: Sequence[Path]) -> Iterator[str]:
    root, matches = _split(pattern)
    if is_remote(pattern):
        yield from (each for each in addresses(root) if _is_picture(each) and matches(each))
        return
    for path in files.pictures(Path(root), exclude):
        if matches(path.as_posix()):
            yield str(path)


def _split(pattern: str) -> tuple[str, Callable[[str], object]]:
    """The folder above the first part that is a pattern, and what is true of an address that matches the whole."""
    if not is_remote(pattern):  # written as the paths are that a walk gives; only folders end in a slash, no picture
        pattern = local_path(pattern).as_posix() + "/" * pattern.endswith("/")
    parts = pattern.split("/")
    fixed = next(at for at, part in enumerate(parts) if _MAGIC.search(part))
    root = "/".join(parts[:fixed]) or ("/" if pattern.startswith("/") else ".")
    try:
        return root, re.compile(_translate(pattern)).fullmatch
    except re.error as error:
        raise ScanError(f"{shown(pattern)} is no glob: {error}; ranges go upwards, as in [a-z]") from error


def _translate(pattern: str) -> str:
    """A glob as a regular expression; ``**`` as a whole part stands for any folders, none included."""
    parts = []
    for part in re.split(r"(?<=/)", pattern):
        if part == "**/":
            parts.append("(?:[^/]+/)*")
        elif part == "**":
            parts.append(".*")
        else:
            parts.append("".join(map(_piece, re.findall(r"\[!?[^\]]+\]|.", part))))
    return "".join(parts)


def _piece(piece: str) -> str:
    if piece in {"*", "?"}:
        return "[^/]*" if piece == "*" else "[^/]"
    if len(piece) > 1:
        inside = piece[1:-1].replace("\\", "\\\\")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(piece)


def addresses(root: str) -> Iterator[str]:
    """The files below a remote folder, in the order of their names, one listing after the other.

    Raises:
        ScanError: It cannot be listed.
    """
    with listing(root):
        entries = filesystem(root).ls(root, detail=True)
    scheme = protocol(root)
    for entry in sorted(entries, key=lambda each: str(each["name"])):
        name = str(entry["name"])
        address = name if "://" in name else f"{scheme}://{name}"
        if address.rstrip("/") == root.rstrip("/") or _hidden(name):
            continue
        if entry["type"] == "directory":
            yield from addresses(address.rstrip("/"))
        else:
            yield address


@contextmanager
def listing(address: str) -> Iterator[None]:
    """Turn what fsspec raises when it lists a folder into a `ScanError` without credentials."""
    try:
        yield
    except UnframeError:
        raise
    except Exception as error:  # packages of many protocols, with no common base
        raise ScanError(f"{shown(address)} cannot be listed: {reason(error)}") from None


def _hidden(name: str) -> bool:
    return name.rstrip("/").rpartition("/")[2].startswith(".")


def _is_picture(address: str) -> bool:
    return PurePath(address.partition("?")[0]).suffix.lower() in files.SUFFIXES

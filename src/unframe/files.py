"""Files in and out: the pictures of a run, where each result goes, and writing that never leaves half a file."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, TextIO

from unframe.errors import OutputError

SUFFIXES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".bmp": "BMP",
    ".dib": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
}
"""File suffixes that are looked for in folders, and the format each stands for; the bytes decide, not the suffix."""

STANDARD_INPUT = "-"

MANIFEST = "manifest.jsonl"
ORIGINALS = "originals"
"""What a folder holds in which `unframe.removal.in_place` keeps originals; no walk enters such a folder."""

LEFT_OVER = ".unframe-*.part"
"""Pattern of the names that files have while `replacement` writes them; a killed process leaves one behind."""

_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV}


@dataclass(frozen=True, slots=True)
class Input:
    """One picture that a run works on.

    Attributes:
        name: What records and messages call it: the path as it was given, or ``-``.
        path: Where to read it; ``None`` for standard input.
        relative: Where its result goes below an output folder.
    """

    name: str
    path: Path | None
    relative: PurePath


def walk(paths: Iterable[str | os.PathLike[str]], exclude: Iterable[Path] = ()) -> list[Input]:
    """The pictures that these paths stand for, each once.

    A file is taken whatever it is called, and also when it does not exist, so that reading it can say so. A folder is
    walked in the order of its names, for files with one of `SUFFIXES`; hidden files and folders are passed by, and
    links to folders are not followed, because they may lead round in a circle. A folder that keeps originals for
    ``unframe restore`` is passed by, too: nobody wants these judged or cut.

    Args:
        paths: Files, folders, or ``-`` for standard input.
        exclude: Folders that are not walked into: output folders, which may lie inside an input folder.
    """
    excluded = {folder.resolve() for folder in exclude}
    found: dict[str, Input] = {}
    for given in paths:
        for each in _expand(os.fspath(given), excluded):
            # Not `resolve`: a link and its target are two pictures.
            key = STANDARD_INPUT if each.path is None else os.path.abspath(each.path)  # noqa: PTH100
            found.setdefault(key, each)
    return list(found.values())


def _expand(given: str, excluded: set[Path]) -> Iterator[Input]:
    if given == STANDARD_INPUT:
        yield Input(STANDARD_INPUT, None, PurePath("stdin"))
        return
    path = Path(given)
    if not os.path.isdir(path):  # noqa: PTH112 - unlike `Path.is_dir`, it raises for no name
        yield Input(given, path, PurePath(path.name))
        return
    for file in _pictures(path, excluded):
        yield Input(str(file), file, file.relative_to(path))


def pictures(folder: Path, exclude: Iterable[Path] = ()) -> Iterator[Path]:
    """The pictures of a folder, as `walk` finds them, one by one: never all of their paths in memory.

    Args:
        folder: Where to look.
        exclude: Folders that are not walked into.
    """
    return _pictures(folder, {each.resolve() for each in exclude})


def _pictures(folder: Path, excluded: set[Path]) -> Iterator[Path]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        yield folder  # reading it will fail and say why
        return
    if {MANIFEST, ORIGINALS} <= {entry.name for entry in entries}:
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if path.resolve() not in excluded:
                yield from _pictures(path, excluded)
        elif path.suffix.lower() in SUFFIXES and _to_be_read(entry):
            yield path


def _to_be_read(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a file, or a link of which reading will fail and say why."""
    try:
        return entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists())
    except OSError:  # it leads round in a circle, or to where nothing may be looked at
        return True


def is_utf8(name: str) -> bool:
    """Whether a file's name can be kept as text; one that is not UTF-8 has surrogates for its bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_among(path: Path, files: Iterable[Path]) -> bool:
    """Whether a path leads to one of these files, through whatever links."""
    # Not `resolve`: it raises for a link that leads round in a circle.
    return os.path.realpath(path) in {os.path.realpath(each) for each in files}


def plan_outputs(inputs: Sequence[Input], root: Path) -> list[Path]:
    """Where the result of each input goes: its relative path below ``root``. Nothing is written.

    Raises:
        OutputError: ``outside`` when a relative path leaves the folder, ``collision`` when two inputs share an output
            or an output is itself one of the inputs.
    """
    # Not `resolve`: it raises for a link that leads round in a circle.
    originals = {os.path.realpath(each.path): each.name for each in inputs if each.path is not None}
    taken: dict[str, str] = {}
    outputs = []
    for each in inputs:
        output = below(root, each.relative)
        first = taken.setdefault(os.path.normcase(output), each.name)
        if first != each.name:
            message = f"{first} and {each.name} would both be written to {output}; name the folder above them instead"
            raise OutputError("collision", message)
        original = originals.get(os.path.realpath(output))
        if original is not None:
            raise OutputError("collision", f"{output} is the input {original}; choose another output folder")
        outputs.append(output)
    return outputs


def below(root: Path, relative: PurePath) -> Path:
    """The path ``relative`` below ``root``.

    Raises:
        OutputError: ``outside`` when the path is absolute, climbs with ``..`` or names no file.
    """
    if relative.is_absolute() or relative.drive or ".." in relative.parts or not relative.parts:
        raise OutputError("outside", f"{str(relative)!r} does not stay below {root}; use a plain relative path")
    return root / relative


def write_atomic(path: Path, data: bytes, *, overwrite: bool = False, root: Path | None = None) -> bool:
    """Write a whole file or nothing.

    Args:
        path: The file; folders above it are made.
        data: All of its bytes.
        overwrite: Replace a file that is already there.
        root: Folder that the file must lie in once every link on its way is followed.

    Returns:
        Whether anything was written: a file that already holds these very bytes is left alone, so that a run that was
        cut short can be started again.

    Raises:
        OutputError: ``exists``, ``outside`` or ``unwritable``; the file is then as it was before.
    """
    if root is not None:
        _check_inside(path, root)
    if _holds(path, data):
        return False
    try:
        with replacement(path, overwrite=overwrite) as file:
            file.write(data)
    except OutputError as error:
        if error.code == "exists" and _holds(path, data):  # somebody else has written it in the meantime
            return False
        raise
    return True


@contextmanager
def replacement(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A file to write to that takes the name ``path`` when the block ends well, and vanishes when it does not.

    It has a temporary, hidden name in the same folder until its bytes are on the disk.

    Raises:
        OutputError: ``exists`` or ``unwritable``.
    """
    check_free(path, overwrite=overwrite)
    temporary = path.with_name(f".unframe-{secrets.token_hex(8)}.part")  # no longer than a long name may grow
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _publish(temporary, path, overwrite=overwrite)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        _discard(temporary)


def check_free(path: Path, *, overwrite: bool) -> None:
    """Raise `OutputError` when a file is there that must not be replaced, or none can have this name."""
    try:
        path.lstat()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error
    if not overwrite:
        raise _taken(path)
    if path.is_dir():
        raise OutputError("unwritable", f"{path} is a folder; choose another output")


def _taken(path: Path) -> OutputError:
    return OutputError("exists", f"{path} is already there; choose another output or pass --overwrite")


def _unwritable(path: Path, error: OSError | ValueError) -> OutputError:
    reason = getattr(error, "strerror", None) or error
    return OutputError("unwritable", f"{path} cannot be written: {reason}; check folder, name, rights and space")


class CsvText:
    """What a `csv.writer` writes to, so that its rows can be read again whatever is in their cells.

    `csv` quotes a cell that has a character of its line end. Where that is a line feed alone, Python before 3.13 leaves
    carriage returns bare, and its own reader tears the row there. So `csv` keeps both, and rows get their end here.

    Args:
        stream: Where the rows go.
        end: What they end in.
    """

    def __init__(self, stream: TextIO, end: str = "\n") -> None:
        self._stream = stream
        self._end = end

    def write(self, row: str) -> None:
        """Write a row that ends as `csv` ends it."""
        self._stream.write(row.removesuffix("\r\n") + self._end)


def _check_inside(path: Path, root: Path) -> None:
    try:
        inside = Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(root))
    except ValueError as error:  # a name that no folder can have
        raise _unwritable(path, error) from error
    if not inside:
        raise OutputError("outside", f"{path} leads out of {root} through a link; remove the link")


def _holds(path: Path, data: bytes) -> bool:
    try:
        return not path.is_symlink() and path.stat().st_size == len(data) and path.read_bytes() == data
    except (OSError, ValueError):
        return False


def _publish(temporary: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    else:
        _link(temporary, path)
    sync_folder(path.parent)


def _link(temporary: Path, path: Path) -> None:
    # A link, unlike a rename, fails when another process has made the file in the meantime.
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise _taken(path) from None  # even if it has vanished again
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        check_free(path, overwrite=False)
        temporary.rename(path)


def _discard(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:  # its folder was never made, or is no folder; nothing is there then
        return


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk, where the system can tell."""
    if os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

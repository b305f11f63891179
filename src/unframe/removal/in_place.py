"""Replacing pictures where they are, in such a way that every original can be brought back.

The backup folder holds the originals, each under the digest of its bytes, and ``manifest.jsonl``, which says what was
done. For each picture, in this order: the original is on the disk, the manifest's line is on the disk, the picture is
replaced. Whenever a run is cut short, whatever was replaced can be restored.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from unframe.errors import DatasetError, OutputError, RestoreError
from unframe.files import MANIFEST, ORIGINALS, sync_folder, write_atomic
from unframe.removal.remove import Removal


@dataclass(frozen=True, slots=True)
class Entry:
    """One replacement, as the manifest records it.

    Attributes:
        path: The picture, as an absolute path with every link followed.
        before: SHA-256 of the original's bytes, in hexadecimal digits.
        after: SHA-256 of the bytes that took its place.
        original: Where the original is kept, relative to the manifest.
        action: What was done: crop, fill or pad.
    """

    path: str
    before: str
    after: str
    original: str
    action: str


class Backup:
    """A backup folder; may be used from several threads at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = folder / MANIFEST
        self._lock = Lock()
        self._mended = False  # whether a line that an earlier run tore is gone

    def replace(self, path: Path, removal: Removal) -> None:
        """Put the result in the picture's place; a picture that was not changed is not touched.

        Raises:
            OutputError: Original, manifest or result could not be written, or the picture has meanwhile changed.
        """
        if not removal.changed:
            return
        path = path.resolve()
        before = digest(removal.original)
        original = Path(ORIGINALS) / (before + path.suffix.lower())
        entry = Entry(str(path), before, digest(removal.data), original.as_posix(), removal.action)
        write_atomic(self.folder / original, removal.original, root=self.folder)
        try:
            now = _digest_of(path)
        except OSError as error:
            raise OutputError("unwritable", f"{path} cannot be read again: {error.strerror or error}") from error
        if now != before:
            raise OutputError("exists", f"{path} changed while its frame was being taken off; run again")
        self._record(entry)
        write_atomic(path, removal.data, overwrite=True)

    def _record(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry)) + "\n"
        try:
            with self._lock, self.manifest.open("ab") as file:
                if not self._mended:
                    file.truncate(_whole_lines(self.manifest))
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
                if not self._mended:
                    sync_folder(self.folder)
                self._mended = True
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError("unwritable", f"{self.manifest} cannot be written: {reason}") from error


def _whole_lines(manifest: Path) -> int:
    """Bytes up to the last end of line: what follows tells of a replacement that never came about."""
    return manifest.read_bytes().rfind(b"\n") + 1


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _digest_of(path: Path) -> str | None:
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return None


def read_manifest(manifest: Path) -> list[Entry]:
    """The replacements that a manifest records, oldest first.

    Raises:
        DatasetError: It cannot be read, or a line is no record of a replacement.
    """
    try:
        lines = manifest.read_bytes()[: _whole_lines(manifest)].decode().splitlines()
    except FileNotFoundError:
        raise DatasetError(f"there is no {manifest}; name the backup folder, or the manifest in it") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DatasetError(f"{manifest} cannot be read: {reason}; name the manifest in the backup folder") from error
    return [_entry(line, f"{manifest}, line {number}") for number, line in enumerate(lines, start=1)]


def _entry(line: str, where: str) -> Entry:
    try:
        values: dict[str, Any] = json.loads(line)
        return Entry(**values)
    except (ValueError, TypeError) as error:
        raise DatasetError(f"{where} records no replacement; restore by hand from {ORIGINALS}/") from error


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of one picture.

    Attributes:
        path: The picture.
        action: ``restore``, or ``pass`` where the original, or one from before it, was already in its place.
        error: Why the original was not brought back.
    """

    path: str
    action: Literal["restore", "pass"]
    error: RestoreError | OutputError | None = None


def restore(manifest: Path, *, overwrite: bool = False, dry_run: bool = False) -> Iterator[Restored]:
    """Bring originals back, the latest replacement first. The manifest is read at once, not with the first of them.

    Every original is checked against the manifest before it is put back, and a picture that is neither the original
    nor what took its place is left alone.

    Args:
        manifest: The manifest in the backup folder.
        overwrite: Restore over pictures, too, that were changed since.
        dry_run: Check everything, write nothing.

    Raises:
        DatasetError: The manifest cannot be read.
    """
    return _restored(read_manifest(manifest), manifest.parent, overwrite=overwrite, dry_run=dry_run)


def _restored(entries: list[Entry], folder: Path, *, overwrite: bool, dry_run: bool) -> Iterator[Restored]:
    current: dict[str, str | None] = {}  # what a picture holds, or in a dry run would hold, by now
    originals: dict[str, list[str]] = {}  # of each picture, those of the entries that are still to come
    for entry in entries:
        originals.setdefault(entry.path, []).append(entry.before)
    for entry in reversed(entries):
        originals[entry.path].pop()
        try:
            holds = current[entry.path] if entry.path in current else _content(entry)
            if holds == entry.before or (holds != entry.after and holds in originals[entry.path]):
                current[entry.path] = holds
                yield Restored(entry.path, "pass")
                continue
            _restore(entry, folder, holds, overwrite=overwrite, dry_run=dry_run)
            current[entry.path] = entry.before
            yield Restored(entry.path, "restore")
        except (RestoreError, OutputError) as error:
            current.pop(entry.path, None)
            yield Restored(entry.path, "pass", error)


def _content(entry: Entry) -> str | None:
    """Digest of what is in the picture's place now."""
    try:
        return _digest_of(Path(entry.path))
    except OSError as error:
        message = f"{entry.path} cannot be read: {error.strerror or error}; look at what took its place"
        raise RestoreError("changed", message) from error


def _restore(entry: Entry, folder: Path, holds: str | None, *, overwrite: bool, dry_run: bool) -> None:
    if holds not in {None, entry.after} and not overwrite:
        message = f"{entry.path} was changed since; pass --overwrite to bring the original back even so"
        raise RestoreError("changed", message)
    original = folder / entry.original
    try:
        data = original.read_bytes()
    except OSError as error:
        raise RestoreError("missing", f"{original}, the original of {entry.path}, cannot be read") from error
    if digest(data) != entry.before:
        raise RestoreError("damaged", f"{original} is no longer the original of {entry.path}; nothing was restored")
    if not dry_run:
        write_atomic(Path(entry.path), data, overwrite=True)

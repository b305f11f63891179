"""Where results go: into a folder, into the place of the originals, or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from unframe.errors import OutputError
from unframe.files import Input, plan_outputs, write_atomic
from unframe.removal.in_place import Backup
from unframe.removal.remove import Removal


class Destination(Protocol):
    """Takes results; may be used from several threads at once."""

    def output(self, each: Input) -> str | None:
        """Path of the result."""
        ...

    def put(self, each: Input, removal: Removal) -> None:
        """Write the result.

        Raises:
            OutputError: It must not, or could not, be written.
        """
        ...


class Folder:
    """Results below a folder, under the relative paths of the inputs.

    Raises:
        OutputError: Two inputs would share an output, or an output would be an input or leave the folder.
    """

    def __init__(self, inputs: Sequence[Input], root: Path, *, overwrite: bool = False) -> None:
        if any(each.path is None for each in inputs):
            raise OutputError("outside", "a picture from standard input has no name below a folder; use -o -")
        self._root = root
        self._overwrite = overwrite
        self._outputs = dict(zip((each.name for each in inputs), plan_outputs(inputs, root), strict=True))

    def output(self, each: Input) -> str | None:
        """Path of the result."""
        return str(self._outputs[each.name])

    def put(self, each: Input, removal: Removal) -> None:
        """Write the result, or the untouched original, below the folder."""
        write_atomic(self._outputs[each.name], removal.data, overwrite=self._overwrite, root=self._root)


class InPlace:
    """Results in the place of the originals, which are kept in a backup folder."""

    def __init__(self, backup: Backup) -> None:
        self._backup = backup

    def output(self, each: Input) -> str | None:
        """Path of the result."""
        return each.name

    def put(self, each: Input, removal: Removal) -> None:
        """Replace the picture where its frame was taken off."""
        if each.path is None:
            raise OutputError("outside", "a picture from standard input has no place; use -o -")
        self._backup.replace(each.path, removal)


class Nowhere:
    """Writes nothing: shows what another destination would do."""

    def __init__(self, shown: Destination | None) -> None:
        self._shown = shown

    def output(self, each: Input) -> str | None:
        """Path that the result would have."""
        return self._shown.output(each) if self._shown else None

    def put(self, each: Input, removal: Removal) -> None:
        """Write nothing."""

"""What a scan is, written down, so that it goes on only as it was begun."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unframe import __version__
from unframe.catalogue.addresses import is_remote, local_path, shown
from unframe.catalogue.item import Column, Source
from unframe.catalogue.records import columns
from unframe.catalogue.sinks import Format
from unframe.catalogue.work import Work
from unframe.detector import Detector
from unframe.errors import OutputError, ScanError
from unframe.files import write_atomic

PLAN = "_scan.json"
"""Name of the plan's file in a folder of results."""

PART_SIZE = 5000
"""Pictures in a part unless it is said otherwise."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scan is: with the same plan and source, the results are the same byte for byte.

    Attributes:
        source: The source's address, without credentials.
        columns: The columns of the results.
        part_size: Pictures in a part.
        how: Whatever else decides about results: detector, model, limits, where paths begin, how frames are taken off.
    """

    source: str
    columns: tuple[Column, ...]
    part_size: int
    how: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        source: Source,
        detector: Detector,
        work: Work,
        part_size: int = PART_SIZE,
        base: str | None = None,
    ) -> Plan:
        """The plan of a scan.

        Args:
            source: Where the pictures come from.
            detector: Who judges.
            work: What else is done with each picture.
            part_size: Pictures in a part.
            base: What relative paths of the source were said to begin at.

        Raises:
            ScanError: Two columns of the results would have the same name.
        """
        limits = detector.settings
        cleaning = work.cleaning
        how: dict[str, Any] = {
            "unframe": __version__,
            "detector": detector.name,
            "model": detector.model,
            "weights": detector.digest,
            "max_bytes": limits.max_bytes,
            "max_pixels": limits.max_pixels,
            "max_side": limits.max_side,
            "base": _whole(base) if base is not None else None,
            "cleaned pictures": str(cleaning.folder.absolute()) if cleaning else None,
            "removal": repr(cleaning.options) if cleaning else None,
        }
        found = columns(source.columns, removal=cleaning is not None, measured=work.columns)
        names = [each.name for each in found]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ScanError(f"two columns of the results would be called {twice!r}; leave one out with --keep")
        return cls(source.address, found, part_size, how)

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON types."""
        return {
            "source": self.source,
            "pictures in a part": self.part_size,
            **self.how,
            "columns": [list(each) for each in self.columns],
        }


def _whole(base: str) -> str:
    """The address of a folder, the same from wherever it is named, and without credentials."""
    return shown(base) if is_remote(base) else str(local_path(base).absolute())


def read_plan(folder: Path) -> dict[str, Any]:
    """The plan of the results in a folder, as JSON types.

    Raises:
        ScanError: There is none that can be read.
    """
    try:
        plan: dict[str, Any] = json.loads((folder / PLAN).read_bytes())
    except (OSError, ValueError) as error:
        raise ScanError(f"{folder} holds no {PLAN} of a scan that can be read; begin anew with --overwrite") from error
    return plan


def agree(folder: Path, plan: Plan, format: Format, *, machines: int = 1, resume: bool) -> None:
    """Write the plan down, or make sure that the one that is there is the same.

    Args:
        folder: Where the results are.
        plan: What the scan is.
        format: How its records are written.
        machines: Among how many it is shared: with another number two might work on the same part.
        resume: Whether a scan that is there may be gone on with.

    Raises:
        ScanError: There is a scan already, or another one.
        OutputError: The plan could not be written.
    """
    wanted = {"format": format, "machines": machines, **plan.as_json()}
    if not (folder / PLAN).exists():
        try:
            write_atomic(folder / PLAN, json.dumps(wanted, indent=1).encode() + b"\n")
        except OutputError as error:
            if error.code != "exists":  # another share was quicker
                raise
        else:
            return
    there = read_plan(folder)
    if not resume:
        raise ScanError(f"{folder} holds a scan already; go on with it by --resume, or begin anew with --overwrite")
    for name in {**there, **wanted}:
        if there.get(name) != wanted.get(name):
            before, now = (_worded(each.get(name)) for each in (there, wanted))
            message = f"{folder} was scanned with {name} {before}, and now it is {now}"
            raise ScanError(f"{message}; go on with the former, or begin anew with --overwrite")


def _worded(value: Any) -> str:
    """A value of a plan in a message; of columns their names."""
    return ", ".join(each[0] for each in value) if isinstance(value, list) else str(value)

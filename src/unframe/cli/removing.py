"""The work behind `unframe remove`, apart from its options."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from unframe import removal
from unframe.cli.records import FIELDS, Record, Tally, writer
from unframe.cli.shared import Format, find_pictures, read_input
from unframe.cli.work import in_order, report, safely, watched
from unframe.detector import Detector
from unframe.errors import UnframeError
from unframe.files import SUFFIXES, Input
from unframe.removal.destinations import Destination, Folder, InPlace, Nowhere
from unframe.removal.gallery import Gallery
from unframe.removal.in_place import Backup

REMOVAL_FIELDS = (
    *FIELDS,
    "action",
    "reason",
    "output",
    "output_width",
    "output_height",
    "output_verdict",
    "too_small",
)
"""Fields of the record of a picture that went through removal."""

HEADINGS = ("picture", "verdict", "probability", "kind", "sides", "photograph", "action", "reason", "output")
"""Columns of the table for people; where there is a limit, ``too small`` is one more."""


def to_standard_output(paths: list[str], judge: Detector, options: removal.Options) -> None:
    """Take the frame off one picture and write its bytes to standard output."""
    inputs = find_pictures(paths)
    if len(inputs) > 1:
        raise UnframeError(f"{len(inputs)} pictures do not fit one standard output; name a folder with -o")
    done = removal.remove(read_input(inputs[0], judge.settings), judge, options, name=inputs[0].name)
    sys.stdout.buffer.write(done.data)
    reason = f" ({done.refusal})" if done.refusal else ""
    typer.echo(f"{inputs[0].name}: {done.detection.verdict}, {done.action}{reason}", err=True)


def destination(
    inputs: Sequence[Input], output: Path | None, backup: Path | None, overwrite: bool, dry_run: bool
) -> Destination:
    """Where results go.

    Raises:
        UnframeError: The folder's name is that of a picture.
        OutputError: Two inputs would share an output, or an output would be an input.
    """
    if output is not None and output.suffix.lower() in SUFFIXES and not output.is_dir():
        raise UnframeError(f"-o names a folder, and {output} looks like a picture; for one file: -o - > {output}")
    shown: Destination | None = None
    if output is not None:
        shown = Folder(inputs, output, overwrite=overwrite)
    elif backup is not None:
        shown = InPlace(Backup(backup))
    return Nowhere(shown) if dry_run or shown is None else shown


def gallery(inputs: Sequence[Input], folder: Path | None, judge: Detector, overwrite: bool) -> Gallery | None:
    """Where explanations go; nowhere when no folder is named.

    Raises:
        OutputError: Two explanations would have the same name.
    """
    return Gallery(inputs, folder, judge.settings, overwrite=overwrite, detector=judge) if folder else None


@dataclass(frozen=True, slots=True)
class Run:
    """One run over many pictures.

    Attributes:
        destination: Where results go.
        gallery: Where explanations go.
        detector: Who judges.
        options: How frames are taken off.
    """

    destination: Destination
    gallery: Gallery | None
    detector: Detector
    options: removal.Options

    def __call__(self, inputs: Sequence[Input], format: Format | None) -> int:
        """Work on all inputs, print their records, and return the exit code."""
        tally = Tally(dry=isinstance(self.destination, Nowhere))
        streams = format in {"json", "jsonl", "csv"} and sys.stdout.isatty()
        limited = self.options.min_side or self.options.min_longest
        headings = (*HEADINGS, "too small") if limited else HEADINGS
        with writer(format, None, fields=REMOVAL_FIELDS, headings=headings) as results:
            work = in_order(safely(self._one), inputs, self.detector.settings.workers())
            for each in watched(work, len(inputs), visible=not streams):
                results.write(each)
                tally.add(each)
        if self.gallery:
            self.gallery.close()
        report(tally)
        return tally.exit_code()

    def _one(self, each: Input) -> Record:
        data = read_input(each, self.detector.settings)
        done = removal.remove(data, self.detector, self.options, name=each.name)
        if self.gallery:
            self.gallery.add(each, done)
        self.destination.put(each, done)
        return done.record(each.name, self.destination.output(each))

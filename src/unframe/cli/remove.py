"""`unframe remove`: take frames off, and pass clean pictures on as they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from unframe.cli.shared import (
    DetectorName,
    Format,
    Jobs,
    Overwrite,
    Paths,
    RecordFormat,
    examples,
    find_pictures,
    new_app,
    read_input,
    settings_of,
)
from unframe.errors import UnframeError

if TYPE_CHECKING:
    from unframe.files import Input
    from unframe.removal import Options

app = new_app()

EXAMPLES = examples(
    ("See first what would be done", "unframe remove photos/ -o cleaned/ --dry-run"),
    ("Crop the frames off; clean pictures are copied as they are", "unframe remove photos/ -o cleaned/"),
    ("Paint frames out with the plain backdrop; the size stays", "unframe remove photos/ -o cleaned/ --mode fill"),
    ("Centre each photograph on 1000 × 1000 pixels", "unframe remove photos/ -o cleaned/ --mode pad --size 1000x1000"),
    ("From a pipe to a pipe", "cat a.jpg | unframe remove - -o - > b.jpg"),
)

EXTRA = ("action", "reason", "output", "output_width", "output_height", "output_verdict", "too_small")

HEADINGS = ("picture", "verdict", "probability", "kind", "sides", "photograph", "action", "reason", "output")


@app.command(epilog=EXAMPLES)
def remove(
    paths: Paths,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Folder for the results, or - for standard output."),
    ],
    mode: Annotated[
        Literal["crop", "fill", "pad"],
        typer.Option(
            "--mode",
            "-m",
            help="[bold]crop[/bold] to the photograph, [bold]fill[/bold] the frame with plain backdrop, or crop and "
            "[bold]pad[/bold] with plain backdrop.",
        ),
    ] = "crop",
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size of padded pictures.  \\[default: each its old size]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")] = False,
    overwrite: Overwrite = False,
    remove_review: Annotated[
        bool, typer.Option("--remove-review", help="Take frames off pictures that are up for review, too.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Cut more than 45 % of a side, and keep results that are not judged clean."),
    ] = False,
    detector: DetectorName = None,
    format: RecordFormat = None,
    jobs: Jobs = None,
) -> None:
    """Take added frames off pictures.

    Each result is judged again: unless it is clean, the original is passed on.

    A picture that is clean, in doubt, or could come to harm is passed on byte for byte; its record says why.

    Folders are mirrored below DIR. Nothing is overwritten unless you say so, and no half file is ever left.

    Ends with code 0; 2 when a picture could not be read or a result not written.
    """
    from unframe.removal import Options, Size

    options = Options(mode=mode, size=Size.parse(size) if size else None, review=remove_review, force=force)
    if str(output) == "-":
        _to_standard_output(paths, detector, options)
        return
    _to_folder(paths, output, detector, options, dry_run=dry_run, overwrite=overwrite, format=format, jobs=jobs)


def _to_standard_output(paths: list[str], detector: str | None, options: Options) -> None:
    from unframe import removal
    from unframe.detector import Detector

    settings = settings_of(None)
    inputs = find_pictures(paths)
    if len(inputs) > 1:
        raise UnframeError(f"{len(inputs)} pictures do not fit one standard output; name a folder with -o")
    judge = Detector.load(detector, settings)
    done = removal.remove(read_input(inputs[0], settings), judge, options, name=inputs[0].name)
    sys.stdout.buffer.write(done.data)
    reason = f" ({done.refusal})" if done.refusal else ""
    typer.echo(f"{inputs[0].name}: {done.detection.verdict}, {done.action}{reason}", err=True)


def _to_folder(
    paths: list[str],
    output: Path,
    detector: str | None,
    options: Options,
    *,
    dry_run: bool,
    overwrite: bool,
    format: Format | None,
    jobs: int | None,
) -> None:
    from unframe import removal
    from unframe.cli.records import Tally, writer
    from unframe.cli.work import in_order, report, safely, watched
    from unframe.detector import Detector
    from unframe.files import plan_outputs, write_atomic

    settings = settings_of(jobs)
    inputs = find_pictures(paths, exclude=output)
    if any(each.path is None for each in inputs):
        raise UnframeError("a picture from standard input has no name to be written under; use -o -")
    outputs = dict(zip((each.name for each in inputs), plan_outputs(inputs, output), strict=True))
    judge = Detector.load(detector, settings)

    def record(each: Input) -> dict[str, Any]:
        done = removal.remove(read_input(each, settings), judge, options, name=each.name)
        target = outputs[each.name]
        if not dry_run:
            write_atomic(target, done.data, overwrite=overwrite, root=output)
        return done.record(each.name, str(target))

    tally = Tally()
    with writer(format, None, extra=EXTRA, headings=HEADINGS) as results:
        work = in_order(safely(record), inputs, settings.workers())
        for each in watched(work, len(inputs), visible=format in {None, "text"} or not sys.stdout.isatty()):
            results.write(each)
            tally.add(each)
    report(tally)
    raise typer.Exit(tally.exit_code())

"""`unframe detect`: which pictures carry a frame, and where."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from unframe.cli.shared import (
    DetectorName,
    Jobs,
    ModelName,
    Overwrite,
    Paths,
    RecordFormat,
    examples,
    find_pictures,
    load_detector,
    new_app,
    read_input,
    settings_of,
)
from unframe.errors import OutputError

if TYPE_CHECKING:
    from unframe.files import Input

app = new_app()

EXAMPLES = examples(
    ("Which of these pictures carry a frame?", "unframe detect photos/"),
    ("One JSON record per line, for a program to read", "unframe detect photos/ --format jsonl"),
    ("A spreadsheet", "unframe detect photos/ more/a.jpg -o frames.csv"),
    ("Let a build fail when a framed picture slips in", "unframe detect images/ --fail-on framed"),
    ("A network of your own", "unframe detect photos/ --model runs/mine/model"),
    ("From a pipe", "curl -s https://example.com/a.jpg | unframe detect - --format json"),
)


@app.command(epilog=EXAMPLES)
def detect(
    paths: Paths,
    *,
    detector: DetectorName = None,
    model: ModelName = None,
    format: RecordFormat = None,
    fail_on: Annotated[
        Literal["framed", "review"] | None,
        typer.Option(
            help="End with code 1 when a picture is [bold]framed[/bold], or at least in doubt ([bold]review[/bold])."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write results to this file.")
    ] = None,
    overwrite: Overwrite = False,
    decisions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Hold to what was decided about templates: a filled-in templates.csv."),
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Tell which pictures carry an added frame, and say where it is.

    Each picture is [red]framed[/red], [green]clean[/green], or in doubt and up for [yellow]review[/yellow].

    Where there is a frame, the photograph inside it is given as left, top, right, bottom in pixels.

    A folder is searched, with the folders below it, for files with the suffix of a picture: jpg, jpeg, jpe, jfif, png,
    webp, gif, bmp, dib, tif, tiff, avif. Hidden files and folders, links to folders and backups of unframe remove
    --in-place are passed by. A file that is named is always tried. One that cannot be read does not stop the run.

    Ends with code 0; 1 when --fail-on is met; 2 when a picture could not be read, even if --fail-on is met as well.
    """
    from unframe.cli.records import Tally, writer
    from unframe.cli.work import in_order, report, safely, watched

    settings = settings_of(jobs)
    inputs = find_pictures(paths)
    if output is not None:
        _check_output(output, inputs)
    judge = load_detector(detector, model, settings)
    if decisions is not None:
        from unframe.catalogue.decisions import decided

        judge = decided(judge, decisions)

    def record(each: Input) -> dict[str, Any]:
        return judge.detect(read_input(each, settings), each.name).record(each.name)

    tally = Tally()
    streams = output is None and format in {"json", "jsonl", "csv"} and sys.stdout.isatty()
    with writer(format, output, overwrite=overwrite) as results:
        work = in_order(safely(record), inputs, settings.workers())
        for each in watched(work, len(inputs), visible=not streams):  # a bar would tear the lines on the same screen
            results.write(each)
            tally.add(each)
    report(tally)
    raise typer.Exit(tally.exit_code(fail_on))


def _check_output(output: Path, inputs: list[Input]) -> None:
    """Refuse to write results over one of the pictures."""
    from unframe.files import is_among

    if is_among(output, (each.path for each in inputs if each.path is not None)):
        raise OutputError("collision", f"{output} is one of the pictures; write results to another file")

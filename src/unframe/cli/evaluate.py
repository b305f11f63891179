"""`unframe evaluate`: how good detectors are on labelled pictures."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unframe.cli.shared import Jobs, Overwrite, counted, examples, new_app, settings_of
from unframe.errors import DatasetError, UnframeError

if TYPE_CHECKING:
    from unframe.detector import Detector
    from unframe.evaluation.run import Judged
    from unframe.evaluation.summary import Summary

app = new_app()

EXAMPLES = examples(
    ("How good is the network on my pictures?", "unframe evaluate labelled/ --report report/"),
    ("Network and baseline side by side", "unframe evaluate labels.csv -d cnn -d baseline --report report/"),
    ("A network of your own", "unframe evaluate labelled/ --model runs/mine/model"),
    ("... beside the one that is installed", "unframe evaluate labelled/ -d cnn -d cnn:runs/mine/model"),
    ("Which labels look wrong?", "unframe evaluate labels.csv --label-errors suspects.csv"),
)


@app.command(epilog=EXAMPLES)
def evaluate(
    data: Annotated[
        Path,
        typer.Argument(
            help="A table of labels (CSV, JSONL, Parquet), or a folder with framed/ and clean/.", show_default=False
        ),
    ],
    *,
    detector: Annotated[
        list[str] | None,
        typer.Option(
            "--detector",
            "-d",
            metavar="NAME[:MODEL]",
            help="Who is judged: cnn, baseline, or cnn:FOLDER for a model of your own; several times to compare.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="MODEL", help="The same as --detector cnn:MODEL; several times to compare."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", "-r", metavar="DIR", help="Write report.html, report.json and roc.png to this folder."
        ),
    ] = None,
    label_errors: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the labels that look wrong, for the review page (CSV or JSONL)."),
    ] = None,
    doubtful: Annotated[
        bool, typer.Option("--include-doubtful", help="Count pictures whose label has low confidence, too.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Judge every picture again, also where DIR holds what was said before.")
    ] = False,
    overwrite: Overwrite = False,
    jobs: Jobs = None,
) -> None:
    """Measure how good detectors are on labelled pictures, with intervals over sources.

    Pictures labelled unsure or reject do not count, and those of low confidence only when asked for. A picture that
    cannot be decoded is left out and counted. A run that was cut short goes on where it stopped.

    Ends with code 0, also when pictures could not be decoded, or 2 when the data set or an option is wrong.
    """
    from unframe.cli.work import watched
    from unframe.dataset.layouts import read_dataset
    from unframe.evaluation import require_extra

    require_extra()
    from unframe.evaluation.report import check_room, write_report
    from unframe.evaluation.run import measure, scorable
    from unframe.evaluation.summary import summarise
    from unframe.files import check_free

    settings = settings_of(jobs)
    samples, left_out = scorable(read_dataset(data), doubtful=doubtful)
    _check_labels(data, samples)
    if report is not None:
        check_room(report, overwrite=overwrite)
    if label_errors is not None:
        check_free(label_errors, overwrite=overwrite)
    names = [*(detector or ()), *(f"cnn:{each}" for each in model or ())]
    detectors = {name: _load(name) for name in names or [_default()]}
    measured = measure(samples, detectors, settings, folder=report, fresh=fresh)
    judged = list(watched(measured, len(samples), visible=True))
    _complain(judged)
    summary = summarise(data.name or str(data), judged, left_out)
    _print(summary)
    if report is not None:
        command = shlex.join(["unframe", *sys.argv[1:]])
        page = write_report(report, summary, judged, command=command, settings=settings, overwrite=overwrite)
        typer.echo(f"report: {page}", err=True)
    if label_errors is not None:  # last: nothing that goes wrong here costs the evaluation
        _write_label_errors(label_errors, judged, overwrite=overwrite)


def _check_labels(data: Path, samples: list[Any]) -> None:
    """Refuse before the first picture is judged what could not be summarised after the last."""
    counts = Counter(sample.label for sample in samples)
    if not (counts["framed"] and counts["plain"]):
        raise UnframeError(
            f"{data} gives {counts['framed']:,} framed and {counts['plain']:,} plain pictures that count; "
            "an evaluation needs both (folders framed/ and clean/, or a column label)"
        )


def _default() -> str:
    from unframe.detector import default_name

    return default_name()


def _load(name: str) -> Detector:
    from unframe.detector import Detector

    kind, colon, model = name.partition(":")
    if colon and (kind != "cnn" or not model):
        raise UnframeError(f"--detector is {name!r}; only cnn takes a model, as in cnn:runs/mine/model")
    return Detector.load(kind, model=model) if model else Detector.load(kind)


def _complain(judged: list[Judged]) -> None:
    failures = [each.failure for each in judged if each.failure is not None]
    for failure in failures[:10]:
        typer.echo(f"unframe: {failure}", err=True)
    if failures:
        undecoded = counted(len(failures), "picture")
        typer.echo(f"{undecoded} could not be decoded: left out of all figures", err=True)


def _write_label_errors(path: Path, judged: list[Judged], *, overwrite: bool) -> None:
    import numpy as np

    from unframe.evaluation.label_errors import out_of_fold, suspects, write_suspects
    from unframe.evaluation.summary import decoded

    known = decoded(judged)
    samples = [each.sample for each in known]
    probabilities = np.array([[each.probability for each in one.detections.values()] for one in known])
    try:
        held_out = out_of_fold(samples, probabilities)
    except DatasetError as error:
        typer.echo(f"unframe: {path} is not written, because labels cannot be ranked: {error}", err=True)
        return
    found = suspects(samples, held_out)
    write_suspects(path, found, overwrite=overwrite)
    typer.echo(f"{counted(len(found), 'suspect label')}: {path}", err=True)


def _print(summary: Summary) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from unframe.evaluation.metrics import FEWEST_GROUPS, NAMES
    from unframe.evaluation.report import figure_text

    enough = summary.sources >= FEWEST_GROUPS
    typer.echo(
        f"{summary.framed:,} framed and {counted(summary.plain, 'clean picture')} of "
        f"{counted(summary.sources, 'source')}; "
        f"{'95 % intervals over sources' if enough else f'no intervals with fewer than {FEWEST_GROUPS} sources'}"
    )
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("")
    for each in summary.detectors:
        table.add_column(each.name, justify="right")
    for name, title in NAMES.items():
        table.add_row(title, *(figure_text(each.figures[name]) for each in summary.detectors))
    for quality in ("exact", "drawn"):
        located = [each.geometry[quality].within if quality in each.geometry else None for each in summary.detectors]
        if any(located):
            table.add_row(f"Located ({quality} boxes)", *(figure_text(each) if each else "–" for each in located))
    Console(width=None if sys.stdout.isatty() else 200).print(table)

"""`unframe dataset`: check a data set, split it, look for leaks between parts, rank its labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unframe.cli.shared import DONE, FAIL_ON_MET, TROUBLE, Overwrite, counted, examples, new_app
from unframe.errors import UnframeError
from unframe.settings import Settings

if TYPE_CHECKING:
    from unframe.dataset.records import Sample

Data = Annotated[
    Path,
    typer.Argument(help="A table of labels (CSV, JSONL, Parquet), or a folder of pictures.", show_default=False),
]
Seed = Annotated[int, typer.Option(min=0, help="Another seed deals the sources otherwise.")]

app = new_app(
    help="Check a data set, split it by source, look for leaks between its parts, and find labels that look wrong.",
    epilog=examples(
        ("Is everything as the labels say?", "unframe dataset check labelled/"),
        ("One part to learn from, one to validate on", "unframe dataset split labels.csv -o parts/ --validation 0.2"),
        (
            "Does a picture of one part show up in the other?",
            "unframe dataset leaks parts/learn.csv parts/validate.csv",
        ),
        (
            "Which labels do detections speak against?",
            "unframe dataset label-errors labels.csv --predictions found.jsonl -o wrong.csv",
        ),
    ),
)


@app.command()
def check(data: Data) -> None:
    """Read a data set, decode every picture, compare its size with its row, and count what there is.

    Ends with code 0, or 2 when something is wrong.
    """
    from unframe.cli.work import watched
    from unframe.dataset.check import problems
    from unframe.dataset.layouts import read_dataset

    samples = read_dataset(data)
    found = watched(problems(samples, Settings.from_env()), len(samples), visible=True)
    messages = [message for several in found for message in several]
    for message in messages:
        typer.echo(f"unframe: {message}", err=True)
    typer.echo(_overview(samples))
    typer.echo(counted(len(messages), "problem"), err=True)
    raise typer.Exit(TROUBLE if messages else DONE)


def _overview(samples: list[Sample]) -> str:
    from unframe.dataset.splits import groups

    lines = [
        _line("pictures", {"": len(samples)}),
        _line("sources", {"": len({sample.source for sample in samples}), "independent": len(set(groups(samples)))}),
        _line("labels", Counter[str](sample.label for sample in samples)),
        _line("kinds", Counter(str(sample.kind) for sample in samples if sample.kind)),
        _line("hard", Counter(sample.hard for sample in samples if sample.hard)),
        _line("boxes", Counter(sample.geometry_quality or "unrated" for sample in samples if sample.inner)),
        _line("doubtful", {"": sum(sample.confidence == "low" for sample in samples)}),
    ]
    return "\n".join(line for line in lines if line)


def _line(title: str, counts: Mapping[str, int]) -> str:
    parts = [f"{count:,} {name}".strip() for name, count in sorted(counts.items(), key=lambda each: -each[1])]
    return f"{title:10} {', '.join(parts)}" if parts else ""


@app.command()
def split(
    data: Data,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Write a table for each part here.")],
    validation: Annotated[float, typer.Option(help="Share of the pictures to validate on.")] = 0.2,
    folds: Annotated[
        int | None, typer.Option(min=2, help="Write this many folds instead, each once left out: 0.csv, 1.csv, ...")
    ] = None,
    seed: Seed = 0,
    overwrite: Overwrite = False,
) -> None:
    """Split by source, so that no shop and no frame design is on both sides.

    Writes learn.csv and validate.csv, or one table for each fold. Few pictures change sides when pictures are added.
    """
    from unframe.dataset import splits
    from unframe.dataset.layouts import read_dataset, write_labels

    samples = read_dataset(data)
    if folds is None:
        if not 0 < validation < 1:
            raise UnframeError(f"--validation is {validation:g}; it must lie between 0 and 1")
        learn, validate = splits.split(samples, validation, seed)
        parts = {"learn": learn, "validate": validate}
    else:
        numbers = splits.folds(samples, folds, seed)
        parts = {
            str(number): [sample for sample, at in zip(samples, numbers, strict=True) if at == number]
            for number in range(folds)
        }
    for name, part in parts.items():
        write_labels(part, output / f"{name}.csv", overwrite=overwrite)
        labels = Counter[str](sample.label for sample in part)
        sources = counted(len({sample.source for sample in part}), "source")
        typer.echo(f"{output / name}.csv: {_line('', labels).strip()}, {sources}")


@app.command()
def leaks(first: Data, second: Data) -> None:
    """Look for pictures of one data set that show up in another, scaled or compressed as they may be.

    Prints each pair and how many of the 256 bits of their perceptual hashes differ.

    Ends with code 0, or 1 when there are any.
    """
    from unframe.dataset import splits
    from unframe.dataset.layouts import read_dataset

    found = splits.leaks(read_dataset(first), read_dataset(second))
    for leak in found:
        typer.echo(f"{leak.distance:3}  {leak.first.path}  {leak.second.path}")
    typer.echo(counted(len(found), "look-alike pair"), err=True)
    raise typer.Exit(FAIL_ON_MET if found else DONE)


@app.command()
def label_errors(
    data: Data,
    predictions: Annotated[
        list[Path],
        typer.Option(
            "--predictions",
            "-p",
            metavar="FILE",
            help="Detections of the same pictures (JSONL or CSV), by a detector that did not learn from them or only "
            "out of fold. Several are weighed against each other.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Write the ranking here: CSV or JSONL.")
    ],
    doubtful: Annotated[
        bool, typer.Option("--include-doubtful", help="Count pictures whose label has low confidence, too.")
    ] = False,
    seed: Seed = 0,
    overwrite: Overwrite = False,
) -> None:
    """Rank the labels that detections speak against, the most suspect first, for the review page."""
    from unframe.evaluation import require_extra

    require_extra()
    import numpy as np

    from unframe.dataset.layouts import read_dataset
    from unframe.evaluation.label_errors import out_of_fold, read_probabilities, suspects, write_suspects
    from unframe.evaluation.run import scorable

    samples, _ = scorable(read_dataset(data), doubtful=doubtful)
    probabilities = np.column_stack([read_probabilities(path, samples) for path in predictions])
    found = suspects(samples, out_of_fold(samples, probabilities, seed))
    write_suspects(output, found, overwrite=overwrite)
    typer.echo(f"{len(found):,} of {len(samples):,} labels look wrong: {output}", err=True)

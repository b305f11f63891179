"""`unframe reproduce`: the experiments of 2016 again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from unframe.cli.shared import Jobs, examples, new_app, settings_of

if TYPE_CHECKING:
    from unframe.dataset.records import Sample
    from unframe.training.classic import Trainer
    from unframe.training.run import Run

app = new_app()

EXAMPLES = examples(
    ("On drawn frames alone", "unframe reproduce photos/ -o reproduction/"),
    ("With real frames among them", "unframe reproduce photos/ --labelled natural/ -o reproduction/"),
)  # fmt: skip


@app.command(epilog=EXAMPLES)
def reproduce(
    photos: Annotated[
        Path, typer.Argument(metavar="PHOTOS", help="Photographs without frames, to draw frames on.", exists=True)
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for pictures, runs and the report.")
    ],
    labelled: Annotated[
        Path | None, typer.Option(metavar="DATA", help="Data set of real pictures, framed and plain, to mix in.")
    ] = None,
    count: Annotated[int, typer.Option(min=40, help="Pictures in all, half of them framed.")] = 5000,
    epochs: Annotated[int, typer.Option(min=1, help="Times that every picture is seen; the post took 200.")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="Decides pictures, split, initial weights, order and flips.")] = 0,
    precision: Annotated[
        Literal["auto", "float32", "mixed_bfloat16"], typer.Option(help="What convolutions are calculated in.")
    ] = "auto",
    jobs: Jobs = None,
) -> None:
    """Do the experiments of "Deep learning for frame detection in product images" (2016) again.

    Draws as many pictures as they had, trains their five networks, compares the best with the rule set, and writes
    reproduction.md, where each number stands beside theirs, with ROC curves and the chart in which too high a decay
    fails. Started again, it goes on where it was cut short.
    """
    from unframe.training import reproduce as room
    from unframe.training.classic import Options, Trainer

    settings = settings_of(jobs)
    samples = _gather(photos, labelled, output / "pictures", count, seed, settings.workers())
    options = Options(epochs, patience=0, split="picture", seed=seed, precision=precision)
    trainer = Trainer(samples, output / "runs", options, _command())
    runs = [_train(trainer, name) for name in map(str, room.SPECS)]
    validating = [trainer.samples[number] for number in trainer.validating()]
    rules, accuracy = room.baseline(validating, settings)
    room.write(output, runs, rules, accuracy, _command())
    typer.echo((output / "reproduction.md").read_text(encoding="utf-8"))


def _gather(photos: Path, labelled: Path | None, folder: Path, count: int, seed: int, jobs: int) -> list[Sample]:
    from collections import deque

    from unframe.cli.work import watched
    from unframe.dataset.generator.store import photographs, write
    from unframe.dataset.layouts import read_dataset
    from unframe.training import reproduce as room

    real = room.real(read_dataset(labelled), count, seed) if labelled else []
    framed, plain = room.missing(real, count)
    if not framed + plain:
        return real
    generator, total = room.generator(photographs(photos), framed, plain, seed)
    deque(watched(write(generator, folder, total, jobs), total, visible=True), maxlen=0)
    return room.together(real, read_dataset(folder), count)


def _train(trainer: Trainer, name: str) -> Run:
    from unframe.network.spec import Spec
    from unframe.training.progress import Bars

    with Bars(name, trainer.options.epochs) as bars:
        return trainer.train(Spec.parse(name), bars)


def _command() -> str:
    import shlex

    return shlex.join(["unframe", *sys.argv[1:]])

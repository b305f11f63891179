"""`unframe train`: train networks by name, each in a run folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from unframe.cli.shared import Covers, changed, examples, new_app
from unframe.errors import UnframeError

if TYPE_CHECKING:
    from unframe.dataset.records import Sample
    from unframe.network.spec import Spec
    from unframe.training.classic import Trainer

app = new_app()

EXAMPLES = examples(
    ("Draw pictures to learn from, then train the best network of 2016 on them", "unframe synthesize photos/ -o drawn/ "
     "--count 5000 && unframe train drawn/ -o runs/"),
    ("Two networks, the second with larger kernels and another learning rate", "unframe train drawn/ -o runs/ "
     "--spec 16-16-16-16_conv3 --spec 16-16-16-16_conv7_lr_0_03"),
    ("The released model's own recipe, on photographs and labelled pictures", "unframe train photos/ labelled/ "
     "--recipe release -o runs/release/"),
    ("Five-fold cross-validation by source, then a table and a figure", "unframe train drawn/ -o runs/ --folds 5 && "
     "unframe compare runs/ -o comparison/"),
)  # fmt: skip


@app.command(epilog=EXAMPLES)
def train(
    data: Annotated[
        list[Path],
        typer.Argument(
            metavar="DATA",
            help="Data sets: tables of labels, folders with framed/ and clean/ in them, photographs to draw frames on.",
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="RUNS", help="Folder for the runs, one below it for each network.")
    ],
    spec: Annotated[
        list[str] | None,
        typer.Option(
            "--spec", metavar="NAME", help="A network by name; may be given several times.  \\[default: that of 2016]"
        ),
    ] = None,
    recipe: Annotated[
        Literal["release"] | None,
        typer.Option(
            help="Train the network of the released model instead; it draws its own frames and takes an hour or two."
        ),
    ] = None,
    overlays: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Frame art with a transparent centre, PNG, for the recipe to draw with."),
    ] = None,
    covers: Covers = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change a number of the recipe; the manual lists them."),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Times that every picture is seen, at most.")] = 200,
    patience: Annotated[
        int, typer.Option(min=0, help="Stop after so many epochs without a better validation score; 0 never stops.")
    ] = 20,
    monitor: Annotated[
        Literal["val_accuracy", "val_loss"], typer.Option(help="Which figure says that weights are better.")
    ] = "val_accuracy",
    validation: Annotated[float, typer.Option(min=0.01, max=0.9, help="Share of the pictures that validate.")] = 0.2,
    split: Annotated[
        Literal["source", "picture"],
        typer.Option(help="Validate on other sources, or, as in 2016, on other pictures of the same sources."),
    ] = "source",
    folds: Annotated[
        int | None, typer.Option(min=2, help="Cross-validate: train once for each of so many folds of the sources.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides split, initial weights, order and flips.")] = 0,
    precision: Annotated[
        Literal["auto", "float32", "mixed_bfloat16"],
        typer.Option(help="What convolutions are calculated in; auto takes bfloat16 where the processor has it."),
    ] = "auto",
) -> None:
    """Train networks by name on labelled pictures.

    A name says what the network is made of and how it is trained: 128_32-32-32-32_conv3_fc16_sgd_lr_0_01_decay_0_00005
    takes 128 × 128 pixels through four 3 × 3 convolutions of depth 32 and 16 fully connected units. Parts that are left
    out have these values.

    A run that was cut short goes on when the same command is given again, and ends as if it had not been. Set
    KERAS_BACKEND=jax to train on a GPU.
    """
    from unframe.dataset.layouts import read_dataset

    _check(recipe, spec, {"--set": change, "--overlays": overlays, "--covers": covers})
    samples = [read_dataset(each) for each in data]
    if recipe:
        _release(samples, output, overlays, covers or [], [f"seed={seed}", *(change or [])])
        return
    from unframe.network.spec import Spec
    from unframe.training.classic import Options, Trainer

    specs = [Spec.parse(name) for name in spec or [str(Spec())]]  # a wrong name ends the command before any work
    options = Options(epochs, patience, monitor, validation, split, seed, precision)
    trainer = Trainer([sample for part in samples for sample in part], output, options, _command())
    for each in specs:
        _train(trainer, each, folds)


def _check(recipe: str | None, spec: list[str] | None, only_for_recipe: Mapping[str, Any]) -> None:
    """Refuse options that would be ignored."""
    if recipe and spec:
        raise UnframeError("--spec names a network and --recipe another; leave one of them out")
    given = [name for name, value in only_for_recipe.items() if value]
    if given and not recipe:
        raise UnframeError(f"{given[0]} is for --recipe release; add that, or leave {given[0]} out")


def _train(trainer: Trainer, spec: Spec, folds: int | None) -> None:
    from unframe.training.compare import summary_line
    from unframe.training.progress import Bars

    with Bars(str(spec), trainer.options.epochs) as bars:
        runs = trainer.cross_validate(spec, folds, bars) if folds else [trainer.train(spec, bars)]
    typer.echo(summary_line(runs))


def _release(
    samples: list[list[Sample]], output: Path, overlays: Path | None, covers: list[str], changes: list[str]
) -> None:
    """Run the recipe of the released model. Data sets with framed pictures are labelled, others are to draw on."""
    from functools import partial

    from unframe.dataset.generator.album import Overlays
    from unframe.training.examples import kept, rounded
    from unframe.training.progress import Stages
    from unframe.training.release import Recipe, Release

    recipe = changed(Recipe(), changes)
    labelled = [part for part in samples if any(each.label == "framed" for each in part)]
    photos = [part for part in samples if part not in labelled]
    release = Release(
        [each for part in labelled for each in part],
        [each for part in photos for each in part],
        output,
        recipe,
        Overlays.of(overlays) if overlays else None,
        covers,
    )
    with Stages() as stages:
        stages.drawing(partial(kept, output), recipe.folds * rounded(recipe.drawn // recipe.folds))
        card = release.run(_command(), stages.network)
    for name, score in card.scores.items():
        typer.echo(f"{name.replace('_', ' ')}: {score.value:.4f} on {score.n:,} {score.on}")
    typer.echo(f"{output / 'model'} holds the weights and their card; use them with --model")


def _command() -> str:
    import shlex
    import sys

    return shlex.join(["unframe", *sys.argv[1:]])

"""`unframe synthesize`: draw frames on photographs, with labels that are exact."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unframe.cli.shared import Covers, Jobs, changed, examples, new_app, settings_of
from unframe.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from unframe.dataset.generator.generate import Generator
    from unframe.dataset.generator.parameters import Parameters

app = new_app()

LARGEST_SHEET = 400
"""Pictures on a contact sheet at most: beyond, nobody looks at them."""

EXAMPLES = examples(
    ("Look at what is drawn before drawing much of it", "unframe synthesize photos/ --sheet look.png --boxes"),
    ("Ten thousand pictures, about half of them framed", "unframe synthesize photos/ -o drawn/ --count 10000 --seed 1"),
    ("Rings and thin lines only, small, with masks", "unframe synthesize photos/ -o thin/ --kinds inset,keyline "
     "--size 200-400 --masks"),
)  # fmt: skip


@app.command(epilog=EXAMPLES)
def synthesize(
    photos: Annotated[
        Path,
        typer.Argument(
            metavar="PHOTOS", help="Folder of photographs without frames, or a data set whose plain ones are taken."
        ),
    ],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write pictures and labels.csv to this folder.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many pictures.")] = 96,
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws other pictures.")] = 0,
    size: Annotated[
        str, typer.Option(metavar="PIXELS", help="Longer side of a picture: one number, or the smallest-largest.")
    ] = "200-1000",
    kinds: Annotated[
        str | None,
        typer.Option(
            metavar="KIND,...", help="Draw these alone: border, inset, keyline, padding, banner, decorative, plain."
        ),
    ] = None,
    overlays: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of PNG frame art with a transparent centre.")
    ] = None,
    covers: Covers = None,
    masks: Annotated[bool, typer.Option("--masks", help="Write a mask of every frame as well, to DIR/masks.")] = False,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put the first pictures on a contact sheet, a PNG file.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a contact sheet that is already there.")
    ] = False,
    boxes: Annotated[
        bool, typer.Option("--boxes", help="Mark the inner and outer boxes on the contact sheet.")
    ] = False,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Change a share or distribution; the documentation lists them."
        ),
    ] = None,
    jobs: Jobs = None,
) -> None:
    """Draw frames on photographs: pictures with exact labels, boxes and masks, to train and to test with.

    About half of the pictures are framed. The others are plain, about half of these drawn to look framed. The same
    arguments draw the same pictures, on any number of cores. A run that was cut short continues when it is started
    again.
    """
    from unframe.dataset.generator.album import Overlays
    from unframe.dataset.generator.generate import Generator
    from unframe.dataset.generator.store import photographs

    if output is None and sheet is None:
        raise typer.BadParameter("name a folder with -o, a contact sheet with --sheet, or both", param_hint="--output")
    art = Overlays.of(overlays) if overlays else ()
    generator = Generator(photographs(photos, covers or ()), seed, art, _sizes(size), _parameters(kinds, change or []))
    workers = settings_of(jobs).workers()
    if sheet is not None:
        _look(generator, sheet, min(count, LARGEST_SHEET), boxes, workers, overwrite)
    if output is not None:
        _write(generator, output, count, workers, masks)


def _look(generator: Generator, path: Path, count: int, boxes: bool, jobs: int, overwrite: bool) -> None:
    """Draw a contact sheet."""
    from unframe.cli.work import watched
    from unframe.dataset.generator.contact import contact_sheet
    from unframe.dataset.generator.generate import draw_many
    from unframe.dataset.generator.store import png
    from unframe.files import check_free, is_among, write_atomic

    check_free(path, overwrite=overwrite)
    if is_among(path, (photo.path for photo in generator.photos)):
        raise OutputError("collision", f"{path} is one of the photographs; put the sheet in another file")
    pictures = list(watched(draw_many(generator, range(count), jobs), count, visible=True))
    write_atomic(path, png(contact_sheet(pictures, boxes=boxes)), overwrite=overwrite)


def _write(generator: Generator, folder: Path, count: int, jobs: int, masks: bool) -> None:
    """Draw a data set and say what it came to."""
    from collections import Counter

    from unframe.cli.work import watched
    from unframe.dataset.generator.store import write

    labels = Counter(
        drawn.label for drawn in watched(write(generator, folder, count, jobs, masks), count, visible=True)
    )
    said = ", ".join(f"{number:,} {label}" for label, number in sorted(labels.items())) or "nothing was missing"
    typer.echo(f"{folder}: {said}", err=True)


def _sizes(text: str) -> tuple[int, int]:
    """Smallest and largest side of ``256`` or ``200-1000``."""
    numbers = [part.strip() for part in text.split("-")]
    if len(numbers) > 2 or not all(part.isdecimal() for part in numbers):
        raise SettingsError(f"--size is {text!r}; give one number of pixels, or two as in 200-1000")
    return int(numbers[0]), int(numbers[-1])


def _parameters(kinds: str | None, changes: list[str]) -> Parameters:
    """The generator's parameters with only these kinds and with these changes."""
    from dataclasses import replace

    from unframe.dataset.generator.parameters import Parameters

    values: dict[str, Any] = _only(kinds) if kinds else {}
    return changed(replace(Parameters(), **values), changes)


def _only(kinds: str) -> dict[str, float]:
    """Parameters that draw these kinds alone."""
    from unframe.types import KINDS

    wanted = {name.strip() for name in kinds.split(",")}
    if unknown := sorted(wanted - {*KINDS, "plain"}):
        raise SettingsError(f"--kinds holds {unknown[0]!r}; the kinds are {', '.join(KINDS)} and plain")
    weights: dict[str, float] = {kind: 0.0 for kind in KINDS if kind not in wanted}
    if wanted == {"plain"}:
        return {"framed": 0.0}
    return weights if "plain" in wanted else weights | {"framed": 1.0}

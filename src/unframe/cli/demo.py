"""`unframe demo`: the whole work on a dozen drawn pictures, shown before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from unframe.cli.shared import DetectorName, ModelName, Overwrite, examples, load_detector, new_app, settings_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from unframe.cli.terminal import Way
    from unframe.dataset.generator.drawn import Drawn
    from unframe.detector import Detector
    from unframe.removal.remove import Removal
    from unframe.types import Image

app = new_app()

SIDE = 320
QUALITY = 92
NARROW, WIDE = 18, 28
"""Characters across each picture of half blocks, in a narrow and in a wide terminal."""
PLACED = 2
"""Pixels by which each edge of a box may be off for the frame to count as located."""

EXAMPLES = examples(
    ("See what it does", "unframe demo"),
    ("Keep the sheet of pictures before and after", "unframe demo -o demo.png"),
    ("Other pictures, judged by the rules over edges", "unframe demo --seed 7 --detector baseline"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the demonstration: what was drawn, what was done about it, and what came of it.

    Attributes:
        drawn: The picture with its truth.
        removal: What was found and done.
        result: What is passed on, uint8 ``(height, width, 3)`` RGB.
    """

    drawn: Drawn
    removal: Removal
    result: Image


@app.command(epilog=EXAMPLES)
def demo(
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the pictures before and after, a PNG.")
    ] = None,
    pictures: Annotated[
        Literal["auto", "kitty", "iterm", "blocks", "none"],
        typer.Option(help="How pictures are shown; auto takes the best that the terminal is known to understand."),
    ] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws other pictures.")] = 1,
    detector: DetectorName = None,
    model: ModelName = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw a dozen pictures, tell which are framed, take the frames off, and show it all.

    Eight carry a frame; four are plain, three of them made to look framed. Frames are taken off doubtful pictures, too,
    since nothing is at stake. Nothing is written unless you name a FILE. What is drawn is known exactly, so the last
    lines say what was right and what was not.
    """
    import os
    from contextlib import nullcontext

    from rich.console import Console

    from unframe.cli.terminal import way
    from unframe.dataset.showcase import showcase
    from unframe.files import check_free

    if output is not None:
        check_free(output, overwrite=overwrite)
    judge = load_detector(detector, model, settings_of(None))
    console = Console()
    with console.status("drawing") if console.is_terminal else nullcontext():
        shown = [_shown(drawn, judge) for drawn in showcase(seed, SIDE)]
    colours = console.color_system is not None
    how = way(os.environ, terminal=console.is_terminal, colours=colours) if pictures == "auto" else pictures
    _show(console, shown, how)
    console.print("\n".join(_said(shown, judge.model)), highlight=False)
    if output is not None:
        _write(output, shown, overwrite=overwrite)
        typer.echo(f"{output}: the pictures before and after", err=True)


def _shown(drawn: Drawn, judge: Detector) -> Shown:
    from io import BytesIO

    from PIL import Image as PillowImage

    from unframe.imaging import decode
    from unframe.removal import remove
    from unframe.removal.plan import Options

    buffer = BytesIO()
    PillowImage.fromarray(drawn.image).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    removal = remove(buffer.getvalue(), judge, Options(review=True), name=drawn.design)
    return Shown(drawn, removal, decode(removal.data, judge.settings, name=drawn.design))


def _show(console: Console, shown: Sequence[Shown], how: Way) -> None:
    """Each picture before and after, or a line about each where pictures cannot be shown."""
    from unframe.cli.terminal import inline

    if how == "none":
        width = max(len(each.drawn.design) for each in shown)
        for each in shown:
            console.print(f"{each.drawn.design:<{width}}  {_found(each)}, {_done(each)}", highlight=False)
    elif how == "blocks":
        console.print(_grid(shown, console.width))
    else:
        for piece in inline(_sheet(shown), how):
            console.file.write(piece)
        console.file.flush()


def _grid(shown: Sequence[Shown], width: int) -> RenderableType:
    """The pictures in rows, each before beside after."""
    from rich.table import Table

    gaps = 5  # between before and after, and to the next pair
    across = max(1, min(4, width // (2 * NARROW + gaps)))
    columns = max(2, min(WIDE, (width // across - gaps) // 4 * 2))  # even: a line holds two rows of pixels
    table = Table.grid(padding=(0, 2))
    for start in range(0, len(shown), across):
        table.add_row(*(_cell(each, columns) for each in shown[start : start + across]))
    return table


def _cell(each: Shown, columns: int) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from unframe.cli.terminal import blocks

    both = Table.grid(padding=(0, 1))
    both.add_row(blocks(each.drawn.image, columns), blocks(each.result, columns))
    styles = {"framed": "bold red", "review": "yellow", "clean": "green"}
    wide = 2 * columns + 1
    found = Text(_found(each), styles[each.removal.detection.verdict])
    done = Text(_done(each) + "\n", "dim")
    for line in (found, done):
        line.truncate(wide, overflow="ellipsis")
    return Group(both, found, done)


def _found(each: Shown) -> str:
    """Verdict, probability, kind and sides."""
    found = each.removal.detection
    said = f"{found.verdict} {found.probability:.2f}"
    if found.frame is None:
        return said
    sides = "four sides" if len(found.frame.sides) == 4 else ", ".join(found.frame.sides)
    return f"{said}  {found.frame.kind}, {sides}"


def _done(each: Shown) -> str:
    removal = each.removal
    if removal.changed:
        return f"cut to {removal.result.width} × {removal.result.height}"
    return f"left alone: {removal.refusal.code}" if removal.refusal else "passed on as it was"


def _said(shown: Sequence[Shown], model: str) -> Iterable[str]:
    """What was right, by the truth of what was drawn."""
    framed = [each for each in shown if each.drawn.label == "framed"]
    plain = [each for each in shown if each.drawn.label == "plain"]
    found = sum(each.removal.detection.framed for each in framed)
    placed = sum(_located(each) for each in framed)
    cut = sum(each.removal.changed for each in framed)
    kept = sum(not each.removal.changed for each in plain)
    yield f"{model}: {found} of {len(framed)} frames found, {placed} of them within {PLACED} pixels, {cut} taken off;"
    yield f"{kept} of {len(plain)} plain pictures passed on byte for byte."


def _located(each: Shown) -> bool:
    """Whether every edge of the inner box is where it was drawn, or nearly."""
    found, true = each.removal.detection.frame, each.drawn.frame
    if found is None or true is None:
        return False
    return max(abs(edge - drawn) for edge, drawn in zip(found.inner, true.inner, strict=True)) <= PLACED


def _sheet(shown: Sequence[Shown]) -> bytes:
    """The contact sheet of `unframe remove --explain`, as PNG."""
    from io import BytesIO

    from unframe.imaging import decode
    from unframe.removal.explain import contact_sheet, pair

    buffer = BytesIO()
    pairs = [
        pair(each.removal, decode(each.removal.original), each.result, each.drawn.design.replace("/", " "))
        for each in shown
    ]
    contact_sheet(pairs).save(buffer, "PNG")
    return buffer.getvalue()


def _write(path: Path, shown: Sequence[Shown], *, overwrite: bool) -> None:
    from unframe.files import write_atomic

    write_atomic(path, _sheet(shown), overwrite=overwrite)

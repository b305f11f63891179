"""`unframe models`: which models are installed, what their cards say, and whether a model's files can be trusted."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from unframe.cli.shared import examples, new_app
from unframe.errors import UnframeError

if TYPE_CHECKING:
    from unframe.runtime import Card

_SHOW = "show"
_PIPED_WIDTH = 10_000  # nothing is folded where no person's window sets a width


class ShowFirst(TyperGroup):
    """Takes ``unframe models [NAME]`` for ``unframe models show [NAME]``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the command where none is named."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = [_SHOW, *args]
        return super().parse_args(ctx, args)


app = new_app(
    cls=ShowFirst,
    help="Show which models are installed and what their cards say, or check a model's files. "
    "[bold]unframe models \\[NAME][/bold] is short for [bold]unframe models show[/bold].",
    epilog=examples(
        ("What is installed?", "unframe models"),
        ("The whole card of one model", "unframe models unframe-1"),
        ("Can these files be trusted?", "unframe models check runs/first/model"),
    ),
)


@app.command(_SHOW)
def show(
    name: Annotated[
        str | None,
        typer.Argument(help="A model, or the folder of one: shows its whole card.  [default: lists what is installed]"),
    ] = None,
    format: Annotated[
        Literal["text", "json"], typer.Option("--format", "-f", help="How the list is written.")
    ] = "text",
) -> None:
    """List the installed models, or show the card of one."""
    import json

    rows = list(_installed()) if name is None else [_named(name)]
    if format == "json":
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif name is None:
        typer.echo("\n\n".join(_paragraphs(rows)))
    else:
        typer.echo("\n".join(_lines(rows[0])))


@app.command("check")
def check(
    model: Annotated[str, typer.Argument(metavar="PATH", help="Folder of a model, its card, or an installed model.")],
) -> None:
    """Check a model's files as they are checked before every use, and let it answer to a blank picture."""
    from unframe.runtime import NetworkDetector

    card = NetworkDetector.load(model).card
    typer.echo(f"{model} is sound: {card.name} {card.version}, {card.bytes:,} bytes, sha256 {card.sha256}")


def _installed() -> Iterator[dict[str, Any]]:
    """A row for every detector and model."""
    from unframe.runtime import installed

    cards = installed()
    yield from map(_network, cards)
    if not cards:
        yield _row("cnn", None, message="no model is installed; train one, or name its folder")
    yield _baseline()


def _named(name: str) -> dict[str, Any]:
    from unframe.runtime import find
    from unframe.runtime.card import CARD_FILE, Card

    return _baseline() if name == "baseline" else _network(Card.read(Path(find(name)) / CARD_FILE))


def _network(card: Card) -> dict[str, Any]:
    from unframe.detector import default_name
    from unframe.runtime import DEFAULT_MODEL

    default = default_name() == "cnn" and card.name == DEFAULT_MODEL
    return _row("cnn", card.name, default=default, card=card.record())


def _baseline() -> dict[str, Any]:
    from unframe.detector import Detector, default_name

    default = default_name() == "baseline"
    try:
        return _row("baseline", Detector.load("baseline").model, default=default)
    except UnframeError as error:
        return _row("baseline", None, default=default, message=str(error))


def _row(
    detector: str, model: str | None, *, default: bool = False, card: Any = None, message: str | None = None
) -> dict[str, Any]:
    return {"detector": detector, "model": model, "default": default, "message": message, "card": card}


def _paragraphs(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A paragraph for each model: what it is, and how good it is by its own card."""
    for row in rows:
        lines = [_line(row), *(_wrapped(*fact) for fact in (_facts(row["card"]) if row["card"] else ()))]
        yield "\n".join(lines)


def _line(row: Mapping[str, Any]) -> str:
    """One line for a row: the model, the detector that uses it, and whether it is asked when none is named."""
    detector = f"--detector {row['detector']}{', the default' if row['default'] else ''}"
    return f"{row['model']}  {detector}" if row["model"] else f"{detector}: {row['message']}"


def _facts(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What matters most on a card: a word for each fact, or none where it goes on from the one before."""
    yield "made as", f"{card['spec']}, version {card['version']}, {card['bytes']:,} bytes"
    data, thresholds = card["data"], card["thresholds"]
    counts = " and ".join(f"{count:,} {label}" for label, count in data["counts"].items())
    yield "trained on", f"{counts} pictures, of {len(data['sources']):,} sources"
    yield "verdicts", f"clean below {thresholds['clean_below']:.3f}, framed from {thresholds['framed_above']:.3f}"
    word = "scores"
    for (count, pictures), names in groupby(card["scores"].items(), lambda item: (item[1]["n"], item[1]["on"])):
        yield word, ", ".join(f"{name.replace('_', ' ')} {score['value']:g}" for name, score in names)
        yield "", f"on {count:,} {pictures}"
        word = ""


def _wrapped(word: str, text: str) -> str:
    """A fact with its word in front, folded where a terminal is narrower."""
    width = get_terminal_size().columns if sys.stdout.isatty() else _PIPED_WIDTH
    return fill(text, width, initial_indent=f"  {word:<12}", subsequent_indent=" " * 14)


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    """A line for every value of the card, by the name that the card's file and the documentation use."""
    if row["card"] is None:
        yield f"{row['detector']}  {row['model'] or row['message']}"
        return
    values = dict(_flat(row["card"]))
    width = max(map(len, values))
    yield from (f"{key:<{width}}  {value}" for key, value in values.items())


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        elif isinstance(value, list | tuple):
            yield path + key, ", ".join(map(str, value))
        else:
            yield path + key, str(value)

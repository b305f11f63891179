"""What a scan comes to, as tables for people or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import typer

from unframe.catalogue.compliance import STANDINGS
from unframe.catalogue.summary import Summary
from unframe.cli.scan_progress import duration
from unframe.cli.shared import counted

_PIPED_WIDTH = 10_000  # nothing is folded where no person's window sets a width
_SHOWN_SOURCES = 10


def show(summary: Summary, judged: int, seconds: float, *, as_json: bool) -> None:
    """Print what a scan comes to.

    Args:
        summary: What it comes to.
        judged: How many pictures were judged in this run.
        seconds: How long that took.
        as_json: Print JSON instead of tables.
    """
    if as_json:
        typer.echo(json.dumps(summary.as_json(seconds, judged), indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
    console.print(_headline(summary, judged, seconds))
    for each in _tables(summary):
        console.print(each)


def _headline(summary: Summary, judged: int, seconds: float) -> str:
    text = counted(summary.pictures, "picture")
    if judged:
        text += f"; {judged:,} judged in {duration(seconds)}, {judged / seconds:,.0f} per second"
    return text


def _tables(summary: Summary) -> Iterator[Any]:
    count = summary.pictures or 1
    verdicts = [*((name, summary.verdicts[name]) for name in ("framed", "review", "clean")), ("error", summary.failed)]
    yield _table(("verdict", "pictures", "share"), ((n, f"{c:,}", f"{c / count:.1%}") for n, c in verdicts if c))
    for heading, counts in (
        ("kind", summary.kinds),
        ("error", summary.errors),
        ("removal", summary.actions),
        ("left in place", summary.reasons),
    ):
        if counts:
            rows = ((name, f"{each:,}", f"{each / count:.1%}") for name, each in counts.most_common())
            yield _table((heading, "pictures", "share"), rows)
    if len(summary.sources) > 1:
        yield _table((summary.by or "source", "pictures", "framed", "review", "clean", "error"), _sources(summary))
    yield _table(("marketplace", *summary.standings), _standings(summary))


def _sources(summary: Summary) -> Iterator[tuple[str, ...]]:
    largest = summary.largest()
    for name, counts in largest[:_SHOWN_SOURCES]:
        yield name, f"{counts.total():,}", *(f"{counts[each]:,}" for each in ("framed", "review", "clean", "error"))
    if len(largest) > _SHOWN_SOURCES:
        yield f"… and {len(largest) - _SHOWN_SOURCES:,} more", *[""] * 5


def _standings(summary: Summary) -> Iterator[tuple[str, ...]]:
    for standing in STANDINGS:
        counts = [each[standing] for each in summary.standings.values()]
        if any(counts):
            yield standing, *(f"{count:,}" for count in counts)


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="right" if at else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # a name may look like markup
    return table

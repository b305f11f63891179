"""`unframe templates`: which frames are the same on many pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unframe.cli.shared import Overwrite, examples, new_app, settings_of

if TYPE_CHECKING:
    from unframe.catalogue.template_report import Template

app = new_app()

EXAMPLES = examples(
    ("Which templates does the catalogue carry?", "unframe templates results.parquet -o templates/"),
    (
        "Note what frames look like while scanning, so that no picture is read twice",
        "unframe scan photos/ -o r.parquet --looks",
    ),
    (
        "Templates of each seller, never across sellers",
        "unframe templates results.parquet -o templates/ --by seller --apart",
    ),
    (
        "Fill in the column decision of templates.csv, then hold to it",
        "unframe remove photos/ -o cleaned/ --decisions templates/templates.csv",
    ),
)


@app.command(epilog=EXAMPLES)
def templates(
    results: Annotated[
        Path,
        typer.Argument(
            metavar="RESULTS", help="What unframe scan wrote: a folder, .jsonl or .csv.", show_default=False
        ),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where tables and contact sheets go.", show_default=False),
    ],
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column to count by.  \\[default: seller or the like]")
    ] = None,
    base: Annotated[
        Path | None, typer.Option(metavar="DIR", help="What relative paths of a list begin at.  \\[default: here]")
    ] = None,
    apart: Annotated[bool, typer.Option("--apart", help="Keep what differs in that column apart.")] = False,
    least: Annotated[int, typer.Option(min=2, metavar="PICTURES", help="Pictures that a template has at least.")] = 3,
    reach: Annotated[
        float, typer.Option(min=0.001, max=2.0, metavar="X", help="How far frames of one template may differ.")
    ] = 0.08,
    overwrite: Overwrite = False,
) -> None:
    """Put the frames of a scan together that look the same, so that one decision is enough for all of them.

    Writes templates.csv, the templates by frequency, with a column [bold]decision[/bold] to fill in: keep or remove;
    pictures.csv, which picture carries which; groups.csv, the same by seller; and contact sheets.
    """
    from unframe.catalogue import results as scans
    from unframe.catalogue import template_report
    from unframe.catalogue.templates import cluster

    read = template_report.Pictures(settings_of(None), base)
    reader = template_report.Reader(scans.read(results), by, read)
    framed = list(reader)
    groups = [each.group for each in framed] if apart else None
    labels = cluster([each.look for each in framed], reach=reach, least=least, groups=groups)
    found = template_report.templates(framed, labels, reach)
    template_report.write(output, found, reader.pictures, read, overwrite=overwrite)
    _show(found, reader.pictures)
    carried = sum(len(each.members) for each in found)
    typer.echo(
        f"{reader.pictures:,} pictures, {len(framed) + len(reader.unreadable):,} framed: "
        f"{carried:,} carry one of {len(found):,} templates, {len(framed) - carried:,} frames stand alone",
        err=True,
    )
    if reader.unreadable:
        typer.echo(
            f"unframe: {len(reader.unreadable):,} framed pictures could not be read again, as {reader.unreadable[0]}; "
            "scan with --looks, then none has to be",
            err=True,
        )


def _show(found: list[Template], pictures: int) -> None:
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for heading in ("template", "pictures", "share", "sellers", "kind", "sides", "example"):
        table.add_column(
            heading, justify="right" if heading in {"pictures", "share", "sellers"} else "left", overflow="fold"
        )
    for each in found[:20]:
        sides = each.most("sides").split()
        count = len(each.members)
        table.add_row(
            each.name,
            f"{count:,}",
            f"{count / pictures:.1%}",
            str(len(each.groups) or ""),
            each.most("kind"),
            "all" if len(sides) == 4 else ", ".join(sides),
            each.members[0].path,
        )
    console.print(table)
    if len(found) > 20:
        console.print(f"… and {len(found) - 20:,} more")

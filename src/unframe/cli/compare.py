"""`unframe compare`: trained networks side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unframe.cli.shared import Overwrite, examples, new_app

app = new_app()

EXAMPLES = examples(
    ("Everything that was trained into one folder", "unframe compare runs/ -o comparison/"),
)  # fmt: skip


@app.command(epilog=EXAMPLES)
def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN", help="Run folders, or folders that hold some.", exists=True)
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Write table.md, table.json and accuracy.png to this folder."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Compare trained networks: one table, and one figure of accuracy against epochs.

    Intervals are at 95 %, from a bootstrap over sources; the folds of a cross-validation are judged together.
    """
    from rich.console import Console
    from rich.table import Table

    from unframe.training import compare as room
    from unframe.training.run import find

    found = find(runs)
    table = Table(*room.HEADINGS)
    table.columns[0].overflow = "fold"
    for row in room.rows(found):
        table.add_row(*room.cells(row))
    Console().print(table)
    if output is not None:
        room.write(found, output, overwrite=overwrite)

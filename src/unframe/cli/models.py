"""`unframe models`: which detectors there are."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from unframe.cli.shared import examples, new_app

app = new_app()


@app.command(epilog=examples(("What is installed?", "unframe models")))
def models(
    format: Annotated[
        Literal["text", "json"], typer.Option("--format", "-f", help="How the list is written.")
    ] = "text",
) -> None:
    """List the detectors, their models, and which one is used when none is named."""
    import json

    rows = [_describe(name) for name in _names()]
    if format == "json":
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        default = "  (default)" if row["default"] else ""
        typer.echo(f"{row['detector']:<10} {row['model'] or row['message']}{default}")


def _names() -> list[str]:
    from unframe.detector import DETECTORS

    return list(DETECTORS)


def _describe(name: str) -> dict[str, str | bool | None]:
    from unframe.detector import Detector, default_name
    from unframe.errors import UnframeError

    row: dict[str, str | bool | None] = {"detector": name, "default": name == default_name()}
    try:
        return row | {"model": Detector.load(name).model, "message": None}
    except UnframeError as error:
        return row | {"model": None, "message": str(error)}

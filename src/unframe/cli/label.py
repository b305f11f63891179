"""`unframe label`: the review page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from unframe.cli.shared import DetectorName, Jobs, examples, new_app, settings_of
from unframe.errors import UnframeError

if TYPE_CHECKING:
    from unframe.detector import Detector
    from unframe.settings import Settings

app = new_app()

EXAMPLES = examples(
    ("Sort a folder of pictures into framed and just product", "unframe label photos/"),
    ("Show first where baseline and network disagree", "unframe label photos/ --detector cnn --rival baseline"),
    ("Look again at labels that detections speak against", "unframe label natural/ --suspects wrong.csv"),
    ("Keep the labels elsewhere, and open no browser", "unframe label photos/ --store labels.sqlite --no-browser"),
)


@app.command(epilog=EXAMPLES)
def label(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder of pictures.", show_default=False, exists=True, file_okay=False),
    ],
    *,
    store: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the labels are kept.  \\[default: DIR/labels.sqlite]"),
    ] = None,
    detector: DetectorName = None,
    rival: Annotated[
        Literal["cnn", "baseline"] | None,
        typer.Option(help="A second detector, to show where the two disagree."),
    ] = None,
    suspects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Likely label errors, as unframe dataset label-errors writes them."),
    ] = None,
    who: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who labels.  \\[default: the name of the account]")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port to listen on; 0 takes any.  \\[default: 8765, or any if it is taken]"
        ),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    jobs: Jobs = None,
) -> None:
    """Open a page on which pictures are sorted into framed and just product, and frames are measured.

    The detector judges the folder first, so that only what it got wrong has to be moved. Labels are kept at once and
    for good. The page is reachable from this machine alone, by the address that is printed.
    """
    from unframe.labelling.run import open_browser, serve, store_of
    from unframe.labelling.suspects import read_suspects

    def ready(address: str) -> None:
        typer.echo(f"Review page: {address}")
        typer.echo("Stop it with Ctrl+C.", err=True)
        if browser:
            open_browser(address)

    serve(
        folder,
        store or store_of(folder),
        _detectors(detector, rival, settings_of(jobs)),
        who=who or _account(),
        port=port,
        suspects=read_suspects(suspects, folder) if suspects else {},
        ready=ready,
    )


def _detectors(first: str | None, rival: str | None, settings: Settings) -> list[Detector]:
    from unframe.detector import Detector, default_name

    names = [first or default_name(), *([rival] if rival else [])]
    if len(set(names)) < len(names):
        raise UnframeError(f"--rival is {rival}, which judges already; name the other detector")
    return [Detector.load(name, settings) for name in names]


def _account() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"

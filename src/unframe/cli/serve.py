"""`unframe serve`: the HTTP service."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from unframe.cli.shared import DetectorName, Jobs, ModelName, examples, new_app, settings_of
from unframe.errors import MissingExtraError
from unframe.settings import ServerSettings

app = new_app()

EXAMPLES = examples(
    ("Serve to this machine, with a page to try it", "unframe serve"),
    ("... and ask", "curl --data-binary @a.jpg http://127.0.0.1:8000/v1/detect"),
    ("Several pictures at once", "curl -F file=@a.jpg -F file=@b.jpg http://127.0.0.1:8000/v1/detect"),
    ("Take a frame off", "curl --data-binary @a.jpg http://127.0.0.1:8000/v1/remove -o cleaned.jpg"),
    ("Serve to the network with four processes", "unframe serve --host 0.0.0.0 --workers 4"),
)


@app.command(epilog=EXAMPLES)
def serve(
    *,
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Address to listen on.  \\[default: 127.0.0.1, this machine alone]"),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.  \\[default: 8000]")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that answer; they share --jobs.  \\[default: 1]")
    ] = None,
    detector: DetectorName = None,
    model: ModelName = None,
    jobs: Jobs = None,
) -> None:
    """Answer over HTTP: judge pictures, take frames off, and show a page to try it.

    SIGTERM or Ctrl+C stops it; what has come in is answered first. The log on standard error is JSON, a line each.

    Everything else is set by environment variables: UNFRAME_SERVE_QUEUE, UNFRAME_SERVE_FETCH and so on.
    """
    try:
        from unframe.serving.run import serve as run
    except ModuleNotFoundError as error:
        raise MissingExtraError("The server", str(error.name), "serve") from error
    given: dict[str, Any] = {"host": host, "port": port, "workers": workers, "detector": detector, "model": model}
    serving = replace(ServerSettings.from_env(), **{name: value for name, value in given.items() if value is not None})

    def ready(address: str) -> None:
        typer.echo(f"Serving on {address}")

    run(settings_of(jobs), serving, ready)

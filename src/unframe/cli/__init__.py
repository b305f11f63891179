"""The command line: one thin file per command, and here the front door that finds them.

How a command plugs in:

1. Write ``unframe/cli/<name>.py`` with a module-level ``app = new_app()`` (from ``unframe.cli.shared``) and one
   function decorated with ``@app.command()``; several decorated functions become sub-commands, as in
   ``unframe dataset check``.
2. Add its line to `COMMANDS` below. The module is imported only when its command runs or a help page lists it.
3. At the top of the module import nothing but the standard library, ``typer``, ``unframe.cli.shared``,
   ``unframe.errors`` and ``unframe.settings``; everything else goes inside the functions. A test holds this, because
   ``unframe --help`` imports every command.
4. Raise an `UnframeError` for whatever the user can repair: it becomes one line on standard error and exit code 2.
   End with any other code through ``raise typer.Exit(code)``.
"""

from __future__ import annotations

import os
import sys
import traceback
from importlib import import_module
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from unframe.cli.shared import BUG, INTERRUPTED, PIPE_CLOSED, TROUBLE, new_app
from unframe.errors import UnframeError

COMMANDS: dict[str, str] = {
    "demo": "unframe.cli.demo",
    "detect": "unframe.cli.detect",
    "remove": "unframe.cli.remove",
    "restore": "unframe.cli.restore",
    "scan": "unframe.cli.scan",
    "templates": "unframe.cli.templates",
    "duplicates": "unframe.cli.duplicates",
    "serve": "unframe.cli.serve",
    "label": "unframe.cli.label",
    "labels": "unframe.cli.labels",
    "synthesize": "unframe.cli.synthesize",
    "train": "unframe.cli.train",
    "compare": "unframe.cli.compare",
    "reproduce": "unframe.cli.reproduce",
    "evaluate": "unframe.cli.evaluate",
    "dataset": "unframe.cli.dataset",
    "models": "unframe.cli.models",
}
"""Command and the module that holds its ``app``, in the order in which help lists them."""


class LazyGroup(TyperGroup):
    """The commands of `COMMANDS`, imported when they are needed, and the one place that knows how a run ends."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands, without importing them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """The command of this name; ``None``, with all commands loaded for "did you mean", when there is none."""
        if cmd_name not in COMMANDS:
            self.commands.update({name: _load(name) for name in COMMANDS})
            return None
        return _load(cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Run the command and turn how it failed into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except UnframeError as error:
            print(f"unframe: {error}", file=sys.stderr)  # noqa: T201
            raise typer.Exit(TROUBLE) from error
        except KeyboardInterrupt:
            print("unframe: interrupted", file=sys.stderr)  # noqa: T201
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # The reader has gone, as in `| head`. Python would complain again when it flushes at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(PIPE_CLOSED) from None


def _load(name: str) -> TyperCommand | TyperGroup:
    command = typer.main.get_command(import_module(COMMANDS[name]).app)
    command.name = name  # else help lists a group without it
    return cast(TyperCommand | TyperGroup, command)


def _show_version(wanted: bool) -> None:
    if wanted:
        from unframe import __version__

        typer.echo(f"unframe {__version__}")
        raise typer.Exit


app = new_app(cls=LazyGroup, add_completion=True, no_args_is_help=True)


@app.callback()
def front_door(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Tell whether product photographs carry an added frame, say where it is, and take it off."""


def main() -> None:
    """Run the command line; the entry point of the ``unframe`` script and of ``python -m unframe``."""
    try:
        app(prog_name="unframe")
    except Exception:  # whatever it is, nobody has foreseen it
        traceback.print_exc()
        print("unframe: this is a mistake in unframe itself; please report it with the lines above", file=sys.stderr)  # noqa: T201
        sys.exit(BUG)

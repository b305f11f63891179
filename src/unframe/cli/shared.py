"""What the commands share. Imports nothing heavy, because every command imports it."""

from __future__ import annotations

from typing import Any

import typer

DONE = 0
FAIL_ON_MET = 1
TROUBLE = 2
INTERRUPTED = 130  # 128 + SIGINT, what a shell reports
PIPE_CLOSED = 141  # 128 + SIGPIPE


def new_app(**options: Any) -> typer.Typer:
    """A Typer app with the conventions of the project: rich help, plain tracebacks, no completion of its own."""
    defaults: dict[str, Any] = {"rich_markup_mode": "rich", "pretty_exceptions_enable": False, "add_completion": False}
    return typer.Typer(**(defaults | options))

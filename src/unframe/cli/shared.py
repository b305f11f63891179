"""What the commands share. Imports nothing heavy, because every command imports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from unframe.errors import SettingsError, UnframeError
from unframe.settings import Settings, table

if TYPE_CHECKING:
    from unframe.detector import Detector
    from unframe.files import Input

T = TypeVar("T")

DONE = 0
FAIL_ON_MET = 1
TROUBLE = 2
BUG = 70  # EX_SOFTWARE of sysexits.h; 1, as Python has it, would look like `--fail-on`
INTERRUPTED = 130  # 128 + SIGINT, what a shell reports
PIPE_CLOSED = 141  # 128 + SIGPIPE

Format = Literal["text", "json", "jsonl", "csv"]

Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH", help="Pictures, folders of pictures, or - for standard input.", show_default=False),
]
DetectorName = Annotated[
    Literal["cnn", "baseline"] | None,
    typer.Option("--detector", "-d", help="Who judges: the network or the rule set.  \\[default: cnn]"),
]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="The network's weights: the name of an installed model, or the folder of your own, RUN/model.  "
        "\\[default: unframe-1]",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=0, help="Pictures worked on at the same time; 0 takes one per processor core."),
]
Covers = Annotated[
    list[str] | None,
    typer.Option(
        "--covers",
        metavar="SOURCE",
        help="A source whose photographs are covers of books, films or games from edge to edge, to draw them as such.",
    ),
]
RecordFormat = Annotated[
    Format | None,
    typer.Option("--format", "-f", help="How results are written.  \\[default: text, or what the suffix of FILE says]"),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace output files that are already there.")]


def new_app(**options: Any) -> typer.Typer:
    """A Typer app with the conventions of the project: rich help, plain tracebacks, no completion of its own."""
    defaults: dict[str, Any] = {"rich_markup_mode": "rich", "pretty_exceptions_enable": False, "add_completion": False}
    return typer.Typer(**(defaults | options))


def examples(*commands: tuple[str, str]) -> str:
    """The epilogue of a help page: what each example does, and the command."""
    blocks = [f"\n\n[dim]# {what}[/dim]\n[bold]{command}[/bold]" for what, command in commands]
    return "[yellow]Examples[/yellow]" + "".join(blocks)


def settings_of(jobs: int | None) -> Settings:
    """The settings of this run: the environment's, with what the command line says on top."""
    settings = Settings.from_env()
    return settings if jobs is None else replace(settings, jobs=jobs)


def load_detector(name: str | None, model: str | None, settings: Settings) -> Detector:
    """The detector that ``--detector`` and ``--model`` ask for.

    Raises:
        UnframeError: A model is given to the rule set, which has none.
    """
    from unframe.detector import Detector

    if model is None:
        return Detector.load(name, settings)
    if name == "baseline":
        raise UnframeError(f"--model {model} is for the network, but --detector is baseline; leave one of them out")
    return Detector.load("cnn", settings, model=model)


def changed(defaults: T, changes: Sequence[str]) -> T:
    """Settings with changes such as ``framed=0.3``, as ``--set`` takes them.

    Args:
        defaults: A dataclass whose fields are declared with `unframe.settings.setting`.
        changes: ``NAME=VALUE``.

    Raises:
        SettingsError: There is no such setting, or its value is no number or out of range.
    """
    known = {row.name: getattr(defaults, row.name) for row in table(type(defaults))}
    return replace(defaults, **dict(_change(each, known) for each in changes))  # type: ignore[type-var]


def _change(text: str, known: Mapping[str, Any]) -> tuple[str, Any]:
    name, _, value = (part.strip() for part in text.partition("="))
    if name not in known:
        raise SettingsError(f"--set {text!r} names no parameter; they are {', '.join(known)}")
    try:
        return name, type(known[name])(value)
    except ValueError:
        raise SettingsError(f"--set {text!r} gives {name} no number; write {name}={known[name]}") from None


def find_pictures(paths: list[str], exclude: Sequence[Path] = ()) -> list[Input]:
    """The pictures that the paths stand for; a folder among them that holds none is named on standard error.

    Raises:
        UnframeError: There are none.
    """
    from unframe.files import SUFFIXES, pictures, walk

    inputs = walk(paths, exclude)
    known = ", ".join(SUFFIXES)
    if not inputs:
        raise UnframeError(f"there are no pictures in {', '.join(paths)}; looked for {known}")
    for folder in (Path(each) for each in paths):
        if folder.is_dir() and next(pictures(folder, exclude), None) is None:
            typer.echo(f"unframe: there are no pictures in {folder}; looked for {known}", err=True)
    return inputs


def counted(number: int, what: str) -> str:
    """A number with the word for what it counts, as ``1 picture`` and ``1,500 pictures``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def read_input(each: Input, settings: Settings) -> bytes:
    """The bytes of one picture; of standard input never more than the limit and one byte.

    Raises:
        DecodeError: ``unreadable`` or ``too-large``.
    """
    import sys

    from unframe.imaging import read

    if each.path is None:
        return sys.stdin.buffer.read(settings.max_bytes + 1)  # the decoder refuses a byte too many
    return read(each.name, settings)

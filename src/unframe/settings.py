"""Settings as one table: (name, default, unit, help), read by the environment, the command line and the docs.

`setting` declares a row, `table` lists the rows of a class. The rule set of the baseline and the distributions of
the frame generator declare their parameters in the same way, so that each is documented where it is defined.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from unframe.errors import SettingsError

PREFIX = "UNFRAME_"
SERVER_PREFIX = "UNFRAME_SERVE_"
MEBIBYTE = 1024 * 1024

_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_PARSERS: dict[type, Callable[[str], Any]] = {int: int, float: float}


class Row(NamedTuple):
    """One row of a table of settings."""

    name: str
    default: Any
    unit: str
    help: str
    minimum: float | None
    maximum: float | None


def setting(default: Any, help: str, unit: str = "", minimum: float | None = None, maximum: float | None = None) -> Any:
    """Declare a dataclass field as a row of its class's table."""
    metadata = {"unit": unit, "help": help, "minimum": minimum, "maximum": maximum}
    return field(default=default, metadata=metadata)


def table(cls: type) -> list[Row]:
    """The rows of a dataclass whose fields were declared with `setting`, in order of declaration."""
    return [Row(name=each.name, default=each.default, **each.metadata) for each in fields(cls)]


def check(instance: Any) -> None:
    """Raise `SettingsError` when a value is no number or lies outside the range that its row allows."""
    for row in table(type(instance)):
        value = getattr(instance, row.name)
        if isinstance(value, float) and math.isnan(value):  # which would be within any range
            raise SettingsError(
                f"{row.name} is nan; it must be a number {f'of {row.unit}' if row.unit else ''}".rstrip()
            )
        if row.minimum is not None and value < row.minimum:
            raise SettingsError(f"{row.name} is {value}; it must be at least {row.minimum:g} {row.unit}".rstrip())
        if row.maximum is not None and value > row.maximum:
            raise SettingsError(f"{row.name} is {value}; it must be at most {row.maximum:g} {row.unit}".rstrip())


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set for every command; the environment variable is the upper-case name after ``UNFRAME_``."""

    max_bytes: int = setting(20 * MEBIBYTE, "Larger files are refused before they are read whole.", "bytes", 1)
    max_pixels: int = setting(50_000_000, "Images with more pixels are refused before decoding.", "pixels", 1)
    max_side: int = setting(32_768, "Images with a longer side are refused before decoding.", "pixels", 1, 65_535)
    jobs: int = setting(0, "Images worked on at the same time; 0 takes one per processor core.", "threads", 0, 256)

    def __post_init__(self) -> None:
        check(self)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """The settings with every ``UNFRAME_*`` variable applied.

        Args:
            environ: Variables to read; the process's own when omitted.

        Raises:
            SettingsError: A value is no whole number or outside its range.
        """
        return cls(**from_environment(cls, PREFIX, environ))

    def workers(self) -> int:
        """How many threads `jobs` stands for on this machine."""
        return self.jobs or usable_cores()


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What can be set for `unframe serve`; the variable is the upper-case name after ``UNFRAME_SERVE_``."""

    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 lets other machines in.")
    port: int = setting(8000, "Port to listen on; 0 takes a free one.", "", 0, 65_535)
    workers: int = setting(1, "Processes that answer; they share UNFRAME_JOBS.", "processes", 1, 64)
    detector: str = setting("", "Who judges: cnn or baseline; when empty, cnn where its weights are installed.")
    model: str = setting("", "A model of one's own for cnn: its name or folder.")
    page: bool = setting(True, "Show the page to try it at /.")
    queue: int = setting(32, "Pictures that may wait in a process; over it the answer is 429.", "pictures", 1, 10_000)
    max_pictures: int = setting(32, "Pictures in one request; at most as many as may wait.", "pictures", 1, 10_000)
    max_body: int = setting(64 * MEBIBYTE, "Larger forms are cut off while they arrive.", "bytes", 1024)
    max_held: int = setting(
        256 * MEBIBYTE, "Bytes of all requests that a process holds; over it the answer is 429.", "bytes", 1024
    )
    body_seconds: float = setting(10.0, "A request must have arrived after this time.", "seconds", 0.1, 3600)
    answer_seconds: float = setting(30.0, "A request must be answered after this time.", "seconds", 0.1, 3600)
    stop_notice: float = setting(
        1.0, "How long requests are still taken after SIGTERM, while /health/ready says 503.", "seconds", 0, 300
    )
    stop_seconds: float = setting(30.0, "Then answers that take longer than this are cut off.", "seconds", 0, 3600)
    fetch: bool = setting(False, "Take pictures from URLs: GET /v1/detect?url=.")
    fetch_hosts: str = setting(
        "", "Hosts that may be fetched from, with commas between; *.example.com for all below it, * for all."
    )
    fetch_networks: str = setting(
        "", "Private networks that may be fetched from all the same, with commas between, as 10.2.0.0/16."
    )
    fetch_seconds: float = setting(5.0, "A picture must have been fetched after this time.", "seconds", 0.1, 300)
    fetch_redirects: int = setting(3, "Redirects that are followed, each checked anew.", "redirects", 0, 10)

    def __post_init__(self) -> None:
        check(self)
        if self.max_pictures > self.queue:
            raise SettingsError(f"max_pictures is {self.max_pictures}; it must be at most the queue of {self.queue}")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> ServerSettings:
        """The settings with every ``UNFRAME_SERVE_*`` variable applied.

        Args:
            environ: Variables to read; the process's own when omitted.

        Raises:
            SettingsError: A value is of the wrong kind or outside its range.
        """
        return cls(**from_environment(cls, SERVER_PREFIX, environ))


def from_environment(cls: type, prefix: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The values that variables give to the rows of a table, by name; blank ones give none.

    Raises:
        SettingsError: A value is not of its row's kind.
    """
    environ = os.environ if environ is None else environ
    texts = {row: environ.get(prefix + row.name.upper(), "").strip() for row in table(cls)}
    return {row.name: _value(row, text, prefix + row.name.upper()) for row, text in texts.items() if text}


def _value(row: Row, text: str, name: str) -> Any:
    kind = type(row.default)
    if kind is bool and text.lower() in _SWITCH:
        return _SWITCH[text.lower()]
    try:
        return text if kind is str else _PARSERS[kind](text)
    except (KeyError, ValueError):
        what = {int: "a whole number", float: "a number", bool: "on or off"}[kind]
        raise SettingsError(
            f"{name} is {text!r}; it must be {what} {f'of {row.unit}' if row.unit else ''}".rstrip()
        ) from None


def usable_cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system has affinities
        return os.cpu_count() or 1

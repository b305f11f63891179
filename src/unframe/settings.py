"""Settings as one table: (name, default, unit, help), read by the environment, the command line and the docs.

`setting` declares a row, `table` lists the rows of a class. The rule set of the baseline and the distributions of
the frame generator declare their parameters in the same way, so that each is documented where it is defined.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from unframe.errors import SettingsError

PREFIX = "UNFRAME_"
MEBIBYTE = 1024 * 1024


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
    """Raise `SettingsError` when a value lies outside the range that its row allows."""
    for row in table(type(instance)):
        value = getattr(instance, row.name)
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
        environ = os.environ if environ is None else environ
        values: dict[str, int] = {}
        for row in table(cls):
            name = PREFIX + row.name.upper()
            text = environ.get(name, "").strip()
            if not text:
                continue
            try:
                values[row.name] = int(text)
            except ValueError:
                raise SettingsError(f"{name} is {text!r}; it must be a whole number of {row.unit}") from None
        return cls(**values)

    def workers(self) -> int:
        """How many threads `jobs` stands for on this machine."""
        return self.jobs or usable_cores()


def usable_cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not every system has affinities
        return os.cpu_count() or 1

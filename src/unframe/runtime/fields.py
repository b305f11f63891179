"""Strict reading of JSON objects: each value is taken under a rule, and what breaks one is named with its repair."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from unframe.errors import ModelError


class Fields:
    """The values of one JSON object, taken one after another; iterating gives its keys.

    Args:
        values: What JSON held; anything but an object is refused.
        name: What messages call the file.
        path: Where the object lies in the file, as ``thresholds``; empty for the whole file.
    """

    def __init__(self, values: object, name: str, path: str = "") -> None:
        if not isinstance(values, dict):
            where = path or "the file"
            raise ModelError(f"{name}: {where} is {_shown(values)}; it must be an object with named values")
        self._values: dict[str, Any] = values
        self._left = dict.fromkeys(values)
        self._name = name
        self._path = path

    def text(self, key: str, pattern: str = r"[\s\S]*\S[\s\S]*", rule: str = "a text that is not blank") -> str:
        """A string that the regular expression matches as a whole; ``rule`` says so in words."""
        value = self._take(key, rule)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.wrong(key, rule)
        return value

    def number(self, key: str, low: float = -1e9, high: float = 1e9) -> float:
        """A number from ``low`` to ``high``."""
        rule = f"a number from {low:,.15g} to {high:,.15g}"
        value = self._take(key, rule)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(key, rule)
        return float(value)

    def whole(self, key: str, low: int = 0, high: int = 2**53) -> int:
        """A whole number from ``low`` to ``high``."""
        rule = f"a whole number from {low:,} to {high:,}"
        value = self._take(key, rule)
        if not _is_whole(value, low, high):
            raise self.wrong(key, rule)
        return int(value)

    def wholes(self, key: str, low: int, high: int) -> tuple[int, ...]:
        """A list of at least one whole number from ``low`` to ``high``."""
        rule = f"a list of whole numbers from {low:,} to {high:,}"
        value = self._take(key, rule)
        if not isinstance(value, list) or not value or not all(_is_whole(each, low, high) for each in value):
            raise self.wrong(key, rule)
        return tuple(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, which may be empty."""
        rule = "a list of texts"
        value = self._take(key, rule)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(key, rule)
        return tuple(value)

    def within(self, key: str) -> Fields:
        """The object that this key holds."""
        return Fields(self._take(key, "an object with named values"), self._name, self._at(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def done(self) -> None:
        """Refuse what was not taken: a misspelt key would otherwise pass unseen."""
        for key in self._left:
            raise ModelError(f"{self._name}: {self._at(key)} is no field of a card; remove it or correct its name")

    def wrong(self, key: str, rule: str) -> ModelError:
        """The error for a value that breaks a rule."""
        return ModelError(f"{self._name}: {self._at(key)} is {_shown(self._values[key])}; it must be {rule}")

    def _take(self, key: str, rule: str) -> Any:
        if key not in self._values:
            raise ModelError(f"{self._name}: {self._at(key)} is missing; add {rule}")
        self._left.pop(key, None)
        return self._values[key]

    def _at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _shown(value: object) -> str:
    """A value as a message shows it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

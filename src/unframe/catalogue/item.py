"""The words of the catalogue: an item of a source, where its bytes are, and the columns it carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, NamedTuple, Protocol, TypeVar

Scalar = str | int | float | bool | None
"""A value that a row of a list may carry through to its record."""

Kind = Literal["text", "integer", "number", "flag", "texts", "box"]
"""What a column holds; ``texts`` are a list of texts, a ``box`` is four whole numbers."""


_Thing = TypeVar("_Thing")


class Column(NamedTuple):
    """A column of the results."""

    name: str
    kind: Kind = "text"


class File(NamedTuple):
    """A whole file, by path or by an address that fsspec knows."""

    address: str


class Range(NamedTuple):
    """A stretch of a file, as of a member of an archive: offset and size in bytes."""

    address: str
    offset: int
    size: int


Place = File | Range | bytes
"""Where the bytes of a picture are, or the bytes themselves where they cannot be had again cheaply."""


@dataclass(frozen=True, slots=True)
class Item:
    """One picture of a source; small, and fit to be sent to another process.

    Attributes:
        path: What records call it: the path or address as the source has it, or archive and member.
        place: Where its bytes are.
        columns: What the source says about it, carried through to its record.
        relative: Where it lies below the source's folder, with slashes; for other sources ``None``.
        trouble: Why it cannot be read, where the source itself knows; nothing is fetched then.
    """

    path: str
    place: Place
    columns: Mapping[str, Scalar] = field(default_factory=dict)
    relative: str | None = None
    trouble: str | None = None


class Source(Protocol):
    """Where pictures come from. Every iteration gives the same items in the same order, for scans resume by position.

    Attributes:
        address: What messages and the journal call it; without credentials.
        columns: The columns that every item carries, in order.
    """

    address: str
    columns: tuple[Column, ...]

    def __iter__(self) -> Iterator[Item]:
        """The items, one by one; never all of them in memory."""
        ...

    def count(self) -> int | None:
        """How many items there are; ``None`` when that is only known at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a source whose records make one file of the results: the unit of resuming, and of a cluster.

    Attributes:
        number: Position among the parts of the source, from 0.
        first: Position of its first item in the source, from 0.
        items: Its items, in order.
    """

    number: int
    first: int
    items: tuple[Item, ...]


class Shard(NamedTuple):
    """One machine's share of a scan: the parts whose number leaves ``number`` when divided by ``of``."""

    number: int = 0
    of: int = 1

    def has(self, part: int) -> bool:
        """Whether a part belongs to this share."""
        return part % self.of == self.number


WHOLE = Shard()
"""The share of a scan that is all of it."""


HELD = 256 * 1024 * 1024
"""Bytes of pictures, brought along by their items, with which a part is full; the same in every process of a scan."""


def parts(source: Source, size: int, shard: Shard = WHOLE) -> Iterator[Part]:
    """The parts of a source, in order; smaller are the last one, and those whose items bring along `HELD` bytes.

    Args:
        source: Where the items come from.
        size: Items in a part.
        shard: The share to give; the others are passed over.
    """
    items = iter(source)
    number = first = 0
    while stretch := tuple(fill(items, size, held)):
        if shard.has(number):
            yield Part(number, first, stretch)
        number += 1
        first += len(stretch)


def fill(things: Iterator[_Thing], most: int, weigh: Callable[[_Thing], int]) -> Iterator[_Thing]:
    """The next of several things, up to the one with which their bytes reach `HELD`.

    Args:
        things: All that are left.
        most: How many to take at most.
        weigh: The bytes of pictures that one of them brings along.
    """
    total = 0
    for thing in islice(things, most):
        yield thing
        total += weigh(thing)
        if total >= HELD:
            return


def held(item: Item) -> int:
    """The bytes of its picture that an item brings along; none where they lie elsewhere."""
    return len(item.place) if isinstance(item.place, bytes) else 0

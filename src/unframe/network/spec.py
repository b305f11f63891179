"""Names of networks, which are also their recipes, read and written.

``128_32-32-32-32_conv3_fc16_sgd_lr_0_01_decay_0_00005`` takes pictures of 128 × 128 pixels through four convolutions
of depth 32 and kernel 3 × 3, each followed by pooling, then through 16 fully connected units, and is trained by plain
stochastic gradient descent at a learning rate of 0.01 that decays by 0.00005 a step. The names are those of "Deep
learning for frame detection in product images" (allegro.tech, December 2016), and so is that network, its best.
``avgpool``, ``stride``, ``gap``, ``gmp``, ``grey``, ``drop_0_5``, ``batch64`` and further optimisers extend them for
what that post tried but did not name.

A part that is left out has the value it has in that network, so ``16-16-16-16_conv3`` is a whole name. Parts may come
in any order; a name is always written in one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from unframe.errors import SettingsError

Pooling = Literal["maxpool", "avgpool", "stride"]
Head = Literal["flatten", "gap", "gmp"]
Optimiser = Literal["sgd", "sgdm", "nesterov", "adam", "adamw"]
Colour = Literal["rgb", "grey"]

_END = "(?=_|$)"

MOMENTUM = 0.9
"""Momentum of ``sgdm`` and ``nesterov``."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A network and how it is trained; the defaults are the best network of 2016.

    Attributes:
        side: Width and height, in pixels, that every picture is brought to.
        depths: Depth of each convolution; their number is the number of layers.
        kernel: Width and height of every convolution's kernel, odd.
        dense: Units of the fully connected layer before the output; 0 for none.
        optimiser: ``sgd``; with momentum ``sgdm`` or ``nesterov``; ``adam`` or ``adamw``.
        lr: Learning rate of the first step.
        decay: What it decays by: step ``n`` is taken at ``lr / (1 + decay * n)``, as Keras did in 2016.
        pooling: What halves the picture after each convolution: the largest of four values, their average, or
            no pooling but a convolution in steps of two.
        head: What comes between the convolutions and the fully connected layer: all values, or the average (``gap``)
            or largest (``gmp``) of each channel.
        colour: Whether the network sees colours or grey.
        dropout: Share of the fully connected units that are left out of each training step. The post draws the layer
            but gives no share.
        batch: Pictures in each training step; the post does not give it.
    """

    side: int = 128
    depths: tuple[int, ...] = (32, 32, 32, 32)
    kernel: int = 3
    dense: int = 16
    optimiser: Optimiser = "sgd"
    lr: float = 0.01
    decay: float = 0.00005
    pooling: Pooling = "maxpool"
    head: Head = "flatten"
    colour: Colour = "rgb"
    dropout: float = 0.25
    batch: int = 16

    def __post_init__(self) -> None:
        for part in PARTS:
            problem = part.problem(getattr(self, part.field))
            if problem:
                raise SettingsError(f"{part.field} is {getattr(self, part.field)!r}; {problem}")
        if self.grid == 0:
            raise SettingsError(_too_deep(self))

    @classmethod
    def parse(cls, name: str) -> Spec:
        """The spec that a name stands for.

        Raises:
            SettingsError: A part is unknown, given twice or out of range; the message shows which, and what is allowed.
        """
        values, spans = _read(name)
        try:
            return cls(**values)
        except SettingsError as error:  # each part is good, but together they are not
            raise _wrong(name, spans.get("depths", (0, len(name))), str(error)) from None

    def __str__(self) -> str:
        """The name, with every part that names a network of 2016 and whatever else differs from `Spec()`."""
        default = {each.name: each.default for each in fields(self)}
        shown = (part for part in PARTS if part.always or getattr(self, part.field) != default[part.field])
        return "_".join(part.write(getattr(self, part.field)) for part in shown)

    @property
    def channels(self) -> int:
        """Channels of the pictures: 3, or 1 for grey."""
        return 3 if self.colour == "rgb" else 1

    @property
    def grid(self) -> int:
        """Width and height of what the last layer before the head gives."""
        side = self.side
        for _ in self.depths:
            side = (side + 1) // 2 if self.pooling == "stride" else side // 2
        return side

    @property
    def parameters(self) -> int:
        """Number of weights that training finds."""
        entering = (self.channels, *self.depths[:-1])
        convolutions = sum(
            (self.kernel**2 * before + 1) * depth for before, depth in zip(entering, self.depths, strict=True)
        )
        features = self.depths[-1] * (self.grid**2 if self.head == "flatten" else 1)
        if not self.dense:
            return convolutions + features + 1
        return convolutions + (features + 1) * self.dense + self.dense + 1


class Part(NamedTuple):
    """One part of a name.

    Attributes:
        field: Field of `Spec` that it sets.
        pattern: What it looks like; group 1 is its value.
        read: Value from the text of group 1.
        write: The part from a value.
        allowed: What is allowed, for messages and the documentation.
        accepts: Whether a value that looks right is allowed.
        always: Whether it is written even when it has its default value.
    """

    field: str
    pattern: re.Pattern[str]
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    allowed: str
    accepts: Callable[[Any], bool]
    always: bool

    def problem(self, value: Any) -> str:
        """What is wrong with a value; empty when nothing is."""
        return "" if self.accepts(value) else f"allowed is {self.allowed}"


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: low <= value <= high


def _decimal(text: str) -> float:
    return float(text.replace("_", "."))


def _written(value: float) -> str:
    """A number as names write it: 0.01 is ``0_01``."""
    text = f"{Decimal(repr(float(value))):f}"
    return text.removesuffix(".0").replace(".", "_")


def _part(field: str, prefix: str, allowed: str, accepts: Callable[[Any], bool], always: bool = True) -> Part:
    """A whole number after a word, as ``conv3``."""
    return Part(
        field, re.compile(rf"{prefix}(\d+){_END}"), int, lambda value: f"{prefix}{value}", allowed, accepts, always
    )


def _rate(field: str, prefix: str, allowed: str, accepts: Callable[[Any], bool], always: bool = True) -> Part:
    """A decimal number after a word, as ``lr_0_01``."""
    pattern = re.compile(rf"{prefix}_(\d+(?:_\d+)?){_END}")
    return Part(field, pattern, _decimal, lambda value: f"{prefix}_{_written(value)}", allowed, accepts, always)


def _choice(field: str, *words: str, always: bool = False) -> Part:
    """One of several words, as ``sgd``."""
    pattern = re.compile(f"({'|'.join(words)}){_END}")
    allowed = f"{', '.join(words[:-1])} or {words[-1]}"
    return Part(field, pattern, str, str, allowed, lambda value: value in words, always)


PARTS: tuple[Part, ...] = (
    _part("side", "", "16 to 512, the side of the picture in pixels, at the start", _between(16, 512)),
    Part(
        "depths",
        re.compile(rf"(\d+(?:-\d+)*){_END}"),
        lambda text: tuple(map(int, text.split("-"))),
        lambda value: "-".join(map(str, value)),
        "1 to 8 depths of 1 to 512 each, as 32-32-32-32",
        lambda value: 1 <= len(value) <= 8 and all(1 <= depth <= 512 for depth in value),
        True,
    ),
    _part("kernel", "conv", "conv with an odd kernel of 1 to 15, as conv3", lambda value: value in range(1, 16, 2)),
    _part("dense", "fc", "fc with 0 to 1024 units, as fc16", _between(0, 1024)),
    _choice("optimiser", "sgd", "sgdm", "nesterov", "adam", "adamw", always=True),
    _rate("lr", "lr", "lr above 0 and up to 1, as lr_0_01", lambda value: 0 < value <= 1),
    _rate("decay", "decay", "decay of 0 to 1, as decay_0_00005", _between(0, 1)),
    _choice("pooling", "maxpool", "avgpool", "stride"),
    _choice("head", "flatten", "gap", "gmp"),
    _choice("colour", "rgb", "grey"),
    _rate("dropout", "drop", "drop of 0 to 0.9, as drop_0_5", _between(0, 0.9), always=False),
    _part("batch", "batch", "batch of 1 to 4096 pictures, as batch64", _between(1, 4096), always=False),
)
"""The parts of a name in the order in which they are written."""


def _read(name: str) -> tuple[dict[str, Any], dict[str, tuple[int, int]]]:
    """The values that a name gives, and where in it each stands."""
    values: dict[str, Any] = {}
    spans: dict[str, tuple[int, int]] = {}
    start = 0
    while start <= len(name):
        part, found = _next(name, start)
        span = (start, found.end())
        if part.field in values:
            raise _wrong(name, span, f"{name[slice(*span)]!r} sets {part.field} a second time; leave one of the two")
        values[part.field] = part.read(found[1])
        spans[part.field] = span
        problem = part.problem(values[part.field])
        if problem:
            raise _wrong(name, span, problem)
        start = found.end() + 1
    return values, spans


def _next(name: str, start: int) -> tuple[Part, re.Match[str]]:
    """The part that begins at a place in a name."""
    for part in PARTS:
        found = part.pattern.match(name, start)
        if found and (part.field != "side" or start == 0):
            return part, found
    end = name.find("_", start)
    span = (start, len(name) if end < 0 else end)
    raise _wrong(name, span, _meant(name[slice(*span)]))


def _meant(text: str) -> str:
    """What is allowed where a part of a name is not understood."""
    word = re.match("[a-z]*", text)
    near = [part for part in PARTS if word and word[0] and part.allowed.startswith(word[0])]
    allowed = "\n  ".join(part.allowed for part in near or PARTS)
    return f"{text!r} is no part of a name; allowed is\n  {allowed}"


def _wrong(name: str, span: tuple[int, int], problem: str) -> SettingsError:
    """The error that shows a name with its wrong part underlined."""
    start, end = span
    marks = " " * start + "^" * max(end - start, 1)
    return SettingsError(f"the name of the network is not understood\n  {name}\n  {marks}\n{problem}")


def _too_deep(spec: Spec) -> str:
    layers = f"{len(spec.depths)} layers halve a picture of {spec.side} pixels to nothing"
    return f"{layers}; take fewer layers or a larger side"

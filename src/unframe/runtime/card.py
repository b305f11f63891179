"""The card beside a weights file: what the network is, what it eats, how to read its answer, and where it comes from.

A model is a folder with two files, ``model.onnx`` and ``card.json``. The card travels with the weights, so that no
threshold, size or score is ever looked up elsewhere (the habit is that of timm's ``PretrainedCfg``). ``docs/models.md``
describes every field.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from unframe.errors import ModelError
from unframe.runtime.fields import Fields
from unframe.types import Verdict

FORMAT = "1.0"
"""Format of the cards that are written; another number before the dot cannot be read, a later one after it can."""
CARD_FILE = "card.json"
WEIGHTS_FILE = "model.onnx"
MAX_WEIGHTS = 64 * 1024 * 1024
"""Bytes; a larger weights file is refused before it is read."""
MAX_CARD = 1024 * 1024
"""Bytes; a larger card is refused before it is read."""

Method = Literal["none", "temperature", "platt"]
Shapes = Mapping[str, tuple[int, ...]]

_NAME = r"[a-z0-9][a-z0-9._-]{0,63}"


@dataclass(frozen=True, slots=True)
class Input:
    """What the network is given.

    Attributes:
        kind: How it is made from an image: one of `unframe.runtime.inputs.INPUTS`.
        shapes: Shape of every input by name, without the batch axis; all are uint8.
    """

    kind: str
    shapes: Shapes


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the calibrated probability turns from one verdict to the next; in order from 0 to 1.

    Attributes:
        clean_below: Under it the verdict is ``clean``.
        decision: From it on, a detection counts as framed and carries a frame.
        framed_above: From it on the verdict is ``framed``; between the two outer thresholds it is ``review``.
    """

    clean_below: float
    decision: float
    framed_above: float

    def verdict(self, probability: float) -> Verdict:
        """The verdict for a probability from 0 to 1."""
        if probability >= self.framed_above:
            return "framed"
        return "clean" if probability < self.clean_below else "review"


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a logit becomes a probability: the logistic function of ``a × logit + b``.

    ``platt`` fits both numbers (J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999), ``temperature``
    only ``a``, the reciprocal of the temperature (C. Guo et al., "On Calibration of Modern Neural Networks", 2017),
    ``none`` leaves ``a`` at 1 and ``b`` at 0.

    Attributes:
        method: ``none``, ``temperature`` or ``platt``.
        a: Factor on the logit, above 0.
        b: Added to it.
    """

    method: Method
    a: float = 1.0
    b: float = 0.0

    def probability(self, logit: float) -> float:
        """The probability, 0 to 1, that an image with this logit is framed."""
        return 0.5 * (1.0 + math.tanh(0.5 * (self.a * logit + self.b)))  # the logistic function, without overflow


@dataclass(frozen=True, slots=True)
class Data:
    """What the network was trained on.

    Attributes:
        fingerprint: Digest of the training data, as ``sha256:`` and 64 hexadecimal digits.
        counts: Number of pictures by label.
        sources: Names of the sources that the pictures come from.
    """

    fingerprint: str
    counts: Mapping[str, int]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A measured figure.

    Attributes:
        value: The figure.
        n: Number of images it was measured on.
        on: Which images those were.
    """

    value: float
    n: int
    on: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that is known about a weights file.

    Attributes:
        name: Name of the model, and of its folder.
        version: Version of the model.
        spec: Name of the architecture, which is also its recipe.
        input: What the network is given.
        outputs: Shape of every output by name, without the batch axis; ``logit`` of shape ``(1,)`` is among them.
        thresholds: Chosen on validation pictures for 99 % precision on either side.
        calibration: How the logit becomes a probability.
        data: What it was trained on.
        command: The command that trained it.
        seed: Seed of that command.
        created: When it was exported, ISO 8601 with a time zone.
        scores: Measured figures by name.
        licence: Terms of the weights, and a note on those of the data.
        sha256: Digest of the weights file, 64 hexadecimal digits.
        bytes: Size of the weights file.
    """

    name: str
    version: str
    spec: str
    input: Input
    outputs: Shapes
    thresholds: Thresholds
    calibration: Calibration
    data: Data
    command: str
    seed: int
    created: str
    scores: Mapping[str, Score]
    licence: str
    sha256: str
    bytes: int

    @classmethod
    def read(cls, path: Path) -> Card:
        """Read a card.

        Raises:
            ModelError: There is no such file, or it is no card that this version of unframe understands.
        """
        try:
            if not path.is_file():  # nor would a pipe ever end
                raise ModelError(f"{path} is not there; a model is a folder with {CARD_FILE} and {WEIGHTS_FILE}")
            with path.open("rb") as file:
                data = file.read(MAX_CARD + 1)
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
        if len(data) > MAX_CARD:
            raise ModelError(f"{path} has over {MAX_CARD:,} bytes, too many for a card; check that it is one")
        return cls.from_json(data, name=str(path))

    @classmethod
    def from_json(cls, text: str | builtins.bytes, name: str = CARD_FILE) -> Card:
        """The card that a JSON text holds.

        Args:
            text: JSON, in UTF-8 when it is bytes.
            name: What messages call the file.

        Raises:
            ModelError: Names the key, its value and the repair.
        """
        try:
            values = json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{name} is not JSON ({error}); fetch or export the model again") from error
        return _card(Fields(values, name))

    def record(self) -> dict[str, Any]:
        """The card as JSON types, with its format."""
        return {"format": FORMAT} | asdict(self)

    def to_json(self) -> str:
        """The card as the text of its file.

        Raises:
            ModelError: A value would be refused when the card is read again.
        """
        text = json.dumps(self.record(), indent=2, ensure_ascii=False) + "\n"
        self.from_json(text)
        return text

    def sealed(self, weights: builtins.bytes) -> Card:
        """The card with the digest and the size of these weights."""
        return replace(self, sha256=hashlib.sha256(weights).hexdigest(), bytes=len(weights))


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _card(fields: Fields) -> Card:
    major, minor = fields.text("format", r"\d{1,4}\.\d{1,4}", "two numbers with a dot between them").split(".")
    known_major, known_minor = FORMAT.split(".")
    if major != known_major:
        raise fields.wrong("format", f"{known_major}.x for this version of unframe; upgrade or downgrade unframe")
    card = Card(
        name=fields.text("name", _NAME, "lower-case letters, digits, dots, hyphens and underscores, 64 at most"),
        version=fields.text("version"),
        spec=fields.text("spec"),
        input=_input(fields.within("input")),
        outputs=_outputs(fields),
        thresholds=_thresholds(fields.within("thresholds")),
        calibration=_calibration(fields.within("calibration")),
        data=_data(fields.within("data")),
        command=fields.text("command"),
        seed=fields.whole("seed"),
        created=_created(fields),
        scores=_scores(fields.within("scores")),
        licence=fields.text("licence"),
        sha256=fields.text("sha256", r"[0-9a-f]{64}", "64 hexadecimal digits in lower case"),
        bytes=fields.whole("bytes", 1, MAX_WEIGHTS),
    )
    if int(minor) <= int(known_minor):  # a later format may say more than is known here
        fields.done()
    return card


def _input(fields: Fields) -> Input:
    found = Input(fields.text("kind"), _shapes(fields, "shapes"))
    fields.done()
    return found


def _shapes(fields: Fields, key: str) -> dict[str, tuple[int, ...]]:
    shapes = fields.within(key)
    found = {name: shapes.wholes(name, 1, 65_536) for name in shapes}
    if not found:
        raise fields.wrong(key, "at least one name with its shape")
    return found


def _outputs(fields: Fields) -> dict[str, tuple[int, ...]]:
    found = _shapes(fields, "outputs")
    if found.get("logit") != (1,):
        raise fields.wrong("outputs", 'names and shapes with "logit": [1] among them')
    return found


def _thresholds(fields: Fields) -> Thresholds:
    clean_below = fields.number("clean_below", 0, 1)
    decision = fields.number("decision", clean_below, 1)
    framed_above = fields.number("framed_above", decision, 1)
    fields.done()
    return Thresholds(clean_below, decision, framed_above)


def _calibration(fields: Fields) -> Calibration:
    words: tuple[Method, ...] = get_args(Method)
    named = fields.text("method", "|".join(words), f"one of {', '.join(words)}")
    method = next(word for word in words if word == named)
    a, b = fields.number("a", 1e-6, 1e6), fields.number("b")
    if method == "none" and a != 1:
        raise fields.wrong("a", "1 where the method is none")
    if method != "platt" and b != 0:
        raise fields.wrong("b", f"0 where the method is {method}")
    fields.done()
    return Calibration(method, a, b)


def _data(fields: Fields) -> Data:
    counts = fields.within("counts")
    found = Data(
        fingerprint=fields.text("fingerprint", "sha256:[0-9a-f]{64}", "sha256: and 64 hexadecimal digits"),
        counts={label: counts.whole(label) for label in counts},
        sources=fields.texts("sources"),
    )
    fields.done()
    return found


def _created(fields: Fields) -> str:
    rule = "a time with its zone, as 2026-01-31T12:00:00+00:00"
    text = fields.text("created", rule=rule)
    try:
        zoned = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        zoned = False
    if not zoned:
        raise fields.wrong("created", rule)
    return text


def _scores(fields: Fields) -> dict[str, Score]:
    return {name: _score(fields.within(name)) for name in fields}


def _score(fields: Fields) -> Score:
    found = Score(fields.number("value"), fields.whole("n", 1), fields.text("on"))
    fields.done()
    return found

"""The card: read back as it was written, and refused by key, value and repair when anything is wrong with it."""

from __future__ import annotations

import dataclasses
import json
import math
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.runtime import models
from unframe.errors import ModelError
from unframe.runtime import card as cards
from unframe.runtime.card import Calibration, Card, Thresholds

CARD = models.card()

PARTS = ("input", "thresholds", "calibration", "data", "scores.balanced accuracy")


def changed(path: str, value: Any) -> str:
    """The JSON of a good card with one value changed, added or, for ``...``, removed."""
    record = json.loads(CARD.to_json())
    *way, key = path.split(".")
    place = record
    for each in way:
        place = place[each]
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return json.dumps(record)


def every_key() -> list[str]:
    record = json.loads(CARD.to_json())
    inner = [f"{part}.{key}" for part in PARTS for key in _at(record, part)]
    return [*record, *inner]


def _at(record: Any, path: str) -> Any:
    for key in path.split("."):
        record = record[key]
    return record


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(CARD.to_json(), encoding="utf-8")
    assert Card.read(path) == CARD


def test_a_card_says_what_its_weights_weigh() -> None:
    sealed = CARD.sealed(b"abc")
    assert sealed.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    assert sealed.bytes == 3


@pytest.mark.parametrize("key", every_key())
def test_no_value_may_be_missing(key: str) -> None:
    with pytest.raises(ModelError, match=rf"{key} is missing; add "):
        Card.from_json(changed(key, ...))


@pytest.mark.parametrize("part", ["", *(f"{part}." for part in PARTS if part != "scores")])
def test_a_key_that_is_unknown_is_refused(part: str) -> None:
    with pytest.raises(ModelError, match=rf"{part}treshold is no field of a card"):
        Card.from_json(changed(f"{part}treshold", 1))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "2.0"),
        ("format", "0.9"),
        ("format", "1"),
        ("format", 1.0),
        ("name", ""),
        ("name", "../unframe-1"),
        ("name", "a/b"),
        ("name", "Name"),
        ("name", "name\n"),
        ("version", ""),
        ("spec", "  "),
        ("spec", None),
        ("input", "thumbnail"),
        ("input.kind", 3),
        ("input.shapes", {}),
        ("input.shapes", {"thumbnail": []}),
        ("input.shapes", {"thumbnail": [128, 128.5, 3]}),
        ("input.shapes", {"thumbnail": [128, 0, 3]}),
        ("input.shapes", {"thumbnail": [128, True, 3]}),
        ("input.shapes", {"thumbnail": "128, 128, 3"}),
        ("outputs", {"inner": [4, 96]}),
        ("outputs", {"logit": [2]}),
        ("thresholds.clean_below", -0.01),
        ("thresholds.clean_below", "0.2"),
        ("thresholds.decision", 0.19),
        ("thresholds.framed_above", 0.49),
        ("thresholds.framed_above", 1.01),
        ("thresholds.framed_above", True),
        ("calibration.method", "isotonic"),
        ("calibration.method", "temperature"),
        ("calibration.method", "none"),
        ("calibration.a", 0),
        ("calibration.a", -1),
        ("calibration.b", None),
        ("data.fingerprint", "abc"),
        ("data.counts", [1, 2]),
        ("data.counts", {"framed": -1}),
        ("data.sources", "drawn"),
        ("data.sources", [1]),
        ("command", ""),
        ("seed", -1),
        ("seed", 1.5),
        ("created", "yesterday"),
        ("created", "2026-01-31T12:00:00"),
        ("scores", [0.9]),
        ("scores", {"accuracy": 0.9}),
        ("scores.balanced accuracy.n", 0),
        ("scores.balanced accuracy.value", "high"),
        ("licence", ""),
        ("sha256", "F" * 64),
        ("sha256", "0" * 63),
        ("bytes", 0),
        ("bytes", cards.MAX_WEIGHTS + 1),
    ],
)
def test_a_wrong_value_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(
        ModelError, match=rf"^shop/card\.json: {key.split('.', maxsplit=1)[0]}.* (is .*; it must be|is missing; add) "
    ):
        Card.from_json(changed(key, value), name="shop/card.json")


def test_a_message_gives_key_value_and_repair() -> None:
    with pytest.raises(ModelError) as raised:
        Card.from_json(changed("thresholds.decision", 0.19))
    assert str(raised.value) == "card.json: thresholds.decision is 0.19; it must be a number from 0.2 to 1"


def test_a_later_minor_format_may_say_more() -> None:
    record = json.loads(CARD.to_json()) | {"format": "1.7", "mood": "sunny"}
    assert Card.from_json(json.dumps(record)) == CARD


def test_thresholds_may_coincide() -> None:
    level = replace(CARD, thresholds=Thresholds(0.5, 0.5, 0.5))
    assert Card.from_json(level.to_json()) == level


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b'"card"', b"\xff\xfe", b"{'name': 1}", b"[" * 100_000, b'{"seed": NaN}', b"1" * 5000],
)
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(ModelError, match=r"card\.json"):
        Card.from_json(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(key=st.sampled_from(every_key()), value=json_values)
def test_any_value_anywhere_is_accepted_or_refused_but_nothing_else(key: str, value: Any) -> None:
    text = changed(key, value)
    with suppress(ModelError):
        card = Card.from_json(text)
        assert Card.from_json(card.to_json()) == card


def test_a_card_that_would_be_refused_is_not_written() -> None:
    with pytest.raises(ModelError, match=r"thresholds\.decision"):
        replace(CARD, thresholds=Thresholds(0.9, 0.5, 0.95)).to_json()


def test_a_file_that_is_no_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not there"):
        Card.read(tmp_path / "card.json")
    with pytest.raises(ModelError, match="is not there"):
        Card.read(tmp_path)
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (cards.MAX_CARD + 1))
    with pytest.raises(ModelError, match="too many for a card"):
        Card.read(large)


def test_verdicts_change_at_the_thresholds() -> None:
    thresholds = Thresholds(0.2, 0.5, 0.8)
    below, above = math.nextafter(0.2, 0), math.nextafter(0.8, 0)
    assert [thresholds.verdict(p) for p in (0.0, below, 0.2, 0.5, above, 0.8, 1.0)] == [
        "clean",
        "clean",
        "review",
        "review",
        "review",
        "framed",
        "framed",
    ]


@settings(deadline=None)
@given(logit=st.floats(-30, 30), a=st.floats(0.1, 5), b=st.floats(-5, 5))
def test_a_probability_is_the_logistic_function(logit: float, a: float, b: float) -> None:
    expected = 1 / (1 + math.exp(-(a * logit + b)))
    assert Calibration("platt", a, b).probability(logit) == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(("logit", "expected"), [(1e30, 1.0), (-1e30, 0.0), (0.0, 0.5)])
def test_no_logit_is_too_large(logit: float, expected: float) -> None:
    assert Calibration("none").probability(logit) == expected


def test_the_manual_names_every_field() -> None:
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    parts = {"input": cards.Input, "thresholds": Thresholds, "calibration": Calibration, "data": cards.Data}
    names = {"format"} | {field.name for field in dataclasses.fields(Card)}
    names |= {f"{part}.{field.name}" for part, cls in parts.items() for field in dataclasses.fields(cls)}
    names |= {f"scores.*.{field.name}" for field in dataclasses.fields(cards.Score)}
    named = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert named == names - set(parts) - {"scores"}


def test_the_example_in_the_manual_is_a_card() -> None:
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    example = text.split("```json\n")[1].split("```")[0]
    assert Card.from_json(example).name == "unframe-1"

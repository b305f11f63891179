"""The table of the generator: its checks, and its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ROOT
from unframe.dataset.generator.generate import PAINTERS
from unframe.dataset.generator.negatives import PAINTERS as PLAIN
from unframe.dataset.generator.parameters import HARDS, Parameters
from unframe.errors import SettingsError
from unframe.settings import table
from unframe.types import KINDS

DOCS = ROOT / "docs" / "generator.md"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (dict.fromkeys(KINDS, 0.0), "weights of kinds are all 0"),
        (dict.fromkeys(HARDS, 0.0), "weights of hard plain pictures are all 0"),
        ({"thinnest": 0.4, "thickest": 0.2}, "thinnest is above thickest"),
        ({"lowest_quality": 90, "highest_quality": 60}, "lowest_quality is above highest_quality"),
        ({"jpeg": 0.8, "webp": 0.4}, "jpeg and webp together are above 1"),
        ({"cropped": 0.8, "zoomed": 0.4}, "cropped and zoomed together"),
        ({"border": -0.1}, "border is -0.1"),
    ],
)
def test_values_that_contradict_one_another_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Parameters(**values)


def test_the_defaults_are_allowed_and_every_row_says_what_it_means() -> None:
    for row in table(Parameters):
        assert row.help.endswith(".")
        assert row.minimum is not None


def test_every_reason_has_designs() -> None:
    assert {design.split("/")[0] for design in PLAIN} == set(HARDS)


def test_the_documentation_lists_every_parameter_with_its_default() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for row in table(Parameters):
        assert f"| `{row.name}` | {row.default:g} | {row.help}" in text


def test_the_documentation_lists_every_design() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for kind, painters in PAINTERS.items():
        for design in painters:
            assert f"`{design.removeprefix(f'{kind}/')}`" in text, design
    for design in PLAIN:
        assert f"`{design.split('/')[1]}`" in text, design

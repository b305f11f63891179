"""Stamps: exact heights, scripts that differ, text that the typeface can show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageFont

from unframe.dataset.generator import lettering


@pytest.mark.parametrize("script", lettering.SCRIPTS)
@pytest.mark.parametrize("height", [1, 3, 9, 40, 100])
def test_a_line_has_the_height_asked_for_and_ink_on_it(script: lettering.Script, height: int) -> None:
    stamp = lettering.line(np.random.default_rng(5), height, script)
    assert stamp.mode == "L"
    assert stamp.height == height
    assert np.asarray(stamp).max() > 40


def test_lines_reach_to_their_top_and_bottom() -> None:
    for seed in range(30):
        plane = np.asarray(lettering.line(np.random.default_rng(seed), 40))
        assert plane[:3].max() > 0
        assert plane[-3:].max() > 0


def test_one_seed_writes_one_line() -> None:
    first, second = (lettering.line(np.random.default_rng(8), 30) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_half_of_the_lines_are_latin(monkeypatch: pytest.MonkeyPatch) -> None:
    latin: list[str] = []

    def spy(rng: np.random.Generator, text: str) -> lettering.Stamp:
        latin.append(text)
        return PillowImage.new("L", (9, 9), 255)

    monkeypatch.setattr(lettering, "_latin", spy)
    rng = np.random.default_rng(0)
    for _ in range(400):
        lettering.line(rng, 8)
    assert 0.4 < len(latin) / 400 < 0.6


def test_the_typeface_shows_every_character_that_is_written() -> None:
    font = ImageFont.load_default(48)
    box = bytes(font.getmask("\uffff"))
    rng = np.random.default_rng(1)
    written = set("".join(lettering.CLAIMS)) | {each for _ in range(3000) for each in lettering.phrase(rng)}
    assert {each for each in written - {" "} if bytes(font.getmask(each)) == box} == set()


def test_phrases_are_varied() -> None:
    rng = np.random.default_rng(0)
    phrases = [lettering.phrase(rng) for _ in range(500)]
    assert len(set(phrases)) > 250
    assert any(each.startswith("www.") for each in phrases)
    assert any(each.endswith("%") for each in phrases)


@pytest.mark.parametrize("script", [script for script in lettering.SCRIPTS if script != "latin"])
def test_glyphs_of_a_script_differ_and_stay_the_same(script: lettering.Script) -> None:
    glyphs = [lettering._glyph(script, index).tobytes() for index in range(lettering.ALPHABET)]
    assert len(set(glyphs)) > lettering.ALPHABET // 4
    lettering._glyph.cache_clear()
    assert lettering._glyph(script, 7).tobytes() == glyphs[7]


@pytest.mark.parametrize("name", lettering.ICONS)
def test_icons_are_square_and_cover_a_part(name: lettering.Icon) -> None:
    plane = np.asarray(lettering.icon(name, 32))
    assert plane.shape == (32, 32)
    assert 0.04 < (plane > 127).mean() < 0.95


@given(st.integers(1, 80), st.integers(1, 80), st.integers(1, 60), st.integers(1, 60))
def test_fitted_shrinks_into_the_room_and_never_enlarges(width: int, height: int, wide: int, high: int) -> None:
    small = lettering.fitted(PillowImage.new("L", (width, height)), wide, high)
    assert small.width <= max(min(width, wide), 1)
    assert small.height <= max(min(height, high), 1)
    if width <= wide and height <= high:
        assert small.size == (width, height)
    elif min(small.size) > 4:
        assert small.width / small.height == pytest.approx(width / height, rel=0.3)

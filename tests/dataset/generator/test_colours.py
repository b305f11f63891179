"""Colours: how they are spread, which can be told apart, and second implementations of the sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from tests.draw import product
from unframe.dataset.generator import colours as colours_of
from unframe.dataset.generator.parameters import Parameters

colours = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))


@given(colours, colours, st.floats(0, 1))
def test_blend_lies_between_its_colours(first: colours_of.Colour, second: colours_of.Colour, share: float) -> None:
    for a, b, mixed in zip(first, second, colours_of.blend(first, second, share), strict=True):
        assert mixed == pytest.approx(a + (b - a) * share, abs=0.51)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_hsv_agrees_with_pillow(hue: float, saturation: float, value: float) -> None:
    pixel = PillowImage.new("HSV", (1, 1), (round(hue * 255), round(saturation * 255), round(value * 255)))
    expected = np.array(pixel.convert("RGB").getpixel((0, 0)))
    assert abs(np.array(colours_of.hsv(round(hue * 255) / 255, saturation, value)) - expected).max() <= 5


@given(colours, st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_near_stays_within_its_spread_and_the_range(centre: colours_of.Colour, spread: int, seed: int) -> None:
    found = colours_of.near(np.random.default_rng(seed), centre, spread)
    assert all(abs(a - b) <= spread for a, b in zip(found, centre, strict=True))
    assert all(0 <= channel <= 255 for channel in found)


def test_the_shares_of_the_families_add_up() -> None:
    assert sum(family.share for family in colours_of._FAMILIES.values()) == pytest.approx(1)


def test_colours_are_strong_pale_dark_white_black_and_matched() -> None:
    rng, photo = np.random.default_rng(0), product(seed=1)
    drawn = np.array([colours_of.colour(rng, photo, Parameters()) for _ in range(3000)])
    backdrop = np.array(colours_of.edge_colour(photo))
    saturated = np.ptp(drawn, axis=1) > 130
    assert 0.2 < saturated.mean() < 0.6
    assert 0.05 < (drawn == 255).all(axis=1).mean() < 0.2
    assert 0.03 < (drawn == 0).all(axis=1).mean() < 0.15
    assert 0.05 < (abs(drawn - backdrop).max(axis=1) <= 40).mean() < 0.4


def test_sampled_colour_comes_from_the_photograph() -> None:
    photo = np.full((20, 30, 3), (12, 200, 99), dtype=np.uint8)
    assert colours_of.sampled_colour(np.random.default_rng(0), photo) == (12, 200, 99)
    assert colours_of.edge_colour(photo) == (12, 200, 99)


@given(colours, st.integers(0, 2**32 - 1))
def test_ink_can_be_read(ground: colours_of.Colour, seed: int) -> None:
    shade = colours_of.ink(np.random.default_rng(seed), ground)
    assert abs(colours_of.luminance(shade) - colours_of.luminance(ground)) >= 90


@given(colours, st.integers(0, 2**32 - 1))
def test_companion_differs_from_its_base(base: colours_of.Colour, seed: int) -> None:
    other = colours_of.companion(np.random.default_rng(seed), base)
    assert max(abs(a - b) for a, b in zip(base, other, strict=True)) >= 35

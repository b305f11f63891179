"""Fillings and colours: exact sizes, the base colour, and second implementations of what they are built from."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.generator.coded import coded, supplies
from unframe.dataset.generator import textures
from unframe.dataset.generator.colours import Colour
from unframe.types import Image

SUPPLIES = supplies()
colours = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))


@pytest.mark.parametrize("name", textures.TEXTURES)
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 90), (90, 1), (7, 3), (40, 160), (160, 40)])
def test_every_filling_has_exactly_the_size_asked_for(name: str, height: int, width: int) -> None:
    image = textures.TEXTURES[name](np.random.default_rng(3), height, width, (200, 40, 60), SUPPLIES)
    assert image.shape == (height, width, 3)
    assert image.dtype == np.uint8


@pytest.mark.parametrize("name", textures.TEXTURES)
def test_one_seed_draws_one_filling(name: str) -> None:
    first, second, other = (
        textures.TEXTURES[name](np.random.default_rng(seed), 50, 60, (90, 140, 60), SUPPLIES) for seed in (1, 1, 2)
    )
    assert (first == second).all()
    assert name == "solid" or (first != other).any()


@pytest.mark.parametrize("name", sorted(set(textures.TEXTURES) - {"solid", "photograph"}))
def test_patterns_can_be_seen_on_white_black_and_colours(name: str) -> None:
    for base in [(255, 255, 255), (0, 0, 0), (200, 30, 40)]:
        rngs = [np.random.default_rng(seed) for seed in range(8)]
        images = [textures.TEXTURES[name](rng, 64, 96, base, SUPPLIES).astype(int) for rng in rngs]
        spread = [np.ptp(image, axis=(0, 1)).max() for image in images]
        assert np.median(spread) >= 20, (name, base, spread)


@given(colours)
def test_solid_is_its_base_colour(base: Colour) -> None:
    assert (textures.solid(np.random.default_rng(0), 3, 4, base, SUPPLIES) == base).all()


@pytest.mark.parametrize("name", ["paper", "fabric", "grain"])
def test_materials_keep_the_hue_of_their_base(name: str) -> None:
    image = textures.TEXTURES[name](np.random.default_rng(0), 80, 80, (190, 60, 70), SUPPLIES)
    red, green, blue = image.mean(axis=(0, 1))
    assert red > green + 40
    assert red > blue + 40


def test_texture_takes_every_filling_about_as_often_as_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[str] = Counter()

    def counting(name: str) -> textures.Filling:
        def fill(*arguments: object) -> Image:
            counts[name] += 1
            return np.zeros((2, 2, 3), dtype=np.uint8)

        return fill

    monkeypatch.setattr(textures, "TEXTURES", {name: counting(name) for name in textures.SHARES})
    rng = np.random.default_rng(0)
    for _ in range(4000):
        textures.texture(rng, 2, 2, None, SUPPLIES)
    total = sum(textures.SHARES.values())
    for name, share in textures.SHARES.items():
        assert counts[name] / 4000 == pytest.approx(share / total, abs=0.03)


def test_every_filling_has_a_share() -> None:
    assert set(textures.SHARES) == set(textures.TEXTURES)


@given(st.lists(colours, min_size=1, max_size=4), st.floats(-0.5, 1.5, width=32))
def test_lookup_interpolates_between_stops(stops: list[Colour], weight: float) -> None:
    found = textures.lookup(np.full((1, 1), weight, dtype=np.float32), stops)[0, 0]
    place = min(max(weight, 0), 1) * (len(stops) - 1)
    low = min(int(place), max(len(stops) - 2, 0))
    high = min(low + 1, len(stops) - 1)
    expected = [a + (b - a) * (place - low) for a, b in zip(stops[low], stops[high], strict=True)]
    # One of 256 palette entries stands for the weight: half a level of weight, times the steepest slope.
    assert abs(found - np.array(expected)).max() <= 0.5 + 255 * (len(stops) - 1) / 255 / 2 + 1e-3


@given(st.integers(1, 9), st.integers(1, 9), st.floats(-4, 4))
def test_ramp_is_the_projection_on_its_direction(height: int, width: int, angle: float) -> None:
    plane = textures.ramp(height, width, angle)
    for y in range(height):
        for x in range(width):
            assert plane[y, x] == pytest.approx(x * np.cos(angle) + y * np.sin(angle), abs=1e-4)


def test_clouds_are_smooth_and_centred() -> None:
    plane = textures.clouds(np.random.default_rng(0), 400, 400, 10)
    assert abs(plane.mean()) < 0.1
    assert abs(np.diff(plane, axis=0)).mean() < 0.15 * plane.std()


@pytest.mark.parametrize(("height", "width"), [(40, 40), (30, 90), (90, 30)])
def test_cover_keeps_proportions(height: int, width: int) -> None:
    image = textures.cover(coded(200, 160), height, width).astype(float)
    across = np.polyfit(np.arange(width), image[..., 0].mean(axis=0), 1)[0]
    down = np.polyfit(np.arange(height), image[..., 1].mean(axis=1), 1)[0]
    assert image.shape == (height, width, 3)
    assert across == pytest.approx(down, rel=0.03)


def test_cover_takes_the_end_that_is_asked_for() -> None:
    left, right = (textures.cover(coded(200, 100), 50, 50, (place, 0.5))[..., 0].mean() for place in (0.0, 1.0))
    assert left < 60
    assert right > 140


@given(st.integers(3, 12), st.floats(0.1, 0.9))
def test_star_tips_lie_on_the_unit_circle(tips: int, depth: float) -> None:
    radii = np.hypot(*textures.star_outline(tips, depth).T)
    assert radii[::2] == pytest.approx(1)
    assert radii[1::2] == pytest.approx(depth)


def test_a_motif_may_be_repeated_in_both_directions() -> None:
    tile = np.asarray(textures.motif(np.random.default_rng(4), 60, (255, 255, 255), (0, 0, 0)))
    assert tile.shape == (60, 60, 3)
    assert np.ptp(tile) > 100

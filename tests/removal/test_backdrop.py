"""Carrying backdrops on: what is painted, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import draw
from unframe.errors import RemovalError
from unframe.removal.backdrop import SEAM, extend, inward, measure_edge
from unframe.removal.plan import Plan, Size
from unframe.types import SIDES, Box, Image, Side


def filling(image: Image, inner: Box) -> Plan:
    size = Size(image.shape[1], image.shape[0])
    return Plan("fill", inner, size, (inner.left, inner.top), Size(inner.width, inner.height))


def studio(width: int = 160, height: int = 120, fall_off: float = 30.0) -> Image:
    """A backdrop whose light falls off from the top left to the bottom right, with a round product."""
    image = draw.product(width, height, seed=4).astype(float)
    backdrop = draw.product(width, height, seed=4, backdrop=(0, 0, 0)).max(axis=2) < 20
    rows, columns = np.mgrid[0:height, 0:width]
    light = fall_off * (rows / height + columns / width) / 2
    image[backdrop] -= light[backdrop][:, None]
    shaded: Image = np.clip(image, 0, 255).astype(np.uint8)
    return shaded


@pytest.mark.parametrize("sides", [SIDES, ("top",), ("right",), ("bottom",), ("left",), ("top", "left")])
def test_a_frame_over_a_plain_backdrop_is_painted_out_without_a_seam(sides: tuple[Side, ...]) -> None:
    original = studio()
    framed, inner = draw.bordered(original, 11, sides=sides)
    filled = extend(filling(framed, inner), framed)
    difference = np.abs(filled.astype(int) - original)
    assert difference.max() <= 20  # the noise of the backdrop itself
    assert difference.mean() < 2
    kept = Box(inner.left + SEAM, inner.top + SEAM, inner.right - SEAM, inner.bottom - SEAM)
    inside = slice(kept.top, kept.bottom), slice(kept.left, kept.right)
    assert np.array_equal(filled[inside], original[inside])


def test_sides_without_a_frame_are_not_touched() -> None:
    framed, inner = draw.bordered(studio(), 11, sides=("top",))
    filled = extend(filling(framed, inner), framed)
    assert np.array_equal(filled[inner.top + SEAM :], framed[inner.top + SEAM :])


def test_what_bleeds_from_the_frame_into_the_photograph_is_painted_over() -> None:
    framed, inner = draw.bordered(studio(), 11)
    framed[inner.top : inner.top + 2] = (framed[inner.top : inner.top + 2] + np.array((180, 30, 40))) // 2
    filled = extend(filling(framed, inner), framed)
    assert np.abs(filled.astype(int) - studio()).max() <= 20


def textured() -> Image:
    rng = np.random.default_rng(1)
    return rng.integers(90, 160, (120, 160, 3)).astype(np.uint8)


def wooden() -> Image:
    """Boards that run along the bottom: each line is plain in itself, and unlike the next."""
    image = studio()
    lines = np.random.default_rng(2).normal(0, 4, (40, 1, 3))
    image[-40:] = np.clip(np.array((130, 100, 80)) + lines, 0, 255)
    return image


def touching() -> Image:
    image = studio()
    image[50:70, :40] = (40, 40, 60)
    return image


def steep() -> Image:
    return studio(fall_off=160.0)


@pytest.mark.parametrize("photograph", [textured, wooden, touching, steep])
def test_what_is_not_plain_is_refused(photograph: object) -> None:
    framed, inner = draw.bordered(photograph(), 11)  # type: ignore[operator]
    with pytest.raises(RemovalError, match="would invent content") as caught:
        extend(filling(framed, inner), framed)
    assert caught.value.code == "not-plain"


def test_only_the_sides_that_are_painted_must_be_plain() -> None:
    framed, inner = draw.bordered(touching(), 11, sides=("top", "right", "bottom"))
    assert extend(filling(framed, inner), framed).shape == framed.shape


def test_padding_centres_and_shrinks() -> None:
    image = studio()
    plan = Plan("pad", Box.whole(160, 120), Size(100, 100), (0, 12), Size(100, 75))
    padded = extend(plan, image)
    assert padded.shape == (100, 100, 3)
    assert np.abs(padded[11].astype(int) - padded[16]).max() <= 25
    assert padded[50, 50].max() < 200  # the product is in the middle


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 3), st.integers(0, 3))
def test_tiny_photographs_do_no_harm(width: int, height: int, left: int, top: int) -> None:
    image = np.full((height, width, 3), 200, np.uint8)
    plan = Plan(
        "pad", Box.whole(width, height), Size(width + 2 * left, height + 2 * top), (left, top), Size(width, height)
    )
    assert (extend(plan, image) == 200).all()


@pytest.mark.parametrize("side", SIDES)
def test_the_way_inwards_begins_at_the_side(side: Side) -> None:
    image = draw.product(30, 20)
    lines = inward(image, side)
    first = {"top": image[0], "bottom": image[-1], "left": image[:, 0], "right": image[:, -1]}[side]
    assert np.array_equal(lines[0], first)
    assert np.shares_memory(lines, image)


def test_an_edge_is_measured_as_it_is_drawn() -> None:
    image = np.full((100, 200, 3), 150, np.uint8)
    image[:, 90:110] = 180
    edge = measure_edge(image, "top")
    line = image[0, SEAM:-SEAM, 0].astype(float)
    course = np.convolve(np.pad(line, 4, mode="edge"), np.full(9, 1 / 9), mode="valid")[: len(line)]
    assert edge.course[SEAM:-SEAM, 0] == pytest.approx(course)
    assert 30 / 3 <= edge.bump < 30
    assert not edge.plain
    side = measure_edge(image, "left")
    assert (side.course == 150).all()
    assert (side.bump, side.grain, side.texture, side.plain) == (0, 0, 0, True)

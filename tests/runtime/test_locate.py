"""Boxes that are exact to the pixel, from evidence that is only as fine as the rows of a strip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tests import draw
from tests.runtime import models
from unframe.runtime import NetworkDetector
from unframe.runtime.locate import SMALLEST, Evidence, locate
from unframe.runtime.views import DEPTH, boundaries
from unframe.types import KINDS, SIDES, Box, Frame, Image, Side

Told = Mapping[Side, Sequence[tuple[int, float]]]
"""For each side that is told of, places in pixels and how likely each is."""


def evidence(image: Image, inner: Told, outer: Told | None = None, kind: str = "border") -> Evidence:
    """What a network says that sees an edge, but only as finely as the rows of a strip are."""
    kinds = np.zeros(len(KINDS), dtype=np.float32)
    kinds[KINDS.index(kind)] = 5
    return Evidence(_logits(image, inner), _logits(image, outer or {}), kinds)


def _logits(image: Image, told: Told) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    logits = np.full((len(SIDES), DEPTH), -12.0, dtype=np.float32)
    for at, side in enumerate(SIDES):
        places = told.get(side, [])
        edges = boundaries(image.shape[0] if side in {"top", "bottom"} else image.shape[1])
        none = 1 - sum(likely for _, likely in places)
        logits[at, 0] = np.log(max(none, 1e-4))
        for place, likely in places:
            row = round(float(np.interp(place, (edges[:-1] + edges[1:] - 1) / 2, np.arange(DEPTH)))) or 1
            for near in (row - 1, row, row + 1):  # it is not quite sure of the row
                if 0 < near < DEPTH:
                    logits[at, near] = np.log(likely * (0.6 if near == row else 0.2))
    return logits


def around(box: Box, image: Image, likely: float = 0.98) -> dict[Side, list[tuple[int, float]]]:
    """That the edges of a box are likely."""
    margins = box.margins(image.shape[1], image.shape[0])
    return {side: [(place, likely)] for side, place in margins.items() if place}


# Exact boxes


@pytest.mark.parametrize("thickness", [1, 2, 3, 7, 20, 61])
@pytest.mark.parametrize("size", [(300, 220), (220, 300), (700, 500)])
def test_a_border_is_located_to_the_pixel(thickness: int, size: tuple[int, int]) -> None:
    image, inner = draw.bordered(draw.product(*size), thickness)
    found = locate(image, evidence(image, around(inner, image)))
    assert found == Frame(inner, Box.whole(*size), SIDES, "border")


@pytest.mark.parametrize("sides", [("top",), ("right", "left"), ("top", "bottom"), ("right", "bottom", "left")])
def test_sides_without_a_frame_stay_whole(sides: tuple[Side, ...]) -> None:
    image, inner = draw.bordered(draw.product(320, 260), 17, sides=sides)
    found = locate(image, evidence(image, around(inner, image)))
    assert (found.inner, found.sides) == (inner, sides)


@pytest.mark.parametrize(("margin", "thickness"), [(1, 1), (6, 2), (25, 1), (30, 12)])
def test_a_ring_is_located_with_the_margin_outside_it(margin: int, thickness: int) -> None:
    image, inner, outer = draw.ringed(draw.product(320, 260), margin, thickness)
    found = locate(image, evidence(image, around(inner, image), around(outer, image), "inset"))
    assert found == Frame(inner, outer, SIDES, "inset")


def test_nested_frames_come_off_together() -> None:
    """A dark line inside a ring inside paper, told of as one frame: the photograph is what is left."""
    photo = draw.product(400, 300)
    lined, inner = draw.bordered(photo[40:-40, 40:-40], 3, (20, 20, 20))
    ring, _ = draw.bordered(np.pad(lined, ((12, 12), (12, 12), (0, 0))), 12, (200, 170, 40))
    image = np.full_like(photo, 255)
    image[28:-28, 28:-28] = ring
    true = Box(*(edge + 40 for edge in inner))
    found = locate(image, evidence(image, around(true, image), around(Box(28, 28, 372, 272), image)))
    assert (found.inner, found.outer) == (true, Box(28, 28, 372, 272))


def test_neighbouring_frames_do_not_hide_a_faint_edge() -> None:
    """The bands left and right cross the top edge: they are left out where it is looked for."""
    image = draw.product(300, 300, backdrop=(128, 128, 128))
    image[:30] = np.clip(image[:30].astype(int) + 20, 0, 255).astype(np.uint8)
    stripes = (np.arange(300) % 2 * 255).astype(np.uint8)[:, None, None]
    image[:, :90], image[:, -90:] = stripes, stripes
    told = around(Box(90, 30, 210, 300), image)
    assert locate(image, evidence(image, told)).inner == Box(90, 30, 210, 300)


# Sides that agree


def test_other_sides_tell_a_frame_from_the_product_inside_it() -> None:
    image, inner = draw.bordered(draw.product(400, 400), 24)
    image[100:110, 24:-24] = 0  # the product's own edge, as straight as a frame's
    told = around(inner, image)
    told["top"] = [(24, 0.35), (100, 0.6)]
    assert locate(image, evidence(image, told)).inner == inner


def test_the_network_may_insist_on_an_uneven_frame() -> None:
    image = draw.product(400, 400)
    polaroid = image.copy()
    polaroid[:20], polaroid[-90:], polaroid[:, :20], polaroid[:, -20:] = 250, 250, 250, 250
    told = around(Box(20, 20, 380, 310), image)
    assert locate(polaroid, evidence(polaroid, told)).inner == Box(20, 20, 380, 310)


@pytest.mark.parametrize("turn", range(8))
def test_turning_a_picture_turns_its_boxes(turn: int) -> None:
    image, inner, outer = draw.ringed(draw.product(330, 250), 14, 5)
    image[:, 200:] //= 2
    inner, outer = inner._replace(top=31), outer._replace(top=23)
    image[:23], image[23:31, 14:-14] = 255, (20, 60, 140)
    flip_rows, flip_columns, transpose = (bool(turn & bit) for bit in (1, 2, 4))
    turned = image[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
    turned = np.ascontiguousarray(turned.swapaxes(0, 1) if transpose else turned)

    def moved(box: Box) -> Box:
        left, top, right, bottom = box
        if flip_rows:
            top, bottom = 250 - bottom, 250 - top
        if flip_columns:
            left, right = 330 - right, 330 - left
        return Box(top, left, bottom, right) if transpose else Box(left, top, right, bottom)

    told = evidence(turned, around(moved(inner), turned), around(moved(outer), turned))
    found = locate(turned, told)
    assert (found.inner, found.outer) == (moved(inner), moved(outer))


# Whatever a network says, there is a frame that fits the picture


@pytest.mark.parametrize(("height", "width"), list(product((SMALLEST, 9, 40, 400), repeat=2)))
def test_any_evidence_gives_a_frame(height: int, width: int) -> None:
    rng = np.random.default_rng([height, width])
    for number in range(20):
        image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        scale = 10.0 ** (number % 4)
        inner, outer = rng.normal(0, scale, (2, len(SIDES), DEPTH)).astype(np.float32)
        if number % 3 == 0:
            inner[:, 0] += 40  # sure of no frame on any side
        kind = rng.normal(0, 1, len(KINDS)).astype(np.float32)
        frame = locate(image, Evidence(inner, outer, kind))
        assert frame.inner.area > 0
        assert Box.whole(width, height).contains(frame.outer)
        margins = frame.inner.margins(width, height)
        assert frame.sides == tuple(side for side in SIDES if margins[side] > 0)


def test_when_no_side_is_likely_the_likeliest_carries_the_frame() -> None:
    image, inner = draw.bordered(draw.product(200, 200), 9, sides=("left",))
    told = evidence(image, {"left": [(9, 0.2)], "right": [(30, 0.01)]})
    assert locate(image, told) == Frame(inner, Box.whole(200, 200), ("left",), "border")


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (SMALLEST - 1, 300), (300, SMALLEST - 1)])
def test_pictures_without_room_for_a_frame_are_clean(tmp_path: Path, size: tuple[int, int]) -> None:
    weights = models.darkness(bias=50).SerializeToString()
    detector = NetworkDetector.load(models.save(tmp_path / "drawn", weights, models.card(weights)))
    found = detector.detect(np.zeros((*size, 3), dtype=np.uint8))
    assert (found.verdict, found.framed, found.frame) == ("clean", False, None)
    assert detector.detect(np.zeros((SMALLEST, SMALLEST, 3), dtype=np.uint8)).framed

"""What the network sees, held to a second implementation that is slow and plain, and to what strips promise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.runtime.views import ALONG, DEPTH, THUMBNAIL, boundaries, views
from unframe.types import Image

TOP, RIGHT, BOTTOM, LEFT = range(4)
SIZES = [(1, 1), (1, 2), (2, 1), (1, 700), (700, 1), (7, 5), (31, 33), (32, 32), (191, 192), (192, 193), (255, 256)]
LARGE = [(256, 257), (511, 512), (512, 513), (300, 300), (768, 1024), (1100, 2), (900, 1301)]


def noise(height: int, width: int, seed: int = 0) -> Image:
    """Patches of colour with noise: steps of every strength."""
    rng = np.random.default_rng([seed, height, width])
    patches = rng.integers(0, 256, (height // 9 + 1, width // 9 + 1, 3))
    patches = patches.repeat(9, axis=0).repeat(9, axis=1)[:height, :width]
    noisy: Image = np.clip(patches + rng.integers(-6, 7, patches.shape), 0, 255).astype(np.uint8)
    return noisy


# The oracle


def plain_strip(rows: NDArray[np.float32]) -> NDArray[np.uint8]:
    """One side, from float32 ``(length, 32, 3)``, row by row."""
    edges = boundaries(len(rows))
    reach = min(len(rows), int(np.ceil(edges[-1])) + 1)
    sums = np.zeros((reach + 1, ALONG, 3), dtype=np.float32)
    for number in range(reach):
        sums[number + 1] = sums[number] + rows[number]
    opens = [min(int(np.ceil(edge - 1e-6)), reach - 1) for edge in edges[:-1]] + [reach]
    low = [min(int(edge), reach - 1) for edge in edges]
    upto = [sums[at] + np.float32(edge - at) * rows[at] for at, edge in zip(low, edges, strict=True)]
    strip = np.zeros((DEPTH, ALONG, 4), dtype=np.uint8)
    for row in range(DEPTH):
        mean = (upto[row + 1] - upto[row]) / np.float32(edges[row + 1] - edges[row])
        strip[row, :, :3] = np.clip(mean + np.float32(0.5), 0, 255)
        steps = [np.abs(rows[at] - rows[at - 1]).max(axis=1) for at in range(max(opens[row], 1), opens[row + 1])]
        if steps:
            strip[row, :, 3] = np.minimum(16 * np.sqrt(np.max(steps, axis=0)), 255)
    return strip


def plain_views(image: Image) -> tuple[Image, NDArray[np.uint8]]:
    """Thumbnail and strips; averages along a side are Pillow's."""
    height, width = image.shape[:2]

    def averaged(array: Image, size: tuple[int, int]) -> NDArray[np.float32]:
        thinned = PillowImage.fromarray(np.ascontiguousarray(array))
        return np.asarray(thinned.resize(size, PillowImage.Resampling.BOX)).astype(np.float32)

    level = averaged(image[:, :: max(1, width // 256)], (ALONG, height))
    upright = averaged(image[:: max(1, height // 256)], (width, ALONG)).swapaxes(0, 1)
    whole = PillowImage.fromarray(np.ascontiguousarray(image))
    small = whole.resize((THUMBNAIL, THUMBNAIL), PillowImage.Resampling.BILINEAR, reducing_gap=1.0)
    return np.asarray(small), np.stack([plain_strip(each) for each in (level, upright[::-1], level[::-1], upright)])


@pytest.mark.parametrize("size", SIZES + LARGE)
def test_views_equal_the_plain_way_to_the_last_digit(size: tuple[int, int]) -> None:
    image = noise(*size)
    seen, (thumbnail, strips) = views(image), plain_views(image)
    assert seen["thumbnail"].shape == (1, 96, 96, 3)
    assert seen["strips"].shape == (1, 4, 96, 32, 4)
    assert np.array_equal(seen["thumbnail"][0], thumbnail)
    assert np.array_equal(seen["strips"][0], strips)


def test_every_extent_is_averaged_as_pillow_does() -> None:
    for height in range(1, 1100, 61):
        image = noise(height, 3)
        assert np.array_equal(views(image)["strips"][0, LEFT], plain_views(image)[1][LEFT])


@pytest.mark.parametrize("turn", [lambda image: image[::-1], lambda image: image.swapaxes(0, 1), lambda im: im[:, ::2]])
def test_the_layout_in_memory_does_not_matter(turn: object) -> None:
    image = turn(noise(201, 340))  # type: ignore[operator]
    straight = views(np.ascontiguousarray(image))
    for name, array in views(image).items():
        assert np.array_equal(array, straight[name])


# What strips promise


@pytest.mark.parametrize("size", [(96, 64), (256, 256), (512, 256)])
def test_a_flip_swaps_sides(size: tuple[int, int]) -> None:
    image = noise(*size)
    upright, flipped = views(image)["strips"][0], views(image[:, ::-1])["strips"][0]
    assert np.array_equal(flipped[[LEFT, RIGHT]], upright[[RIGHT, LEFT]])
    assert np.array_equal(flipped[[TOP, BOTTOM]], upright[[TOP, BOTTOM], :, ::-1])


@pytest.mark.parametrize("size", [(96, 64), (301, 517), (1000, 40)])
def test_a_transposition_swaps_sides(size: tuple[int, int]) -> None:
    image = noise(*size)
    turned = views(image.swapaxes(0, 1))["strips"][0]
    assert np.array_equal(turned, views(image)["strips"][0, [LEFT, BOTTOM, RIGHT, TOP]])


@pytest.mark.parametrize("extent", [40, 192, 193, 500, 3001])
def test_rows_grow_from_one_pixel_to_the_middle(extent: int) -> None:
    edges = boundaries(extent)
    assert edges[0] == 0
    assert edges[-1] == extent / 2
    thickness = np.diff(edges)
    assert (thickness > 0).all()
    assert (np.diff(thickness) > -1e-9).all()
    if extent > 2 * DEPTH:
        assert thickness[0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("at", [0, 1, 4, 60, 140])
def test_a_line_of_one_pixel_is_seen_wherever_it_is(at: int) -> None:
    image = np.full((400, 300, 3), 200, dtype=np.uint8)
    image[at] = (200, 190, 200)
    strips = views(image)["strips"][0]
    row = int(np.searchsorted(boundaries(400), at, side="right")) - 1
    steps = strips[TOP, :, :, 3]
    assert (steps[max(row, 1)] == int(16 * np.sqrt(10))).all()  # a line at the very edge is seen where it ends
    assert (np.delete(steps, [row, row + 1], axis=0) == 0).all()
    assert (strips[BOTTOM, :, :, 3] == 0).all()


def test_each_side_shows_its_own_colour() -> None:
    image = np.zeros((300, 300, 3), dtype=np.uint8)
    colours = {TOP: (10, 20, 30), RIGHT: (40, 50, 60), BOTTOM: (70, 80, 90), LEFT: (100, 110, 120)}
    image[:20], image[:, -20:], image[-20:], image[:, :20] = (colours[side] for side in range(4))
    strips = views(image)["strips"][0]
    for side, colour in colours.items():
        assert (strips[side, :15, 8:24, :3] == colour).all()
        assert (strips[side, 40:, 8:24, :3] == 0).all()

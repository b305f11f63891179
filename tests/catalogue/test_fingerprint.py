"""Fingerprints: the framed and the clean copy of a photograph are alike, different photographs are not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests import draw
from unframe.catalogue.fingerprint import BITS, PHOTOGRAPH, WHOLE, Fingerprint, distances, fingerprint, shown
from unframe.types import SIDES, Box, Image, Side

SAME = 50
"""Bits out of 256 in which copies of a photograph differ at most; unrelated photographs differ in about 100."""


def resized(image: Image, width: int, height: int) -> Image:
    return np.asarray(PillowImage.fromarray(image).resize((width, height), PillowImage.Resampling.LANCZOS))


def around(image: Image, thickness: int) -> tuple[Image, Box]:
    """The image on a canvas that is larger by a frame."""
    height, width = image.shape[:2]
    canvas = np.full((height + 2 * thickness, width + 2 * thickness, 3), (180, 30, 40), dtype=np.uint8)
    canvas[thickness:-thickness, thickness:-thickness] = image
    return canvas, Box(thickness, thickness, thickness + width, thickness + height)


def bits(fingerprint: Fingerprint, row: int) -> np.ndarray:
    return np.unpackbits(fingerprint.hashes[row])


@pytest.mark.parametrize("seed", range(4))
def test_the_whole_picture_is_hashed_as_imagehash_does(seed: int) -> None:
    imagehash = pytest.importorskip("imagehash")
    image = draw.product(400, 300, seed=seed)
    expected = imagehash.phash(PillowImage.fromarray(image), hash_size=16).hash.ravel()
    assert (bits(fingerprint(image), WHOLE) != expected).sum() <= 12  # it resamples, and we integrate


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("thickness", [4, 20, 60])
def test_a_frame_around_a_photograph_changes_nothing(seed: int, thickness: int) -> None:
    clean = draw.product(400, 300, seed=seed)
    framed, inner = around(clean, thickness)
    one, other = fingerprint(clean), fingerprint(framed, inner)
    assert (one.hashes[PHOTOGRAPH] == other.hashes[PHOTOGRAPH]).all()
    assert one.hex == other.hex
    assert one.distance(other) == other.distance(one) == 0


@pytest.mark.parametrize("sides", [SIDES, ("bottom",), ("left", "right")])
@pytest.mark.parametrize("thickness", [12, 40])
def test_a_frame_over_the_edges_of_a_photograph_is_seen_through(sides: tuple[Side, ...], thickness: int) -> None:
    clean = draw.product(400, 300, seed=5)
    framed, inner = draw.bordered(clean, thickness, sides=sides)
    assert fingerprint(resized(clean, 300, 225)).distance(fingerprint(framed, inner)) <= SAME


def test_more_backdrop_around_a_product_is_seen_through() -> None:
    clean = np.full((300, 400, 3), 255, dtype=np.uint8)
    rng = np.random.default_rng(0)
    clean[80:220, 110:290] = np.repeat(np.repeat(rng.integers(0, 200, (7, 9, 3)), 20, axis=0), 20, axis=1)
    padded = np.full((500, 800, 3), 255, dtype=np.uint8)
    padded[120:420, 310:710] = clean
    one, other = fingerprint(clean), fingerprint(padded)
    assert one.distance(other) <= SAME
    plain = (bits(one, WHOLE) != bits(other, WHOLE)).sum()
    assert plain > SAME


def test_different_photographs_differ() -> None:
    some = [fingerprint(draw.product(300, 300, seed=seed)) for seed in range(6)]
    others = [
        fingerprint(np.random.default_rng(seed).integers(0, 256, (300, 300, 3)).astype(np.uint8)) for seed in range(6)
    ]
    assert distances(some, others).min() > SAME


def test_mirror_images_are_found_when_asked_for() -> None:
    image = draw.product(400, 300, seed=3)
    mirrored, inner = around(np.ascontiguousarray(image[:, ::-1]), 10)
    one, other = fingerprint(image), fingerprint(mirrored, inner)
    assert one.distance(other, mirrored=True) <= 10
    assert one.distance(other) > one.distance(other, mirrored=True)


def test_distances_are_those_of_single_pairs() -> None:
    prints = [fingerprint(draw.product(200, 150, seed=seed)) for seed in range(5)]
    table = distances(prints[:2], prints)
    assert table.shape == (2, 5)
    assert [[one.distance(other) for other in prints] for one in prints[:2]] == table.tolist()
    assert table[0, 0] == 0
    assert 0 <= table.min() <= table.max() <= BITS


def test_a_fingerprint_goes_through_text() -> None:
    one = fingerprint(draw.product())
    other = Fingerprint.from_text(one.text())
    assert (one.hashes == other.hashes).all()
    with pytest.raises(ValueError, match="bytes"):
        Fingerprint.from_text("AAAA")


def test_a_product_before_a_plain_backdrop_is_bounded() -> None:
    image = np.full((100, 200, 3), 240, dtype=np.uint8)
    image[20:60, 50:150] = (90, 20, 20)
    assert shown(image) == ((0.2, 0.6), (0.25, 0.75))
    assert shown(np.full((10, 10, 3), 7, dtype=np.uint8)) == ((0.0, 1.0), (0.0, 1.0))


def test_a_box_outside_the_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves the picture"):
        fingerprint(draw.product(50, 50), Box(0, 0, 60, 40))

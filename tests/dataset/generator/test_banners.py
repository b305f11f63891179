"""Banners: what is masked was painted over, what is not masked is still the photograph, and boxes follow."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.dataset.generator.coded import coded, supplies, untouched
from tests.draw import product
from unframe.dataset.generator import banners
from unframe.dataset.generator.colours import luminance
from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.openings import from_top
from unframe.types import SIDES, Side

SUPPLIES = supplies()
SEEDS = range(12)
SIDES_OF: dict[str, set[tuple[Side, ...]]] = {
    "banner/top": {("top",)},
    "banner/bottom": {("bottom",)},
    "banner/left": {("left",)},
    "banner/right": {("right",)},
    "banner/top-bottom": {("top", "bottom")},
    "banner/left-right": {("right", "left")},
    "banner/page": {SIDES},
}
EITHER_END: set[tuple[Side, ...]] = {("top",), ("bottom",)}


def paint(design: str, seed: int) -> Drawn:
    return banners.PAINTERS[design](coded(), np.random.default_rng(seed), SUPPLIES)


@pytest.fixture
def no_shadow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shadows darken the photograph beside a band; they are looked at on their own."""
    monkeypatch.setattr(banners, "_cast", lambda *arguments: None)


@pytest.mark.usefixtures("no_shadow")
@pytest.mark.parametrize("design", banners.PAINTERS)
def test_outside_the_mask_the_photograph_is_untouched(design: str) -> None:
    for seed in SEEDS:
        drawn = paint(design, seed)
        same = untouched(drawn)
        assert same[~drawn.mask].all(), (design, seed)
        assert same[drawn.mask].mean() < 0.1, (design, seed)


@pytest.mark.parametrize("design", banners.PAINTERS)
def test_inner_box_is_free_and_lies_between_the_banners(design: str) -> None:
    for seed in SEEDS:
        drawn = paint(design, seed)
        assert drawn.frame is not None
        inner = drawn.frame.inner
        assert not drawn.mask[inner.top : inner.bottom, inner.left : inner.right].any()
        assert drawn.frame.sides in SIDES_OF.get(design, EITHER_END), (design, seed, drawn.frame)
        assert drawn.frame.outer == drawn.whole
        assert drawn.frame.kind == "banner"
        assert drawn.design == design
        for side in drawn.frame.sides:
            margin = inner.margins(drawn.whole.width, drawn.whole.height)[side]
            assert from_top(drawn.mask, side)[margin - 1].any(), "one pixel more would still be free"


@pytest.mark.parametrize("design", banners.PAINTERS)
def test_bands_run_along_the_whole_side_and_take_a_plausible_part(design: str) -> None:
    for seed in SEEDS:
        drawn = paint(design, seed)
        assert drawn.frame is not None
        for side in drawn.frame.sides:
            assert from_top(drawn.mask, side)[0].all(), (design, seed, side)
        assert 0.01 < drawn.mask.mean() < 0.6


@pytest.mark.parametrize("design", banners.PAINTERS)
def test_one_seed_paints_one_picture_and_leaves_the_photograph_alone(design: str) -> None:
    photo = product(150, 120)
    before = photo.copy()
    first, second = (banners.PAINTERS[design](photo, np.random.default_rng(5), SUPPLIES) for _ in range(2))
    assert (first.image == second.image).all()
    assert first.frame == second.frame
    assert (photo == before).all()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("edge", [banners.straight, banners.slanted, banners.curved, banners.wavy, banners.torn])
def test_mask_is_every_pixel_that_the_depth_reaches(side: Side, edge: banners.Edge) -> None:
    rng = np.random.default_rng(2)
    canvas, mask = coded(60, 60), np.zeros((60, 60), dtype=bool)
    depth = edge(rng, 60, 14)
    height = int(np.ceil(depth.max()))
    size = (60, height) if side in {"top", "bottom"} else (height, 60)
    banners._lay(rng, canvas, mask, side, depth, PillowImage.new("RGB", size, (9, 9, 250)), 1.0)
    upright = from_top(mask, side)
    for row in range(60):
        for column in range(60):
            assert upright[row, column] == (depth[column] > row), (row, column)


@pytest.mark.parametrize("edge", [banners.straight, banners.slanted, banners.curved, banners.wavy, banners.torn])
def test_edges_stay_within_their_thickness(edge: banners.Edge) -> None:
    for seed in SEEDS:
        depth = edge(np.random.default_rng(seed), 90, 30)
        assert depth.shape == (90,)
        assert 10 <= depth.min() <= depth.max() <= 30.01
        assert edge is banners.straight or np.ptp(depth) > 1


def test_a_translucent_band_mixes_with_the_photograph() -> None:
    canvas, mask = np.full((20, 20, 3), 200, dtype=np.uint8), np.zeros((20, 20), dtype=bool)
    band = PillowImage.new("RGB", (20, 5))
    without_rule_and_shadow = next(seed for seed in range(99) if np.random.default_rng(seed).random(2).min() > 0.2)
    rng = np.random.default_rng(without_rule_and_shadow)
    banners._lay(rng, canvas, mask, "top", np.full(20, 5, dtype=np.float32), band, 0.25)
    assert (canvas[:5] == 150).all()
    assert (canvas[5:] == 200).all()


def test_a_shadow_darkens_only_beyond_the_edge_and_fades() -> None:
    picture = np.full((30, 8, 3), 200, dtype=np.uint8)
    banners._cast(picture, np.full(8, 10, dtype=np.float32), 5)
    column = picture[10:16, 0, 0].astype(int)
    assert (np.diff(column) > 0).all()
    assert column[0] < 150
    assert (picture[16:] == 200).all()


def test_the_badge_of_a_tabbed_banner_pushes_the_inner_box_back() -> None:
    hanging = 0
    for seed in range(20):
        drawn = paint("banner/tabbed", seed)
        assert drawn.frame is not None
        inner = drawn.frame.inner
        assert (inner.left, inner.right) == (0, drawn.whole.width)
        side = drawn.frame.sides[0]
        margin = inner.margins(drawn.whole.width, drawn.whole.height)[side]
        covered = from_top(drawn.mask, side)[margin - 1].mean()
        hanging += covered < 0.6
    assert hanging >= 18


def test_white_pages_lie_only_beside_photographs_that_are_not_white() -> None:
    white = product(90, 90, backdrop=(255, 255, 255))
    grounds = [banners._ground(np.random.default_rng(seed), white, SUPPLIES) for seed in range(300)]
    coloured = [banners._ground(np.random.default_rng(seed), coded(), SUPPLIES) for seed in range(300)]
    assert np.mean([each == (255, 255, 255) for each in grounds]) < 0.15
    assert np.mean([each == (255, 255, 255) for each in coloured]) > 0.2


@pytest.mark.parametrize("size", [(24, 24), (30, 200), (200, 30)])
def test_small_and_narrow_pictures_can_be_painted(size: tuple[int, int]) -> None:
    for design in banners.PAINTERS:
        for seed in range(4):
            drawn = banners.PAINTERS[design](product(*size), np.random.default_rng(seed), SUPPLIES)
            assert drawn.frame is not None
            assert drawn.frame.inner.area > 0


LAYOUTS = (
    banners._headline,
    banners._two_lines,
    banners._price_block,
    banners._icon_row,
    banners._logo_and_address,
    banners._page_heading,
)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", [(200, 40), (320, 90), (60, 8)])
def test_layouts_write_within_their_area(layout: banners.Layout, size: tuple[int, int]) -> None:
    ground = (200, 30, 30)
    area = (10, 6, 10 + size[0], 6 + size[1])
    written = 0
    for seed in SEEDS:
        band = PillowImage.new("RGB", (size[0] + 20, size[1] + 12), ground)
        layout(np.random.default_rng(seed), band, area, ground)
        ink = (np.asarray(band) != ground).any(axis=2)
        written += ink.any()
        ink[area[1] - 1 : area[3] + 1, area[0] - 1 : area[2] + 1] = False
        assert not ink.any(), seed
    assert written == len(SEEDS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lettering_can_be_read_on_its_ground(layout: banners.Layout) -> None:
    for ground in [(255, 255, 255), (0, 0, 0), (128, 128, 128), (230, 0, 18)]:
        band = PillowImage.new("RGB", (300, 60), ground)
        layout(np.random.default_rng(1), band, (0, 0, 300, 60), ground)
        contrast = np.abs(np.asarray(band.convert("L")).astype(int) - int(luminance(ground)))
        assert contrast.max() >= 80


def test_upright_banners_stay_within_their_depth() -> None:
    for seed in SEEDS:
        band = PillowImage.new("RGB", (60, 300), (20, 60, 120))
        banners._fill_upright(np.random.default_rng(seed), band, 12, 40, (20, 60, 120))
        ink = (np.asarray(band) != (20, 60, 120)).any(axis=2)
        assert ink.any()
        assert not ink[:, :11].any()
        assert not ink[:, 53:].any()


def test_a_badge_covers_what_its_stamp_says() -> None:
    for seed in SEEDS:
        picture = PillowImage.new("RGB", (80, 80), (255, 255, 255))
        stamp = banners.badge(np.random.default_rng(seed), picture, (15, 20), 40, (10, 90, 200))
        changed = (np.asarray(picture) != 255).any(axis=2)
        mask = np.zeros((80, 80), dtype=bool)
        banners._cover(mask, stamp, (15, 20))
        assert not (changed & ~mask).any(), "lettering leaves the badge"
        assert (changed & mask).sum() > 0.8 * mask.sum()


@pytest.mark.parametrize("place", [(-10, -10), (70, 70), (0, 30)])
def test_cover_clips_to_the_picture(place: tuple[int, int]) -> None:
    mask = np.zeros((80, 90), dtype=bool)
    banners._cover(mask, PillowImage.new("L", (30, 30), 255), place)
    expected = np.zeros((80, 90), dtype=bool)
    expected[max(place[1], 0) : place[1] + 30, max(place[0], 0) : place[0] + 30] = True
    assert (mask == expected).all()


@pytest.mark.parametrize("side", SIDES)
def test_growing_adds_pixels_beyond_one_side_only(side: Side) -> None:
    image, mask = banners._grow(coded(30, 20), np.ones((20, 30), dtype=bool), side, 7)
    assert image.shape[:2] == mask.shape == ((27, 30) if side in {"top", "bottom"} else (20, 37))
    assert not from_top(mask, side)[:7].any()
    assert (from_top(image, side)[7:] == from_top(coded(30, 20), side)).all()


def test_thicknesses_spread_over_five_to_thirty_per_cent() -> None:
    shares = [banners._share(np.random.default_rng(seed), "bottom") for seed in range(500)]
    assert 0.05 <= min(shares) < 0.08
    assert 0.25 < max(shares) <= 0.3

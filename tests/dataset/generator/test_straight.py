"""Borders, insets, keylines and padding: mask, boxes and photograph agree to the pixel."""

from __future__ import annotations

import numpy as np
import pytest

from tests.dataset.generator.coded import coded, supplies, untouched
from tests.draw import product
from unframe.dataset.generator import borders, insets, keylines, padding, rings
from unframe.dataset.generator.drawn import Drawn, Painter
from unframe.dataset.generator.openings import from_top, largest_box
from unframe.dataset.generator.rings import Widths
from unframe.types import SIDES, Box, Side

SUPPLIES = supplies()
SEEDS = range(6)
PAINTERS: dict[str, Painter] = borders.PAINTERS | insets.PAINTERS | keylines.PAINTERS | padding.PAINTERS
WHITE = (255, 255, 255)


def paint(design: str, seed: int) -> Drawn:
    return PAINTERS[design](coded(), np.random.default_rng(seed), SUPPLIES)


@pytest.fixture
def no_shadow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shadows darken the photograph beside a band; they are looked at on their own."""
    monkeypatch.setattr(borders, "cast", lambda *arguments: None)


@pytest.mark.usefixtures("no_shadow")
@pytest.mark.parametrize("design", PAINTERS)
def test_inside_the_inner_box_the_photograph_is_untouched(design: str) -> None:
    for seed in SEEDS:
        drawn = paint(design, seed)
        assert drawn.frame is not None
        inner = drawn.frame.inner
        assert untouched(drawn)[inner.top : inner.bottom, inner.left : inner.right].all(), (design, seed)


@pytest.mark.usefixtures("no_shadow")
@pytest.mark.parametrize("design", PAINTERS)
def test_the_mask_covers_what_was_painted_and_nothing_else(design: str) -> None:
    for seed in SEEDS:
        drawn = paint(design, seed)
        assert drawn.frame is not None
        same = untouched(drawn)
        outer = drawn.frame.outer
        within = np.zeros_like(drawn.mask)
        within[outer.top : outer.bottom, outer.left : outer.right] = True
        assert not (drawn.mask & ~within).any(), "the frame leaves its outer box"
        # Translucent and photographic bands may repeat a pixel by chance.
        assert same[drawn.mask].mean() < 0.1, (design, seed)


@pytest.mark.parametrize("design", PAINTERS)
def test_boxes_are_those_that_the_mask_says(design: str) -> None:
    """The oracle measures the largest free box of the mask; the painters know theirs before they paint."""
    for seed in SEEDS:
        drawn = paint(design, seed)
        frame = drawn.frame
        assert frame is not None
        assert (drawn.design, frame.kind) == (design, design.split("/", maxsplit=1)[0])
        outside = np.ones_like(drawn.mask)
        outside[frame.outer.top : frame.outer.bottom, frame.outer.left : frame.outer.right] = False
        assert largest_box(drawn.mask | outside) == frame.inner, (design, seed)
        for side in frame.sides:
            margin = frame.inner.margins(drawn.whole.width, drawn.whole.height)[side]
            assert from_top(drawn.mask, side)[margin - 1].any(), "one pixel more would still be free"


@pytest.mark.parametrize("design", PAINTERS)
def test_one_seed_paints_one_picture_and_leaves_the_photograph_alone(design: str) -> None:
    photo = product(150, 120)
    before = photo.copy()
    first, second = (PAINTERS[design](photo, np.random.default_rng(5), SUPPLIES) for _ in range(2))
    assert (first.image == second.image).all()
    assert (first.mask == second.mask).all()
    assert first.frame == second.frame
    assert (photo == before).all()


@pytest.mark.parametrize("size", [(24, 24), (30, 200), (200, 30)])
def test_small_and_narrow_pictures_can_be_painted(size: tuple[int, int]) -> None:
    for design, painter in PAINTERS.items():
        for seed in range(4):
            drawn = painter(product(*size), np.random.default_rng(seed), SUPPLIES)
            assert drawn.frame is not None, design
            assert drawn.frame.inner.area > 0.05 * drawn.whole.area, (design, seed)


def test_borders_touch_the_edge_on_the_sides_they_name() -> None:
    seen = set()
    for seed in range(60):
        drawn = paint("border/solid", seed)
        assert drawn.frame is not None
        assert drawn.frame.outer == drawn.whole
        seen.add(drawn.frame.sides)
        for side in SIDES:
            assert from_top(drawn.mask, side)[0].all() == (side in drawn.frame.sides)
    assert {len(sides) for sides in seen} == {1, 2, 3, 4}


def test_half_of_the_borders_grow_the_canvas() -> None:
    grew = [paint("border/solid", seed).whole.area > 200 * 160 for seed in range(200)]
    assert 0.35 < np.mean(grew) < 0.6


def test_translucent_borders_let_the_photograph_through() -> None:
    for seed in range(400):
        drawn = paint("border/solid", seed)
        if drawn.details["opacity"] < 1:
            break
    assert drawn.mask.any()
    strip = drawn.image[drawn.mask].astype(int)
    assert np.ptp(strip[:, 0]) > 10, "a solid band that hides the photograph has one colour"


def test_a_shadow_darkens_the_photograph_inside_the_inner_box_and_fades() -> None:
    canvas = np.full((40, 40, 3), 200, dtype=np.uint8)
    rings.cast(canvas, Box(10, 10, 30, 30), ("top",), 5, 0.4)
    column = canvas[10:16, 20, 0].astype(int)
    assert (np.diff(column) > 0).all()
    canvas[10:15, 10:30] = 200
    assert (canvas == 200).all(), "nothing else is darkened"


def test_a_bevel_changes_the_band_alone() -> None:
    canvas = np.full((40, 40, 3), 120, dtype=np.uint8)
    rings.bevel(canvas, Box(10, 8, 30, 30), Widths(8, 10, 10, 10), 3, 0.5)
    assert (canvas[8:30, 10:30] == 120).all()
    assert canvas[7, 20, 0] < 120 < canvas[30, 20, 0]
    assert canvas[20, 9, 0] < 120 < canvas[20, 30, 0]
    assert (canvas[4, :] == 120).all()


@pytest.mark.parametrize("design", insets.PAINTERS)
def test_insets_stand_away_from_the_edge(design: str) -> None:
    for seed in SEEDS:
        frame = paint(design, seed).frame
        assert frame is not None
        drawn = paint(design, seed)
        margins = frame.outer.margins(drawn.whole.width, drawn.whole.height)
        assert {side for side, margin in margins.items() if margin > 0} == set(frame.sides)
        assert len(frame.sides) == {"inset/ring": 4, "inset/strips": 2, "inset/strip": 1}[design]


def test_a_strip_on_white_has_white_all_round() -> None:
    """The example of the article of 2016: a textured upright strip at one side of a product on white."""
    white, found = product(200, 160, backdrop=WHITE), 0
    white[:3] = white[-3:] = white[:, :3] = white[:, -3:] = 255
    for seed in range(40):
        drawn = PAINTERS["inset/strip"](white, np.random.default_rng(seed), SUPPLIES)
        edge = np.concatenate([drawn.image[0], drawn.image[-1], drawn.image[:, 0], drawn.image[:, -1]])
        found += (edge == 255).all() and drawn.label == "framed"
    assert found >= 12


def test_gaps_show_the_backdrop() -> None:
    white = np.full((100, 100, 3), 255, dtype=np.uint8)
    white[30:70, 30:70] = (20, 90, 160)
    gaps = 0
    for seed in range(30):
        drawn = PAINTERS["inset/ring"](white, np.random.default_rng(seed), SUPPLIES)
        assert drawn.frame is not None
        inner = drawn.frame.inner
        gaps += min(inner.width, inner.height) > 100
        part = drawn.image[inner.top : inner.bottom, inner.left : inner.right]
        assert ((part == 255).all(axis=2) | (part == (20, 90, 160)).all(axis=2)).all()
    assert gaps >= 5


def test_an_even_backdrop_is_told_from_a_busy_edge() -> None:
    assert insets.even_backdrop(coded()) is None
    assert insets.even_backdrop(np.full((20, 20, 3), 240, dtype=np.uint8)) == (240, 240, 240)


@pytest.mark.parametrize("design", keylines.PAINTERS)
def test_keylines_are_thinner_than_two_per_cent(design: str) -> None:
    photo = product(400, 320)
    for seed in range(20):
        drawn = PAINTERS[design](photo, np.random.default_rng(seed), SUPPLIES)
        frame = drawn.frame
        assert frame is not None
        thickness = frame.inner.left - frame.outer.left or frame.inner.top - frame.outer.top
        thickness = thickness or frame.outer.right - frame.inner.right or frame.outer.bottom - frame.inner.bottom
        line = drawn.mask[drawn.whole.height // 2]
        runs = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
        widest = (runs[1::2] - runs[::2]).max() if len(runs) else 0
        if len(frame.sides) == 4:
            assert widest <= 0.02 * 400, (seed, widest)
        else:
            assert keylines.STRAY < thickness <= 0.02 * 400, "a stray line on one or two sides is no frame for sure"


def test_dashes_leave_the_photograph_between_them() -> None:
    for seed in SEEDS:
        drawn = paint("keyline/broken", seed)
        frame = drawn.frame
        assert frame is not None
        row = drawn.mask[frame.outer.top, frame.outer.left : frame.outer.right]
        assert row[[0, -1]].all(), "corners are closed"
        assert np.count_nonzero(np.diff(row)) >= 4
        assert 0.3 < row.mean() < 0.95


def test_bars_bring_a_part_of_the_photograph_back_to_its_shape() -> None:
    shapes = 0
    for seed in range(60):
        drawn = paint("padding/white", seed)
        frame = drawn.frame
        assert frame is not None
        if len(frame.sides) == 4:
            continue
        assert drawn.image.shape == (160, 200, 3)
        assert set(frame.sides) in ({"top", "bottom"}, {"left", "right"}, {"top"}, {"bottom"}, {"left"}, {"right"})
        shapes += 1
    assert shapes > 40


def test_padding_that_cannot_be_told_from_the_backdrop_is_unsure() -> None:
    white = np.full((90, 120, 3), 255, dtype=np.uint8)
    white[30:60, 40:80] = 90
    labels = [PAINTERS["padding/white"](white, np.random.default_rng(seed), SUPPLIES).label for seed in range(30)]
    assert labels.count("unsure") > 20
    grey = np.full((90, 120, 3), 225, dtype=np.uint8)
    assert PAINTERS["padding/white"](grey, np.random.default_rng(0), SUPPLIES).label == "framed"


def test_blurred_padding_has_the_photographs_colours() -> None:
    photo = np.full((80, 120, 3), (40, 140, 90), dtype=np.uint8)
    for seed in SEEDS:
        drawn = PAINTERS["padding/blurred"](photo, np.random.default_rng(seed), SUPPLIES)
        hues = drawn.image[drawn.mask].astype(int)
        assert (hues[:, 1] >= hues[:, 2]).all()
        assert (hues[:, 2] >= hues[:, 0]).all()


@pytest.mark.parametrize("sides", [SIDES, ("top",), ("right", "left")])
def test_thicknesses_stay_within_their_table(sides: tuple[Side, ...]) -> None:
    table, photo = SUPPLIES.parameters, np.zeros((400, 500, 3), dtype=np.uint8)
    drawn = [rings.thicknesses(np.random.default_rng(seed), photo, sides, SUPPLIES) for seed in range(400)]
    for widths in drawn:
        assert widths.sides == sides
        assert max(widths) <= table.thickest * 500 + 1
        assert min(width for width in widths if width) >= table.thinnest * 400 - 1
    if sides == SIDES:
        unequal = np.mean([len(set(widths) - {0}) > 1 for widths in drawn])
        assert abs(unequal - table.unequal) < 0.1


def test_sides_are_drawn_as_their_shares_say() -> None:
    drawn = [rings.some_sides(np.random.default_rng(seed), 0.6) for seed in range(1000)]
    assert abs(np.mean([sides == SIDES for sides in drawn]) - 0.6) < 0.05
    assert {sides[0] for sides in drawn if len(sides) == 1} == set(SIDES)

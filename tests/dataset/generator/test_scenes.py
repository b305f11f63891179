"""The photographed world against second implementations: projection, warping, light, shadows, cut-outs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageDraw

from tests.dataset.generator.coded import coded, supplies
from unframe.dataset.generator import scenes

SUPPLIES = supplies()
SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=np.float64)
offsets = st.lists(st.floats(-3, 3), min_size=8, max_size=8)


@given(offsets, offsets)
def test_homography_takes_each_corner_to_its_target(first: list[float], second: list[float]) -> None:
    start, end = SQUARE + np.reshape(first, (4, 2)), SQUARE * 3 + np.reshape(second, (4, 2))
    a, b, c, d, e, f, g, h = scenes.homography(start, end)
    for (x, y), target in zip(start, end, strict=True):
        nearness = g * x + h * y + 1
        assert ((a * x + b * y + c) / nearness, (d * x + e * y + f) / nearness) == pytest.approx(
            tuple(target), abs=1e-5
        )


def test_a_face_placed_upright_is_pasted_pixel_by_pixel() -> None:
    canvas = PillowImage.new("RGB", (80, 70), (255, 255, 255))
    face = PillowImage.fromarray(coded(40, 30))
    scenes.place(canvas, face, np.array([[12, 9], [52, 9], [52, 39], [12, 39]], dtype=np.float64))
    drawn = np.asarray(canvas)
    assert (drawn[9:39, 12:52] == coded(40, 30)).all()
    outside = np.ones((70, 80), dtype=bool)
    outside[9:39, 12:52] = False
    assert (drawn[outside] == 255).all()


def test_a_leaning_face_covers_the_area_of_its_quad_with_soft_edges() -> None:
    canvas = PillowImage.new("RGB", (100, 100), (255, 255, 255))
    quad = np.array([[20.3, 12.1], [83.7, 25.2], [75.5, 90.4], [9.6, 71.8]])
    scenes.place(canvas, PillowImage.new("RGB", (60, 60)), quad)
    covered = 1 - np.asarray(canvas)[..., 0] / 255
    x, y = quad.T
    shoelace = abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2
    assert covered.sum() == pytest.approx(shoelace, rel=0.01)
    assert 50 < ((covered > 0.02) & (covered < 0.98)).sum() < 600


def test_a_face_may_lie_outside_the_canvas() -> None:
    canvas = PillowImage.new("RGB", (20, 20), (255, 255, 255))
    scenes.place(canvas, PillowImage.new("RGB", (9, 9)), SQUARE + 50)
    scenes.place(canvas, PillowImage.new("RGB", (9, 9)), SQUARE - 5)
    assert (np.asarray(canvas)[:4, :4] == 0).all()
    assert (np.asarray(canvas)[7:, 7:] == 255).all()


@given(st.floats(0.3, 3))
def test_without_angles_the_projection_is_the_rectangle(aspect: float) -> None:
    quad = scenes.projected(aspect, 0, 0, 0)
    assert quad == pytest.approx(np.array([[-aspect, -1], [aspect, -1], [aspect, 1], [-aspect, 1]]) / 2)


def test_turning_away_shortens_the_far_edge() -> None:
    quad = scenes.projected(1, 0.6, 0, 0)
    left, right = quad[3, 1] - quad[0, 1], quad[2, 1] - quad[1, 1]
    assert right < 0.9 * left


@given(st.integers(0, 2**32 - 1), st.floats(0.4, 2.2), st.floats(0.3, 0.99))
def test_poses_keep_the_product_in_the_picture_at_its_share(seed: int, aspect: float, share: float) -> None:
    quad = scenes.pose(np.random.default_rng(seed), 200, 300, aspect, share)
    assert quad.min() >= -0.51
    assert (quad <= np.array([300, 200]) + 0.51).all()
    assert max(np.ptp(quad, axis=0) / (300, 200)) == pytest.approx(share, abs=0.01)


def test_poses_are_frontal_leaning_and_in_perspective() -> None:
    kinds = {"frontal": 0, "leaning": 0, "perspective": 0}
    for seed in range(400):
        quad = scenes.pose(np.random.default_rng(seed), 200, 200, 1.0, 0.8)
        top, bottom = quad[1] - quad[0], quad[2] - quad[3]
        if not quad[1, 1] - quad[0, 1]:
            kinds["frontal"] += 1
        elif abs(np.hypot(*top) - np.hypot(*bottom)) < 1e-6:
            kinds["leaning"] += 1
        else:
            kinds["perspective"] += 1
    assert all(count > 80 for count in kinds.values()), kinds


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.1))
def test_a_product_that_bleeds_covers_every_corner(seed: int, beyond: float) -> None:
    quad = scenes.bleed(np.random.default_rng(seed), 120, 160, beyond)
    corners = np.array([[0, 0], [160, 0], [160, 120], [0, 120]])
    outward = (quad - corners) * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    assert (outward >= 0).all()
    assert outward.max() <= 1.4 * beyond * 120 + 1e-9


def test_face_size_is_the_longer_of_opposite_edges() -> None:
    quad = np.array([[0, 0], [100, 0], [80, 60], [0, 50]], dtype=np.float64)
    assert scenes.face_size(quad) == (64, 100)


def test_light_only_darkens_by_at_most_its_strength() -> None:
    flat = PillowImage.new("RGB", (90, 70), (200, 200, 200))
    for seed in range(10):
        lit = np.asarray(scenes.lit(np.random.default_rng(seed), flat, 0.3)).astype(int)
        assert lit.max() <= 200
        assert 200 * 0.65 <= lit.min() < 160
        assert abs(np.diff(lit, axis=1)).max() <= 6, "light changes slowly"


@given(st.integers(0, 9), st.integers(0, 99))
def test_noise_is_even_and_bounded(amplitude: int, seed: int) -> None:
    flat = PillowImage.new("RGB", (64, 64), (120, 120, 120))
    levels = np.asarray(scenes.noisy(np.random.default_rng(seed), flat, amplitude)).astype(int) - 120
    assert abs(levels).max() == amplitude
    assert abs(levels.mean()) < 0.1 * amplitude + 0.01


def test_shadow_is_soft_and_leaves_the_far_corner_alone() -> None:
    canvas = PillowImage.new("RGB", (160, 160), (230, 230, 230))
    scenes.shadow(np.random.default_rng(1), canvas, SQUARE * 5 + 30, 0.6)
    drawn = np.asarray(canvas)[..., 0].astype(int)
    assert drawn[55, 55] < 215
    assert drawn[-1, -1] == 230
    assert drawn.min() >= 230 * 0.4 - 2
    assert abs(np.diff(drawn, axis=0)).max() < 80


def test_cutout_finds_the_product_and_fills_its_pale_middle() -> None:
    scene = PillowImage.new("RGB", (120, 100), (255, 255, 255))
    pen = ImageDraw.Draw(scene)
    pen.ellipse((30, 20, 90, 80), fill=(60, 90, 120))
    pen.ellipse((50, 40, 70, 60), fill=(255, 255, 255))
    cut = scenes.cutout(np.asarray(scene))
    assert cut is not None
    assert cut.size == pytest.approx((58, 58), abs=3)
    alpha = np.asarray(cut)[..., 3] > 127
    assert alpha[30, 30], "the hole in the middle belongs to the product"
    assert not alpha[2, 2]
    assert alpha.sum() == pytest.approx(np.pi * 28.5**2, rel=0.06)


@pytest.mark.parametrize("backdrop", [(90, 120, 140), (225, 225, 225)])
def test_cutout_refuses_backdrops_that_are_not_white(backdrop: tuple[int, int, int]) -> None:
    assert scenes.cutout(np.full((40, 40, 3), backdrop, dtype=np.uint8)) is None


def test_cutout_refuses_empty_and_cut_products() -> None:
    white = np.full((40, 40, 3), 255, dtype=np.uint8)
    assert scenes.cutout(white) is None
    white[:, 12:20] = 40
    assert scenes.cutout(white) is None, "it touches two edges"


def test_backdrops_have_their_size_and_are_white_or_not() -> None:
    white = 0
    for seed in range(60):
        picture = scenes.backdrop(np.random.default_rng(seed), 40, 50, SUPPLIES)
        assert (picture.mode, picture.size) == ("RGB", (50, 40))
        white += np.asarray(picture).min() == 255
    assert 12 <= white <= 36


def test_exposure_keeps_the_picture_recognisable() -> None:
    picture = PillowImage.fromarray(coded(100, 80))
    for seed in range(10):
        taken = np.asarray(scenes.exposed(np.random.default_rng(seed), picture)).astype(float)
        assert taken.shape == (80, 100, 3)
        assert np.corrcoef(taken[..., 0].ravel(), coded(100, 80)[..., 0].ravel())[0, 1] > 0.95


def test_an_even_grid_bends_nothing() -> None:
    picture = PillowImage.fromarray(coded(97, 83))
    same = np.asarray(scenes.bent(picture, scenes.even_grid(picture))).astype(int)
    assert abs(same - coded(97, 83)).max() <= 1


def test_a_moved_grid_shows_what_lies_at_its_points() -> None:
    picture = PillowImage.fromarray(coded(120, 90))
    moved = np.asarray(scenes.bent(picture, scenes.even_grid(picture) + np.array([5, 3])))
    assert abs(moved[20:70, 20:95].astype(int) - (coded(120, 90)[20:70, 20:95] + np.array([5, 3, 0]))).max() <= 1


def test_nothing_black_is_bent_in_from_outside() -> None:
    picture = PillowImage.new("RGB", (60, 40), (200, 200, 200))
    grid = scenes.even_grid(picture)
    assert np.asarray(scenes.bent(picture, grid * 1.4 - 9)).min() == 200


def test_a_lens_bends_lines_near_the_edge_and_keeps_the_middle() -> None:
    lines = np.full((120, 160, 3), 255, dtype=np.uint8)
    lines[[10, 59, 60]] = 0
    bends = []
    for seed in range(12):
        seen = np.asarray(scenes.lens(np.random.default_rng(seed), PillowImage.fromarray(lines)))[..., 0] < 140
        height = [rows[0] for column in seen[:40].T if len(rows := np.flatnonzero(column))]
        bends.append(np.ptp(height) if height else 99)
        assert seen[58:62].any(axis=0).mean() > 0.95
    assert np.median(bends) >= 1
    assert max(bends) <= 12

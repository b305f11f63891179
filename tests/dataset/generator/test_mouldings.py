"""Mouldings and mats: they cover exactly their width, meet in a mitre and leave the rest alone."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.dataset.generator.coded import supplies
from unframe.dataset.generator import mouldings
from unframe.types import Image

SUPPLIES = supplies()
MARK = (3, 250, 7)


def framed(thickness: int, inset: int = 0, seed: int = 0, size: tuple[int, int] = (90, 70)) -> Image:
    picture = PillowImage.new("RGB", size, MARK)
    mouldings.moulding(np.random.default_rng(seed), picture, thickness, SUPPLIES, inset)
    return np.asarray(picture)


@pytest.mark.parametrize("thickness", [1, 2, 5, 12, 20])
@pytest.mark.parametrize("inset", [0, 6])
def test_a_moulding_covers_its_width_and_nothing_else(thickness: int, inset: int) -> None:
    for seed in range(6):
        covered = (framed(thickness, inset, seed) != MARK).any(axis=2)
        expected = np.zeros((70, 90), dtype=bool)
        expected[inset : 70 - inset, inset : 90 - inset] = True
        low = inset + thickness
        expected[low : 70 - low, low : 90 - low] = False
        assert (covered == expected).all(), seed


def test_a_moulding_is_lit_from_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mouldings, "_material", lambda rng: ("solid", (150, 140, 130)))
    for seed in range(6):
        image = framed(12, seed=seed).astype(float)
        assert image[:12, 20:70].mean() > image[-12:, 20:70].mean()
        assert image[20:50, :12].mean() > image[20:50, -12:].mean()


def test_all_four_sides_are_of_one_material(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mouldings, "_material", lambda rng: ("metal", (200, 30, 30)))
    for seed in range(8):
        image = framed(12, seed=seed).astype(float)
        sides = image[:12, 20:70], image[-12:, 20:70], image[20:50, :12], image[20:50, -12:]
        hues = [(side / side.sum(axis=2, keepdims=True)).mean(axis=(0, 1)) for side in sides]
        assert np.ptp(hues, axis=0).max() < 0.02, seed


def test_sides_meet_in_a_mitre(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mouldings, "SHADES", {"top": 1.0, "right": 0.6, "bottom": 0.8, "left": 0.3})
    monkeypatch.setattr(mouldings, "_material", lambda rng: ("solid", (200, 200, 200)))
    monkeypatch.setattr(mouldings, "_profile", lambda rng, thickness: np.ones(thickness, dtype=np.float32))
    image = framed(16)[..., 0].astype(int)
    for step in range(2, 14):
        assert image[step - 2, step] == 200
        assert image[step + 2, step] == 60
        assert image[step + 2, 89 - step] == 120
        assert image[69 - step + 2, step] == 160


@pytest.mark.parametrize(("edge", "opening"), [(0, 8), (5, 20), (4, 5)])
def test_a_mat_leaves_the_opening_and_what_lies_outside_it(edge: int, opening: int) -> None:
    for seed in range(5):
        picture = PillowImage.new("RGB", (90, 70), MARK)
        mouldings.mat(np.random.default_rng(seed), picture, edge, opening, SUPPLIES)
        covered = (np.asarray(picture) != MARK).any(axis=2)
        expected = np.zeros((70, 90), dtype=bool)
        expected[edge : 70 - edge, edge : 90 - edge] = True
        expected[opening : 70 - opening, opening : 90 - opening] = False
        assert (covered == expected).all()


def test_a_bevel_is_dark_above_and_light_below() -> None:
    picture = PillowImage.new("RGB", (90, 70), (128, 128, 128))
    mouldings.mat(np.random.default_rng(0), picture, 0, 12, SUPPLIES, (180, 170, 160))
    image = np.asarray(picture).astype(int)
    assert image[11, 45].sum() < 480 < image[58, 45].sum()

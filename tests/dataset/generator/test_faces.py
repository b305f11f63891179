"""Flat products: sizes, what is printed on them, and that their borders are where printers and joiners put them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.dataset.generator.coded import supplies
from unframe.dataset.generator import faces
from unframe.dataset.generator.drawn import Supplies

SUPPLIES = supplies()
MARK = (3, 250, 7)


def marked() -> Supplies:
    """Other photographs are one colour that nothing else has."""
    return Supplies(lambda rng: np.full((60, 60, 3), MARK, dtype=np.uint8))


@pytest.mark.parametrize("name", [*faces.FACES, "pale"])
@pytest.mark.parametrize("size", [(8, 8), (90, 60), (60, 200)])
def test_every_face_has_exactly_the_size_asked_for(name: str, size: tuple[int, int]) -> None:
    draw = faces.pale if name == "pale" else faces.FACES[name].draw
    for seed in range(6):
        picture = draw(np.random.default_rng(seed), *size, SUPPLIES)
        assert picture.size == size[::-1]
        assert picture.mode in {"RGB", "RGBA"}


def test_a_cover_is_shown_from_edge_to_edge_and_drawn_where_there_is_none() -> None:
    given = Supplies(SUPPLIES.photo, cover=lambda rng: np.full((90, 60, 3), MARK, dtype=np.uint8))
    whole = 0
    for seed in range(20):
        picture = np.asarray(faces.published(np.random.default_rng(seed), 120, 80, given).convert("RGB"))
        mark = (picture == MARK).all(axis=2)
        assert mark[10:-10, 10:-10].all(), "nothing is written on a cover that exists"
        whole += mark.all()
    assert 6 <= whole < 20, "some stand in a case"
    drawn, jacket = (draw(np.random.default_rng(3), 120, 80, SUPPLIES) for draw in (faces.published, faces.jacket))
    assert drawn.tobytes() == jacket.tobytes()


@pytest.mark.parametrize("name", faces.FACES)
def test_one_seed_draws_one_face(name: str) -> None:
    first, second, other = (
        faces.FACES[name].draw(np.random.default_rng(seed), 80, 70, SUPPLIES).tobytes() for seed in (2, 2, 3)
    )
    assert first == second
    assert first != other


@pytest.mark.parametrize("name", ["phone", "television", "poster"])
def test_photographs_are_shown_inside_an_edge_of_the_product(name: str) -> None:
    shown = 0
    for seed in range(12):
        picture = np.asarray(faces.FACES[name].draw(np.random.default_rng(seed), 120, 120, marked()).convert("RGB"))
        mark = (picture == MARK).all(axis=2)
        assert not mark[0].any()
        assert not mark[:, [0, -1]].any()
        shown += mark.mean() > 0.4
    assert shown >= 8


@pytest.mark.parametrize("name", ["oven", "hob", "board", "card"])
def test_no_photograph_is_on_appliances_and_cards(name: str) -> None:
    for seed in range(12):
        picture = np.asarray(faces.FACES[name].draw(np.random.default_rng(seed), 120, 150, marked()).convert("RGB"))
        assert not (picture == MARK).all(axis=2).any()


def test_ovens_have_a_door_below_a_strip_of_controls() -> None:
    dark = 0
    for seed in range(20):
        picture = np.asarray(faces.FACES["oven"].draw(np.random.default_rng(seed), 150, 150, SUPPLIES)).astype(int)
        strip, door = picture[:34].mean(axis=2), picture[50:135, 40:110].mean(axis=2)
        assert np.ptp(strip) > 20, "knobs, a display or at least the seam"
        dark += np.median(door) < 70
    assert dark >= 14, "most doors have a window of dark glass"


def test_cards_have_rounded_corners() -> None:
    for seed in range(10):
        alpha = np.asarray(faces.FACES["card"].draw(np.random.default_rng(seed), 100, 160, SUPPLIES))[..., 3]
        assert (alpha[[0, 0, -1, -1], [0, -1, 0, -1]] < 255).all()
        assert (alpha[8:-8, 8:-8] == 255).all()


def test_a_posters_white_edge_is_even_on_three_sides() -> None:
    for seed in range(8):
        picture = np.asarray(faces.poster(np.random.default_rng(seed), 150, 120, marked()))
        rows, columns = np.nonzero((picture == MARK).all(axis=2))
        assert rows.min() == columns.min() == 119 - columns.max() >= 2


def test_corners_of_telephones_are_transparent_and_their_middle_is_not() -> None:
    alpha = np.asarray(faces.phone(np.random.default_rng(0), 160, 90, SUPPLIES))[..., 3]
    assert (alpha[[0, 0, -1, -1], [0, -1, 0, -1]] == 0).all()
    assert alpha[80, 45] == 255


def test_a_printed_border_is_the_same_on_all_four_sides() -> None:
    for seed in range(12):
        page = PillowImage.new("RGB", (90, 70), (255, 255, 255))
        faces.printed_border(np.random.default_rng(seed), page, (0, 0, 0))
        ink = np.asarray(page)[..., 0] == 0
        assert ink.any()
        assert (ink == ink[::-1]).all()
        assert (ink == ink[:, ::-1]).all()
        assert not ink[35, 45]


def test_pale_products_are_nearly_white() -> None:
    for seed in range(10):
        picture = np.asarray(faces.pale(np.random.default_rng(seed), 90, 90, SUPPLIES).convert("RGB"))
        assert np.median(picture) >= 220


def test_cloth_is_never_straight() -> None:
    """A straight line on a rug comes out bent by at least a pixel somewhere."""
    lines = PillowImage.new("RGB", (200, 160), (255, 255, 255))
    lines.paste((0, 0, 0), (0, 40, 200, 42))
    bent = np.asarray(faces._wobbled(np.random.default_rng(0), lines))[..., 0] < 128
    assert not bent[:20].any(), "nothing black is bent in from outside"
    heights = bent[:80].argmax(axis=0)
    assert 1 <= np.ptp(heights) <= 8

"""Contact sheets: every picture is there, with its boxes where asked for."""

from __future__ import annotations

import numpy as np
import pytest

from unframe.dataset.generator.contact import CELL, INNER, OUTER, contact_sheet
from unframe.dataset.generator.drawn import Drawn
from unframe.types import SIDES, Box, Frame


def picture(colour: tuple[int, int, int], frame: Frame | None = None) -> Drawn:
    image = np.full((120, 100, 3), colour, dtype=np.uint8)
    return Drawn(image, "framed" if frame else "plain", frame, np.zeros((120, 100), dtype=bool), "test/design")


COLOURS = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200)]


@pytest.mark.parametrize("columns", [1, 2, 3, 9])
def test_every_picture_is_on_the_sheet(columns: int) -> None:
    sheet = contact_sheet([picture(colour) for colour in COLOURS], columns)
    for colour in COLOURS:
        area = (sheet == colour).all(axis=2).sum()
        assert area == CELL * round(CELL * 100 / 120)
    assert sheet.shape[1] < (min(columns, 5) + 1) * (CELL + 10)


def test_boxes_are_drawn_where_they_are() -> None:
    frame = Frame(Box(20, 24, 80, 96), Box(10, 12, 90, 108), SIDES, "inset")
    sheet = contact_sheet([picture((0, 0, 0), frame)], boxes=True)
    ground = (sheet == 0).all(axis=2) | (sheet == INNER).all(axis=2) | (sheet == OUTER).all(axis=2)
    top, left = np.argwhere(ground)[0]
    scale = CELL / 120
    for colour, box in ((INNER, frame.inner), (OUTER, frame.outer)):
        rows, columns = np.nonzero((sheet == colour).all(axis=2))
        edges = np.array([columns.min() - left, rows.min() - top, columns.max() + 1 - left, rows.max() + 1 - top])
        assert np.abs(edges - np.array(box) * scale).max() <= 1


def test_without_boxes_the_pictures_are_untouched() -> None:
    frame = Frame(Box(20, 24, 80, 96), Box(0, 0, 100, 120), SIDES, "border")
    assert not (contact_sheet([picture((0, 0, 0), frame)]) == INNER).all(axis=2).any()

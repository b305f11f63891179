"""Contact sheets: what is drawn, for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from unframe.dataset.generator.drawn import Drawn
from unframe.types import Box, Image

CELL = 190
"""Longer side in pixels of every picture on a sheet."""

CAPTION = 16
GAP = 6
GROUND = (226, 228, 232)
MARKS = {"framed": (190, 30, 60), "plain": (20, 110, 60), "unsure": (150, 110, 0)}
INNER, OUTER = (255, 0, 200), (0, 160, 255)


def contact_sheet(pictures: Sequence[Drawn], columns: int = 8, boxes: bool = False) -> Image:
    """Pictures in rows, each with its label and design below it.

    Args:
        pictures: At least one.
        columns: Pictures in a row.
        boxes: Draw the inner box in pink and, where the frame is inset, the outer box in blue.

    Returns:
        uint8 ``(height, width, 3)`` RGB.
    """
    across, down = CELL + GAP, CELL + CAPTION + GAP
    rows = -(-len(pictures) // columns)
    sheet = PillowImage.new("RGB", (min(columns, len(pictures)) * across + GAP, rows * down + GAP), GROUND)
    pen, letters = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for number, drawn in enumerate(pictures):
        x, y = number % columns * across + GAP, number // columns * down + GAP
        picture = _reduced(drawn, boxes)
        sheet.paste(picture, (x + (CELL - picture.width) // 2, y + (CELL - picture.height) // 2))
        pen.text((x, y + CELL + 1), f"{drawn.label}  {drawn.design}"[:34], MARKS[drawn.label], letters)
    return np.asarray(sheet)


def _reduced(drawn: Drawn, boxes: bool) -> PillowImage.Image:
    picture = PillowImage.fromarray(drawn.image)
    scale = CELL / max(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    picture = picture.resize(size, PillowImage.Resampling.LANCZOS)
    if boxes and drawn.frame is not None:
        pen = ImageDraw.Draw(picture)
        if drawn.frame.outer != drawn.whole:
            pen.rectangle(_edges(drawn.frame.outer, scale), outline=OUTER)
        pen.rectangle(_edges(drawn.frame.inner, scale), outline=INNER)
    return picture


def _edges(box: Box, scale: float) -> tuple[float, float, float, float]:
    return box.left * scale, box.top * scale, box.right * scale - 1, box.bottom * scale - 1

"""Draw the picture of the README from ``examples/``; run it with ``python -m scripts.draw_front_page``.

Above each picture as a seller would make it, with what the detector finds drawn on it; below, what `unframe.remove`
makes of it when doubtful frames are taken off, too.
"""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFilter, ImageFont

import unframe
from unframe.removal import Options, Removal
from unframe.types import Box, Detection

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("border-textured", "inset-ring", "banner", "polaroid", "plain-mirror")
TARGET = ROOT / "docs" / "images" / "before-after.png"

FINE = 2  # drawn at twice the size, so that it is sharp on fine screens
CELL, GAP, EDGE, CAPTION = 190, 20, 26, 42
INK, QUIET, PAPER = (38, 40, 46), (122, 126, 136), (246, 247, 249)
FOUND, CLEAN, DOUBT = (226, 44, 88), (26, 138, 92), (196, 122, 0)
COLOURS = {"framed": FOUND, "clean": CLEAN, "review": DOUBT}

Picture = PillowImage.Image


def main() -> None:
    """Draw the picture."""
    detector = unframe.Detector.load()
    width, cell = (2 * EDGE + len(NAMES) * CELL + (len(NAMES) - 1) * GAP) * FINE, CELL * FINE
    sheet = PillowImage.new("RGB", (width, (2 * EDGE + 2 * CELL + 2 * CAPTION + 34) * FINE), PAPER)
    for index, name in enumerate(NAMES):
        removal = unframe.remove(ROOT / "examples" / f"{name}.jpg", detector, Options(review=True))
        left, top = (EDGE + index * (CELL + GAP)) * FINE, EDGE * FINE
        before, after = _opened(removal.original), _opened(removal.data)
        scale = min(cell / before.width, cell / before.height)
        _put(sheet, _marked(before, removal.detection, scale), left, top, cell)
        _said(sheet, _verdict(removal.detection), left, top + cell, cell, COLOURS[removal.detection.verdict])
        below = top + cell + (CAPTION + 34) * FINE
        _arrow(sheet, left + cell // 2, below - 30 * FINE)
        _put(sheet, _scaled(after, scale), left, below, cell)
        _said(sheet, _outcome(removal), left, below + cell, cell, QUIET)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    _rounded(sheet, 18 * FINE).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {sheet.width} × {sheet.height}, {TARGET.stat().st_size / 1024:.0f} KiB")


def _opened(data: bytes) -> Picture:
    return PillowImage.open(io.BytesIO(data)).convert("RGB")


def _scaled(picture: Picture, scale: float) -> Picture:
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, PillowImage.Resampling.LANCZOS)


def _marked(picture: Picture, detection: Detection, scale: float) -> Picture:
    """The picture with a dashed line along the photograph that the detector found."""
    marked = _scaled(picture, scale)
    if detection.frame is None:
        return marked
    inner = Box(*(round(edge * scale) for edge in detection.frame.inner))
    pen = ImageDraw.Draw(marked)
    corners = [(inner.left, inner.top), (inner.right - 1, inner.top), (inner.right - 1, inner.bottom - 1)]
    corners += [(inner.left, inner.bottom - 1), (inner.left, inner.top)]
    for start, end in pairwise(corners):
        pen.line([start, end], fill=(255, 255, 255), width=2 * FINE)
        _dashed(pen, start, end)
    return marked


def _dashed(pen: ImageDraw.ImageDraw, start: tuple[int, int], end: tuple[int, int]) -> None:
    dash = 7 * FINE
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    for begin in range(0, length, 2 * dash):
        ends = [begin / length, min(begin + dash, length) / length]
        points = [tuple(np.array(start) + share * np.subtract(end, start)) for share in ends]
        pen.line([(float(x), float(y)) for x, y in points], fill=FOUND, width=2 * FINE)


def _put(sheet: Picture, picture: Picture, left: int, top: int, cell: int) -> None:
    """Centre the picture in its cell, on a soft shadow."""
    x, y = left + (cell - picture.width) // 2, top + (cell - picture.height) // 2
    shadow = PillowImage.new("L", sheet.size, 0)
    box = (x, y + 3 * FINE, x + picture.width, y + picture.height + 3 * FINE)
    ImageDraw.Draw(shadow).rectangle(box, fill=70)
    sheet.paste((60, 66, 84), mask=shadow.filter(ImageFilter.GaussianBlur(5 * FINE)))
    sheet.paste(picture, (x, y))


def _verdict(detection: Detection) -> str:
    if detection.frame is None:
        return detection.verdict
    sides = "four sides" if len(detection.frame.sides) == 4 else " and ".join(detection.frame.sides)
    doubt = "review: " if detection.verdict == "review" else ""
    return f"{doubt}{detection.frame.kind}, {sides}"


def _outcome(removal: Removal) -> str:
    if removal.changed:
        return "frame removed"
    return "left as it is" if removal.refusal else "passed on byte for byte"


def _said(sheet: Picture, words: str, left: int, top: int, cell: int, colour: tuple[int, int, int]) -> None:
    font = ImageFont.load_default(15 * FINE)
    pen = ImageDraw.Draw(sheet)
    pen.text((left + cell / 2, top + 22 * FINE), words, fill=colour, font=font, anchor="mm")


def _arrow(sheet: Picture, x: int, y: int) -> None:
    pen = ImageDraw.Draw(sheet)
    reach, deep = 8 * FINE, 7 * FINE
    pen.line([(x - reach, y), (x, y + deep), (x + reach, y)], fill=QUIET, width=2 * FINE, joint="curve")


def _rounded(sheet: Picture, radius: int) -> Picture:
    """The sheet with round, transparent corners, so that it sits well on a dark page too."""
    mask = PillowImage.new("L", (sheet.width * 2, sheet.height * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius * 2, fill=255)
    rounded = sheet.convert("RGBA")
    rounded.putalpha(mask.resize(sheet.size, PillowImage.Resampling.LANCZOS))
    return rounded


if __name__ == "__main__":
    main()

"""Draw what the network is given of an example; run it with ``python -m scripts.draw_views``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from unframe.imaging import load
from unframe.runtime.views import views
from unframe.types import SIDES, Image

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "inset-ring.jpg"
TARGET = ROOT / "docs" / "images" / "views.png"

HIGH, WIDE, GAP, TITLE = 384, 128, 24, 40
"""Pixels of a strip as it is drawn, between the parts, and for the titles."""
PAPER, INK = (246, 247, 249), (38, 40, 46)


def main() -> None:
    """Draw the picture."""
    image = load(EXAMPLE)
    seen = views(image)
    strips = seen["strips"][0]
    width = GAP + 2 * (HIGH + GAP) + 4 * (WIDE + GAP)
    sheet = PillowImage.new("RGB", (width, 2 * TITLE + GAP + HIGH + HIGH // 2 + GAP), PAPER)
    pen = ImageDraw.Draw(sheet)
    height, across = image.shape[:2]
    _put(sheet, image, (GAP, TITLE), (HIGH * across // max(height, across), HIGH * height // max(height, across)))
    _say(pen, f"picture, {across} x {height}", GAP, 10)
    _put(sheet, seen["thumbnail"][0], (HIGH + 2 * GAP, TITLE), (HIGH, HIGH))
    _say(pen, "thumbnail, 96 x 96", HIGH + 2 * GAP, 10)
    for number, (side, strip) in enumerate(zip(SIDES, strips, strict=True)):
        left = 2 * (HIGH + GAP) + GAP + number * (WIDE + GAP)
        _put(sheet, strip[..., :3], (left, TITLE), (WIDE, HIGH))
        _say(pen, side, left, 10)
        steps = np.repeat(strip[:48, :, 3:], 3, axis=2)  # the half next to the edge: further in there is only the lamp
        _put(sheet, steps, (left, TITLE + HIGH + TITLE), (WIDE, HIGH // 2))
    words = ("the channel of steps, over the outer half of each strip:", "the two edges of the ring, side by side")
    for line, text in enumerate(words):
        _say(pen, text, HIGH + 2 * GAP - 40, TITLE + HIGH + TITLE + 8 + 26 * line)
    sheet.quantize(256).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {sheet.width} × {sheet.height}, {TARGET.stat().st_size / 1024:.0f} KiB")


def _put(sheet: PillowImage.Image, image: Image, at: tuple[int, int], size: tuple[int, int]) -> None:
    sharp = max(image.shape[:2]) < 100  # cells are meant to be seen
    method = PillowImage.Resampling.NEAREST if sharp else PillowImage.Resampling.LANCZOS
    sheet.paste(PillowImage.fromarray(np.ascontiguousarray(image)).resize(size, method), at)


def _say(pen: ImageDraw.ImageDraw, text: str, left: int, top: int) -> None:
    pen.text((left, top), text, fill=INK, font=ImageFont.load_default(18))


if __name__ == "__main__":
    main()

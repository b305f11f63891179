"""Draw what the modes of removal do to ``examples/``; run it with ``python -m scripts.draw_removal_modes``.

Writes ``modes.png`` and ``explained.png`` into ``docs/images/``.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

import unframe
from unframe.imaging import decode
from unframe.removal import Options, Removal, Size
from unframe.removal.explain import explanation

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
NAMES = ("border-solid", "inset-ring", "letterbox")
COLUMNS = {
    "as it came": None,
    "crop": Options(mode="crop", review=True),
    "fill": Options(mode="fill", review=True),
    "pad to 440x520": Options(mode="pad", size=Size(440, 520), review=True),
}
CELL, GAP, CAPTION = 250, 24, 30
INK, QUIET, PAPER = (38, 40, 46), (122, 126, 136), (236, 238, 242)


def main() -> None:
    """Draw both pictures."""
    detector = unframe.Detector.load()
    width, height = len(COLUMNS) * (CELL + GAP) + GAP, len(NAMES) * (CELL + CAPTION + GAP) + GAP
    sheet = PillowImage.new("RGB", (width, height), PAPER)
    for row, name in enumerate(NAMES):
        for column, (title, options) in enumerate(COLUMNS.items()):
            removal = unframe.remove(ROOT / "examples" / f"{name}.jpg", detector, options)
            _cell(
                sheet, GAP + column * (CELL + GAP), GAP + row * (CELL + CAPTION + GAP), removal, title, options is None
            )
    _save(sheet, "modes.png")
    removal = unframe.remove(ROOT / "examples" / "inset-ring.jpg", detector, Options(review=True))
    image, result = decode(removal.original), decode(removal.data)
    page = explanation(removal, image, result, "inset-ring.jpg", detector.evidence(image))
    _save(page, "explained.png")


def _cell(sheet: PillowImage.Image, left: int, top: int, removal: Removal, title: str, before: bool) -> None:
    with PillowImage.open(io.BytesIO(removal.original if before else removal.data)) as opened:
        picture = opened.convert("RGB")
    scale = CELL / 520  # one for all, so that sizes can be compared
    small = picture.resize(
        (round(picture.width * scale), round(picture.height * scale)), PillowImage.Resampling.LANCZOS
    )
    sheet.paste(small, (left + (CELL - small.width) // 2, top + (CELL - small.height) // 2))
    refused = removal.refusal is not None and not before
    words = f"{title}: refused" if refused else f"{title}: {picture.width} x {picture.height}"
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    pen.text((left + CELL / 2, top + CELL + 6), words, QUIET if refused else INK, font, anchor="ma")


def _save(picture: PillowImage.Image, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    picture.quantize(256, dither=PillowImage.Dither.NONE).save(IMAGES / name, optimize=True)
    print(f"docs/images/{name}: {picture.width} × {picture.height}, {(IMAGES / name).stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()

"""Draw the pictures of ``examples/`` and their ``labels.csv``; run it with ``python -m scripts.draw_examples``.

Eight photographs get a frame each, in the ways in which sellers add them; four products have a frame, border or white
margin of their own and are plain. Every box is exact: the frames are laid around or over the photographs by the pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont
from scripts import products

from unframe.dataset.generator.drawn import Supplies
from unframe.dataset.generator.textures import TEXTURES
from unframe.dataset.layouts import write_labels
from unframe.dataset.records import Sample
from unframe.types import SIDES, Box, Frame, Image, Kind, Side

FOLDER = Path(__file__).resolve().parent.parent / "examples"
QUALITY = 88

Colour = tuple[int, int, int]


class Example(NamedTuple):
    """A picture as it lies in ``examples/``, and the truth about it; ``hard`` says why a plain one may look framed."""

    image: Image
    frame: Frame | None
    note: str
    hard: str = ""


def solid_border() -> Example:
    """A red border of 20 pixels on all four sides."""
    image, frame = _bordered(products.mug(), 20, (206, 44, 50))
    return Example(image, frame, "solid border on four sides")


def textured_border() -> Example:
    """A border of wood, 26 pixels wide."""
    photo = products.vase()
    height, width = photo.shape[:2]
    image = _texture("wood", height + 52, width + 52, (150, 104, 66), seed=4)
    image[26:-26, 26:-26] = photo
    frame = Frame(Box(26, 26, width + 26, height + 26), Box.whole(width + 52, height + 52), SIDES, "border")
    return Example(image, frame, "textured border on four sides")


def banner() -> Example:
    """A banner with a claim and a price along the bottom."""
    photo = products.headphones()
    height, width = photo.shape[:2]
    deep, price = 68, 150
    canvas = PillowImage.new("RGB", (width, height + deep), (36, 26, 58))
    canvas.paste(PillowImage.fromarray(photo), (0, 0))
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((width - price, height, width, height + deep), fill=(250, 196, 50))
    _text(pen, "FREE SHIPPING", (width - price) / 2, height + deep / 2, 30, (255, 255, 255))
    _text(pen, "$49.90", width - price / 2, height + deep / 2, 38, (36, 26, 58))
    frame = Frame(Box.whole(width, height), Box.whole(width, height + deep), ("bottom",), "banner")
    return Example(np.asarray(canvas), frame, "banner with text along the bottom")


def inset_ring() -> Example:
    """A blue ring with white margin outside it."""
    photo = products.lamp()
    height, width = photo.shape[:2]
    outer, inner = Box(14, 14, width - 14, height - 14), Box(20, 20, width - 20, height - 20)
    image = _ringed(photo, outer, inner, (26, 92, 158))
    return Example(image, Frame(inner, outer, SIDES, "inset"), "ring that stands inset from the edge")


def inset_strip() -> Example:
    """A strip of damask on one side only, with white all around it."""
    image = products.perfume().copy()
    height, width = image.shape[:2]
    image[16 : height - 16, 18:52] = _texture("ornament", height - 32, 34, (150, 36, 70), seed=11)
    frame = Frame(Box(52, 0, width, height), Box(18, 0, width, height), ("left",), "inset")
    return Example(image, frame, "textured strip on one side, inset, on white")


def keyline() -> Example:
    """A dark line of two pixels along the edge."""
    photo = products.compact_camera()
    height, width = photo.shape[:2]
    outer, inner = Box.whole(width, height), Box(2, 2, width - 2, height - 2)
    image = _ringed(photo, outer, inner, (40, 34, 30))
    return Example(image, Frame(inner, outer, SIDES, "keyline"), "line of two pixels at the edge")


def letterbox() -> Example:
    """Black bars above and below a landscape that was brought to a square."""
    image, frame = _bordered(products.chair(), 80, (0, 0, 0), ("top", "bottom"), "padding")
    return Example(image, frame, "letterbox bars")


def polaroid() -> Example:
    """An instant photograph: white paper, wide at the foot."""
    photo = products.succulent()
    height, width = photo.shape[:2]
    edge, foot = 24, 84
    canvas = PillowImage.new("RGB", (width + 2 * edge, height + edge + foot), (249, 247, 241))
    canvas.paste(PillowImage.fromarray(photo), (edge, edge))
    _text(ImageDraw.Draw(canvas), "loves the sun", canvas.width / 2, edge + height + foot / 2, 30, (92, 84, 78))
    inner = Box(edge, edge, edge + width, edge + height)
    return Example(
        np.asarray(canvas), Frame(inner, Box.whole(*canvas.size), SIDES, "decorative"), "paper of an instant photograph"
    )


def phone() -> Example:
    """A telephone: the product is a rectangle with a bezel."""
    return Example(products.phone(), None, "rectangular product", "rectangular")


def book() -> Example:
    """A book with a printed border: the border is the product's own."""
    return Example(products.book(), None, "printed border of the product", "rectangular")


def mirror() -> Example:
    """A mirror: the frame is the product."""
    return Example(products.mirror(), None, "frame that is the product", "own_frame")


def on_white() -> Example:
    """A teapot on white: the margin has no edge, so it is no frame."""
    return Example(products.teapot(), None, "white margin on white", "white_on_white")


EXAMPLES: dict[str, Callable[[], Example]] = {
    "border-solid.jpg": solid_border,
    "border-textured.jpg": textured_border,
    "banner.jpg": banner,
    "inset-ring.jpg": inset_ring,
    "inset-strip.jpg": inset_strip,
    "keyline.jpg": keyline,
    "letterbox.jpg": letterbox,
    "polaroid.jpg": polaroid,
    "plain-phone.jpg": phone,
    "plain-book.jpg": book,
    "plain-mirror.jpg": mirror,
    "plain-on-white.jpg": on_white,
}
"""Every picture by file name."""


def _bordered(
    photo: Image, thickness: int, colour: Colour, sides: tuple[Side, ...] = SIDES, kind: Kind = "border"
) -> tuple[Image, Frame]:
    """The photograph with bands of one colour laid around it."""
    height, width = photo.shape[:2]
    across, down = thickness * ("left" in sides), thickness * ("top" in sides)
    image = np.empty((height + 2 * down, width + 2 * across, 3), dtype=np.uint8)
    image[:] = colour
    inner = Box(across, down, across + width, down + height)
    image[inner.top : inner.bottom, inner.left : inner.right] = photo
    return image, Frame(inner, Box.whole(image.shape[1], image.shape[0]), sides, kind)


def _ringed(photo: Image, outer: Box, inner: Box, colour: Colour) -> Image:
    """The photograph with a ring of one colour laid over it between two boxes, and white outside."""
    image = np.full_like(photo, 255)
    image[outer.top : outer.bottom, outer.left : outer.right] = colour
    opening = slice(inner.top, inner.bottom), slice(inner.left, inner.right)
    image[opening] = photo[opening]
    return image


def _texture(name: str, height: int, width: int, base: Colour, seed: int) -> Image:
    """A filling of the frame generator's."""
    rng = np.random.default_rng(seed)
    return TEXTURES[name](rng, height, width, base, Supplies(photo=lambda rng: products.mug()))


def _text(pen: ImageDraw.ImageDraw, words: str, x: float, y: float, size: int, colour: Colour) -> None:
    pen.text((x, y), words, fill=colour, font=ImageFont.load_default(size), anchor="mm")


def sample(path: Path, example: Example) -> Sample:
    """The example's record, for ``labels.csv``."""
    height, width = example.image.shape[:2]
    frame = example.frame
    return Sample(
        path=path,
        label="framed" if frame else "plain",
        kind=frame.kind if frame else None,
        sides=frame.sides if frame else (),
        inner=frame.inner if frame else None,
        outer=frame.outer if frame else None,
        design=path.stem,
        hard=example.hard,
        confidence="high",
        geometry_quality="exact" if frame else "",
        width=width,
        height=height,
        note=example.note,
    )


def main() -> None:
    """Draw every example anew."""
    FOLDER.mkdir(exist_ok=True)
    samples = []
    for name, draw in EXAMPLES.items():
        example, path = draw(), FOLDER / name
        PillowImage.fromarray(example.image).save(path, quality=QUALITY, optimize=True)
        samples.append(sample(path, example))
        print(f"{name}: {path.stat().st_size / 1024:.0f} KiB, {example.note}")
    write_labels(samples, FOLDER / "labels.csv", overwrite=True)


if __name__ == "__main__":
    main()

"""Encoded pictures in every format and variant that is read, drawn on the spot."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageCms

from tests.draw import product
from unframe.types import Image

WIDTH, HEIGHT = 60, 44
ORIENTATION = 0x0112

Make = Callable[[], bytes]


def saved(picture: PillowImage.Image | Image, format: str, **options: Any) -> bytes:
    """The picture as Pillow writes it."""
    if isinstance(picture, np.ndarray):
        picture = PillowImage.fromarray(picture)
    out = BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def opened(data: bytes) -> PillowImage.Image:
    """The picture as Pillow reads it, pixels loaded."""
    picture = PillowImage.open(BytesIO(data))
    picture.load()
    return picture


def exif(orientation: int, **others: Any) -> bytes:
    """An EXIF block with this orientation, a description and a recorded size."""
    block = PillowImage.Exif()
    block[ORIENTATION] = orientation
    block[0x010E] = others.get("description", "a lamp")
    block.get_ifd(0x8769)[0xA002] = WIDTH
    block.get_ifd(0x8769)[0xA003] = HEIGHT
    return block.tobytes()


@lru_cache
def srgb_profile() -> bytes:
    """An sRGB profile."""
    return bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def swapped_profile() -> bytes:
    """A profile whose red and green primaries are exchanged: its effect cannot be overlooked."""
    data = bytearray(srgb_profile())
    at = {
        bytes(data[each : each + 4]): each for each in range(132, 132 + 12 * int.from_bytes(data[128:132], "big"), 12)
    }
    red, green = at[b"rXYZ"], at[b"gXYZ"]
    data[red : red + 4], data[green : green + 4] = data[green : green + 4], data[red : red + 4]
    return bytes(data)


def colours(width: int = WIDTH, height: int = HEIGHT) -> PillowImage.Image:
    """A product whose corners differ, so that no turn of it looks like another."""
    picture = product(width, height, seed=3)
    picture[: height // 4, : width // 3] = (200, 40, 30)
    picture[-height // 5 :, -width // 4 :] = (20, 60, 180)
    return PillowImage.fromarray(picture)


def see_through() -> PillowImage.Image:
    """The product with an alpha channel that runs from clear to opaque."""
    picture = colours().convert("RGBA")
    alpha = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
    picture.putalpha(PillowImage.fromarray(alpha))
    return picture


def deep_grey() -> PillowImage.Image:
    """Grey in 16 bits."""
    return PillowImage.fromarray(np.asarray(colours().convert("L")).astype(np.uint16) * 257)


def bmp_with_alpha() -> bytes:
    """A BMP file with a mask for alpha in its header, which Pillow reads but does not write."""
    rows = see_through().tobytes("raw", "BGRA", 0, -1)
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    head = struct.pack("<IiiHHIIiiII", 56, WIDTH, HEIGHT, 1, 32, 3, len(rows), 0, 0, 0, 0) + masks
    return b"BM" + struct.pack("<IHHI", 70 + len(rows), 0, 0, 70) + head + rows


def animation(format: str) -> bytes:
    """Three frames that differ."""
    frames = [colours(), colours().transpose(PillowImage.Transpose.ROTATE_180), PillowImage.new("RGB", (WIDTH, HEIGHT))]
    options = {"lossless": True} if format == "WEBP" else {}
    return saved(frames[0], format, save_all=True, append_images=frames[1:], **options)


STILL: dict[str, Make] = {
    "jpeg 4:2:0": lambda: saved(colours(), "JPEG", quality=80),
    "jpeg 4:2:2": lambda: saved(colours(), "JPEG", quality=85, subsampling=1),
    "jpeg 4:4:4 progressive": lambda: saved(colours(), "JPEG", quality=90, subsampling=0, progressive=True),
    "jpeg rgb": lambda: saved(colours(), "JPEG", quality=90, keep_rgb=True),
    "jpeg grey": lambda: saved(colours().convert("L"), "JPEG"),
    "jpeg cmyk": lambda: saved(colours().convert("CMYK"), "JPEG", quality=90),
    "png": lambda: saved(colours(), "PNG"),
    "png grey": lambda: saved(colours().convert("L"), "PNG"),
    "png 16-bit grey": lambda: saved(deep_grey(), "PNG"),
    "png 1-bit": lambda: saved(colours().convert("1"), "PNG"),
    "png palette": lambda: saved(colours().quantize(40), "PNG"),
    "png small palette": lambda: saved(colours().quantize(7), "PNG"),
    "png palette with alpha": lambda: saved(see_through().quantize(30), "PNG"),
    "png colour key": lambda: saved(colours(), "PNG", transparency=(200, 40, 30)),
    "png alpha": lambda: saved(see_through(), "PNG"),
    "png grey alpha": lambda: saved(see_through().convert("LA"), "PNG"),
    "webp lossless": lambda: saved(colours(), "WEBP", lossless=True),
    "webp alpha": lambda: saved(see_through(), "WEBP", lossless=True, exact=True),
    "webp lossy": lambda: saved(colours(), "WEBP", quality=80),
    "gif": lambda: saved(colours().quantize(50), "GIF"),
    "gif transparent": lambda: saved(colours().quantize(50), "GIF", transparency=3),
    "bmp": lambda: saved(colours(), "BMP"),
    "bmp palette": lambda: saved(colours().quantize(20), "BMP"),
    "bmp alpha": bmp_with_alpha,
    "bmp 1-bit": lambda: saved(colours().convert("1"), "BMP"),
    "tiff": lambda: saved(colours(), "TIFF"),
    "tiff lzw": lambda: saved(colours(), "TIFF", compression="tiff_lzw"),
    "tiff deflate grey": lambda: saved(colours().convert("L"), "TIFF", compression="tiff_adobe_deflate"),
    "tiff cmyk": lambda: saved(colours().convert("CMYK"), "TIFF", compression="tiff_lzw"),
    "tiff 16-bit": lambda: saved(deep_grey(), "TIFF"),
    "tiff big": lambda: saved(colours(), "TIFF", big_tiff=True),
    "tiff 1-bit": lambda: saved(colours().convert("1"), "TIFF", compression="group4"),
    "tiff palette": lambda: saved(colours().quantize(20), "TIFF"),
    "tiff alpha": lambda: saved(see_through(), "TIFF", compression="packbits"),
    "avif": lambda: saved(colours(), "AVIF", quality=90, subsampling="4:4:4"),
    "avif alpha": lambda: saved(see_through(), "AVIF", quality=90, subsampling="4:4:4"),
}
"""A picture of 60 × 44 pixels for each format and variant; `still` gives one of them."""


@lru_cache
def still(name: str) -> bytes:
    """The picture of this name in `STILL`."""
    return STILL[name]()


def on_white(data: bytes) -> np.ndarray:
    """An independent answer to what `decode` must give for a picture without a profile: Pillow's own, on white."""
    picture = opened(data)
    if picture.mode.startswith("I;16"):
        return np.asarray(PillowImage.fromarray((np.asarray(picture) // 257).astype(np.uint8)).convert("RGB"))
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("RGB"))
    paper = PillowImage.new("RGBA", picture.size, "white")
    return np.asarray(PillowImage.alpha_composite(paper, picture.convert("RGBA")).convert("RGB"))

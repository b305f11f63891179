"""Image to bytes: new pictures in the manner of an old one, and cuts that leave all else as it was.

`crop` never converts colours: it cuts the stored pixels in their own mode (palette, grey, 16-bit grey, CMYK, alpha) and
keeps the ICC profile beside them. `encode` writes an image, which is sRGB; the profile of the picture that it takes
after is kept only where it is sRGB by another name, since any other would give the pixels another meaning.

What is not kept: XMP, comments and maker's segments of JPEG (they may describe the uncut picture), EXIF of AVIF, the
second 8 bits of 16-bit colour PNG (Pillow does not read them), tags of TIFF other than its compression and profile. A
JPEG that is encoded anew keeps the subsamplings 4:4:4, 4:2:2 and 4:2:0; any other becomes 4:4:4.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageChops

from unframe.errors import DecodeError, OutputError
from unframe.imaging import colour, exif, manner
from unframe.imaging.decode import failures, inspect, native, opened
from unframe.imaging.formats import FORMATS, Scan, bmp, examine
from unframe.imaging.lossless import crop_jpeg
from unframe.imaging.turn import TRANSPOSE, stored_box, upright_size
from unframe.settings import Settings
from unframe.types import Box, Image

_EXIF_LIMIT = 65_533
"""Bytes that a JPEG segment can hold; a longer block is left out."""


def encode(image: Image, like: bytes | None = None, *, format: str | None = None, quality: int | None = None) -> bytes:
    """Encode an image, in the manner of another picture where one is given.

    JPEG takes over quantisation tables, usual chroma subsampling and progressive order, WebP whether it is lossless,
    PNG its text, and its gamma where its profile does not go, TIFF its compression; grey stays grey where the image has
    no colours. EXIF of JPEG, PNG and WebP is kept, with orientation 1 and the new size.

    Args:
        image: uint8 ``(height, width, 3)`` RGB in sRGB, upright.
        like: An encoded picture to take after.
        format: One of `FORMATS`; that of ``like`` when omitted.
        quality: 1 to 100 for JPEG, WebP and AVIF; that of ``like``, or a high one, when omitted.

    Raises:
        DecodeError: ``like`` cannot be read.
        OutputError: The format cannot hold an image of this size.
        ValueError: Neither format nor ``like`` is given, or the format is unknown.
    """
    if format not in FORMATS and (like is None or format is not None):
        raise ValueError(f"format {format!r} is unknown; name one of {', '.join(FORMATS)}, or a picture to take after")
    if like is None:
        return _save(_as_pillow(image, str(format)), str(format), manner.plain(str(format), quality))
    with failures("the picture to take after", len(like)):
        scan = examine(like)
        original = opened(scan)
    target = format or scan.format
    picture = _as_pillow(image, target, grey=scan.mode in {"1", "L", "I;16"})
    options = manner.plain(target, quality)
    profile = scan.icc if scan.icc and picture.mode == "RGB" and colour.is_srgb(scan.icc) else None
    if target == scan.format and quality is None:
        options |= manner.of(like, scan, original, picture.mode, converted=scan.icc != profile)
    return _save(picture, target, options | _metadata(scan, target, picture.size, profile))


def crop(data: bytes, box: Box, settings: Settings | None = None, *, name: str = "image") -> bytes:
    """Cut an encoded picture to a box; format, colours and profile stay, and the picture becomes upright.

    EXIF stays in JPEG, PNG and WebP. A JPEG is written with its own tables and, if usual, its own subsampling. It is
    cut without decoding, hence without any loss, where the package of the extra ``lossless`` is installed and the left
    and top of the box lie on its block grid. The whole box gives back the very same bytes.

    Args:
        data: The encoded picture.
        box: What to keep, in pixels of the upright picture.
        settings: Limits on bytes, pixels and sides; the defaults when omitted.
        name: What messages call the picture.

    Raises:
        DecodeError: The picture cannot be decoded, or has several frames or pages, which a cut would lose
            (``unsupported-format``).
        ValueError: The box is empty or leaves the picture.
    """
    with failures(name, len(data)):
        scan = inspect(data, settings or Settings())
    width, height = upright_size(scan.width, scan.height, scan.orientation)
    whole = Box.whole(width, height)
    if box.area == 0 or not whole.contains(box):
        raise ValueError(f"box {tuple(box)} is empty or leaves the picture of {width} × {height} pixels")
    if box == whole:
        return data
    if scan.frames > 1:
        message = f"{name} has {scan.frames:,} frames, of which a cut would keep one; save that one by itself first"
        raise DecodeError("unsupported-format", message)
    cut = stored_box(box, width, height, scan.orientation)
    with failures(name, len(data)):
        original = native(scan)
        lossless = crop_jpeg(data, scan, original, cut)
    return lossless if lossless is not None else _cut(data, scan, original, cut)


def _cut(data: bytes, scan: Scan, original: PillowImage.Image, cut: Box) -> bytes:
    """The cut as a picture of the same format, made upright."""
    picture = original.crop(cut)
    if scan.orientation in TRANSPOSE:
        picture = picture.transpose(TRANSPOSE[scan.orientation])
    if scan.inverted:  # Pillow writes CMYK as Adobe does, upside down, and says so in the file
        picture = ImageChops.invert(picture)
    options = manner.plain(scan.format, None) | manner.of(data, scan, original, picture.mode)
    if scan.transparency is not None:
        options["transparency"] = int(bool(scan.transparency)) if scan.mode == "1" else scan.transparency
    return _save(picture, scan.format, options | _metadata(scan, scan.format, picture.size, scan.icc))


def _as_pillow(image: Image, format: str, *, grey: bool = False) -> PillowImage.Image:
    picture = PillowImage.fromarray(np.ascontiguousarray(image))
    if grey and bool((image == image[..., :1]).all()):
        return picture.getchannel(0)
    return picture.quantize(256) if format == "GIF" else picture


def _metadata(scan: Scan, format: str, size: tuple[int, int], icc: bytes | None) -> dict[str, Any]:
    found: dict[str, Any] = {"icc_profile": icc} if icc else {}
    block = exif.after_crop(scan.exif, *size) if scan.exif else b""
    if block and len(block) <= _EXIF_LIMIT and format in {"JPEG", "PNG", "WEBP", "AVIF"}:
        found["exif"] = block
    return found


def _save(picture: PillowImage.Image, format: str, options: dict[str, Any]) -> bytes:
    out = BytesIO()
    try:
        picture.save(out, format, **options)
    except (OSError, ValueError, SystemError) as error:
        if options.pop("optimize", False):  # Pillow guesses how long the JPEG will be, and fails where it is longer
            return _save(picture, format, options | {"progressive": False})
        wide, high = picture.size
        message = (
            f"{wide:,} × {high:,} pixels of mode {picture.mode} cannot be written as {format}: {error}; choose PNG"
        )
        raise OutputError("unwritable", message) from error
    data = out.getvalue()
    return bmp.with_alpha(data) if format == "BMP" and picture.mode == "RGBA" else data

"""From any mode of Pillow to 8-bit sRGB on white.

A converter is made once for a picture and then applied to one band of its rows after another, so that no second copy
of a large picture exists at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageChops, ImageCms

from unframe.imaging.formats.scan import unsupported
from unframe.types import Image

Converter = Callable[[PillowImage.Image], Image]

_PROFILE_LIMIT = 4 * 1024 * 1024
_PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_WHITE = (255, 255, 255)


def converter(
    mode: str,
    *,
    icc: bytes | None = None,
    transparency: int | tuple[int, ...] | bytes | None = None,
    inverted: bool = False,
) -> Converter:
    """What turns pictures of one mode into images: uint8 ``(height, width, 3)``, sRGB, transparency on white.

    Args:
        mode: Pillow mode of the pictures.
        icc: Profile of their colours; ignored when it is broken or made for other colours.
        transparency: Transparent colour or palette alphas, for modes without an alpha channel.
        inverted: Whether CMYK is to be inverted first.

    Raises:
        DecodeError: ``unsupported-format``: no conversion of this mode is known.
    """
    base = _base(mode)
    transform = _transform(icc, base) if icc and not (base == "RGB" and is_srgb(icc)) else None
    see_through = transparency is not None or mode in {"RGBA", "LA", "PA", "RGBa", "La"}

    def convert(picture: PillowImage.Image) -> Image:
        colours, alpha = _split(picture, base, transparency, see_through=see_through)
        if inverted:
            colours = ImageChops.invert(colours)
        colours = transform.apply(colours) if transform else colours.convert("RGB")
        if alpha is not None:
            paper = PillowImage.new("RGB", colours.size, _WHITE)
            paper.paste(colours, mask=alpha)
            colours = paper
        return np.asarray(colours)

    return convert


def _base(mode: str) -> str:
    """The mode without alpha, palette or depth in which colours are converted."""
    if mode in {"1", "L", "LA", "La"} or mode.startswith("I;16"):
        return "L"
    if mode in {"RGB", "RGBA", "RGBa", "RGBX", "P", "PA", "YCbCr", "HSV"}:
        return "RGB"
    if mode == "CMYK":
        return mode
    raise unsupported(f"has pixels of the mode {mode}, whose black and white are not defined")


def _split(
    picture: PillowImage.Image, base: str, transparency: int | tuple[int, ...] | bytes | None, *, see_through: bool
) -> tuple[PillowImage.Image, PillowImage.Image | None]:
    """Colours in the base mode, and the alpha channel (mode ``L``) if any."""
    if picture.mode.startswith("I;16"):
        return _eight_bits(picture, transparency)
    if not see_through:
        return picture.convert(base), None
    if picture.mode in {"1", "L", "RGB"}:
        colours = picture.convert(base)
        return colours, _key_mask(np.asarray(colours), transparency)
    if picture.mode == "P":
        picture = picture.copy()
        picture.info["transparency"] = transparency
    full = picture.convert("RGBA")
    return full.convert("RGB").convert(base), full.getchannel("A")


def _eight_bits(
    picture: PillowImage.Image, transparency: int | tuple[int, ...] | bytes | None
) -> tuple[PillowImage.Image, PillowImage.Image | None]:
    samples = np.asarray(picture).astype(np.uint32)
    grey = ((samples * 255 + 32_767) // 65_535).astype(np.uint8)
    mask = None if transparency is None else _key_mask(samples, transparency)
    return PillowImage.fromarray(grey), mask


def _key_mask(samples: NDArray[np.uint8] | NDArray[np.uint32], key: object) -> PillowImage.Image:
    """Alpha that is 0 where the samples equal the transparent colour and 255 elsewhere."""
    differs = samples != np.asarray(key)
    if differs.ndim == 3:
        differs = differs.any(axis=2)
    return PillowImage.fromarray(differs.astype(np.uint8) * 255)


@lru_cache(maxsize=16)
def is_srgb(icc: bytes) -> bool:
    """Whether a profile is one of RGB colours that leaves sRGB as it is, by whatever name."""
    transform = _transform(icc, "RGB")
    return transform is not None and _changes_nothing(transform)


@lru_cache(maxsize=16)
def _transform(icc: bytes, base: str) -> ImageCms.ImageCmsTransform | None:
    """The way from a profile to sRGB; ``None`` where the profile is broken, absurdly large, or of other colours."""
    if len(icc) > _PROFILE_LIMIT:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        if _PROFILE_MODES.get(profile.profile.xcolor_space.strip()) != base:
            return None
        return ImageCms.buildTransform(
            profile, ImageCms.createProfile("sRGB"), base, "RGB", renderingIntent=ImageCms.Intent.PERCEPTUAL
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether colours all over the cube move by at most one level."""
    levels = range(0, 256, 51)
    cube = np.array(list(product(levels, repeat=3)), dtype=np.uint8)[None]
    moved = np.asarray(transform.apply(PillowImage.fromarray(cube)))
    return bool(np.abs(moved.astype(int) - cube).max() <= 1)

"""How a picture was written: what Pillow has to be told to write another in the same way."""

from __future__ import annotations

import struct
from typing import Any

from PIL import Image as PillowImage
from PIL.PngImagePlugin import PngInfo

from unframe.imaging.formats import Scan, png

_QUALITY = {"JPEG": 92, "WEBP": 90, "AVIF": 85}
_COMPRESSIONS = frozenset({"raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate"})
_BLACK_AND_WHITE = frozenset({"group3", "group4", "tiff_ccitt"})
_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_COLOUR_CHUNKS = frozenset({b"gAMA", b"cHRM", b"sRGB", b"cICP"})
_STALE_TEXT = (b"Raw profile type", b"XML:com.adobe.xmp")
"""Keywords under which PNG files carry second copies of EXIF and XMP, which describe the picture before the cut."""


def plain(format: str, quality: int | None) -> dict[str, Any]:
    """Options for a picture that takes after no other; without a quality, a high one."""
    if format not in _QUALITY:
        return {}
    options: dict[str, Any] = {"quality": quality or _QUALITY[format]}
    if format == "JPEG":
        options |= {"subsampling": 0 if options["quality"] >= 90 else 2, "optimize": True}
    return options


def of(data: bytes, scan: Scan, original: PillowImage.Image, mode: str, *, converted: bool = False) -> dict[str, Any]:
    """Options that take after a picture of the same format.

    Args:
        data: The encoded picture.
        scan: What its headers say.
        original: The picture as Pillow opened it; its pixels need not be loaded.
        mode: Pillow mode of the picture that is to be written.
        converted: Whether its colours were converted: what the old picture says of its own holds no longer.
    """
    match scan.format:
        case "JPEG":
            return _jpeg(original)
        case "PNG":
            return _png(data, _TEXT_CHUNKS if converted else _TEXT_CHUNKS | _COLOUR_CHUNKS)
        case "WEBP":
            return {"lossless": True, "exact": True} if scan.lossless else {}
        case "TIFF":
            return {"compression": _compression(original.info.get("compression"), mode)}
    return {}


def _jpeg(original: Any) -> dict[str, Any]:
    layers = [each[1:3] for each in original.layer]
    options = {
        "quality": -1,  # the tables say it all
        "qtables": _tables(original),
        "subsampling": {(2, 1): 1, (2, 2): 2}.get(layers[0], 0) if _chroma_whole(layers) else 0,
        "progressive": bool(original.info.get("progressive")),
        "optimize": True,
        "keep_rgb": is_rgb(original),
    }
    return options | ({"dpi": original.info["dpi"]} if "dpi" in original.info else {})


def _tables(original: Any) -> list[list[int]]:
    """One table for each component, without the repetitions that the encoder makes by itself."""
    tables = [original.quantization[number] for _, _, _, number in original.layer]
    while len(tables) > 1 and tables[-1] == tables[-2]:
        tables.pop()
    return tables


def _chroma_whole(layers: list[tuple[int, int]]) -> bool:
    """Whether the second and third component have sampling factors 1 × 1, as in 4:2:2 and 4:2:0."""
    return len(layers) >= 3 and layers[1] == layers[2] == (1, 1)


def is_rgb(original: Any) -> bool:
    """Whether a JPEG stores RGB instead of YCbCr, by the rules of libjpeg."""
    if original.mode != "RGB" or "jfif" in original.info:
        return False
    if "adobe" in original.info:
        return bool(original.info.get("adobe_transform") == 0)
    return [each[0] for each in original.layer] == [ord(each) for each in "RGB"]


def _png(data: bytes, kept: frozenset[bytes]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    notes = PngInfo()
    for chunk in png.chunks(data):
        body = bytes(chunk.body)
        if chunk.sound and chunk.type in kept and not body.startswith(_STALE_TEXT):
            notes.add(chunk.type, body)
        elif chunk.sound and chunk.type == b"pHYs" and len(body) == 9 and body[8] == 1:
            options["dpi"] = tuple(each * 0.0254 for each in struct.unpack_from(">II", body))
    return options | {"pnginfo": notes}


def _compression(found: str | None, mode: str) -> str:
    """The same compression where it loses nothing and fits the mode, else LZW."""
    kept = found in _COMPRESSIONS or (mode == "1" and found in _BLACK_AND_WHITE)
    return found if found and kept else "tiff_lzw"

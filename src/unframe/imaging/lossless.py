"""Cutting a JPEG without decoding it: whole blocks of its coefficients are kept as they are.

The work is done by jpeglib, of the extra ``lossless``. It is handed plain files only (one or three components, Huffman
coded, with the usual sampling factors) that were decoded without complaint before.
"""

from __future__ import annotations

from importlib import import_module, util
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from unframe.imaging import exif, manner
from unframe.imaging.formats import Scan, jpeg
from unframe.types import Box

_BLOCK = 8
_JFIF_SIZE = 18
_PLAIN_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended and progressive, Huffman coded
_LUMA = frozenset({(1, 1), (2, 1), (1, 2), (2, 2)})


def crop_jpeg(data: bytes, scan: Scan, original: Any, cut: Box) -> bytes | None:
    """The cut as a JPEG with the same coefficients; ``None`` where that cannot be had.

    The result is sequential, also where the file was progressive. Density, EXIF and profile are kept.

    Args:
        data: The encoded picture.
        scan: What its headers say.
        original: The picture as Pillow decoded it.
        cut: What to keep, in stored pixels.
    """
    if scan.format != "JPEG" or scan.orientation != 1 or not _is_plain(data, original):
        return None
    across, down = original.layer[0][1:3]
    if cut.left % (_BLOCK * across) or cut.top % (_BLOCK * down) or util.find_spec("jpeglib") is None:
        return None
    with TemporaryDirectory(prefix="unframe-") as folder:
        source, target = Path(folder, "source.jpg"), Path(folder, "cut.jpg")
        source.write_bytes(b"".join(scan.parts))
        try:
            _cut(source, target, cut, (across, down))
        except OSError:
            return None
        return _with_metadata(target.read_bytes(), data, scan, cut)


def _is_plain(data: bytes, original: Any) -> bool:
    factors = [each[1:3] for each in original.layer]
    usual = factors == [(1, 1)] or (len(factors) == 3 and factors[0] in _LUMA and factors[1:] == [(1, 1)] * 2)
    frame = next(each for each in jpeg.segments(data) if each.marker in jpeg.FRAMES)
    return usual and frame.marker in _PLAIN_FRAMES and not manner.is_rgb(original)


def _cut(source: Path, target: Path, cut: Box, luma: tuple[int, int]) -> None:
    picture = import_module("jpeglib").read_dct(str(source))
    planes = [picture.Y] if picture.num_components == 1 else [picture.Y, picture.Cb, picture.Cr]
    kept = [planes[0][_rows(cut, _BLOCK, _BLOCK)]]
    kept += [plane[_rows(cut, _BLOCK * luma[0], _BLOCK * luma[1])] for plane in planes[1:]]
    for name, plane in zip(("Y", "Cb", "Cr"), kept, strict=False):
        setattr(picture, name, plane.copy())
    picture.width, picture.height = cut.width, cut.height
    picture.block_dims = [plane.shape[:2] for plane in kept]
    picture.markers = []
    picture.content = None
    picture.write_dct(str(target), flags=["+OPTIMIZE_CODING"])


def _rows(cut: Box, across: int, down: int) -> tuple[slice, slice]:
    """The blocks of a component, each of which covers so many pixels, that hold any pixel of the cut."""
    return slice(cut.top // down, -(-cut.bottom // down)), slice(cut.left // across, -(-cut.right // across))


def _with_metadata(fresh: bytes, data: bytes, scan: Scan, cut: Box) -> bytes:
    """The cut with the density, EXIF and profile of the picture."""
    first = next(jpeg.segments(fresh))
    block = exif.after_crop(scan.exif, cut.width, cut.height) if scan.exif else b""
    parts = [
        jpeg.START,
        _jfif(data) or fresh[first.start : first.end],
        jpeg.segment(jpeg.APP1, block) if block else b"",
        *_of_kind(data, jpeg.APP2, jpeg.ICC_PREFIX),
    ]
    return b"".join((*parts, fresh[first.end :]))


def _jfif(data: bytes) -> bytes:
    """The JFIF segment, which holds the density; empty where there is none, or one with a thumbnail."""
    found = [each for each in _of_kind(data, jpeg.APP0, b"JFIF\0") if len(each) == _JFIF_SIZE]
    return found[0] if found else b""


def _of_kind(data: bytes, marker: int, prefix: bytes) -> list[bytes]:
    """The segments with this marker whose payload begins in this way."""
    return [
        data[each.start : each.end]
        for each in jpeg.segments(data)
        if each.marker == marker and data.startswith(prefix, each.body)
    ]

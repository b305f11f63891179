"""Reading the headers of the formats that unframe accepts, one small reader each.

Why not leave this to the decoder: opening a file with Pillow may decode all of its pixels (EXIF of a PNG), allocate
its canvas (WebP), read tags of any size (TIFF) or warn through the process's global filters, and it cannot tell a
file that ends early from one that is whole. A reader here looks at headers only, says what is missing, and names the
parts of the file that hold pixels; the decoder is given those parts and nothing else.
"""

from __future__ import annotations

from unframe.imaging.formats import avif, bmp, gif, jpeg, png, tiff, webp
from unframe.imaging.formats.scan import Part, Scan
from unframe.imaging.formats.sniff import FORMATS, sniff

__all__ = ["FORMATS", "Part", "Scan", "examine"]

_READERS = {
    "JPEG": jpeg.scan,
    "PNG": png.scan,
    "WEBP": webp.scan,
    "GIF": gif.scan,
    "BMP": bmp.scan,
    "TIFF": tiff.scan,
    "AVIF": avif.scan,
}


def examine(data: bytes) -> Scan:
    """What the headers of an encoded picture say.

    Raises:
        DecodeError: ``not-an-image``, ``unsupported-format``, ``truncated`` (inside the headers) or ``corrupt``.
        struct.error, IndexError, OverflowError: The file ends inside a structure of its header.
    """
    return _READERS[sniff(data)](data)

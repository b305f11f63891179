"""Bytes to image: limits first, then pixels, and one kind of error for whatever goes wrong.

Pillow's process-wide settings are neither changed nor relied on, and nothing here is shared between threads: files are
opened by the class of their format, not by ``PIL.Image.open``, which would compare them with ``MAX_IMAGE_PIXELS`` and
warn, and truncated files are completed without ``LOAD_TRUNCATED_IMAGES``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageFile

from unframe.errors import DecodeError
from unframe.imaging import colour
from unframe.imaging.formats import Scan, examine
from unframe.imaging.formats.jpeg import END_MARKER
from unframe.imaging.formats.scan import corrupt
from unframe.imaging.turbo import decode_plain
from unframe.imaging.turn import as_stored, upright_size
from unframe.settings import PREFIX, Settings
from unframe.types import Image

_PLUGINS = {
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
}
_BAND_PIXELS = 1 << 18


@dataclass(frozen=True, slots=True)
class Header:
    """What the headers of an encoded picture say.

    Attributes:
        format: JPEG, PNG, WEBP, GIF, BMP, TIFF or AVIF.
        mode: Pillow mode of the stored pixels, as ``RGB``, ``P`` or ``CMYK``.
        width: Width in pixels once the picture is upright.
        height: Height in pixels once the picture is upright.
        orientation: EXIF orientation of the stored pixels, 1 to 8.
        frames: Number of frames or pages; only the first is decoded.
        has_icc: Whether an ICC profile is embedded.
        complete: Whether the file is whole as far as its headers tell.
    """

    format: str
    mode: str
    width: int
    height: int
    orientation: int
    frames: int
    has_icc: bool
    complete: bool

    @property
    def animated(self) -> bool:
        """Whether there is more than one frame or page."""
        return self.frames > 1


def probe(data: bytes, settings: Settings | None = None, *, name: str = "image") -> Header:
    """Read the headers of an encoded picture and check every limit, without decoding a pixel.

    Args:
        data: The encoded picture.
        settings: Limits on bytes, pixels and sides; the defaults when omitted.
        name: What messages call the picture.

    Raises:
        DecodeError: The bytes are no picture that is read, end inside their headers, or are over a limit.
    """
    with failures(name, len(data)):
        scan = inspect(data, settings or Settings())
    width, height = upright_size(scan.width, scan.height, scan.orientation)
    return Header(
        format=scan.format,
        mode=scan.mode,
        width=width,
        height=height,
        orientation=scan.orientation,
        frames=scan.frames,
        has_icc=scan.icc is not None,
        complete=not scan.missing,
    )


def decode(data: bytes, settings: Settings | None = None, *, partial: bool = False, name: str = "image") -> Image:
    """Decode a picture to an image: uint8 ``(height, width, 3)`` RGB, 0 to 255.

    The image is upright (EXIF orientation), in sRGB (an ICC profile is applied), with transparency on white, scaled to
    8 bits from 16, and the first frame where there are several.

    Args:
        data: The encoded picture.
        settings: Limits on bytes, pixels and sides; the defaults when omitted.
        partial: Accept a file that ends early and give what there is; what is missing is of any one colour. WebP and
            AVIF files that end early cannot be decoded even so.
        name: What messages call the picture.

    Raises:
        DecodeError: With one of `unframe.errors.DECODE_CODES`; no other exception is raised for any bytes.
    """
    with failures(name, len(data)):
        scan = inspect(data, settings or Settings())
        image = decode_plain(scan)
        if image is not None:
            return image
        picture = native(scan, partial=partial)
        convert = colour.converter(
            picture.mode, icc=scan.icc, transparency=transparency(picture, scan), inverted=scan.inverted
        )
        return upright(picture, scan.orientation, convert)


def inspect(data: bytes, settings: Settings) -> Scan:
    """What the headers say, once every limit is met."""
    if len(data) > settings.max_bytes:
        raise too_many_bytes(len(data), settings)
    scan = examine(data)
    check_size(scan.width, scan.height, settings)
    return scan


def too_many_bytes(size: int, settings: Settings) -> DecodeError:
    """The error for a file over the limit of bytes; the text reads on from the file's name."""
    return DecodeError(
        "too-large",
        f"has {size:,} bytes; the limit is {settings.max_bytes:,}; raise {PREFIX}MAX_BYTES or save it smaller",
    )


def check_size(width: int, height: int, settings: Settings) -> None:
    """Raise `DecodeError` when a picture of this size is over a limit."""
    size = f"is {width:,} × {height:,} pixels"
    if max(width, height) > settings.max_side:
        limit = f"the limit for a side is {settings.max_side:,}"
        raise DecodeError("too-large", f"{size}; {limit}; raise {PREFIX}MAX_SIDE or scale it down")
    if width * height > settings.max_pixels:
        limit = f"{_mega(width * height)} megapixels; the limit is {_mega(settings.max_pixels)}"
        raise DecodeError("too-large", f"{size}, {limit}; raise {PREFIX}MAX_PIXELS or scale it down")


def _mega(pixels: int) -> str:
    return f"{pixels / 1e6:,.10g}"


def opened(scan: Scan) -> ImageFile.ImageFile:
    """The first frame as Pillow opens it, without its pixels."""
    end = END_MARKER if scan.missing and scan.format == "JPEG" else b""  # else the decoder waits for more bytes
    stream = b"".join((*scan.parts, end))
    module, plugin = _PLUGINS[scan.format]
    picture: ImageFile.ImageFile = getattr(import_module(module), plugin)(BytesIO(stream))
    if picture.size != (scan.width, scan.height):
        wide, high = picture.size
        raise corrupt(f"declares {scan.width:,} × {scan.height:,} pixels, but holds {wide:,} × {high:,}")
    picture.decodermaxblock = max(len(stream), picture.decodermaxblock)
    return picture


def native(scan: Scan, *, partial: bool = False) -> ImageFile.ImageFile:
    """The first frame in its stored mode and layout, with its pixels loaded."""
    if scan.missing and not partial:
        raise DecodeError("truncated", f"{scan.missing}; fetch it again")
    picture = opened(scan)
    if scan.format == "TIFF":
        picture.im = PillowImage.new(picture.mode, picture.size).im  # else Pillow's own pixel limit applies
    _load(picture, scan)
    return picture


def _load(picture: ImageFile.ImageFile, scan: Scan) -> None:
    try:
        picture.load()
    except (OSError, EOFError, SyntaxError) as error:
        if not scan.missing:
            raise
        picture.tile = []  # the rows that were decoded stay; Pillow no longer asks for the rest
        try:
            picture.load()
        except OSError:
            raise DecodeError("truncated", f"{scan.missing}, and none of it can be decoded") from error


def transparency(picture: PillowImage.Image, scan: Scan) -> int | tuple[int, ...] | bytes | None:
    """The transparent colour of a decoded picture, in the scale of its pixels."""
    found: int | tuple[int, ...] | bytes | None = picture.info.get("transparency")
    return scan.transparency if scan.format == "PNG" else found


def upright(picture: PillowImage.Image, orientation: int, convert: colour.Converter) -> Image:
    """A loaded picture as an upright image, converted band by band."""
    width, height = picture.size
    turned_width, turned_height = upright_size(width, height, orientation)
    image: Image = np.empty((turned_height, turned_width, 3), dtype=np.uint8)
    stored = as_stored(image, orientation)
    rows = max(_BAND_PIXELS // width, 1)
    if rows >= height:
        stored[:] = convert(picture)
        return image
    for top in range(0, height, rows):
        stored[top : top + rows] = convert(picture.crop((0, top, width, min(top + rows, height))))
    return image


@contextmanager
def failures(name: str, size: int) -> Iterator[None]:
    """Turn whatever reading or decoding raises into one `DecodeError` whose message begins with the file's name."""
    try:
        yield
    except DecodeError as error:
        raise DecodeError(error.code, f"{name} {error}") from error.__cause__
    except MemoryError as error:
        message = f"{name} needs more memory than there is; lower {PREFIX}JOBS or scale it down"
        raise DecodeError("too-large", message) from error
    except PillowImage.DecompressionBombError as error:
        message = f"{name} is over the limit that this process set for Pillow (PIL.Image.MAX_IMAGE_PIXELS): {error}"
        raise DecodeError("too-large", message) from error
    except (struct.error, IndexError, OverflowError) as error:
        message = f"{name} ends inside its headers, after {size:,} bytes, or points outside itself; fetch it again"
        raise DecodeError("truncated", message) from error
    except Exception as error:  # Pillow lets eight classes through; each means that these bytes cannot be decoded
        if "truncated" in str(error):
            message = f"{name} ends before its picture is complete ({size:,} bytes); fetch it again"
            raise DecodeError("truncated", message) from error
        raise DecodeError("corrupt", f"{name} cannot be decoded: {_reason(error)}; export it again") from error


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__

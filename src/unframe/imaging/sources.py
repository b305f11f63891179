"""From whatever holds a picture to bytes and images."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.errors import DecodeError
from unframe.imaging import colour
from unframe.imaging.decode import check_size, decode, failures, too_many_bytes, upright
from unframe.imaging.exif import orientation
from unframe.settings import Settings
from unframe.types import Image

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | PillowImage.Image | NDArray[np.uint8]
"""What `load` takes: a path, an encoded picture, a Pillow picture, or an array."""

_REPAIRS = {
    errno.ENOENT: "there is no such file; check the path",
    errno.EISDIR: "it is a folder; name a file in it",
    errno.EACCES: "permission denied; make it readable for this user",
    errno.EPERM: "permission denied; make it readable for this user",
}


def read(source: str | os.PathLike[str] | bytes | bytearray | memoryview, settings: Settings | None = None) -> bytes:
    """The bytes of an encoded picture, of which never more than the limit are held.

    Args:
        source: A path, or the bytes themselves.
        settings: Carries the limit of bytes; the defaults when omitted.

    Raises:
        DecodeError: ``unreadable`` or ``too-large``.
    """
    settings = settings or Settings()
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
        if len(data) > settings.max_bytes:
            raise DecodeError("too-large", f"image {too_many_bytes(len(data), settings)}")
        return data
    name = os.fspath(source)
    try:
        with Path(source).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = b"" if size > settings.max_bytes else file.read(settings.max_bytes + 1)
    except (OSError, ValueError) as error:
        raise DecodeError("unreadable", f"{name} cannot be read: {_repair(error)}") from error
    if max(size, len(data)) > settings.max_bytes:
        raise DecodeError("too-large", f"{name} {too_many_bytes(max(size, len(data)), settings)}")
    return data


def _repair(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno in _REPAIRS:
        return _REPAIRS[error.errno]
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def load(source: Source, settings: Settings | None = None, name: str | None = None) -> Image:
    """The image that a source holds: uint8 ``(height, width, 3)`` RGB, upright, transparency on white.

    Args:
        source: A path, an encoded picture, a Pillow picture, or a uint8 array of shape ``(height, width)``,
            ``(height, width, 3)`` RGB or ``(height, width, 4)`` RGBA.
        settings: Limits on bytes, pixels and sides; the defaults when omitted.
        name: What messages call the picture; its path, or ``image``, when omitted.

    Raises:
        DecodeError: The source cannot be read or decoded, is over a limit, or is no kind of source at all.
    """
    settings = settings or Settings()
    if isinstance(source, str | os.PathLike):
        return decode(read(source, settings), settings, name=name or os.fspath(source))
    name = name or "image"
    match source:
        case bytes() | bytearray() | memoryview():
            return decode(bytes(source), settings, name=name)
        case PillowImage.Image():
            return _from_pillow(source, settings, name)
        case np.ndarray():
            return _from_array(source, name)
    raise DecodeError(
        "unsupported-format",
        f"{name} is of type {type(source).__name__}; pass a path, bytes, a Pillow image or a NumPy array",
    )


def _from_pillow(picture: PillowImage.Image, settings: Settings, name: str) -> Image:
    with failures(name, 0):
        check_size(picture.width, picture.height, settings)
        picture.load()
        if picture.mode == "P" and picture.has_transparency_data:  # in the palette, or in a note beside it
            picture = picture.convert("RGBA")
        turn = orientation(picture.info.get("exif"))
        convert = colour.converter(
            picture.mode, icc=picture.info.get("icc_profile"), transparency=picture.info.get("transparency")
        )
        return upright(picture, turn, convert)


def _from_array(array: NDArray[np.uint8], name: str) -> Image:
    if array.dtype != np.uint8:
        raise DecodeError(
            "unsupported-format",
            f"{name} is an array of {array.dtype}; pass uint8 from 0 to 255 (scale, round and convert it first)",
        )
    if array.size == 0 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in {3, 4})):
        raise DecodeError(
            "unsupported-format",
            f"{name} is an array of shape {array.shape}; pass (height, width), (height, width, 3) RGB or "
            "(height, width, 4) RGBA",
        )
    if array.ndim == 3 and array.shape[2] == 3:
        return np.array(array, order="C")
    picture = PillowImage.fromarray(np.ascontiguousarray(array))
    return upright(picture, 1, colour.converter(picture.mode))

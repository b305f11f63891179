"""Carry out a plan on an encoded picture."""

from __future__ import annotations

from unframe.errors import DecodeError, SettingsError
from unframe.imaging import probe
from unframe.imaging.decode import check_size
from unframe.imaging.encode import crop, encode
from unframe.removal.backdrop import extend
from unframe.removal.plan import Plan
from unframe.settings import Settings
from unframe.types import Image


def apply(plan: Plan, data: bytes, image: Image, settings: Settings | None = None, *, name: str = "image") -> bytes:
    """The encoded picture with its frame taken off, in the format it came in.

    Filling and padding write the picture anew from ``image``: upright, opaque and in sRGB.

    Args:
        plan: What to do.
        data: The encoded picture.
        image: The same picture decoded: uint8 ``(height, width, 3)`` RGB.
        settings: Limits on what is decoded and on the size to pad to; the defaults when omitted.
        name: What messages call the picture.

    Raises:
        DecodeError: The picture has several frames, of which only one would be left.
        OutputError: The format cannot hold the result.
        RemovalError: ``not-plain``: painting would invent content.
        SettingsError: The size to pad to is over a limit.
    """
    if plan.mode == "crop":
        return crop(data, plan.inner, settings, name=name)
    if probe(data, settings, name=name).animated:
        message = f"{name} has several frames, of which one would be left; save the one that counts by itself"
        raise DecodeError("unsupported-format", message)
    try:
        check_size(*plan.canvas, settings or Settings())
    except DecodeError as error:
        raise SettingsError(f"the size to pad to {error}") from error
    return encode(extend(plan, image), like=data)

"""Carry out a plan on an encoded picture."""

from __future__ import annotations

from unframe.imaging.encode import crop, encode
from unframe.removal.backdrop import extend
from unframe.removal.plan import Plan
from unframe.settings import Settings
from unframe.types import Image


def apply(plan: Plan, data: bytes, image: Image, settings: Settings | None = None) -> bytes:
    """The encoded picture with its frame taken off, in the format it came in.

    Args:
        plan: What to do.
        data: The encoded picture.
        image: The same picture decoded: uint8 ``(height, width, 3)`` RGB.
        settings: Limits on what is decoded; the defaults when omitted.

    Raises:
        RemovalError: ``not-plain``: painting would invent content.
    """
    if plan.mode == "crop":
        return crop(data, plan.inner, settings)
    return encode(extend(plan, image), like=data)

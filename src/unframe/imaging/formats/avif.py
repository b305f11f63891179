"""Headers of AVIF files (AV1 Image File Format 1.1 on ISO/IEC 14496-12 and 23008-12).

Sizes and turns hide in a web of references between boxes; libavif, through Pillow, resolves them without decoding.
"""

from __future__ import annotations

import re
import struct
from importlib import import_module
from io import BytesIO
from typing import Any

from unframe.errors import DecodeError
from unframe.imaging.exif import orientation
from unframe.imaging.formats.scan import Scan, corrupt, cut_short

_EXIF_ITEM = re.compile(rb"(infe\x02...(?:.{4})|infe\x03...(?:.{6}))Exif", re.DOTALL)


def scan(data: bytes) -> Scan:
    """Read the headers of an AVIF file."""
    whole = _length(data)
    # Pillow warns about odd EXIF; under another name it is passed over. The turn is stored beside it (irot, imir).
    quiet = _EXIF_ITEM.sub(rb"\1skip", data)
    try:
        picture: Any = import_module("PIL.AvifImagePlugin").AvifImageFile(BytesIO(quiet))
    except (ValueError, SyntaxError, OSError) as error:
        if len(data) < whole:
            raise DecodeError("truncated", cut_short(len(data), whole)) from error
        raise corrupt("is an AVIF whose headers cannot be read") from error
    return Scan(
        format="AVIF",
        mode=picture.mode,
        width=picture.width,
        height=picture.height,
        parts=(quiet,),
        orientation=orientation(picture.info.get("exif")),
        frames=picture.n_frames,
        icc=picture.info.get("icc_profile"),
        missing=cut_short(len(data), whole) if len(data) < whole else "",
    )


def _length(data: bytes) -> int:
    """Bytes that the outermost boxes claim."""
    at = 0
    while at + 8 <= len(data):
        size, _ = struct.unpack_from(">I4s", data, at)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        if size == 0:  # to the end of the file
            return len(data)
        if size < 8:
            raise corrupt(f"has a box of impossible length at byte {at:,}")
        at += size
    return at

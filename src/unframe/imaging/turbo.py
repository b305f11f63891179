"""The quick way for plain JPEGs: libjpeg-turbo straight into an array, with the very pixels that Pillow gives.

Pillow decodes with the same library, but through pixels of four bytes and two more copies, which doubles the time
(docs/results/decoders.md). A test holds the two ways to equal pixels.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np

from unframe.imaging import colour
from unframe.imaging.formats import Scan
from unframe.imaging.turn import as_stored, upright_size
from unframe.types import Image


def decode_plain(scan: Scan) -> Image | None:
    """The upright image; ``None`` for all but whole, faultless JPEGs in grey or colours that need no conversion."""
    if scan.format != "JPEG" or scan.missing or scan.mode not in {"L", "RGB"}:
        return None
    if scan.icc and not (scan.mode == "RGB" and colour.is_srgb(scan.icc)):
        return None
    try:
        stored: Image = import_module("simplejpeg").decode_jpeg(b"".join(scan.parts), "RGB")
    except ValueError:  # any fault, however small: Pillow passes over the small ones and names the others
        return None
    if stored.shape[:2] != (scan.height, scan.width):
        return None
    if scan.orientation == 1:
        return stored
    width, height = upright_size(scan.width, scan.height, scan.orientation)
    image: Image = np.empty((height, width, 3), dtype=np.uint8)
    as_stored(image, scan.orientation)[:] = stored
    return image

"""Headers of BMP files (Microsoft, "Bitmap Storage" and BITMAPV5HEADER)."""

from __future__ import annotations

import struct

from unframe.imaging.formats.scan import Scan, corrupt, cut_short, unsupported

_RAW, _RLE8, _RLE4, _BITFIELDS, _JPEG, _PNG, _ALPHA_BITFIELDS = range(7)
_BITS = (1, 4, 8, 16, 24, 32)
_RUN = 255
"""Most pixels that two bytes of a run-length code can paint."""


def scan(data: bytes) -> Scan:
    """Read the headers of a BMP file."""
    offset, size = struct.unpack_from("<II", data, 10)
    if size == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression = _RAW
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    _check(bits, compression)
    height = abs(height)  # negative: stored from the top
    return Scan(
        format="BMP",
        mode=_mode(bits),
        width=width,
        height=height,
        parts=(data,),
        missing=_missing(len(data), offset, width, height, bits, compression),
    )


def _check(bits: int, compression: int) -> None:
    if compression in {_JPEG, _PNG} or compression > _ALPHA_BITFIELDS:
        raise unsupported(f"is a BMP with compression {compression}, which unframe does not read")
    if bits not in _BITS:
        raise unsupported(f"is a BMP of {bits} bits a pixel; only {', '.join(map(str, _BITS))} are read")
    if {_RLE8: 8, _RLE4: 4}.get(compression, bits) != bits:
        raise corrupt(f"declares run-length coding of another depth than its {bits} bits")


def _mode(bits: int) -> str:
    return {1: "1", 4: "P", 8: "P"}.get(bits, "RGB")


def _missing(have: int, offset: int, width: int, height: int, bits: int, compression: int) -> str:
    if compression in {_RLE8, _RLE4}:
        packed = max(have - offset, 0)
        if packed * _RUN < width * height:
            return f"holds {packed:,} bytes of compressed pixels, too few for a picture of its size"
        return ""
    stride = (width * bits + 31) // 32 * 4
    whole = offset + stride * (height - 1) + (width * bits + 7) // 8  # the padding of the last row may be left out
    return cut_short(have, whole) if have < whole else ""

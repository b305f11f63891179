"""Headers of BMP files (Microsoft, "Bitmap Storage" and BITMAPV5HEADER)."""

from __future__ import annotations

import struct

from unframe.imaging.formats.scan import Scan, corrupt, cut_short, unsupported

_RAW, _RLE8, _RLE4, _BITFIELDS, _JPEG, _PNG, _ALPHA_BITFIELDS = range(7)
_BITS = (1, 4, 8, 16, 24, 32)
_START, _WITH_ALPHA, _V4, _MASKS = 14, 56, 108, 54
_RUN = 255
"""Most pixels that two bytes of a run-length code can paint."""


def with_alpha(data: bytes) -> bytes:
    """A file of 32 bits a pixel, as Pillow writes it, under a header that says where alpha is (BITMAPV4HEADER).

    Under Pillow's own header, of 40 bytes, the fourth byte of a pixel has no meaning.
    """
    more = struct.pack("<4I4s48x", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, b"BGRs")  # sRGB: end points and gamma are void
    start = struct.pack("<2sIIII", data[:2], len(data) + len(more), 0, _START + _V4, _V4)
    return start + data[18:30] + struct.pack("<I", _BITFIELDS) + data[34:_MASKS] + more + data[_MASKS:]


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
        mode=_mode(data, size, bits, compression),
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


def _mode(data: bytes, size: int, bits: int, compression: int) -> str:
    if bits == 32 and compression == _BITFIELDS and size >= _WITH_ALPHA:
        *colours, alpha = struct.unpack_from("<4I", data, _MASKS)
        return "RGBA" if alpha or not any(colours) else "RGB"  # no mask at all stands for the usual ones
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

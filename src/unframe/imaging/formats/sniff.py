"""Which format do bytes claim to be: from their first bytes, never from a file name."""

from __future__ import annotations

import re

from unframe.errors import DecodeError
from unframe.imaging.formats.scan import unsupported

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""The formats that are read, as Pillow spells them."""

_MAGIC = (
    ("JPEG", rb"\xff\xd8\xff"),
    ("PNG", rb"\x89PNG\r\n\x1a\n"),
    ("WEBP", rb"RIFF....WEBP"),
    ("GIF", rb"GIF8[79]a"),
    ("BMP", rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0"),
    ("TIFF", rb"II[*+]\0|MM\0[*+]"),
    ("AVIF", rb"....ftyp(avif|avis)"),
)

_OTHERS = (
    ("HEIC", rb"....ftyp(hei[cxms]|hev[cxms]|mif1|msf1|crx )"),
    ("JPEG XL", rb"\xff\x0a|\0\0\0\x0cJXL "),
    ("JPEG 2000", rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"),
    ("Photoshop (PSD)", rb"8BPS"),
    ("icon (ICO or CUR)", rb"\0\0[\x01\x02]\0[^\0]\0"),
    ("SVG", rb"\s*(<\?xml[^>]*>\s*)?(<!--((?!-->).)*-->\s*)*(<!DOCTYPE svg|<svg[\s>])"),
    ("netpbm (PNM, PAM or PFM)", rb"P[1-7fF][\s#]"),
    ("QOI", rb"qoif"),
    ("OpenEXR", rb"v/1\x01"),
    ("Radiance HDR", rb"#\?R(ADIANCE|GBE)"),
    ("DirectDraw surface (DDS)", rb"DDS "),
    ("farbfeld", rb"farbfeld"),
    ("Sun raster", rb"\x59\xa6\x6a\x95"),
    ("SGI", rb"\x01\xda[\0\x01][\x01\x02]"),
    ("Apple icon (ICNS)", rb"icns"),
    ("PCX", rb"\n[\0\x02\x03\x04\x05]\x01[\x01\x02\x04\x08]"),
    ("XBM", rb"\s*(/\*.*?\*/\s*)?#define\s+\w+_width"),
    ("XPM", rb"/\* XPM \*/"),
    ("MNG or JNG", rb"[\x8a\x8b][MJ]NG\r\n\x1a\n"),
    ("FLIF", rb"FLIF"),
    ("BPG", rb"BPG\xfb"),
    ("Windows metafile (WMF or EMF)", rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF"),
    ("DICOM", rb".{128}DICM"),
    ("FITS", rb"SIMPLE  ="),
    ("PostScript", rb"%!PS|\xc5\xd0\xd3\xc6"),
    ("RIFF animation (ANI)", rb"RIFF....ACON"),
)

_HEAD = 512
_KNOWN = [(name, re.compile(pattern, re.DOTALL)) for name, pattern in _MAGIC]
_FOREIGN = [(name, re.compile(pattern, re.DOTALL)) for name, pattern in _OTHERS]


def sniff(data: bytes) -> str:
    """Name of the format, one of `FORMATS`.

    Raises:
        DecodeError: ``not-an-image``, ``unsupported-format``, or ``truncated`` when nothing but a format's signature
            has begun.
    """
    head = data[:_HEAD]
    if not head:
        raise DecodeError("truncated", "is empty (0 bytes); fetch it again")
    for name, pattern in _KNOWN:
        if pattern.match(head):
            return name
    if _is_avif_by_compatible_brand(head):
        return "AVIF"
    for name, pattern in _FOREIGN:
        if pattern.match(head):
            raise unsupported(f"is a picture in the format {name}, which unframe does not read")
    if len(head) < 8 and any(signature.startswith(head) for signature in _SIGNATURES):
        raise DecodeError("truncated", f"ends after {len(head)} bytes, inside the signature of its format")
    raise DecodeError(
        "not-an-image",
        f"is not a picture: its first bytes, {head[:8].hex(' ')}, begin none of the formats {', '.join(FORMATS)}",
    )


_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")


def _is_avif_by_compatible_brand(head: bytes) -> bool:
    if head[4:8] != b"ftyp":
        return False
    brands = head[16 : int.from_bytes(head[:4], "big")]
    return any(brands[each : each + 4] in {b"avif", b"avis"} for each in range(0, len(brands), 4))

"""Bytes to image and image to bytes: the only room that knows file formats.

Training, serving, the command line and the evaluation all decode through `decode`, so that all see the same pixels.
"""

from __future__ import annotations

from unframe.imaging.decode import Header, decode, probe
from unframe.imaging.encode import crop, encode
from unframe.imaging.formats import FORMATS
from unframe.imaging.resize import Resizer
from unframe.imaging.sources import Source, load, read

__all__ = ["FORMATS", "Header", "Resizer", "Source", "crop", "decode", "encode", "load", "probe", "read"]

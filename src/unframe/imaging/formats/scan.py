"""What a reader of headers reports."""

from __future__ import annotations

from dataclasses import dataclass

from unframe.errors import DecodeError

Part = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Scan:
    """One picture as its headers describe it.

    Attributes:
        format: Name of the format, as Pillow spells it.
        mode: Pillow mode that the pixels decode to.
        width: Stored width in pixels, before orientation.
        height: Stored height in pixels, before orientation.
        parts: The bytes that the decoder needs, in order; metadata are left out.
        orientation: EXIF orientation, 1 to 8.
        frames: Number of frames or pages.
        icc: ICC profile, not checked in any way.
        exif: EXIF block, not checked in any way.
        missing: In what way the file is incomplete, as in ``ends after 12 of 40 bytes``; empty when it is whole.
        transparency: Transparent colour or palette alphas in the scale of the decoded pixels, for formats that
            declare transparency beside the pixels.
        inverted: Whether the decoder assumes inverted CMYK where the file holds plain CMYK.
        lossless: Whether the pixels were stored without loss, for formats that know both.
    """

    format: str
    mode: str
    width: int
    height: int
    parts: tuple[Part, ...]
    orientation: int = 1
    frames: int = 1
    icc: bytes | None = None
    exif: bytes | None = None
    missing: str = ""
    transparency: int | tuple[int, ...] | bytes | None = None
    inverted: bool = False
    lossless: bool = False

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise corrupt(f"declares {self.width:,} × {self.height:,} pixels")


def corrupt(text: str) -> DecodeError:
    """The error for a file that contradicts itself; the text reads on from the file's name."""
    return DecodeError("corrupt", f"{text}; export the picture again from its source")


def unsupported(text: str) -> DecodeError:
    """The error for a format or variant that is not read; the text reads on from the file's name."""
    return DecodeError("unsupported-format", f"{text}; convert it to JPEG, PNG or WebP")


def cut_short(have: int, whole: int | None = None) -> str:
    """Text for `Scan.missing`: the file has this many bytes, of about so many that it should have."""
    if whole is None:
        return f"ends after {have:,} bytes, before the picture is complete"
    return f"ends after {have:,} of about {whole:,} bytes"

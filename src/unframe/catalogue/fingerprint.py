"""A perceptual hash that sees through frames: the framed and the clean copy of a photograph get fingerprints alike.

The ordinary pHash of a picture changes when a frame is added, because the photograph moves, shrinks or loses its edge.
Here the photograph that a detector found inside the frame is hashed, and beside it the parts of it that would remain
had a frame hidden some of its edges, so that one copy's photograph meets one of the other's parts.

Every hash is a pHash of 256 bits (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions"):
the signs, about their median, of the 16 × 16 lowest frequencies of the picture's grey levels. The cosines are
integrated over the part in question, so that a part is hashed without being resampled.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.types import Box, Image

SIDE = 16
"""Frequencies across, and down, that a hash is made of."""

BITS = SIDE * SIDE
"""Bits of a hash."""

GRID = 128
"""Pixels of a side of the reduced picture that is hashed."""

ALL_AROUND = (0.02, 0.04, 0.06, 0.08, 0.10, 0.13, 0.16, 0.20, 0.25)
ONE_SIDE = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30)
TWO_SIDES = (0.03, 0.06, 0.10, 0.15, 0.20)
"""Shares of a side that the parts of a photograph leave out: frames hide about so much."""

BACKDROP = 20
"""Grey levels by which anything differs from a plain backdrop."""

SPECK = 0.01
"""Share of a line of pixels that must differ from the backdrop, or else the line belongs to it."""

Grey = NDArray[np.float32]
"""Grey levels of a reduced picture, ``(GRID, GRID)``, or frequencies of such."""

Hashes = NDArray[np.uint8]
"""uint8 ``(hashes, 32)``: the bits of each hash, eight to a byte, row by row of the frequencies."""

Span = tuple[float, float]
"""Where a part begins and ends, as shares of a side, 0 to 1."""

WHOLE, TRIMMED, MIRRORED, PHOTOGRAPH = range(4)
"""Rows of a fingerprint's hashes; the parts follow on the photograph."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes of one picture.

    Attributes:
        hashes: uint8 ``(3 + PARTS, 32)``. The rows are the picture as it is; the photograph without the plain backdrop
            around what it shows; the photograph with left and right exchanged; the photograph; and what remains of it
            without some of its edges. The photograph is the whole picture where there is no frame.
    """

    hashes: Hashes

    @property
    def hex(self) -> str:
        """The hash of the photograph as 64 hexadecimal digits."""
        return bytes(self.hashes[PHOTOGRAPH]).hex()

    def text(self) -> str:
        """The fingerprint as text, for a record; `from_text` reads it."""
        return b64encode(self.hashes.tobytes()).decode()

    @classmethod
    def from_text(cls, text: str) -> Fingerprint:
        """The fingerprint that a text stands for.

        Raises:
            ValueError: It stands for none.
        """
        hashes = np.frombuffer(b64decode(text, validate=True), dtype=np.uint8)
        if hashes.size != (PHOTOGRAPH + PARTS) * BITS // 8:
            raise ValueError(f"a fingerprint has {(PHOTOGRAPH + PARTS) * BITS // 8:,} bytes, not {hashes.size:,}")
        return cls(hashes.reshape(PHOTOGRAPH + PARTS, BITS // 8))

    def distance(self, other: Fingerprint, *, mirrored: bool = False) -> int:
        """Bits out of 256 in which the two pictures differ where they are most alike.

        Args:
            other: Fingerprint of the other picture.
            mirrored: Also compare with the mirror image.
        """
        return int(distances([self], [other], mirrored=mirrored)[0, 0])


def distances(
    first: Sequence[Fingerprint], second: Sequence[Fingerprint], *, mirrored: bool = False
) -> NDArray[np.int16]:
    """Bits in which each picture of one list differs from each of the other: int16 ``(first, second)``, 0 to 256.

    Memory grows with the product of the two lengths, about 350 bytes for each pair of pictures.

    Args:
        first: Fingerprints of some pictures.
        second: Fingerprints of others.
        mirrored: Also compare with mirror images.
    """
    one, other = _as_signs(first), _as_signs(second)
    alike = np.maximum.reduce(
        [
            one[:, WHOLE] @ other[:, WHOLE].T,
            one[:, TRIMMED] @ other[:, TRIMMED].T,
            _nearest_part(one[:, PHOTOGRAPH], other),
            _nearest_part(other[:, PHOTOGRAPH], one).T,
        ]
    )
    if mirrored:
        backwards = _nearest_part(one[:, MIRRORED], other), _nearest_part(other[:, MIRRORED], one).T
        alike = np.maximum.reduce([alike, *backwards])
    differing: NDArray[np.int16] = ((BITS - alike) / 2).astype(np.int16)
    return differing


def _as_signs(fingerprints: Sequence[Fingerprint]) -> NDArray[np.float32]:
    """float32 ``(pictures, hashes, 256)`` of -1 and 1: a product of two is bits that agree less others."""
    bits = np.unpackbits(np.stack([each.hashes for each in fingerprints]), axis=-1)
    return np.where(bits, np.float32(1), np.float32(-1))


def _nearest_part(photographs: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Likeness of each photograph to the most alike part of each other picture: float32 ``(pictures, others)``."""
    parts = others[:, PHOTOGRAPH:]
    nearest: NDArray[np.float32] = (photographs @ parts.reshape(-1, BITS).T).reshape(-1, *parts.shape[:2]).max(axis=2)
    return nearest


def fingerprint(image: Image, inner: Box | None = None) -> Fingerprint:
    """The fingerprint of a picture.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.
        inner: The photograph inside the frame; the whole picture when there is none.

    Raises:
        ValueError: The box holds no pixel of the picture.
    """
    whole = Box.whole(image.shape[1], image.shape[0])
    inner = inner or whole
    if inner.area == 0 or not whole.contains(inner):
        raise ValueError(f"inner box {tuple(inner)} holds no pixel or leaves the picture {tuple(whole)}")
    picture = PillowImage.fromarray(np.ascontiguousarray(image))
    photograph = _reduced(picture, inner)
    grey = _luma(photograph)
    frequencies = _frequencies(grey, _DOWN, _ACROSS)
    down, across = shown(photograph)
    trimmed = _frequencies(grey, _cosines(down), _cosines(across).T)
    mirror = np.where(np.arange(SIDE) % 2, np.float32(-1), np.float32(1))  # what it does to cosines across
    as_it_is = frequencies[0]
    if inner != whole:
        as_it_is = _frequencies(_luma(_reduced(picture, whole)), _DOWN[0], _ACROSS[0])
    return Fingerprint(_hashes(np.stack([as_it_is, trimmed, frequencies[0] * mirror, *frequencies])))


def _frequencies(grey: Grey, down: Grey, across: Grey) -> Grey:
    """The lowest frequencies of parts of a picture, ``(16, 16)`` each, the lowest first."""
    frequencies: Grey = np.matmul(np.matmul(down, grey), across)
    return frequencies


def shown(image: Image) -> tuple[Span, Span]:
    """Where something stands before a plain backdrop, down and across, as shares of the sides.

    The backdrop is the median colour along the edges of the picture. Where next to nothing, or every line, differs from
    it, the answer is the whole picture.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.
    """
    edges = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    backdrop = np.median(edges, axis=0)
    other = np.abs(image - backdrop).max(axis=2) > BACKDROP
    down, across = _extent(other.mean(axis=1)), _extent(other.mean(axis=0))
    return (down, across) if down and across else ((0.0, 1.0), (0.0, 1.0))


def _extent(share: NDArray[np.float64]) -> Span | None:
    """From the first to the last line of which more than a speck differs; ``None`` when that is next to nothing."""
    lines = np.flatnonzero(share > SPECK)
    if not lines.size or lines[-1] + 1 - lines[0] < len(share) / 10:
        return None
    return float(lines[0] / len(share)), float((lines[-1] + 1) / len(share))


def _reduced(picture: PillowImage.Image, box: Box) -> Image:
    """A part of the picture as `GRID` × `GRID` pixels, each the mean of the area that it covers."""
    return np.asarray(picture.resize((GRID, GRID), PillowImage.Resampling.BOX, box=box))


def _luma(image: Image) -> Grey:
    """Luma of ITU-R BT.601."""
    grey: Grey = np.matmul(image, np.array([0.299, 0.587, 0.114], dtype=np.float32))
    return grey


def _cosines(span: Span) -> Grey:
    """Integrals of the cosines of a part over every pixel of a side: float32 ``(16, GRID)``."""
    begin, end = span
    edges = np.clip(np.linspace(0, 1, GRID + 1), begin, end)
    phase = (edges - begin) / (end - begin)
    order = np.arange(1, SIDE)[:, None]
    waves = np.diff(np.sin(np.pi * order * phase), axis=1) / (np.pi * order)
    return np.concatenate([np.diff(phase)[None], waves]).astype(np.float32)


def _hashes(frequencies: Grey) -> Hashes:
    """Hashes from their frequencies, float32 ``(hashes, 16, 16)``."""
    flat = frequencies.reshape(len(frequencies), BITS)
    return np.packbits(flat > np.median(flat, axis=1, keepdims=True), axis=1)


def _parts() -> Iterator[tuple[Span, Span]]:
    whole = (0.0, 1.0)
    yield whole, whole
    for cut in ALL_AROUND:
        yield (cut, 1 - cut), (cut, 1 - cut)
    for cut in ONE_SIDE:
        for part in ((cut, 1.0), (0.0, 1 - cut)):
            yield part, whole
            yield whole, part
    for cut in TWO_SIDES:
        yield (cut, 1 - cut), whole
        yield whole, (cut, 1 - cut)


PARTS = sum(1 for _ in _parts())
"""The photograph, and what remains of it without some of its edges."""

_DOWN = np.stack([_cosines(down) for down, _ in _parts()])
_ACROSS = np.stack([_cosines(across).T for _, across in _parts()])

"""Measure how often the framed and the clean copy of a photograph are found as duplicates, and write the results.

    python -m scripts.duplicates_results ../shared/data -o docs/results/duplicates.md

Each photograph is taken twice: once with a frame that the generator draws, which may cover its edges, lie around it or
cut it to another shape, and once as it is; both at a size of their own and compressed. Frames are located by the
detector that ships. Pairs of different photographs say how often a threshold is wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

import unframe
from unframe.catalogue.fingerprint import BITS, Fingerprint, distances, fingerprint
from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.generate import Generator, Parameters
from unframe.dataset.generator.store import photographs
from unframe.imaging import decode, load
from unframe.types import Box, Image

RATES = (1e-3, 1e-4, 1e-5)
"""Shares of different photographs that are called the same."""

USUAL = 10
"""Bits out of 64 up to which a plain pHash usually counts as the same (the default of imagededup)."""

AS_THEY_ARE = Parameters(framed=1, hard_framed=0, cropped=0, zoomed=0, extended=0, mirrored=0)


class Copy(NamedTuple):
    """One of the two copies of a photograph.

    Attributes:
        ours: Its fingerprint, with the frame where the detector found it.
        told: Its fingerprint, with the frame where it is.
        short: Plain pHash of 64 bits, float32 ``(64,)`` of -1 and 1.
        long: Plain pHash of 256 bits, float32 ``(256,)`` of -1 and 1.
    """

    ours: Fingerprint
    told: Fingerprint
    short: NDArray[np.float32]
    long: NDArray[np.float32]


class Pair(NamedTuple):
    """A photograph with and without a frame."""

    kind: str
    framed: Copy
    clean: Copy


def main() -> None:
    """Draw, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with photos/")
    parser.add_argument("-o", type=Path, required=True, dest="output", help="the document to write")
    parser.add_argument("--count", type=int, default=600, help="photographs (default: 600)")
    parser.add_argument("--seed", type=int, default=9, help="another seed draws other frames")
    chosen = parser.parse_args()
    pairs = list(drawn(chosen.data / "photos", chosen.count, chosen.seed))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(document(pairs, chosen.count, chosen.seed), encoding="utf-8")


def drawn(photos: Path, count: int, seed: int) -> Iterator[Pair]:
    """Pairs of copies, each of another photograph."""
    generator = Generator(photographs(photos), seed, size=(300, 1000), parameters=AS_THEY_ARE)
    detector = unframe.Detector.load()
    used: set[str] = set()
    index = 0
    while len(used) < count:
        picture = generator.draw(index)
        index += 1
        photo = picture.details["photo"]
        if picture.label != "framed" or picture.frame is None or photo in used:
            continue
        used.add(photo)
        clean = recompressed(load(photo), np.random.default_rng([seed, index]))
        yield Pair(picture.frame.kind, copy(picture, detector), copy(clean, detector))


def recompressed(photo: Image, rng: np.random.Generator) -> Image:
    """The photograph at another size, through JPEG."""
    picture = PillowImage.fromarray(photo)
    scale = min(rng.uniform(300, 1000) / max(picture.size), 1.3)
    size = max(8, round(picture.width * scale)), max(8, round(picture.height * scale))
    stream = BytesIO()
    picture.resize(size, PillowImage.Resampling.LANCZOS).save(stream, "JPEG", quality=int(rng.integers(60, 96)))
    return decode(stream.getvalue())


def copy(picture: Drawn | Image, detector: unframe.Detector) -> Copy:
    """Hash one copy in every way."""
    image = picture.image if isinstance(picture, Drawn) else picture
    true = picture.frame.inner if isinstance(picture, Drawn) and picture.frame else None
    frame = detector.detect(image).frame
    found: Box | None = frame.inner if frame else None
    short, long = (
        np.where(imagehash.phash(PillowImage.fromarray(image), hash_size=side).hash.ravel(), 1, -1) for side in (8, 16)
    )
    return Copy(fingerprint(image, found), fingerprint(image, true), short.astype("f4"), long.astype("f4"))


Distances = NDArray[np.float64]
"""float64 ``(pairs, pairs)``: framed copies down, clean ones across; the same photographs on the diagonal."""


def plain(pairs: list[Pair], which: Callable[[Copy], NDArray[np.float32]]) -> Distances:
    """Bits in which plain hashes differ."""
    framed = np.array([which(each.framed) for each in pairs])
    clean = np.array([which(each.clean) for each in pairs])
    return np.asarray((framed.shape[1] - framed @ clean.T) / 2, dtype=np.float64)


def alike(pairs: list[Pair], which: Callable[[Copy], Fingerprint]) -> Distances:
    """Bits in which fingerprints differ."""
    clean = [which(each.clean) for each in pairs]
    return np.concatenate([distances([which(each.framed)], clean) for each in pairs]).astype(np.float64)


class Line(NamedTuple):
    """What one way of comparing finds at one threshold."""

    threshold: int
    wrong: float
    found: float


def at_rate(measured: Distances, rate: float) -> Line:
    """The highest threshold that calls at most this share of different photographs the same."""
    others = measured[~np.eye(len(measured), dtype=bool)]
    thresholds = np.arange(-1, BITS)
    wrong = np.searchsorted(np.sort(others), thresholds, side="right") / len(others)
    return at_threshold(measured, int(thresholds[np.flatnonzero(wrong <= rate)[-1]]))


def at_threshold(measured: Distances, threshold: int) -> Line:
    """What a threshold finds, and how often it is wrong."""
    others = measured[~np.eye(len(measured), dtype=bool)]
    return Line(threshold, float(np.mean(others <= threshold)), float(np.mean(np.diag(measured) <= threshold)))


def document(pairs: list[Pair], count: int, seed: int) -> str:
    """The results as Markdown."""
    ways = {
        "plain pHash, 64 bits": plain(pairs, lambda each: each.short),
        "plain pHash, 256 bits": plain(pairs, lambda each: each.long),
        "**fingerprint, frame as detected**": alike(pairs, lambda each: each.ours),
        "fingerprint, frame as drawn": alike(pairs, lambda each: each.told),
    }
    rows = [
        f"| {name} | " + " | ".join(_cell(at_rate(way, rate)) for rate in RATES) + " |" for name, way in ways.items()
    ]
    usual = at_threshold(ways["plain pHash, 64 bits"], USUAL)
    ours = ways["**fingerprint, frame as detected**"]
    rate = next((each for each in RATES if each <= usual.wrong), RATES[-1])
    best, long = at_rate(ours, 1e-4), ways["plain pHash, 256 bits"]
    kinds = sorted({each.kind for each in pairs})
    return f"""# Duplicates with and without a frame

    python -m scripts.duplicates_results ../shared/data -o docs/results/duplicates.md --count {count} --seed {seed}

{len(pairs)} photographs, each once with a drawn frame and once without, at sizes of their own between 300 and 1000 px,
compressed. The frame may cover the photograph's edges, lie around it, or come with a cut to another shape, so that the
two copies seldom show quite the same. *Found* is the share of the {len(pairs)} pairs at or under a threshold; the
threshold is the highest that calls at most so many of the {len(pairs) * (len(pairs) - 1):,} pairs of different
photographs the same. Photographs come from shops whose pictures resemble each other, and some are of one product.

| hash | {" | ".join(f"found at {rate:g} wrong" for rate in RATES)} |
|---|{"---:|" * len(RATES)}
{chr(10).join(rows)}

At its usual threshold, {USUAL} of 64 bits, the plain pHash finds {usual.found:.3f} of the pairs and is wrong in
{usual.wrong:.1e} of the others; the fingerprint, at no more than {rate:g}, finds {at_rate(ours, rate).found:.3f}.

By kind of frame, at {best.wrong:.0e} wrong, found:

| kind | pairs | plain pHash, 256 bits | fingerprint, frame as detected |
|---|---:|---:|---:|
{chr(10).join(_kind_row(kind, pairs, long, ours) for kind in kinds)}
"""


def _cell(line: Line) -> str:
    return f"{line.found:.3f} (≤ {line.threshold} bits)"


def _kind_row(kind: str, pairs: list[Pair], rival: Distances, ours: Distances) -> str:
    these = np.array([each.kind == kind for each in pairs])
    shares = (np.mean(np.diag(way)[these] <= at_rate(way, 1e-4).threshold) for way in (rival, ours))
    return f"| {kind} | {these.sum()} | " + " | ".join(f"{share:.3f}" for share in shares) + " |"


if __name__ == "__main__":
    main()

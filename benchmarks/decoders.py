"""Which decoder for JPEG: Pillow or simplejpeg? Speed at two sizes, and whether the pixels are the same.

Run with ``python benchmarks/decoders.py PHOTOS``. Every photograph is scaled to fit each size and saved again at
quality 85 with 4:2:0 (the commonest kind), then decoded by every way in turn, so that all see the same load of the
machine. The figures are medians over photographs of the best of several rounds. Pixels are compared on the files as
they are.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image as PillowImage

from unframe.errors import DecodeError
from unframe.imaging import decode, probe
from unframe.types import Image

SIZES = (500, 1000)
ROUNDS = 9


def pillow(data: bytes) -> Image:
    """Pillow alone, without limits, orientation or profile."""
    return np.asarray(PillowImage.open(BytesIO(data)).convert("RGB"))


def pillow_one_block(data: bytes) -> Image:
    """Pillow alone, with the whole file handed to the decoder at once."""
    picture = PillowImage.open(BytesIO(data))
    picture.decodermaxblock = len(data)
    return np.asarray(picture.convert("RGB"))


def simple(data: bytes) -> Image:
    """The package simplejpeg with exact transform and smooth upsampling, as Pillow has them."""
    return np.asarray(simplejpeg.decode_jpeg(data, "RGB", fastdct=False, fastupsample=False))


def simple_fast(data: bytes) -> Image:
    """The package simplejpeg with its fast transform and upsampling."""
    return np.asarray(simplejpeg.decode_jpeg(data, "RGB", fastdct=True, fastupsample=True))


def unframe(data: bytes) -> Image:
    """The decode room: limits, orientation, profile."""
    return decode(data)


WAYS: tuple[Callable[[bytes], Image], ...] = (pillow, pillow_one_block, simple, simple_fast, unframe)


def main() -> None:
    """Measure and print two Markdown tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("photos", type=Path)
    arguments.add_argument("--speed", type=int, default=60, help="photographs to time")
    arguments.add_argument("--pixels", type=int, default=600, help="photographs to compare")
    options = arguments.parse_args()
    files = sorted(options.photos.rglob("*.jp*g"))
    files = [files[each] for each in np.random.default_rng(0).permutation(len(files))]
    print_speed(files[: options.speed])
    print_pixels(files[: options.pixels])


def print_speed(files: list[Path]) -> None:
    """One row for each way: milliseconds, and the ratio to the fastest exact one, at each size."""
    medians = {size: times(files, size) for size in SIZES}
    print(f"{len(files)} photographs\n")
    print("| decoder | " + " | ".join(f"{size} px, ms | ratio to simplejpeg" for size in SIZES) + " |")
    print("|---|" + "---:|---:|" * len(SIZES))
    for way in WAYS:
        cells = [f"{medians[size][way] * 1e3:.2f} | {medians[size][way] / medians[size][simple]:.2f}" for size in SIZES]
        print(f"| {way.__name__} | " + " | ".join(cells) + " |")


def times(files: list[Path], size: int) -> dict[Callable[[bytes], Image], float]:
    """Median seconds of each way, over the photographs, of the best of several rounds."""
    best: dict[Callable[[bytes], Image], list[float]] = {way: [] for way in WAYS}
    for path in files:
        data = saved(path, size)
        rounds: dict[Callable[[bytes], Image], float] = {}
        for _ in range(ROUNDS):
            for way in WAYS:
                way(data)  # so that each finds the memory that it takes in the state in which it leaves it
                started = time.perf_counter()
                way(data)
                rounds[way] = min(rounds.get(way, np.inf), time.perf_counter() - started)
        for way, seconds in rounds.items():
            best[way].append(seconds)
    return {way: statistics.median(found) for way, found in best.items()}


def saved(path: Path, size: int) -> bytes:
    """The photograph with its longer side scaled to this many pixels, as a JPEG of quality 85."""
    picture = PillowImage.open(path).convert("RGB")
    scale = size / max(picture.size)
    out = BytesIO()
    picture.resize([max(round(side * scale), 1) for side in picture.size]).save(out, "JPEG", quality=85)
    return out.getvalue()


def print_pixels(files: list[Path]) -> None:
    """How far each way is from Pillow, over the photographs as they are."""
    plain = [data for data in (path.read_bytes() for path in files) if is_plain(data)]
    print(f"\n{len(plain)} of {len(files)} photographs are upright RGB or grey without a profile\n")
    print("| decoder | files with the same pixels as Pillow | largest difference, levels |\n|---|---:|---:|")
    for way in WAYS[1:]:
        gaps = [int(np.abs(way(data).astype(np.int16) - pillow(data)).max()) for data in plain]
        print(f"| {way.__name__} | {sum(gap == 0 for gap in gaps)} of {len(gaps)} | {max(gaps)} |")


def is_plain(data: bytes) -> bool:
    """Whether nothing but decoding is needed."""
    try:
        header = probe(data)
    except DecodeError as error:
        print(error, file=sys.stderr)
        return False
    upright = header.format == "JPEG" and header.orientation == 1 and header.complete
    return upright and not header.has_icc and header.mode in {"L", "RGB"}


if __name__ == "__main__":
    main()

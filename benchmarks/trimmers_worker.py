"""Runs in the scratch environment of `benchmarks.trimmers`: paths from standard input, a JSON line of boxes for each.

Nothing of unframe is imported here, nor installed there. The first line holds the versions of what trims.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

from PIL import Image, ImageChops

autocrop_rs, enimda, pyvips = (import_module(name) for name in ("autocrop_rs", "enimda", "pyvips"))

Bounds = tuple[int, int, int, int] | None

COLUMNS = 64  # of a picture that enimda looks at: its time grows with the square of the picture


def getbbox(image: Image.Image, tolerance: int) -> Bounds:
    """Pillow's recipe: what differs from the first pixel."""
    difference = ImageChops.difference(image, Image.new("RGB", image.size, image.getpixel((0, 0)) or 0))
    if tolerance:
        difference = difference.point([level if level > tolerance else 0 for level in range(256)] * 3)
    return difference.getbbox()


def find_trim(path: str, threshold: int, corner: bool) -> Bounds:
    """What libvips leaves; with the colour of the corner as sharp does, or against white."""
    image = pyvips.Image.new_from_file(path)
    background = image(0, 0) if corner else [255]
    left, top, width, height = image.find_trim(threshold=threshold, background=background)
    return (left, top, left + width, top + height) if width and height else None


def entropy(path: str, image: Image.Image) -> Bounds:
    """What enimda leaves."""
    top, right, bottom, left = enimda.ENIMDA(fp=path).scan(columns=COLUMNS)
    return left, top, image.width - right, image.height - bottom


def attempt(trim: Callable[..., Bounds], *arguments: Any) -> Bounds:
    """A rival that fails on a picture leaves it whole."""
    try:
        return trim(*arguments)
    except Exception as error:
        print(f"{trim}: {error}", file=sys.stderr)
        return None


def trimmed(path: str) -> dict[str, Bounds]:
    """What each rival leaves of a picture: left, top, right, bottom, or null for all of it."""
    image = Image.open(path).convert("RGB")
    return {
        "Pillow getbbox, exact": attempt(getbbox, image, 0),
        "Pillow getbbox, 10 levels": attempt(getbbox, image, 10),
        "Pillow getbbox, 30 levels": attempt(getbbox, image, 30),
        "libvips find_trim (as sharp: corner, 10)": attempt(find_trim, path, 10, True),
        "libvips find_trim (corner, 30)": attempt(find_trim, path, 30, True),
        "libvips find_trim (default: white, 10)": attempt(find_trim, path, 10, False),
        "autocrop-rs": attempt(lambda: autocrop_rs.detect_file(path).box),
        "enimda": attempt(entropy, path, image),
    }


def main() -> None:
    """Trim every picture."""
    names = {"Pillow": "pillow", "libvips binary": "pyvips-binary", "autocrop-rs": "autocrop-rs", "enimda": "enimda"}
    print(json.dumps({name: version(package) for name, package in names.items()}))
    for line in sys.stdin.read().splitlines():
        print(json.dumps(trimmed(line)), flush=True)


if __name__ == "__main__":
    main()

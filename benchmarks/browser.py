"""The browser's engine beside the Python package: how far their answers differ, and how long each takes.

Run with ``python -m benchmarks.browser > docs/results/browser.md``. Frames are drawn on the photographs of
``examples/``; each picture is judged by both, as PNG, JPEG and WebP, in turn, so that both see the same load of the
machine. The two run the same network by two builds of ONNX Runtime, each on one thread. Needs Chromium, and that
``npm ci`` was run in ``web/``.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image as PillowImage
from playwright.sync_api import sync_playwright
from scripts import browser_engine
from scripts.browser_engine import Engine

from unframe.dataset.generator.generate import Generator, Photo
from unframe.dataset.layouts import read_dataset
from unframe.detector import Detector
from unframe.runtime.card import CARD_FILE, Card
from unframe.runtime.network import find
from unframe.settings import usable_cores
from unframe.types import Image

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FORMATS: dict[str, dict[str, Any]] = {"PNG": {}, "JPEG": {"quality": 85}, "WEBP": {"quality": 85}}
"""Formats that both read, with how the pictures are written."""

HEAD = """# In the browser

Made with `python -m benchmarks.browser --count {count}` on {machine}; {browser}, headless;
weights {weights}….

{count} pictures, {framed} of them framed, were drawn on the photographs of `examples/`, with a longer side of
{least} to {most} px (seed {seed}). Python's verdicts on them as PNG: {verdicts}. Each was judged by the Python package
and by the [page without a server](../web.md), in each format in turn.

## How far the answers differ

| format | probabilities, at most | verdicts that differ | boxes that differ | by at most |
|---|---:|---:|---:|---:|
"""

TIMES = """
Records give probabilities to four digits. *Boxes* are compared where both found a frame; the last column is their
furthest edge. PNG must come to the same pixels in every browser. JPEG need not, since a decoder has some freedom to
round; this browser and Python both use libjpeg-turbo.

## How long a picture takes

From the file's bytes to the record, the median over pictures. Compare the ratios: the milliseconds depend on the
machine and on what else it does. At the end of this run, {load:.0f} threads wanted its {cores} cores.

| format | Python, ms | browser, ms | ratio |
|---|---:|---:|---:|
"""


class Pair(NamedTuple):
    """One picture judged by both: their records, and how many milliseconds they took."""

    python: dict[str, Any]
    browser: dict[str, Any]
    python_ms: float
    browser_ms: float

    @property
    def apart(self) -> float:
        """By how much the probabilities differ."""
        return abs(float(self.python["probability"]) - float(self.browser["probability"]))

    @property
    def edges(self) -> int:
        """By how many pixels the furthest edge differs; 0 unless both found a frame."""
        boxes = [(self.python[name], self.browser[name]) for name in ("inner", "outer")]
        return max((abs(a - b) for one, two in boxes if one and two for a, b in zip(one, two, strict=True)), default=0)


def photographs(folder: Path) -> list[Photo]:
    """What is inside the frames of the examples, and the examples without one."""
    photos = []
    for sample in read_dataset(EXAMPLES):
        path = folder / f"{sample.path.stem}.png"
        with PillowImage.open(sample.path) as picture:
            (picture.crop(sample.inner) if sample.inner else picture).save(path)
        photos.append(Photo(path, sample.path.stem))
    return photos


def encoded(image: Image, format: str) -> bytes:
    """The picture as a file."""
    stream = BytesIO()
    PillowImage.fromarray(image).save(stream, format, **FORMATS[format])
    return stream.getvalue()


def judged(images: list[Image], format: str, detector: Detector, engine: Engine) -> Iterator[Pair]:
    """Every picture, judged by both."""
    for number, image in enumerate(images):
        name, data = f"{number}.{format.lower()}", encoded(image, format)
        began = time.perf_counter()
        python = detector.detect(data, name).record(name)
        python_ms = 1e3 * (time.perf_counter() - began)
        browser = engine.detect(name, data)
        yield Pair(python, browser, python_ms, engine.ms)


def document(pairs: dict[str, list[Pair]], head: str) -> str:
    """The tables."""
    lines = [head]
    for written, found in pairs.items():
        verdicts = sum(each.python["verdict"] != each.browser["verdict"] for each in found)
        boxes = [each.edges for each in found if each.edges]
        apart = max(each.apart for each in found)
        lines.append(f"| {written} | {apart:.4f} | {verdicts} | {len(boxes)} | {max(boxes, default=0)} px |\n")
    lines.append(TIMES.format(load=os.getloadavg()[1], cores=usable_cores()))
    for written, found in pairs.items():
        python = statistics.median(each.python_ms for each in found)
        browser = statistics.median(each.browser_ms for each in found)
        lines.append(f"| {written} | {python:.1f} | {browser:.1f} | {browser / python:.1f} |\n")
    return "".join(lines)


def main() -> None:
    """Draw, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50, help="pictures that are drawn")
    parser.add_argument("--size", type=int, nargs=2, default=(200, 1000), help="least and most pixels of a longer side")
    parser.add_argument("--seed", type=int, default=8)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not browser_engine.PACKAGES.is_dir():
        raise SystemExit("needs Chromium, and that `npm ci` was run in web/")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        folder = Path(scratch)
        least, most = options.size
        generator = Generator(photographs(folder), seed=options.seed, size=(least, most))
        drawn = [generator.draw(index) for index in range(options.count)]
        browser_engine.build(folder / "dist")
        detector = Detector.load("cnn")
        with (
            driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
            browser_engine.served(folder / "dist") as address,
            browser_engine.opened(browser, address) as engine,
        ):
            images = [each.image for each in drawn]
            list(judged(images[:3], "PNG", detector, engine))  # both are warm
            pairs = {each: list(judged(images, each, detector, engine)) for each in FORMATS}
            named = [each.python["verdict"] for each in pairs["PNG"]]
            head = HEAD.format(
                count=options.count,
                machine=f"{platform.machine()}, Python {platform.python_version()}",
                browser=f"Chromium {browser.version}",
                weights=Card.read(find(detector.model) / CARD_FILE).sha256[:12],
                framed=sum(each.label == "framed" for each in drawn),
                least=least,
                most=most,
                seed=options.seed,
                verdicts=", ".join(f"{named.count(word)} {word}" for word in ("framed", "review", "clean")),
            )
    sys.stdout.write(document(pairs, head))


if __name__ == "__main__":
    main()

"""How quick the review page is on a large folder, and what a thousand pictures take in the same run.

Run with ``python -m benchmarks.labelling [--count 100000] [--rounds 7]``; needs Chromium. Pictures are drawn, and saved
as JPEG with a number in a comment, so that no two have the same bytes: files with the same bytes are one picture to the
page. They are recorded as judged already, by what the baseline says about the drawing that each was made from, since
the page and not the detector is measured; their thumbnails are not made yet, so those of a first screen are made while
it loads. `unframe label` runs as a process of its own and is looked at in Chromium without a window.

* *first screen*: from opening the page to the last thumbnail of both grids, in a browser with an empty cache; *at the
  start* right after the program has said where it is, while it looks through the folder, and *later* once it has.
  *Of the processor* is what program, browser and driver took of it together: on an idle machine with several cores a
  first screen takes less than that. *All pictures known*: until the page has loaded the others behind it.
* *moving one*: from the click to the answer that says that the decision is on the disk; *shown* until the picture is
  marked.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from playwright.sync_api import Browser, Page, sync_playwright
from tests import draw

from unframe.detector import Detector
from unframe.labelling import LabelStore
from unframe.labelling.pictures import Pictures, place_of
from unframe.labelling.run import store_of
from unframe.types import Detection

DRAWINGS = 60
SHOP = 1000  # pictures in a folder
PATIENCE = 120_000
BATCH = 2000

# Clicks and keys are timed in the page itself, so that the way to the browser and back does not count.
MOVE = """(number) => new Promise((resolve) => {
    const cell = document.querySelectorAll("[data-side=plain] .cell:not(.decided)")[number];
    const saving = document.getElementById("saving");
    const start = performance.now();
    let shown = 0;
    new MutationObserver((_, watch) => {
        if (saving.textContent !== "saved") return;
        watch.disconnect();
        resolve([performance.now() - start, shown]);
    }).observe(saving, { childList: true });
    cell.querySelector("figure").click();
    requestAnimationFrame(() => { shown = performance.now() - start; });
})"""
SEEN = "[...document.querySelectorAll('.cell img')].every((image) => image.naturalWidth)"


def fill(folder: Path, count: int) -> None:
    """Write pictures that differ in a comment, and record them as judged."""
    detector = Detector.load("baseline")
    rng = np.random.default_rng(0)
    drawn: list[tuple[bytes, Detection]] = []
    for number in range(DRAWINGS):
        image = draw.product(int(rng.integers(300, 600)), int(rng.integers(300, 600)), seed=number)
        if number % 4 == 0:
            image, _ = draw.bordered(image, int(rng.integers(6, 30)))
        buffer = io.BytesIO()
        PillowImage.fromarray(image).save(buffer, "JPEG", quality=70)
        drawn.append((buffer.getvalue(), detector.detect(image)))

    with LabelStore(store_of(folder)) as store:
        pictures = Pictures(store, folder)
        for start in range(0, count, BATCH):
            places, judged = [], []
            for number in range(start, min(start + BATCH, count)):
                jpeg, said = drawn[number % DRAWINGS]
                comment = b"%d" % number
                data = jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
                path = folder / f"shop-{number // SHOP:03}" / f"{number:06}.jpg"
                if number % SHOP == 0:
                    path.parent.mkdir(parents=True)
                path.write_bytes(data)
                sha256 = hashlib.sha256(data).hexdigest()
                places.append(place_of(path, pictures.folder, sha256, width=said.width, height=said.height))
                judged.append((sha256, said))
            pictures.record(places, judged)


@contextmanager
def label(folder: Path) -> Iterator[tuple[str, float]]:
    """`unframe label` as a process: the page's address, and how many seconds it took to say so."""
    start = time.perf_counter()
    words = [sys.executable, "-m", "unframe", "label", str(folder), "--port", "0", "--no-browser"]
    process = subprocess.Popen([*words, "--detector", "baseline"], stdout=subprocess.PIPE, text=True)
    try:
        address = next(iter(process.stdout or ()), "").removeprefix("Review page: ").strip()
        yield address, time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()


def processor_seconds() -> float:
    """What this process and all that it started have taken of the processor; Linux only, else 0."""
    taken, parents = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            taken[int(path.parent.name)] = int(fields[11]) + int(fields[12])
    ours, before = {os.getpid()}, 0
    while len(ours) > before:
        before = len(ours)
        ours |= {child for child, parent in parents.items() if parent in ours}
    return float(sum(taken.get(each, 0) for each in ours)) / (os.sysconf("SC_CLK_TCK") if taken else 1)


def open_page(browser: Browser, address: str) -> tuple[Page, float]:
    """The page in a window with an empty cache, and the milliseconds until its first screen is there."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto("about:blank")
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_function(f"() => document.querySelector('.cell') && {SEEN}", polling=10)
    return page, (time.perf_counter() - start) * 1000


def measure(folder: Path, browser: Browser, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each thing that a person does."""
    with label(folder) as (address, started):
        found: dict[str, list[float]] = {"start of the program": [started * 1000]}
        page, first = open_page(browser, address)
        found["first screen, at the start"] = [first]
        page.wait_for_function("() => document.getElementById('judged-text').textContent === 'all judged'")
        page.context.close()
        found |= {"first screen, later": [], "first screen, of the processor": [], "all pictures known": []}
        for number in range(rounds):
            taken, start = processor_seconds(), time.perf_counter()
            page, first = open_page(browser, address)
            found["first screen, later"].append(first)
            found["first screen, of the processor"].append((processor_seconds() - taken) * 1000)
            page.wait_for_selector("[data-ready=yes]", state="attached")
            found["all pictures known"].append((time.perf_counter() - start) * 1000)
            if number < rounds - 1:
                page.context.close()
        both = [page.evaluate(MOVE, number) for number in range(rounds * 3)]
        found["moving one, on the disk"] = [each[0] for each in both]
        found["moving one, shown"] = [each[1] for each in both]
        saved = "document.getElementById('saving').textContent.endsWith('changed back')"
        found["undo"] = [_press(page, "z", saved) for _ in range(rounds)]
        settled = "document.getElementById('saving').textContent === 'saved'"
        found["confirming a screen"] = [_press(page, "Enter", settled) for _ in range(rounds)]
        found["to the end of the grid"] = []
        for _ in range(rounds):
            found["to the end of the grid"].append(_press(page, "End", SEEN))
            _press(page, "Home", SEEN)
        found["another filter"] = [
            page.evaluate(
                """(value) => { const start = performance.now(); const select = document.getElementById("status");
                select.value = value; select.dispatchEvent(new Event("change")); return performance.now() - start; }""",
                ["all", "open"][number % 2],
            )
            for number in range(rounds)
        ]
    return found


def _press(page: Page, key: str, settled: str) -> float:
    # The page's policy allows no code from text, so what to wait for is asked from outside, by the driver.
    start = time.perf_counter()
    page.evaluate("() => { document.getElementById('saving').textContent = ''; }")
    page.keyboard.press(key)
    page.wait_for_function(f"() => {settled}", polling=4)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder to put the pictures in, and to leave them there")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        results = {}
        for count in (1000, arguments.count):
            folder = (arguments.keep or Path(scratch)) / str(count)
            if not store_of(folder).exists():
                fill(folder, count)
            results[count] = measure(folder, browser, arguments.rounds)
        browser.close()
    _print(results, arguments.rounds)


def _print(results: dict[int, dict[str, list[float]]], rounds: int) -> None:
    few, many = results.values()
    small, large = results
    load = f", load average {os.getloadavg()[0]:.0f}" if hasattr(os, "getloadavg") else ""
    print(f"{os.cpu_count()} cores, {platform.machine()}; Python {platform.python_version()}{load}; {rounds} rounds\n")
    print(f"| what | {small:,} pictures: ms | {large:,} pictures: ms | worst | ratio |\n|---|---:|---:|---:|---:|")
    middle: Callable[[list[float]], float] = statistics.median
    for name, values in many.items():
        ratio = middle(values) / max(middle(few[name]), 0.1)
        print(f"| {name} | {middle(few[name]):,.0f} | {middle(values):,.0f} | {max(values):,.0f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()

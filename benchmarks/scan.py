"""How fast a catalogue is scanned: one thread, two, Ray on this machine, and decoding alone; and how it grows.

Run with ``python -m benchmarks.scan > docs/results/scan.md``. Pictures are drawn: products of 500 and 800 pixels, a
third of them framed, saved as JPEG; a catalogue is hard links to them. All rates are taken in the same run, in turns,
so that other work on the machine falls on all alike; of each the median over the rounds counts, and ratios are medians
of the ratios within a round. Processor seconds say what the clock cannot on a machine with other work.

``--growth 1000,10000,50000`` then scans catalogues of these sizes, each in a process of its own, for time and memory.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from unframe.catalogue import Work, local, open_source, results
from unframe.catalogue.plan import Plan
from unframe.detector import Detector
from unframe.imaging import decode
from unframe.settings import Settings, usable_cores
from unframe.types import Detection, Image

DRAWN = 48
SIZES = (800, 500)
SMALL = (200, 160)
BATCH = local.BATCH
INTRODUCTION = """# Scanning a catalogue

Made with `{command}` on {cores} cores, {machine}.

A catalogue is hard links to {drawn} drawn JPEGs of 500 and 800 pixels, median {size:.0f} kB. Each way of working goes
over {count} pictures in each of {rounds} rounds, in turns; figures are medians. *Decoding alone* reads and decodes, and
does nothing else. Milliseconds depend on the machine and its load; compare the ratios.
"""
LOAD = """
**The machine was busy**: on average {load:.1f} processes wanted its {cores} cores while this was measured. What the
clock says then is about the other processes, too; processor time per picture is the figure to trust.
"""


class Round(NamedTuple):
    """One way of working, once over the catalogue: seconds on the clock, and of processors."""

    wall: float
    processor: float


def draw(folder: Path, sizes: tuple[int, int]) -> list[Path]:
    """Draw the pictures, of two widths in turns."""
    folder.mkdir()
    paths = []
    for seed in range(DRAWN):
        rng = np.random.default_rng(seed)
        width = sizes[seed % 2]
        height = round(width * rng.uniform(0.7, 1.0))
        shade = tuple(int(value) for value in rng.integers(200, 256, 3))
        picture = PillowImage.new("RGB", (width, height), shade)
        pen = ImageDraw.Draw(picture)
        for _ in range(12):
            x, y, r = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height, rng.uniform(0.05, 0.2) * height
            pen.ellipse((x - r, y - r, x + r, y + r), fill=tuple(int(value) for value in rng.integers(0, 256, 3)))
        if seed % 3 == 0:
            colour = tuple(int(value) for value in rng.integers(0, 256, 3))
            pen.rectangle((0, 0, width - 1, height - 1), outline=colour, width=int(rng.integers(2, width // 20)))
        noisy = np.asarray(picture, dtype=np.int16) + rng.normal(0, 6, (height, width, 3)).astype(np.int16)
        paths.append(folder / f"drawn-{seed:02}.jpg")
        PillowImage.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(paths[-1], quality=85)
    return paths


def link(paths: Sequence[Path], folder: Path, count: int) -> Path:
    """A catalogue of this many pictures, in folders of a thousand."""
    for number in range(count):
        target = folder / f"{number // 1000:04}" / f"{number % 1000:03}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(paths[number % len(paths)])
    return folder


def decoding(catalogue: Path, threads: int) -> None:
    """Read and decode every picture, in batches as the scanner takes them."""
    paths = [Path(item.path) for item in open_source(str(catalogue))]

    def work(batch: Sequence[Path]) -> None:
        for path in batch:
            decode(path.read_bytes())

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, (paths[at : at + BATCH] for at in range(0, len(paths), BATCH))):
            pass


def scanning(catalogue: Path, detector: Detector, engine: Callable[..., bool] = local.scan) -> None:
    """Scan the catalogue to Parquet, as the command does."""
    source = open_source(str(catalogue))
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan.of(source, detector, Work())
        with results.begin(Path(folder) / "results", "parquet", plan) as found:
            if found is not None:
                engine(source, found, detector, Work())


class Nobody:
    """A detector that looks at nothing: what is left is the scanner's own work."""

    name = "nobody"
    model = "nobody-1"

    def detect(self, image: Image) -> Detection:
        """Call it clean."""
        height, width = image.shape[:2]
        return Detection("clean", 0.0, False, None, width, height, self.name, self.model)

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        """Call them clean."""
        return [self.detect(image) for image in images]


def timed(work: Callable[[], None]) -> Round:
    """Do it, and take the time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Round(time.perf_counter() - wall, time.process_time() - processor)


def ways(catalogue: Path, *, ray: bool) -> dict[str, Callable[[], None]]:
    """What is measured, by name."""
    single, double = (Detector.load(settings=Settings(jobs=threads)) for threads in (1, 2))
    found: dict[str, Callable[[], None]] = {
        "decoding alone, one thread": partial(decoding, catalogue, 1),
        "decoding alone, two threads": partial(decoding, catalogue, 2),
        "scan, one thread, nobody judging": partial(scanning, catalogue, Detector(Nobody(), Settings(jobs=1))),
        "scan, one thread": partial(scanning, catalogue, single),
        "scan, two threads": partial(scanning, catalogue, double),
    }
    if ray:
        import ray as cluster  # noqa: PLC0415 (an extra)

        from unframe.catalogue.ray_engine import RayEngine  # noqa: PLC0415 (an extra)

        # Once, for the seconds that Ray takes to start say nothing about its speed.
        cluster.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        found["scan, Ray with two processes"] = partial(
            scanning, catalogue, single, RayEngine(partial(Detector.load, settings=Settings(jobs=1)), processes=2)
        )
    return found


def rates(catalogue: Path, count: int, rounds: int, *, ray: bool) -> Iterator[str]:
    """The table of rates."""
    measured = ways(catalogue, ray=ray)
    for work in measured.values():
        work()  # the first time is slower for reasons of its own
    taken: dict[str, list[Round]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, work in measured.items():
            taken[name].append(timed(work))
    yield "\n## Rates\n"
    yield "| what | pictures per second | ms of processor per picture |\n|---|---:|---:|"
    for name, times in taken.items():
        processor = "–" if "Ray" in name else f"{median(each.processor for each in times) / count * 1000:.2f}"
        yield f"| {name} | {count / median(each.wall for each in times):.0f} | {processor} |"
    yield "\n| ratio of pictures per second | median | best round | target |\n|---|---:|---:|---:|"
    for name, first, second, target in (
        ("two threads to one", "scan, two threads", "scan, one thread", "≥ 1.85"),
        ("two threads to decoding alone with two", "scan, two threads", "decoding alone, two threads", "≥ 0.6"),
        ("one thread to decoding alone with one", "scan, one thread", "decoding alone, one thread", ""),
        ("the same with nobody judging", "scan, one thread, nobody judging", "decoding alone, one thread", ""),
        ("two processes of Ray to two threads", "scan, Ray with two processes", "scan, two threads", ""),
    ):
        if first in taken:
            each = [b.wall / a.wall for a, b in zip(taken[first], taken[second], strict=True)]
            yield f"| {name} | {median(each):.2f} | {max(each):.2f} | {target} |"
    decoded, own, scanned = (
        median(each.processor for each in taken[name])
        for name in ("decoding alone, one thread", "scan, one thread, nobody judging", "scan, one thread")
    )
    yield (
        f"\nOf the processor time of a scan with one thread, decoding is {decoded / scanned:.0%}, judging "
        f"{(scanned - own) / scanned:.0%}, and the scanner's own work {(own - decoded) / scanned:.0%}."
    )


def one(catalogue: Path, *, nobody: bool) -> None:
    """Scan in this process, and print how long it took and the most memory it had."""
    settings = Settings(jobs=2)
    detector = Detector(Nobody(), settings) if nobody else Detector.load(settings=settings)
    scanning(Path(f"{catalogue}/0000"), detector)  # loads what is loaded at first use
    taken = timed(partial(scanning, catalogue, detector))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": taken.wall, "processor": taken.processor, "mebibytes": peak}))


def growth(paths: Sequence[Path], counts: Sequence[int], folder: Path, *, nobody: bool) -> Iterator[str]:
    """The table of time and memory by the size of the catalogue."""
    yield "\n## Growth\n"
    judge = "nobody judges" if nobody else "the network judges"
    yield (
        f"Each catalogue is scanned with two threads in a process of its own, after a first thousand to warm up. Its "
        f"pictures are {SMALL[1]} and {SMALL[0]} pixels wide, so that the scanner's own work counts; {judge}.\n"
    )
    yield "| pictures | seconds | ms per picture | ms of processor | to the first | peak memory, MiB | to the first |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    first: tuple[float, float] | None = None
    for count in counts:
        catalogue = link(paths, folder / str(count), count)
        words = [sys.executable, "-m", "benchmarks.scan", "--one", str(catalogue), *(["--nobody"] if nobody else [])]
        done = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        each, peak = done["processor"] / count * 1000, done["mebibytes"]
        first = first or (each, peak)
        wall = done["wall"]
        clock = f"{count:,} | {wall:.0f} | {wall / count * 1000:.2f}"
        yield f"| {clock} | {each:.2f} | {each / first[0]:.2f} | {peak:.0f} | {peak / first[1]:.2f} |"


def machine() -> str:
    """The processor's name, and the version of Python."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}; Python {platform.python_version()}"


def main() -> None:
    """Measure, and print a page of Markdown."""
    parser = argparse.ArgumentParser(description="Measure the scanner.")
    parser.add_argument("--count", type=int, default=480, help="pictures in each round (default: 480)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default: 5)")
    parser.add_argument("--ray", action="store_true", help="measure Ray, too")
    parser.add_argument("--growth", default="", help="sizes of catalogues for time and memory, as 1000,10000,50000")
    parser.add_argument("--nobody", action="store_true", help="let nobody judge in --growth: the scanner's own memory")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one, nobody=arguments.nobody)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = draw(folder / "drawn", SIZES)
        values = {
            "command": " ".join(["python -m benchmarks.scan", *sys.argv[1:]]),
            "cores": usable_cores(),
            "machine": machine(),
            "drawn": DRAWN,
            "size": median(path.stat().st_size for path in paths) / 1000,
            "count": arguments.count,
            "rounds": arguments.rounds,
        }
        print(INTRODUCTION.format(**values).rstrip(), flush=True)
        catalogue = link(paths, folder / "rates", arguments.count)
        for line in rates(catalogue, arguments.count, arguments.rounds, ray=arguments.ray):
            print(line, flush=True)
        counts = [int(each) for each in arguments.growth.split(",") if each]
        small = draw(folder / "small", SMALL) if counts else []
        for line in growth(small, counts, folder, nobody=arguments.nobody) if counts else ():
            print(line, flush=True)
    load = os.getloadavg()[2]
    if load > usable_cores() + 1:
        print(LOAD.format(load=load, cores=usable_cores()).rstrip())


if __name__ == "__main__":
    main()

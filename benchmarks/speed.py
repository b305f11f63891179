"""How long decoding, detecting, removing and starting take, beside decoders and the deployment of 2016.

Run with ``python -m benchmarks.speed [PHOTOS] > docs/results/speed.md``. Photographs come from a folder, every n-th
file of it, or are the plain ones of ``examples/``. Each is scaled so that its longer side has 500 and 1000 pixels and
saved as JPEG of quality 85 with 4:2:0 sampling, once as it is and once with a border of 4 %, so that there is something
to remove. All ways take turns on each picture, so that they see the same load of the machine; the figures are medians
over pictures of the best of the rounds.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps

import unframe
from unframe.errors import UnframeError
from unframe.imaging import decode, load

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SIZES = (500, 1000)
ROUNDS = 5
STARTS = 15

INTRODUCTION = """# Speed

Made with `python -m benchmarks.speed PHOTOS --count {count} --clock {clock}` on {machine}.

Milliseconds depend on the machine and its load; compare the ratios, which are to decoders in the same run. A picture
goes from bytes to an array (decode), to a detection with boxes (detect), to bytes (remove, which judges its result
again). *2016* is how the network of the post was deployed: Pillow decodes and scales to 128 px, and Keras `predict`
judges one picture at a time; it gives a probability and no box. On a machine with other work, time of processor, summed
over all threads, says more than time on the wall.
"""

Way = Callable[[bytes], object]


def pillow(data: bytes) -> object:
    """Pillow alone, with the whole file handed to the decoder at once."""
    picture = PillowImage.open(BytesIO(data))
    picture.decodermaxblock = len(data)
    return np.asarray(picture)


def decoders() -> dict[str, Way]:
    """Every decoder that is installed, each from bytes to an RGB array of full size, with exact arithmetic."""
    found: dict[str, Way] = {"Pillow": pillow}
    with suppress(ImportError):
        cv2 = import_module("cv2")
        found["OpenCV"] = lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    with suppress(ImportError):
        found["simplejpeg"] = import_module("simplejpeg").decode_jpeg
    return found


def detectors() -> dict[str, unframe.Detector]:
    """Every detector that is installed."""
    found = {}
    for name in ("baseline", "cnn"):
        try:
            found[name] = unframe.Detector.load(name)
        except UnframeError as error:
            print(f"without {name}: {error}", file=sys.stderr)
    return found


def deployment_of_2016() -> dict[str, Way]:
    """The post's network in Keras, one picture at a time; nothing where Keras is not installed."""
    if find_spec("keras") is None:
        print("without the deployment of 2016: Keras is not installed", file=sys.stderr)
        return {}
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    build, spec = import_module("unframe.network.build"), import_module("unframe.network.spec")
    model = build.build(spec.Spec())

    def judge(data: bytes) -> object:
        picture = PillowImage.open(BytesIO(data)).convert("RGB").resize((128, 128))
        return model.predict({"thumbnail": np.asarray(picture)[None]}, verbose=0)

    judge(jpeg(PillowImage.new("RGB", (500, 500))))  # the first call traces the graph
    return {"2016: Pillow and Keras predict": judge}


def jpeg(picture: PillowImage.Image) -> bytes:
    """The picture as shops save it."""
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=85, subsampling="4:2:0")
    return stream.getvalue()


def prepared(path: Path, size: int) -> tuple[bytes, bytes]:
    """A photograph at this size, as it is and with a border."""
    picture = PillowImage.fromarray(load(path))
    plain = ImageOps.contain(picture, (size, size), PillowImage.Resampling.LANCZOS)
    edge = size // 25
    inside = ImageOps.contain(picture, (size - 2 * edge, size - 2 * edge), PillowImage.Resampling.LANCZOS)
    return jpeg(plain), jpeg(ImageOps.expand(inside, edge, (190, 30, 45)))


CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


def seconds(way: Way, data: bytes, clock: str) -> float:
    """How long one call takes."""
    now = CLOCKS[clock]
    start = now()
    way(data)
    return now() - start


def measured(ways: dict[str, Way], pictures: list[bytes], clock: str) -> dict[str, float]:
    """Milliseconds per picture of every way: the median over pictures of the best of the rounds."""
    best: dict[str, list[float]] = {name: [] for name in ways}
    for data in pictures:
        rounds = [{name: seconds(way, data, clock) for name, way in ways.items()} for _ in range(ROUNDS)]
        for name, times in best.items():
            times.append(min(each[name] for each in rounds))
    return {name: 1000 * statistics.median(times) for name, times in best.items()}


def table(paths: list[Path], size: int, clock: str) -> Iterator[str]:
    """The lines of the table for one size."""
    plain, framed = (list(pictures) for pictures in zip(*(prepared(path, size) for path in paths), strict=True))
    rivals = decoders()
    ways: dict[str, Way] = {**rivals, **deployment_of_2016(), "decode": decode}
    on_framed: dict[str, Way] = {}
    for name, detector in detectors().items():
        ways[f"detect, {name}"] = detector.detect
        ways[f"remove, {name}: clean pictures"] = partial(unframe.remove, detector=detector)
        on_framed[f"detect, {name}: framed pictures"] = detector.detect
        on_framed[f"remove, {name}: framed pictures"] = partial(unframe.remove, detector=detector)
    times = measured(ways, plain, clock) | measured(on_framed, framed, clock)
    fastest = min(rivals, key=lambda name: times[name])
    kilobytes = statistics.median(len(data) for data in plain) / 1000
    yield f"## {size} px ({len(plain)} pictures, median {kilobytes:.0f} kB)\n"
    yield f"| what | ms per picture | of {fastest} | of Pillow |"
    yield "|---|---:|---:|---:|"
    for name, milliseconds in times.items():
        mark = f"decoding alone, {name}" if name in rivals else f"**{name}**"
        ratios = f"{milliseconds / times[fastest]:.2f} | {milliseconds / times['Pillow']:.2f}"
        yield f"| {mark} | {milliseconds:.2f} | {ratios} |"
    yield ""
    if "detect, cnn" in times:
        yield from (
            f"{name} takes {times[name] / times['detect, cnn']:.1f} times as long as detect, cnn.\n"
            for name in times
            if name.startswith("2016")
        )


def start_time(words: list[str]) -> tuple[float, float]:
    """Seconds that a process takes from its start to its end, and seconds of processor; medians of several."""
    elapsed, worked = [], []
    for _ in range(STARTS):
        start, before = time.perf_counter(), os.times()
        subprocess.run(words, check=True, capture_output=True)
        after = os.times()
        elapsed.append(time.perf_counter() - start)
        worked.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(elapsed), statistics.median(worked)


def starts() -> Iterator[str]:
    """The lines of the table of starts."""
    python, command = [sys.executable, "-c"], [sys.executable, "-m", "unframe"]
    detect = [*command, "detect", str(EXAMPLES / "border-solid.jpg")]
    rows = {
        "`python -c pass`": [*python, "pass"],
        "`import unframe`": [*python, "import unframe"],
        "`unframe --version`": [*command, "--version"],
        "`unframe --help`": [*command, "--help"],
        "`unframe detect one.jpg`": detect,
        "`unframe detect one.jpg --detector baseline`": [*detect, "--detector", "baseline"],
    }
    yield f"## Starts (median of {STARTS})\n"
    yield "| what | seconds | of processor |"
    yield "|---|---:|---:|"
    for name, words in rows.items():
        elapsed, worked = start_time(words)
        yield f"| {name} | {elapsed:.3f} | {worked:.3f} |"


def machine() -> str:
    """Cores and family of the processor, nothing else."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return f"{cores} cores, {names[0] if names else platform.machine()}; Python {platform.python_version()}"


def main() -> None:
    """Measure, and print a page of Markdown."""
    parser = argparse.ArgumentParser(description="Measure decoding, detecting, removing and starting.")
    parser.add_argument("photos", type=Path, nargs="?", default=EXAMPLES, help="folder of photographs")
    parser.add_argument("--count", type=int, default=48, help="how many of them (default: 48)")
    parser.add_argument(
        "--clock", choices=CLOCKS, default="wall", help="seconds on the wall, or of processor where others work, too"
    )
    arguments = parser.parse_args()
    drawn = "plain-*" if arguments.photos == EXAMPLES else "*"
    files = sorted(path for path in arguments.photos.rglob(drawn) if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    paths = files[:: max(1, len(files) // arguments.count)][: arguments.count]
    print(INTRODUCTION.format(count=len(paths), clock=arguments.clock, machine=machine()))
    for size in SIZES:
        for line in table(paths, size, arguments.clock):
            print(line)
    for line in starts():
        print(line)


if __name__ == "__main__":
    main()

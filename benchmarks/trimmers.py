"""Edge trimmers on frames: do they find the photograph, and do they leave plain pictures alone?

    python -m benchmarks.trimmers DRAWN --model MODEL --scratch FOLDER -o docs/results/rivals.md

DRAWN is a data set as `unframe synthesize` writes it, MODEL a network that never saw its photographs. The rivals are
installed into a virtual environment in FOLDER; ImageMagick has no such package, so it is taken from the system
(``apt-get install imagemagick``), and left out with a word where it is not there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from unframe.baseline import BaselineDetector
from unframe.dataset.layouts import read_dataset
from unframe.dataset.records import Sample
from unframe.evaluation.geometry import tolerance
from unframe.files import write_atomic
from unframe.imaging import load
from unframe.runtime import NetworkDetector
from unframe.settings import Settings
from unframe.types import KINDS, SIDES, Box, ImageDetector

PACKAGES = ("pillow", "numpy", "pyvips", "pyvips-binary", "autocrop-rs", "enimda")
WORKER = Path(__file__).with_name("trimmers_worker.py")
FUZZ = (1, 5, 10, 20)
BATCH = 25

HEAD = """# Edge trimmers on the same pictures

    {command}

{framed:,} framed and {plain:,} plain pictures, drawn on photographs of {sources} sources. *unframe* is judged with a
network that saw none of these sources, and takes a frame as found from probability 0.5 on; its baseline's weights were
fitted to them. *Right* means that all four sides of the box are within 2 px of the photograph's, or within 0.5 % of the
picture across the side if that is more; frames that were not found count as wrong. *Left whole* is the share of plain
pictures of which nothing would be cut: trimmers are made to cut plain margins, so for them a low share is no fault but
what they are for; it is why they cannot be let loose on a catalogue.

Versions: {versions}.
"""

TAIL = """
autocrop-rs finds the content of screenshots and enimda the borders of pictures by entropy, here from {columns} columns
of each picture because all of them would take minutes. `thumbor` and `sharp` trim as libvips does, by distance from the
colour of the corner. Lines of 1 or 2 px at the very edge are within tolerance of the whole picture, which is why even
those that cut nothing are right on some keylines.
"""


def main() -> None:
    """Install, trim, compare and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drawn", type=Path, help="data set of drawn pictures")
    parser.add_argument("--model", required=True, help="a network's folder")
    parser.add_argument("--scratch", type=Path, required=True, help="where rivals are installed and answers kept")
    parser.add_argument("--count", type=int, default=4500, help="pictures at most")
    parser.add_argument("-o", type=Path, required=True, dest="output", help="the document")
    chosen = parser.parse_args()
    samples = [each for each in read_dataset(chosen.drawn) if each.label != "unsure"][: chosen.count]
    python = environment(chosen.scratch / "venv")
    boxes, versions = by_rivals(python, samples)
    boxes |= by_imagemagick(samples, versions)
    for name, detector in (("unframe", NetworkDetector.load(chosen.model)), ("unframe baseline", BaselineDetector())):
        boxes[name] = by_detector(detector, samples)
    boxes["nothing is ever cut"] = [whole(each) for each in samples]
    command = "python -m benchmarks.trimmers DRAWN --model MODEL --scratch FOLDER -o docs/results/rivals.md"
    command += f" --count {chosen.count}"
    write_atomic(chosen.output, "\n".join(page(samples, boxes, versions, command)).encode(), overwrite=True)


def environment(folder: Path) -> Path:
    """A Python with the rivals that pip has."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def by_rivals(python: Path, samples: Sequence[Sample]) -> tuple[dict[str, list[Box]], dict[str, str]]:
    """What the rivals in the scratch environment leave of each picture, and their versions."""
    paths = "\n".join(str(each.path.resolve()) for each in samples)
    done = subprocess.run([python, WORKER], input=paths, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    versions = lines.pop(0)
    found: dict[str, list[Box]] = {name: [] for name in lines[0]}
    for line, sample in zip(lines, samples, strict=True):
        for name, box in line.items():
            found[name].append(sane(box, sample))
    return found, versions


def sane(box: Sequence[int] | None, sample: Sample) -> Box:
    """A box inside the picture; the whole picture where a rival finds none."""
    if box is None:
        return whole(sample)
    inside = Box(*box).intersection(whole(sample))
    return inside if inside.area else whole(sample)


def whole(sample: Sample) -> Box:
    """The box of the whole picture."""
    return Box.whole(sample.width or 1, sample.height or 1)


def by_imagemagick(samples: Sequence[Sample], versions: dict[str, str]) -> dict[str, list[Box]]:
    """What ``-trim`` leaves, for several tolerances of colour."""
    binary = next((each for each in ("magick", "/usr/bin/convert", "convert") if _is_imagemagick(each)), None)
    if binary is None:
        print("without ImageMagick: it is not installed", file=sys.stderr)
        return {}
    shown = subprocess.run([binary, "-version"], capture_output=True, text=True, check=True).stdout
    versions["ImageMagick"] = shown.split()[2]
    batches = [samples[start : start + BATCH] for start in range(0, len(samples), BATCH)]
    return {
        f"ImageMagick -fuzz {fuzz}% -trim": [box for batch in batches for box in _trimmed(binary, fuzz, batch)]
        for fuzz in FUZZ
    }


def _is_imagemagick(binary: str) -> bool:
    if not shutil.which(binary):
        return False
    shown = subprocess.run([binary, "-version"], capture_output=True, text=True, check=False).stdout
    return "ImageMagick" in shown


def _trimmed(binary: str, fuzz: int, batch: Sequence[Sample]) -> Iterator[Box]:
    # %@ is the box that -trim would leave, as WIDTHxHEIGHT+X+Y.
    words = [binary, *(str(each.path) for each in batch), "-fuzz", f"{fuzz}%", "-format", "%@\n", "info:"]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    for line, sample in zip(lines, batch, strict=True):
        size, x, y = line.split("+") if "-" not in line else ("0x0", "0", "0")  # negative where all was trimmed
        width, height = map(int, size.split("x"))
        yield sane((int(x), int(y), int(x) + width, int(y) + height), sample)


def by_detector(detector: ImageDetector, samples: Sequence[Sample]) -> list[Box]:
    """What a detector of unframe would cut to."""

    def box(sample: Sample) -> Box:
        found = detector.detect(load(sample.path))
        return found.frame.inner if found.frame else whole(sample)

    with ThreadPoolExecutor(Settings.from_env().workers()) as pool:
        return list(pool.map(box, samples))


def right(box: Box, sample: Sample) -> bool:
    """Whether all four sides are within tolerance."""
    if sample.inner is None:
        return False
    size = sample.width or 1, sample.height or 1
    allowed, true, found = tolerance(*size), sample.inner.margins(*size), box.margins(*size)
    return all(abs(true[side] - found[side]) <= allowed[side] for side in SIDES)


def page(
    samples: Sequence[Sample], boxes: Mapping[str, Sequence[Box]], versions: Mapping[str, str], command: str
) -> Iterator[str]:
    """The document."""
    framed = [at for at, each in enumerate(samples) if each.label == "framed"]
    plain = [at for at, each in enumerate(samples) if each.label == "plain"]
    listed = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    sources = len({each.source for each in samples})
    yield HEAD.format(command=command, framed=len(framed), plain=len(plain), sources=sources, versions=listed)
    parts = {"all": framed} | {kind: [at for at in framed if samples[at].kind == kind] for kind in KINDS}
    counts = [f"{name} ({len(part):,})" for name, part in parts.items()]
    yield f"| box right | {' | '.join(counts)} | mean IoU | plain left whole |"
    yield f"|---|{'---:|' * (len(counts) + 2)}"
    order = sorted(boxes, key=lambda name: -sum(right(boxes[name][at], samples[at]) for at in framed))
    for name in order:
        found = boxes[name]
        hits = [np.mean([right(found[at], samples[at]) for at in part]) if part else 0 for part in parts.values()]
        overlap = np.mean([inner.iou(found[at]) for at in framed if (inner := samples[at].inner)])
        kept = np.mean([found[at] == whole(samples[at]) for at in plain]) if plain else 0
        cells = [*(f"{100 * hit:.1f} %" for hit in hits), f"{overlap:.3f}", f"{100 * kept:.1f} %"]
        yield f"| {f'**{name}**' if name == 'unframe' else name} | {' | '.join(cells)} |"
    yield TAIL.format(columns=64)


if __name__ == "__main__":
    main()

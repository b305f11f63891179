"""Odd, broken and hostile files: one kind of error, and no crash, hang or flood of memory (RELIABILITY 1, 2, 3, 7)."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.imaging.pictures import STILL, animation, colours, exif, saved, srgb_profile, still
from unframe.errors import DECODE_CODES, DecodeError, OutputError
from unframe.imaging import crop, decode, probe
from unframe.settings import Settings
from unframe.types import Box, Image

ROOT = Path(__file__).resolve().parents[2]
MEBIBYTE = 1 << 20
SMALL = Settings(max_pixels=1_000_000)
"""Limits for mutated files, so that a size that was hit by chance costs little."""


@pytest.fixture(scope="module")
def badimages(shared_data: Callable[[str], Path]) -> list[dict[str, Any]]:
    """The rows of the manifest of odd files, each with what decoding it gave."""
    folder = shared_data("badimages")
    if not sys.platform.startswith("linux"):
        pytest.skip("the limits on memory are Linux's")
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    names = "\n".join(str(folder / row["file"]) for row in rows)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.imaging.child"],
        input=names,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=250,
        check=False,
    )
    outcomes = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0, f"died at {rows[len(outcomes)]['file']}: {ran.stderr[-2000:]}"
    return [row | {"outcome": outcome} for row, outcome in zip(rows, outcomes, strict=True)]


def test_accepted_files_decode_to_their_size(badimages: list[dict[str, Any]]) -> None:
    accepted = [row for row in badimages if row["policy"] == "accept"]
    assert len(accepted) > 400
    for row in accepted:
        shape = [int(row["oriented_height"]), int(row["oriented_width"]), 3]
        assert (row["outcome"].get("shape"), row["outcome"].get("dtype")) == (shape, "uint8"), row


def test_rejected_files_give_a_code(badimages: list[dict[str, Any]]) -> None:
    rejected = [row for row in badimages if row["policy"] == "reject"]
    assert len(rejected) > 100
    assert [row for row in rejected if row["outcome"].get("code") not in DECODE_CODES] == []


def test_other_formats_are_named(badimages: list[dict[str, Any]]) -> None:
    codes = {row["outcome"].get("code") for row in badimages if row["policy"] == "accept-if-enabled"}
    assert codes <= {"unsupported-format", "not-an-image"}


def test_time_and_memory(badimages: list[dict[str, Any]]) -> None:
    assert [row for row in badimages if row["outcome"]["seconds"] > 1] == []
    assert [row for row in badimages if row["outcome"]["bytes"] > 256 * MEBIBYTE] == []


def seeds() -> list[bytes]:
    """Small pictures in every format and variant, with metadata, several frames and all orientations."""
    found = [still(name) for name in STILL] + [animation(name) for name in ("GIF", "WEBP", "PNG", "TIFF", "AVIF")]
    found += [saved(colours(), "JPEG", exif=exif(turn), icc_profile=srgb_profile()) for turn in (1, 6, 7)]
    return [*found, saved(colours(), "PNG", exif=exif(5), icc_profile=srgb_profile())]


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """The data with a few bytes changed, exchanged for extremes, cut out, doubled or cut off."""
    changed = bytearray(data)
    for _ in range(rng.integers(1, 6)):
        # Headers are where a byte does most harm: half of all changes go there.
        at = int(rng.integers(0, min(len(changed), 120) if rng.random() < 0.5 else len(changed)))
        match rng.integers(0, 6):
            case 0:
                changed[at] ^= 1 << rng.integers(0, 8)
            case 1:
                changed[at] = int(rng.choice([0, 1, 127, 128, 254, 255]))
            case 2:
                changed[at : at + 4] = rng.bytes(4)
            case 3:
                del changed[at : at + int(rng.integers(1, 40))]
            case 4:
                changed[at:at] = changed[at : at + int(rng.integers(1, 40))]
            case _:
                del changed[max(at, 1) :]
        if not changed:
            break
    return bytes(changed)


def cases(count: int, seed: int) -> Iterator[bytes]:
    rng = np.random.default_rng(seed)
    files = seeds()
    for each in range(count):
        yield mutated(files[each % len(files)], rng)


def image_or_none(data: bytes, *, partial: bool = False) -> Image | None:
    """The image, or nothing where a typed error was raised; any other exception goes through."""
    try:
        return decode(data, SMALL, partial=partial)
    except DecodeError:
        return None


def try_all(count: int, seed: int) -> int:
    """Decode this many mutated files; each gives an image or a typed error within two seconds."""
    decoded = 0
    for data in cases(count, seed):
        started = time.process_time()
        image = image_or_none(data)
        if image is not None:
            header = probe(data, SMALL)
            assert image.dtype == np.uint8
            assert image.shape == (header.height, header.width, 3)
            decoded += 1
        assert time.process_time() - started < 2, data[:200].hex()
    return decoded


def test_five_thousand_mutated_files_give_an_image_or_a_typed_error() -> None:
    assert try_all(5_000, seed=1) > 500


@pytest.mark.slow
def test_hundred_thousand_mutated_files_give_an_image_or_a_typed_error() -> None:
    assert try_all(100_000, seed=2) > 10_000


def test_mutated_files_decode_in_part_or_give_a_typed_error() -> None:
    images = [image_or_none(data, partial=True) for data in cases(400, seed=3)]
    whole = sum(image_or_none(data) is not None for data in cases(400, seed=3))
    assert sum(image is not None for image in images) > whole


def test_mutated_pictures_are_cut_or_give_a_typed_error() -> None:
    done = 0
    for data in cases(600, seed=4):
        try:
            header = probe(data, SMALL)
            whole = Box.whole(header.width, header.height)
            done += len(crop(data, whole.intersection(Box(16, 16, 9999, 40)), SMALL)) > 0
        except (DecodeError, OutputError, ValueError):  # ValueError: the picture has become too small for the box
            continue
    assert done > 60


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",  # the search for a marker once began again at the start of the file
        b"\xff\xd8\xff\xff\xff\xff",
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 3 + b"\xff",
        b"\xff\xd8\xff\xdb\x00\x02\x00\x00",
        b"\xff\xd8\xff" + b"\x00" * 40,
    ],
)
def test_jpegs_without_a_picture_end(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(data)


@pytest.mark.parametrize(
    "data", [b"<!---->" * 70 + b"x" * 20, b"<?xml " + b" " * 500, b" " * 600, b"/*" * 250, b"#define " * 60]
)
def test_the_signatures_of_formats_are_sought_in_no_time(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(DecodeError):
        decode(data)
    assert time.process_time() - started < 1  # comments in front of an SVG once took exponential time


def test_a_directory_that_claims_to_lie_beyond_all_memory() -> None:
    big = b"II+\0\x08\0\0\0" + b"\xff" * 8 + bytes(64)
    with pytest.raises(DecodeError) as caught:
        decode(big)
    assert caught.value.code == "truncated"

"""Examples for the released network: what it is shown of a picture, and what it should answer.

Pictures are drawn once, at full size, and kept as what the network sees of them: about 86 kB each. They are kept in
shards, so that drawing goes on where it was cut short, and every shard is drawn by one process alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.generator.generate import Generator
from unframe.dataset.records import Sample
from unframe.errors import DatasetError, DecodeError
from unframe.files import replacement
from unframe.imaging import load
from unframe.runtime.views import DEPTH, boundaries, views
from unframe.settings import usable_cores
from unframe.types import KINDS, SIDES, Box, Frame, Image

SHARD = 500
"""Pictures in a shard, those too faint to be told left out."""

NO_KIND = -1


class Answer(NamedTuple):
    """What the network should say of one picture.

    Attributes:
        framed: 1 for a frame, 0 for none.
        inner: float32 ``(4,)``: for each side, top, right, bottom, left, the row of its strip at which the photograph
            begins, with fraction; 0 for a side without frame.
        outer: float32 ``(4,)``: likewise where the frame begins; 0 at the image edge.
        kind: Number of the kind in `unframe.types.KINDS`, or -1.
        located: 1 where ``inner`` and ``outer`` are known, 0 where only the label is.
    """

    framed: float
    inner: NDArray[np.float32]
    outer: NDArray[np.float32]
    kind: int
    located: float


def answer(frame: Frame | None, width: int, height: int) -> Answer:
    """What to say of a picture of this size with this frame, or with none."""
    inner, outer = np.zeros(len(SIDES), dtype=np.float32), np.zeros(len(SIDES), dtype=np.float32)
    if frame is None:
        return Answer(0.0, inner, outer, NO_KIND, 1.0)
    for at, side in enumerate(SIDES):
        if side in frame.sides:
            length = height if side in {"top", "bottom"} else width
            inner[at] = row_of(frame.inner.margins(width, height)[side], length)
            outer[at] = row_of(frame.outer.margins(width, height)[side], length)
    return Answer(1.0, inner, outer, KINDS.index(frame.kind), 1.0)


def row_of(distance: int, length: int) -> float:
    """The row of a strip, with fraction, in which the pixel at this distance from the image edge lies; 0 for the edge.

    Args:
        distance: Pixels from the image edge.
        length: The image's extent across the side, in pixels.
    """
    if distance <= 0:
        return 0.0
    edges = boundaries(length)
    row = np.interp(distance, (edges[:-1] + edges[1:] - 1) / 2, np.arange(DEPTH))
    return float(np.clip(row, 1, DEPTH - 1))


@dataclass(frozen=True, slots=True)
class Examples:
    """Pictures as the network sees them, with their answers; every array has one entry per picture.

    Attributes:
        thumbnail: uint8 ``(pictures, 96, 96, 3)``.
        strips: uint8 ``(pictures, 4, 96, 32, 4)``.
        framed: float32 ``(pictures,)``; this and the following as in `Answer`.
        inner: float32 ``(pictures, 4)``.
        outer: float32 ``(pictures, 4)``.
        kind: int64 ``(pictures,)``.
        located: float32 ``(pictures,)``.
    """

    thumbnail: NDArray[np.uint8]
    strips: NDArray[np.uint8]
    framed: NDArray[np.float32]
    inner: NDArray[np.float32]
    outer: NDArray[np.float32]
    kind: NDArray[np.int64]
    located: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.framed)

    @classmethod
    def of(cls, pictures: Iterable[tuple[Image, Answer]]) -> Examples:
        """Examples of images, uint8 ``(height, width, 3)`` RGB, and their answers."""
        rows = []
        for image, said in pictures:
            seen = views(image)
            rows.append((seen["thumbnail"][0], seen["strips"][0], *said))
        columns = zip(*rows, strict=True)
        kinds = (np.uint8, np.uint8, np.float32, np.float32, np.float32, np.int64, np.float32)
        return cls(*(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)))

    @classmethod
    def joined(cls, parts: Sequence[Examples]) -> Examples:
        """All examples of several parts."""
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))

    @classmethod
    def read(cls, path: Path) -> Examples:
        """The examples of a file that `write` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(*(stored[each.name] for each in fields(cls)))

    def write(self, path: Path) -> None:
        """Keep the examples in a file, whole or not at all."""
        with replacement(path) as file:
            np.savez(file, **{each.name: getattr(self, each.name) for each in fields(self)})


def drawn(
    generator: Generator,
    count: int,
    folder: Path,
    jobs: int = 0,
    watch: Callable[[int], None] | None = None,
    shard: int = SHARD,
) -> list[Path]:
    """Draw pictures and keep them as examples, or go on where drawing was cut short.

    Args:
        generator: Draws them.
        count: Pictures to draw; rounded up to whole shards.
        folder: Where the shards go; not shared between generators.
        jobs: Processes that draw at the same time; 0 takes one per processor core.
        watch: Is told of every number of pictures that has been drawn.
        shard: Pictures in a shard; drawing goes on only with the number that it began with.

    Returns:
        The shards, in order.
    """
    paths = [folder / f"shard-{number:04d}.npz" for number in range(-(-count // shard))]
    folder.mkdir(parents=True, exist_ok=True)
    # Forked after TensorFlow has started its threads, a process may hang; spawned, it starts clean.
    with ProcessPoolExecutor(jobs or usable_cores(), mp_context=get_context("spawn")) as pool:
        waiting = [
            pool.submit(_draw_shard, generator, range(number * shard, (number + 1) * shard), path)
            for number, path in enumerate(paths)
            if not path.exists()
        ]
        for each in waiting:
            each.result()
            if watch:
                watch(shard)
    return paths


def rounded(count: int) -> int:
    """Pictures that `drawn` draws when it is asked for so many."""
    return -(-count // SHARD) * SHARD


def kept(folder: Path) -> int:
    """Pictures that are drawn already in this folder and the folders below it."""
    return SHARD * sum(1 for _ in folder.rglob("shard-*.npz"))


def _draw_shard(generator: Generator, indices: range, path: Path) -> None:
    pictures = (generator.draw(index) for index in indices)
    told = (each for each in pictures if each.label != "unsure")
    Examples.of((each.image, answer(each.frame, each.whole.width, each.whole.height)) for each in told).write(path)


def real(samples: Sequence[Sample]) -> Examples:
    """Examples of labelled pictures on disk.

    Raises:
        DatasetError: A picture cannot be decoded, or its boxes leave it.
    """
    with ThreadPoolExecutor(usable_cores()) as pool:
        return Examples.joined(list(pool.map(_real, samples)))


def _real(sample: Sample) -> Examples:
    try:
        image = load(os.fspath(sample.path))
    except DecodeError as error:
        raise DatasetError(f"{error}; take it out of the data set, or fetch it again") from error
    height, width = image.shape[:2]
    return Examples.of([(image, _labelled(sample, width, height))])


def _labelled(sample: Sample, width: int, height: int) -> Answer:
    if sample.label == "plain":
        return answer(None, width, height)
    kind = sample.kind or KINDS[0]
    if sample.inner is not None and sample.sides:
        whole = Box.whole(width, height)
        outer = sample.outer or whole
        if not (whole.contains(outer) and outer.contains(sample.inner)):
            raise DatasetError(
                f"{sample.path} is {width} × {height} pixels, which its labelled boxes leave; label it again, or take "
                "it out of the data set"
            )
        said = answer(Frame(sample.inner, outer, sample.sides, kind), width, height)
    else:
        unknown = np.zeros(len(SIDES), dtype=np.float32)
        said = Answer(1.0, unknown, unknown, KINDS.index(kind), 0.0)
    return said if sample.kind else said._replace(kind=NO_KIND)

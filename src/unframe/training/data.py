"""Pictures as arrays: decoded once, brought to the size of the network's input, kept on disk, handed out in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.records import Sample
from unframe.errors import DatasetError, DecodeError
from unframe.files import replacement
from unframe.imaging import load, read
from unframe.network.spec import Colour
from unframe.runtime.inputs import thumbnail
from unframe.settings import usable_cores

Pictures = NDArray[np.uint8]
Numbers = NDArray[np.int64]


class Batch(NamedTuple):
    """What one step of training sees.

    Attributes:
        inputs: Array by name of input, the first axis being the batch.
        targets: float32 array by name of output.
        weights: Weight of each value of an output's loss, float32 ``(batch, ...)`` by name of output; ``None`` when
            all weigh 1.
    """

    inputs: dict[str, Pictures]
    targets: dict[str, NDArray[np.float32]]
    weights: dict[str, NDArray[np.float32]] | None = None


class Feed(Protocol):
    """Where the training loop takes its batches from; what is in them is between the feed and the network."""

    def __len__(self) -> int:
        """Number of pictures in one epoch."""
        ...

    def batch(self, numbers: Numbers, rng: np.random.Generator | None) -> Batch:
        """The pictures of these numbers.

        Args:
            numbers: int64, 0 to ``len(self) - 1``.
            rng: Where every chance comes from while training; ``None`` asks for the pictures as they are.
        """
        ...


Augment = Callable[[dict[str, Pictures], np.random.Generator], dict[str, Pictures]]


@dataclass(frozen=True, slots=True)
class Arrays:
    """A feed from arrays in memory or mapped from disk.

    Attributes:
        inputs: uint8 array by name of input, one entry per picture; not changed.
        targets: float32 array by name of output, one entry per picture.
        rows: Which entries belong to this feed, int64.
        augment: Changes the inputs of a training batch by chance; they may be changed in place.
    """

    inputs: Mapping[str, Pictures]
    targets: Mapping[str, NDArray[np.float32]]
    rows: Numbers
    augment: Augment

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, numbers: Numbers, rng: np.random.Generator | None) -> Batch:
        """The pictures of these numbers, augmented when ``rng`` is given."""
        rows = self.rows[numbers]
        inputs = {name: array[rows] for name, array in self.inputs.items()}
        targets = {name: array[rows] for name, array in self.targets.items()}
        return Batch(inputs if rng is None else self.augment(inputs, rng), targets)


def flipped(inputs: dict[str, Pictures], rng: np.random.Generator) -> dict[str, Pictures]:
    """Each picture mirrored with a chance of one half, and turned upside down with another, as the post of 2016 did.

    A frame stays a frame, and a plain picture plain.

    Args:
        inputs: uint8 ``(batch, height, width, channels)`` by name; changed in place.
        rng: Decides.
    """
    for images in inputs.values():
        mirrored, turned = rng.random((2, len(images))) < 0.5
        images[mirrored] = images[mirrored, :, ::-1]
        images[turned] = images[turned, ::-1]
    return inputs


def trainable(samples: Iterable[Sample]) -> list[Sample]:
    """The pictures labelled framed or plain; those labelled unsure or reject have no answer to learn.

    Raises:
        DatasetError: There are not both framed and plain ones.
    """
    kept = [sample for sample in samples if sample.label in ("framed", "plain")]
    framed = sum(sample.label == "framed" for sample in kept)
    if framed in (0, len(kept)):
        raise DatasetError(
            f"there are {framed:,} framed and {len(kept) - framed:,} plain pictures; training needs both. Draw frames "
            "on photographs with: unframe synthesize PHOTOS -o DIR"
        )
    return kept


def labels(samples: Sequence[Sample]) -> NDArray[np.float32]:
    """1 for each framed picture and 0 for each plain one: float32 ``(pictures, 1)``."""
    return np.array([[sample.label == "framed"] for sample in samples], dtype=np.float32)


def fingerprint(samples: Sequence[Sample]) -> str:
    """SHA-256, in hexadecimal, over the SHA-256 of every file, its label and its source, in order."""
    with ThreadPoolExecutor(usable_cores()) as pool:
        lines = pool.map(_line, samples)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _line(sample: Sample) -> str:
    digest = hashlib.sha256(_read(sample.path)).hexdigest()
    return f"{digest}\t{sample.label}\t{sample.source}\n"


def _read(path: Path) -> bytes:
    try:
        return read(path)
    except DecodeError as error:
        raise DatasetError(f"{error}; take it out of the data set, or fetch it again") from error


def thumbnails(samples: Sequence[Sample], side: int, colour: Colour, folder: Path, print_of: str) -> Pictures:
    """Every picture at the size of a classic network's input.

    They are made by what makes them when the trained network judges, so that it sees then what it learned from.

    Args:
        samples: The pictures.
        side: Height and width in pixels.
        colour: ``rgb`` for three channels, ``grey`` for one.
        folder: Where the array is kept, so that the next run with the same pictures decodes nothing.
        print_of: Fingerprint of the pictures.

    Returns:
        uint8 ``(pictures, side, side, channels)``, mapped from disk and read-only.

    Raises:
        DatasetError: A picture cannot be decoded.
    """
    path = folder / f"pictures-{print_of[:16]}-{side}-{colour}.npy"
    if not path.exists():
        with ThreadPoolExecutor(usable_cores()) as pool:
            images = np.stack(list(pool.map(lambda sample: _thumbnail(sample.path, side, colour), samples)))
        with replacement(path, overwrite=True) as file:
            np.save(file, images)
    mapped: Pictures = np.load(path, mmap_mode="r")
    return mapped


def _thumbnail(path: Path, side: int, colour: Colour) -> Pictures:
    try:
        image = load(path)
    except DecodeError as error:
        raise DatasetError(f"{error}; take it out of the data set, or fetch it again") from error
    small: Pictures = thumbnail(image, side, side, 3 if colour == "rgb" else 1)["thumbnail"][0]
    return small

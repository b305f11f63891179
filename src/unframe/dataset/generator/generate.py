"""Pictures on demand: framed or plain, each the same whenever, wherever and in whatever order it is drawn."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from threading import Thread
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.generator import banners, borders, decorative, insets, keylines, negatives, padding
from unframe.dataset.generator.aftermath import filter_name, resampled, worn
from unframe.dataset.generator.album import Album, Overlays, Photo, within
from unframe.dataset.generator.base import part, scaled, varied
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.openings import seen
from unframe.dataset.generator.parameters import Parameters
from unframe.dataset.generator.rings import share
from unframe.errors import DatasetError, DecodeError
from unframe.types import Image, Kind

__all__ = ["PAINTERS", "Generator", "Overlays", "Parameters", "Photo", "draw_many"]

POOL = 64
"""Pictures in a row that share a pool of as many photographs, so that each is decoded about once."""

CHUNK = 8
"""Pictures that a worker process draws before it hands them over."""

ENLARGED = 1.4
"""A photograph is enlarged at most this much: beyond, frames would be sharper than what they frame."""

EXCESS = 0.02
"""By how much of its longer side a picture may come out too large whose frame grows the canvas."""

PASSES = 6
"""Drawings of one frame, on less and less of a photograph, to come to the size that was asked for."""

SMALLEST = 16
"""Pixels of a photograph's side that remain at least, however much the frame takes."""

SMALLEST_PICTURE = 48
"""Pixels of a picture's longer side at least: on smaller ones there is no room for a photograph inside a frame."""

PAINTERS: dict[Kind, dict[str, Painter]] = {
    "border": borders.PAINTERS,
    "inset": insets.PAINTERS,
    "keyline": keylines.PAINTERS,
    "padding": padding.PAINTERS,
    "banner": banners.PAINTERS,
    "decorative": decorative.PAINTERS,
}
"""Every design of frames by kind and name."""

WEIGHTS: dict[str, float] = borders.WEIGHTS | insets.WEIGHTS | keylines.WEIGHTS | padding.WEIGHTS | negatives.WEIGHTS
"""Weight of a design among those of its kind or reason, where it is not 1."""

Name = TypeVar("Name", bound=str)
logger = logging.getLogger(__name__)


class Generator:
    """Draws frames on photographs, and plain pictures that look framed.

    Attributes:
        photos: Photographs without frames.
        seed: Another seed draws other pictures.
        overlays: Frame art with a transparent centre.
        size: Shortest and longest length in pixels of a picture's longer side.
        parameters: Shares and distributions.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        seed: int = 0,
        overlays: Sequence[Image] = (),
        size: tuple[int, int] = (200, 1000),
        parameters: Parameters | None = None,
    ) -> None:
        """Nothing is read before the first picture is drawn.

        Args:
            photos: Photographs without frames.
            seed: Another seed, 0 or more, draws other pictures.
            overlays: Frame art with a transparent centre, each uint8 ``(height, width, 4)`` RGBA, as `Overlays` reads.
            size: Shortest and longest length in pixels of a picture's longer side; its logarithm is drawn evenly.
                Pictures whose frame grows the canvas come within 2 % of it.
            parameters: Shares and distributions; the defaults when omitted.

        Raises:
            DatasetError: There is no photograph, or the size is no size.
        """
        if not photos:
            raise DatasetError("there is no photograph to draw frames on; give photographs without frames")
        if not SMALLEST_PICTURE <= size[0] <= size[1]:
            raise DatasetError(
                f"size is {size}; give two numbers of pixels, {SMALLEST_PICTURE} or more, the smaller one first"
            )
        self.photos = photos
        self.seed = seed
        self.overlays = overlays
        self.size = size
        self.parameters = parameters or Parameters()
        self.album = Album(photos, 2 * size[1], self.parameters.cache << 20)
        counts = Counter(photo.source for photo in photos)
        # A source with four times the photographs is drawn from twice as often.
        chances = np.array([counts[photo.source] ** -0.5 for photo in photos])
        self._chances: NDArray[np.float64] = chances / chances.sum()

    def draw(self, index: int) -> Drawn:
        """The picture of this index, 0 or more: it depends on the generator's arguments and the index alone.

        Raises:
            DatasetError: No photograph could be decoded.
        """
        rng = np.random.default_rng([self.seed, 1, index])
        making = _Making(self, rng, self.pool(index // POOL), index)
        drawn = making.framed() if rng.random() < self.parameters.framed else making.plain()
        drawn = worn(drawn, rng, self.parameters)
        photo = self.photos[making.number]
        origin = {"photo": str(photo.path), "source": photo.source, "seed": self.seed, "index": index}
        return replace(drawn, details=drawn.details | origin)

    def pool(self, block: int) -> NDArray[np.int64]:
        """Numbers of the photographs that the pictures of a block are made of."""
        rng = np.random.default_rng([self.seed, 0, block])
        count = len(self.photos)
        return rng.choice(count, size=min(POOL, count), replace=False, p=self._chances)


@dataclass(frozen=True, slots=True)
class _Size:
    """Longer side of a picture, in pixels: when it is drawn, and when it is done."""

    drawn: int
    done: int


class _Making:
    """One picture in the making: the generator's arguments with the choices of one index."""

    def __init__(self, generator: Generator, rng: np.random.Generator, pool: NDArray[np.int64], index: int) -> None:
        self.generator = generator
        self.parameters = generator.parameters
        self.rng = rng
        self.pool = pool
        self.index = index
        self.number, self.photo = self._decoded(index)

    def plain(self) -> Drawn:
        """A picture without frame: a photograph, or one drawn to look framed."""
        base, size, _ = self._base(self.parameters.hard_plain)
        return self._done(base, size)

    def framed(self) -> Drawn:
        """A picture with a frame; after some attempts even one that is too faint to see."""
        kind = _chosen(self.rng, self.parameters.kinds)
        painters = PAINTERS[kind]
        painter = painters[_chosen(self.rng, {name: WEIGHTS.get(name, 1.0) for name in painters})]
        for attempt in range(self.parameters.attempts):
            if attempt:
                # A photograph on white makes most white frames invisible: the next one may not.
                self.number, self.photo = self._decoded(self.index + 29 * attempt)
            last = attempt == self.parameters.attempts - 1
            if kind == "padding" and self.generator.photos[self.number].rectangular and not last:
                continue
            # A book that fills the picture, with white bars beside it, is a picture of a book on white.
            hard = 0.0 if kind == "padding" else self.parameters.hard_framed
            base, size, supplies = self._base(hard)
            drawn = self._done(self._painted(painter, base.image, supplies), size)
            if drawn.label == "framed":
                break
        return replace(drawn, details=drawn.details | {"base": base.design})

    def _base(self, hard: float) -> tuple[Drawn, _Size, Supplies]:
        """The picture without frame, its size, and what painters may draw from."""
        rng = self.rng
        photo = varied(self.photo, rng, self.parameters)
        size = self._size(max(photo.shape[:2]))
        supplies = Supplies(
            lambda chance: within(self._decoded(int(chance.integers(len(self.pool))))[1], size.drawn),
            self.generator.overlays,
            self.parameters,
            lambda chance: self._cover(chance, size.drawn),
        )
        image = scaled(photo, size.drawn, rng)
        if rng.random() >= hard:
            return Drawn(image, "plain", None, np.zeros(image.shape[:2], dtype=bool), "photograph"), size, supplies
        reason = _chosen(rng, self.parameters.hards)
        weights = {name: WEIGHTS.get(name, 1.0) for name in negatives.PAINTERS if name.startswith(reason)}
        return negatives.PAINTERS[_chosen(rng, weights)](image, rng, supplies), size, supplies

    def _size(self, longest: int) -> _Size:
        rng, (low, high) = self.rng, self.generator.size
        done = max(low, round(min(share(rng, low, high), ENLARGED * longest)))
        factor = 1.0
        if rng.random() < self.parameters.resampled:
            factor = share(rng, 1.1, 2.2) if rng.random() < 0.85 else rng.uniform(0.8, 0.95)
        return _Size(round(done * factor), done)

    def _painted(self, painter: Painter, base: Image, supplies: Supplies) -> Drawn:
        """A frame on a photograph, of which less is taken when the frame grows the canvas: the size stays the same."""
        slack = EXCESS * max(base.shape)
        seed, photo = int(self.rng.integers(2**62)), base
        for _ in range(PASSES):
            drawn = painter(photo, np.random.default_rng(seed), supplies)
            excess = np.subtract(drawn.image.shape[:2], base.shape[:2])
            if photo is not base and excess.min() < -slack:
                # On a part of the photograph the painter chose to grow the canvas less.
                seed, photo = int(self.rng.integers(2**62)), base
                continue
            if excess.max() <= slack:
                break
            height, width = np.maximum(np.subtract(photo.shape[:2], excess), SMALLEST).tolist()
            photo = part(base, height, width, np.random.default_rng(seed))
        return drawn

    def _done(self, drawn: Drawn, size: _Size) -> Drawn:
        """The picture at its final size; ``unsure`` when resampling made a side of its frame too faint to see."""
        if size.drawn == size.done:
            return drawn
        height, width = (max(1, round(extent * size.done / size.drawn)) for extent in drawn.image.shape[:2])
        small = resampled(drawn, height, width, filter_name(self.rng))
        if small.frame is not None and not seen(small.image, small.mask, small.frame):
            return replace(small, label="unsure")
        return small

    def _cover(self, rng: np.random.Generator, longest: int) -> Image | None:
        """A photograph of the pool that is a cover, if there is one."""
        photos = self.generator.photos
        places = [place for place, number in enumerate(self.pool) if photos[number].cover]
        if not places:
            return None
        number, image = self._decoded(int(rng.choice(places)))
        return within(image, longest) if photos[number].cover else None

    def _decoded(self, place: int) -> tuple[int, Image]:
        """Number and pixels of the photograph at this place of the pool, or of the next one that can be decoded."""
        for step in range(len(self.pool)):
            number = int(self.pool[(place + step) % len(self.pool)])
            try:
                return number, self.generator.album[number]
            except DecodeError as error:
                logger.warning("%s", error)
        raise DatasetError(
            f"none of {len(self.pool)} photographs can be decoded; the first is {self.generator.photos[0].path}"
        )


def _chosen(rng: np.random.Generator, weights: Mapping[Name, float]) -> Name:
    names = list(weights)
    values = np.array([weights[name] for name in names])
    return names[rng.choice(len(names), p=values / values.sum())]


def draw_many(generator: Generator, indices: Iterable[int], jobs: int = 1) -> Iterator[Drawn]:
    """Draw pictures in worker processes, in the order of their indices' iteration.

    Workers start afresh (``spawn``), so a script that calls this needs the usual ``if __name__ == "__main__"``.

    Args:
        generator: What draws.
        indices: Which pictures; may be endless, they are taken as they are needed.
        jobs: Worker processes; with 1 the calling process draws.

    Yields:
        The pictures, in order.
    """
    if jobs <= 1:
        yield from map(generator.draw, indices)
        return
    chunks = _chunks(indices)
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _begin, (generator,))
    try:
        waiting: deque[Future[list[Drawn]]] = deque(pool.submit(_work, each) for each in islice(chunks, 2 * jobs))
        while waiting:
            done = waiting.popleft().result()
            waiting.extend(pool.submit(_work, each) for each in islice(chunks, 1))
            yield from done
    finally:
        pool.shutdown(cancel_futures=True)


def _chunks(indices: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(indices)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


_own: list[Generator] = []  # the generator of a worker process, sent once rather than with every chunk


def _begin(generator: Generator) -> None:
    _own[:] = [generator]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the calling process stops its workers
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End this worker process when the process that started it was killed: nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(indices: list[int]) -> list[Drawn]:
    return [_own[0].draw(index) for index in indices]

"""Photographs and frame art on disk, read when they are needed and kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image as PillowImage

from unframe.dataset.generator.aftermath import resize
from unframe.dataset.records import Sample
from unframe.errors import DatasetError
from unframe.imaging import load
from unframe.types import Image

ART_SIDE = 600
"""Longest side in pixels at which frame art is kept: it is brought to the picture's size anyway."""


class Photo(NamedTuple):
    """A photograph on disk.

    Attributes:
        path: The file.
        source: The shop or collection it comes from; sources are drawn from more evenly than photographs.
        rectangular: Whether it shows a book, a box or the like, of which bars would make just another picture.
        cover: Whether it shows such a product from edge to edge, so that the picture as a whole is the product.
    """

    path: Path
    source: str
    rectangular: bool = False
    cover: bool = False

    @classmethod
    def of(cls, sample: Sample, covers: Collection[str] = ()) -> Photo:
        """The photograph of a data set, of which some sources show nothing but covers."""
        cover = sample.source in covers
        return cls(sample.path, sample.source, cover or sample.hard == "rectangular", cover)


def check_covers(covers: Collection[str], sources: Iterable[str]) -> None:
    """See that every source that is said to show covers has photographs.

    Raises:
        DatasetError: One has none.
    """
    known = set(sources)
    if missing := sorted(set(covers) - known):
        raise DatasetError(
            f"no photograph has the source {missing[0]!r}, which is said to show covers; the sources are "
            f"{', '.join(sorted(known))}"
        )


class Album:
    """Photographs that are decoded once, made small, and kept until others need the room."""

    def __init__(self, photos: Sequence[Photo], longest: int, room: int) -> None:
        """Nothing is read yet.

        Args:
            photos: The photographs.
            longest: Longest side in pixels at which a photograph is kept.
            room: Bytes that all kept photographs may take together.
        """
        self.photos = photos
        self.longest = longest
        self.room = room
        self._kept: OrderedDict[int, Image] = OrderedDict()
        self._taken = 0

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_kept": OrderedDict(), "_taken": 0}

    def __getitem__(self, number: int) -> Image:
        """The photograph of this number: uint8 ``(height, width, 3)`` RGB, not to be changed.

        Raises:
            DecodeError: The file cannot be read or decoded.
        """
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        image = within(load(self.photos[number].path), self.longest)
        self._kept[number] = image
        self._taken += image.nbytes
        while self._taken > self.room and len(self._kept) > 1:
            self._taken -= self._kept.popitem(last=False)[1].nbytes
        return image


def within(image: Image, longest: int) -> Image:
    """The image, made smaller when its longer side exceeds this many pixels."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    return resize(image, max(1, round(height * scale)), max(1, round(width * scale)), "area")


class Overlays(Sequence[Image]):
    """Frame art with a transparent centre: PNG files that are read one by one when they are needed."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Nothing is read yet.

        Args:
            paths: PNG or WebP files with transparency.
        """
        self.paths = tuple(paths)

    @classmethod
    def of(cls, folder: Path) -> Overlays:
        """All PNG files of a folder, in order of their names."""
        return cls(sorted(folder.glob("*.png")))

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: Any) -> Any:
        """Art as uint8 ``(height, width, 4)`` RGBA."""
        if isinstance(number, slice):
            return Overlays(self.paths[number])
        return _art(self.paths[number])


@lru_cache(maxsize=64)
def _art(path: Path) -> Image:
    # Not through imaging: it would flatten what makes art a frame.
    with PillowImage.open(path) as opened:
        picture = opened.convert("RGBA")
    picture.thumbnail((ART_SIDE, ART_SIDE))
    return np.asarray(picture)

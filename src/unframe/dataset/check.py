"""Whether the pictures of a data set can be decoded and are what its labels say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from unframe.dataset.records import Sample
from unframe.errors import DecodeError
from unframe.imaging import decode, read
from unframe.settings import Settings
from unframe.types import Box


def problems(samples: Iterable[Sample], settings: Settings | None = None) -> Iterator[list[str]]:
    """What is wrong with each picture, in order; an empty list where nothing is.

    Every picture is decoded, because headers do not tell of damage further inside a file.

    Args:
        samples: The pictures.
        settings: Limits on what is decoded; the defaults when omitted.
    """
    for sample in samples:
        yield _problems(sample, settings or Settings())


def _problems(sample: Sample, settings: Settings) -> list[str]:
    try:
        image = decode(read(sample.path, settings), settings, name=str(sample.path))
    except DecodeError as error:
        return [str(error)]
    height, width = image.shape[:2]
    size = width, height
    found = []
    given = sample.width or width, sample.height or height
    if given != size:
        found.append(
            f"{sample.path} is {size[0]} × {size[1]} pixels once upright, but its row says {given[0]} × {given[1]}; "
            "was it scaled after labelling, or measured before turning?"
        )
    for name, box in (("inner", sample.inner), ("outer", sample.outer)):
        if box is not None and not Box.whole(*size).contains(box):
            found.append(f"{sample.path} is {size[0]} × {size[1]} pixels, but {name} is {list(box)}; label it again")
    if sample.label == "framed" and sample.inner == Box.whole(*size):
        found.append(f"{sample.path} is labelled framed, but inner is the whole picture; give the photograph's box")
    return found

"""Whether the pictures of a data set are what its labels say, as far as their headers tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from unframe.dataset.records import Sample
from unframe.errors import DecodeError
from unframe.imaging import probe, read
from unframe.settings import Settings
from unframe.types import Box


def problems(samples: Iterable[Sample], settings: Settings | None = None) -> Iterator[list[str]]:
    """What is wrong with each picture, in order; an empty list where nothing is.

    Only headers are read, so damage further inside a file goes unseen.

    Args:
        samples: The pictures.
        settings: Limits on what is decoded; the defaults when omitted.
    """
    for sample in samples:
        yield _problems(sample, settings or Settings())


def _problems(sample: Sample, settings: Settings) -> list[str]:
    try:
        header = probe(read(sample.path, settings), settings, name=str(sample.path))
    except DecodeError as error:
        return [str(error)]
    size = header.width, header.height
    found = []
    given = sample.width or header.width, sample.height or header.height
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

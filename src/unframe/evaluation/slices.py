"""The same figures on parts of the data: by kind of frame, thickness, what makes a plain picture hard, and source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from unframe.evaluation.geometry import TRUSTED, locate, thickness
from unframe.evaluation.metrics import Estimate, group_numbers, share
from unframe.evaluation.run import Judged
from unframe.types import KINDS

THICKNESSES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Where thickness classes end: widest band of the frame, as a share of the picture across it."""

EASY = "not hard"


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the pictures of one label, and how one detector does on it.

    Attributes:
        name: What the pictures have in common.
        pictures: How many there are.
        sources: From how many groups of sources they come.
        called_framed: Share that the detector calls framed: recall on framed pictures, false alarms on plain ones.
        located: Share whose box is within tolerance, of framed pictures whose box is known; ``None`` elsewhere.
    """

    name: str
    pictures: int
    sources: int
    called_framed: Estimate
    located: Estimate | None = None


@dataclass(frozen=True, slots=True)
class SourceSlice:
    """The pictures of one source, and how one detector does on them.

    Attributes:
        name: The source.
        framed: How many of its pictures are framed.
        plain: How many are not.
        found: How many of the framed ones the detector calls framed.
        alarms: How many of the plain ones it calls framed.
    """

    name: str
    framed: int
    plain: int
    found: int
    alarms: int


SliceName = Literal["kind", "thickness", "hard"]


def slices(judged: Sequence[Judged], detector: str) -> dict[SliceName, list[Slice]]:
    """Every slice by what it is sliced by; a list is empty where nothing is known."""
    framed = [each for each in judged if each.sample.label == "framed"]
    plain = [each for each in judged if each.sample.label == "plain"]
    by_hard = _parts(plain, lambda each: each.sample.hard or EASY)
    hard_tags = sorted(by_hard, key=lambda tag: (tag == EASY, -len(by_hard[tag])))
    return {
        "kind": _each(_parts(framed, lambda each: each.sample.kind), KINDS, detector),
        "thickness": _each(_parts(framed, _thickness_class), THICKNESS_NAMES, detector),
        "hard": _each(by_hard, hard_tags, detector),
    }


def _parts(judged: Iterable[Judged], key: Callable[[Judged], str | None]) -> dict[str, list[Judged]]:
    parts: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        name = key(each)
        if name is not None:
            parts[name].append(each)
    return parts


def _each(parts: Mapping[str, list[Judged]], order: Iterable[str], detector: str) -> list[Slice]:
    return [_slice(name, parts[name], detector) for name in order if name in parts]


def _slice(name: str, judged: Sequence[Judged], detector: str) -> Slice:
    group = group_numbers(judged)
    called = np.array([each.detections[detector].framed for each in judged], dtype=bool)
    return Slice(name, len(judged), len(np.unique(group)), share(called, group), _located(judged, detector))


def _located(judged: Sequence[Judged], detector: str) -> Estimate | None:
    known = [each for each in judged if each.sample.inner and each.sample.geometry_quality in TRUSTED]
    if not known:
        return None
    located = [locate(each.sample, each.detections[detector]) for each in known]
    within = np.array([each is not None and each.within for each in located], dtype=bool)
    return share(within, group_numbers(known))


def _thickness_class(judged: Judged) -> str | None:
    thick = thickness(judged.sample)
    return None if thick is None else THICKNESS_NAMES[int(np.searchsorted(THICKNESSES, thick, side="right"))]


def _thickness_names() -> tuple[str, ...]:
    ends = [f"{end * 100:g}" for end in THICKNESSES]
    between = [f"{low} to {high} %" for low, high in pairwise(ends)]
    return (f"under {ends[0]} %", *between, f"{ends[-1]} % and over")


THICKNESS_NAMES = _thickness_names()


def sources(judged: Sequence[Judged], detector: str) -> list[SourceSlice]:
    """Every source, the one with most mistakes first."""
    parts = _parts(judged, lambda each: each.sample.source)
    found = [_source(name, part, detector) for name, part in parts.items()]
    return sorted(found, key=lambda each: (each.found - each.framed - each.alarms, each.name))


def _source(name: str, judged: Sequence[Judged], detector: str) -> SourceSlice:
    framed = [each.detections[detector].framed for each in judged if each.sample.label == "framed"]
    plain = [each.detections[detector].framed for each in judged if each.sample.label == "plain"]
    return SourceSlice(name, len(framed), len(plain), sum(framed), sum(plain))

"""Samples and rows for tests, made up or drawn by hypothesis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from PIL import Image as PillowImage

from tests.draw import product
from unframe.dataset.records import CONFIDENCES, LABELS, QUALITIES, Label, Sample
from unframe.types import KINDS, SIDES, Box


def sample(name: str, label: Label = "plain", source: str = "", **more: Any) -> Sample:
    """A record of a picture that need not exist."""
    return Sample(Path(name), label, source=source, **more)


def save(path: Path, seed: int = 0) -> Path:
    """A small drawn product photograph as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(product(48, 40, seed=seed)).save(path)
    return path


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=12)
"""Texts without spaces or control characters, since cells are stripped."""


@st.composite
def boxes(draw: st.DrawFn, around: Box) -> Box:
    """A box of at least one pixel inside another."""
    left = draw(st.integers(around.left, around.right - 1))
    top = draw(st.integers(around.top, around.bottom - 1))
    return Box(left, top, draw(st.integers(left + 1, around.right)), draw(st.integers(top + 1, around.bottom)))


@st.composite
def samples(draw: st.DrawFn, path: Path) -> Sample:
    """Any record that is consistent in itself."""
    label = draw(st.sampled_from(LABELS))
    width, height = draw(st.integers(1, 3000)), draw(st.integers(1, 3000))
    outer = inner = kind = None
    sides: tuple[Any, ...] = ()
    if label in {"framed", "unsure"} and draw(st.booleans()):
        outer = draw(boxes(Box.whole(width, height)))
        inner = draw(boxes(outer))
        kind = draw(st.sampled_from(KINDS))
        sides = tuple(side for side in SIDES if draw(st.booleans()))
    known = draw(st.booleans())
    return Sample(
        path=path,
        label=label,
        kind=kind,
        sides=sides,
        inner=inner,
        outer=outer,
        source=draw(words.filter(bool)),
        design=draw(words),
        hard=draw(words),
        confidence=draw(st.sampled_from(CONFIDENCES)),
        geometry_quality=draw(st.sampled_from(QUALITIES)),
        width=width if known else None,
        height=height if known else None,
        note=draw(words),
    )

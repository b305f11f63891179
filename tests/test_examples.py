"""The pictures of ``examples/``: small, labelled, framed where the labels say, and as the script draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripts import draw_examples

from unframe.dataset.layouts import read_dataset
from unframe.dataset.records import Sample
from unframe.imaging import load
from unframe.types import KINDS, Image

FOLDER = Path(__file__).resolve().parent.parent / "examples"
SAMPLES = {sample.path.name: sample for sample in read_dataset(FOLDER)}
FRAMED = [name for name, sample in SAMPLES.items() if sample.label == "framed"]


def step_at(image: Image, sample: Sample, side: str) -> float:
    """Grey levels by which most of the picture changes between the frame's last row and the photograph's first."""
    assert sample.inner is not None
    left, top, right, bottom = sample.inner
    places: dict[str, tuple[Any, Any]] = {
        "top": (np.s_[top - 1, left:right], np.s_[top, left:right]),
        "bottom": (np.s_[bottom, left:right], np.s_[bottom - 1, left:right]),
        "left": (np.s_[top:bottom, left - 1], np.s_[top:bottom, left]),
        "right": (np.s_[top:bottom, right], np.s_[top:bottom, right - 1]),
    }
    last, first = places[side]
    return float(np.median(np.abs(image[last].astype(int) - image[first]).max(axis=-1)))


def test_there_is_a_dozen_with_every_kind_of_frame() -> None:
    assert set(SAMPLES) == set(draw_examples.EXAMPLES)
    assert len(SAMPLES) == 12
    assert {SAMPLES[name].kind for name in FRAMED} == set(KINDS)


@pytest.mark.parametrize("name", SAMPLES)
def test_an_example_is_small_and_as_large_as_its_label_says(name: str) -> None:
    sample = SAMPLES[name]
    assert sample.path.stat().st_size < 40 * 1024
    assert load(sample.path).shape == (sample.height, sample.width, 3)


@pytest.mark.parametrize("name", FRAMED)
def test_the_frame_ends_exactly_at_the_inner_box(name: str) -> None:
    sample = SAMPLES[name]
    image = load(sample.path)
    for side in sample.sides:
        assert step_at(image, sample, side) > 20, side


def test_the_script_draws_what_lies_in_the_folder() -> None:
    drawn = draw_examples.EXAMPLES["border-solid.jpg"]()
    stored = SAMPLES["border-solid.jpg"]
    assert draw_examples.sample(stored.path, drawn) == stored
    difference = np.abs(drawn.image.astype(int) - load(stored.path))
    assert difference.mean() < 3  # what JPEG loses of the sensor's noise

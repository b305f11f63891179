"""Rows and records: what is read, what is refused, and with which advice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.rows import samples
from tests.draw import bordered, product
from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.records import COLUMNS, Sample, from_drawn, from_row, source_of, to_row
from unframe.errors import DatasetError
from unframe.types import SIDES, Box, Frame

FOLDER = Path("/pictures")
FRAMED: dict[str, Any] = {
    "file": "shop/a.jpg",
    "label": "framed",
    "kind": "border",
    "sides": "tb",
    "inner_l": "0",
    "inner_t": "10",
    "inner_r": "100",
    "inner_b": "70",
    "outer_l": "0",
    "outer_t": "0",
    "outer_r": "100",
    "outer_b": "80",
    "width": "100",
    "height": "80",
}


@given(samples(FOLDER / "shop" / "a.jpg"))
def test_a_record_survives_its_row(sample: Sample) -> None:
    row = to_row(sample, FOLDER)
    assert tuple(row) == COLUMNS
    assert from_row(row, FOLDER) == sample
    as_text = {name: "" if value is None else str(value) for name, value in row.items()}
    assert from_row(as_text, FOLDER) == sample


def test_a_row_is_read_column_by_column() -> None:
    sample = from_row(FRAMED, FOLDER)
    assert sample == Sample(
        path=FOLDER / "shop/a.jpg",
        label="framed",
        kind="border",
        sides=("top", "bottom"),
        inner=Box(0, 10, 100, 70),
        outer=Box(0, 0, 100, 80),
        source="shop",
        width=100,
        height=80,
    )


def test_clean_is_another_word_for_plain() -> None:
    sample = from_row({"file": "a.jpg", "label": "clean"}, FOLDER)
    assert sample.label == to_row(sample, FOLDER)["label"] == "plain"


def test_numbers_of_a_column_with_gaps_are_whole_again() -> None:
    sample = from_row({"file": "a.jpg", "label": "plain", "width": 100.0, "height": float("nan")}, FOLDER)
    assert (sample.width, sample.height) == (100, None)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"file": " "}, "file is empty"),
        ({"label": None}, "label is empty"),
        ({"label": "nice"}, "label is 'nice'; write one of framed, plain, unsure, reject"),
        ({"kind": "boarder"}, "kind is 'boarder'; write one of border, inset"),
        ({"sides": "tx"}, "sides is 'tx'; write each framed side once"),
        ({"sides": "tt"}, "sides is 'tt'"),
        ({"confidence": "sure"}, "confidence is 'sure'; write one of high, low, or leave it empty"),
        ({"geometry_quality": "fine"}, "geometry_quality is 'fine'"),
        ({"inner_l": "1.5"}, "inner_l is '1.5'; write a whole number of pixels"),
        ({"inner_l": ""}, "inner_l is empty; give all four edges of the inner box, or none"),
        ({"inner_l": "100"}, "inner is [100, 10, 100, 70] and holds no pixel"),
        ({"outer_b": "81"}, "outer is [0, 0, 100, 81] and leaves the picture of 100 × 80 pixels"),
        ({"outer_b": "69"}, "inner is [0, 10, 100, 70] and leaves the outer box [0, 0, 100, 69]"),
        ({"width": "0"}, "width is 0"),
        ({"label": "plain"}, "label is plain, yet kind, sides or boxes are given"),
    ],
)
def test_a_wrong_value_is_named_with_its_repair(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DatasetError) as caught:
        from_row(FRAMED | change, FOLDER)
    assert complaint in str(caught.value)


def test_a_picture_outside_the_folder_is_named_by_its_whole_path() -> None:
    row = to_row(Sample(Path("/elsewhere/a.jpg"), "plain"), FOLDER)
    assert row["file"] == "/elsewhere/a.jpg"
    assert from_row(row, FOLDER).path == Path("/elsewhere/a.jpg")


def test_a_picture_in_a_folder_that_a_link_names_is_named_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    for path, folder in (("there/a.jpg", "link"), ("link/a.jpg", "there")):
        assert to_row(Sample(tmp_path / path, "plain"), tmp_path / folder)["file"] == "a.jpg"


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("shop/a.jpg", "shop"),
        ("shop/shoes/a.jpg", "shop"),
        ("a.jpg", "a"),
        ("a.b.jpg", "a.b"),
        (" a .jpg", "a"),
        (" .jpg", " "),
    ],
)
def test_source_is_the_first_folder_or_the_name(file: str, source: str) -> None:
    assert source_of(file) == source


@given(st.integers(1, 30))
def test_a_drawn_picture_keeps_its_truth(thickness: int) -> None:
    image, inner = bordered(product(), thickness)
    outer = Box.whole(160, 120)
    drawn = Drawn(image, "framed", Frame(inner, outer, SIDES, "border"), np.ones((120, 160), bool), "border/solid")
    sample = from_drawn(drawn, Path("0.png"), "shop")
    assert sample.drawn
    assert (sample.inner, sample.outer, sample.sides, sample.kind) == (inner, outer, SIDES, "border")
    assert (sample.width, sample.height, sample.source, sample.design) == (160, 120, "shop", "border/solid")

"""Examples: what the network should answer, and that its right answer leads the runtime to the right pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from tests import draw
from tests.dataset.generator.photos import photographs
from unframe.dataset.generator.generate import Generator
from unframe.dataset.records import Sample
from unframe.errors import DatasetError
from unframe.runtime.locate import Evidence, locate
from unframe.runtime.views import DEPTH, boundaries, views
from unframe.training import examples
from unframe.training.examples import Examples, answer, drawn, real, row_of
from unframe.training.mixture import softened
from unframe.types import KINDS, SIDES, Box, Frame, Side


@given(length=st.integers(2, 5000), share=st.floats(0, 1))
def test_a_row_is_where_the_pixel_lies(length: int, share: float) -> None:
    half = length // 2
    distance = round(share * half)
    row = row_of(distance, length)
    if distance == 0:
        assert row == 0
        return
    edges = boundaries(length)
    assert 1 <= row <= DEPTH - 1
    middle = np.interp(row, np.arange(DEPTH), (edges[:-1] + edges[1:] - 1) / 2)  # back to pixels
    height = float(np.diff(edges)[int(row)])
    assert abs(middle - distance) <= max(1.0, height)  # the first and the last row are cut off


@given(length=st.integers(2, 5000), data=st.data())
def test_further_in_is_never_an_earlier_row(length: int, data: st.DataObject) -> None:
    near, far = sorted(data.draw(st.tuples(*[st.integers(0, length // 2)] * 2)))
    assert row_of(near, length) <= row_of(far, length)


def test_a_plain_picture_has_no_frame_anywhere() -> None:
    said = answer(None, 300, 200)
    assert (said.framed, said.located, said.kind) == (0.0, 1.0, examples.NO_KIND)
    assert not said.inner.any()
    assert not said.outer.any()


def test_sides_without_a_frame_are_row_0() -> None:
    frame = Frame(Box(0, 40, 300, 180), Box(0, 12, 300, 200), ("top", "bottom"), "banner")
    said = answer(frame, 300, 200)
    assert said.inner.tolist() == pytest.approx([row_of(40, 200), 0, row_of(20, 200), 0])
    assert said.outer.tolist() == pytest.approx([row_of(12, 200), 0, 0, 0])
    assert KINDS[said.kind] == "banner"


@pytest.mark.parametrize("size", [(160, 120), (500, 400), (1400, 900)])
@pytest.mark.parametrize("thickness", [1, 2, 7, 23, 48])
@pytest.mark.parametrize("sides", [SIDES, ("left",), ("top", "bottom")])
def test_the_right_answer_leads_to_the_right_pixel(
    size: tuple[int, int], thickness: int, sides: tuple[Side, ...]
) -> None:
    """Training and runtime speak of the same rows: a network that answers as taught locates every drawn frame."""
    image, inner = draw.bordered(draw.product(*size), thickness, sides=sides)
    said = answer(Frame(inner, Box.whole(*size), sides, "border"), *size)
    with np.errstate(divide="ignore"):
        rows = [np.maximum(np.log(softened(each[None])[0]), -30) for each in (said.inner, said.outer)]
    found = locate(image, Evidence(rows[0], rows[1], np.eye(len(KINDS))[said.kind]))
    assert (found.inner, found.outer) == (inner, Box.whole(*size))
    assert found.sides == sides
    assert found.kind == "border"


@pytest.fixture
def few() -> Examples:
    image, inner = draw.bordered(draw.product(90, 60), 5)
    frame = Frame(inner, Box.whole(90, 60), SIDES, "border")
    return Examples.of([(image, answer(frame, 90, 60)), (draw.product(90, 60), answer(None, 90, 60))])


def same(one: Examples, other: Examples) -> None:
    for name in Examples.__slots__:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_examples_are_what_the_runtime_sees(few: Examples) -> None:
    seen = views(draw.product(90, 60))
    assert np.array_equal(few.thumbnail[1], seen["thumbnail"][0])
    assert np.array_equal(few.strips[1], seen["strips"][0])
    assert len(few) == 2
    assert few.framed.tolist() == [1, 0]


def test_examples_are_read_as_they_were_written(few: Examples, tmp_path: Path) -> None:
    few.write(tmp_path / "few.npz")
    same(Examples.read(tmp_path / "few.npz"), few)
    twice = Examples.joined([few, few])
    assert len(twice) == 4
    assert np.array_equal(twice.inner[2:], few.inner)


# Drawn


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    return Generator(photographs(tmp_path_factory.mktemp("photos")), seed=3, size=(64, 96))


def test_drawing_goes_on_where_it_was_cut_short(generator: Generator, tmp_path: Path) -> None:
    told: list[int] = []
    paths = drawn(generator, 20, tmp_path / "whole", jobs=2, watch=told.append, shard=8)
    assert [path.name for path in paths] == ["shard-0000.npz", "shard-0001.npz", "shard-0002.npz"]
    assert told == [8, 8, 8]
    whole = [Examples.read(path) for path in paths]
    assert 12 < sum(map(len, whole)) <= 24  # those too faint to be told are left out
    assert 0 < np.mean(Examples.joined(whole).framed) < 1
    untouched = paths[0].stat().st_mtime_ns
    paths[1].unlink()
    paths[2].unlink()
    for path, before in zip(drawn(generator, 20, tmp_path / "whole", jobs=1, shard=8), whole, strict=True):
        same(Examples.read(path), before)
    assert paths[0].stat().st_mtime_ns == untouched


def test_whole_shards_are_drawn_and_counted(tmp_path: Path) -> None:
    assert [examples.rounded(count) for count in (0, 1, examples.SHARD, examples.SHARD + 1)] == [
        0, examples.SHARD, examples.SHARD, 2 * examples.SHARD,
    ]  # fmt: skip
    assert examples.kept(tmp_path / "nowhere") == 0
    for name in ("fold-1/shard-0000.npz", "fold-2/shard-0000.npz", "fold-2/.unframe-0.part", "fold-2/other.npz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert examples.kept(tmp_path) == 2 * examples.SHARD


# Real


def stored(folder: Path, name: str, **labels: object) -> Sample:
    PillowImage.fromarray(draw.product(90, 60)).save(folder / name)
    return Sample(folder / name, **labels)  # type: ignore[arg-type]


def test_real_pictures_are_taught_what_their_labels_know(tmp_path: Path) -> None:
    place = {"sides": ("left",), "inner": Box(6, 0, 90, 60)}
    found = real(
        [
            stored(tmp_path, "a.png", label="plain"),
            stored(tmp_path, "b.png", label="framed", kind="inset", outer=Box(2, 0, 90, 60), **place),
            stored(tmp_path, "c.png", label="framed", **place),
            stored(tmp_path, "d.png", label="framed", kind="keyline"),
        ]
    )
    assert found.framed.tolist() == [0, 1, 1, 1]
    assert found.located.tolist() == [1, 1, 1, 0]
    assert found.kind.tolist() == [-1, KINDS.index("inset"), -1, KINDS.index("keyline")]
    assert found.inner[1:3].tolist() == [pytest.approx([0, 0, 0, row_of(6, 90)])] * 2
    assert found.outer[1].tolist() == pytest.approx([0, 0, 0, row_of(2, 90)])
    assert not found.outer[2].any()


@pytest.mark.parametrize(
    "boxes", [{"inner": Box(6, 0, 91, 60)}, {"inner": Box(6, 0, 90, 60), "outer": Box(0, 0, 90, 61)}]
)
def test_a_real_picture_whose_boxes_leave_it_is_named(tmp_path: Path, boxes: dict[str, Box]) -> None:
    with pytest.raises(DatasetError, match=r"a\.png is 90 × 60 pixels, which its labelled boxes leave; label it again"):
        real([stored(tmp_path, "a.png", label="framed", sides=("left",), **boxes)])


def test_a_real_picture_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    with pytest.raises(DatasetError, match=r"broken\.png .*take it out of the data set"):
        real([Sample(tmp_path / "broken.png", "plain")])

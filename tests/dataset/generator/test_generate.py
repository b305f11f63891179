"""The generator: one index, one picture, whoever draws it and when; shares as the table says; truth that holds."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.dataset.generator.photos import art, photographs
from unframe.dataset.generator import negatives
from unframe.dataset.generator.album import Album, within
from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.generate import (
    PAINTERS,
    SMALLEST_PICTURE,
    WEIGHTS,
    Generator,
    Overlays,
    Parameters,
    Photo,
    draw_many,
)
from unframe.dataset.generator.openings import from_top, largest_box
from unframe.errors import DatasetError, DecodeError, SettingsError
from unframe.types import KINDS

MANY = 300


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    folder = tmp_path_factory.mktemp("photos")
    return Generator(photographs(folder), 7, Overlays.of(art(folder / "art")), (100, 180))


@pytest.fixture(scope="module")
def pictures(generator: Generator) -> list[Drawn]:
    return [generator.draw(index) for index in range(MANY)]


def same(first: Drawn, second: Drawn) -> bool:
    return (
        np.array_equal(first.image, second.image)
        and np.array_equal(first.mask, second.mask)
        and (first.label, first.frame, first.design, first.details, first.encoded)
        == (second.label, second.frame, second.design, second.details, second.encoded)
    )


def test_order_does_not_matter(generator: Generator, pictures: list[Drawn]) -> None:
    fresh = Generator(generator.photos, 7, generator.overlays, (100, 180))
    for index in (70, 3, 64, 0):
        assert same(fresh.draw(index), pictures[index])


def test_processes_draw_what_one_process_draws(generator: Generator, pictures: list[Drawn]) -> None:
    drawn = list(draw_many(generator, range(20), jobs=2))
    assert len(drawn) == 20
    assert all(same(first, second) for first, second in zip(drawn, pictures, strict=False))


@pytest.mark.parametrize("jobs", [1, 2])
def test_pictures_are_drawn_as_they_are_taken(generator: Generator, jobs: int) -> None:
    endless: Any = draw_many(generator, count(), jobs)
    assert [drawn.details["index"] for drawn in islice(endless, 3)] == [0, 1, 2]
    endless.close()


def test_another_seed_draws_other_pictures(generator: Generator, pictures: list[Drawn]) -> None:
    other = Generator(generator.photos, 8, generator.overlays, (100, 180))
    assert not any(same(other.draw(index), pictures[index]) for index in range(6))


def test_a_cache_too_small_for_one_photograph_changes_nothing(generator: Generator, pictures: list[Drawn]) -> None:
    fresh = Generator(generator.photos, 7, generator.overlays, (100, 180))
    fresh.album.room = 1
    assert same(fresh.draw(5), pictures[5])


def test_half_are_framed_and_kinds_come_as_their_weights_say(pictures: list[Drawn]) -> None:
    labels = Counter(drawn.label for drawn in pictures)
    assert abs(labels["plain"] / MANY - 0.5) < 0.1
    assert labels["unsure"] < 0.03 * MANY
    kinds = Counter(drawn.frame.kind for drawn in pictures if drawn.frame)
    weights = Parameters().kinds
    for kind in KINDS:
        assert abs(kinds[kind] / kinds.total() - weights[kind] / sum(weights.values())) < 0.1
    hard = np.mean([bool(drawn.hard) for drawn in pictures if drawn.label == "plain"])
    assert abs(hard - Parameters().hard_plain) < 0.15


def test_boxes_and_masks_agree(pictures: list[Drawn]) -> None:
    for drawn in pictures:
        if drawn.frame is None:
            assert not drawn.mask.any()
            continue
        inner, outer = drawn.frame.inner, drawn.frame.outer
        assert drawn.whole.contains(outer)
        assert not drawn.mask[inner.top : inner.bottom, inner.left : inner.right].any()
        outside = np.ones_like(drawn.mask)
        outside[outer.top : outer.bottom, outer.left : outer.right] = False
        assert not (drawn.mask & outside).any()
        assert largest_box(drawn.mask | outside).area >= inner.area
        for side in drawn.frame.sides:
            margin = inner.margins(drawn.whole.width, drawn.whole.height)[side]
            assert from_top(drawn.mask, side)[margin - 1].any(), (drawn.design, drawn.details["index"])


def test_sizes_are_those_that_were_asked_for(pictures: list[Drawn]) -> None:
    longest = [max(drawn.image.shape[:2]) for drawn in pictures]
    assert max(longest) <= 180 * 1.03
    # Art and leaning polaroids may take less than the whole photograph.
    assert np.mean(np.array(longest) >= 97) > 0.97


def test_size_and_shape_do_not_tell_framed_from_plain(pictures: list[Drawn]) -> None:
    """Ranks of the longer side and of the aspect, framed against plain: the area under the curve is near a half."""
    framed = np.array([drawn.label == "framed" for drawn in pictures])
    sizes = [(drawn.whole.width, drawn.whole.height) for drawn in pictures]
    longest, aspects = [max(size) for size in sizes], [abs(np.log(width / height)) for width, height in sizes]
    for values in (np.array(longest), np.array(aspects)):
        above = (values[framed][:, None] > values[~framed][None]).mean()
        ties = (values[framed][:, None] == values[~framed][None]).mean()
        assert abs(above + ties / 2 - 0.5) < 0.12


def test_framed_and_plain_go_through_the_same(pictures: list[Drawn]) -> None:
    for step in ("jpeg", "webp"):
        framed, plain = (
            np.mean([step in drawn.details["steps"] for drawn in pictures if (drawn.label == "plain") == side])
            for side in (False, True)
        )
        assert abs(framed - plain) < 0.15


def test_details_name_photograph_source_seed_and_index(generator: Generator, pictures: list[Drawn]) -> None:
    paths = {str(photo.path): photo.source for photo in generator.photos}
    for index, drawn in enumerate(pictures):
        details = drawn.details
        assert (details["seed"], details["index"]) == (7, index)
        assert paths[details["photo"]] == details["source"]


def test_every_photograph_is_used_and_sources_evenly(tmp_path: Path) -> None:
    photos = [Photo(tmp_path / f"{number}.png", "large" if number < 900 else "small") for number in range(1000)]
    generator = Generator(photos, 1)
    drawn = np.concatenate([generator.pool(block) for block in range(100)])
    share = np.mean(drawn >= 900)
    assert abs(share - 0.25) < 0.04, "a source with nine times the photographs is drawn from three times as often"
    assert all(len(set(generator.pool(block))) == 64 for block in range(5))


def test_every_design_is_named_after_its_kind_and_every_weight_has_a_design() -> None:
    designs = {design for painters in PAINTERS.values() for design in painters}
    assert set(WEIGHTS) <= designs | set(negatives.PAINTERS)
    for kind, painters in PAINTERS.items():
        assert all(design.startswith(f"{kind}/") for design in painters)


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone(generator: Generator, kind: str) -> None:
    weights: dict[str, Any] = {each: float(each == kind) for each in KINDS}
    alone = Generator(generator.photos, 1, (), (90, 90), replace(Parameters(), framed=1.0, **weights))
    for index in range(8):
        drawn = alone.draw(index)
        assert drawn.frame is not None
        assert drawn.frame.kind == kind


def test_paddings_stand_beside_photographs_and_never_beside_a_product_that_fills_the_picture(
    generator: Generator,
) -> None:
    """A book from edge to edge with white bars beside it is a picture of a book on white: that would be plain."""
    weights: dict[str, Any] = {each: float(each == "padding") for each in KINDS}
    parameters = Parameters(framed=1, hard_framed=1, **weights)
    padded = Generator(generator.photos, 3, (), (100, 180), parameters)
    assert {padded.draw(index).details["base"] for index in range(12)} == {"photograph"}
    bordered = replace(parameters, padding=0, border=1)
    drawn = Generator(generator.photos, 3, (), (100, 180), bordered).draw(0)
    assert drawn.details["base"] != "photograph"


def test_paddings_never_stand_beside_rectangular_products(generator: Generator) -> None:
    weights: dict[str, Any] = {each: float(each == "padding") for each in KINDS}
    photos = [photo._replace(rectangular=photo.source != "shop1") for photo in generator.photos]
    padded = Generator(photos, 4, (), (100, 180), Parameters(framed=1, attempts=40, **weights))
    assert {padded.draw(index).details["source"] for index in range(12)} == {"shop1"}


def test_covers_are_products_on_the_pictures_of_others(tmp_path: Path) -> None:
    """Level on white, a cover that exists is a plain picture; only photographs that are covers are shown so."""
    photos = photographs(tmp_path, 6)
    mark = (3, 250, 7)
    PillowImage.new("RGB", (60, 90), mark).save(tmp_path / "cover.png")
    shelf = [*photos, Photo(tmp_path / "cover.png", "covers", rectangular=True, cover=True)]
    plain = Parameters(
        framed=0, hard_plain=1, own_frame=0, full_bleed=0, badge_or_text=0, white_on_white=0, dark_edge=0,
        jpeg=0, webp=0, resampled=0, sharpened=0,
    )  # fmt: skip

    def shown(chosen: list[Photo]) -> int:
        drawn = [Generator(chosen, 3, (), (120, 120), plain).draw(index) for index in range(120)]
        assert all(each.label == "plain" for each in drawn)
        return sum(bool((each.image == mark).all(axis=2).sum() > 900) for each in drawn)

    assert shown(shelf) >= 5
    assert shown(photos) == 0


def test_photographs_that_cannot_be_read_are_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    photos = photographs(tmp_path, 3)
    photos[1].path.write_bytes(b"no picture")
    generator = Generator(photos, 0, size=(64, 64))
    drawn = [generator.draw(index) for index in range(6)]
    assert str(photos[1].path) not in {each.details["photo"] for each in drawn}
    assert "1.png" in caplog.text
    for photo in photos:
        photo.path.write_bytes(b"no picture")
    with pytest.raises(DatasetError, match="none of 3 photographs can be decoded"):
        Generator(photos, 0).draw(0)


def test_arguments_that_cannot_be_drawn_from_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no photograph"):
        Generator([])
    for size in [(300, 200), (0, 100)]:
        with pytest.raises(DatasetError, match="two numbers of pixels"):
            Generator([Photo(tmp_path / "a.png", "a")], size=size)
    with pytest.raises(SettingsError, match="framed is 2"):
        Parameters(framed=2.0)


def test_an_album_keeps_photographs_while_there_is_room(tmp_path: Path) -> None:
    photos = photographs(tmp_path, 4)
    album = Album(photos, 50, 3 * 50 * 40 * 2)
    first = album[0]
    assert max(first.shape) == 50
    assert album[0] is first
    for number in (1, 2, 3):
        album[number]
    assert album[0] is not first, "the photograph that was used longest ago made room"
    assert np.array_equal(album[0], first)
    assert len(pickle.dumps(album)) < 2000, "pixels do not travel to worker processes"
    photos[0].path.unlink()
    with pytest.raises(DecodeError):
        Album(photos, 50, 1)[0]


def test_within_only_makes_smaller() -> None:
    image = np.zeros((30, 60, 3), dtype=np.uint8)
    assert within(image, 60) is image
    assert within(image, 20).shape == (10, 20, 3)


def test_overlays_keep_their_transparency(tmp_path: Path) -> None:
    overlays = Overlays.of(art(tmp_path, 3))
    assert len(overlays) == 3
    assert overlays[1].shape == (120, 120, 4)
    assert overlays[1][60, 60, 3] == 0
    assert len(overlays[1:]) == 2
    assert [each.shape[0] for each in overlays] == [100, 120, 140]


def test_odd_photographs_and_the_smallest_pictures_can_be_drawn(tmp_path: Path) -> None:
    shapes = [(8, 8), (16, 400), (400, 16), (20, 20), (900, 60), (33, 57)]
    photos = []
    for number, (height, width) in enumerate(shapes):
        photos.append(Photo(tmp_path / f"{number}.png", str(number)))
        image = np.random.default_rng(number).integers(0, 255, (height, width, 3), dtype=np.uint8)
        PillowImage.fromarray(image).save(photos[-1].path)
    generator = Generator(photos, 3, size=(SMALLEST_PICTURE, SMALLEST_PICTURE))
    for index in range(120):
        drawn = generator.draw(index)
        if drawn.frame is not None:
            assert drawn.frame.inner.area > 0.08 * drawn.whole.area

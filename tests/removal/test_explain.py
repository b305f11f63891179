"""Drawings: the measured profile against the drawn frame, and the marks where they belong."""

from __future__ import annotations

import gc
from pathlib import Path, PurePath

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests import draw, fakes
from tests.conftest import ROOT
from tests.removal.conftest import encoded
from tests.runtime import models
from unframe.detector import Detector
from unframe.errors import OutputError
from unframe.files import Input
from unframe.imaging import decode
from unframe.removal import remove
from unframe.removal.explain import (
    CUT,
    GAP,
    INNER,
    PAIRS_PER_ROW,
    PAIRS_PER_SHEET,
    STRIP_HEIGHT,
    THUMBNAIL,
    WIDTH,
    contact_sheet,
    explanation,
    pair,
    side_profile,
)
from unframe.removal.gallery import Gallery
from unframe.removal.profiles import PROFILES, profile
from unframe.removal.remove import Removal
from unframe.runtime import NetworkDetector
from unframe.types import SIDES, Image, Side


@pytest.fixture
def framed() -> Image:
    return draw.bordered(draw.product(seed=3), 12, fakes.FRAME_COLOUR)[0]


def drawing(data: bytes, detector: Detector) -> tuple[Removal, Image]:
    done = remove(data, detector)
    return done, np.asarray(explanation(done, decode(done.original), decode(done.data), "a.png"))


@pytest.mark.parametrize("side", SIDES)
def test_a_profile_peaks_where_the_frame_ends(framed: Image, side: Side) -> None:
    profile = side_profile(framed, side, 40)
    assert profile.colours.shape == (40, 3)
    assert profile.steps.shape == (40,)
    assert profile.steps.argmax() == 12
    assert (profile.colours[:12].astype(int) == fakes.FRAME_COLOUR).mean() > 0.3
    assert profile.steps[1:12].max() == 0


def test_boxes_are_drawn_where_they_are(framed: Image, detector: Detector) -> None:
    done, page = drawing(encoded(framed), detector)
    assert done.changed
    assert page.shape[1] == WIDTH
    scale = min(580 / 160, 580 / 120, 4.0)
    x, y = GAP + round(12 * scale), 96 + round(12 * scale)
    assert (page[y, x + 30] == INNER).all()
    assert (page[y + 30, x] == INNER).all()
    tinted = page[96 + 5, GAP + 100].astype(int)
    assert np.abs(tinted - CUT).max() < np.abs(np.array(fakes.FRAME_COLOUR) - CUT).max()


def test_what_the_network_saw_is_drawn_below(framed: Image, tmp_path: Path) -> None:
    proto = models.with_heads()
    weights = proto.SerializeToString()
    card = models.card(weights, models.VIEWS, models.HEADS)
    detector = Detector(NetworkDetector.load(models.save(tmp_path / "drawn", weights, card)))
    done = remove(encoded(framed), detector)
    image, answer = decode(done.original), detector.evidence(framed)
    assert answer is not None
    answer.outputs["inner"][0, :, :] = np.where(np.arange(96) == 40, 9, 0)
    plain = np.asarray(explanation(done, image, image, "a.png"))
    page = np.asarray(explanation(done, image, image, "a.png", answer))
    assert page.shape[0] > plain.shape[0] + STRIP_HEIGHT
    below = page[plain.shape[0] :]
    width = (WIDTH - 5 * GAP) // 4
    for number in range(4):
        bar = below[20:150, GAP + number * (width + GAP) + round(40.5 * width / 96)]
        assert ((bar == INNER).all(axis=1)).sum() > 60  # the chance of row 40 is high, and bars stand where rows are
    strip = below[-40 - STRIP_HEIGHT // 2, GAP + 2]
    assert np.abs(strip.astype(int) - fakes.FRAME_COLOUR).max() < 12


def test_other_detectors_show_nothing_more(detector: Detector, framed: Image) -> None:
    assert detector.evidence(framed) is None


def test_a_clean_picture_has_no_marks(detector: Detector) -> None:
    _, page = drawing(encoded(draw.product()), detector)
    above_the_labels = page[96:400, :]
    assert not (above_the_labels == INNER).all(axis=2).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2000, 30), (30, 3000)])
def test_odd_shapes_can_be_drawn(shape: tuple[int, int], detector: Detector) -> None:
    _, page = drawing(encoded(np.full((*shape, 3), 90, np.uint8)), detector)
    assert page.shape[1] == WIDTH


def test_contact_sheets_have_a_place_for_each_pair(framed: Image, detector: Detector) -> None:
    done = remove(encoded(framed), detector)
    small = pair(done, framed, decode(done.data), "a.png")
    one, row, two_rows = (contact_sheet([small] * count) for count in (1, PAIRS_PER_ROW, PAIRS_PER_ROW + 1))
    assert one.size == row.size
    assert two_rows.height > row.height
    before = np.asarray(one)[GAP : GAP + THUMBNAIL, GAP : GAP + THUMBNAIL]
    assert (np.abs(before.astype(int) - fakes.FRAME_COLOUR).max(axis=2) < 3).sum() > 500


def test_sheets_follow_the_order_of_the_inputs_not_of_the_work(
    tmp_path: Path, detector: Detector, framed: Image
) -> None:
    inputs = [Input(f"{number}.png", None, PurePath(f"{number}.png")) for number in range(PAIRS_PER_SHEET + 1)]
    pictures = {each.name: encoded(framed) if each.name == "0.png" else encoded(draw.product()) for each in inputs}
    gallery = Gallery(inputs, tmp_path)
    for each in reversed(inputs):
        gallery.add(each, remove(pictures[each.name], detector))
    gallery.close()
    assert (tmp_path / "contact-sheet-002.png").exists()
    with PillowImage.open(tmp_path / "contact-sheet-001.png") as sheet:
        first = np.asarray(sheet)[GAP : GAP + THUMBNAIL, GAP : GAP + THUMBNAIL].astype(int)
    assert (np.abs(first - fakes.FRAME_COLOUR).max(axis=2) < 3).sum() > 500


def test_no_thumbnails_are_held_in_memory(tmp_path: Path, detector: Detector, framed: Image) -> None:
    def held() -> int:
        gc.collect()
        return sum(isinstance(each, PillowImage.Image) for each in gc.get_objects())

    inputs = [Input(f"{number}.png", None, PurePath(f"{number}.png")) for number in range(3)]
    done, gallery = remove(encoded(framed), detector), Gallery(inputs, tmp_path)
    gallery.add(inputs[0], done)
    before = held()
    gallery.add(inputs[1], done)
    gallery.add(inputs[2], done)
    assert held() == before
    gallery.close()
    expected = contact_sheet([pair(done, framed, decode(done.data), each.name) for each in inputs])
    with PillowImage.open(tmp_path / "contact-sheet-001.png") as sheet:
        assert np.array_equal(np.asarray(sheet), np.asarray(expected))
    assert len(list(tmp_path.iterdir())) == 4


def test_two_drawings_with_one_name_are_refused(tmp_path: Path) -> None:
    inputs = [Input(name, Path(name), PurePath("1.png")) for name in ("a/1.png", "b/1.png")]
    with pytest.raises(OutputError, match="would both be written"):
        Gallery(inputs, tmp_path)


def test_every_profile_states_limit_source_and_date() -> None:
    for name in PROFILES:
        limits = profile(name)
        assert limits.min_side or limits.min_longest
        assert limits.source.startswith("https://")
        assert limits.read.count("-") == 2
        assert str(max(limits.min_side, limits.min_longest)) in limits.rule


def test_the_page_about_removal_has_every_profile() -> None:
    page = (ROOT / "docs" / "removal.md").read_text()
    for name, limits in PROFILES.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        each, longest = (str(limit) if limit else "–" for limit in (limits.min_side, limits.min_longest))
        assert row.startswith(f"| `{name}` | {each} | {longest} |")
        assert f"]({limits.source}))" in row
        assert row.endswith(f"| {limits.read} |")

"""The classical detector as a whole, on pictures whose frames are known because they were drawn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image as PillowImage
from PIL import ImageDraw

from tests.draw import bordered, product, ringed
from unframe.baseline import BaselineDetector, Parameters
from unframe.baseline.edges import opencv
from unframe.errors import MissingExtraError, SettingsError
from unframe.types import SIDES, Box, Image, ImageDetector, Side

DETECTOR = BaselineDetector()


def scene(width: int = 480, height: int = 400, seed: int = 0) -> Image:
    """A product before a wall and on a floor that meet in a slanting line, with uneven light."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    wall = 150 + 40 * np.sin(columns / 60 + seed) + 20 * np.cos(rows / 40)
    floor = rows > 0.7 * height + 0.05 * columns
    shades = np.stack([wall - 50 * floor, wall - 20, wall + 15 * floor], axis=-1)
    picture: Image = np.clip(shades + rng.normal(0, 4, (height, width, 1)), 0, 255).astype(np.uint8)
    body = product(width, height, seed)
    inside = ((columns - width / 2) / (0.2 * width)) ** 2 + ((rows - height / 2) / (0.25 * height)) ** 2 < 1
    picture[inside] = body[inside]
    return picture


def cut_out(quad: list[tuple[float, float]], shade: tuple[int, int, int] = (40, 60, 90)) -> Image:
    """A flat product with these corners, given as shares of the picture, on white; rounded as products are."""
    picture = PillowImage.new("RGB", (1000, 1000), "white")
    pen = ImageDraw.Draw(picture)
    pen.polygon([(x * 1000, y * 1000) for x, y in quad], fill=shade)
    middle = (sum(x for x, _ in quad) * 250, sum(y for _, y in quad) * 250)
    pen.ellipse((middle[0] - 90, middle[1] - 90, middle[0] + 90, middle[1] + 90), fill=(200, 190, 170))
    return np.asarray(picture.resize((500, 500), PillowImage.Resampling.BICUBIC))


def off_by(found: Box, true: Box) -> int:
    return max(abs(one - other) for one, other in zip(found, true, strict=True))


def test_is_an_image_detector() -> None:
    detector: ImageDetector = DETECTOR
    assert (detector.name, detector.model) == ("baseline", "canny-rules-1")


@pytest.mark.parametrize("seed", range(3))
def test_leaves_a_scene_without_frame_alone(seed: int) -> None:
    found = DETECTOR.detect(scene(seed=seed))
    assert (found.framed, found.frame, found.verdict) == (False, None, "clean")


@pytest.mark.parametrize("thickness", [10, 24, 70])
@pytest.mark.parametrize("colour", [(180, 30, 40), (255, 255, 255), (0, 0, 0)])
def test_finds_a_solid_border_to_the_pixel(thickness: int, colour: tuple[int, int, int]) -> None:
    image, inner = bordered(scene(), thickness, colour)
    frame = DETECTOR.detect(image).frame
    assert frame is not None
    assert off_by(frame.inner, inner) <= 1
    assert frame.outer == Box(0, 0, 480, 400)
    assert (frame.sides, frame.kind) == (SIDES, "border")


@pytest.mark.parametrize(
    "sides", [("top",), ("right",), ("bottom",), ("left",), ("top", "bottom"), ("right", "left"), SIDES[:3]]
)
def test_tells_the_sides_that_carry_a_band(sides: tuple[Side, ...]) -> None:
    image, inner = bordered(scene(), 40, (200, 40, 60), sides)
    found = DETECTOR.detect(image)
    assert found.verdict == "framed"
    assert found.frame is not None
    assert found.frame.sides == sides
    assert off_by(found.frame.inner, inner) <= 1


@pytest.mark.parametrize("sides", [("top", "bottom"), ("right", "left")])
def test_calls_bars_on_opposite_sides_padding(sides: tuple[Side, ...]) -> None:
    frame = DETECTOR.detect(bordered(scene(), 60, (255, 255, 255), sides)[0]).frame
    assert frame is not None
    assert (frame.sides, frame.kind) == (sides, "padding")


def test_calls_a_broad_band_with_lettering_a_banner() -> None:
    image, inner = bordered(scene(), 80, (190, 20, 30), ("bottom",))
    rng = np.random.default_rng(5)
    for left in range(20, 460, 22):
        high = int(rng.integers(20, 50))
        image[340 : 340 + high, left : left + 14] = (255, 240, 200)
    frame = DETECTOR.detect(image).frame
    assert frame is not None
    assert (frame.sides, frame.kind) == (("bottom",), "banner")
    assert off_by(frame.inner, inner) <= 1


@pytest.mark.parametrize(("margin", "thickness"), [(8, 12), (20, 20), (30, 10)])
def test_finds_a_ring_that_stands_inset(margin: int, thickness: int) -> None:
    image, inner, outer = ringed(scene(), margin, thickness)
    frame = DETECTOR.detect(image).frame
    assert frame is not None
    assert off_by(frame.inner, inner) <= 1
    assert off_by(frame.outer, outer) <= 1
    assert frame.kind == "inset"


@pytest.mark.parametrize("thickness", [1, 2, 4])
@pytest.mark.parametrize("margin", [0, 12])
def test_finds_lines_down_to_one_pixel(margin: int, thickness: int) -> None:
    image = scene()
    outer = Box(margin, margin, 480 - margin, 400 - margin)
    image[outer.top : outer.bottom, outer.left : outer.right], inner = bordered(
        image[outer.top : outer.bottom, outer.left : outer.right], thickness, (10, 10, 10)
    )
    found = DETECTOR.detect(image)
    assert found.frame is not None
    assert off_by(found.frame.inner, Box(*(edge + margin for edge in inner))) <= 2
    assert found.frame.kind == "keyline"


@pytest.mark.parametrize(
    "quad",
    [
        [(0.1, 0.35), (0.9, 0.35), (0.9, 0.6), (0.1, 0.6)],
        [(0.2, 0.2), (0.75, 0.12), (0.75, 0.88), (0.2, 0.8)],
        [(0.3, 0.1), (0.8, 0.2), (0.7, 0.9), (0.2, 0.8)],
    ],
    ids=["lying", "in perspective", "turned"],
)
def test_a_rectangular_product_is_no_frame(quad: list[tuple[float, float]]) -> None:
    found = DETECTOR.detect(cut_out(quad))
    assert found.verdict == "clean"


def test_an_upright_rectangle_in_the_middle_of_white_is_never_sure_to_be_a_frame() -> None:
    found = DETECTOR.detect(cut_out([(0.3, 0.1), (0.7, 0.1), (0.7, 0.9), (0.3, 0.9)]))
    assert found.verdict != "framed"


def test_an_edge_that_stops_before_the_corners_speaks_less_than_one_that_reaches_them() -> None:
    probabilities = []
    for end in (480, 400, 300, 200):
        image = scene()
        image[:50, :end] = 255
        probabilities.append(DETECTOR.detect(image).probability)
    assert np.all(np.diff(probabilities) < 0)
    assert probabilities[0] > 0.7
    assert probabilities[-1] < 0.5


def test_probability_grows_with_the_contrast_of_the_frame() -> None:
    probabilities = []
    for share in np.linspace(0, 1, 9):
        image = scene()
        framed, _ = bordered(image, 20, (200, 30, 40))
        mixed = np.rint(image * (1 - share) + framed * share).astype(np.uint8)
        probabilities.append(DETECTOR.detect(mixed).probability)
    assert probabilities[0] < 0.35 < 0.7 < probabilities[-1]
    assert np.all(np.diff(probabilities) > -0.02)


def test_probability_is_graded() -> None:
    pictures = [scene(seed=seed) for seed in range(12)]
    pictures += [bordered(scene(seed=seed), seed + 1)[0] for seed in range(12)]
    probabilities = {DETECTOR.detect(image).probability for image in pictures}
    assert len(probabilities) == len(pictures)


def mirrored(box: Box) -> Box:
    return Box(480 - box.right, box.top, 480 - box.left, box.bottom)


def upside_down(box: Box) -> Box:
    return Box(box.left, 400 - box.bottom, box.right, 400 - box.top)


def transposed(box: Box) -> Box:
    return Box(box.top, box.left, box.bottom, box.right)


TURNS: dict[str, tuple[Callable[[Image], Image], Callable[[Box], Box]]] = {
    "mirrored": (np.fliplr, mirrored),
    "upside down": (np.flipud, upside_down),
    "transposed": (lambda image: image.swapaxes(0, 1), transposed),
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("sides", [SIDES, ("top",), ("right",), ("top", "bottom")])
def test_turning_the_picture_turns_the_frame(turn: str, sides: tuple[Side, ...]) -> None:
    image, _ = bordered(scene(), 30, (200, 30, 40), sides)
    turned, turned_box = TURNS[turn]
    before, after = DETECTOR.detect(image), DETECTOR.detect(np.ascontiguousarray(turned(image)))
    assert before.frame is not None
    assert after.frame is not None
    assert after.probability == pytest.approx(before.probability, abs=0.03)
    assert off_by(after.frame.inner, turned_box(before.frame.inner)) <= 1


def test_views_and_read_only_images_are_judged_as_their_copies() -> None:
    image, _ = bordered(scene(), 30)
    view = np.asfortranarray(image)
    view.setflags(write=False)
    assert DETECTOR.detect(view) == DETECTOR.detect(image)
    assert DETECTOR.detect(image[:, ::-1]) == DETECTOR.detect(image[:, ::-1].copy())


def test_never_writes_to_the_image() -> None:
    image, _ = bordered(scene(), 30)
    kept = image.copy()
    DETECTOR.detect(image)
    assert np.array_equal(image, kept)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (2, 2), (3, 200), (200, 3), (5, 5)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_pictures_of_few_pixels_and_one_colour_are_clean(size: tuple[int, int], level: int) -> None:
    found = DETECTOR.detect(np.full((*size, 3), level, dtype=np.uint8))
    assert (found.verdict, found.height, found.width) == ("clean", *size)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_any_image_is_judged(image: Image) -> None:
    found = DETECTOR.detect(image)
    assert 0 <= found.probability <= 1
    assert (found.width, found.height) == (image.shape[1], image.shape[0])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_noise_of_any_size_is_judged(width: int, height: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert 0 <= DETECTOR.detect(image).probability <= 1


def test_threads_share_a_detector_and_repeat_themselves() -> None:
    pictures = [bordered(scene(seed=seed), 8 + 5 * seed)[0] for seed in range(6)] * 3
    alone = DETECTOR.detect_many(pictures)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(DETECTOR.detect, pictures)) == alone


def test_leaves_cores_to_the_caller() -> None:
    assert opencv().getNumThreads() == 1


def test_thresholds_part_the_verdicts() -> None:
    image, _ = bordered(scene(), 20)
    strict = BaselineDetector(Parameters(clean_below=0.0, decision=1.0, framed_from=1.0)).detect(image)
    assert (strict.verdict, strict.framed, strict.frame) == ("review", False, None)
    assert strict.probability == DETECTOR.detect(image).probability


def test_says_what_to_install_without_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    opencv.cache_clear()
    with pytest.raises(MissingExtraError, match=r"OpenCV.*unframe\[baseline\]"):
        BaselineDetector()
    monkeypatch.undo()
    opencv.cache_clear()


def test_refuses_thresholds_in_the_wrong_order() -> None:
    with pytest.raises(SettingsError, match="must rise"):
        Parameters(clean_below=0.8)

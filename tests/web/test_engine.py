"""The browser's engine computes what the Python package computes: Python is the oracle, Node.js runs the engine."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage
from scripts import browser_engine

from tests.draw import bordered, product, ringed, rounded
from tests.web.conftest import Node
from unframe.errors import RemovalError
from unframe.removal import plan
from unframe.removal.plan import FRINGE, closer
from unframe.runtime import Card, find
from unframe.runtime.corners import without_rounding
from unframe.runtime.locate import SMALLEST, Evidence, locate
from unframe.runtime.views import boundaries, views
from unframe.types import KINDS, SIDES, Box, Detection, Frame, Image, Side

SIZES = [
    *[(1, 1), (2, 3), (1, 70), (96, 96), (32, 32), (97, 95), (31, 700), (700, 31)],
    *[(192, 96), (193, 192), (385, 384), (384, 577), (500, 500), (823, 551), (360, 900)],
]
"""Widths and heights about which the views change their way: where a step begins to skip, reduce or turn."""


def test_the_engine_has_the_types_that_it_says(packages: Path) -> None:
    if not (packages / "typescript").is_dir():
        pytest.skip("needs the packages that web/package.json has for development")
    done = browser_engine.run(["node", "node_modules/typescript/bin/tsc"])
    assert done.returncode == 0, done.stdout


def _picture(image: Image) -> dict[str, Any]:
    height, width = image.shape[:2]
    rgba = np.dstack([image, np.full((height, width), 255, dtype=np.uint8)])
    return {"width": width, "height": height, "rgba": base64.b64encode(rgba.tobytes()).decode()}


def _noise(width: int, height: int, seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _array(text: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(shape)


@pytest.mark.parametrize("draw", [_noise, product], ids=["noise", "product"])
def test_views_are_the_same_to_the_last_bit(node: Node, draw: Any) -> None:
    images = [draw(width, height, number) for number, (width, height) in enumerate(SIZES)]
    answers = node("views", [_picture(image) for image in images])
    for image, (thumbnail, strips) in zip(images, answers, strict=True):
        expected = views(image)
        np.testing.assert_array_equal(_array(strips, expected["strips"].shape), expected["strips"])
        np.testing.assert_allclose(
            _array(thumbnail, expected["thumbnail"].shape).astype(int),
            expected["thumbnail"],
            rtol=0,
            atol=0 if PIL.__version__ >= "13" else 1,  # earlier releases went across first in tall pictures, too
        )


def test_boundaries_are_the_same(node: Node) -> None:
    lengths = [1, 2, 191, 192, 193, 194, 500, 1000, 4032, 32_768]
    for length, found in zip(lengths, node("boundaries", lengths), strict=True):
        np.testing.assert_allclose(found, boundaries(length), rtol=1e-12)


def _evidence(rng: np.random.Generator) -> Evidence:
    """Logits as a network gives: mostly sure of a row or two, sometimes of none."""
    inner = rng.normal(0, 1, (len(SIDES), 96))
    outer = rng.normal(0, 1, (len(SIDES), 96))
    for side in range(len(SIDES)):
        inner[side, rng.integers(0, 60)] += rng.uniform(0, 12)
        inner[side, 0] += rng.uniform(0, 9)
        outer[side, rng.integers(0, 30)] += rng.uniform(0, 12)
    kind = rng.normal(0, 1, len(KINDS))
    return Evidence(*(each.astype(np.float32) for each in (inner, outer, kind)))


def _framed(rng: np.random.Generator, number: int) -> Image:
    width, height = (int(each) for each in rng.integers(60, 700, 2))
    image = product(width, height, seed=number)
    if number % 3 == 0:
        return image
    if number % 3 == 1:
        return bordered(image, int(rng.integers(1, 25)))[0]
    return ringed(image, int(rng.integers(1, 9)), int(rng.integers(1, 9)))[0]


def test_frames_are_located_at_the_same_pixels(node: Node) -> None:
    rng = np.random.default_rng(7)
    images = [_framed(rng, number) for number in range(40)]
    images += [_noise(*size, 0) for size in [(8, 8), (9, 40), (300, 8), (96, 96), (31, 700)]]
    evidence = [_evidence(rng) for _ in images]
    evidence[0] = Evidence.none()
    for given in evidence[1:6]:
        given.inner[:, 0] += 8  # hardly any side has a frame
    cases = [
        {"picture": _picture(image), **{name: logits.tolist() for name, logits in given._asdict().items()}}
        for image, given in zip(images, evidence, strict=True)
    ]
    for image, given, found in zip(images, evidence, node("locate", cases), strict=True):
        frame = locate(image, given)
        assert found == {
            "inner": list(frame.inner),
            "outer": list(frame.outer),
            "sides": list(frame.sides),
            "kind": frame.kind,
        }


def test_rounded_corners_are_cut_at_the_same_pixels(node: Node) -> None:
    rng = np.random.default_rng(8)
    cases: list[tuple[Image, Box, tuple[Side, ...]]] = []
    for number in range(40):
        width, height, thickness = (int(each) for each in rng.integers((60, 60, 1), (500, 500, 20)))
        radius = int(rng.integers(0, min(width, height) // 4))
        image, inner = rounded(product(width, height, seed=number), thickness, radius)
        sides = SIDES if number % 4 else SIDES[number // 4 % 4 :]
        cases.append((image, inner, sides))
    cases += [(_noise(40, 40, 1), Box(1, 1, 30, 30), SIDES), (_noise(9, 9, 1), Box(1, 1, 8, 8), SIDES)]
    given = [{"picture": _picture(image), "inner": inner, "sides": sides} for image, inner, sides in cases]
    expected = [list(without_rounding(*each)) for each in cases]
    assert node("withoutRounding", given) == expected
    assert sum(found != list(inner) for found, (_, inner, _) in zip(expected, cases, strict=True)) > 20


def test_the_smallest_picture_with_room_for_a_frame_is_the_same(node: Node) -> None:
    assert node("smallest") == SMALLEST


def test_verdicts_follow_the_card(node: Node) -> None:
    card = Card.read(find("unframe-1") / "card.json")
    limits = [card.thresholds.clean_below, card.thresholds.decision, card.thresholds.framed_above]
    logits = [-800.0, -30.0, *np.linspace(-8, 8, 41).tolist(), 30.0, 800.0]
    for logit, (chance, verdict) in zip(logits, node("verdicts", card.record(), logits), strict=True):
        assert chance == pytest.approx(card.calibration.probability(logit), abs=1e-12)
        if min(abs(chance - limit) for limit in limits) > 1e-9:
            assert verdict == card.thresholds.verdict(chance)


def test_transparency_is_flattened_on_white_as_pillow_does(node: Node) -> None:
    rgba = np.random.default_rng(3).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    rgba[:8, :, 3] = 255
    rgba[8:16, :, 3] = 0
    picture = PillowImage.fromarray(rgba)
    paper = PillowImage.new("RGB", picture.size, (255, 255, 255))
    paper.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
    found = _array(node("flatten", base64.b64encode(rgba.tobytes()).decode()), rgba.shape)
    np.testing.assert_array_equal(found[..., :3], np.asarray(paper))
    assert (found[..., 3] == 255).all()


def _detection(inner: Box, verdict: str = "framed", probability: float = 0.99) -> Detection:
    frame = Frame(inner, Box.whole(200, 100), ("top", "left"), "border")
    return Detection(verdict, probability, True, frame, 200, 100, "cnn", "unframe-1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "found",
    [
        _detection(Box(5, 10, 200, 100)),
        _detection(Box(90, 0, 200, 100)),
        _detection(Box(91, 0, 200, 100)),
        _detection(Box(0, 45, 200, 100)),
        _detection(Box(0, 46, 200, 100)),
        _detection(Box(0, 44, 200, 100)),
        _detection(Box(89, 44, 200, 100)),
        _detection(Box(5, 10, 200, 100), "review", 0.6),
        Detection("review", 0.4, False, None, 200, 100, "cnn", "unframe-1"),
        Detection("clean", 0.01, False, None, 200, 100, "cnn", "unframe-1"),
    ],
)
def test_plans_are_the_same(node: Node, found: Detection) -> None:
    frame = found.frame and {"inner": list(found.frame.inner), "sides": found.frame.sides}
    said = {"verdict": found.verdict, "probability": found.probability, "frame": frame, "width": 200, "height": 100}
    assert node("plan", said) == _planned(found)
    assert node("closer", said, FRINGE) == [list(each.inner) for each in closer(found)]


def _planned(found: Detection) -> list[int] | list[str] | None:
    try:
        planned = plan(found)
    except RemovalError as error:
        return [error.code, str(error).split(", or pass")[0]]  # the options are the command line's
    return list(planned.inner) if planned else None

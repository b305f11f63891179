"""Measure, score, locate and decide by themselves."""

from __future__ import annotations

from itertools import product as combinations

import numpy as np
import pytest

from tests.baseline.test_detector import scene
from tests.conftest import ROOT
from tests.draw import bordered, product, ringed
from unframe.baseline import Parameters
from unframe.baseline.decide import verdict
from unframe.baseline.edges import strips
from unframe.baseline.locate import locate
from unframe.baseline.measure import measure
from unframe.baseline.rules import BAND_RULES, FORMS, LINE_RULES, RULES, WEIGHTS
from unframe.baseline.score import Hypotheses, score
from unframe.settings import table
from unframe.types import SIDES, Box, Image, Side, Verdict


def striped(depth: int, thickness: int = 1) -> Image:
    """Grey, with a black line across at this depth below the top edge."""
    image = np.full((100, 200, 3), 140, dtype=np.uint8)
    image[depth : depth + thickness] = 0
    return image


def band_rule(image: Image, side: Side, depth: int, name: str) -> float:
    """What a rule about bands sees on the line at this depth."""
    lines = measure(image, Parameters()).lines[side]
    at = int(np.flatnonzero(lines.depth == depth)[0])
    return float(lines.bands[at, [rule.name for rule in BAND_RULES].index(name)])


def line_rules(image: Image, side: Side, depth: int, start: int, end: int) -> dict[str, float]:
    """What the rules about lines see at this depth between two places along the side."""
    lines = measure(image, Parameters()).lines[side]
    at = int(np.flatnonzero(lines.depth == depth)[0])
    values = lines.shares(np.array([start]), np.array([end]))[at, 0, 0]
    return {rule.name: float(value) for rule, value in zip(LINE_RULES, values, strict=True)}


def test_strips_keep_every_row_and_few_positions() -> None:
    lying, standing = strips(np.zeros((300, 500, 3), dtype=np.uint8), Parameters(positions=64))
    assert lying.rows.shape == (300, 64, 3)
    assert lying.steps.shape == (301, 64)
    assert standing.rows.shape == (500, 64, 3)


def test_a_line_of_one_pixel_has_two_full_steps() -> None:
    steps = strips(striped(30), Parameters())[0].steps
    assert np.all(steps[[30, 31]] == 140)
    assert np.all(np.delete(steps, [30, 31], axis=0) == 0)


@pytest.mark.parametrize("side", SIDES)
def test_every_side_counts_depth_from_its_own_edge(side: Side) -> None:
    image, _ = bordered(scene(), 33, sides=(side,))
    assert 33 in measure(image, Parameters()).lines[side].depth


def test_shares_count_only_the_part_between_the_corners() -> None:
    image = np.full((100, 128, 3), 200, dtype=np.uint8)
    image[40:, 32:96] = 60
    whole = line_rules(image, "top", 40, 0, 128)
    part = line_rules(image, "top", 40, 32, 96)
    assert whole["clear"] == pytest.approx(0.5, abs=0.03)
    assert (part["faint"], part["clear"], part["strong"], part["exact"]) == pytest.approx((1, 1, 1, 1), abs=0.05)
    assert part["complete"] == pytest.approx(1)
    assert (whole["complete"], whole["corners"], part["corners"]) == (0, 0, 1)


def test_steps_count_by_their_height() -> None:
    shares = []
    for level in (2, 8, 15, 60):
        image = np.full((100, 128, 3), 100, dtype=np.uint8)
        image[40:] += np.uint8(level)
        lines = measure(image, Parameters()).lines["top"]
        seen = lines.shares(np.array([0]), np.array([128]))[:, 0, 0, :3].max(axis=0)
        shares.append(seen.tolist())
    assert shares == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_a_plain_band_is_plain_outside_and_the_scene_is_not_plain_inside() -> None:
    image, _ = bordered(scene(), 30)
    assert band_rule(image, "top", 30, "plain_outside") == 1
    assert band_rule(image, "top", 30, "plain_inside") < 0.7
    assert band_rule(image, "top", 30, "busy_outside") == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(("colour", "share"), [((255, 255, 255), 1), ((230, 255, 255), 0)])
def test_white_is_white_in_every_channel(colour: tuple[int, int, int], share: float) -> None:
    image, _ = bordered(scene(), 30, colour)
    assert band_rule(image, "left", 30, "white_outside") == share


def test_a_sharp_edge_is_crisp_and_a_blurred_one_is_not() -> None:
    sharp = np.full((100, 128, 3), 50, dtype=np.uint8)
    sharp[40:] = 200
    ramp = np.clip((np.arange(100) - 37) * 25 + 50, 50, 200).astype(np.uint8)
    blurred = np.repeat(np.repeat(ramp[:, None, None], 128, axis=1), 3, axis=2)
    lines = measure(blurred, Parameters()).lines["top"]
    crisp = lines.bands[1:, [rule.name for rule in BAND_RULES].index("crisp")]
    assert band_rule(sharp, "top", 40, "crisp") > 0.95
    assert crisp.max() < 0.4


def test_a_ring_has_a_line_outside_its_inner_edge_and_one_inside_its_outer_edge() -> None:
    image, _, _ = ringed(scene(), 20, 8)
    assert band_rule(image, "top", 28, "line_outside") > 0.8
    assert band_rule(image, "top", 28, "line_inside") < 0.4
    assert band_rule(image, "top", 20, "line_inside") > 0.8


def test_a_table_edge_continues_what_a_band_does_not() -> None:
    columns = 128 + 60 * np.sin(np.arange(256) / 20)
    picture = np.repeat(columns[None], 100, axis=0)
    picture[40:] -= 40
    image = np.repeat(picture[..., None], 3, axis=2).astype(np.uint8)
    assert band_rule(image, "top", 40, "continues") > 0.9
    image[:40] = 128
    assert band_rule(image, "top", 40, "continues") < 0.1


@pytest.mark.parametrize("image", [bordered(product(), 9)[0], ringed(product(), 8, 5)[0], product(90, 150)])
def test_logits_are_what_the_rules_saw_times_their_weights(image: Image) -> None:
    weights = np.random.default_rng(0).normal(size=WEIGHTS.shape).astype(np.float32)
    hypotheses = Hypotheses(measure(image, Parameters(lines=2)))
    logits = hypotheses.logits(weights)
    assert logits[0, 0, 0, 0] == -np.inf
    for place in combinations(*(range(size) for size in hypotheses.shape)):
        if any(place):
            assert logits[place] == pytest.approx(float((hypotheses.seen(place) * weights).sum()), abs=1e-3)


def test_seen_fills_the_column_of_the_form() -> None:
    hypotheses = Hypotheses(measure(bordered(scene(), 20)[0], Parameters()))
    for place, form in {(1, 0, 0, 0): "single", (1, 0, 1, 0): "opposite", (1, 1, 0, 0): "around"}.items():
        seen = hypotheses.seen(place)
        assert np.flatnonzero(seen.any(axis=0)).tolist() == [FORMS.index(form)]


def test_equal_sides_agree_fully() -> None:
    measured = measure(bordered(scene(), 20)[0], Parameters())
    place = tuple(int(np.flatnonzero(measured.lines[side].depth == 20)[0]) for side in SIDES)
    seen = dict(zip((rule.name for rule in RULES), Hypotheses(measured).seen(place)[:, 2], strict=True))
    assert (seen["opposite_equal"], seen["adjacent_equal"]) == (2, 4)
    assert seen["weakest"] > 0.9


def test_the_score_names_depths_and_what_was_seen() -> None:
    scored = score(measure(bordered(scene(), 20)[0], Parameters()))
    assert scored.depths == dict.fromkeys(SIDES, 20)
    assert scored.rules["left"]["plain_outside"] == 1
    assert scored.probability > 0.9


def test_the_inner_box_holds_no_mixed_row() -> None:
    image, inner = bordered(scene(), 20, (0, 0, 0))
    image[20] = image[20] // 2
    measured = measure(image, Parameters())
    found, outer = locate(measured, dict.fromkeys(SIDES, 20), Parameters())
    assert found == Box(inner.left, 21, inner.right, inner.bottom)
    assert outer == Box(0, 0, 480, 400)


@pytest.mark.parametrize(
    ("probability", "expected"), [(0.0, "clean"), (0.35, "review"), (0.69, "review"), (0.7, "framed"), (1.0, "framed")]
)
def test_verdicts_begin_at_their_thresholds(probability: float, expected: Verdict) -> None:
    assert verdict(probability, Parameters()) == expected


def test_the_document_explains_every_rule_and_parameter() -> None:
    text = (ROOT / "docs" / "baseline.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"| `{rule.name}` | {rule.sees} | {rule.single:g} | {rule.opposite:g} | {rule.around:g} |" in text
    for row in table(Parameters):
        assert f"| `{row.name}` | {row.default:g} | {row.unit} | {row.help} |" in text

"""Slices by hand."""

from __future__ import annotations

from tests.evaluation.cases import detection, judged, truth
from unframe.evaluation.run import Judged
from unframe.evaluation.slices import THICKNESS_NAMES, slices, sources
from unframe.types import Box

PICTURES: list[Judged] = [
    judged(truth("framed", "a", 0), detection(0.9, Box(10, 10, 190, 90))),
    judged(truth("framed", "b", 1), detection(0.9, Box(30, 10, 190, 90))),
    judged(truth("framed", "b", 2, kind="keyline", inner=Box(1, 1, 199, 99)), detection(0.2)),
    judged(truth("framed", "b", 3, kind=None, inner=None, outer=None), detection(0.8)),
    judged(truth("plain", "a", 4, hard="own_frame"), detection(0.8)),
    judged(truth("plain", "a", 5), detection(0.1)),
    judged(truth("plain", "c", 6), detection(0.6)),
]


def test_kinds_come_in_their_own_order_with_recall_and_place() -> None:
    border, keyline = slices(PICTURES, "rule")["kind"]
    assert (border.name, border.pictures, border.sources) == ("border", 2, 2)
    assert border.called_framed.value == 1.0
    assert border.located is not None
    assert border.located.value == 0.5
    assert (keyline.name, keyline.called_framed.value) == ("keyline", 0.0)


def test_thickness_classes_hold_their_lower_end() -> None:
    thick = {each.name: each.pictures for each in slices(PICTURES, "rule")["thickness"]}
    assert thick == {"1 to 2 %": 1, "10 to 20 %": 2}
    assert THICKNESS_NAMES[0] == "under 1 %"
    assert THICKNESS_NAMES[-1] == "20 % and over"


def test_hard_tags_count_false_alarms_and_leave_the_easy_for_last() -> None:
    own_frame, easy = slices(PICTURES, "rule")["hard"]
    assert (own_frame.name, own_frame.called_framed.value) == ("own_frame", 1.0)
    assert (easy.name, easy.pictures, easy.called_framed.value) == ("not hard", 2, 0.5)
    assert easy.located is None


def test_sources_come_with_most_mistakes_first() -> None:
    found = [(each.name, each.framed, each.plain, each.found, each.alarms) for each in sources(PICTURES, "rule")]
    assert found == [("a", 1, 2, 1, 1), ("b", 3, 0, 2, 0), ("c", 0, 1, 0, 1)]

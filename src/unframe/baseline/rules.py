"""The rules: what each one sees, and how much it speaks for a frame on one side, on two opposite sides, or around.

Every rule is a number that grows smoothly with the evidence, and a frame's score is the sum over its sides and rules of
number times weight. The weights are fitted by ``scripts/fit_baseline.py``, which prints this table.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]
"""float32 ``(rules, 3)``: the weight of every rule of `RULES` for each of `FORMS`."""

FORMS = ("single", "opposite", "around")
"""A frame on one side; on two opposite sides; on two that meet, on three or on four."""


class Rule(NamedTuple):
    """One rule: its name, what it sees, and its weight in each of `FORMS`."""

    name: str
    sees: str
    single: float
    opposite: float
    around: float


LINE_RULES = (
    Rule(
        "faint",
        "Share of the side along which at least a faint step lies on the line, one row more or less.",
        0.05,
        0.29,
        -0.01,
    ),
    Rule("clear", "The same for a clear step.", 0.82, -0.29, -0.04),
    Rule("strong", "The same for a strong step.", 1.32, 0.24, 0.05),
    Rule("exact", "Share of the side along which a clear step lies on the very row of the line.", -0.08, 0.43, 0.38),
    Rule(
        "complete",
        "How far the faint share goes beyond nine tenths, 0 to 1: a drawn edge leaves no gap.",
        1.22,
        1.04,
        -0.07,
    ),
    Rule("corners", "Faint share of the last thirty-second before the corners, at the weaker end.", 0.24, 0.83, 0.26),
)
"""Rules about a line between the corners that it should reach."""

BAND_RULES = (
    Rule("stands_out", "By how much the line has more edge than the rows around it.", -0.42, 0.51, 0.97),
    Rule(
        "crisp", "Share of the change across five rows that falls on the line: drawn edges are sharp.", 0.37, 1.52, 0.48
    ),
    Rule(
        "line_outside",
        "Strongest other line just outside: the second edge of a ring or of a thin line.",
        1.39,
        -0.06,
        0.23,
    ),
    Rule("line_inside", "Strongest other line just inside: the frame may go on.", -2.32, -1.64, -1.1),
    Rule("plain_outside", "Share of the positions outside that have their row's usual colour.", -1.55, -0.84, -0.31),
    Rule("plain_inside", "The same just inside the line.", 0.09, -0.42, -0.54),
    Rule(
        "white_outside",
        "Share of the rows outside whose usual colour is white: cut-out products stand on white.",
        -1.05,
        -0.27,
        -0.05,
    ),
    Rule(
        "busy_outside", "Share of edges outside the line: text and texture, or a scene that goes on.", -1.05, -1.9, 0.46
    ),
    Rule(
        "continues",
        "How alike the picture is on either side of the line, as a scene is across a table's edge.",
        -1.46,
        -1.19,
        -0.47,
    ),
    Rule("depth", "Depth of the line as a share of the picture.", -1.52, -1.55, -2.37),
    Rule(
        "thin", "1 for a line within a fiftieth of the picture, where scans leave their fringes.", -2.43, -1.75, -0.19
    ),
    Rule("white_fringe", "White share outside a thin line: a cover cut out a little too wide.", -1.89, 1.15, 0.35),
)
"""Rules about the band between a line and the image edge, and about what lies inside."""

FORM_RULES = (
    Rule("always", "1 for every frame: how rare this form is.", -1.15, -1.47, -1.48),
    Rule("adjacent", "1 for a frame on two sides that meet.", 0.0, 0.0, -2.35),
    Rule("three", "1 for a frame on three sides.", 0.0, 0.0, -2.09),
    Rule("weakest", "The clear share of the weakest side.", 0.82, 0.14, -0.46),
    Rule("weakest_corner", "The weakest corner of all.", 0.24, 0.66, 0.68),
    Rule("opposite_equal", "How equally deep opposite sides are; counts both pairs.", 0.0, 1.03, 0.75),
    Rule("adjacent_equal", "How equally deep neighbouring sides are; counts all four corners.", 0.0, 0.0, 0.23),
    Rule("on_white", "White outside all four sides, by the least white: a product cut out.", 0.0, 0.0, -0.37),
    Rule(
        "uneven_on_white",
        "The same times how unequally deep neighbouring sides are: a rectangular product.",
        0.0,
        0.0,
        -0.15,
    ),
)
"""Rules about the sides together."""

RULES = LINE_RULES + BAND_RULES + FORM_RULES

WEIGHTS: Weights = np.array([[rule.single, rule.opposite, rule.around] for rule in RULES], dtype=np.float32)

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
        0.51,
        0.24,
        0.03,
    ),
    Rule("clear", "The same for a clear step.", 0.49, -0.2, -0.09),
    Rule("strong", "The same for a strong step.", 1.08, -0.01, 0.08),
    Rule("exact", "Share of the side along which a clear step lies on the very row of the line.", -0.02, 0.56, 0.32),
    Rule(
        "complete",
        "How far the faint share goes beyond nine tenths, 0 to 1: a drawn edge leaves no gap.",
        1.51,
        0.47,
        -0.13,
    ),
    Rule("corners", "Faint share of the last thirty-second before the corners, at the weaker end.", 0.0, 1.5, 0.25),
)
"""Rules about a line between the corners that it should reach."""

BAND_RULES = (
    Rule("stands_out", "By how much the line has more edge than the rows around it.", -0.28, 0.57, 1.16),
    Rule(
        "crisp", "Share of the change across five rows that falls on the line: drawn edges are sharp.", 0.44, 1.21, 0.32
    ),
    Rule(
        "line_outside",
        "Strongest other line just outside: the second edge of a ring or of a thin line.",
        1.13,
        0.19,
        0.16,
    ),
    Rule("line_inside", "Strongest other line just inside: the frame may go on.", -1.78, -1.58, -1.2),
    Rule("plain_outside", "Share of the positions outside that have their row's usual colour.", -1.46, -0.71, -0.26),
    Rule("plain_inside", "The same just inside the line.", 0.14, -0.44, -0.57),
    Rule(
        "white_outside",
        "Share of the rows outside whose usual colour is white: cut-out products stand on white.",
        -0.96,
        -0.23,
        -0.01,
    ),
    Rule(
        "busy_outside",
        "Share of edges outside the line: text and texture, or a scene that goes on.",
        -1.12,
        -1.71,
        0.48,
    ),
    Rule(
        "continues",
        "How alike the picture is on either side of the line, as a scene is across a table's edge.",
        -1.32,
        -0.9,
        -0.47,
    ),
    Rule("depth", "Depth of the line as a share of the picture.", -1.59, -2.44, -2.3),
    Rule("thin", "1 for a line within a fiftieth of the picture, where scans leave their fringes.", -1.9, -1.72, -0.24),
    Rule("white_fringe", "White share outside a thin line: a cover cut out a little too wide.", -2.2, 1.27, 0.37),
)
"""Rules about the band between a line and the image edge, and about what lies inside."""

FORM_RULES = (
    Rule("always", "1 for every frame: how rare this form is.", -1.17, -1.42, -1.15),
    Rule("adjacent", "1 for a frame on two sides that meet.", 0.0, 0.0, -1.99),
    Rule("three", "1 for a frame on three sides.", 0.0, 0.0, -1.59),
    Rule("weakest", "The clear share of the weakest side.", 0.49, -0.33, -0.43),
    Rule("unlike_sides", "Clear share of the strongest side less that of the weakest.", 0.0, -1.07, -0.41),
    Rule("weakest_corner", "The weakest corner of all.", 0.0, 1.02, 0.8),
    Rule("opposite_equal", "How equally deep opposite sides are; counts both pairs.", 0.0, 0.55, 0.62),
    Rule("adjacent_equal", "How equally deep neighbouring sides are; counts all four corners.", 0.0, 0.0, 0.32),
    Rule("on_white", "White outside all four sides, by the least white: a product cut out.", 0.0, 0.0, -0.58),
    Rule(
        "uneven_on_white",
        "The same times how unequally deep neighbouring sides are: a rectangular product.",
        0.0,
        0.0,
        0.02,
    ),
)
"""Rules about the sides together."""

RULES = LINE_RULES + BAND_RULES + FORM_RULES

WEIGHTS: Weights = np.array([[rule.single, rule.opposite, rule.around] for rule in RULES], dtype=np.float32)

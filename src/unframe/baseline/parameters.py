"""The baseline's parameters as one table; the weights of the rules are in `unframe.baseline.rules`."""

from __future__ import annotations

from dataclasses import dataclass

from unframe.errors import SettingsError
from unframe.settings import check, setting


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the baseline measures with and where it draws the line.

    The weights were fitted to what the default measuring parameters see: after changing one of those, fit again with
    ``scripts/fit_baseline.py``. The deciding ones, from ``clean_below`` on, change freely.
    """

    positions: int = setting(128, "Positions kept along a side; the pixels between are averaged.", "positions", 8, 4096)
    canny_low: int = setting(10, "Canny's lower threshold, on the sum of Sobel gradients.", "levels", 1, 1020)
    canny_high: int = setting(24, "Canny's upper threshold: an edge needs one such pixel.", "levels", 1, 1020)
    faint_step: int = setting(3, "Change across an edge from which it counts as faint.", "levels", 1, 255)
    clear_step: int = setting(10, "Change across an edge from which it counts as clear.", "levels", 1, 255)
    strong_step: int = setting(28, "Change across an edge from which it counts as strong.", "levels", 1, 255)
    lines: int = setting(8, "Lines followed up on each side; time grows with its fourth power.", "lines", 1, 16)
    deepest: float = setting(0.45, "Deepest line, as a share of the height or width.", "share", 0.01, 0.49)
    plain_spread: int = setting(10, "Difference up to which two colours count as the same.", "levels", 0, 255)
    white_from: int = setting(
        248, "Level of the darkest channel from which a colour counts as white.", "levels", 0, 255
    )
    thin: float = setting(0.02, "Thickness under which a frame is a keyline.", "share", 0.0, 0.5)
    clean_below: float = setting(0.35, "Probability below which the verdict is clean.", "", 0.0, 1.0)
    decision: float = setting(0.5, "Probability from which a picture counts as framed.", "", 0.0, 1.0)
    framed_from: float = setting(0.7, "Probability from which the verdict is framed.", "", 0.0, 1.0)
    least_share: float = setting(0.2, "Least that a side stands out, as a share of the best side.", "share", 0.0, 1.0)
    mixed_share: float = setting(0.35, "Share of the largest step from which a row is still mixed.", "share", 0.0, 1.0)
    outer_share: float = setting(
        0.8, "Share of a side along which an inset frame's outer edge shows.", "share", 0.0, 1.0
    )
    outer_plain: float = setting(0.75, "Share of the margin outside an inset frame that is plain.", "share", 0.0, 1.0)
    backdrop_spread: int = setting(24, "Difference up to which margin and backdrop are alike.", "levels", 0, 255)
    banner_plain: float = setting(0.93, "Share of plain positions below which a band carries text.", "share", 0.0, 1.0)
    banner_thickness: float = setting(0.05, "Thickness from which a band can be a banner.", "share", 0.0, 0.5)

    def __post_init__(self) -> None:
        check(self)
        if not self.clean_below <= self.decision <= self.framed_from:
            raise SettingsError(
                f"clean_below {self.clean_below}, decision {self.decision} and framed_from {self.framed_from} "
                "must rise in this order"
            )

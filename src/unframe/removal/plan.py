"""What would be done to a picture: decided from the detection alone, so that it can be shown first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import index
from typing import Literal, NamedTuple, get_args

from unframe.errors import RemovalError, SettingsError
from unframe.settings import check, setting
from unframe.types import SIDES, Box, Detection, Side

Mode = Literal["crop", "fill", "pad"]

MODES: dict[Mode, str] = {
    "crop": "Cut the picture to the photograph.",
    "fill": "Paint the frame out with the photograph's own plain backdrop; the size stays.",
    "pad": "Cut, then centre the photograph on its plain backdrop at the old size, or at another.",
}
"""What each mode does."""

LARGEST_CUT = 0.45
"""Share of a side that may be cut away without `Options.force`."""

FRINGE = 2
"""Pixels beside a frame that may go with it: compression and resampling smear its edge into the photograph."""

LONGEST_SIDE = 65_535
"""Pixels of the longest side that a picture can have: no limit in the settings allows for more."""


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    @classmethod
    def of(cls, pair: Iterable[int]) -> Size:
        """The size of a picture of this width and height.

        Raises:
            SettingsError: They are not two whole numbers from 1 to `LONGEST_SIDE`.
        """
        try:
            size = cls(*map(index, pair))
        except TypeError:
            raise SettingsError(f"{pair!r} is no size; give two whole numbers, as in (1000, 1000)") from None
        if not all(1 <= side <= LONGEST_SIDE for side in size):
            raise SettingsError(
                f"no picture is of {size.width:,} × {size.height:,} pixels; give 1 to {LONGEST_SIDE:,} for each side, "
                "as in 1000x1000"
            )
        return size

    @classmethod
    def parse(cls, text: str) -> Size:
        """The size that a text like ``1000x1000`` stands for.

        Raises:
            SettingsError: It stands for none, or for one that no picture has.
        """
        width, cross, height = text.lower().replace("×", "x").partition("x")
        try:
            return cls.of((int(width), int(height if cross else width)))
        except ValueError:
            raise SettingsError(f"{text!r} is no size; write it as 1000x1000") from None


@dataclass(frozen=True, slots=True)
class Options:
    """How frames are taken off."""

    mode: Mode = setting("crop", "Crop to the photograph, fill the frame with backdrop, or crop and pad.")
    size: Size | None = setting(None, "Size of a padded picture; its old size when omitted.", "pixels")
    min_side: int = setting(0, "A result of which a side is shorter is reported.", "pixels", 0)
    min_longest: int = setting(0, "A result whose longer side is shorter is reported.", "pixels", 0)
    review: bool = setting(False, "Take frames off pictures that are up for review, too.")
    force: bool = setting(False, "Cut more than 45 % of a side, and keep results that are judged framed again.")

    def __post_init__(self) -> None:
        check(self)
        if self.size is not None:
            object.__setattr__(self, "size", Size.of(self.size))  # any pair of numbers will do
        if self.mode not in get_args(Mode):
            raise SettingsError(f"mode is {self.mode!r}; choose one of: {', '.join(MODES)}")
        if self.size is not None and self.mode != "pad":
            raise SettingsError(f"a size goes with mode pad, not with {self.mode}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to one picture.

    Attributes:
        mode: How the frame comes off.
        inner: Box of the photograph in the picture as it is.
        canvas: Size of the result.
        offset: Where the photograph's left top corner goes in the result; negative never.
        photograph: Size of the photograph in the result; smaller than ``inner`` when it must shrink to fit.
    """

    mode: Mode
    inner: Box
    canvas: Size
    offset: tuple[int, int]
    photograph: Size


def plan(detection: Detection, options: Options | None = None) -> Plan | None:
    """What would be done to the picture.

    Args:
        detection: What was found in it.
        options: How frames are taken off; the defaults when omitted.

    Returns:
        The plan; ``None`` for a clean picture, to which nothing is done.

    Raises:
        RemovalError: ``review`` or ``too-much``: the frame is left in place.
    """
    options = options or Options()
    if detection.frame is None:
        if detection.verdict == "review":
            raise RemovalError("review", _doubt(detection))
        return None
    if detection.verdict == "review" and not options.review:
        raise RemovalError("review", _doubt(detection))
    inner = detection.frame.inner
    if not options.force:
        _guard(inner, detection.width, detection.height)
    return _lay_out(inner, Size(detection.width, detection.height), options)


def closer(detection: Detection, options: Options | None = None) -> Iterator[Plan]:
    """Plans that take some of the photograph's fringe along with the frame, from one pixel to `FRINGE`.

    Args:
        detection: What was found in a picture that has a plan.
        options: How frames are taken off; the defaults when omitted.
    """
    if detection.frame is None:
        return
    left, top, right, bottom = detection.frame.inner
    framed = {side: side in detection.frame.sides for side in SIDES}
    for more in range(1, FRINGE + 1):
        inner = Box(
            left + more * framed["left"],
            top + more * framed["top"],
            right - more * framed["right"],
            bottom - more * framed["bottom"],
        )
        frame = replace(detection.frame, inner=inner)
        if inner.area:
            with suppress(RemovalError):  # the fringe would be too much
                if planned := plan(replace(detection, frame=frame), options):
                    yield planned


def _doubt(detection: Detection) -> str:
    doubt = f"a frame has probability {detection.probability:.2f}, too close to call"
    if detection.frame is None:
        return f"{doubt}; no frame was located, so there is nothing to cut; look at it"
    return f"{doubt}; look at it, or pass --remove-review (in Python: Options(review=True))"


def _guard(inner: Box, width: int, height: int) -> None:
    for name, left, whole in (("width", inner.width, width), ("height", inner.height, height)):
        if whole - left > LARGEST_CUT * whole:
            cut = (whole - left) / whole
            message = f"{cut:.0%} of the {name} would be cut away, over {LARGEST_CUT:.0%}; look at it, or force it"
            raise RemovalError("too-much", message)


def _lay_out(inner: Box, old: Size, options: Options) -> Plan:
    photograph = Size(inner.width, inner.height)
    match options.mode:
        case "crop":
            return Plan("crop", inner, photograph, (0, 0), photograph)
        case "fill":
            return Plan("fill", inner, old, (inner.left, inner.top), photograph)
        case "pad":
            canvas = options.size or old
            fitted = _fit(photograph, canvas)
            offset = ((canvas.width - fitted.width) // 2, (canvas.height - fitted.height) // 2)
            return Plan("pad", inner, canvas, offset, fitted)


def _fit(photograph: Size, canvas: Size) -> Size:
    """The size at which a photograph fits the canvas: its own, or smaller; enlarging would add nothing."""
    scale = min(1.0, canvas.width / photograph.width, canvas.height / photograph.height)
    return Size(max(1, round(photograph.width * scale)), max(1, round(photograph.height * scale)))


def sides_to_paint(plan: Plan) -> tuple[Side, ...]:
    """The sides of the canvas that the photograph does not reach."""
    left, top = plan.offset
    placed = Box(left, top, left + plan.photograph.width, top + plan.photograph.height)
    return tuple(side for side, margin in placed.margins(*plan.canvas).items() if margin > 0)

"""One drawing that tells a person what was found in a picture, why, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from unframe.removal.backdrop import inward
from unframe.removal.remove import Removal
from unframe.runtime import Answer
from unframe.types import SIDES, Box, Detection, Frame, Image, Side

Colour = tuple[int, int, int]
Picture = PillowImage.Image

INK: Colour = (33, 37, 41)
FAINT: Colour = (134, 142, 150)
LINE: Colour = (222, 226, 230)
PAPER: Colour = (255, 255, 255)
CUT: Colour = (224, 49, 49)
INNER: Colour = (47, 158, 68)
OUTER: Colour = (25, 113, 194)
VERDICT: dict[str, Colour] = {"framed": CUT, "clean": INNER, "review": (232, 140, 0)}

WIDTH = 1240
PANEL = 580
GAP = 26
CHART_HEIGHT = 130
STRIP_HEIGHT = 64
STRIPS_HEIGHT = 30 + CHART_HEIGHT + STRIP_HEIGHT + 60

REASONS = {
    "too-much": "more than 45 % of a side would go",
    "not-plain": "its edge is not plain, painting would invent content",
    "still-framed": "what remains would be judged framed again",
    "review": "too close to call",
}
"""Code of a removal error and how the drawing puts it."""


class Profile(NamedTuple):
    """What happens on the way in from one side.

    Attributes:
        colours: Mean colour of each line of pixels, uint8 ``(depth, 3)`` RGB.
        steps: Grey levels by which each line differs from the one before it, in the mean over its pixels,
            float64 ``(depth,)``; a straight edge that runs along the side is a peak.
    """

    colours: Image
    steps: np.ndarray[tuple[int], np.dtype[np.float64]]


def side_profile(image: Image, side: Side, depth: int) -> Profile:
    """Measure the outermost ``depth`` lines along one side of an image."""
    lines = inward(image, side)[: depth + 1].astype(np.float64)
    steps = np.abs(np.diff(lines, axis=0)).max(axis=2).mean(axis=1)
    return Profile(lines[:depth].mean(axis=1).round().astype(np.uint8), np.concatenate([[0.0], steps])[:depth])


def explanation(removal: Removal, image: Image, result: Image, name: str, answer: Answer | None = None) -> Picture:
    """Draw what was found in a picture and what was done.

    Args:
        removal: What was found and done.
        image: The picture as it came in, decoded.
        result: The picture as it is passed on, decoded.
        name: What the drawing calls the picture.
        answer: What the network saw in the picture as it came in, and what it answered; ``None`` for other detectors.

    Returns:
        An RGB picture of `WIDTH` pixels: the picture with its boxes, the result at the same scale, the way in from
        each side, and what the network saw of it.
    """
    found = removal.detection
    scale = min(PANEL / max(found.width, removal.result.width), PANEL / max(found.height, removal.result.height), 4.0)
    high = round(max(found.height, removal.result.height) * scale)
    charts_at = 96 + high + 54
    shows = answer is not None and "strips" in answer.inputs and "inner" in answer.outputs
    strips_at = charts_at + CHART_HEIGHT + 78
    page = PillowImage.new("RGB", (WIDTH, strips_at + (STRIPS_HEIGHT if shows else 14)), PAPER)
    pen = ImageDraw.Draw(page)
    _heading(pen, found, name)
    page.paste(_with_boxes(image, found.frame, scale), (GAP, 96))
    after = WIDTH // 2 + GAP // 2
    page.paste(_scaled(result, scale), (after, 96))
    _outline(pen, after, 96, result, scale)
    _text(pen, (GAP, 96 + high + 8), _before(found), 15, FAINT)
    _text(pen, (after, 96 + high + 8), _after(removal), 15, FAINT)
    _charts(page, image, found, charts_at)
    if answer is not None and shows:
        _seen(page, answer, strips_at)
    return page


def _heading(pen: ImageDraw.ImageDraw, found: Detection, name: str) -> None:
    _text(pen, (GAP, 16), _shortened(name, 90), 24, INK)
    colour = VERDICT[found.verdict]
    label = f"{found.verdict}  {found.probability:.3f}"
    width = round(pen.textlength(label, font=_font(17))) + 20
    pen.rounded_rectangle((GAP, 54, GAP + width, 82), radius=6, fill=colour)
    _text(pen, (GAP + 10, 58), label, 17, PAPER)
    frame = found.frame
    what = f"{frame.kind} on {_sides(frame)}   ·   " if frame else "no frame   ·   "
    _text(pen, (GAP + width + 14, 58), f"{what}{found.detector}, {found.model}", 17, INK)


def _sides(frame: Frame) -> str:
    return "all sides" if len(frame.sides) == 4 else ", ".join(frame.sides)


def _before(found: Detection) -> str:
    size = f"found in {found.width} x {found.height}"
    if found.frame is None:
        return size
    inner = "{}, {} to {}, {}".format(*found.frame.inner)
    return f"{size}:  green = photograph ({inner}),  red = what goes"


def _after(removal: Removal) -> str:
    result = removal.result
    if removal.changed:
        judged = f"judged {result.verdict} ({result.probability:.3f})"
        fringe = f", with {removal.fringe} px of fringe" if removal.fringe else ""
        return f"{removal.action}{fringe}: {result.width} x {result.height}, {judged}"
    if removal.refusal:
        return f"passed on untouched: {REASONS[removal.refusal.code]}"
    return "passed on untouched"


def _with_boxes(image: Image, frame: Frame | None, scale: float) -> Picture:
    picture = _scaled(image, scale)
    if frame is None:
        return picture
    inner = _scaled_box(frame.inner, scale)
    tint = PillowImage.new("RGB", picture.size, CUT)
    mask = PillowImage.new("L", picture.size, 110)
    mask.paste(0, (inner.left, inner.top, inner.right, inner.bottom))
    picture = PillowImage.composite(
        PillowImage.blend(picture, tint, 0.45), picture, mask.point(lambda level: level and 255)
    )
    pen = ImageDraw.Draw(picture)
    if frame.outer != Box.whole(image.shape[1], image.shape[0]):
        left, top, right, bottom = _scaled_box(frame.outer, scale)
        pen.rectangle((left, top, right - 1, bottom - 1), outline=OUTER, width=2)
    pen.rectangle((inner.left, inner.top, inner.right - 1, inner.bottom - 1), outline=INNER, width=2)
    return picture


def _scaled(image: Image, scale: float) -> Picture:
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    sharp = scale > 1
    return PillowImage.fromarray(image).resize(
        size, PillowImage.Resampling.NEAREST if sharp else PillowImage.Resampling.LANCZOS
    )


def _scaled_box(box: Box, scale: float) -> Box:
    left, top, right, bottom = (round(edge * scale) for edge in box)
    return Box(left, top, max(right, left + 1), max(bottom, top + 1))


def _outline(pen: ImageDraw.ImageDraw, left: int, top: int, image: Image, scale: float) -> None:
    width, height = round(image.shape[1] * scale), round(image.shape[0] * scale)
    pen.rectangle((left - 1, top - 1, left + width, top + height), outline=LINE)


def _charts(page: Picture, image: Image, found: Detection, top: int) -> None:
    pen = ImageDraw.Draw(page)
    about = "The way in from each side: colour of each line of pixels, and how much it differs from the one before it"
    _text(pen, (GAP, top), about, 15, INK)
    width = (WIDTH - 5 * GAP) // 4
    for number, side in enumerate(SIDES):
        _chart(page, image, found.frame, side, width, (GAP + number * (width + GAP), top + 30))


def _chart(page: Picture, image: Image, frame: Frame | None, side: Side, width: int, at: tuple[int, int]) -> None:
    left, top = at
    depth = _depth(image, frame, side)
    profile = side_profile(image, side, depth)
    colours = PillowImage.fromarray(profile.colours[None]).resize((width, 22), PillowImage.Resampling.NEAREST)
    page.paste(colours, (left, top + CHART_HEIGHT - 22))
    pen = ImageDraw.Draw(page)
    pen.rectangle((left - 1, top - 1, left + width, top + CHART_HEIGHT), outline=LINE)
    _bars(pen, profile, width / depth, left, top + CHART_HEIGHT - 24)
    label = f"{side}: nothing goes"
    if frame and side in frame.sides:
        begins, ends = (box.margins(image.shape[1], image.shape[0])[side] for box in (frame.outer, frame.inner))
        for position, colour in ((begins, OUTER), (ends, INNER)):
            if position:
                x = left + position * width / depth
                pen.line((x, top, x, top + CHART_HEIGHT), fill=colour, width=2)
        reach = len(inward(image, side))
        label = f"{side}: {ends} of {reach} pixels go" + (f", frame from {begins}" if begins else "")
    _text(pen, (left, top + CHART_HEIGHT + 6), label, 15, INK)


def _bars(pen: ImageDraw.ImageDraw, profile: Profile, step: float, left: int, floor: int) -> None:
    """One bar for each line of pixels; the tallest fills the chart, unless there is hardly any difference at all."""
    tallest = max(24.0, float(profile.steps.max(initial=0)))
    for line, height in enumerate(profile.steps):
        tall = round(float(height) / tallest * (CHART_HEIGHT - 32))
        if tall:
            right = max(left + (line + 1) * step - 1, left + line * step)
            pen.rectangle((left + line * step, floor - tall, right, floor), fill=FAINT)


def _seen(page: Picture, answer: Answer, top: int) -> None:
    """What the network saw: the thumbnail, and each strip below the chances of the rows that it is made of."""
    pen = ImageDraw.Draw(page)
    thumbnail = PillowImage.fromarray(answer.inputs["thumbnail"][0]).resize((72, 72), PillowImage.Resampling.LANCZOS)
    page.paste(thumbnail, (WIDTH - GAP - 72, 14))
    _text(pen, (WIDTH - GAP - 72 - 164, 42), "the network sees it so", 15, FAINT)
    about = "What the network saw of each side, from the edge of the picture (fine) to its middle (coarse),"
    _text(pen, (GAP, top), about, 15, INK)
    _text(pen, (GAP, top + 18), "and the chance that the frame begins (blue) or ends (green) at each place", 15, INK)
    width = (WIDTH - 5 * GAP) // 4
    for number, side in enumerate(SIDES):
        left = GAP + number * (width + GAP)
        strip = PillowImage.fromarray(answer.inputs["strips"][0, number, :, :, :3].swapaxes(0, 1))
        page.paste(strip.resize((width, STRIP_HEIGHT), PillowImage.Resampling.NEAREST), (left, top + 44 + CHART_HEIGHT))
        pen.rectangle((left - 1, top + 43, left + width, top + 44 + CHART_HEIGHT + STRIP_HEIGHT), outline=LINE)
        none = 0.0
        for head, colour in (("outer", OUTER), ("inner", INNER)):
            chances = _chances(answer.outputs[head][0, number])
            none = float(chances[0])
            for row, chance in enumerate(chances[1:], 1):
                tall = round(float(chance) * (CHART_HEIGHT - 8))
                if tall:
                    x, right = (left + round(each * width / len(chances)) for each in (row, row + 1))
                    floor = top + 43 + CHART_HEIGHT
                    pen.rectangle((x, floor - tall, max(right - 1, x), floor), fill=colour)
        _text(pen, (left, top + 50 + CHART_HEIGHT + STRIP_HEIGHT), f"{side}: no frame {none * 100:.0f} %", 15, INK)


def _chances(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    grown = np.exp(logits.astype(np.float64) - logits.max())
    chances: NDArray[np.float64] = grown / grown.sum()
    return chances


def _depth(image: Image, frame: Frame | None, side: Side) -> int:
    """How far in a chart shows: well past the frame."""
    reach = len(inward(image, side)) - 1
    margin = frame.inner.margins(image.shape[1], image.shape[0])[side] if frame else 0
    return max(1, min(reach, max(24, reach // 8, 2 * margin)))


class Pair(NamedTuple):
    """A picture before and after, small, and what to say about it."""

    before: Picture
    after: Picture
    caption: str
    verdict: str


THUMBNAIL = 190
PAIRS_PER_ROW = 3
ROWS_PER_SHEET = 8
PAIRS_PER_SHEET = PAIRS_PER_ROW * ROWS_PER_SHEET


def pair(removal: Removal, image: Image, result: Image, name: str) -> Pair:
    """The picture for a contact sheet."""
    what = removal.action if removal.changed else (removal.refusal.code if removal.refusal else "as it was")
    return Pair(_thumbnail(image), _thumbnail(result), f"{_shortened(name, 30)}  {what}", removal.detection.verdict)


def _thumbnail(image: Image) -> Picture:
    return _scaled(image, min(THUMBNAIL / max(image.shape[:2]), 1.0))


def contact_sheet(pairs: Sequence[Pair]) -> Picture:
    """Pictures before and after, side by side, up to `PAIRS_PER_SHEET` of them."""
    cell_width, cell_height = 2 * THUMBNAIL + 8 + GAP, THUMBNAIL + 34
    rows = -(-len(pairs) // PAIRS_PER_ROW)
    sheet = PillowImage.new("RGB", (PAIRS_PER_ROW * cell_width + GAP, rows * cell_height + GAP), (241, 243, 245))
    pen = ImageDraw.Draw(sheet)
    for number, each in enumerate(pairs):
        left, top = GAP + number % PAIRS_PER_ROW * cell_width, GAP + number // PAIRS_PER_ROW * cell_height
        for offset, picture in ((0, each.before), (THUMBNAIL + 8, each.after)):
            x, y = left + offset + (THUMBNAIL - picture.width) // 2, top + (THUMBNAIL - picture.height) // 2
            sheet.paste(picture, (x, y))
        pen.ellipse((left, top + THUMBNAIL + 9, left + 10, top + THUMBNAIL + 19), fill=VERDICT[each.verdict])
        _text(pen, (left + 16, top + THUMBNAIL + 5), each.caption, 14, INK)
    return sheet


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    # Comes with Pillow, so that drawings look alike everywhere; it has Latin letters, but neither × nor –.
    return ImageFont.load_default(size)


def _text(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, colour: Colour) -> None:
    pen.text(at, text, fill=colour, font=_font(size))


def _shortened(name: str, length: int) -> str:
    """The end of a name, which tells pictures apart better than its beginning."""
    return name if len(name) <= length else "..." + name[3 - length :]

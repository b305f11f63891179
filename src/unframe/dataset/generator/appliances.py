"""Fronts of kitchen machines as catalogues show them: exactly level, and dark or steel rectangles to the last pixel."""

from __future__ import annotations

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw

from unframe.dataset.generator import lettering
from unframe.dataset.generator.colours import BLACK, WHITE, Colour, blend, hsv, near
from unframe.dataset.generator.drawn import Supplies
from unframe.dataset.generator.textures import TEXTURES, lookup, ramp

Picture = PillowImage.Image

ENAMELS: tuple[Colour, ...] = ((22, 22, 24), (198, 200, 202), (244, 244, 243), (236, 226, 202))
"""Black glass, steel, white and cream."""


def oven(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """An oven, microwave or dishwasher: a strip with knobs or a display, below it a door with a handle and a window."""
    body = _body(rng)
    front = _sheet(rng, height, width, body, supplies)
    pen = ImageDraw.Draw(front)
    strip = max(3, int(height * rng.uniform(0.1, 0.24)))
    edge = blend(body, BLACK if sum(body) > 380 else WHITE, 0.45)
    if rng.random() < 0.3:
        pen.rectangle((0, 0, width, strip), fill=blend(body, BLACK, 0.8))
    pen.line((0, strip, width, strip), fill=edge, width=max(1, height // 150))
    _controls(rng, front, strip)
    if rng.random() < 0.85:
        _window(rng, front, strip)
    if rng.random() < 0.85:
        thick, reach = max(1, int(height * rng.uniform(0.012, 0.04))), width * rng.uniform(0.3, 0.47)
        y = strip + thick * int(rng.integers(1, 4))
        grip = blend(body, WHITE, rng.uniform(0.3, 0.9)) if rng.random() < 0.7 else blend(body, BLACK, 0.6)
        pen.rounded_rectangle((width / 2 - reach, y, width / 2 + reach, y + thick), radius=thick / 2, fill=grip)
        pen.line((width / 2 - reach, y + thick + 1, width / 2 + reach, y + thick + 1), fill=blend(body, BLACK, 0.7))
    return front


def hob(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A hob seen from above: a sheet of glass or steel with two to five zones, and controls along one edge."""
    body = near(rng, (16, 16, 18), 8) if rng.random() < 0.75 else _body(rng)
    sheet = _sheet(rng, height, width, body, supplies)
    pen = ImageDraw.Draw(sheet)
    mark = hsv(rng.random() * 0.05, 0.8, 0.7) if rng.random() < 0.3 else blend(body, WHITE, rng.uniform(0.25, 0.8))
    for x, y in ((0.27, 0.27), (0.73, 0.27), (0.27, 0.7), (0.73, 0.7), (0.5, 0.48))[: rng.integers(2, 6)]:
        radius = min(height, width) * rng.uniform(0.08, 0.17)
        middle = (x * width, y * height * 0.95)
        box = (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius)
        roll = rng.random()
        if roll < 0.55:
            pen.ellipse(box, outline=mark, width=max(1, int(radius / 14)))
        elif roll < 0.75:
            pen.ellipse(box, fill=blend(body, mark, 0.7), outline=mark)
        else:
            pen.line((box[0], middle[1], box[2], middle[1]), fill=mark)
            pen.line((middle[0], box[1], middle[0], box[3]), fill=mark)
    _controls(rng, sheet, max(3, int(height * 0.12)), height - max(3, int(height * 0.12)))
    if rng.random() < 0.3:
        rim = max(1, min(height, width) // 120)
        pen.rectangle((0, 0, width - 1, height - 1), outline=blend(body, WHITE, rng.uniform(0.3, 0.8)), width=rim)
    return sheet


def board(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A worktop, shelf, drawer front or blank panel: nothing but its material, and perhaps a faint edge."""
    base = near(rng, (238, 238, 236), 14) if rng.random() < 0.6 else _body(rng)
    front = _sheet(rng, height, width, base, supplies)
    if rng.random() < 0.5:
        edge = blend(base, BLACK, rng.uniform(0.05, 0.35))
        ImageDraw.Draw(front).rectangle((0, 0, width - 1, height - 1), outline=edge)
    return front


def _body(rng: np.random.Generator) -> Colour:
    if rng.random() < 0.12:
        return hsv(rng.random(), rng.uniform(0.3, 0.9), rng.uniform(0.3, 0.9))
    return near(rng, ENAMELS[rng.integers(len(ENAMELS))], 8)


def _sheet(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> Picture:
    """Glass or enamel with a slow reflection across it, or brushed steel."""
    if rng.random() < 0.3:
        return PillowImage.fromarray(TEXTURES["metal"](rng, height, width, base, supplies))
    along = ramp(height, width, rng.uniform(0, 3))
    shine = [base, blend(base, WHITE, rng.uniform(0, 0.12)), blend(base, BLACK, rng.uniform(0, 0.1))]
    return PillowImage.fromarray(lookup((along - along.min()) / max(1.0, float(np.ptp(along))), shine))


def _controls(rng: np.random.Generator, front: Picture, strip: int, top: int = 0) -> None:
    """Knobs, keys or a display in a row, in a strip that begins at this height."""
    pen, width, y = ImageDraw.Draw(front), front.width, top + strip / 2
    ground = sum(front.getpixel((width // 2, min(front.height - 1, int(y))))) / 3  # type: ignore[arg-type]
    shade = WHITE if ground < 128 else BLACK
    if rng.random() < 0.6:
        side, radius = width * rng.uniform(0.1, 0.3), strip * rng.uniform(0.15, 0.33)
        knob = blend((128, 128, 128), shade, rng.uniform(0.2, 0.9))
        for x in np.linspace(side, width - side, int(rng.integers(2, 8))):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=knob, outline=blend(knob, BLACK, 0.5))
            pen.line((x, y - radius, x, y), fill=blend(knob, WHITE, 0.6))
    if rng.random() < 0.6:
        wide, high = width * rng.uniform(0.06, 0.16), strip * rng.uniform(0.2, 0.38)
        pen.rectangle((width / 2 - wide, y - high, width / 2 + wide, y + high), fill=(10, 10, 12))
        digits = lettering.words(rng, f"{rng.integers(10, 24)}:{rng.integers(10, 60)}", max(4, int(high)))
        digits = lettering.fitted(digits, max(2, int(wide)), max(2, int(high)))
        place = (int(width / 2 - digits.width / 2), int(y - digits.height / 2))
        front.paste(hsv(rng.random(), 0.5, 1.0), place, digits)
    if rng.random() < 0.4:
        name = lettering.fitted(lettering.line(rng, max(4, strip // 4)), max(4, width // 5), max(4, strip // 3))
        front.paste(blend((128, 128, 128), shade, 0.7), (int(width * rng.choice([0.04, 0.76])), int(y)), name)


def _window(rng: np.random.Generator, front: Picture, strip: int) -> None:
    """Dark glass in the door, with what little can be seen through it."""
    width, height = front.size
    side, over, under = width * rng.uniform(0.03, 0.16), rng.uniform(0.12, 0.25), rng.uniform(0.06, 0.2)
    box = (side, strip + (height - strip) * over, width - side, height - (height - strip) * under)
    if box[2] - box[0] < 4 or box[3] - box[1] < 4:
        return
    glass = near(rng, (30, 30, 33), 14)
    pen = ImageDraw.Draw(front)
    radius = min(width, height) * rng.uniform(0, 0.03)
    pen.rounded_rectangle(box, radius=radius, fill=glass, outline=blend(glass, WHITE, rng.uniform(0, 0.5)))
    for y in np.linspace(box[1], box[3], int(rng.integers(2, 6)) + 1)[1:-1]:
        pen.line((box[0] + side / 2, y, box[2] - side / 2, y), fill=blend(glass, WHITE, rng.uniform(0.1, 0.4)))
    if rng.random() < 0.4:
        x, reach = (box[0] + box[2]) / 2, (box[3] - box[1]) * 0.18
        y = (box[1] + box[3]) / 2
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), outline=blend(glass, WHITE, 0.35))

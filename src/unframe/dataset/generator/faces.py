"""Flat products as seen from straight ahead: covers, packages, screens, posters, mirrors, rugs.

Many have a border of their own. None of these borders is a frame: each is printed, woven or built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFilter

from unframe.dataset.generator import lettering
from unframe.dataset.generator.appliances import board, hob, oven
from unframe.dataset.generator.colours import BLACK, WHITE, Colour, blend, companion, free_colour, hsv, ink, near
from unframe.dataset.generator.drawn import Supplies
from unframe.dataset.generator.mouldings import mat, moulding
from unframe.dataset.generator.scenes import bent, even_grid
from unframe.dataset.generator.textures import TEXTURES, WOODS, cover, gradient, lookup, ramp, texture

Picture = PillowImage.Image
Hard = Literal["rectangular", "own_frame", "full_bleed", "badge_or_text", "white_on_white", "dark_edge"]


@dataclass(frozen=True, slots=True)
class Face:
    """A kind of flat product.

    Attributes:
        draw: Draws one: ``(rng, height, width, supplies)`` to a Pillow image of mode ``RGB`` or ``RGBA``.
        aspects: Smallest and largest width over height.
        hard: Why it may be taken for a frame.
    """

    draw: Callable[[np.random.Generator, int, int, Supplies], Picture]
    aspects: tuple[float, float]
    hard: Hard = "rectangular"


def book(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """The cover of a book, game or record: picture or colour, title, author, often a printed border."""
    base = free_colour(rng)
    page = PillowImage.fromarray(_ground(rng, height, width, base, supplies))
    if rng.random() < 0.35:
        printed_border(rng, page, ink(rng, base))
    if rng.random() < 0.6:
        _inset_photo(rng, page, supplies)
    shade = ink(rng, base)
    title, author = max(5, int(height * rng.uniform(0.06, 0.14))), max(4, int(height * 0.04))
    y = height * rng.uniform(0.1, 0.3)
    for _ in range(rng.integers(1, 3)):
        _write(rng, page, (width / 2, y), title, shade)
        y += title * 1.2
    _write(rng, page, (width / 2, height * rng.uniform(0.85, 0.93)), author, shade)
    if rng.random() < 0.4:
        _spine(page)
    return page


def jacket(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """The jacket of a book, film, record or game: a photograph from edge to edge under large lettering."""
    scene = PillowImage.fromarray(cover(supplies.photo(rng), height, width))
    if rng.random() < 0.6:
        scene = _tinted(rng, scene)
    title_on_top = rng.random() < 0.65
    shade = WHITE if rng.random() < 0.5 else free_colour(rng)
    size = max(6, int(height * rng.uniform(0.07, 0.2)))
    y = height * (rng.uniform(0.08, 0.22) if title_on_top else rng.uniform(0.62, 0.8))
    for scale in (1.0, rng.uniform(0.5, 1.0), 0.35)[: rng.integers(1, 4)]:
        _write(rng, scene, (width / 2, y), max(5, int(size * scale)), shade, reach=rng.uniform(0.6, 0.98))
        y += size * scale * 1.15
    if rng.random() < 0.6:
        small = max(4, int(height * rng.uniform(0.025, 0.05)))
        _write(rng, scene, (width / 2, height * rng.uniform(0.9, 0.97)), small, shade)
    if rng.random() < 0.35:
        side = max(5, int(width * rng.uniform(0.07, 0.16)))
        mark = lettering.icon(lettering.ICONS[rng.integers(len(lettering.ICONS))], side)
        scene.paste(
            free_colour(rng), (int(rng.choice([side // 2, width - side * 3 // 2])), height - side * 3 // 2), mark
        )
    return scene


def published(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """The cover of a book, film or game that exists, as a photograph shows it; a drawn jacket where there is none."""
    photo = supplies.cover(rng)
    if photo is None:
        return jacket(rng, height, width, supplies)
    page = PillowImage.fromarray(photo).resize((width, height), PillowImage.Resampling.BILINEAR)
    if rng.random() < 0.25:
        _spine(page)
    if rng.random() < 0.25:
        # The case of a film or game: a rim of plastic around the printed paper.
        rim = max(1, round(min(height, width) * rng.uniform(0.004, 0.02)))
        case = near(rng, (24, 24, 26), 12) if rng.random() < 0.6 else free_colour(rng)
        ImageDraw.Draw(page).rectangle((0, 0, width - 1, height - 1), outline=case, width=rim)
    return _rounded(page, min(height, width) * rng.uniform(0.01, 0.05)) if rng.random() < 0.3 else page


def package(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """The front of a box, bag or sachet: brand, picture of the contents, blocks of colour, claims."""
    base = free_colour(rng)
    front = PillowImage.fromarray(gradient(rng, height, width, base, supplies))
    pen = ImageDraw.Draw(front)
    second = companion(rng, base)
    if rng.random() < 0.5:
        lean = height * rng.uniform(-0.15, 0.15)
        y = height * rng.uniform(0.55, 0.85)
        pen.polygon([(0, y), (width, y + lean), (width, height), (0, height)], fill=second)
    if rng.random() < 0.25:
        printed_border(rng, front, second)
    _round_photo(rng, front, supplies)
    _write(rng, front, (width / 2, height * rng.uniform(0.12, 0.25)), max(6, int(height * 0.13)), ink(rng, base))
    _write(rng, front, (width / 2, height * rng.uniform(0.82, 0.92)), max(4, int(height * 0.05)), ink(rng, second))
    return front


def card(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A gift, credit or business card: flat colours, a few words, rounded corners."""
    base = free_colour(rng) if rng.random() < 0.7 else near(rng, (238, 238, 238), 16)
    front = PillowImage.fromarray(gradient(rng, height, width, base, supplies))
    pen = ImageDraw.Draw(front)
    second = WHITE if rng.random() < 0.4 else companion(rng, base)
    roll = rng.random()
    if roll < 0.4:
        y = height * rng.uniform(0.5, 0.8)
        pen.rectangle((0, y, width, height), fill=second)
    elif roll < 0.7:
        x, lean = width * rng.uniform(0.3, 0.8), width * rng.uniform(-0.4, 0.4)
        pen.polygon([(x, 0), (width, 0), (width, height), (x + lean, height)], fill=second)
    elif roll < 0.85:
        x, deep = width * rng.uniform(0.1, 0.85), width * rng.uniform(0.03, 0.12)
        pen.rectangle((x, 0, x + deep, height), fill=second)
    for y in (rng.uniform(0.2, 0.5), rng.uniform(0.55, 0.9))[: rng.integers(1, 3)]:
        size = max(5, int(height * rng.uniform(0.07, 0.2)))
        _write(rng, front, (width * rng.uniform(0.3, 0.7), height * y), size, ink(rng, base), reach=0.6)
    return _rounded(front, min(height, width) * rng.uniform(0.02, 0.1))


def phone(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A telephone or tablet: a dark, white or coloured body with rounded corners around a lit screen."""
    body = ((18, 18, 20), (245, 245, 245), (196, 164, 120), hsv(rng.random(), 0.6, 0.5))[
        rng.choice(4, p=[0.55, 0.2, 0.15, 0.1])
    ]
    device = PillowImage.fromarray(lookup(ramp(height, width, 0) / width, [body, blend(body, WHITE, 0.12), body]))
    side, chin = max(1, int(width * rng.uniform(0.015, 0.06))), max(1, int(height * rng.uniform(0.015, 0.14)))
    _screen(rng, device, (side, chin, width - side, height - chin), supplies)
    if chin > height * 0.08:
        radius = chin * 0.25
        x, y = width / 2, height - chin / 2
        ImageDraw.Draw(device).ellipse(
            (x - radius, y - radius, x + radius, y + radius), outline=blend(body, WHITE, 0.3)
        )
    return _rounded(device, min(height, width) * rng.uniform(0.04, 0.16))


def television(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A screen with a narrow bezel, on a foot or without one."""
    foot = int(height * rng.uniform(0.1, 0.22)) if rng.random() < 0.6 else 0
    device = PillowImage.new("RGBA", (width, height), (0, 0, 0, 0))
    bezel = near(rng, (22, 22, 24), 10)
    pen = ImageDraw.Draw(device)
    if foot:
        middle, reach = width / 2, width * rng.uniform(0.12, 0.3)
        pen.rectangle((middle - reach * 0.2, height - foot, middle + reach * 0.2, height), fill=bezel)
        pen.rectangle((middle - reach, height - max(2, foot // 5), middle + reach, height), fill=bezel)
    panel = PillowImage.new("RGB", (width, height - foot), bezel)
    edge = max(1, int(width * rng.uniform(0.006, 0.03)))
    _screen(rng, panel, (edge, edge, width - edge, panel.height - edge * int(rng.integers(1, 4))), supplies)
    device.paste(panel, (0, 0))
    return device


def panel(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A door, fridge, cabinet or drawer front: one or more fields with seams, relief and handles."""
    wooden = rng.random() < 0.5
    base = WOODS[rng.integers(len(WOODS))] if wooden else near(rng, (232, 232, 230), 22)
    name = "wood" if wooden else ("metal", "paper")[rng.integers(2)]
    front = PillowImage.fromarray(TEXTURES[name](rng, height, width, base, supplies))
    pen = ImageDraw.Draw(front)
    dark, light = blend(base, BLACK, 0.5), blend(base, WHITE, 0.5)
    rows, columns = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    for row in range(rows):
        for column in range(columns):
            left, top = width * column / columns, height * row / rows
            right, bottom = width * (column + 1) / columns - 1, height * (row + 1) / rows - 1
            pen.rectangle((left, top, right, bottom), outline=dark)
            rim = min(right - left, bottom - top) * rng.uniform(0.1, 0.2)
            if rim > 3:
                pen.rectangle((left + rim, top + rim, right - rim, bottom - rim), outline=dark)
                pen.rectangle((left + rim + 1, top + rim + 1, right - rim + 1, bottom - rim + 1), outline=light)
    knob = max(2, min(height, width) // 40)
    x = width * rng.choice([0.08, 0.46, 0.88])
    pen.rounded_rectangle((x, height * 0.4, x + knob, height * 0.55), radius=knob / 2, fill=blend(base, BLACK, 0.7))
    return front


def poster(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A print with an unprinted edge: poster, postcard, trading card or photograph."""
    paper = WHITE if rng.random() < 0.6 else near(rng, (240, 236, 226), 12)
    sheet = PillowImage.new("RGB", (width, height), paper)
    edge = max(2, int(min(height, width) * rng.uniform(0.02, 0.1)))
    foot = edge if rng.random() < 0.6 else edge + int(height * rng.uniform(0.05, 0.18))
    area = PillowImage.fromarray(cover(supplies.photo(rng), max(2, height - edge - foot), max(2, width - 2 * edge)))
    sheet.paste(area, (edge, edge))
    if foot > edge + 6:
        _write(rng, sheet, (width / 2, height - foot / 2), max(4, foot // 3), ink(rng, paper))
    return sheet


def painting(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A picture, half of the time abstract, in a moulding, often with a mat."""
    abstract = rng.random() < 0.5
    art = texture(rng, height, width, None, supplies) if abstract else cover(supplies.photo(rng), height, width)
    framed = PillowImage.fromarray(art)
    edge = max(3, int(min(height, width) * rng.uniform(0.02, 0.1)))
    opening = edge + max(3, int(min(height, width) * rng.uniform(0.05, 0.16)))
    if rng.random() < 0.6 and 2 * opening < min(height, width):
        mat(rng, framed, edge - 1, opening, supplies)
    moulding(rng, framed, edge, supplies)
    return framed


def mirror(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """Glass with a slanted reflection in a moulding; half of them with a blurred room in it."""
    grey = near(rng, (205, 210, 214), 15)
    glass = lookup(
        ramp(height, width, rng.uniform(0.4, 1.2)) / (height + width) * 1.6, [WHITE, grey, blend(grey, WHITE, 0.6)]
    )
    mirrored = PillowImage.fromarray(glass)
    if rng.random() < 0.5:
        room = PillowImage.fromarray(cover(supplies.photo(rng), height, width)).filter(ImageFilter.BoxBlur(width / 50))
        mirrored = PillowImage.blend(mirrored, room, rng.uniform(0.3, 0.8))
    moulding(rng, mirrored, max(2, int(min(height, width) * rng.uniform(0.01, 0.09))), supplies)
    return mirrored


def window(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A window or glazed door: bars across a bright, blurred view."""
    view = PillowImage.fromarray(cover(supplies.photo(rng), height, width)).filter(ImageFilter.BoxBlur(width / 40))
    view = PillowImage.blend(view, PillowImage.new("RGB", view.size, (235, 244, 255)), 0.45)
    bar = near(rng, (242, 242, 240), 8) if rng.random() < 0.6 else WOODS[rng.integers(len(WOODS))]
    edge = max(3, int(min(height, width) * rng.uniform(0.03, 0.09)))
    pen = ImageDraw.Draw(view)
    for axis, count in ((width, int(rng.integers(1, 4))), (height, int(rng.integers(1, 4)))):
        for middle in np.linspace(0, axis, count + 1):
            band = (middle - edge / 2, 0, middle + edge / 2, height)
            box = band if axis == width else (0, band[0], width, band[2])
            pen.rectangle(box, fill=bar, outline=blend(bar, BLACK, 0.3))
    return view


def rug(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A rug, carpet or shawl: woven bands around a field, with threads that are never quite straight."""
    base = free_colour(rng)
    woven = PillowImage.fromarray(texture(rng, height, width, base, supplies))
    edge = 0
    for _ in range(rng.integers(1, 5)):
        edge += max(2, int(min(height, width) * rng.uniform(0.01, 0.07)))
        inner = (edge, edge, width - edge, height - edge)
        if inner[2] - inner[0] < 8 or inner[3] - inner[1] < 8:
            break
        shade = companion(rng, base)
        field = texture(rng, inner[3] - inner[1], inner[2] - inner[0], shade, supplies)
        woven.paste(PillowImage.fromarray(field), inner[:2])
    weave = TEXTURES["fabric"](rng, height, width, (128, 128, 128), supplies)
    return _wobbled(rng, PillowImage.blend(woven, PillowImage.fromarray(weave), rng.uniform(0.1, 0.3)))


def cushion(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A cushion, towel or folded cloth: a filled texture that is brightest in the middle, with soft corners."""
    cloth = PillowImage.fromarray(texture(rng, height, width, None, supplies))
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    dome = lookup(np.maximum(np.abs(x)[None, :], np.abs(y)[:, None]) ** 3, [WHITE, (235, 235, 235), (150, 150, 150)])
    shaded = np.asarray(cloth).astype(np.uint16) * dome // 255
    return _rounded(PillowImage.fromarray(shaded.astype(np.uint8)), min(height, width) * rng.uniform(0.02, 0.15))


def pale(rng: np.random.Generator, height: int, width: int, supplies: Supplies) -> Picture:
    """A nearly white appliance, box, board or card, with a faint edge and a small mark."""
    base = near(rng, (247, 247, 247), 6)
    front = PillowImage.fromarray(
        lookup(
            ramp(height, width, rng.uniform(0, 3)) / (height + width) + 0.4,
            [base, blend(base, BLACK, rng.uniform(0.01, 0.08))],
        )
    )
    pen = ImageDraw.Draw(front)
    if rng.random() < 0.6:
        pen.rectangle((0, 0, width - 1, height - 1), outline=blend(base, BLACK, rng.uniform(0.05, 0.25)))
    size = max(4, int(min(height, width) * rng.uniform(0.04, 0.1)))
    _write(rng, front, (width * rng.uniform(0.3, 0.7), height * rng.uniform(0.2, 0.8)), size, blend(base, BLACK, 0.45))
    return _rounded(front, min(height, width) * rng.uniform(0, 0.12))


def printed_border(rng: np.random.Generator, page: Picture, shade: Colour) -> None:
    """Draw a border as printers set it around a page: a band, one rule or two, at some distance from the edge."""
    width, height = page.size
    pen = ImageDraw.Draw(page)
    step = max(1, round(min(width, height) * 0.008))
    gap, thickness = int(rng.integers(0, 7)) * step, int(rng.choice([1, 1, 2, 3, 6])) * step
    for _ in range(rng.integers(1, 3)):
        if 2 * (gap + thickness) >= min(width, height):
            return
        pen.rectangle((gap, gap, width - 1 - gap, height - 1 - gap), outline=shade, width=thickness)
        gap, thickness = gap + thickness + 2 * step, step


def _ground(rng: np.random.Generator, height: int, width: int, base: Colour, supplies: Supplies) -> np.ndarray:
    if rng.random() < 0.4:
        return cover(supplies.photo(rng), height, width)
    return texture(rng, height, width, base, supplies)


def _inset_photo(rng: np.random.Generator, page: Picture, supplies: Supplies) -> None:
    width, height = max(4, int(page.width * rng.uniform(0.45, 0.9))), max(4, int(page.height * rng.uniform(0.3, 0.55)))
    photo = PillowImage.fromarray(cover(supplies.photo(rng), height, width))
    page.paste(photo, ((page.width - width) // 2, int((page.height - height) * rng.uniform(0.4, 0.8))))


def _round_photo(rng: np.random.Generator, front: Picture, supplies: Supplies) -> None:
    side = max(6, int(min(front.size) * rng.uniform(0.45, 0.75)))
    photo = PillowImage.fromarray(cover(supplies.photo(rng), side, side))
    mask = lettering.icon("blob", side) if rng.random() < 0.5 else None
    front.paste(photo, ((front.width - side) // 2, int((front.height - side) * rng.uniform(0.45, 0.65))), mask)


def _screen(rng: np.random.Generator, device: Picture, area: tuple[int, int, int, int], supplies: Supplies) -> None:
    """A screen that is off, or shows a photograph, often with a clock or icons."""
    width, height = max(2, area[2] - area[0]), max(2, area[3] - area[1])
    if rng.random() < 0.15:
        device.paste(near(rng, (14, 14, 18), 8), area)
        return
    device.paste(PillowImage.fromarray(cover(supplies.photo(rng), height, width)), area[:2])
    if rng.random() < 0.5:
        time = lettering.words(rng, f"{rng.integers(10, 24)}:{rng.integers(10, 60)}", max(4, height // 10))
        time = lettering.fitted(time, width // 2, height // 6)
        device.paste(WHITE, (area[0] + (width - time.width) // 2, area[1] + height // 8), time)
    if rng.random() < 0.4:
        side = max(4, width // 8)
        for place in range(4):
            glyph = lettering.icon(lettering.ICONS[rng.integers(len(lettering.ICONS))], side)
            device.paste(free_colour(rng), (area[0] + side // 2 + place * width // 4, area[3] - 2 * side), glyph)


def _tinted(rng: np.random.Generator, scene: Picture) -> Picture:
    """The scene as designers prepare it for lettering: toned in one colour, and darker towards its ends."""
    width, height = scene.size
    toned = PillowImage.blend(scene, PillowImage.new("RGB", scene.size, free_colour(rng)), rng.uniform(0.05, 0.5))
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    mask = PillowImage.fromarray(np.uint8(255 * rng.uniform(0, 0.8) * y**2).repeat(width, axis=1))
    toned.paste(BLACK, mask=mask)
    return toned


def _write(
    rng: np.random.Generator,
    page: Picture,
    centre: tuple[float, float],
    size: int,
    shade: Colour,
    reach: float = 0.85,
) -> None:
    """Write a line around a centre, at most this share of the page wide."""
    stamp = lettering.fitted(lettering.line(rng, size), max(4, int(page.width * reach)), size)
    page.paste(shade, (int(centre[0]) - stamp.width // 2, int(centre[1]) - stamp.height // 2), stamp)


def _spine(page: Picture) -> None:
    """The fold along a cover's left edge: a dark and a light line."""
    x = max(1, page.width // 30)
    dark = PillowImage.new("RGB", (max(1, x // 3), page.height), BLACK)
    strip = page.crop((x, 0, x + dark.width, page.height))
    page.paste(PillowImage.blend(strip, dark, 0.35), (x, 0))


def _rounded(picture: Picture, radius: float) -> Picture:
    """The picture with transparent corners of this radius in pixels."""
    shape = PillowImage.new("L", picture.size)
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, picture.width - 1, picture.height - 1), radius, fill=255)
    rounded = picture.convert("RGBA")
    rounded.putalpha(shape)
    return rounded


def _wobbled(rng: np.random.Generator, picture: Picture) -> Picture:
    """The picture with its rows and columns bent by a few pixels, as cloth lies."""
    reach = 0.012 * min(picture.size)
    grid = even_grid(picture)
    return bent(picture, grid + rng.uniform(-reach, reach, grid.shape))


FACES: dict[str, Face] = {
    "book": Face(book, (0.6, 1.05)),
    "jacket": Face(jacket, (0.6, 1.05)),
    "cover": Face(published, (0.6, 1.1)),
    "package": Face(package, (0.55, 1.6)),
    "card": Face(card, (1.35, 1.8)),
    "phone": Face(phone, (0.45, 0.8)),
    "television": Face(television, (1.2, 1.9), "own_frame"),
    "panel": Face(panel, (0.4, 1.3)),
    "oven": Face(oven, (0.9, 1.7)),
    "hob": Face(hob, (0.6, 1.4)),
    "board": Face(board, (0.5, 1.8)),
    "poster": Face(poster, (0.6, 1.5), "own_frame"),
    "painting": Face(painting, (0.6, 1.6), "own_frame"),
    "mirror": Face(mirror, (0.4, 1.6), "own_frame"),
    "window": Face(window, (0.5, 1.5), "own_frame"),
    "rug": Face(rug, (0.6, 1.7)),
    "cushion": Face(cushion, (0.7, 1.4)),
}
"""Every kind of flat product by name."""

"""Banners: bands with text, prices, logos and icons along whole sides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.dataset.generator import lettering
from unframe.dataset.generator.colours import WHITE, Colour, colour, companion, edge_colour, ink, near
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.lettering import Icon, Stamp
from unframe.dataset.generator.openings import Mask, framed, from_top
from unframe.dataset.generator.textures import clouds, cover, gradient, solid, texture
from unframe.types import Image, Side

Depth = NDArray[np.float32]
"""float32 ``(length,)``: how far a band reaches from its side into the picture, position by position, in pixels."""

Edge = Callable[[np.random.Generator, int, int], Depth]
Area = tuple[int, int, int, int]
"""Pixels ``(left, top, right, bottom)`` of a banner that contents may take."""

Layout = Callable[[np.random.Generator, PillowImage.Image, Area, Colour], None]


def straight(rng: np.random.Generator, length: int, thickness: int) -> Depth:
    """The same whole number of pixels everywhere."""
    return np.full(length, thickness, dtype=np.float32)


def slanted(rng: np.random.Generator, length: int, thickness: int) -> Depth:
    """A slope from one end to the other, or a step with a slanted riser."""
    low = thickness * rng.uniform(0.45, 0.8)
    along = np.linspace(0, 1, length, dtype=np.float32)
    if rng.random() < 0.4:
        start, run = rng.uniform(0.25, 0.7), rng.uniform(0.03, 0.15)
        along = np.clip((along - np.float32(start)) / np.float32(run), 0, 1)
    return _either_way(rng, low + (thickness - low) * along)


def curved(rng: np.random.Generator, length: int, thickness: int) -> Depth:
    """An arc that bulges into the picture or away from it."""
    low = thickness * rng.uniform(0.45, 0.8)
    arc = 1 - np.linspace(-1, 1, length, dtype=np.float32) ** 2
    return _either_way(rng, low + (thickness - low) * (arc if rng.random() < 0.6 else 1 - arc))


def wavy(rng: np.random.Generator, length: int, thickness: int) -> Depth:
    """A sine wave, scallops or triangles."""
    low = thickness * rng.uniform(0.65, 0.9)
    phase = np.linspace(0, rng.uniform(1, 12) * 2 * np.pi, length, dtype=np.float32) + np.float32(rng.uniform(0, 6))
    waves = [(np.sin(phase) + 1) / 2, np.abs(np.sin(phase / 2)), np.abs(np.mod(phase / np.pi, 2) - 1)]
    depth: Depth = low + (thickness - low) * waves[rng.choice(3, p=[0.6, 0.25, 0.15])]
    return depth.astype(np.float32)


def torn(rng: np.random.Generator, length: int, thickness: int) -> Depth:
    """The ragged edge of torn paper."""
    coarse, fine = clouds(rng, 2, length, 2, length / 16)[0], clouds(rng, 2, length, 2, 1)[0]
    ragged = np.clip(0.55 + 0.28 * coarse + 0.07 * fine, 0, 1)
    depth: Depth = thickness * (0.72 + 0.28 * ragged)
    return depth.astype(np.float32)


def _either_way(rng: np.random.Generator, depth: Depth) -> Depth:
    return (depth[::-1] if rng.random() < 0.5 else depth).astype(np.float32)


def banner(photo: Image, rng: np.random.Generator, supplies: Supplies, sides: tuple[Side, ...], edge: Edge) -> Drawn:
    """A photograph with one banner along each of these sides.

    Args:
        photo: uint8 ``(height, width, 3)`` RGB.
        rng: Source of every choice.
        supplies: Where fillings come from.
        sides: Sides that get a banner.
        edge: Shape of the banners' inner edges.
    """
    ground = _ground(rng, photo, supplies)
    canvas, mask = photo.copy(), np.zeros(photo.shape[:2], dtype=bool)
    opacity = rng.uniform(0.5, 0.9) if rng.random() < 0.12 else 1.0
    beside = opacity == 1 and rng.random() < 0.35
    for side in sides:
        length, across = from_top(canvas, side).shape[1::-1]
        thickness = max(6, round(across * _share(rng, side)))
        depth = edge(rng, length, thickness)
        if beside:
            canvas, mask = _grow(canvas, mask, side, int(depth.min()))
        band = _band(rng, supplies, canvas, side, depth, ground)
        _lay(rng, canvas, mask, side, depth, band, opacity)
    return framed(canvas, mask, "banner", _name(sides, edge), details={"ground": list(ground), "opacity": opacity})


def page(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A photograph on a page, as shops show details: headings above or below it, narrow margins at its sides."""
    height, width = photo.shape[:2]
    side, narrow = round(width * rng.uniform(0.03, 0.12)), round(height * rng.uniform(0.02, 0.08))
    side, narrow, wide = max(3, side), max(3, narrow), max(8, round(height * rng.uniform(0.1, 0.25)))
    head, foot = ((wide, narrow), (narrow, wide), (wide, wide))[rng.choice(3, p=[0.45, 0.25, 0.3])]
    ground = WHITE if min(edge_colour(photo)) < 235 and rng.random() < 0.75 else companion(rng, edge_colour(photo))
    canvas = PillowImage.new("RGB", (width + 2 * side, height + head + foot), ground)
    for top, bottom in ((0, head), (canvas.height - foot, canvas.height)):
        if bottom - top >= 12:
            fill_level(rng, canvas, (side, top + 1, canvas.width - side, bottom - 1), ground)
    mask = np.ones((canvas.height, canvas.width), dtype=bool)
    mask[head : head + height, side : side + width] = False
    canvas.paste(PillowImage.fromarray(photo), (side, head))
    return framed(np.asarray(canvas), mask, "banner", "banner/page", details={"ground": list(ground)})


def tabbed(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A banner at the top or bottom from which a badge or tab hangs into the picture."""
    side: Side = "bottom" if rng.random() < 0.75 else "top"
    plain = banner(photo, rng, supplies, (side,), straight)
    height, width = plain.image.shape[:2]
    frame = plain.frame
    thickness = plain.mask.any(axis=1).sum() if frame else 0
    size = int(np.clip(width * rng.uniform(0.15, 0.4), 12, 2 * thickness + 12))
    # A badge that hangs deeper than this would leave a larger box beside it than above it.
    hang = min(int(size * rng.uniform(0.2, 0.6)), int(0.7 * size * (height - thickness) / width), int(thickness * 0.9))
    x = int(rng.choice([0, (width - size) // 2, width - size, rng.integers(0, width - size + 1)]))
    top = height - thickness - hang if side == "bottom" else thickness + hang - size
    picture, mask = PillowImage.fromarray(plain.image), plain.mask.copy()
    stamp = badge(rng, picture, (x, int(top)), size, companion(rng, _ground(rng, photo, supplies)))
    _cover(mask, stamp, (x, int(top)))
    return framed(np.asarray(picture), mask, "banner", "banner/tabbed", details=plain.details)


def badge(
    rng: np.random.Generator, picture: PillowImage.Image, place: tuple[int, int], size: int, shade: Colour
) -> Stamp:
    """Paste a badge with a price or claim on a picture.

    Args:
        rng: Source of every choice.
        picture: Pillow image of mode ``RGB``, changed in place.
        place: Pixels of the badge's left and top.
        size: Width and height in pixels.
        shade: RGB, 0 to 255; the badge's colour.

    Returns:
        What the badge covers: a square stamp of this size.
    """
    roll = rng.random()
    if roll < 0.7:
        shapes: tuple[Icon, ...] = ("blob", "burst", "shield")
        stamp = lettering.icon(shapes[rng.choice(3, p=[0.6, 0.3, 0.1])], size)
    else:
        stamp = PillowImage.new("L", (size, size), 0)
        stamp.paste(255, (0, 0, size, int(size * rng.uniform(0.5, 1))))
    picture.paste(shade, place, stamp)
    text = ink(rng, shade)
    claim = lettering.words(rng, lettering.price(rng) if rng.random() < 0.6 else "-50%", max(5, size // 3))
    small = lettering.line(rng, max(4, size // 7))
    middle = (stamp.getbbox() or (0, 0, size, size))[3] // 2
    _centred(picture, claim, (place[0] + size // 2, place[1] + middle), (int(size * 0.8), size // 3), text)
    _centred(picture, small, (place[0] + size // 2, place[1] + middle // 2), (int(size * 0.6), size // 7), text)
    return stamp


def _ground(rng: np.random.Generator, photo: Image, supplies: Supplies) -> Colour:
    """Banners are loud (red, orange, the brand's colour), black, or as white as a page."""
    roll = rng.random()
    if roll < 0.3:
        return near(
            rng, ((225, 20, 30), (250, 95, 10), (255, 205, 0), (200, 10, 60), (230, 0, 18))[rng.integers(5)], 12
        )
    if roll < 0.52:
        # A white page is seen only beside a photograph that is not white itself.
        return WHITE if min(edge_colour(photo)) < 225 else near(rng, (40, 44, 52), 30)
    return colour(rng, photo, supplies.parameters)


def _share(rng: np.random.Generator, side: Side) -> float:
    """Thickness over the picture's extent: 5 to 30 %, mostly 8 to 20 %."""
    return float(np.exp(rng.uniform(np.log(0.06), np.log(0.28 if side in {"top", "bottom"} else 0.22))))


def _grow(canvas: Image, mask: Mask, side: Side, pixels: int) -> tuple[Image, Mask]:
    """Add blank rows or columns beyond a side, so that the banner lies beside the photograph and hides none of it."""
    amount = {"top": (pixels, 0), "bottom": (0, pixels), "left": (pixels, 0), "right": (0, pixels)}[side]
    pads = [amount, (0, 0)] if side in {"top", "bottom"} else [(0, 0), amount]
    return np.pad(canvas, [*pads, (0, 0)], mode="edge"), np.pad(mask, pads)


def _band(
    rng: np.random.Generator, supplies: Supplies, canvas: Image, side: Side, depth: Depth, ground: Colour
) -> PillowImage.Image:
    """The banner's rectangle, upright, with its contents within the depth that all positions have."""
    level = side in {"top", "bottom"}
    length, deep = len(depth), int(np.ceil(depth.max()))
    height, width = (deep, length) if level else (length, deep)
    band = PillowImage.fromarray(_filling(rng, supplies, height, width, ground, canvas))
    safe = max(4, int(depth.min()))
    if level:
        top = 0 if side == "top" else deep - safe
        fill_level(rng, band, (0, top, width, top + safe), ground)
    else:
        _fill_upright(rng, band, 0 if side == "left" else deep - safe, safe, ground)
    return band


def _filling(
    rng: np.random.Generator, supplies: Supplies, height: int, width: int, ground: Colour, canvas: Image
) -> Image:
    roll = rng.random()
    if roll < 0.7 or ground == WHITE:
        return solid(rng, height, width, ground, supplies)
    if roll < 0.88:
        return gradient(rng, height, width, ground, supplies)
    if roll < 0.94:
        return cover(canvas, height, width) // 3 + np.array(ground, dtype=np.uint8) // 3 * 2
    return texture(rng, height, width, ground, supplies)


def fill_level(rng: np.random.Generator, band: PillowImage.Image, area: Area, ground: Colour) -> None:
    """Write the contents of a level banner into an area ``(left, top, right, bottom)`` of it, in place."""
    layouts: tuple[Layout, ...] = (_headline, _two_lines, _price_block, _icon_row, _logo_and_address, _page_heading)
    layouts[rng.choice(len(layouts), p=[0.25, 0.2, 0.22, 0.13, 0.12, 0.08])](rng, band, area, ground)


def _headline(rng: np.random.Generator, band: PillowImage.Image, area: Area, ground: Colour) -> None:
    left, top, right, bottom = area
    deep = bottom - top
    stamp = lettering.line(rng, max(4, int(deep * rng.uniform(0.35, 0.75))))
    _centred(
        band, stamp, ((left + right) // 2, (top + bottom) // 2), (int((right - left) * 0.92), deep), ink(rng, ground)
    )


def _two_lines(rng: np.random.Generator, band: PillowImage.Image, area: Area, ground: Colour) -> None:
    left, top, right, bottom = area
    deep, middle = bottom - top, (left + right) // 2
    room = (int((right - left) * 0.9), deep // 2)
    shade = ink(rng, ground)
    _centred(band, lettering.line(rng, max(4, int(deep * 0.4))), (middle, top + int(deep * 0.33)), room, shade)
    _centred(band, lettering.line(rng, max(3, int(deep * 0.2))), (middle, top + int(deep * 0.76)), room, shade)


def _price_block(rng: np.random.Generator, band: PillowImage.Image, area: Area, ground: Colour) -> None:
    """A price on a block of its own colour at one end, a claim on the rest."""
    left, top, right, bottom = area
    deep, wide = bottom - top, right - left
    block = int(wide * rng.uniform(0.22, 0.42))
    second = companion(rng, ground)
    begin = left if rng.random() < 0.5 else right - block
    if rng.random() < 0.75:
        band.paste(second, (begin, top, begin + block, bottom))
        label = ink(rng, second)
    else:
        label = ink(rng, ground)
    price = lettering.words(rng, lettering.price(rng), max(4, int(deep * 0.7)))
    _centred(band, price, (begin + block // 2, (top + bottom) // 2), (int(block * 0.9), int(deep * 0.8)), label)
    rest = (begin + block + right) // 2 if begin == left else (left + begin) // 2
    claim = lettering.line(rng, max(4, int(deep * rng.uniform(0.3, 0.55))))
    _centred(band, claim, (rest, (top + bottom) // 2), (int((wide - block) * 0.9), deep), ink(rng, ground))


def _icon_row(rng: np.random.Generator, band: PillowImage.Image, area: Area, ground: Colour) -> None:
    """Three to five icons, each with a caption below or beside it."""
    left, top, right, bottom = area
    deep, count = bottom - top, int(rng.integers(2, 6))
    cell, shade = (right - left) // count, ink(rng, ground)
    below = rng.random() < 0.6
    size = max(4, int(min(deep * (0.5 if below else 0.7), cell * 0.4)))
    for each in range(count):
        name = lettering.ICONS[rng.integers(len(lettering.ICONS))]
        caption = lettering.line(rng, max(3, int(deep * 0.18)))
        x, y = left + each * cell, (top + bottom) // 2
        if below:
            _centred(band, lettering.icon(name, size), (x + cell // 2, y - deep // 8), (cell, deep), shade)
            _centred(band, caption, (x + cell // 2, y + deep // 3), (int(cell * 0.9), deep), shade)
        else:
            start = x + int(1.7 * size)
            room = max(1, x + cell - start)
            _centred(band, lettering.icon(name, size), (x + size, y), (size, deep), shade)
            _centred(band, caption, (start + room // 2, y), (room, deep), shade)


def _logo_and_address(rng: np.random.Generator, band: PillowImage.Image, area: Area, ground: Colour) -> None:
    left, top, right, bottom = area
    deep, wide, middle = bottom - top, right - left, (top + bottom) // 2
    name = lettering.words(rng, lettering.shop(rng), max(4, int(deep * rng.uniform(0.35, 0.6))))
    size = max(4, int(deep * 0.6))
    mark = lettering.ICONS[rng.integers(len(lettering.ICONS))]
    _centred(band, lettering.icon(mark, size), (left + size, middle), (size, size), companion(rng, ground))
    _centred(band, name, (left + int(wide * 0.15) + size, middle), (int(wide * 0.3), deep), ink(rng, ground))
    small = lettering.line(rng, max(3, int(deep * 0.28)))
    _centred(band, small, (left + int(wide * 0.75), middle), (int(wide * 0.42), deep), ink(rng, ground))


def _page_heading(rng: np.random.Generator, band: PillowImage.Image, area: Area, ground: Colour) -> None:
    """A small heading, often with a rule to its left and right, as on a page of a catalogue."""
    left, top, right, bottom = area
    middle, deep, shade = (left + right) // 2, bottom - top, ink(rng, ground)
    stamp = lettering.fitted(lettering.line(rng, max(4, int(deep * rng.uniform(0.2, 0.4)))), (right - left) // 2, deep)
    _centred(band, stamp, (middle, (top + bottom) // 2), stamp.size, shade)
    if rng.random() < 0.6:
        y, gap, reach = (top + bottom) // 2, stamp.width // 2 + deep // 6 + 2, int((right - left) * 0.44)
        if reach > gap:
            band.paste(shade, (middle - reach, y, middle - gap, y + 1))
            band.paste(shade, (middle + gap, y, middle + reach, y + 1))


def _fill_upright(rng: np.random.Generator, band: PillowImage.Image, left: int, wide: int, ground: Colour) -> None:
    """Contents of a banner along the left or right side: turned lettering, or icons one below the other."""
    if rng.random() < 0.65:
        strip = band.crop((left, 0, left + wide, band.height)).transpose(PillowImage.Transpose.ROTATE_90)
        fill_level(rng, strip, (0, 0, strip.width, strip.height), ground)
        band.paste(strip.transpose(PillowImage.Transpose.ROTATE_270), (left, 0))
        return
    shade, count = ink(rng, ground), int(rng.integers(2, 6))
    for each in range(count):
        y = int((each + 0.5) * band.height / count)
        name, size = lettering.ICONS[rng.integers(len(lettering.ICONS))], max(4, int(wide * rng.uniform(0.4, 0.6)))
        _centred(band, lettering.icon(name, size), (left + wide // 2, y - size // 2), (wide, size), shade)
        caption = lettering.line(rng, max(3, wide // 7))
        _centred(band, caption, (left + wide // 2, y + size // 3), (int(wide * 0.9), wide), shade)


def _centred(
    picture: PillowImage.Image, stamp: Stamp, centre: tuple[int, int], room: tuple[int, int], shade: Colour
) -> None:
    """Paste a stamp, shrunk to the room ``(width, height)``, around a point."""
    small = lettering.fitted(stamp, max(1, room[0]), max(1, room[1]))
    picture.paste(shade, (centre[0] - small.width // 2, centre[1] - small.height // 2), small)


def _cover(mask: Mask, stamp: Stamp, place: tuple[int, int]) -> None:
    """Mark what a stamp covers that was pasted with its left top at a place, which may lie outside the mask."""
    whole = PillowImage.new("L", mask.shape[::-1])
    whole.paste(stamp, place)
    mask |= np.asarray(whole) > 0


def _lay(
    rng: np.random.Generator,
    canvas: Image,
    mask: Mask,
    side: Side,
    depth: Depth,
    band: PillowImage.Image,
    opacity: float,
) -> None:
    """Lay a band over the picture along a side, with antialiased inner edge, rule and shadow; changes both arrays."""
    upright, covered = from_top(canvas, side), from_top(mask, side)
    layer = from_top(np.asarray(band), side)
    deep = len(layer)
    rows = np.arange(deep, dtype=np.float32)[:, None]
    coverage = np.clip(depth[None, :] - rows, 0, 1)
    if rng.random() < 0.15:
        _cast(upright, depth, int(rng.integers(2, 7)))
    alpha = (coverage * np.float32(opacity))[..., None]
    under = upright[:deep].astype(np.float32)
    over = layer.astype(np.float32)
    if rng.random() < 0.2:
        rule = np.clip(rows - depth[None, :] + np.float32(rng.uniform(1.5, 0.05 * deep + 2)), 0, 1)[..., None]
        over = over * (1 - rule) + np.array(companion(rng, (128, 128, 128)), dtype=np.float32) * rule
    upright[:deep] = np.rint(under + (over - under) * alpha).astype(np.uint8)
    covered[:deep] |= coverage > 0


def _cast(upright: Image, depth: Depth, reach: int) -> None:
    """Darken a few pixels beyond the edge. The photograph shows through, so the shadow does not count as frame."""
    deep = min(int(np.ceil(depth.max())) + reach, len(upright))
    beyond = np.arange(deep, dtype=np.float32)[:, None] - depth[None, :]
    shade = 1 - 0.35 * np.clip(1 - beyond / reach, 0, 1)
    upright[:deep] = (upright[:deep] * shade[..., None]).astype(np.uint8)


def _name(sides: tuple[Side, ...], edge: Edge) -> str:
    return f"banner/{'-'.join(sides)}" if edge is straight else f"banner/{edge.__name__}"


def _either_end(edge: Edge) -> Painter:
    """A painter that puts a banner with this edge at the bottom, or less often at the top."""

    def paint(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
        return banner(photo, rng, supplies, ("bottom",) if rng.random() < 0.7 else ("top",), edge)

    return paint


PAINTERS: dict[str, Painter] = {
    "banner/top": partial(banner, sides=("top",), edge=straight),
    "banner/bottom": partial(banner, sides=("bottom",), edge=straight),
    "banner/left": partial(banner, sides=("left",), edge=straight),
    "banner/right": partial(banner, sides=("right",), edge=straight),
    "banner/top-bottom": partial(banner, sides=("top", "bottom"), edge=straight),
    "banner/left-right": partial(banner, sides=("left", "right"), edge=straight),
    "banner/slanted": _either_end(slanted),
    "banner/curved": _either_end(curved),
    "banner/wavy": _either_end(wavy),
    "banner/torn": _either_end(torn),
    "banner/tabbed": tabbed,
    "banner/page": page,
}
"""Every banner design by name."""

"""Decorative frames: rounded corners, polaroids, mouldings, mats, ornaments, stamps, torn paper, overlay art."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageOps

from unframe.dataset.generator import lettering
from unframe.dataset.generator.banners import fill_level
from unframe.dataset.generator.colours import (
    BLACK,
    WHITE,
    Colour,
    blend,
    companion,
    edge_colour,
    free_colour,
    ink,
    near,
    seen_beside,
)
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.mouldings import mat, moulding
from unframe.dataset.generator.openings import Mask, framed, from_top
from unframe.dataset.generator.scenes import shadow
from unframe.dataset.generator.textures import clouds, cover, points, star_outline, texture
from unframe.types import SIDES, Image, Side

Coverage = NDArray[np.float32]
"""float32 ``(height, width)``: the part of each pixel that a frame covers, 0 to 1."""

FAINT_ALPHA = 8  # overlay art at this alpha or below, of 255, changes no pixel visibly
SMALLEST_OPENING = 0.2  # overlay art that leaves less of the picture open would hide the product


def rounded(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A photograph with rounded corners on a coloured or textured ground, with or without a ring around it."""
    height, width = photo.shape[:2]
    short = min(height, width)
    ground = seen_beside(rng, photo)
    thickness = round(short * rng.uniform(0.01, 0.09)) if rng.random() < 0.6 else 0
    canvas = PillowImage.new("RGB", (width + 2 * thickness, height + 2 * thickness), ground)
    if thickness > 4 and rng.random() < 0.3:
        canvas = PillowImage.fromarray(texture(rng, canvas.height, canvas.width, ground, supplies))
    opening = _rounded_opening(canvas.size, thickness, short * rng.uniform(0.03, 0.2))
    if thickness > 3 and rng.random() < 0.4:
        ring = max(1, thickness // int(rng.integers(3, 8)))
        outline = _rounded_opening(canvas.size, thickness - ring, short * 0.1 + ring)
        canvas.paste(companion(rng, ground), mask=outline)
    canvas.paste(_shifted(photo, thickness, canvas.size), mask=opening)
    return _from_opening(canvas, opening, "decorative/rounded")


def card(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A photograph set into a coloured card, with lettering above or below it, as campaigns of marketplaces look."""
    height, width = photo.shape[:2]
    edge = round(min(height, width) * rng.uniform(0.02, 0.08))
    head = edge + round(height * rng.uniform(0.08, 0.22)) if rng.random() < 0.7 else edge
    foot = edge + round(height * rng.uniform(0.08, 0.22)) if head == edge or rng.random() < 0.5 else edge
    ground = seen_beside(rng, photo)
    size = width + 2 * edge, height + head + foot
    canvas = PillowImage.new("RGB", size, ground)
    if rng.random() < 0.3:
        canvas = PillowImage.fromarray(texture(rng, size[1], size[0], ground, supplies))
    for top, bottom in ((0, head), (size[1] - foot, size[1])):
        if bottom - top > edge + 8:
            fill_level(rng, canvas, (edge, top + 2, size[0] - edge, bottom - 2), ground)
    opening = PillowImage.new("L", size)
    radius = rng.uniform(0.02, 0.08) * width if rng.random() < 0.6 else 0
    box = (edge, head, edge + width - 1, head + height - 1)
    ImageDraw.Draw(opening).rounded_rectangle(box, radius, fill=255)
    behind = PillowImage.new("RGB", size)
    behind.paste(PillowImage.fromarray(photo), (edge, head))
    canvas.paste(behind, mask=opening)
    return _from_opening(canvas, opening, "decorative/card")


def polaroid(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """An instant photograph: white paper, wide at the foot, often with a caption, sometimes leaning on a table."""
    height, width = photo.shape[:2]
    edge = max(3, round(width * rng.uniform(0.035, 0.08)))
    foot = round(edge * rng.uniform(2.2, 4.5))
    paper = WHITE if rng.random() < 0.5 else near(rng, (246, 244, 238), 8)
    sheet = PillowImage.new("RGB", (width + 2 * edge, height + edge + foot), paper)
    if max(abs(np.subtract(paper, edge_colour(photo)))) < 25:
        # On paper of its own colour a photograph is told from it by the shade of the sheet's embossed edge.
        rim = (edge - 1, edge - 1, edge + width, edge + height)
        ImageDraw.Draw(sheet).rectangle(rim, fill=blend(paper, BLACK, rng.uniform(0.12, 0.4)))
    sheet.paste(PillowImage.fromarray(photo), (edge, edge))
    if rng.random() < 0.5:
        stamp = lettering.fitted(lettering.line(rng, max(4, foot // 3)), width, foot // 2)
        centre = edge + height + foot // 2
        sheet.paste(ink(rng, paper), ((sheet.width - stamp.width) // 2, centre - stamp.height // 2), stamp)
    opening = PillowImage.new("L", sheet.size)
    opening.paste(255, (edge, edge, edge + width, edge + height))
    if rng.random() < 0.45:
        return _from_opening(sheet, opening, "decorative/polaroid")
    return _leaning(rng, sheet, opening, supplies)


def _leaning(
    rng: np.random.Generator, sheet: PillowImage.Image, opening: PillowImage.Image, supplies: Supplies
) -> Drawn:
    """The sheet turned by a few degrees on a surface that is visible all around it."""
    angle = rng.uniform(-7, 7)
    room = round(max(sheet.size) * rng.uniform(0.01, 0.06))
    # A transparent rim in the paper's colour lets the rotation antialias the outline.
    rim = (*cast(Colour, sheet.getpixel((0, 0))), 0)
    sheet, opening = ImageOps.expand(sheet.convert("RGBA"), 1, rim), ImageOps.expand(opening, 1, 0)
    turned = sheet.rotate(angle, PillowImage.Resampling.BILINEAR, expand=True)
    size = turned.width + 2 * room, turned.height + 2 * room
    table = PillowImage.fromarray(texture(rng, size[1], size[0], free_colour(rng), supplies))
    corners = _turned_corners(sheet.size, angle, size)
    shadow(rng, table, corners)
    table.paste(turned, (room, room), turned)
    hole = PillowImage.new("L", size)
    hole.paste(opening.rotate(angle, PillowImage.Resampling.BILINEAR, expand=True), (room, room))
    # Interpolated like the sheet, the opening is full exactly where nothing of the paper is mixed in.
    return _from_opening(table, hole, "decorative/polaroid")


def _turned_corners(size: tuple[int, int], angle: float, canvas: tuple[int, int]) -> NDArray[np.float64]:
    width, height = size
    turn = np.deg2rad(angle)
    x, y = np.array([-1, 1, 1, -1]) * width / 2, np.array([-1, -1, 1, 1]) * height / 2
    turned = np.stack([x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)], axis=1)
    corners: NDArray[np.float64] = turned + np.array(canvas) / 2
    return corners


def art(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """The photograph in a moulding with mitred corners, with or without a mat: photo-frame art."""
    height, width = photo.shape[:2]
    edge = max(3, round(min(height, width) * rng.uniform(0.025, 0.12)))
    border = max(2, round(min(height, width) * rng.uniform(0.04, 0.14))) if rng.random() < 0.35 else 0
    opening = edge + border
    canvas = _around(photo, opening, BLACK)
    if border:
        mat(rng, canvas, edge - 1, opening, supplies, _paper(rng, photo))
    moulding(rng, canvas, edge, supplies)
    return _from_opening(canvas, _inset_opening(canvas.size, opening), "decorative/art")


def passe_partout(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """The photograph behind a mat with a bevelled opening."""
    opening = max(4, round(min(photo.shape[:2]) * rng.uniform(0.03, 0.16)))
    canvas = _around(photo, opening, WHITE)
    mat(rng, canvas, 0, opening, supplies, _paper(rng, photo))
    return _from_opening(canvas, _inset_opening(canvas.size, opening), "decorative/mat")


def ornaments(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A ring of one or two lines with an ornament in each corner, over the photograph."""
    height, width = photo.shape[:2]
    short = min(height, width)
    inset = round(short * rng.uniform(0.0, 0.06))
    shade = seen_beside(rng, photo)
    picture, layer = PillowImage.fromarray(photo), PillowImage.new("L", (width, height))
    pen = ImageDraw.Draw(layer)
    line = max(1, round(short * rng.uniform(0.003, 0.012)))
    rings = [inset] if rng.random() < 0.5 else [inset, inset + 3 * line]
    for ring in rings:
        pen.rectangle((ring, ring, width - 1 - ring, height - 1 - ring), outline=255, width=line)
    size = max(10, round(short * rng.uniform(0.08, 0.24)))
    corner = _corner(rng, size, max(2, line))
    for x in (inset, width - inset - size):
        for y in (inset, height - inset - size):
            stamp = corner if x == inset else ImageOps.mirror(corner)
            layer.paste(255, (x, y), stamp if y == inset else ImageOps.flip(stamp))
    picture.paste(shade, mask=layer)
    mask = np.asarray(layer) > 0
    return framed(np.asarray(picture), mask, "decorative", "decorative/ornaments", outside=_beyond(mask, inset))


def _corner(rng: np.random.Generator, size: int, line: int) -> PillowImage.Image:
    """An ornament for the top left corner: a fret, a spray, a fan or a bracket, as a stamp of mode ``L``."""
    scale = 4
    plane = PillowImage.new("L", (size * scale, size * scale))
    pen = ImageDraw.Draw(plane)
    side, width = size * scale, line * scale
    style = rng.integers(4)
    if style == 0:
        path = np.array([(0, 10), (0, 0), (10, 0), (10, 6), (4, 6), (4, 3), (7, 3)]) / 10
        for route in (path, path[:, ::-1]):
            pen.line(points(route, side * 0.95, width / 2, width / 2), fill=255, width=width, joint="curve")
    elif style == 1:
        turn = np.linspace(0.5, 4.5 * np.pi, 60)
        spiral = np.stack([0.5 + turn / 30 * np.cos(turn), 0.25 + turn / 30 * np.sin(turn) * 0.5], axis=1).clip(0, 1)
        for route in (spiral, spiral[:, ::-1]):
            pen.line(points(route, side, 0, 0), fill=255, width=width, joint="curve")
    elif style == 2:
        for radius in np.linspace(0.3, 1, int(rng.integers(2, 5))):
            reach = radius * side
            pen.arc((-reach, -reach, reach, reach), 0, 90, fill=255, width=width)
    else:
        pen.polygon([(0, 0), (side, 0), (0, side)], fill=255)
        pen.polygon(points(star_outline(5, 0.4), side * 0.2, side * 0.28, side * 0.28), fill=0)
    return plane.resize((size, size), PillowImage.Resampling.BOX)


def stamped(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A postage stamp or lace: paper around the photograph whose outer edge is scalloped or perforated."""
    edge = max(4, round(min(photo.shape[:2]) * rng.uniform(0.04, 0.1)))
    ground = seen_beside(rng, photo)
    canvas = _around(photo, edge, _paper(rng, photo))
    radius, spacing = edge * rng.uniform(0.25, 0.5), rng.uniform(2.4, 3.2)
    scale = 3
    holes = PillowImage.new("L", (canvas.width * scale, canvas.height * scale))
    pen = ImageDraw.Draw(holes)
    for side in SIDES:
        length = canvas.width if side in {"top", "bottom"} else canvas.height
        count = max(4, round(length / (radius * spacing)))
        for along in (np.arange(count) + 0.5) * length / count:
            x, y = _beside(side, along, 0, canvas.width, canvas.height)
            box = ((x - radius) * scale, (y - radius) * scale, (x + radius) * scale, (y + radius) * scale)
            pen.ellipse(box, fill=255)
    canvas.paste(ground, mask=holes.reduce(scale))
    return _from_opening(canvas, _inset_opening(canvas.size, edge), "decorative/stamp")


def torn(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A photograph whose paper is torn, brushed or scalloped all around, on a ground that shows beyond it."""
    height, width = photo.shape[:2]
    ground = seen_beside(rng, photo)
    reach = min(height, width) * rng.uniform(0.03, 0.1)
    smooth = rng.random() < 0.3
    coverage: Coverage = np.zeros((height, width), dtype=np.float32)
    for side in SIDES:
        upright = from_top(coverage, side)
        deep, length = upright.shape
        profile = clouds(rng, 2, length, 2, length / 24)[0] * np.float32(0.22)
        if smooth:
            profile = np.abs(np.sin(np.linspace(0, np.pi * rng.integers(6, 18), length, dtype=np.float32))) * 0.5 - 0.25
        else:
            profile = profile + clouds(rng, 2, length, 2, 1)[0] * np.float32(0.06)
        edge = np.clip(0.5 + profile, 0.05, 1) * reach
        rows = min(deep, int(reach) + 2)
        band = np.clip(edge[None, :] - np.arange(rows, dtype=np.float32)[:, None], 0, 1)
        upright[:rows] = np.maximum(upright[:rows], band)
    return _painted(photo, coverage, ground, "decorative/torn")


def film(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A strip of film: dark bands with a row of perforations along two opposite sides."""
    height, width = photo.shape[:2]
    level = rng.random() < 0.6
    band = max(6, round((height if level else width) * rng.uniform(0.07, 0.16)))
    pads = (0, band) if level else (band, 0)
    base = near(rng, (18, 17, 16), 10)
    canvas = PillowImage.new("RGB", (width + 2 * pads[0], height + 2 * pads[1]), base)
    canvas.paste(PillowImage.fromarray(photo), pads)
    pen = ImageDraw.Draw(canvas)
    light = WHITE if rng.random() < 0.7 else free_colour(rng)
    hole, long = band * rng.uniform(0.4, 0.6), canvas.width if level else canvas.height
    count = max(3, int(long / (hole * rng.uniform(1.3, 2))))
    for along in (np.arange(count) + 0.5) * long / count:
        for middle in (band / 2, (canvas.height if level else canvas.width) - band / 2):
            x, y = (along, middle) if level else (middle, along)
            half = (hole * 0.35, hole * 0.5) if level else (hole * 0.5, hole * 0.35)
            pen.rounded_rectangle((x - half[0], y - half[1], x + half[0], y + half[1]), hole * 0.12, fill=light)
    opening = PillowImage.new("L", canvas.size)
    opening.paste(255, (*pads, pads[0] + width, pads[1] + height))
    return _from_opening(canvas, opening, "decorative/film")


def seasonal(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """Snow, leaves, hearts, stars, balloons or ribbons, strewn densely along two or four sides over the photograph."""
    height, width = photo.shape[:2]
    picture, mask = PillowImage.fromarray(photo), np.zeros((height, width), dtype=bool)
    sides: tuple[Side, ...] = (
        SIDES if rng.random() < 0.5 else (("top", "bottom") if rng.random() < 0.6 else ("bottom",))
    )
    shades = [companion(rng, edge_colour(photo)) for _ in range(rng.integers(1, 4))]
    shapes = [lettering.ICONS[each] for each in rng.choice([1, 2, 8, 9, 10], size=rng.integers(1, 3))]
    deep = min(height, width) * rng.uniform(0.06, 0.13)
    layer = PillowImage.new("L", (width, height))
    if rng.random() < 0.4:
        _ribbon(rng, picture, layer, sides, deep, shades[0])
    for side in sides:
        length = width if side in {"top", "bottom"} else height
        for along in np.arange(0, length + deep, deep * rng.uniform(0.35, 0.6)):
            size = max(4, int(deep * rng.uniform(0.5, 1.2)))
            across = rng.uniform(0, deep * 0.6)
            x, y = _beside(side, along, across, width, height)
            stamp = lettering.icon(shapes[rng.integers(len(shapes))], size).rotate(rng.uniform(0, 360))
            corner = int(x) - size // 2, int(y) - size // 2
            picture.paste(shades[rng.integers(len(shades))], corner, stamp)
            layer.paste(255, corner, stamp)
    mask |= np.asarray(layer) > 0
    return framed(np.asarray(picture), mask, "decorative", "decorative/seasonal")


def _ribbon(
    rng: np.random.Generator,
    picture: PillowImage.Image,
    layer: PillowImage.Image,
    sides: tuple[Side, ...],
    deep: float,
    shade: Colour,
) -> None:
    """A wavy ribbon along each of the sides, under what is strewn."""
    width, height = picture.size
    for side in sides:
        length = width if side in {"top", "bottom"} else height
        along = np.linspace(-deep, length + deep, 60)
        across = deep * (0.45 + 0.25 * np.sin(along / length * np.pi * rng.integers(3, 12)))
        route = [_beside(side, a, b, width, height) for a, b in zip(along, across, strict=True)]
        for canvas, fill in ((picture, blend(shade, BLACK, 0.2)), (layer, 255)):
            ImageDraw.Draw(canvas).line(route, fill=fill, width=max(2, int(deep * 0.4)), joint="curve")


def _beside(side: Side, along: float, across: float, width: int, height: int) -> tuple[float, float]:
    """The point this far along a side and this far into the picture."""
    places = {"top": (along, across), "bottom": (along, height - 1 - across)}
    places |= {"left": (across, along), "right": (width - 1 - across, along)}
    return places[side]


def overlay(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """Frame art with a transparent centre, laid over the photograph; without such art, ornaments are drawn."""
    order = rng.permutation(len(supplies.overlays))[:4]
    for index in order:
        drawn = _overlaid(photo, supplies.overlays[index], rng)
        if drawn and drawn.frame and drawn.frame.inner.area >= SMALLEST_OPENING * drawn.whole.area:
            return drawn
    return ornaments(photo, rng, supplies)


def _overlaid(photo: Image, art_work: NDArray[np.uint8], rng: np.random.Generator) -> Drawn | None:
    """The photograph below the art, half of the time cut to its proportions; ``None`` when too much is hidden."""
    height, width = photo.shape[:2]
    if rng.random() < 0.5:
        aspect = art_work.shape[1] / art_work.shape[0]
        scale = min(width / aspect, height)
        photo = cover(photo, max(16, round(scale)), max(16, round(scale * aspect)))
        height, width = photo.shape[:2]
    layer = PillowImage.fromarray(art_work).resize((width, height), PillowImage.Resampling.BOX)
    alpha = layer.getchannel("A").point(lambda level: level if level > FAINT_ALPHA else 0)
    mask = np.asarray(alpha) > 0
    if mask.mean() > 1 - SMALLEST_OPENING:
        return None
    picture = PillowImage.fromarray(photo)
    picture.paste(layer.convert("RGB"), mask=alpha)
    return framed(np.asarray(picture), mask, "decorative", "decorative/overlay")


def _paper(rng: np.random.Generator, photo: Image) -> Colour:
    """White or off-white where it can be told from the photograph's edge, else a colour."""
    white = WHITE if rng.random() < 0.5 else near(rng, (246, 244, 238), 8)
    return white if min(edge_colour(photo)) < 215 and rng.random() < 0.8 else seen_beside(rng, photo)


def _around(photo: Image, thickness: int, shade: Colour) -> PillowImage.Image:
    """The photograph on a canvas that is larger by this many pixels on each side."""
    height, width = photo.shape[:2]
    canvas = PillowImage.new("RGB", (width + 2 * thickness, height + 2 * thickness), shade)
    canvas.paste(PillowImage.fromarray(photo), (thickness, thickness))
    return canvas


def _shifted(photo: Image, by: int, size: tuple[int, int]) -> PillowImage.Image:
    canvas = PillowImage.new("RGB", size)
    canvas.paste(PillowImage.fromarray(photo), (by, by))
    return canvas


def _inset_opening(size: tuple[int, int], inset: int) -> PillowImage.Image:
    opening = PillowImage.new("L", size)
    opening.paste(255, (inset, inset, size[0] - inset, size[1] - inset))
    return opening


def _rounded_opening(size: tuple[int, int], inset: int, radius: float) -> PillowImage.Image:
    """An antialiased rounded rectangle: drawn four times as large, then averaged."""
    scale = 4 if max(size) <= 600 else 2
    large = PillowImage.new("L", (size[0] * scale, size[1] * scale))
    low = inset * scale
    box = (low, low, large.width - 1 - low, large.height - 1 - low)
    ImageDraw.Draw(large).rounded_rectangle(box, max(0, radius) * scale, fill=255)
    return large.reduce(scale)


def _from_opening(canvas: PillowImage.Image, opening: PillowImage.Image, design: str) -> Drawn:
    """A frame that covers every pixel at least in part that the opening does not leave fully open."""
    return framed(np.asarray(canvas), np.asarray(opening) < 255, "decorative", design)


def _painted(photo: Image, coverage: Coverage, shade: Colour, design: str) -> Drawn:
    alpha = PillowImage.fromarray(np.rint(coverage * 255).astype(np.uint8))
    picture = PillowImage.fromarray(photo)
    picture.paste(shade, mask=alpha)
    return framed(np.asarray(picture), np.asarray(alpha) > 0, "decorative", design)


def _beyond(mask: Mask, inset: int) -> Mask:
    """The margin outside a ring that stands this many pixels from the edge."""
    margin = np.ones_like(mask)
    margin[inset : mask.shape[0] - inset, inset : mask.shape[1] - inset] = False
    outside: Mask = margin & ~mask
    return outside


PAINTERS: dict[str, Painter] = {
    "decorative/rounded": rounded,
    "decorative/card": card,
    "decorative/polaroid": polaroid,
    "decorative/art": art,
    "decorative/mat": passe_partout,
    "decorative/ornaments": ornaments,
    "decorative/stamp": stamped,
    "decorative/torn": torn,
    "decorative/film": film,
    "decorative/seasonal": seasonal,
    "decorative/overlay": overlay,
}
"""Every decorative design by name."""

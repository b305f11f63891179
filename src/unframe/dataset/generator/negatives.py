"""Pictures without a frame that are easily taken for framed: the hard plain ones.

Every picture has the size of the photograph it was drawn for, so that size tells nothing about the label.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageChops, ImageDraw, ImageFilter

from unframe.dataset.generator import lettering
from unframe.dataset.generator.banners import badge
from unframe.dataset.generator.colours import BLACK, WHITE, Colour, blend, colour, companion, free_colour, hsv, near
from unframe.dataset.generator.drawn import Drawn, Painter, Supplies
from unframe.dataset.generator.faces import FACES, Face, Hard, pale
from unframe.dataset.generator.scenes import (
    Picture,
    Quad,
    backdrop,
    bleed,
    cutout,
    exposed,
    face_size,
    lens,
    lit,
    noisy,
    place,
    pose,
    shadow,
    surface,
    sweep,
)
from unframe.dataset.generator.textures import TEXTURES, cover, lookup
from unframe.types import Image


def plain(picture: Picture, hard: Hard, design: str) -> Drawn:
    """A drawn picture without frame, with the reason why it may look framed."""
    image = np.asarray(picture)
    return Drawn(image, "plain", None, np.zeros(image.shape[:2], dtype=bool), f"{hard}/{design}", hard)


def product(photo: Image, rng: np.random.Generator, supplies: Supplies, name: str) -> Drawn:
    """A flat product on a backdrop, frontal, leaning or in perspective, 45 to 99 % of the picture wide or high.

    Posters and paintings take 82 % at most: what fills the picture and shows a photograph in a frame is framed.
    """
    height, width = photo.shape[:2]
    face = FACES[name]
    # A white-edged print on plain white would be a photograph with padding.
    canvas = sweep(rng, height, width) if name == "poster" else backdrop(rng, height, width, supplies)
    largest = 0.82 if name in {"poster", "painting"} else 0.99
    quad = pose(rng, height, width, _aspect(rng, face), rng.uniform(0.45, largest))
    _stand(rng, canvas, face, quad, supplies)
    return plain(_finished(rng, canvas), face.hard, name)


def upright(photo: Image, rng: np.random.Generator, supplies: Supplies, hard: Hard) -> Drawn:
    """A flat product exactly level and exactly frontal on a plain ground, as catalogues show doors, books and boxes.

    It often takes the whole height or width, so that the ground stands beside it like bars. What shows that the product
    ends there, and not a photograph, is on its face alone: lettering, relief, an outline.
    """
    height, width = photo.shape[:2]
    face = FACES[str(rng.choice(UPRIGHT[hard]))]
    ground = WHITE if rng.random() < 0.7 else near(rng, (238, 238, 238), 14)
    canvas = PillowImage.new("RGB", (width, height), ground)
    margins = np.where(rng.random(2) < 0.6, rng.uniform(0, 0.03, 2), rng.uniform(0.03, 0.2, 2))
    room_across, room_down = np.maximum([width, height] * (1 - 2 * margins), 8)
    aspect = _aspect(rng, face)
    columns, rows = min(room_across, room_down * aspect), min(room_down, room_across / aspect)
    left, top = (width - columns) / 2, (height - rows) * (0.5 if rng.random() < 0.7 else 1.0)
    # Half of them end between two pixels, as scaled pictures do.
    left, top = (left, top) if rng.random() < 0.5 else (float(round(left)), float(round(top)))
    columns, rows = max(8, round(columns)), max(8, round(rows))
    quad = np.array([[left, top], [left + columns, top], [left + columns, top + rows], [left, top + rows]])
    if rng.random() < 0.3:
        shadow(rng, canvas, quad, 0.25)
    place(canvas, face.draw(rng, rows, columns, supplies), quad)
    return plain(canvas if rng.random() < 0.6 else noisy(rng, canvas, 1), hard, "upright")


def pair(photo: Image, rng: np.random.Generator, supplies: Supplies, hard: Hard) -> Drawn:
    """Two flat products of one kind, side by side or overlapping."""
    height, width = photo.shape[:2]
    names = [name for name, face in FACES.items() if face.hard == hard]
    face = FACES[names[rng.integers(len(names))]]
    canvas = backdrop(rng, height, width, supplies)
    for shift in (-0.22, 0.22):
        quad = pose(rng, height, width, _aspect(rng, face), rng.uniform(0.4, 0.65))
        _stand(rng, canvas, face, quad + np.array([shift * width, 0]), supplies)
    return plain(_finished(rng, canvas), hard, "pair")


def box(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A cuboid, as a box or appliance: front, one side and the top."""
    height, width = photo.shape[:2]
    canvas = backdrop(rng, height, width, supplies)
    front = FACES[str(rng.choice(["package", "cover", "book", "panel"]))]
    yaw, pitch = rng.uniform(0.25, 0.8) * rng.choice([-1, 1]), rng.uniform(0.05, 0.45)
    quads = _cuboid(_aspect(rng, front), rng.uniform(0.15, 0.8), yaw, pitch)
    corners = np.concatenate(quads)
    low, size = corners.min(axis=0), np.ptp(corners, axis=0)
    scale = rng.uniform(0.5, 0.95) * min(width / size[0], height / size[1])
    quads = [(quad - low) * scale + (np.array([width, height]) - size * scale) / 2 for quad in quads]
    shadow(rng, canvas, np.array([quads[0][3], quads[0][2], quads[1][2], quads[0][3]]))
    base = free_colour(rng)
    for quad, shade in zip(quads, (1.0, rng.uniform(0.55, 0.85), rng.uniform(0.9, 1.15)), strict=True):
        rows, columns = face_size(quad)
        if quad is quads[0]:
            drawn = front.draw(rng, rows, columns, supplies)
        else:
            drawn = PillowImage.new("RGB", (columns, rows), blend(base, WHITE if shade > 1 else BLACK, abs(1 - shade)))
        place(canvas, lit(rng, drawn.convert("RGB"), 0.15), quad)
    return plain(_finished(rng, canvas), "rectangular", "box")


def full_bleed(photo: Image, rng: np.random.Generator, supplies: Supplies, name: str) -> Drawn:
    """A flat product that fills the picture, so that its own border runs near or along the picture's edge."""
    height, width = photo.shape[:2]
    face = FACES[name]
    exact = name in FLAT and rng.random() < 0.5
    quad = bleed(rng, height, width, 0.0 if exact else 0.06)
    rows, columns = face_size(quad)
    canvas = PillowImage.new("RGB", (width, height), free_colour(rng))
    place(canvas, face.draw(rng, rows, columns, supplies).convert("RGB"), quad)
    if not exact and rng.random() < 0.4:
        canvas = lens(rng, canvas)
    return plain(_finished(rng, canvas), "full_bleed", name)


def room(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A product that stands on a table, shelf or floor before a wall: edges of the scene run across the picture."""
    height, width = photo.shape[:2]
    canvas = surface(rng, height, width, supplies) if rng.random() < 0.5 else sweep(rng, height, width)
    horizon = height * rng.uniform(0.55, 0.93)
    _floor(rng, canvas, horizon, supplies)
    if rng.random() < 0.3:
        _corner_of_room(rng, canvas, horizon)
    _subject(rng, photo, supplies, canvas, min(height * 0.98, horizon + height * rng.uniform(0.03, 0.25)))
    return plain(_finished(rng, canvas), "full_bleed", "room")


def studio(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A product before a paper roll that leaves a strip of the studio in sight at one or both sides."""
    height, width = photo.shape[:2]
    canvas = surface(rng, height, width, supplies)
    roll = sweep(rng, height, width)
    left = width * rng.uniform(0.02, 0.18) if rng.random() < 0.7 else -5.0
    right = width * rng.uniform(0.82, 0.98) if left < 0 or rng.random() < 0.5 else width + 5.0
    lean = rng.normal(0, 0.02, 4) * width
    quad = np.array([[left, -5], [right, -5], [right, height + 5], [left, height + 5]])
    quad[:, 0] += lean
    shadow(rng, canvas, quad)
    place(canvas, roll, quad)
    _subject(rng, photo, supplies, canvas, height * rng.uniform(0.8, 0.97))
    return plain(_finished(rng, canvas), "full_bleed", "studio")


def crop(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A close-up of a photograph, so that the product is cut by the picture's edges."""
    height, width = photo.shape[:2]
    zoom = rng.uniform(0.4, 0.85)
    rows, columns = max(8, int(height * zoom)), max(8, int(width * zoom))
    top, left = int(rng.integers(height - rows + 1)), int(rng.integers(width - columns + 1))
    part = cover(photo[top : top + rows, left : left + columns], height, width)
    return plain(PillowImage.fromarray(part), "full_bleed", "crop")


def across(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A product that touches two opposite edges: a pole, plank, curtain, roll or trouser leg.

    It leans and stays away from the other two edges: beside one of them it could be a strip that was added.
    """
    height, width = photo.shape[:2]
    canvas = backdrop(rng, height, width, supplies)
    upright = rng.random() < 0.6
    long, extent = (height, width) if upright else (width, height)
    deep = max(6, int(extent * rng.uniform(0.06, 0.4)))
    name = str(rng.choice(["wood", "metal", "fabric", "stripes", "paper", "gradient"]))
    strip = PillowImage.fromarray(TEXTURES[name](rng, deep, long + 40, free_colour(rng), supplies))
    bulge = np.sin(np.linspace(0.15, 3, deep, dtype=np.float32))[:, None].repeat(long + 40, axis=1)
    shade = PillowImage.fromarray(lookup(bulge, [(90, 90, 90), WHITE]))
    strip = ImageChops.multiply(strip, shade)
    middle = extent * rng.uniform(0.36, 0.64)
    lean = rng.normal(0, 0.03) * long
    begin, end = middle - deep / 2 + lean, middle - deep / 2 - lean
    quad = np.array(
        [[-20, begin], [long + 20, end], [long + 20, end + deep], [-20, begin + deep * rng.uniform(0.95, 1.05)]]
    )
    quad = quad[[0, 3, 2, 1], ::-1] if upright else quad
    shadow(rng, canvas, quad)
    place(canvas, strip.transpose(PillowImage.Transpose.TRANSPOSE) if upright else strip, quad)
    return plain(_finished(rng, canvas), "rectangular", "across")


def floating_badge(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """One to three badges, stickers or price tags that float over the photograph."""
    picture = PillowImage.fromarray(photo)
    width, height = picture.size
    for _ in range(rng.choice([1, 2, 3], p=[0.65, 0.25, 0.1])):
        size = max(12, int(min(width, height) * rng.uniform(0.12, 0.32)))
        margin = int(min(width, height) * rng.choice([0, rng.uniform(0, 0.06)]))
        x = (margin, width - size - margin, int(rng.integers(0, width - size + 1)))[rng.integers(3)]
        y = (margin, height - size - margin, int(rng.integers(0, height - size + 1)))[rng.integers(3)]
        badge(rng, picture, (x, y), size, colour(rng, photo, supplies.parameters))
    return plain(picture, "badge_or_text", "badge")


def floating_text(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """Lines of text over the photograph, without a band behind them; a logo in a corner."""
    picture = PillowImage.fromarray(photo)
    width, height = picture.size
    shade = free_colour(rng)
    size = max(6, int(height * rng.uniform(0.03, 0.1)))
    y = int((height * 0.03, height * rng.uniform(0.1, 0.7), height * 0.86)[rng.integers(3)])
    left = rng.random() < 0.6
    for scale in (1.0, 0.6, 0.5)[: rng.integers(1, 4)]:
        stamp = lettering.fitted(lettering.line(rng, max(5, int(size * scale))), int(width * 0.94), size)
        x = int(width * 0.04) if left else (width - stamp.width) // 2
        if rng.random() < 0.3:
            picture.paste(blend(shade, BLACK, 0.8), (x + 1, y + 1), stamp)
        if rng.random() < 0.15:
            picture.paste(companion(rng, shade), (x - 4, y - 3, x + stamp.width + 4, y + stamp.height + 3))
        picture.paste(shade, (x, y), stamp)
        y += int(stamp.height * 1.5) + 1
    if rng.random() < 0.4:
        side = max(8, width // 8)
        mark = lettering.icon(lettering.ICONS[rng.integers(len(lettering.ICONS))], side)
        picture.paste(companion(rng, shade), (int(rng.choice([4, width - side - 4])), 4), mark)
    return plain(picture, "badge_or_text", "text")


def watermark(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A faint name or address across the photograph, once or repeated, level or slanted."""
    picture = PillowImage.fromarray(photo)
    width, height = picture.size
    plane = PillowImage.new("L", picture.size)
    stamp = lettering.fitted(lettering.line(rng, max(8, height // int(rng.integers(6, 18)))), int(width * 0.9), height)
    if rng.random() < 0.35:
        for y in range(0, height, stamp.height * 4):
            for x in range(-(y % stamp.width), width, stamp.width + stamp.height * 3):
                plane.paste(stamp, (x, y))
    else:
        plane.paste(stamp, ((width - stamp.width) // 2, int(rng.uniform(0.3, 0.9) * (height - stamp.height))))
    if rng.random() < 0.5:
        plane = plane.rotate(rng.uniform(-40, 40), PillowImage.Resampling.BILINEAR)
    strength = rng.uniform(0.15, 0.7)
    picture.paste(WHITE if rng.random() < 0.6 else free_colour(rng), mask=plane.point(lambda level: level * strength))
    return plain(picture, "badge_or_text", "watermark")


def pale_product(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A nearly white product on a nearly white backdrop."""
    height, width = photo.shape[:2]
    canvas = PillowImage.new("RGB", (width, height), WHITE if rng.random() < 0.7 else near(rng, (250, 250, 250), 4))
    quad = pose(rng, height, width, rng.uniform(0.4, 1.8), rng.uniform(0.4, 0.98))
    _stand(rng, canvas, Face(pale, (0.4, 1.8), "white_on_white"), quad, supplies, 0.15)
    return plain(noisy(rng, canvas, int(rng.integers(0, 3))), "white_on_white", "product")


def white_margin(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A product cut out on white, with wide margins: on white no edge of a photograph can be seen."""
    height, width = photo.shape[:2]
    canvas = PillowImage.new("RGB", (width, height), WHITE)
    _subject(rng, photo, supplies, canvas, height * rng.uniform(0.65, 0.97))
    return plain(canvas, "white_on_white", "margin")


def fading(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A product on a nearly white backdrop that fades into white towards the edges, or away from them."""
    height, width = photo.shape[:2]
    x, y = (np.linspace(-1, 1, length, dtype=np.float32) for length in (width, height))
    power = np.float32(rng.uniform(2, 8))
    away = (np.abs(x[None, :]) ** power + np.abs(y[:, None]) ** power) ** (1 / power)
    grey = near(rng, (242, 242, 243), 9)
    stops = [grey, grey, WHITE] if rng.random() < 0.7 else [WHITE, WHITE, grey]
    canvas = PillowImage.fromarray(lookup(np.clip(away, 0, 1), stops))
    _subject(rng, photo, supplies, canvas, height * rng.uniform(0.6, 0.92))
    return plain(noisy(rng, canvas, int(rng.integers(0, 2))), "white_on_white", "fading")


def vignette(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """The photograph darker, or brighter, towards its corners."""
    x, y = (np.linspace(-1, 1, length, dtype=np.float32) for length in photo.shape[1::-1])
    reach = np.hypot(x[None, :], y[:, None]) - np.float32(rng.uniform(0.3, 0.9))
    strength = np.clip(reach * np.float32(rng.uniform(0.4, 1.1)), 0, 0.9)
    target = BLACK if rng.random() < 0.8 else WHITE
    mask = PillowImage.fromarray((strength * 255).astype(np.uint8))
    picture = PillowImage.fromarray(photo)
    picture.paste(target, mask=mask)
    return plain(picture, "dark_edge", "vignette")


def edge_shadow(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A soft shadow that falls along one or two edges of the scene."""
    height, width = photo.shape[:2]
    rows, columns = height // 4 + 2, width // 4 + 2
    light = np.ones((rows, columns), dtype=np.float32)
    for _ in range(rng.integers(1, 3)):
        upright = np.rot90(light, int(rng.integers(4)))
        deep, lean = rng.uniform(0.04, 0.25), rng.normal(0, 0.05)
        edge = len(upright) * (deep + lean * np.linspace(-1, 1, upright.shape[1]))
        upright[np.arange(len(upright))[:, None] < edge] = rng.uniform(0.3, 0.75)
    plane = PillowImage.fromarray((light * 255).astype(np.uint8))
    soft = plane.filter(ImageFilter.GaussianBlur(rng.uniform(1.2, 10)))
    wide = soft.resize((width, height), PillowImage.Resampling.BICUBIC)
    shaded = ImageChops.multiply(PillowImage.fromarray(photo), PillowImage.merge("RGB", (wide, wide, wide)))
    return plain(shaded, "dark_edge", "shadow")


def dark_backdrop(photo: Image, rng: np.random.Generator, supplies: Supplies) -> Drawn:
    """A product on black or very dark ground, lit from one side."""
    height, width = photo.shape[:2]
    ground = BLACK if rng.random() < 0.35 else hsv(rng.random(), rng.uniform(0, 0.7), rng.uniform(0.03, 0.2))
    canvas = lit(rng, PillowImage.new("RGB", (width, height), ground), 0.4)
    if rng.random() < 0.5:
        _floor(rng, canvas, height * rng.uniform(0.6, 0.92), supplies, blend(ground, WHITE, rng.uniform(0.02, 0.15)))
    _subject(rng, photo, supplies, canvas, height * rng.uniform(0.75, 0.96))
    return plain(_finished(rng, canvas), "dark_edge", "backdrop")


def _aspect(rng: np.random.Generator, face: Face) -> float:
    return float(np.exp(rng.uniform(*np.log(face.aspects))))


def _stand(
    rng: np.random.Generator, canvas: Picture, face: Face, quad: Quad, supplies: Supplies, strength: float = 0.5
) -> None:
    """Put a product on the canvas, mostly with a shadow that takes at most this share of the light."""
    if rng.random() < 0.75:
        shadow(rng, canvas, quad, strength)
    rows, columns = face_size(quad)
    drawn = face.draw(rng, rows, columns, supplies)
    place(canvas, drawn, quad)


def _finished(rng: np.random.Generator, canvas: Picture) -> Picture:
    """Most pictures as a camera gives them; a quarter as clean as catalogue renderings."""
    return canvas if rng.random() < 0.25 else exposed(rng, canvas)


def _cuboid(aspect: float, depth: float, yaw: float, pitch: float) -> list[Quad]:
    """Front, side and top of a cuboid of height 1 that is turned about its upright axis and seen from above."""
    near_x, far = aspect / 2, depth
    sign = 1 if yaw > 0 else -1

    def seen(points: list[tuple[float, float, float]]) -> Quad:
        x, y, z = np.array(points, dtype=np.float64).T
        x, z = x * np.cos(yaw) - z * np.sin(yaw), x * np.sin(yaw) + z * np.cos(yaw)
        y, z = y * np.cos(pitch) - z * np.sin(pitch), y * np.sin(pitch) + z * np.cos(pitch)
        nearness = 1 / (1 + z / (3.5 * max(aspect, 1)))
        return np.stack([x * nearness, y * nearness], axis=1)

    front = seen([(-near_x, -0.5, 0), (near_x, -0.5, 0), (near_x, 0.5, 0), (-near_x, 0.5, 0)])
    edge = -sign * near_x
    side = seen([(edge, -0.5, 0), (edge, -0.5, far), (edge, 0.5, far), (edge, 0.5, 0)])
    top = seen([(-near_x, -0.5, far), (near_x, -0.5, far), (near_x, -0.5, 0), (-near_x, -0.5, 0)])
    return [front, side, top]


def _floor(
    rng: np.random.Generator, canvas: Picture, horizon: float, supplies: Supplies, base: Colour | None = None
) -> None:
    """Lay a table or floor over the canvas below a horizon that leans a little; its edge is soft and shaded."""
    width, height = canvas.size
    tone = base or hsv(rng.random(), rng.uniform(0, 0.5), rng.uniform(0.25, 0.95))
    name = str(rng.choice(["wood", "wood", "paper", "marble", "fabric", "gradient"] if base is None else ["paper"]))
    top = lit(rng, PillowImage.fromarray(TEXTURES[name](rng, height, width, tone, supplies)), 0.3)
    lean = rng.normal(0, 0.006) * width if rng.random() < 0.6 else 0.0
    mask = PillowImage.new("L", canvas.size)
    ImageDraw.Draw(mask).polygon([(0, horizon + lean), (width, horizon - lean), (width, height), (0, height)], fill=255)
    canvas.paste(top, mask=mask.filter(ImageFilter.BoxBlur(rng.uniform(0.3, 3))))
    if rng.random() < 0.5:
        deep = max(1, int(height * 0.02))
        shade = PillowImage.new("L", canvas.size)
        shape = [
            (0, horizon + lean),
            (width, horizon - lean),
            (width, horizon - lean + deep),
            (0, horizon + lean + deep),
        ]
        ImageDraw.Draw(shade).polygon(shape, fill=90)
        canvas.paste(BLACK, mask=shade.filter(ImageFilter.BoxBlur(deep * 0.7)))


def _corner_of_room(rng: np.random.Generator, canvas: Picture, horizon: float) -> None:
    """Darken the wall on one side of an upright edge, down to the floor."""
    width = canvas.width
    x, lean = width * rng.choice([rng.uniform(0.04, 0.3), rng.uniform(0.7, 0.96)]), rng.normal(0, 0.01) * width
    edge = 0 if x < width / 2 else width
    shade = PillowImage.new("L", canvas.size)
    ImageDraw.Draw(shade).polygon(
        [(edge, 0), (x + lean, 0), (x, horizon), (edge, horizon)], fill=int(rng.integers(25, 80))
    )
    canvas.paste(BLACK, mask=shade.filter(ImageFilter.BoxBlur(0.8)))


def _subject(rng: np.random.Generator, photo: Image, supplies: Supplies, canvas: Picture, ground: float) -> None:
    """Stand a product on the canvas with its foot at this height: cut from a photograph on white, or else drawn."""
    cut = cutout(photo) or cutout(supplies.photo(rng)) or cutout(supplies.photo(rng))
    if cut is None:
        name = str(rng.choice(["book", "package", "panel", "painting"]))
        size = max(12, int(ground * 0.6))
        cut = FACES[name].draw(rng, size, int(size * _aspect(rng, FACES[name])), supplies).convert("RGBA")
    width = canvas.width
    scale = min(width * rng.uniform(0.5, 0.95) / cut.width, ground * rng.uniform(0.6, 0.97) / cut.height)
    cut = cut.resize((max(4, int(cut.width * scale)), max(4, int(cut.height * scale))), PillowImage.Resampling.BILINEAR)
    x, y = int((width - cut.width) * rng.uniform(0.2, 0.8)), int(ground) - cut.height
    if rng.random() < 0.7:
        shadow(rng, canvas, _footprint(x, cut.width, ground))
    canvas.paste(cut, (x, y), cut)


def _footprint(left: float, width: float, ground: float) -> Quad:
    """Where a standing product touches the ground: flat, and narrower at its far side."""
    deep, inset = 0.09 * width, 0.08 * width
    low, high = ground + 0.02 * width, ground - deep
    return np.array([[left + inset, high], [left + width - inset, high], [left + width, low], [left, low]])


FLAT = ("book", "jacket", "cover", "package", "card")
"""Printed products; of the covers there are photographs, which teach the most."""

UPRIGHT: dict[Hard, tuple[str, ...]] = {
    "rectangular": (
        *(*FLAT, *["cover"] * 3, "package"),
        *("panel", "panel", "oven", "oven", "hob", "board"),
        *("rug", "cushion", "phone"),
    ),
    "own_frame": ("mirror", "window", "television"),
}
"""Products that catalogues show exactly level. Posters and paintings so shown are photographs with a frame."""

FILLING = (*FLAT, "panel", "oven", "mirror", "window", "rug", "cushion")
"""Products that are shown so close that they fill the picture. A poster or painting without the wall around it could
not be told from a photograph with a frame added."""

PAINTERS: dict[str, Painter] = {
    **{f"{face.hard}/{name}": partial(product, name=name) for name, face in FACES.items()},
    "rectangular/pair": partial(pair, hard="rectangular"),
    "own_frame/pair": partial(pair, hard="own_frame"),
    "rectangular/box": box,
    "rectangular/upright": partial(upright, hard="rectangular"),
    "own_frame/upright": partial(upright, hard="own_frame"),
    "rectangular/across": across,
    **{f"full_bleed/{name}": partial(full_bleed, name=name) for name in FILLING},
    "full_bleed/room": room,
    "full_bleed/studio": studio,
    "full_bleed/crop": crop,
    "badge_or_text/badge": floating_badge,
    "badge_or_text/text": floating_text,
    "badge_or_text/watermark": watermark,
    "white_on_white/product": pale_product,
    "white_on_white/margin": white_margin,
    "white_on_white/fading": fading,
    "dark_edge/vignette": vignette,
    "dark_edge/shadow": edge_shadow,
    "dark_edge/backdrop": dark_backdrop,
}
"""Every hard plain design by name: why it may look framed, then what it shows."""

WEIGHTS: dict[str, float] = {
    "rectangular/upright": 7.0,
    "full_bleed/jacket": 2.0,
    "full_bleed/cover": 3.0,
    "full_bleed/book": 1.5,
}
"""Weight of a design among those of its reason, where it is not 1."""

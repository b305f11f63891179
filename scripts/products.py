"""The products that stand in the studio: what the examples and the front page show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont
from scripts import studio
from scripts.studio import (
    Camera,
    Floats,
    Paint,
    Part,
    Shape,
    ball,
    block,
    disc,
    floor,
    joined,
    lathe,
    moved,
    plain,
    printed,
    ring,
    rod,
    sweep,
    turned,
    wall,
    within,
    without,
)

from unframe.types import Image

STEEL = plain(176, 178, 182)
BLACK = plain(30, 31, 34)
BRASS = plain(196, 154, 84)
PAPER = floor(plain(255, 255, 255))


def mug() -> Image:
    """A blue mug on a pale studio backdrop."""
    body = without(lathe([(0, 0.34), (0.06, 0.39), (0.4, 0.41), (0.82, 0.42)]), moved(disc(0.37, 0.8, 0.08), y=0.5))
    handle = without(moved(ring(0.22, 0.05), x=0.45, y=0.42), disc(0.37, 4, 0))
    glaze = Part(joined(body, handle, blend=0.06), plain(38, 104, 142), 0.9)
    return _taken([sweep(236, 233, 228), glaze], Camera(yaw=-28, pitch=17, target=0.38, view=0.62), 420, 420)


def vase() -> Image:
    """A terracotta vase, glazed at its foot."""
    profile = [(0, 0.2), (0.05, 0.24), (0.45, 0.42), (0.8, 0.34), (1.05, 0.14), (1.2, 0.12), (1.3, 0.2)]

    def paint(points: Floats) -> Floats:
        dipped = points[:, 1] < 0.42 + 0.03 * np.sin(points[:, 0] * 9) + 0.02 * np.sin(points[:, 2] * 13)
        throwing = 1 + 0.035 * np.sin(points[:, 1] * 95)
        clay = np.outer(throwing, (0.76, 0.43, 0.30))
        return np.where(dipped[:, None], (0.93, 0.90, 0.84), clay).astype(np.float32)

    pot = Part(lathe(profile, wall=0.035), paint, 0.25)
    return _taken([sweep(206, 214, 208), pot], Camera(pitch=9, target=0.63, view=0.54), 400, 480)


def headphones() -> Image:
    """Black headphones, standing."""
    band = without(moved(ring(0.44, 0.035), y=0.5), moved(block(2, 1, 1, 0), y=-0.04))
    cups, cushions = [], []
    for side in (-1, 1):
        cups.append(moved(turned(disc(0.24, 0.13, 0.06), "z", 90), x=side * 0.47, y=0.34))
        cushions.append(moved(turned(ring(0.16, 0.075), "y", 90), x=side * 0.37, y=0.34))
    arms = [rod((side * 0.435, 0.46, 0), (side * 0.47, 0.36, 0), 0.025) for side in (-1, 1)]
    parts = [
        sweep(228, 224, 236),
        Part(moved(joined(*cups, blend=0.01), y=-0.1), plain(66, 60, 92), 0.8),
        Part(moved(joined(*cushions), y=-0.1), BLACK, 0.15),
        Part(moved(joined(band, *arms, blend=0.03), y=-0.1), plain(44, 42, 52), 0.7),
    ]
    return _taken(parts, Camera(yaw=32, pitch=12, target=0.44, view=0.62), 440, 440)


def lamp() -> Image:
    """A table lamp with a linen shade."""
    foot = lathe([(0, 0.26), (0.05, 0.26), (0.1, 0.1), (0.3, 0.15), (0.5, 0.06), (0.78, 0.03)])
    shade = lathe([(0.66, 0.44), (1.2, 0.26)], wall=0.015)

    def linen(points: Floats) -> Floats:
        angle = np.arctan2(points[:, 2], points[:, 0])
        weave = 1 + 0.012 * np.sin(angle * 190) + 0.012 * np.sin(points[:, 1] * 240)
        return np.outer(weave, (0.95, 0.90, 0.79)).astype(np.float32)

    parts = [PAPER, Part(foot, plain(58, 110, 98), 0.8), Part(shade, linen)]
    return _taken(parts, Camera(pitch=7, target=0.6, view=0.6), 440, 440, bright=1.1)


def perfume() -> Image:
    """A bottle of perfume with a brass cap, on white."""
    label = _page(300, 200, (246, 240, 230))
    _centred(label, "ambre", 60, 62, (70, 52, 40))
    _centred(label, "EAU DE PARFUM", 24, 132, (70, 52, 40))
    bottle = Part(moved(block(0.7, 0.78, 0.3, 0.06), y=0.39), plain(206, 146, 98), 1.0)
    sticker = Part(moved(block(0.46, 0.31, 0.01, 0.0), y=0.38, z=0.152), _on(label, 0.46, 0.31, 0.38))
    neck = Part(moved(disc(0.12, 0.08, 0.01), y=0.8), BRASS, 0.9)
    cap = Part(moved(disc(0.17, 0.3, 0.03), y=0.99), plain(52, 40, 34), 0.9)
    parts = [PAPER, bottle, sticker, neck, cap]
    return _taken(parts, Camera(yaw=-16, pitch=8, target=0.56, view=0.6), 440, 440, bright=1.1)


def compact_camera() -> Image:
    """A compact camera of black leather and steel."""
    body = moved(block(1.2, 0.62, 0.34, 0.06), y=0.34)
    top = joined(moved(block(1.2, 0.13, 0.34, 0.04), y=0.68), moved(block(0.4, 0.16, 0.28, 0.04), y=0.76), blend=0.03)
    dials = joined(moved(disc(0.08, 0.09, 0.015), x=0.42, y=0.77), moved(disc(0.05, 0.08, 0.015), x=-0.42, y=0.77))
    barrel = joined(
        moved(turned(disc(0.29, 0.2, 0.02), "x", 90), y=0.36, z=0.24),
        moved(turned(disc(0.25, 0.3, 0.02), "x", 90), y=0.36, z=0.3),
    )
    rim = without(
        moved(turned(disc(0.21, 0.36, 0.01), "x", 90), y=0.36, z=0.3),
        moved(turned(disc(0.17, 0.4, 0), "x", 90), y=0.36, z=0.42),
    )
    glass = moved(ball(0.19, 0.19, 0.08), y=0.36, z=0.36)
    window = moved(block(0.16, 0.08, 0.02, 0.01), y=0.76, z=0.14)
    parts = [
        sweep(224, 218, 208),
        Part(body, _grained((42, 40, 40), 34), 0.25),
        Part(joined(top, dials), STEEL, 0.8),
        Part(joined(barrel, rim), plain(36, 36, 40), 0.7),
        Part(joined(glass, window), plain(34, 42, 78), 1.0),
    ]
    return _taken(parts, Camera(yaw=-24, pitch=15, target=0.4, view=0.56), 480, 400)


def chair() -> Image:
    """An oak chair in front of a green wall."""
    legs = [rod((0.3 * x, 0.46, 0.28 * z), (0.36 * x, 0.02, 0.34 * z), 0.032) for x in (-1, 1) for z in (-1, 1)]
    posts = [rod((0.3 * x, 0.46, -0.28), (0.33 * x, 1.02, -0.4), 0.03) for x in (-1, 1)]
    slats = [rod((-0.32, y, z), (0.32, y, z), 0.04) for y, z in ((0.98, -0.39), (0.82, -0.355), (0.66, -0.32))]
    seat = moved(block(0.78, 0.06, 0.74, 0.03), y=0.48)
    oak = Part(joined(seat, *legs, *posts, *slats, blend=0.015), _wood((0.80, 0.62, 0.42)), 0.2)
    parts = [floor(_planks((0.50, 0.40, 0.32))), wall(plain(120, 142, 124), 1.1), oak]
    return _taken(parts, Camera(yaw=-30, pitch=11, target=0.5, view=0.66), 480, 320)


def teapot() -> Image:
    """A yellow teapot, on white."""
    body = moved(ball(0.46, 0.37, 0.46), y=0.37)
    spout = joined(rod((0.3, 0.26, 0), (0.56, 0.42, 0), 0.1), rod((0.56, 0.42, 0), (0.68, 0.62, 0), 0.06), blend=0.12)
    handle = without(moved(ring(0.24, 0.045), x=-0.46, y=0.4), moved(ball(0.44, 0.35, 0.44), y=0.37))
    lid = moved(ball(0.25, 0.06, 0.25), y=0.72)
    knob = moved(ball(0.07, 0.07, 0.07), y=0.82)
    pot = joined(body, spout, handle, blend=0.06)
    glaze = Part(joined(pot, joined(lid, knob, blend=0.04), blend=0.01), plain(226, 164, 44), 0.9)
    parts = [PAPER, glaze]
    return _taken(parts, Camera(yaw=18, pitch=16, target=0.4, view=0.56), 440, 400, bright=1.1)


def succulent() -> Image:
    """A small plant in a clay pot, on a dark table."""
    pot = lathe([(0, 0.2), (0.32, 0.27), (0.34, 0.31), (0.46, 0.31)], wall=0.03)
    leaves: list[Shape] = [moved(ball(0.12, 0.16, 0.12), y=0.52)]
    for ring_, (count, lean, reach) in enumerate(((6, 38, 0.13), (8, 62, 0.22))):
        for index in range(count):
            leaf = turned(moved(ball(0.065, 0.19, 0.035), y=0.16), "x", lean)
            place = turned(moved(leaf, z=reach - 0.1), "y", 360 / count * (index + 0.5 * ring_))
            leaves.append(moved(place, y=0.48 - 0.02 * ring_))
    soil = moved(disc(0.27, 0.06, 0), y=0.4)
    parts = [
        floor(_planks((0.36, 0.27, 0.21)), 0.1),
        wall(plain(70, 84, 96), 1.6),
        Part(pot, plain(190, 112, 76), 0.1),
        Part(soil, plain(58, 44, 36)),
        Part(within(joined(*leaves, blend=0.01), 0, 0.55, 0, 0.48), _leaf, 0.3),
    ]
    return _taken(parts, Camera(yaw=12, pitch=22, target=0.38, view=0.78), 400, 400)


def phone() -> Image:
    """A telephone that stands on a pale backdrop, its screen lit."""
    case = Part(moved(block(0.54, 1.1, 0.07, 0.034), y=0.55), plain(40, 42, 48), 0.8)
    glass = Part(moved(block(0.49, 1.05, 0.01, 0.0), y=0.55, z=0.034), _on(_screen(), 0.49, 1.05, 0.55), 0.15)
    parts = [sweep(222, 226, 232), case, glass]
    return _taken(parts, Camera(yaw=22, pitch=9, target=0.54, view=0.7), 400, 460)


def book() -> Image:
    """A book whose cover has a printed border."""
    cover = _on(_cover(), 0.8, 1.12, 0.56)
    boards = [moved(block(0.8, 1.12, 0.02, 0.008), y=0.56, z=z) for z in (-0.07, 0.07)]
    spine = moved(block(0.02, 1.12, 0.16, 0.008), x=-0.395, y=0.56)
    pages = moved(block(0.76, 1.07, 0.12, 0.0), x=-0.01, y=0.56)

    def leaves(points: Floats) -> Floats:
        return np.outer(1 - 0.08 * (np.sin(points[:, 2] * 420) > 0.3), (0.95, 0.92, 0.85)).astype(np.float32)

    parts = [floor(_planks((0.66, 0.52, 0.38))), wall(plain(214, 208, 200), 0.9)]
    parts += [Part(joined(*boards, spine), cover, 0.15), Part(pages, leaves)]
    return _taken(parts, Camera(yaw=-27, pitch=9, target=0.55, view=0.68), 420, 440)


def mirror() -> Image:
    """A mirror in an oak frame, on a wall above a shelf."""
    rim = without(moved(block(0.86, 1.06, 0.07, 0.02), y=0.78), moved(block(0.72, 0.92, 1, 0), y=0.78))
    glass = moved(block(0.74, 0.94, 0.02, 0), y=0.78)
    shelf = moved(block(1.24, 0.05, 0.36, 0.01), y=0.06, z=0.14)
    bottle = moved(
        lathe([(0, 0.09), (0.12, 0.12), (0.24, 0.06), (0.32, 0.04), (0.36, 0.06)], wall=0.015), 0.44, 0.085, 0.16
    )
    parts = [
        wall(plain(196, 188, 180), 0.035),
        Part(rim, _wood((0.70, 0.50, 0.32)), 0.2),
        Part(glass, _on(_room(), 0.74, 0.94, 0.78)),
        Part(shelf, _wood((0.46, 0.34, 0.26)), 0.1),
        Part(bottle, plain(92, 126, 134), 0.9),
    ]
    return _taken(parts, Camera(yaw=-9, pitch=4, target=0.66, view=0.62), 400, 480, bright=1.16)


def _taken(parts: Sequence[Part], camera: Camera, width: int, height: int, bright: float = 1.0) -> Image:
    """The photograph, after the exposure that shops give it: on ``bright`` white paper turns pure white."""
    image = studio.photograph(parts, camera, width, height)
    levels = np.minimum(np.arange(256) * bright, 255)
    exposed: Image = np.rint(levels).astype(np.uint8)[image]
    return exposed


def _on(picture: PillowImage.Image, width: float, height: float, middle: float) -> Paint:
    return printed(np.asarray(picture), -width / 2, middle - height / 2, width, height)


def _page(width: int, height: int, shade: tuple[int, int, int]) -> PillowImage.Image:
    return PillowImage.new("RGB", (width, height), shade)


def _centred(page: PillowImage.Image, text: str, size: int, top: int, shade: tuple[int, int, int]) -> None:
    font = ImageFont.load_default(size)
    ImageDraw.Draw(page).text((page.width / 2, top), text, fill=shade, font=font, anchor="ma")


def _screen() -> PillowImage.Image:
    """Wallpaper with hills at dusk, a clock, and a row of icons."""
    down, across = np.mgrid[0:630, 0:294] / np.array([630, 294])[:, None, None]
    sky = np.stack([0.98 - 0.62 * down, 0.62 - 0.3 * down, 0.52 + 0.08 * down], axis=-1)
    for height, shade in ((0.62, (0.36, 0.24, 0.44)), (0.74, (0.22, 0.17, 0.36)), (0.86, (0.12, 0.10, 0.24))):
        hill = down > height + 0.05 * np.sin(across * 7 + height * 40)
        sky[hill] = shade
    screen = PillowImage.fromarray((sky * 255).astype(np.uint8))
    _centred(screen, "10:24", 76, 70, (255, 255, 255))
    _centred(screen, "Tuesday", 24, 160, (255, 240, 235))
    pen = ImageDraw.Draw(screen)
    for index, shade in enumerate(((82, 190, 128), (246, 246, 246), (240, 178, 64), (92, 142, 240))):
        left = 24 + index * 64
        pen.rounded_rectangle((left, 550, left + 50, 600), 13, fill=shade)
    return screen


def _cover() -> PillowImage.Image:
    """A cover of dark blue cloth with a printed border, a title and a ship's wheel."""
    page = _page(480, 672, (28, 48, 84))
    gold, pen = (224, 190, 116), ImageDraw.Draw(page)
    for inset, width in ((26, 6), (42, 2)):
        pen.rectangle((inset, inset, 479 - inset, 671 - inset), outline=gold, width=width)
    for radius, width in ((92, 7), (64, 4), (16, 16)):
        pen.ellipse((240 - radius, 380 - radius, 240 + radius, 380 + radius), outline=gold, width=width)
    for angle in np.arange(8) * np.pi / 4:
        x, y = np.cos(angle), np.sin(angle)
        pen.line((240 + 14 * x, 380 + 14 * y, 240 + 118 * x, 380 + 118 * y), fill=gold, width=6)
    _centred(page, "The Long", 66, 100, gold)
    _centred(page, "Way Home", 66, 176, gold)
    _centred(page, "A NOVEL", 28, 560, gold)
    return page


def _room() -> PillowImage.Image:
    """What the mirror shows: a bright room with a window, out of focus."""
    down, across = np.mgrid[0:470, 0:370] / np.array([470, 370])[:, None, None]
    light = 0.90 - 0.16 * down - 0.1 * across
    room = np.stack([light, light * 0.985, light * 0.955], axis=-1)
    window = np.clip(
        12 * np.minimum(np.minimum(across - 0.14, 0.52 - across), np.minimum(down - 0.08, 0.62 - down)), 0, 1
    )
    bar = np.clip(1.6 - 40 * np.minimum(np.abs(across - 0.33), np.abs(down - 0.34)), 0, 1) * 0.35
    room += (window * (1 - bar))[..., None] * np.array([0.10, 0.12, 0.16])
    room[down > 0.8] *= np.array([0.78, 0.70, 0.62])
    return PillowImage.fromarray((np.clip(room, 0, 1) * 255).astype(np.uint8))


def _leaf(points: Floats) -> Floats:
    """Green, paler towards the tips."""
    tip = np.clip((np.hypot(points[:, 0], points[:, 2]) - 0.1) * 3 + (points[:, 1] - 0.5), 0, 1)[:, None]
    green: Floats = (np.array([0.30, 0.52, 0.38]) * (1 - tip) + np.array([0.72, 0.80, 0.60]) * tip).astype(np.float32)
    return green


def _wood(tone: tuple[float, float, float]) -> Paint:
    """Wood whose rings run along x and y, wherever a part lies."""

    def paint(points: Floats) -> Floats:
        x, y, z = points.T
        rings = np.sin(38 * (z + 0.18 * np.sin(2.6 * x + 1.1 * y)) + 9 * np.sin(1.7 * y)) + 0.5 * np.sin(
            150 * z + 20 * y
        )
        return np.outer(1 + 0.055 * rings, tone).astype(np.float32)

    return paint


def _planks(tone: tuple[float, float, float]) -> Paint:
    """A table or floor of boards that run from left to right."""

    def paint(points: Floats) -> Floats:
        x, z = points[:, 0], points[:, 2]
        board = np.floor(z / 0.34)
        grain = np.sin(x * 3 + board * 5 + 3 * np.sin(z * 46 + board)) + 0.4 * np.sin(z * 190)
        joint = 1 - 0.35 * (np.abs(z / 0.34 - board - 0.5) > 0.488)
        shade = (1 + 0.05 * np.sin(board * 12.9) + 0.045 * grain) * joint
        return np.outer(shade, tone).astype(np.float32)

    return paint


def _grained(shade: tuple[int, int, int], scale: float) -> Paint:
    """Leather: one colour with a fine grain."""

    def paint(points: Floats) -> Floats:
        x, y, z = (points * scale * 3).T
        grain = 1 + 0.16 * np.sin(x + 2 * np.sin(y)) * np.sin(y + 2 * np.sin(x + z))
        return (np.outer(grain, shade) / 255).astype(np.float32)

    return paint

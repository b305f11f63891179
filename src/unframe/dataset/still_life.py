"""Photographs of products that nobody took: pottery, bottles, lamps and cartons, drawn in a fraction of a second.

Whatever needs photographs without frames and without anybody's rights in them begins here: ``unframe demo``, the
notebooks, the tests. A product is a profile turned about an upright axis, seen a little from above. Its shading comes
from the surface's normals: a softbox from above left, light from the ceiling, and what glaze mirrors of both. They are
good enough to try things out and to look at, and no replacement for real photographs to train on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from unframe.files import write_atomic
from unframe.types import Image

__all__ = ["PRODUCTS", "photograph", "write_photographs"]

Floats = NDArray[np.floating]
Colour = tuple[float, float, float]
Profile = Sequence[tuple[float, float]]
"""Height and radius of points along an outline, from the foot at height 0 up; a smooth curve is drawn through them."""

FINE = 2
"""Rays along either side of a pixel: edges come out smooth."""
SMALLEST = 32
"""Pixels of a picture's shorter side at least."""
QUALITY = 90
PITCH = 0.24
"""Sine of the angle at which the camera looks down."""

KEY: Floats = np.array([-0.55, 0.62, 0.56])
"""Towards the softbox: left, above, in front; of length 1."""
KEY /= np.linalg.norm(KEY)
HALF: Floats = KEY + np.array([0.0, 0.0, 1.0])
HALF /= np.linalg.norm(HALF)

GLAZES: tuple[Colour, ...] = (
    (0.15, 0.40, 0.56), (0.74, 0.36, 0.24), (0.25, 0.44, 0.36), (0.86, 0.63, 0.20), (0.55, 0.20, 0.28),
    (0.32, 0.30, 0.44), (0.86, 0.82, 0.74), (0.18, 0.19, 0.22), (0.62, 0.70, 0.66), (0.80, 0.52, 0.46),
)  # fmt: skip
BACKDROPS: tuple[Colour, ...] = (
    (0.92, 0.91, 0.89), (0.83, 0.87, 0.85), (0.87, 0.84, 0.90), (0.78, 0.80, 0.84), (0.90, 0.84, 0.76),
    (0.46, 0.53, 0.50), (0.36, 0.40, 0.46),
)  # fmt: skip
TABLES: tuple[Colour, ...] = ((0.50, 0.38, 0.28), (0.66, 0.52, 0.38), (0.34, 0.27, 0.22), (0.80, 0.78, 0.74))


def _vase(rng: np.random.Generator) -> Profile:
    foot, belly, neck = rng.uniform(0.18, 0.28), rng.uniform(0.34, 0.46), rng.uniform(0.09, 0.18)
    wide = rng.uniform(0.3, 0.55)
    return [(0, foot), (0.05, foot + 0.03), (wide, belly), (0.78, neck + 0.06), (0.92, neck), (1, neck + 0.06)]


def _bottle(rng: np.random.Generator) -> Profile:
    body, neck, shoulder = rng.uniform(0.19, 0.27), rng.uniform(0.07, 0.1), rng.uniform(0.55, 0.68)
    return [(0, body - 0.02), (0.04, body), (shoulder, body), (shoulder + 0.16, neck), (0.99, neck), (1, neck)]


def _cup(rng: np.random.Generator) -> Profile:
    foot, rim = rng.uniform(0.24, 0.34), rng.uniform(0.36, 0.44)
    return [(0, foot), (0.06, foot + 0.05), (0.4, (foot + rim) / 2 + 0.04), (0.72, rim), (0.76, rim)]


def _bowl(rng: np.random.Generator) -> Profile:
    foot, rim = rng.uniform(0.16, 0.24), rng.uniform(0.52, 0.66)
    return [(0, foot), (0.05, foot), (0.1, foot + 0.08), (0.3, rim * 0.82), (0.5, rim)]


def _ball(rng: np.random.Generator) -> Profile:
    tall, wide = rng.uniform(0.72, 0.95), rng.uniform(0.36, 0.46)
    angles = np.linspace(0.22, 0.93, 24) * np.pi
    return [(float(tall * (1 - np.cos(a)) / 2), float(wide * np.sin(a))) for a in angles]


def _lamp(rng: np.random.Generator) -> Profile:
    foot, shade, top = rng.uniform(0.2, 0.28), rng.uniform(0.36, 0.46), rng.uniform(0.18, 0.28)
    return [(0, foot), (0.04, foot), (0.1, 0.08), (0.3, 0.15), (0.52, 0.04), (0.6, 0.04), (0.605, shade), (1.05, top)]


def _jar(rng: np.random.Generator) -> Profile:
    body, lid = rng.uniform(0.28, 0.38), rng.uniform(0.22, 0.28)
    return [
        (0, body - 0.04),
        (0.06, body),
        (0.6, body),
        (0.67, lid),
        (0.7, lid),
        (0.72, lid + 0.03),
        (0.85, lid + 0.03),
        (0.87, lid),
    ]


PRODUCTS: dict[str, Callable[[np.random.Generator], Profile]] = {
    "vase": _vase,
    "bottle": _bottle,
    "cup": _cup,
    "bowl": _bowl,
    "ball": _ball,
    "lamp": _lamp,
    "jar": _jar,
}
"""Every kind of product by name, as a profile to turn."""

_OPEN = frozenset({"vase", "cup", "bowl"})
_SHARP = frozenset({"lamp", "jar"})  # their profiles have corners; smoothed away they would look melted


@dataclass(frozen=True, slots=True)
class _Shop:
    """How one shop photographs: on white, on a backdrop that bends upwards, or on a table in front of a wall."""

    wall: Colour
    ground: Colour
    horizon: float  # of the picture's height; beyond it the wall goes over into the ground
    soft: float  # stretch over which it does, of the picture's height
    glazes: tuple[Colour, ...]

    @classmethod
    def of(cls, rng: np.random.Generator) -> _Shop:
        glazes = tuple(GLAZES[at] for at in rng.permutation(len(GLAZES))[:5])
        manner = rng.choice(["white", "sweep", "table"])
        if manner == "white":
            return cls((1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 0.6, 0.3, glazes)
        wall = BACKDROPS[rng.integers(len(BACKDROPS))]
        if manner == "sweep":
            return cls(wall, _shaded(wall, 0.98), rng.uniform(0.5, 0.68), 0.35, glazes)
        return cls(wall, TABLES[rng.integers(len(TABLES))], rng.uniform(0.55, 0.7), 0.004, glazes)


def photograph(seed: int, width: int = 320, height: int = 320, *, shop: int | None = None) -> Image:
    """A product photograph without a frame; the same arguments draw the same picture.

    Args:
        seed: Decides product, glaze, pattern and place, 0 or more.
        width: The picture's width in pixels, at least 32.
        height: Its height.
        shop: Number of the shop whose backdrop and palette it has, 0 or more; a shop of its own when omitted.

    Returns:
        uint8 ``(height, width, 3)`` RGB.

    Raises:
        ValueError: The picture would be smaller than 32 pixels.
    """
    if min(width, height) < SMALLEST:
        raise ValueError(f"a picture of {width} × {height} pixels is too small; each side needs {SMALLEST} or more")
    rng = np.random.default_rng([seed, 1])
    style = _Shop.of(np.random.default_rng([seed if shop is None else shop, 2]))
    light = _Picture(width * FINE, height * FINE, rng).taken(style)
    mean = light.reshape(height, FINE, width, FINE, 3).mean(axis=(1, 3))
    developed = 255 * np.clip(mean, 0, 1)
    # Shops expose white paper until it is white; grain there would be grey dust.
    developed = np.where(developed > 253, 255, developed + rng.normal(0, 1.1, (height, width, 1)))
    image: Image = np.rint(np.clip(developed, 0, 255)).astype(np.uint8)
    return image


def write_photographs(folder: str | Path, count: int, seed: int = 0, *, shops: int = 8, side: int = 240) -> list[Path]:
    """Draw photographs into a folder, as ``shop-3/0011.jpg``: a folder for each shop, which is their source.

    Files that are there already are left as they are, so that the same call may be made again.

    Args:
        folder: Where they go.
        count: How many.
        seed: Another seed draws other photographs, 0 or more.
        shops: How many shops they come from in turn.
        side: Longer side of a picture in pixels.

    Returns:
        Their paths, in order.

    Raises:
        OutputError: The folder cannot be written.
    """
    paths = []
    for number in range(count):
        path = Path(folder) / f"shop-{number % shops + 1}" / f"{number:04d}.jpg"
        paths.append(path)
        if path.exists():
            continue
        rng = np.random.default_rng([seed, number])
        shorter = round(side * rng.choice([1.0, 1.0, 0.8, 0.75]))
        width, height = (side, shorter) if rng.random() < 0.4 else (shorter, side)
        shop = seed * 1000 + number % shops
        image = photograph(int(rng.integers(2**31)), width, height, shop=shop)
        buffer = BytesIO()
        PillowImage.fromarray(image).save(buffer, "JPEG", quality=QUALITY)
        write_atomic(path, buffer.getvalue())
    return paths


class _Picture:
    """One picture in the making: coordinates in units of about one product height, y up, the foot at height 0."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self.name = str(rng.choice(list(PRODUCTS)))
        profile = PRODUCTS[self.name](rng)
        self.tall, wide = profile[-1][0], max(radius for _, radius in profile)
        room = rng.uniform(0.6, 0.8)
        self.scale = room * min(height / (self.tall + 2 * PITCH * wide), width / (2.2 * wide))
        middle = width * rng.uniform(0.46, 0.54)
        foot = height / 2 + self.scale * self.tall / 2 + height * rng.uniform(-0.01, 0.05)
        columns, rows = np.arange(width) + 0.5, np.arange(height) + 0.5
        # A row and a column: what is computed from one of them alone is computed once.
        self.x: Floats = ((columns - middle) / self.scale)[None].astype(np.float32)
        self.y: Floats = ((foot - rows) / self.scale)[:, None].astype(np.float32)
        self.across: Floats = (columns / width)[None].astype(np.float32)
        self.down: Floats = (rows / height)[:, None].astype(np.float32)
        self.levels, self.radii = _outline(profile, sharp=self.name in _SHARP)
        self.slopes: Floats = np.gradient(self.radii, self.levels)

    def radius(self, y: Floats) -> Floats:
        """Radius of the product at these heights; 0 above and below it."""
        return np.interp(y, self.levels, self.radii, left=0.0, right=0.0)

    def taken(self, shop: _Shop) -> Floats:
        """The picture as sRGB, 0 to 1."""
        light = self._backdrop(shop)
        glaze = shop.glazes[self.rng.integers(len(shop.glazes))]
        if self.name == "cup":
            self._handle(light, glaze)
        self._body(light, glaze, shop)
        return light

    def _backdrop(self, shop: _Shop) -> Floats:
        ground = np.clip((self.down - shop.horizon) / max(shop.soft, 1e-3) + 0.5, 0, 1)
        fall = np.ones((len(self.y), self.x.shape[1]), dtype=np.float32)
        white = min(shop.wall) > 0.99
        if not white:
            fall *= 1.04 - 0.16 * self.across - 0.10 * self.down
            if shop.soft < 0.1:  # a table has a grain
                fall *= 1 + 0.03 * np.sin(self.y * 90 + 4 * np.sin(self.x * 2.2)) * ground
        foot, wide = float(self.radii[0]), float(self.radii[: len(self.radii) // 3].max())
        soft = np.exp(-(((self.x - 0.75 * wide) / (1.9 * wide)) ** 2)) * np.exp(
            -(((self.y + 0.02) / (0.42 * wide)) ** 2)
        )
        close = np.exp(-((self.x / (1.2 * foot)) ** 4)) * np.exp(-(((self.y + PITCH * foot * 0.6) / (0.3 * foot)) ** 2))
        fall *= 1 - (0.14 if white else 0.24) * soft - 0.38 * close
        wall, below = np.array([shop.wall, shop.ground], dtype=np.float32)
        light: Floats = (wall * (1 - ground) + below * ground)[:, None] * fall[..., None]
        return light

    def _body(self, light: Floats, glaze: Colour, shop: _Shop) -> None:
        """The turned body: every pixel's height on the surface, found by a few steps of a fixed-point iteration."""
        wide = float(self.radii.max())
        rows = np.flatnonzero((self.y[:, 0] > -1.5 * PITCH * wide) & (self.y[:, 0] < self.tall))
        columns = np.flatnonzero(np.abs(self.x[0]) < wide)
        part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        x, y = np.broadcast_arrays(self.x[:, part[1]], self.y[part[0]])
        at, radius = y, np.zeros_like(y)
        for _ in range(8):
            # A point at the front of the body is seen lower than one of the same height at its sides. Half a step at a
            # time, because whole ones overshoot where the radius changes fast.
            radius = self.radius(np.clip(at, 0, self.tall))
            front = np.sqrt(np.maximum(radius**2 - x**2, 0))
            at = (at + y + PITCH * front) / 2
        seen = (np.abs(x) < radius) & (at >= 0) & (at <= self.tall)
        x, y, z, radius = x[seen], at[seen], front[seen], radius[seen]
        slope = np.interp(y, self.levels, self.slopes)
        normal = np.stack([x / radius, -slope, z / radius], axis=-1) / np.sqrt(1 + slope**2)[:, None]
        turn = np.arcsin(np.clip(x / radius, -1, 1))
        gloss = 0.05 if self.name == "lamp" else self.rng.uniform(0.25, 0.8)
        light[part][seen] = _lit(self._paint(glaze, shop, turn, y), normal, gloss)
        self._top(light, glaze)

    def _top(self, light: Floats, glaze: Colour) -> None:
        """What closes the body above: a lid, or the dark inside of a vessel."""
        rim = float(self.radii[-1])
        ellipse = (self.x / rim) ** 2 + ((self.y - self.tall) / (PITCH * rim)) ** 2
        inside, y = ellipse < 1, np.broadcast_to(self.y, ellipse.shape)
        if self.name in _OPEN:
            depth = np.clip(0.5 - (y[inside] - self.tall) / (2 * PITCH * rim), 0, 1)
            light[inside] = _shaded(glaze, 0.42) * (0.55 + 0.75 * depth)[:, None]
            lip = inside & (ellipse > 0.84)
            light[lip] = np.minimum(np.array(_shaded(glaze, 1.12)), 1)
        else:
            light[inside] = np.minimum(np.array(_shaded(glaze, 0.95 if self.name == "lamp" else 0.8)) + 0.05, 1)

    def _handle(self, light: Floats, glaze: Colour) -> None:
        """A ring at the side of a cup; the body hides its left half."""
        x, y = np.broadcast_arrays(self.x - float(self.radii.max()) * 0.98, self.y - self.tall * 0.5)
        far = np.hypot(x, y * 0.95)
        off = (far - 0.2) / 0.052
        seen = np.abs(off) < 1
        up = np.sqrt(1 - off[seen] ** 2)
        out = off[seen] / np.maximum(far[seen], 1e-6)
        light[seen] = _lit(np.array(glaze), np.stack([x[seen] * out, y[seen] * out, up], axis=-1), 0.5)

    def _paint(self, glaze: Colour, shop: _Shop, turn: Floats, y: Floats) -> Floats:
        """The colour of the surface by angle about the axis and height: one glaze, or two in a pattern."""
        other = shop.glazes[self.rng.integers(len(shop.glazes))]
        pattern = str(self.rng.choice(["plain", "dipped", "bands", "label", "dots"]))
        if self.name == "lamp":
            weave = 1 + 0.02 * np.sin(turn * 120) + 0.02 * np.sin(y * 260)
            shade = y > self.tall * 0.57
            return np.where(shade[:, None], np.outer(weave, (0.95, 0.90, 0.79)), np.array(glaze))
        if self.name == "bottle" or (self.name == "bowl" and pattern == "label"):
            pattern = "label" if self.name == "bottle" else "plain"
        second: NDArray[np.bool_] = {
            "plain": np.zeros(len(y), dtype=bool),
            "dipped": y < self.tall * (0.34 + 0.02 * np.sin(turn * 7)),
            "bands": np.sin(y / self.tall * np.pi * 9) > 0.55,
            "label": (np.abs(turn) < 0.7) & (np.abs(y / self.tall - 0.34) < 0.15),
            "dots": (np.sin(turn * 9) * np.sin(y / self.tall * 30)) > 0.55,
        }[pattern]
        colour = np.array((0.95, 0.93, 0.88) if pattern == "label" else other)
        painted = np.where(second[:, None], colour, np.array(glaze))
        if pattern == "label":
            lines = second & (np.abs(turn) < 0.45) & (np.sin(y / self.tall * 120) > 0.5)
            painted[lines] = (0.35, 0.32, 0.32)
        return painted


def _outline(profile: Profile, *, sharp: bool) -> tuple[Floats, Floats]:
    """Heights and radii along a smooth curve through the points of a profile, 300 of each."""
    heights, radii = np.array(profile).T
    levels = np.linspace(heights[0], heights[-1], 300)
    bend = np.hanning(9 if sharp else 45)
    reach = len(bend) // 2
    drawn = np.pad(np.interp(levels, heights, radii), reach, mode="edge")
    return levels, np.convolve(drawn, bend / bend.sum(), "valid")


def _lit(colour: Floats, normal: Floats, gloss: float) -> Floats:
    """A surface in the light of the softbox and the ceiling, and what its glaze mirrors of them; sRGB, 0 to 1."""
    key = np.maximum(normal @ KEY, 0)
    ceiling = 0.5 + 0.5 * normal[:, 1]
    shine = np.maximum(normal @ HALF, 0) ** 60
    rim = (1 - np.clip(normal[:, 2], 0, 1)) ** 3
    diffuse = colour * (0.42 + 0.62 * key + 0.14 * ceiling)[:, None]
    lit: Floats = np.clip(diffuse + (gloss * (0.62 * shine + 0.16 * rim))[:, None], 0, 1)
    return lit


def _shaded(colour: Colour, factor: float) -> Colour:
    red, green, blue = (channel * factor for channel in colour)
    return red, green, blue

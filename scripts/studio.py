"""A small photographer's studio: products made of distance functions, lit softly and photographed.

A shape is a signed distance function: it takes points, float32 ``(n, 3)`` in units of about one product height, and
gives each point's distance to the surface, negative inside. y points up, z towards the camera. Rays are walked by
sphere tracing (Hart, "Sphere tracing", 1996), with soft shadows and ambient occlusion read off the same distances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unframe.types import Image

Floats = NDArray[np.float32]
Shape = Callable[[Floats], Floats]
Paint = Callable[[Floats], Floats]
"""Takes points on a surface, gives their colour: float32 ``(n, 3)``, sRGB, 0 to 1."""

FAR = 14.0
TOUCH = 0.0006
STRIDE = 0.8  # lathes and blends overstate distances a little
KEY = np.array([-0.72, 0.75, 0.5], dtype=np.float32)  # towards the softbox: above, left, in front
KEY /= np.linalg.norm(KEY)
STRIP = np.array([-0.94, 0.0, 0.34], dtype=np.float32)  # towards the strip light at the left


@dataclass(frozen=True, slots=True)
class Part:
    """One material: a shape, its paint, and how much of the softbox it mirrors, 0 to 1."""

    shape: Shape
    paint: Paint
    gloss: float = 0.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the picture is taken from.

    Attributes:
        yaw: Degrees by which the camera stands to the right of the product's front.
        pitch: Degrees by which it looks down.
        distance: From the camera to the point it looks at.
        target: Height of that point.
        view: Share of the shorter side of the picture that one unit takes at that point.
    """

    yaw: float = 0.0
    pitch: float = 12.0
    distance: float = 5.0
    target: float = 0.5
    view: float = 0.6


def plain(red: int, green: int, blue: int) -> Paint:
    """Paint of one colour, 0 to 255."""
    shade = np.array([red, green, blue], dtype=np.float32) / 255
    return lambda points: np.broadcast_to(shade, points.shape)


def printed(picture: Image, left: float, bottom: float, width: float, height: float) -> Paint:
    """A picture laid over the x-y plane; beyond its edges the edges go on."""
    rows, columns = picture.shape[:2]
    page = picture.astype(np.float32) / 255

    def paint(points: Floats) -> Floats:
        x = np.clip((points[:, 0] - left) / width * columns - 0.5, 0, columns - 1.001)
        y = np.clip((bottom + height - points[:, 1]) / height * rows - 0.5, 0, rows - 1.001)
        column, row = x.astype(int), y.astype(int)
        right, low = (x - column)[:, None], (y - row)[:, None]
        upper = page[row, column] * (1 - right) + page[row, column + 1] * right
        lower = page[row + 1, column] * (1 - right) + page[row + 1, column + 1] * right
        colour: Floats = (upper * (1 - low) + lower * low).astype(np.float32)
        return colour

    return paint


def moved(shape: Shape, x: float = 0, y: float = 0, z: float = 0) -> Shape:
    """The shape at another place."""
    offset = np.array([x, y, z], dtype=np.float32)
    return lambda points: shape(points - offset)


def turned(shape: Shape, axis: str, degrees: float) -> Shape:
    """The shape turned about the x, y or z axis, anticlockwise when seen against the axis."""
    matrix = rotation(axis, degrees)
    return lambda points: shape(points @ matrix)


def rotation(axis: str, degrees: float) -> Floats:
    """The matrix that turns column vectors about an axis."""
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3, dtype=np.float32)
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix[first, first] = matrix[second, second] = cosine
    matrix[first, second], matrix[second, first] = -sine, sine
    return matrix


def joined(*shapes: Shape, blend: float = 0.0) -> Shape:
    """All shapes as one, with fillets of this radius where they meet (polynomial smooth minimum)."""

    def shape(points: Floats) -> Floats:
        result = shapes[0](points)
        for each in shapes[1:]:
            other = each(points)
            dip = np.maximum(blend - np.abs(result - other), 0) / max(blend, 1e-6)
            result = np.minimum(result, other) - dip * dip * np.float32(blend / 4)
        return result

    return shape


def without(shape: Shape, hole: Shape) -> Shape:
    """The shape with another cut out of it."""
    return lambda points: np.maximum(shape(points), -hole(points))


def within(shape: Shape, x: float, y: float, z: float, radius: float) -> Shape:
    """The same shape, measured only near a ball that holds all of it: much faster for a shape of many parts."""
    middle = np.array([x, y, z], dtype=np.float32)

    def bounded(points: Floats) -> Floats:
        distances: Floats = np.linalg.norm(points - middle, axis=1) - np.float32(radius)
        close = distances < 0.1
        distances[close] = shape(points[close])
        return distances

    return bounded


def ball(x: float = 1, y: float = 1, z: float = 1) -> Shape:
    """An ellipsoid about the origin with these half axes."""
    axes = np.array([x, y, z], dtype=np.float32)

    def shape(points: Floats) -> Floats:
        scaled = np.linalg.norm(points / axes, axis=1)
        steep = np.linalg.norm(points / axes**2, axis=1)
        distances: Floats = scaled * (scaled - 1) / np.maximum(steep, np.float32(1e-6))
        return distances

    return shape


def block(width: float, height: float, depth: float, round_: float = 0.02) -> Shape:
    """A box about the origin with rounded edges; width along x, height along y, depth along z."""
    half = np.array([width, height, depth], dtype=np.float32) / 2 - np.float32(round_)

    def shape(points: Floats) -> Floats:
        beyond = np.abs(points) - half
        outside = np.linalg.norm(np.maximum(beyond, 0), axis=1)
        distances: Floats = outside + np.minimum(beyond.max(axis=1), 0) - np.float32(round_)
        return distances

    return shape


def disc(radius: float, height: float, round_: float = 0.02) -> Shape:
    """An upright cylinder about the origin with rounded edges."""

    def shape(points: Floats) -> Floats:
        aside = np.hypot(points[:, 0], points[:, 2]) - np.float32(radius - round_)
        above = np.abs(points[:, 1]) - np.float32(height / 2 - round_)
        outside = np.hypot(np.maximum(aside, 0), np.maximum(above, 0))
        return outside + np.minimum(np.maximum(aside, above), 0) - np.float32(round_)

    return shape


def ring(radius: float, thickness: float) -> Shape:
    """A torus about the origin, lying in the x-y plane."""
    return lambda points: (
        np.hypot(np.hypot(points[:, 0], points[:, 1]) - np.float32(radius), points[:, 2]) - np.float32(thickness)
    )


def rod(start: tuple[float, float, float], end: tuple[float, float, float], thickness: float) -> Shape:
    """A straight rod with round ends from one point to another."""
    begin = np.array(start, dtype=np.float32)
    axis = np.array(end, dtype=np.float32) - begin

    def shape(points: Floats) -> Floats:
        offset = points - begin
        along = np.clip(offset @ axis / (axis @ axis), 0, 1)
        distances: Floats = np.linalg.norm(offset - along[:, None] * axis, axis=1) - np.float32(thickness)
        return distances

    return shape


def lathe(profile: Sequence[tuple[float, float]], wall: float = 0.0) -> Shape:
    """What a lathe or a potter's wheel makes.

    Args:
        profile: Height and radius of points along the outline, from the foot up; a smooth curve is drawn through them.
        wall: Thickness of the wall of a vessel that is open at the top; 0 makes it solid.
    """
    heights, radii = np.array(profile, dtype=np.float64).T
    level = np.linspace(heights[0], heights[-1], 400)
    bend = np.hanning(67)
    outline = np.convolve(np.pad(np.interp(level, heights, radii), 33, mode="edge"), bend / bend.sum(), "valid")
    slope = np.gradient(outline, level)

    def shape(points: Floats) -> Floats:
        y = points[:, 1]
        aside = np.hypot(points[:, 0], points[:, 2]) - np.interp(y, level, outline)
        aside = aside / np.sqrt(1 + np.interp(y, level, slope) ** 2)
        side = np.maximum(aside, np.maximum(heights[0] - y, y - heights[-1]))
        if wall:
            hollow = np.maximum(aside + wall, heights[0] + wall - y)
            side = np.maximum(side, -hollow)
        distances: Floats = side.astype(np.float32)
        return distances

    return shape


def floor(paint: Paint, gloss: float = 0.0) -> Part:
    """A table top at height 0."""
    return Part(lambda points: points[:, 1], paint, gloss)


def wall(paint: Paint, behind: float) -> Part:
    """An upright wall at this distance behind the product."""
    return Part(lambda points: points[:, 2] + np.float32(behind), paint)


def sweep(red: int, green: int, blue: int, behind: float = 2.2) -> Part:
    """A studio backdrop: a floor that bends upwards into a wall."""
    bent = joined(lambda points: points[:, 1], lambda points: points[:, 2] + np.float32(behind), blend=1.6)
    return Part(bent, plain(red, green, blue))


def photograph(
    parts: Sequence[Part], camera: Camera, width: int, height: int, seed: int = 0, noise: float = 1.2
) -> Image:
    """Take the picture.

    Args:
        parts: Everything in front of the camera, backdrop included.
        camera: Where it stands.
        width: The picture's width in pixels.
        height: Its height.
        seed: Seed of the sensor's noise.
        noise: Standard deviation of that noise, in levels of 255.

    Returns:
        uint8 ``(height, width, 3)`` RGB.
    """
    fine = 2  # rays along either side of a pixel
    eye, rays = _rays(camera, width * fine, height * fine)
    light = np.concatenate([_seen(parts, eye, some) for some in np.array_split(rays, max(1, len(rays) // 150_000))])
    mean = light.reshape(height, fine, width, fine, 3).mean(axis=(1, 3))
    developed = 255 * np.clip(mean, 0, 1) ** (1 / 2.2)
    grain = np.random.default_rng(seed).normal(0, noise, developed.shape) if noise else 0
    image: Image = np.rint(np.clip(developed + grain, 0, 255)).astype(np.uint8)
    return image


def _rays(camera: Camera, width: int, height: int) -> tuple[Floats, Floats]:
    """The camera's place and one direction of length 1 for every pixel, row by row."""
    turn = rotation("y", camera.yaw) @ rotation("x", -camera.pitch)
    eye = turn @ np.array([0, 0, camera.distance], dtype=np.float32) + np.array([0, camera.target, 0])
    scale = 1 / (camera.view * min(width, height))
    x = (np.arange(width) + 0.5 - width / 2) * scale
    y = (height / 2 - np.arange(height) - 0.5) * scale
    across, up = np.meshgrid(x, y)
    ahead = np.stack([across, up, np.full_like(up, -camera.distance)], axis=-1).reshape(-1, 3)
    rays = (ahead / np.linalg.norm(ahead, axis=1, keepdims=True)).astype(np.float32) @ turn.T
    return eye.astype(np.float32), rays


def _seen(parts: Sequence[Part], eye: Floats, rays: Floats) -> Floats:
    """Light that comes back along rays from the eye, linear, 1 is white."""
    whole = joined(*(part.shape for part in parts))
    points = eye + rays * _walk(whole, np.broadcast_to(eye, rays.shape), rays)[:, None]
    normals = _normals(whole, points)
    owner = np.argmin([part.shape(points) for part in parts], axis=0)
    colour, gloss = np.empty_like(points), np.empty(len(points), dtype=np.float32)
    for index, part in enumerate(parts):
        mine = owner == index
        colour[mine], gloss[mine] = part.paint(points[mine]) ** np.float32(2.2), part.gloss
    return _lit(whole, points, normals, rays, colour, gloss)


def _walk(shape: Shape, start: Floats, rays: Floats, far: float = FAR) -> Floats:
    """How far each ray goes until it touches the shape; ``far`` where it does not."""
    gone = np.zeros(len(rays), dtype=np.float32)
    alive = np.arange(len(rays))
    for _ in range(160):
        step = shape(start[alive] + rays[alive] * gone[alive, None])
        gone[alive] += step * np.float32(STRIDE)
        alive = alive[(step > TOUCH * (1 + gone[alive])) & (gone[alive] < far)]
        if len(alive) == 0:
            break
    return np.minimum(gone, np.float32(far))


def _normals(shape: Shape, points: Floats) -> Floats:
    """Outward normals from differences along the corners of a tetrahedron."""
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], dtype=np.float32)
    total = sum(corner * shape(points + corner * np.float32(0.0015))[:, None] for corner in corners)
    normals: Floats = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), np.float32(1e-9))
    return normals


def _lit(shape: Shape, points: Floats, normals: Floats, rays: Floats, colour: Floats, gloss: Floats) -> Floats:
    """A softbox, light from the white ceiling, and what glossy surfaces mirror of both and of a strip light."""
    shade, open_ = _shadow(shape, points + normals * np.float32(0.004)), _openness(shape, points, normals)
    key = np.maximum(normals @ KEY, 0) * shade
    ceiling = (np.float32(0.62) + np.float32(0.38) * normals[:, 1]) * open_
    mirrored = rays - 2 * (rays * normals).sum(axis=1, keepdims=True) * normals
    facing = np.clip(-(rays * normals).sum(axis=1), 0, 1)
    fresnel = np.float32(0.06) + np.float32(0.94) * (1 - facing) ** 5
    softbox = np.clip((mirrored @ KEY - np.float32(0.86)) / np.float32(0.08), 0, 1) * shade
    strip = np.clip((mirrored @ STRIP - np.float32(0.88)) / np.float32(0.05), 0, 1) * open_
    shine = gloss * (
        softbox * (np.float32(0.5) + fresnel) + strip * np.float32(0.16) + fresnel * open_ * np.float32(0.5)
    )
    diffuse = np.float32(0.78) * key + np.float32(0.44) * ceiling
    light: Floats = colour * diffuse[:, None] + shine[:, None]
    return light


def _shadow(shape: Shape, points: Floats) -> Floats:
    """Share of the softbox that each point sees, from how close its ray to the light passes other surfaces."""
    share = np.ones(len(points), dtype=np.float32)
    gone = np.full(len(points), 0.02, dtype=np.float32)
    alive = np.arange(len(points))
    for _ in range(40):
        near = shape(points[alive] + KEY * gone[alive, None])
        share[alive] = np.minimum(share[alive], np.float32(0.5) + np.float32(3.5) * near / gone[alive])
        gone[alive] += np.clip(near, 0.02, 0.25)
        alive = alive[(gone[alive] < 4) & (share[alive] > 0)]
        if len(alive) == 0:
            break
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def _openness(shape: Shape, points: Floats, normals: Floats) -> Floats:
    """Share of the ceiling that each point sees: ambient occlusion from five distances along its normal."""
    hidden = np.zeros(len(points), dtype=np.float32)
    for index, reach in enumerate(np.geomspace(0.03, 0.6, 5, dtype=np.float32)):
        missing = reach - shape(points + normals * reach)
        hidden += np.maximum(missing, 0) / reach * np.float32(0.34 * 0.75**index)
    return np.clip(1 - hidden, np.float32(0.12), 1)

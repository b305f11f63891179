"""Draw what the baseline sees, for docs/baseline.md.

    python -m scripts.draw_baseline docs/images/baseline.png

Three drawn pictures, each from the image to the verdict: the lines that were found, the evidence along the depth, and
how much each rule speaks for the likeliest frame.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from PIL import Image as PillowImage
from PIL import ImageDraw

from unframe.baseline import BaselineDetector, Parameters
from unframe.baseline.measure import Measurements, measure
from unframe.baseline.rules import RULES, WEIGHTS
from unframe.baseline.score import Hypotheses
from unframe.types import Box, Image

INK, ACCENT, QUIET = "#1f2933", "#d6336c", "#868e96"
WIDTH, HEIGHT = 480, 400


def main() -> None:
    """Draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="the PNG to write")
    chosen = parser.parse_args()
    mpl.rcParams |= {"font.size": 9, "axes.edgecolor": QUIET, "text.color": INK, "axes.titlesize": 10}
    pictures = {"A border": border(), "A ring that stands inset": ring(), "No frame: a box on white": box()}
    figure, axes = plt.subplots(len(pictures), 4, figsize=(14, 10), width_ratios=(1.25, 1, 1.1, 1.15))
    for (title, image), row in zip(pictures.items(), axes, strict=True):
        measured = measure(image, Parameters())
        show_picture(row[0], title, image)
        show_steps(row[1], measured)
        show_response(row[2], measured)
        show_rules(row[3], measured)
    figure.tight_layout()
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(chosen.output, dpi=90)


def show_picture(axis: Axes, title: str, image: Image) -> None:
    """The picture, its lines, and the verdict."""
    found = BaselineDetector().detect(image)
    axis.imshow(image)
    axis.set_title(f"{title}\n{found.verdict}, probability {found.probability:.2f}", loc="left")
    if found.frame:
        for place, style in ((found.frame.outer, ":"), (found.frame.inner, "-")):
            corner = (place.left - 0.5, place.top - 0.5)
            axis.add_patch(Rectangle(corner, place.width, place.height, fill=False, color=ACCENT, ls=style, lw=1.6))
    axis.set_axis_off()


def show_steps(axis: Axes, measured: Measurements) -> None:
    """Canny edges seen from the top: rows kept, columns averaged."""
    axis.imshow(np.minimum(measured.views["top"].steps, 60), cmap="magma", aspect="auto", interpolation="nearest")
    axis.set_title("Steps at Canny edges, seen from the top", loc="left")
    axis.set_xlabel("128 positions")
    axis.set_ylabel("row")


def show_response(axis: Axes, measured: Measurements) -> None:
    """Share of the side with a clear step, by depth, and the lines that were followed up."""
    steps = measured.views["top"].steps
    axis.plot((steps >= Parameters().clear_step).mean(axis=1), color=QUIET, lw=1)
    lines = measured.lines["top"]
    for depth in lines.depth[1:]:
        axis.axvline(depth, color=ACCENT, lw=0.8, alpha=0.6)
    axis.set_xlim(0, len(steps) * Parameters().deepest)
    axis.set_ylim(0, 1.02)
    axis.set_title("Share of the side with a clear step", loc="left")
    axis.set_xlabel("depth below the top edge, pixels")


def show_rules(axis: Axes, measured: Measurements) -> None:
    """What each rule adds to the log-odds of the likeliest frame: the ten loudest."""
    hypotheses = Hypotheses(measured)
    logits = hypotheses.logits(WEIGHTS)
    place = tuple(int(index) for index in np.unravel_index(int(logits.argmax()), logits.shape))
    said = (hypotheses.seen(place) * WEIGHTS).sum(axis=1)
    loudest = np.argsort(-np.abs(said))[:10][::-1]
    names = [RULES[index].name for index in loudest]
    axis.barh(names, said[loudest], color=[ACCENT if value > 0 else QUIET for value in said[loudest]])
    axis.axvline(0, color=INK, lw=0.8)
    axis.set_title(f"What the rules say: log-odds {said.sum():+.1f}", loc="left")


def border() -> Image:
    """A vase on a table with a solid border."""
    return _framed(scene(), Box(0, 0, WIDTH, HEIGHT), 26, (24, 100, 171))


def ring() -> Image:
    """The same with a white margin and a ring."""
    image = scene()
    outer = Box(16, 16, WIDTH - 16, HEIGHT - 16)
    framed = np.full_like(image, 255)
    framed[outer.top : outer.bottom, outer.left : outer.right] = _framed(
        image[outer.top : outer.bottom, outer.left : outer.right],
        Box(0, 0, outer.width, outer.height),
        12,
        (201, 42, 42),
    )
    return framed


def box() -> Image:
    """A package in perspective on white: straight edges that are the product's own."""
    canvas = PillowImage.new("RGB", (WIDTH * 3, HEIGHT * 3), "white")
    pen = ImageDraw.Draw(canvas)
    pen.polygon([(330, 150), (930, 210), (930, 1050), (330, 1110)], fill=(92, 124, 250))
    pen.polygon([(930, 210), (1110, 150), (1110, 990), (930, 1050)], fill=(54, 79, 199))
    pen.ellipse((480, 450, 780, 750), fill=(255, 212, 59))
    return np.asarray(canvas.resize((WIDTH, HEIGHT), PillowImage.Resampling.BOX))


def scene() -> Image:
    """A vase on a table before a wall."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = 12 * np.sin(columns / 90) + 9 * np.cos(rows / 70) + rng.normal(0, 2, (HEIGHT, WIDTH))
    table = rows > 285 + 0.03 * columns
    shades = np.where(table[..., None], (156, 118, 84), (214, 205, 192)) + light[..., None]
    canvas = PillowImage.fromarray(np.clip(shades, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(canvas)
    pen.ellipse((170, 290, 330, 330), fill=(120, 88, 62))
    pen.ellipse((180, 130, 310, 315), fill=(43, 138, 120))
    pen.rectangle((222, 90, 268, 160), fill=(43, 138, 120))
    pen.ellipse((212, 80, 278, 100), fill=(25, 95, 82))
    pen.ellipse((200, 160, 232, 230), fill=(99, 190, 170))
    return np.asarray(canvas)


def _framed(image: Image, outer: Box, thickness: int, shade: tuple[int, int, int]) -> Image:
    framed = image.copy()
    framed[:] = shade
    inside = np.s_[thickness : outer.height - thickness, thickness : outer.width - thickness]
    framed[inside] = image[inside]
    return framed


if __name__ == "__main__":
    main()

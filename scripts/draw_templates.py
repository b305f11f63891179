"""Draw the contact sheet of `docs/templates.md`: a catalogue of drawn products, scanned and put together.

python -m scripts.draw_templates docs/images/templates.png
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from unframe.catalogue.look import look
from unframe.catalogue.template_report import Framed, Pictures, contact_sheet, templates
from unframe.catalogue.templates import cluster
from unframe.dataset.generator.drawn import Supplies
from unframe.dataset.generator.generate import PAINTERS, Parameters
from unframe.dataset.still_life import photograph
from unframe.settings import Settings
from unframe.types import Kind

DESIGNS: tuple[tuple[Kind, str, int, int], ...] = (
    ("border", "border/solid", 11, 9),
    ("banner", "banner/bottom", 4, 8),
    ("inset", "inset/ring", 3, 6),
    ("padding", "padding/black", 5, 5),
)
"""Kind, design, seed and number of pictures of each template."""

PARAMETERS = Parameters(colour_sampled=0, colour_matched=0, translucent=0)


def main() -> None:
    """Draw, put together, and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="the picture to write")
    output: Path = parser.parse_args().output
    with tempfile.TemporaryDirectory() as folder:
        framed = list(catalogue(Path(folder)))
        found = templates(framed, cluster([each.look for each in framed]))
        sheet = contact_sheet(found, Pictures(Settings()))
        sheet.quantize(128).save(output, optimize=True)


def catalogue(folder: Path) -> list[Framed]:
    """Pictures with frames of a few templates, written into a folder."""
    framed = []
    for kind, design, seed, count in DESIGNS:
        for number in range(count):
            photo = photograph(100 * seed + number, *((320, 320), (320, 240), (240, 320))[number % 3])
            supplies = Supplies(lambda _: photograph(1), (), PARAMETERS)
            drawn = PAINTERS[kind][design](photo, np.random.default_rng(seed), supplies)
            if drawn.frame is None:
                continue
            path = folder / f"{kind}-{number}.png"
            PillowImage.fromarray(drawn.image).save(path)
            sides = " ".join(drawn.frame.sides)
            seller = ("Alder", "Birch", "Cedar")[number % 3] if kind != "banner" else "Alder"
            framed.append(Framed(str(path), look(drawn.image, drawn.frame), kind, sides, seller))
    return framed


if __name__ == "__main__":
    main()

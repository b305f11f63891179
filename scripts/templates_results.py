"""Measure how well frames of one template are put together, and write the results.

    python -m scripts.templates_results ../shared/data -o docs/results/templates.md

A template is a design of the generator with one seed: the same choices on every photograph. A catalogue has some
templates, each on photographs of its own number, and as many frames again that stand alone. Frames are measured where
the detector finds them. On real pictures, which carry labelled templates, pictures of one shop are clustered.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image as PillowImage
from sklearn.metrics import adjusted_rand_score

import unframe
from unframe.catalogue.look import Look, look
from unframe.catalogue.templates import REACH, cluster
from unframe.dataset.generator.aftermath import worn
from unframe.dataset.generator.base import scaled
from unframe.dataset.generator.contact import contact_sheet
from unframe.dataset.generator.drawn import Drawn, Supplies
from unframe.dataset.generator.generate import PAINTERS, WEIGHTS, Parameters, Photo
from unframe.dataset.generator.store import photographs
from unframe.dataset.layouts import read_dataset
from unframe.imaging import load
from unframe.types import Frame, Image

PARAMETERS = Parameters(colour_sampled=0, colour_matched=0, translucent=0)
"""A template's colours are its own: none is taken from the photograph."""

REACHES = (0.05, 0.08, 0.1, 0.12, 0.16, 0.2)


class Measured(NamedTuple):
    """One frame.

    Attributes:
        template: What it was made from; frames that stand alone have names of their own.
        kind: Of the frame.
        told: Its look, measured where it is; ``None`` where that is unknown.
        found: Its look, measured where the detector found it; ``None`` where it found none.
        seller: Whose it is.
    """

    template: str
    kind: str
    told: Look | None
    found: Look | None
    seller: str = ""


def main() -> None:
    """Draw, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with photos/ and natural/")
    parser.add_argument("-o", type=Path, required=True, dest="output", help="the document to write")
    parser.add_argument("--templates", type=int, default=24, help="templates of the drawn catalogue (default: 24)")
    parser.add_argument("--seed", type=int, default=9, help="another seed draws other templates")
    parser.add_argument("--sheet", type=Path, help="a contact sheet of the templates, to look at")
    chosen = parser.parse_args()
    detector = unframe.Detector.load()
    photos = photographs(chosen.data / "photos")
    drawn = list(catalogue(photos, chosen.templates, chosen.seed))
    if chosen.sheet:
        shown = [picture for name, picture in drawn if not name.startswith("alone")]
        PillowImage.fromarray(contact_sheet(shown[:240], columns=12)).save(chosen.sheet)
    made = [measured(name, picture.image, picture.frame, detector) for name, picture in drawn]
    real = list(natural(chosen.data / "natural", detector))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(document(made, real, chosen.templates, chosen.seed), encoding="utf-8")


def catalogue(photos: Sequence[Photo], templates: int, seed: int) -> Iterator[tuple[str, Drawn]]:
    """Pictures with the names of their templates: 4 to 20 of each, and frames that stand alone."""
    rng = np.random.default_rng(seed)
    for number in range(templates):
        painter, own = _painter(rng), int(rng.integers(2**62))
        for _ in range(int(rng.integers(4, 21))):
            picture = _framed(painter, own, photos, rng)
            if picture is not None:
                yield f"template {number}", picture
    for number in range(templates * 12):
        painter = _painter(rng)
        while painter[0] == "padding":  # bars of one colour look the same whoever drew them
            painter = _painter(rng)
        picture = _framed(painter, int(rng.integers(2**62)), photos, rng)
        if picture is not None:
            yield f"alone {number}", picture


def _painter(rng: np.random.Generator) -> tuple[str, str]:
    kinds = PARAMETERS.kinds
    kind = list(kinds)[rng.choice(len(kinds), p=np.array(list(kinds.values())) / sum(kinds.values()))]
    designs = PAINTERS[kind]
    weights = np.array([WEIGHTS.get(name, 1.0) for name in designs])
    return kind, list(designs)[rng.choice(len(designs), p=weights / weights.sum())]


def _framed(painter: tuple[str, str], own: int, photos: Sequence[Photo], rng: np.random.Generator) -> Drawn | None:
    """A photograph with a template's frame; nothing where the frame cannot be seen on it."""
    kind, design = painter
    size = int(rng.integers(500, 901))
    photo = scaled(_photo(photos, rng), size, rng)
    supplies = Supplies(partial(_another, photos, size), (), PARAMETERS)
    drawn = PAINTERS[kind][design](photo, np.random.default_rng(own), supplies)  # type: ignore[index]
    return worn(drawn, rng, PARAMETERS) if drawn.label == "framed" else None


def _photo(photos: Sequence[Photo], rng: np.random.Generator) -> Image:
    while True:
        image = load(photos[int(rng.integers(len(photos)))].path)
        if max(image.shape[:2]) <= 2 * min(image.shape[:2]):
            return image


def _another(photos: Sequence[Photo], size: int, rng: np.random.Generator) -> Image:
    return scaled(_photo(photos, rng), size, rng)


def natural(folder: Path, detector: unframe.Detector) -> Iterator[Measured]:
    """Framed pictures whose template is labelled."""
    for sample in read_dataset(folder):
        if sample.label == "framed" and sample.design:
            true = None
            image = load(sample.path)
            if sample.inner and sample.outer and sample.kind and sample.sides:
                true = Frame(sample.inner, sample.outer, sample.sides, sample.kind)
            yield measured(sample.design, image, true, detector)._replace(seller=sample.source)


def measured(template: str, image: Image, true: Frame | None, detector: unframe.Detector) -> Measured:
    """The looks of a frame, where it is and where it was found."""
    found = detector.detect(image).frame
    return Measured(
        template,
        true.kind if true else "",
        look(image, true) if true else None,
        look(image, found) if found else None,
    )


class Score(NamedTuple):
    """How well frames were put together.

    Attributes:
        rand: Adjusted Rand index.
        precision: Share of the pairs put together that are of one template.
        recall: Share of the pairs of one template that were put together.
        frames: How many frames there were.
    """

    rand: float
    precision: float
    recall: float
    frames: int


def score(frames: Sequence[Measured], told: bool, reach: float, sellers: bool = False) -> Score:
    """Put frames together, and compare with their templates; frames that were not found are left out."""
    looks, seen = [], []
    for each in frames:
        measured_look = each.told if told else each.found
        if measured_look is not None:
            looks.append(measured_look)
            seen.append(each)
    labels = cluster(looks, reach=reach, groups=[each.seller for each in seen] if sellers else None)
    alone = np.where(labels < 0, len(labels) + np.arange(len(labels)), labels)
    names = np.array([each.template for each in seen])
    upper = np.triu_indices(len(seen), 1)
    true, found = (names[:, None] == names)[upper], (alone[:, None] == alone)[upper]
    both = np.sum(true & found)
    return Score(
        float(adjusted_rand_score(names, alone)), float(both / found.sum()), float(both / true.sum()), len(seen)
    )


def document(drawn: Sequence[Measured], real: Sequence[Measured], templates: int, seed: int) -> str:
    """The results as Markdown."""
    rows = []
    for reach in REACHES:
        scores = [score(drawn, True, reach), score(drawn, False, reach), score(real, False, reach, sellers=True)]
        name = f"**{reach}**" if reach == REACH else f"{reach}"
        rows.append(f"| {name} | " + " | ".join(_cells(each) for each in scores) + " |")
    found = score(drawn, False, REACH).frames
    nature = score(real, False, REACH, sellers=True).frames
    kinds = Counter(each.kind for each in drawn if not each.template.startswith("alone"))
    alone = sum(each.template.startswith("alone") for each in drawn)
    made = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    command = "python -m scripts.templates_results ../shared/data -o docs/results/templates.md"
    return f"""# Templates

    {command} --templates {templates} --seed {seed}

A drawn catalogue of {len(drawn):,} framed pictures at 500 to 900 px: {templates} templates of the generator, each with
its own choices on 4 to 20 photographs of any shape
({made}),
and {alone} frames, none of them padding, that stand alone. *As found* are the {found:,} frames that the detector found,
measured where it found them. On real pictures the labelled templates of {nature} pictures are clustered shop by shop.

The adjusted Rand index is 1 where every template is put together and nothing else, and 0 where it is by chance. *Right*
is the share of the pairs put together that are of one template, *all* the share of the pairs of one template that were
put together. A template that is split asks for its decision twice; one put together with another gets the wrong one, so
that the reach (bold) is chosen for *right*.

| reach | drawn, as drawn | right | all | drawn, as found | right | all | real, as found | right | all |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
{chr(10).join(rows)}
"""


def _cells(each: Score) -> str:
    return f"{each.rand:.3f} | {each.precision:.3f} | {each.recall:.3f}"


if __name__ == "__main__":
    main()

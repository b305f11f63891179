"""Find the network's worst mistakes on drawn pictures, and write them into the model card.

Run it with ``python -m scripts.draw_mistakes`` after the weights have changed. It draws photographs, frames and plain
pictures that look framed, all from one seed, lets the installed network judge them, and writes shares and a gallery
between the marks of ``docs/model-card.md``. No real picture is shown.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont
from scripts.write_reference import markdown_table

from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.generate import Generator
from unframe.dataset.generator.store import photographs
from unframe.dataset.still_life import write_photographs
from unframe.runtime import NetworkDetector
from unframe.types import Box, Detection

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "model-card.md"
GALLERY = ROOT / "docs" / "images" / "mistakes.png"
MARKED = re.compile(r"<!-- mistakes -->.*?<!-- /mistakes -->", re.DOTALL)

CELL, GAP, CAPTION = 190, 10, 40
COLUMNS = 6
PAPER, INK, QUIET = (246, 247, 249), (38, 40, 46), (110, 114, 124)
TRUE, FOUND = (25, 113, 194), (226, 44, 88)
WITHIN = 2


@dataclass(frozen=True, slots=True)
class Case:
    """A drawn picture and what the network said."""

    drawn: Drawn
    said: Detection

    @property
    def framed(self) -> bool:
        """Whether it is framed."""
        return self.drawn.label == "framed"

    @property
    def right(self) -> bool:
        """Whether the network decided rightly."""
        return self.framed == self.said.framed

    @property
    def off(self) -> int:
        """Pixels by which the worst edge of the inner box is off; 0 where there is nothing to compare."""
        if self.drawn.frame is None or self.said.frame is None:
            return 0
        return max(abs(one - other) for one, other in zip(self.drawn.frame.inner, self.said.frame.inner, strict=True))

    @property
    def group(self) -> str:
        """Kind of its frame, or what makes it look framed."""
        return self.drawn.frame.kind if self.drawn.frame else self.drawn.hard or "plain photograph"


def judged(count: int, seed: int) -> list[Case]:
    """Drawn pictures with what the network says about them."""
    network = NetworkDetector.load()
    with TemporaryDirectory() as folder:
        write_photographs(folder, 160, seed=seed, shops=20, side=400)
        generator = Generator(photographs(folder), seed=seed, size=(200, 500))
        drawn = (generator.draw(number) for number in range(count))
        return [Case(each, network.detect(each.image)) for each in drawn if each.label != "unsure"]


def section(cases: Sequence[Case], command: str) -> str:
    """The part of the page between the marks."""
    card = NetworkDetector.load().card
    framed = [each for each in cases if each.framed]
    plain = [each for each in cases if not each.framed]
    misses, alarms = (sum(not each.right for each in part) for part in (framed, plain))
    rows = (
        (*_shares(name, part), _percent(each.said.framed and each.off <= WITHIN for each in part))
        for name, part in _groups(framed)
    )
    head = ("kind of frame", "pictures", "left to review", "found", f"found, within {WITHIN} px on all sides")
    frames = markdown_table(head, rows)
    others_head = ("plain, and may look framed for", "pictures", "left to review", "called framed")
    others = markdown_table(others_head, (_shares(name, part) for name, part in _groups(plain)))
    return f"""<!-- mistakes -->

{len(cases):,} drawn pictures ({len(framed):,} framed; {len(plain):,} plain, half of them drawn to look framed), none of
which the network has seen, on photographs that are drawn themselves: {misses} frames are missed
({_percent([not each.right for each in framed])}), {alarms} plain pictures are called framed
({_percent([not each.right for each in plain])}). Drawn photographs are simpler than real ones: these shares say *where*
it errs rather than how often. Made by `{command}` with the weights `sha256:{card.sha256[:12]}…`.

{frames}

{others}

The worst of each sort: plain pictures that it is surest are framed, frames that it is surest are none, and frames that
it places furthest off (blue what was drawn, red what was found).

![Drawn pictures that the network judges wrongly]({GALLERY.relative_to(PAGE.parent).as_posix()})

<!-- /mistakes -->"""


def _groups(cases: Sequence[Case]) -> list[tuple[str, list[Case]]]:
    """The cases by kind of frame or by what makes them look framed, the largest group first."""
    found: dict[str, list[Case]] = {}
    for each in cases:
        found.setdefault(each.group, []).append(each)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _shares(name: str, cases: Sequence[Case]) -> tuple[str, ...]:
    review = _percent(each.said.verdict == "review" for each in cases)
    return name.replace("_", " "), f"{len(cases):,}", review, _percent(each.said.framed for each in cases)


def _percent(hits: Iterable[bool]) -> str:
    values = list(hits)
    return f"{sum(values) / len(values):.1%}".replace("%", " %")


def gallery(cases: Sequence[Case]) -> PillowImage.Image:
    """Rows of false alarms, misses and misplaced frames, the worst first."""
    alarms = sorted((each for each in cases if not each.framed and each.said.framed), key=_probability, reverse=True)
    misses = sorted((each for each in cases if each.framed and not each.said.framed), key=_probability)
    misplaced = sorted((each for each in cases if each.off > WITHIN), key=lambda each: -each.off)
    rows = [("called framed", alarms), ("missed", misses), ("misplaced", misplaced)]
    width, high = COLUMNS * (CELL + GAP) + GAP, CELL + CAPTION + GAP
    sheet = PillowImage.new("RGB", (width, sum(30 + high for _ in rows) + GAP), PAPER)
    pen, top = ImageDraw.Draw(sheet), GAP
    for title, some in rows:
        pen.text((GAP, top), f"{title} ({len(some)} in all)", fill=INK, font=ImageFont.load_default(17))
        for place, each in enumerate(some[:COLUMNS]):
            _put(sheet, each, GAP + place * (CELL + GAP), top + 28)
        top += 30 + high
    return sheet


def _probability(each: Case) -> float:
    return each.said.probability


def _put(sheet: PillowImage.Image, each: Case, left: int, top: int) -> None:
    image = each.drawn.image
    scale = CELL / max(image.shape[:2])
    size = round(image.shape[1] * scale), round(image.shape[0] * scale)
    picture = PillowImage.fromarray(image).resize(size, PillowImage.Resampling.LANCZOS)
    pen = ImageDraw.Draw(picture)
    for frame, colour in ((each.drawn.frame, TRUE), (each.said.frame, FOUND)):
        if frame is not None:
            inner = Box(*(round(edge * scale) for edge in frame.inner))
            pen.rectangle((inner.left, inner.top, inner.right - 1, inner.bottom - 1), outline=colour, width=2)
    sheet.paste(picture, (left + (CELL - size[0]) // 2, top + (CELL - size[1]) // 2))
    words = ImageDraw.Draw(sheet)
    words.text((left, top + CELL + 4), each.drawn.design[:28], fill=INK, font=ImageFont.load_default(12))
    said = f"p = {each.said.probability:.2f}" + (f", {each.off} px off" if each.off else "")
    words.text((left, top + CELL + 20), said, fill=QUIET, font=ImageFont.load_default(12))


def main() -> None:
    """Write the page's part and the picture."""
    parser = argparse.ArgumentParser(description="Write the network's worst mistakes on drawn pictures into its card.")
    parser.add_argument("--count", type=int, default=3000, help="pictures to draw")
    parser.add_argument("--seed", type=int, default=77, help="another seed draws others")
    options = parser.parse_args()
    cases = judged(options.count, options.seed)
    command = f"python -m scripts.draw_mistakes --count {options.count} --seed {options.seed}"
    gallery(cases).quantize(256).save(GALLERY, optimize=True)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKED.sub(lambda _: section(cases, command), page), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}, {GALLERY.relative_to(ROOT)}: {GALLERY.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()

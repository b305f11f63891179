"""Text, icons and badges as stamps: planes of coverage that are pasted in any colour.

Only Pillow's built-in typeface is surely there, and it knows ASCII alone; the other scripts are drawn stroke by
stroke. Their glyphs mean nothing, but have the density, rhythm and alignment of the script they imitate.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFilter, ImageFont

from unframe.dataset.generator.textures import heart_outline, points, star_outline

Stamp = PillowImage.Image
"""Pillow image of mode ``L``: 255 where the stamp covers a pixel fully, 0 where it leaves it alone."""

Script = Literal["latin", "han", "hangul", "arabic", "devanagari"]
Icon = Literal["truck", "star", "heart", "tick", "shield", "clock", "phone", "basket", "burst", "ring", "blob", "arrow"]

SCRIPTS: tuple[Script, ...] = get_args(Script)
ICONS: tuple[Icon, ...] = get_args(Icon)
ALPHABET = 48  # distinct glyphs of each drawn script
EM = 48  # height in pixels at which glyphs are drawn before they are brought to size

# ASCII alone: the built-in typeface shows a box for every other letter.
CLAIMS = (
    "SALE", "FREE SHIPPING", "NEW", "BEST PRICE", "Special offer", "Limited edition", "100% ORIGINAL", "BUY 1 GET 1",
    "2 years warranty", "Best seller", "In stock", "GRATIS VERSAND", "Neu im Sortiment", "Angebot der Woche",
    "DARMOWA DOSTAWA", "PROMOCJA", "Nowosc", "Gwarancja 24 m-ce", "ENVIO GRATIS", "OFERTA", "Ultimas unidades",
    "LIVRAISON GRATUITE", "Soldes", "Nouveaute", "SPEDIZIONE GRATUITA", "Sconto", "FRETE GRATIS", "Promocao",
    "Fri frakt", "UCRETSIZ KARGO", "Indirim", "Fast delivery", "Premium quality", "Hand made", "Original parts",
    "Sleva", "Doprava zdarma", "Made in EU", "Eco friendly", "Size guide", "Front view", "Product details",
)  # fmt: skip
NAMES = ("nova", "moda", "casa", "tech", "sport", "kids", "bella", "max", "auto", "home", "style", "pro", "eko", "vita")
ENDINGS = ("com", "pl", "de", "shop", "net", "co.uk", "ru", "es", "it", "com.br")
CURRENCIES = ("$", "EUR", "zl", "kr", "R$", "Rp", "Rs.", "PLN", "USD", "CHF", "Ft", "Kc")


def phrase(rng: np.random.Generator) -> str:
    """A claim, price, discount, telephone number, address of a shop or number of an article, in Latin letters."""
    roll = rng.random()
    if roll < 0.4:
        return str(rng.choice(CLAIMS))
    if roll < 0.6:
        return price(rng)
    if roll < 0.7:
        return f"-{rng.integers(1, 9)}{rng.choice(['0', '5'])}%"
    if roll < 0.8:
        return "+" + " ".join(str(rng.integers(10, 1000)) for _ in range(4))
    if roll < 0.93:
        return f"www.{shop(rng)}.{rng.choice(ENDINGS)}"
    return f"{rng.choice(['Art.', 'Ref', 'No', 'SKU'])} {rng.integers(1000, 99999)}"


def price(rng: np.random.Generator) -> str:
    """A price, with its currency before or after."""
    number = f"{rng.integers(1, 2000)}{rng.choice(['', '.99', ',90', '.00', ',-'])}"
    currency = str(rng.choice(CURRENCIES))
    return f"{currency}{number}" if rng.random() < 0.6 else f"{number} {currency}"


def shop(rng: np.random.Generator) -> str:
    """An invented name of a shop."""
    return f"{rng.choice(NAMES)}{rng.choice(NAMES)}"


def line(rng: np.random.Generator, height: int, script: Script | None = None) -> Stamp:
    """One line of lettering.

    Args:
        rng: Source of every choice: words, weight, width, slant, spacing, case.
        height: Pixels from top to bottom, at least 1.
        script: ``None`` chooses one; half of the lines are Latin.

    Returns:
        A stamp of this height and of the width that the words take.
    """
    choice = script or SCRIPTS[rng.choice(len(SCRIPTS), p=[0.5, 0.25, 0.08, 0.1, 0.07])]
    drawn = _latin(rng, phrase(rng)) if choice == "latin" else _foreign(rng, choice)
    return _styled(rng, drawn, height)


def words(rng: np.random.Generator, text: str, height: int) -> Stamp:
    """These words, in Latin letters, as a stamp of this height in pixels."""
    return _styled(rng, _latin(rng, text), height)


def fitted(stamp: Stamp, width: int, height: int) -> Stamp:
    """The stamp shrunk, with its proportions kept, until it fits into this many pixels; never enlarged."""
    scale = min(1.0, width / stamp.width, height / stamp.height)
    size = max(1, round(stamp.width * scale)), max(1, round(stamp.height * scale))
    return stamp if size == stamp.size else stamp.resize(size, PillowImage.Resampling.BOX)


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(EM)


def _latin(rng: np.random.Generator, text: str) -> Stamp:
    case = rng.random()
    text = text.upper() if case < 0.35 else text
    weight = int(rng.choice([0, 1, 2], p=[0.4, 0.35, 0.25]))
    spacing = int(rng.integers(4, 20)) if rng.random() < 0.2 else 0
    pen = ImageDraw.Draw(PillowImage.new("L", (1, 1)))
    pieces = list(text) if spacing else [text]
    lengths = [pen.textlength(piece, font=_font()) + spacing for piece in pieces]
    plane = PillowImage.new("L", (int(sum(lengths)) + 8, EM + 14))
    pen = ImageDraw.Draw(plane)
    x = 4.0
    for piece, length in zip(pieces, lengths, strict=True):
        pen.text((x, 2), piece, fill=255, font=_font(), stroke_width=weight)
        x += length
    return plane


def _foreign(rng: np.random.Generator, script: Script) -> Stamp:
    glyphs = [_glyph(script, int(each)) for each in rng.integers(ALPHABET, size=rng.integers(3, 13))]
    gap = 0 if script in {"arabic", "devanagari"} else int(rng.integers(2, 10))
    plane = PillowImage.new("L", (sum(each.width + gap for each in glyphs) + 4, EM + 8))
    x = 2
    for glyph in glyphs:
        plane.paste(glyph, (x, 4))
        x += glyph.width + gap
        if gap == 0 and rng.random() < 0.22:
            x = min(x + 14, plane.width)
    return plane.filter(ImageFilter.MaxFilter(3)) if rng.random() < 0.35 else plane


def _styled(rng: np.random.Generator, plane: Stamp, height: int) -> Stamp:
    """Crop to the letters, then bring to height, width and slant."""
    plane = plane.crop(plane.getbbox() or (0, 0, *plane.size))
    stretch = rng.uniform(0.7, 1.25)
    size = max(1, round(plane.width * height / plane.height * stretch)), height
    plane = plane.resize(size, PillowImage.Resampling.BILINEAR, reducing_gap=2)
    if rng.random() >= 0.2:
        return plane
    slant = rng.uniform(0.1, 0.3)
    sheared = (size[0] + int(slant * height) + 1, height)
    return plane.transform(
        sheared, PillowImage.Transform.AFFINE, (1, slant, -slant * height, 0, 1, 0), PillowImage.Resampling.BILINEAR
    )


@lru_cache(maxsize=len(SCRIPTS) * ALPHABET)
def _glyph(script: Script, index: int) -> Stamp:
    """One glyph of a drawn script; the same number always gives the same glyph."""
    rng = np.random.default_rng([SCRIPTS.index(script), index])
    side = 2 * EM
    plane = PillowImage.new("L", (side, side))
    pen = ImageDraw.Draw(plane)
    {"han": _han, "hangul": _hangul, "arabic": _arabic, "devanagari": _devanagari}[script](pen, rng)
    plane = plane.resize((EM, EM), PillowImage.Resampling.BOX)
    if script in {"han", "hangul"}:
        return plane
    return plane.crop((0, 0, int(rng.integers(EM // 2, EM)), EM))


def _han(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    """A character of level, upright and falling strokes, often with a left-hand radical."""
    left = 34 if rng.random() < 0.5 else 4
    if left > 4:
        x = int(rng.integers(12, 20))
        pen.line((x, 4, x, 92), fill=255, width=8)
        pen.line((2, 30, 30, 26), fill=255, width=7)
        pen.line((x, 44, 2, 66), fill=255, width=7)
    rows = np.linspace(10, 86, int(rng.integers(3, 6))).astype(int)
    for y in rows:
        start, stop = rng.integers(left, left + 14), rng.integers(80, 94)
        pen.line((int(start), int(y), int(stop), int(y)), fill=255, width=7)
    for x in rng.choice(np.arange(left + 10, 88, 12), size=2, replace=False):
        pen.line((int(x), int(rows[0]), int(x), int(rng.choice([rows[-1], 92]))), fill=255, width=8)
    if rng.random() < 0.6:
        pen.line((60, int(rows[1]), left, 92), fill=255, width=7)
        pen.line((60, int(rows[1]), 94, 92), fill=255, width=7)


def _hangul(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    """A syllable: consonant, vowel beside it, and sometimes a consonant below."""
    floor = 56 if rng.random() < 0.6 else 90
    consonants = (
        [(8, 12), (50, 12), (50, floor - 6)],
        [(12, 8), (12, floor - 8), (54, floor - 8)],
        [(50, 10), (12, 10), (12, floor - 8), (50, floor - 8)],
        [(30, 8), (6, floor - 8), (30, floor // 2), (54, floor - 8)],
        [(10, 10), (50, 10), (50, floor - 8), (10, floor - 8), (10, 10)],
    )
    shape = int(rng.integers(len(consonants) + 1))
    if shape == len(consonants):
        pen.ellipse((8, 8, 52, floor - 6), outline=255, width=8)
    else:
        pen.line(consonants[shape], fill=255, width=8)
    pen.line((76, 2, 76, floor), fill=255, width=8)
    for tick in range(1, int(rng.integers(1, 4))):
        y = floor * tick // 3
        pen.line((76, y, 94 if rng.random() < 0.5 else 58, y), fill=255, width=8)
    if floor == 56:
        below = ((22, 64, 80, 92), (36, 62, 66, 92))[rng.integers(2)]
        (pen.rectangle if rng.random() < 0.5 else pen.ellipse)(below, outline=255, width=8)


def _arabic(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    """A joined letter: base line, a tooth, bowl or ascender, and dots."""
    pen.line((0, 64, 96, 64), fill=255, width=9)
    shape = rng.integers(4)
    if shape == 0:
        pen.line((40, 64, 40, 8), fill=255, width=9)
    elif shape == 1:
        pen.arc((8, 34, 64, 94), 0, 180, fill=255, width=9)
    elif shape == 2:
        pen.ellipse((24, 36, 58, 68), outline=255, width=9)
    else:
        pen.line((30, 64, 30, 44), fill=255, width=8)
    above = rng.random() < 0.5
    for place in range(rng.integers(0, 4)):
        x, y = 24 + 16 * place, 22 if above else 84
        pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=255)


def _devanagari(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    """A letter that hangs from the head line by its stem."""
    pen.line((0, 18, 96, 18), fill=255, width=9)
    stem = int(rng.integers(44, 60))
    pen.line((stem, 18, stem, 90), fill=255, width=8)
    begin = int(rng.integers(30, 200))
    pen.arc((4, 28, stem, 74), begin, begin + int(rng.integers(140, 300)), fill=255, width=8)
    if rng.random() < 0.4:
        pen.arc((20, -12, 76, 28), 180, 320, fill=255, width=7)


def icon(name: Icon, side: int) -> Stamp:
    """An icon as a square stamp of this many pixels."""
    return _icon(name).resize((side, side), PillowImage.Resampling.BOX, reducing_gap=2)


@lru_cache(maxsize=len(ICONS))
def _icon(name: Icon) -> Stamp:
    plane = PillowImage.new("L", (192, 192))
    _ICON_PENS[name](ImageDraw.Draw(plane))
    return plane


def _truck(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((8, 50, 116, 130), fill=255)
    pen.polygon([(124, 76), (158, 76), (184, 104), (184, 130), (124, 130)], fill=255)
    for x in (46, 150):
        pen.ellipse((x - 22, 112, x + 22, 156), fill=0)
        pen.ellipse((x - 16, 118, x + 16, 150), fill=255)


def _shield(pen: ImageDraw.ImageDraw) -> None:
    pen.polygon([(96, 8), (172, 36), (166, 110), (96, 184), (26, 110), (20, 36)], fill=255)
    pen.line([(62, 92), (90, 120), (134, 66)], fill=0, width=16, joint="curve")


def _clock(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((10, 10, 182, 182), outline=255, width=18)
    pen.line([(96, 44), (96, 100), (132, 122)], fill=255, width=14, joint="curve")


def _basket(pen: ImageDraw.ImageDraw) -> None:
    pen.line([(8, 34), (40, 34), (66, 128), (160, 128), (180, 60), (50, 60)], fill=255, width=14, joint="curve")
    for x in (80, 148):
        pen.ellipse((x - 14, 146, x + 14, 174), fill=255)


def _tick(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((6, 6, 186, 186), fill=255)
    pen.line([(50, 98), (84, 132), (144, 62)], fill=0, width=22, joint="curve")


def _phone(pen: ImageDraw.ImageDraw) -> None:
    pen.arc((24, -60, 190, 168), 70, 200, fill=255, width=34)
    pen.polygon([(18, 40), (60, 20), (78, 66), (44, 84)], fill=255)
    pen.polygon([(112, 120), (150, 104), (178, 140), (138, 172)], fill=255)


_ICON_PENS: dict[Icon, Callable[[ImageDraw.ImageDraw], None]] = {
    "truck": _truck,
    "star": lambda pen: pen.polygon(points(star_outline(5, 0.4), 92, 96, 100), fill=255),
    "heart": lambda pen: pen.polygon(points(heart_outline(), 88, 96, 96), fill=255),
    "tick": _tick,
    "shield": _shield,
    "clock": _clock,
    "phone": _phone,
    "basket": _basket,
    "burst": lambda pen: pen.polygon(points(star_outline(16, 0.84), 94, 96, 96), fill=255),
    "ring": lambda pen: pen.ellipse((8, 8, 184, 184), outline=255, width=14),
    "blob": lambda pen: pen.ellipse((2, 2, 190, 190), fill=255),
    "arrow": lambda pen: pen.polygon(
        [(10, 70), (100, 70), (100, 24), (182, 96), (100, 168), (100, 122), (10, 122)], fill=255
    ),
}

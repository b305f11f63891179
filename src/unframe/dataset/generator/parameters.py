"""What the generator draws and how often: every share and distribution in one table."""

from __future__ import annotations

from dataclasses import dataclass

from unframe.errors import SettingsError
from unframe.settings import check, setting
from unframe.types import KINDS, Kind

HARDS = ("rectangular", "own_frame", "full_bleed", "badge_or_text", "white_on_white", "dark_edge")
"""Why a plain picture may look framed: the tags of the labelling guide."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The distributions that `Generator` draws from. Shares are probabilities; those of kinds are relative weights."""

    framed: float = setting(0.5, "Share of pictures that get a frame.", "", 0, 1)
    border: float = setting(0.27, "Weight of bands that touch the picture's edge.", "", 0)
    inset: float = setting(0.13, "Weight of rings and strips with a margin outside them.", "", 0)
    keyline: float = setting(0.12, "Weight of thin lines.", "", 0)
    padding: float = setting(0.22, "Weight of bars and paper beside the photograph.", "", 0)
    banner: float = setting(0.16, "Weight of bands with lettering.", "", 0)
    decorative: float = setting(0.10, "Weight of ornaments, polaroids, mats and overlay art.", "", 0)

    hard_plain: float = setting(0.5, "Share of plain pictures that are drawn to look framed.", "", 0, 1)
    hard_framed: float = setting(0.35, "Share of framed pictures, paddings aside, on such a drawn one.", "", 0, 1)
    rectangular: float = setting(0.36, "Weight of rectangular products among plain pictures that look framed.", "", 0)
    own_frame: float = setting(0.2, "Weight of products with a frame of their own among them.", "", 0)
    full_bleed: float = setting(0.24, "Weight of products and scenes that fill the picture among them.", "", 0)
    badge_or_text: float = setting(0.12, "Weight of floating badges, text and watermarks among them.", "", 0)
    white_on_white: float = setting(0.08, "Weight of white products and wide margins on white among them.", "", 0)
    dark_edge: float = setting(0.08, "Weight of vignettes, shadows and dark backdrops among them.", "", 0)

    cropped: float = setting(0.25, "Share of photographs, framed or not, that are first cut to an aspect.", "", 0, 1)
    zoomed: float = setting(0.12, "Share of photographs, framed or not, that are first cut to a close-up.", "", 0, 1)
    extended: float = setting(0.3, "Share of photographs on white, framed or not, that first get more white.", "", 0, 1)
    mirrored: float = setting(0.15, "Share of photographs, framed or not, that are first mirrored.", "", 0, 1)

    thinnest: float = setting(0.022, "Thinnest border, inset or padding, over the picture's extent.", "", 0.001, 0.5)
    thickest: float = setting(0.3, "Thickest border, inset or padding, over the picture's extent.", "", 0.001, 0.45)
    unequal: float = setting(0.25, "Share of frames whose sides differ in thickness.", "", 0, 1)
    all_sides: float = setting(0.68, "Share of borders on all four sides; others on one to three.", "", 0, 1)
    around: float = setting(0.5, "Share of borders beside the photograph; others hide its edge.", "", 0, 1)
    translucent: float = setting(0.07, "Share of borders through which the photograph can be seen.", "", 0, 1)
    keyline_thickest: float = setting(0.019, "Thickest line of a keyline, over the picture's extent.", "", 0, 0.02)
    hairline: float = setting(0.45, "Share of keylines of one or two pixels.", "", 0, 1)

    colour_sampled: float = setting(0.12, "Share of colours taken from a spot of the photograph.", "", 0, 1)
    colour_matched: float = setting(0.08, "Share of colours that nearly match the photograph's edge.", "", 0, 1)

    resampled: float = setting(0.3, "Share of pictures that are resampled after drawing.", "", 0, 1)
    sharpened: float = setting(0.12, "Share of pictures that are sharpened after drawing.", "", 0, 1)
    jpeg: float = setting(0.75, "Share of pictures that go through JPEG.", "", 0, 1)
    webp: float = setting(0.1, "Share of pictures that go through WebP.", "", 0, 1)
    doubled: float = setting(0.2, "Share of compressed pictures that are compressed twice.", "", 0, 1)
    lowest_quality: int = setting(50, "Lowest quality of JPEG and WebP.", "", 1, 100)
    highest_quality: int = setting(98, "Highest quality of JPEG and WebP.", "", 1, 100)

    attempts: int = setting(8, "Drawings of a frame before one too faint to see is kept as unsure.", "", 1, 100)
    cache: int = setting(256, "Memory for decoded photographs, per process.", "MiB", 1)

    def __post_init__(self) -> None:
        check(self)
        self._check_together()

    def _check_together(self) -> None:
        """Raise `SettingsError` when values that are each allowed contradict one another."""
        for names, weights in (("kinds", self.kinds), ("hard plain pictures", self.hards)):
            if not sum(weights.values()):
                raise SettingsError(f"the weights of {names} are all 0; raise one of {', '.join(weights)}")
        for low, high in (("thinnest", "thickest"), ("lowest_quality", "highest_quality")):
            if getattr(self, low) > getattr(self, high):
                raise SettingsError(f"{low} is above {high}; lower {low} or raise {high}")
        for first, second in (("jpeg", "webp"), ("cropped", "zoomed"), ("colour_sampled", "colour_matched")):
            if getattr(self, first) + getattr(self, second) > 1:
                raise SettingsError(f"{first} and {second} together are above 1; lower one of them")

    @property
    def kinds(self) -> dict[Kind, float]:
        """Weight of every kind of frame."""
        return {kind: getattr(self, kind) for kind in KINDS}

    @property
    def hards(self) -> dict[str, float]:
        """Weight of every reason why a plain picture may look framed."""
        return {hard: getattr(self, hard) for hard in HARDS}

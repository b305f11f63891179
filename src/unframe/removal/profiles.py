"""What marketplaces ask of a picture's size, each with its source and the day it was read."""

from __future__ import annotations

from typing import NamedTuple

from unframe.errors import SettingsError


class Profile(NamedTuple):
    """Limits of one marketplace.

    Attributes:
        min_longest: Pixels that the longer side must have at least; 0 where nothing is asked.
        min_side: Pixels that each side must have at least; 0 where nothing is asked.
        rule: What the source says, in short.
        source: Address of the page.
        read: Day on which the page was last read, as an ISO date.
    """

    min_longest: int
    min_side: int
    rule: str
    source: str
    read: str


PROFILES = {
    "ebay": Profile(
        500,
        0,
        "At least 500 pixels on the longest side; no added borders, text or artwork.",
        "https://www.ebay.com/help/policies/listing-policies/picture-policy?id=4370",
        "2026-11-24",
    ),
    "google": Profile(
        0,
        500,
        "At least 500 × 500 pixels for every product from 31 January 2027; 1500 × 1500 recommended.",
        "https://support.google.com/merchants/answer/6324350",
        "2026-11-24",
    ),
    "amazon": Profile(
        500,
        0,
        "At least 500 pixels on the longest side, 1000 for zoom. Amazon's own page needs a seller's login; this is an "
        "integrator's account of it.",
        "https://help.e-tailize.com/en/amazon-product-image-requirements",
        "2026-11-24",
    ),
    "walmart": Profile(
        0,
        1500,
        "At least 1500 × 1500 pixels for zoom; 2200 × 2200 recommended.",
        "https://marketplacelearn.walmart.com/guides/Item%20setup/Item%20content%2C%20imagery%2C%20and%20media/"
        "Product-detail-page:-Image-guidelines-&-requirements",
        "2026-11-24",
    ),
}
"""Marketplace and its limits."""


def profile(name: str) -> Profile:
    """The limits of a marketplace.

    Raises:
        SettingsError: There is no such marketplace in `PROFILES`.
    """
    if name not in PROFILES:
        raise SettingsError(f"there is no profile {name!r}; choose one of: {', '.join(PROFILES)}")
    return PROFILES[name]

"""Duplicates: which pictures of a catalogue show the same photograph, with or without a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from unframe.catalogue.fingerprint import Fingerprint, distances

NEAR = 56
"""Bits out of 256 up to which two pictures count as the same; what that finds, and how often it errs, is measured in
``docs/results/duplicates.md``."""

_BLOCK = 256  # pictures that are compared with as many others at a time, in about 50 MB


class Duplicate(NamedTuple):
    """Two pictures that show the same photograph.

    Attributes:
        first: Position of the one picture.
        second: Position of the other, always after the first.
        distance: Bits out of 256 in which they differ.
    """

    first: int
    second: int
    distance: int


def duplicates(fingerprints: Sequence[Fingerprint], near: int = NEAR, *, mirrored: bool = False) -> Iterator[Duplicate]:
    """Pairs of pictures that show the same photograph, in order of the first one's block.

    Every pair is compared, so that time grows with the square of the number of pictures, and memory does not.

    Args:
        fingerprints: What the pictures look like.
        near: Bits up to which two count as the same.
        mirrored: Count mirror images as the same.
    """
    for top in range(0, len(fingerprints), _BLOCK):
        rows = fingerprints[top : top + _BLOCK]
        for left in range(top, len(fingerprints), _BLOCK):
            columns = fingerprints[left : left + _BLOCK]
            table = distances(rows, columns, mirrored=mirrored)
            for row, column in np.argwhere(table <= near).tolist():
                if top + row < left + column:
                    yield Duplicate(top + row, left + column, int(table[row, column]))


def families(count: int, pairs: Sequence[Duplicate]) -> list[int]:
    """The family of each picture: pictures that are linked by pairs, directly or through others.

    Args:
        count: How many pictures there are.
        pairs: Which of them are the same.

    Returns:
        For each picture the position of the first one of its family; its own where it has no duplicate.
    """
    parents = list(range(count))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    for pair in pairs:
        one, other = sorted((root(pair.first), root(pair.second)))
        parents[other] = one
    return [root(at) for at in range(count)]

"""Splits that keep together what belongs together, and a check that nothing leaks across them.

Pictures of one source (a shop, a seller, a collection) resemble each other: the same product, backdrop and template
recur. A split by picture would let a network recognise the source and call it skill, so whole sources are dealt out,
and sources whose frames share a design are dealt out as one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.records import Sample
from unframe.errors import DatasetError, DecodeError, MissingExtraError
from unframe.imaging import load
from unframe.settings import Settings
from unframe.types import Image

SLACK = 0.2
"""How far a part may exceed its share of a stratum, relative to the share: more is steadier, less is more even."""

HASH_SIDE = 16
NEAR = 26
"""Most bits, of the 256 of a perceptual hash, in which two pictures differ that count as the same one."""

_BLOCK = 1024


def folds(samples: Sequence[Sample], count: int, seed: int = 0, strata: Sequence[Hashable] | None = None) -> list[int]:
    """A fold number for each picture, from 0 to ``count - 1``.

    Groups of pictures (see `groups`) are dealt out whole, large ones first. Each goes to the fold that a hash of its
    name prefers among those that still have room for its pictures, each stratum counted apart (consistent hashing with
    bounded loads, Mirrokni, Thorup and Zadimoghaddam 2018). scikit-learn's StratifiedGroupKFold balances better,
    but deals anew whenever a picture is added; here a group only moves when a fold is full where it was not before.

    Args:
        samples: The pictures.
        count: Number of folds, 2 or more.
        seed: Another seed deals otherwise.
        strata: What each picture is, of which every fold is to get its share; framed or not when omitted.

    Raises:
        DatasetError: There are fewer groups than folds.
    """
    return _deal(samples, [1 / count] * count, seed, strata)


def split(samples: Sequence[Sample], validation: float = 0.2, seed: int = 0) -> tuple[list[Sample], list[Sample]]:
    """The pictures to learn from and those to validate on, by the same rules as `folds`.

    Args:
        samples: The pictures.
        validation: Share of the pictures to validate on, above 0 and below 1; met as far as whole groups allow.
        seed: Another seed deals otherwise.

    Raises:
        DatasetError: There is only one group.
    """
    hands = _deal(samples, [1 - validation, validation], seed)
    learn = [sample for sample, hand in zip(samples, hands, strict=True) if hand == 0]
    validate = [sample for sample, hand in zip(samples, hands, strict=True) if hand == 1]
    return learn, validate


def groups(samples: Sequence[Sample]) -> list[str]:
    """The group of each picture: its source, joined with every source that shows one of its designs.

    A group is named by the first of its sources in alphabetical order. The designs of the frame generator join
    nothing: its painters draw each of them on photographs of every source.
    """
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    first_with: dict[str, str] = {}
    for sample in samples:
        if sample.design and not sample.drawn:
            one, other = sorted((find(sample.source), find(first_with.setdefault(sample.design, sample.source))))
            leader[other] = one
    return [find(sample.source) for sample in samples]


def _deal(
    samples: Sequence[Sample], shares: Sequence[float], seed: int, strata: Sequence[Hashable] | None = None
) -> list[int]:
    """The hand that each picture is dealt to; ``shares`` sum to 1 and say how much of a stratum a hand should get."""
    names = groups(samples)
    sizes = _sizes(names, strata or [sample.label == "framed" for sample in samples])
    if len(sizes) < len(shares):
        raise DatasetError(
            f"{len(samples):,} pictures of {len(sizes)} independent sources cannot be split into {len(shares)} parts; "
            "a source is never divided, so add pictures from other sources or check the column source"
        )
    total = np.sum(list(sizes.values()), axis=0)
    parts = {name: size / np.maximum(total, 1) for name, size in sizes.items()}
    room = np.repeat(_capacities(np.asarray(shares))[:, None], len(total), axis=1)
    hand_of: dict[str, int] = {}
    for name in sorted(parts, key=lambda each: (-_magnitude(parts[each]), _draw(seed, each))):
        empty = set(range(len(shares))) - set(hand_of.values())
        allowed = empty if len(empty) >= len(parts) - len(hand_of) else set(range(len(shares)))
        preference = [hand for hand in _preference(name, shares, seed) if hand in allowed]
        hand_of[name] = _choose(parts[name], room, preference)
        room[hand_of[name]] -= parts[name]
    return [hand_of[name] for name in names]


def _capacities(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Most of a stratum that each hand may take: `SLACK` above its share, and never what others need at the least."""
    return np.minimum(shares * (1 + SLACK), 1 - (1 - shares) * (1 - SLACK))


def _sizes(names: Sequence[str], strata: Sequence[Hashable]) -> dict[str, NDArray[np.float64]]:
    """Pictures of each group by stratum."""
    column = {each: number for number, each in enumerate(dict.fromkeys(strata))}
    sizes = {name: np.zeros(len(column)) for name in names}
    for name, stratum in zip(names, strata, strict=True):
        sizes[name][column[stratum]] += 1
    return sizes


def _magnitude(part: NDArray[np.float64]) -> int:
    """Largest share of a group in a stratum, as a power of two, so that a few pictures more do not change its turn."""
    return math.frexp(part.max())[1]


def _preference(name: str, shares: Sequence[float], seed: int) -> list[int]:
    """All hands, the most preferred first; each comes first for its share of all names (rendezvous hashing)."""
    return sorted(range(len(shares)), key=lambda hand: -math.log(_draw(seed, name, hand)) / shares[hand])


def _choose(part: NDArray[np.float64], room: NDArray[np.float64], preference: Sequence[int]) -> int:
    """The most preferred hand that has room for a group, or else the one that it would overfill least.

    Args:
        part: What the group holds of each stratum, ``(strata,)``, 0 to 1.
        room: What each hand can still take of it, ``(hands, strata)``.
        preference: The hands to choose from, the most preferred first.
    """
    overfill = np.where(part > 0, np.maximum(part - room, 0), 0).sum(axis=1)
    return min(preference, key=lambda hand: round(float(overfill[hand]), 9))


def _draw(*of: object) -> float:
    """A number above 0 and below 1 that depends on the arguments alone, in every process and on every machine."""
    digest = hashlib.blake2b(repr(of).encode(), digest_size=6).digest()
    return (int.from_bytes(digest, "big") + 0.5) / 2**48


class Leak(NamedTuple):
    """Two pictures that look the same although a split parts them.

    Attributes:
        first: The picture of the one part.
        second: The picture of the other part.
        distance: Bits of their perceptual hashes that differ, out of 256.
    """

    first: Sample
    second: Sample
    distance: int


def leaks(first: Sequence[Sample], second: Sequence[Sample], near: int = NEAR) -> list[Leak]:
    """Pairs of pictures that look the same across a split, the most alike first.

    The hash is the sign of the 16 × 16 lowest frequencies of the picture (pHash, from the imagehash library). It sees
    through scaling and compression, and through a thin frame; it does not see through cropping. Pictures that cannot be
    decoded are left out.

    Args:
        first: Pictures of one part.
        second: Pictures of the other part.
        near: Most bits, out of 256, in which two pictures differ that count as the same.

    Raises:
        MissingExtraError: imagehash is not installed.
    """
    one, left = _hashed(first)
    other, right = _hashed(second)
    found = [
        Leak(one[start + row], other[column], int(distances[row, column]))
        for start in range(0, len(one), _BLOCK)
        for distances in [_distances(left[start : start + _BLOCK], right)]
        for row, column in np.argwhere(distances <= near)
    ]
    return sorted(found, key=lambda leak: leak.distance)


def _distances(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bits that differ, for every pair of rows: of n bits of -1 and 1, n minus their product, halved."""
    distances: NDArray[np.float32] = (left.shape[1] - left @ right.T) / 2
    return distances


def _hashed(samples: Sequence[Sample]) -> tuple[list[Sample], NDArray[np.float32]]:
    """The pictures that can be decoded, and their hashes as rows of -1 and 1."""
    phash = _phash()
    settings = Settings.from_env()

    def row(sample: Sample) -> NDArray[np.float32] | None:
        try:
            return phash(load(sample.path, settings))
        except DecodeError:
            return None

    with ThreadPoolExecutor(settings.workers()) as pool:
        found = list(zip(samples, pool.map(row, samples), strict=True))
    known = [(sample, hashed) for sample, hashed in found if hashed is not None]
    rows = np.array([hashed for _, hashed in known], dtype=np.float32).reshape(-1, HASH_SIDE**2)
    return [sample for sample, _ in known], rows


def _phash() -> Callable[[Image], NDArray[np.float32]]:
    """Function from an image to its hash: float32 ``(256,)`` of -1 and 1."""
    try:
        import imagehash  # noqa: PLC0415 - loaded with the extra only
    except ImportError as error:
        raise MissingExtraError("The leak check", "imagehash", "evaluate") from error
    from PIL import Image as PillowImage  # noqa: PLC0415

    def phash(image: Image) -> NDArray[np.float32]:
        bits: NDArray[np.bool_] = imagehash.phash(PillowImage.fromarray(image), hash_size=HASH_SIDE).hash
        signs: NDArray[np.float32] = np.where(bits.ravel(), np.float32(1), np.float32(-1))
        return signs

    return phash

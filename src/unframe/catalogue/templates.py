"""Templates: frames that look the same on many pictures, put together so that one decision is enough for all."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from unframe.catalogue.look import Look, points
from unframe.errors import MissingExtraError

REACH = 0.08
"""How far frames of one template may lie from each other, in the distance of `unframe.catalogue.look.points`."""

LEAST = 3
"""Pictures that a template has at least; frames on fewer stand alone."""

FINE = 0.25
"""Share of the reach within which looks are summed up before they are clustered: a million frames are mostly copies of
a few thousand looks."""

Labels = NDArray[np.int64]
"""int64 ``(frames,)``: the template of each frame, the most frequent being 0; -1 where it stands alone."""


def cluster(
    looks: Sequence[Look], *, reach: float = REACH, least: int = LEAST, groups: Sequence[Hashable] | None = None
) -> Labels:
    """Put frames that look the same together.

    Looks that hardly differ are summed up by BIRCH (Zhang, Ramakrishnan and Livny 1996), and the sums clustered by
    DBSCAN (Ester et al. 1996), both from scikit-learn.

    Args:
        looks: What the frames look like.
        reach: How far frames of one template may lie from each other.
        least: Pictures that a template has at least.
        groups: A seller or the like for each frame; frames of different ones are then never put together.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    labels = np.full(len(looks), -1, dtype=np.int64)
    where = points(looks)
    for indices in _grouped(len(looks), groups):
        if len(indices) >= least:
            found = _dbscan(where[indices], reach, least)
            labels[indices] = np.where(found >= 0, found + labels.max(initial=-1) + 1, -1)
    return _most_frequent_first(labels)


def _grouped(count: int, groups: Sequence[Hashable] | None) -> list[NDArray[np.int64]]:
    if groups is None:
        return [np.arange(count)]
    members: dict[Hashable, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    return [np.array(each) for each in members.values()]


def _dbscan(where: NDArray[np.float32], reach: float, least: int) -> Labels:
    try:
        from sklearn.cluster import DBSCAN, Birch  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise MissingExtraError("Finding templates", "scikit-learn", "evaluate") from error
    birch = Birch(threshold=FINE * reach, n_clusters=None).fit(where)
    sums = birch.labels_
    weights = np.bincount(sums, minlength=len(birch.subcluster_centers_))
    found = DBSCAN(eps=reach, min_samples=least).fit_predict(birch.subcluster_centers_, sample_weight=weights)
    return np.asarray(found[sums], dtype=np.int64)


def _most_frequent_first(labels: Labels) -> Labels:
    counts = np.bincount(labels[labels >= 0])
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return np.where(labels >= 0, rank[labels], -1) if len(counts) else labels

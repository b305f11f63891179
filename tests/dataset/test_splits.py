"""Splits cannot leak, are even, steady and the same everywhere; the leak check finds what slips through."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from tests.dataset.rows import sample
from tests.draw import bordered, product
from unframe.dataset.records import Sample
from unframe.dataset.splits import SLACK, folds, groups, leaks, split
from unframe.errors import DatasetError

labels = st.sampled_from(["framed", "plain", "unsure"])
sources = st.sampled_from([f"shop-{letter}" for letter in "abcdefghij"])
designs = st.sampled_from(["", "", "", "", "one", "two", "three"])
collections = st.lists(st.builds(sample, st.uuids().map(str), labels, sources, design=designs), min_size=1, max_size=60)


@given(collections, st.integers(2, 4), st.integers(0, 3))
def test_no_source_and_no_design_is_ever_parted(pictures: list[Sample], count: int, seed: int) -> None:
    if len(set(groups(pictures))) < count:
        with pytest.raises(DatasetError, match="a source is never divided"):
            folds(pictures, count, seed)
        return
    found = folds(pictures, count, seed)
    for of in (attrgetter("source"), attrgetter("design")):
        homes: dict[str, set[int]] = {}
        for each, fold in zip(pictures, found, strict=True):
            homes.setdefault(of(each), set()).add(fold)
        homes.pop("", None)
        assert all(len(home) == 1 for home in homes.values())
    assert set(found) == set(range(count))


@given(collections)
def test_groups_are_the_connected_parts(pictures: list[Sample]) -> None:
    # Oracle: let the smallest name spread along shared sources and designs until nothing changes.
    name = [each.source for each in pictures]
    while True:
        spread = [
            min(
                other
                for other, neighbour in zip(name, pictures, strict=True)
                if neighbour.source == each.source or (each.design and neighbour.design == each.design)
            )
            for each in pictures
        ]
        if spread == name:
            break
        name = spread
    assert groups(pictures) == name


def test_designs_of_the_generator_join_nothing() -> None:
    drawn = [sample(name, "framed", name, design="border/solid", geometry_quality="drawn") for name in ("a", "b", "c")]
    assert groups(drawn) == ["a", "b", "c"]


@given(collections, st.randoms())
def test_the_order_of_pictures_is_of_no_account(pictures: list[Sample], random: Random) -> None:
    if len(set(groups(pictures))) < 2:
        return
    shuffled = list(pictures)
    random.shuffle(shuffled)
    before = dict(zip((each.path for each in pictures), folds(pictures, 2), strict=True))
    after = dict(zip((each.path for each in shuffled), folds(shuffled, 2), strict=True))
    assert before == after


def catalogue(sizes: Sequence[int], framed_in: int = 3) -> list[Sample]:
    """Sources of these sizes; in every ``framed_in``-th of them half of the pictures are framed."""
    return [
        sample(f"{source}-{picture}", "framed" if source % framed_in == 0 and picture % 2 else "plain", f"s{source}")
        for source, size in enumerate(sizes)
        for picture in range(size)
    ]


SIZES = np.random.default_rng(3).integers(1, 60, 80).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_folds_are_even_in_pictures_and_labels(seed: int) -> None:
    pictures = catalogue(SIZES)
    found = folds(pictures, 5, seed)
    for label in ("framed", "plain"):
        total = sum(each.label == label for each in pictures)
        held = Counter(fold for each, fold in zip(pictures, found, strict=True) if each.label == label)
        assert all(held[fold] <= total / 5 * (1 + SLACK) for fold in range(5))
        assert all(held[fold] >= total / 5 * (1 - 3 * SLACK) for fold in range(5))


@pytest.mark.parametrize("seed", range(8))
def test_every_fold_gets_its_share_of_every_stratum(seed: int) -> None:
    pictures = catalogue([58, 55, 52, 50, *SIZES])
    # The first four sources show nothing but books, some of them framed.
    strata = ["book" if each.source in {"s0", "s1", "s2", "s3"} else each.label for each in pictures]
    found = folds(pictures, 4, seed, strata)
    assert len({(each.source, fold) for each, fold in zip(pictures, found, strict=True)}) == 4 + len(SIZES)
    with_books = {fold for each, fold in zip(strata, found, strict=True) if each == "book"}
    assert with_books == {0, 1, 2, 3}


@pytest.mark.parametrize("validation", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("seed", range(3))
def test_a_split_gives_about_the_share_that_was_asked_for(validation: float, seed: int) -> None:
    pictures = catalogue(SIZES)
    learn, validate = split(pictures, validation, seed)
    assert len(learn) + len(validate) == len(pictures)
    assert not {each.source for each in learn} & {each.source for each in validate}
    assert validation * (1 - 2 * SLACK) <= len(validate) / len(pictures) <= validation * (1 + 2 * SLACK)


def moved(before: list[Sample], after: list[Sample]) -> float:
    """Share of the pictures in both lists whose fold is another."""
    old = dict(zip((each.path for each in before), folds(before, 5), strict=True))
    new = dict(zip((each.path for each in after), folds(after, 5), strict=True))
    both = old.keys() & new.keys()
    return sum(old[path] != new[path] for path in both) / len(both)


def test_few_pictures_move_when_sources_grow() -> None:
    rng = np.random.default_rng(0)
    grown = [[size + int(rng.binomial(size, 0.05)) for size in SIZES] for _ in range(10)]
    assert np.mean([moved(catalogue(SIZES), catalogue(sizes)) for sizes in grown]) < 0.1


def test_few_pictures_move_when_a_source_is_added() -> None:
    assert np.mean([moved(catalogue(SIZES), catalogue([*SIZES, size])) for size in range(1, 60, 6)]) < 0.1


def test_another_seed_deals_otherwise() -> None:
    pictures = catalogue(SIZES)
    assert folds(pictures, 5, 0) != folds(pictures, 5, 1)


def test_another_process_deals_the_same() -> None:
    code = (
        "from tests.dataset.test_splits import SIZES, catalogue\n"
        "from unframe.dataset.splits import folds\n"
        "print(folds(catalogue(SIZES), 5))"
    )
    root = Path(__file__).resolve().parents[2]
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(folds(catalogue(SIZES), 5))


def test_the_leak_check_sees_through_scaling_compression_and_a_thin_frame(tmp_path: Path) -> None:
    pictures = [product(200, 160, seed=seed) for seed in range(12)]
    originals = []
    for seed, picture in enumerate(pictures):
        path = tmp_path / f"original-{seed}.png"
        PillowImage.fromarray(picture).save(path)
        originals.append(sample(str(path)))
    small = tmp_path / "small.jpg"
    PillowImage.fromarray(pictures[3]).resize((120, 96)).save(small, quality=60)
    thin = tmp_path / "thin.png"
    PillowImage.fromarray(bordered(pictures[7], 1)[0]).save(thin)
    other = tmp_path / "other.png"
    PillowImage.fromarray(product(200, 160, seed=99)).save(other)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    found = leaks(originals, [sample(str(path)) for path in (small, thin, other, broken)])
    assert {(leak.first.path.name, leak.second.path.name) for leak in found} == {
        ("original-3.png", "small.jpg"),
        ("original-7.png", "thin.png"),
    }
    assert [leak.distance for leak in found] == sorted(leak.distance for leak in found)


def test_distances_of_the_leak_check_are_those_of_imagehash(tmp_path: Path) -> None:
    imagehash = pytest.importorskip("imagehash")
    paths = [tmp_path / f"{seed}.png" for seed in range(4)]
    for seed, path in enumerate(paths):
        PillowImage.fromarray(product(64, 64, seed=seed)).save(path)
    hashes = [imagehash.phash(PillowImage.open(path), hash_size=16) for path in paths]
    found = leaks([sample(str(paths[0]))], [sample(str(path)) for path in paths[1:]], near=256)
    measured = {leak.second.path: leak.distance for leak in found}
    assert measured == {path: hashes[0] - other for path, other in zip(paths[1:], hashes[1:], strict=True)}


def test_nothing_leaks_into_nothing() -> None:
    assert leaks([], []) == []

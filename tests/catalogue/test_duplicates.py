"""Duplicates: pairs and families of pictures that show the same photograph."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from tests import draw, fakes
from tests.cli.conftest import Run, save
from unframe.catalogue import duplicates as module
from unframe.catalogue.duplicates import Duplicate, duplicates, families
from unframe.catalogue.fingerprint import Fingerprint, fingerprint
from unframe.types import Image


def noise(seed: int) -> Image:
    """A picture that is like no other."""
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    return np.repeat(np.repeat(blocks, 20, axis=0), 20, axis=1)


def test_every_pair_is_found_once_and_in_blocks_of_any_size(monkeypatch: object) -> None:
    prints: list[Fingerprint] = [fingerprint(noise(seed)) for seed in (0, 1, 2, 0, 1, 0)]
    expected = {(0, 3), (0, 5), (3, 5), (1, 4)}
    for block in (1, 2, 4, 256):
        monkeypatch.setattr(module, "_BLOCK", block)  # type: ignore[attr-defined]
        found = list(duplicates(prints))
        assert len(found) == len(expected)
        assert {(each.first, each.second) for each in found} == expected
        assert {each.distance for each in found} == {0}


def test_families_link_through_others() -> None:
    pairs = [Duplicate(4, 5, 0), Duplicate(1, 3, 2), Duplicate(3, 5, 1)]
    assert families(7, pairs) == [0, 1, 2, 1, 1, 1, 6]


def test_framed_and_clean_copies_of_a_scan(run: Run, tmp_path: Path) -> None:
    for seed in range(4):
        save(noise(seed), tmp_path / "shop" / f"clean{seed}.png")
        if seed < 2:
            save(draw.bordered(noise(seed), 12, fakes.FRAME_COLOUR)[0], tmp_path / "shop" / f"framed{seed}.png")
    assert run("scan", tmp_path / "shop", "-o", tmp_path / "r.jsonl", "--fingerprints").code == 0
    done = run("duplicates", tmp_path / "r.jsonl", "-o", tmp_path / "d.csv")
    assert done.code == 0
    assert "6 pictures: 4 of them show one of 2 photographs more than once" in done.err
    with (tmp_path / "d.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["family"], Path(row["path"]).stem, Path(row["like"]).stem) for row in rows] == [
        ("1", "clean0", "framed0"),
        ("1", "framed0", "clean0"),
        ("2", "clean1", "framed1"),
        ("2", "framed1", "clean1"),
    ]
    assert all(int(row["distance"]) <= module.NEAR for row in rows)
    assert run("duplicates", tmp_path / "r.jsonl", "-o", tmp_path / "d.csv").code == 2  # there already
    for column in ("sides", "inner"):
        done = run("duplicates", tmp_path / "r.jsonl", "-o", tmp_path / "e.csv", "--by", column)
        assert done.code == 2
        assert f"column {column!r} has several values for a picture" in done.err


def test_pictures_without_a_fingerprint_are_named(run: Run, tmp_path: Path) -> None:
    save(noise(0), tmp_path / "shop" / "a.png")
    assert run("scan", tmp_path / "shop", "-o", tmp_path / "r.jsonl").code == 0
    done = run("duplicates", tmp_path / "r.jsonl", "-o", tmp_path / "d.csv")
    assert done.code == 2
    assert "scan with --fingerprints" in done.err

"""`unframe synthesize`: data sets and contact sheets from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.dataset.generator.photos import art, photographs
from unframe.dataset.layouts import read_dataset
from unframe.imaging import load


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    photographs(folder)
    return folder


SMALL = ("--size", "64-80", "--jobs", "1")


def test_a_data_set_is_written_and_counted(run: Run, photos: Path, tmp_path: Path) -> None:
    folder = tmp_path / "drawn"
    done = run("synthesize", photos, "-o", folder, "--count", "20", "--seed", "2", "--masks", *SMALL)
    assert done.code == 0
    samples = read_dataset(folder)
    framed = sum(sample.label == "framed" for sample in samples)
    assert len(samples) == 20
    assert f"{framed} framed" in done.err
    assert len(list((folder / "masks").iterdir())) == 20
    again = run("synthesize", photos, "-o", folder, "--count", "20", "--seed", "2", "--masks", *SMALL)
    assert (again.code, "nothing was missing" in again.err) == (0, True)
    other = run("synthesize", photos, "-o", folder, "--count", "20", "--seed", "3", "--masks", *SMALL)
    assert (other.code, "another run" in other.err) == (2, True)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [("inset,keyline", {"inset", "keyline"}), ("plain", {None}), ("plain,banner", {None, "banner"})],
)
def test_only_the_kinds_that_were_asked_for(
    run: Run, photos: Path, tmp_path: Path, kinds: str, expected: set[str | None]
) -> None:
    run("synthesize", photos, "-o", tmp_path / "drawn", "--count", "24", "--kinds", kinds, *SMALL)
    assert {sample.kind for sample in read_dataset(tmp_path / "drawn")} == expected


def test_parameters_can_be_changed(run: Run, photos: Path, tmp_path: Path) -> None:
    run(
        "synthesize",
        photos,
        "-o",
        tmp_path / "drawn",
        "--count",
        "12",
        "--set",
        "framed=1",
        "--set",
        "attempts=9",
        *SMALL,
    )
    assert {sample.label for sample in read_dataset(tmp_path / "drawn")} <= {"framed", "unsure"}


def test_a_contact_sheet_alone(run: Run, photos: Path, tmp_path: Path) -> None:
    sheet, frames = tmp_path / "look.png", art(tmp_path / "art")
    arguments = ("synthesize", photos, "--sheet", sheet, "--count", "9", "--boxes", "--overlays", frames, *SMALL)
    assert run(*arguments).code == 0
    image = load(sheet)
    assert image.shape[1] > 1000
    assert {path.name for path in tmp_path.iterdir()} == {"look.png", "art"}
    again = run(*arguments)
    assert (again.code, "already there" in again.err, "--overwrite" in again.err) == (2, True, True)
    sheet.write_bytes(b"old")
    assert run(*arguments, "--overwrite").code == 0
    assert load(sheet).shape == image.shape


def test_a_contact_sheet_replaces_no_photograph(run: Run, photos: Path) -> None:
    photo = next(path for path in sorted(photos.rglob("*")) if path.suffix in {".png", ".jpg"})
    before = photo.read_bytes()
    done = run("synthesize", photos, "--sheet", photo, "--overwrite", "--count", "2", *SMALL)
    assert (done.code, "is one of the photographs" in done.err, photo.read_bytes()) == (2, True, before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a folder with -o"),
        (["-o", "x", "--kinds", "ring"], "--kinds holds 'ring'"),
        (["-o", "x", "--size", "big"], "--size is 'big'"),
        (["-o", "x", "--size", "300-200"], "the smaller one first"),
        (["-o", "x", "--set", "colour=1"], "names no parameter"),
        (["-o", "x", "--set", "framed=many"], "write framed=0.5"),
        (["-o", "x", "--set", "framed=7"], "at most 1"),
    ],
)
def test_mistakes_are_explained(
    run: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("synthesize", photos, *arguments)
    assert done.code == 2
    assert message in " ".join(done.err.replace("│", " ").split())
    assert not (tmp_path / "x").exists()


def test_photographs_that_are_not_there(run: Run, tmp_path: Path) -> None:
    done = run("synthesize", tmp_path / "none", "-o", tmp_path / "drawn")
    assert (done.code, "is not there" in done.err) == (2, True)

"""`unframe dataset`: check, split, leaks, label-errors."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from tests import draw
from tests.cli.conftest import Run, save
from unframe.dataset.layouts import read_dataset


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A table of six sources, two pictures each, the first of each framed."""
    rows = ["file,label,kind,sides,inner_l,inner_t,inner_r,inner_b,outer_l,outer_t,outer_r,outer_b,width,height,source"]
    for source in range(6):
        photo = draw.product(seed=source)
        save(draw.bordered(photo, 8)[0], tmp_path / f"{source}f.png")
        save(photo, tmp_path / f"{source}p.png")
        rows.append(f"{source}f.png,framed,border,trbl,8,8,152,112,0,0,160,120,160,120,s{source}")
        rows.append(f"{source}p.png,plain,,,,,,,,,,,160,120,s{source}")
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(rows) + "\n")
    return table


def test_check_counts_what_is_there(run: Run, data: Path) -> None:
    done = run("dataset", "check", data)
    assert done.code == 0
    assert done.err == "0 problems\n"
    assert "pictures   12" in done.out
    assert "labels     6 framed, 6 plain" in done.out
    assert "kinds      6 border" in done.out


def test_check_names_pictures_that_are_not_what_their_rows_say(run: Run, data: Path) -> None:
    save(draw.product(100, 90), data.with_name("0f.png"))
    data.with_name("1p.png").write_bytes(b"nothing")
    done = run("dataset", "check", data)
    assert done.code == 2
    assert "0f.png is 100 × 90 pixels once upright, but its row says 160 × 120" in done.err
    assert "0f.png is 100 × 90 pixels, but inner is [8, 8, 152, 112]" in done.err
    assert "1p.png" in done.err
    assert done.err.endswith("4 problems\n")
    save(draw.bordered(draw.product(seed=0), 8)[0], data.with_name("0f.png"))
    assert run("dataset", "check", data).err.endswith("\n1 problem\n")


def test_check_takes_sizes_upright(run: Run, tmp_path: Path) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    PillowImage.fromarray(draw.product(120, 80)).save(tmp_path / "a.jpg", exif=exif)
    (tmp_path / "labels.csv").write_text("file,label,width,height\na.jpg,plain,80,120\n")
    assert run("dataset", "check", tmp_path).code == 0


def test_split_writes_two_tables_that_share_no_source(run: Run, data: Path, tmp_path: Path) -> None:
    done = run("dataset", "split", data, "-o", tmp_path / "parts", "--validation", 0.34)
    assert done.code == 0, done.err
    learn, validate = (read_dataset(tmp_path / "parts" / f"{name}.csv") for name in ("learn", "validate"))
    assert sorted(each.path for each in learn + validate) == sorted(each.path for each in read_dataset(data))
    assert not {each.source for each in learn} & {each.source for each in validate}
    assert "learn.csv: " in done.out


def test_split_into_folds(run: Run, data: Path, tmp_path: Path) -> None:
    assert run("dataset", "split", data, "-o", tmp_path / "parts", "--folds", 3).code == 0
    tables = sorted((tmp_path / "parts").iterdir())
    assert [table.name for table in tables] == ["0.csv", "1.csv", "2.csv"]
    assert sum(len(read_dataset(table)) for table in tables) == 12


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [("--validation", 1, "must lie between 0 and 1"), ("--folds", 7, "cannot be split into 7 parts")],
)
def test_what_cannot_be_split_is_refused(
    run: Run, data: Path, tmp_path: Path, option: str, value: int, complaint: str
) -> None:
    done = run("dataset", "split", data, "-o", tmp_path / "parts", option, value)
    assert done.code == 2
    assert complaint in done.err
    assert not (tmp_path / "parts").exists()


def test_leaks_end_with_1(run: Run, data: Path, tmp_path: Path) -> None:
    pytest.importorskip("imagehash")
    other = tmp_path / "other"
    PillowImage.fromarray(draw.product(seed=3)).resize((120, 90)).save(save(draw.product(seed=50), other / "a.png"))
    done = run("dataset", "leaks", data.parent / "labels.csv", other)
    assert done.code == 1
    assert "3p.png" in done.out
    save(draw.product(seed=51), other / "a.png")
    assert run("dataset", "leaks", data, other).code == 0


def test_label_errors_from_files_of_detections(run: Run, data: Path, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    lines = [f"{data.parent}/{source}{kind},{p}" for source in range(6) for kind, p in (("f.png", 0.9), ("p.png", 0.1))]
    lines[4] = f"{data.parent}/2f.png,0.02"
    (tmp_path / "found.csv").write_text("path,probability\n" + "\n".join(lines))
    suspects = tmp_path / "wrong.csv"
    done = run("dataset", "label-errors", data, "-p", tmp_path / "found.csv", "-o", suspects)
    assert done.code == 0, done.err
    assert "1 of 12 labels look wrong" in done.err
    with suspects.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (Path(row["path"]).name, row["label"], row["suggested"]) == ("2f.png", "framed", "plain")

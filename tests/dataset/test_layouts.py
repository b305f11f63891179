"""Data sets on disk: three layouts, written and read back, and complaints that name file, row and repair."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.rows import sample, samples, save
from unframe.dataset.layouts import READERS, WRITERS, read_dataset, write_labels
from unframe.dataset.records import Sample
from unframe.errors import DatasetError, MissingExtraError, OutputError

TABLES = sorted(WRITERS)


def test_every_table_that_is_written_is_read() -> None:
    assert set(READERS) == set(WRITERS)


@pytest.mark.parametrize("suffix", TABLES)
@settings(max_examples=25)
@given(st.data())
def test_a_table_is_read_back_as_it_was_written(suffix: str, data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        paths = [save(folder / "shop" / "a.png"), save(folder / 'é ,"b.png'), save(folder / "c.png")]
        written = [data.draw(samples(path)) for path in paths]
        write_labels(written, folder / f"labels{suffix}")
        assert read_dataset(folder) == written
        assert read_dataset(folder / f"labels{suffix}") == written


@pytest.mark.parametrize("suffix", TABLES)
def test_links_and_names_with_blanks_are_read_back_too(tmp_path: Path, suffix: str) -> None:
    for file in ("shop/a.png", " shop/b.png", " c .png"):
        save(tmp_path / "pictures" / file)
    (tmp_path / "pictures" / "d.png").symlink_to("shop/a.png")
    (tmp_path / "pictures" / "e.png").symlink_to(save(tmp_path / "elsewhere.png"))
    written = read_dataset(tmp_path / "pictures")
    assert [each.source for each in written] == ["c", "shop", "d", "e", "shop"]
    write_labels(written, tmp_path / "pictures" / f"labels{suffix}")
    assert read_dataset(tmp_path / "pictures") == written


def test_folders_of_labels_with_sources_inside(tmp_path: Path) -> None:
    for file in ("framed/shop-a/1.png", "clean/shop-a/2.PNG", "plain/shop-b/deep/3.png", "framed/4.png", "clean/4.png"):
        save(tmp_path / file)
    (tmp_path / "clean" / "notes.txt").write_text("no picture")
    save(tmp_path / "clean" / ".thumbnails" / "5.png")
    found = {each.path.relative_to(tmp_path).as_posix(): (each.label, each.source) for each in read_dataset(tmp_path)}
    assert found == {
        "framed/shop-a/1.png": ("framed", "shop-a"),
        "framed/4.png": ("framed", "4"),
        "clean/shop-a/2.PNG": ("plain", "shop-a"),
        "clean/4.png": ("plain", "4"),
        "plain/shop-b/deep/3.png": ("plain", "shop-b"),
    }


def test_photographs_without_a_manifest(tmp_path: Path) -> None:
    save(tmp_path / "shop-a" / "1.png")
    save(tmp_path / "2.png")
    assert read_dataset(tmp_path) == [
        Sample(tmp_path / "2.png", "plain", source="2"),
        Sample(tmp_path / "shop-a" / "1.png", "plain", source="shop-a"),
    ]


def test_photographs_with_a_manifest(tmp_path: Path) -> None:
    save(tmp_path / "x" / "1.png")
    save(tmp_path / "x" / "left-out.png")
    (tmp_path / "manifest.csv").write_text("file,source,licence\nx/1.png,shop/a,CC0\n", encoding="utf-8")
    expected = [Sample(tmp_path / "x" / "1.png", "plain", source="shop/a")]
    assert read_dataset(tmp_path) == expected
    assert read_dataset(tmp_path / "manifest.csv") == expected


def test_a_table_with_a_byte_order_mark_and_other_columns(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    (tmp_path / "labels.csv").write_bytes("\ufeffprice,file,label\n9,1.png,plain\n".encode())
    assert read_dataset(tmp_path) == [sample(str(tmp_path / "1.png"), source="1")]


Spoil = Callable[[Path], object]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (
            lambda at: at.write_text("picture,label\n"),
            "labels.csv has no column file; its header gives: picture, label",
        ),
        (lambda at: at.write_text(""), "has no column file and label; its header gives: none"),
        (lambda at: at.write_text("file,label\n"), "labels.csv holds no picture"),
        (lambda at: at.write_text("file,label\n1.png\n"), "labels.csv row 2 has fewer values than the header"),
        (lambda at: at.write_text("file,label\n1.png,plain,x\n"), "labels.csv row 2 has more values than the header"),
        (
            lambda at: at.write_text('file,label\n"1.png,plain\n'),
            "labels.csv row 2: unexpected end of data; check its q",
        ),
        (lambda at: at.write_bytes(b"file,label\n\xff.png,plain\n"), "labels.csv is not UTF-8 text (byte 11)"),
        (lambda at: at.write_text("file,label\n1.png,plain\n2.png,plain\n"), "labels.csv row 3: there is no file"),
        (lambda at: at.write_text("file,label\n1.png,plain\n1.png,framed\n"), "is also in row 2; keep one of the two"),
        (
            lambda at: at.write_text("file,label\n1.png,nice\n"),
            "labels.csv row 2: label is 'nice'; write one of framed",
        ),
        (lambda at: at.with_suffix(".jsonl").write_text("[1]\n"), "labels.jsonl row 1 is not a JSON object"),
        (lambda at: at.with_suffix(".jsonl").write_text('\n{"file":'), "labels.jsonl row 2 is not JSON"),
        (lambda at: at.with_suffix(".jsonl").write_text('{"file": "1.png"}'), "labels.jsonl row 1: label is empty"),
        (lambda at: at.with_suffix(".parquet").write_text("file"), "labels.parquet is not a Parquet table"),
    ],
)
def test_a_spoilt_table_is_refused_with_file_row_and_repair(tmp_path: Path, spoil: Spoil, complaint: str) -> None:
    save(tmp_path / "1.png")
    spoil(tmp_path / "labels.csv")
    with pytest.raises(DatasetError) as caught:
        read_dataset(tmp_path)
    assert complaint in str(caught.value)


def test_all_rows_are_read_before_the_first_complaint(tmp_path: Path) -> None:
    lines = ["file,label", *(f"{n}.png,nice" for n in range(7))]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    with pytest.raises(DatasetError) as caught:
        read_dataset(tmp_path)
    message = str(caught.value)
    assert [f"row {n}:" in message for n in range(2, 9)] == [True] * 5 + [False] * 2
    assert message.endswith("and 2 more with such a problem")


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda folder: folder / "absent", "is not there; name a table of labels or a folder"),
        (lambda folder: folder, "holds no picture; give a table labels.csv, folders framed/ and clean/"),
        (lambda folder: save(folder / "1.png"), "1.png is not a table that is read; save it as .csv"),
    ],
)
def test_what_is_no_data_set_is_refused(tmp_path: Path, make: Callable[[Path], Path], complaint: str) -> None:
    with pytest.raises(DatasetError, match=complaint):
        read_dataset(make(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems hold no such names")
def test_names_that_are_not_utf_8_are_refused_at_once(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    save(tmp_path / "shop" / "1.png").rename(tmp_path / "shop" / name)
    with pytest.raises(DatasetError, match=r"shop/caf\\udce9.png' of source 'shop': a name is not UTF-8; rename it"):
        read_dataset(tmp_path)
    with pytest.raises(DatasetError, match="is not UTF-8; rename it"):
        write_labels([sample(str(tmp_path / "shop" / name))], tmp_path / "labels.csv")
    (tmp_path / "labels.jsonl").write_text(json.dumps({"file": f"shop/{name}", "label": "plain"}))
    with pytest.raises(DatasetError, match="is not UTF-8; rename it"):
        read_dataset(tmp_path)


def test_two_tables_in_one_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").touch()
    (tmp_path / "labels.jsonl").touch()
    with pytest.raises(DatasetError, match=r"holds labels.csv and labels.jsonl; name the one to read"):
        read_dataset(tmp_path)


def test_a_table_is_not_overwritten_unasked(tmp_path: Path) -> None:
    one, two = (sample(str(save(tmp_path / f"{n}.png"))) for n in (1, 2))
    table = tmp_path / "labels.csv"
    write_labels([one], table)
    with pytest.raises(OutputError):
        write_labels([two], table)
    assert read_dataset(table) == [one]
    write_labels([two], table, overwrite=True)
    assert read_dataset(table) == [two]


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"labels.xlsx has no ending of a table; end it in .csv"):
        write_labels([], tmp_path / "labels.xlsx")


def test_jsonl_holds_numbers_as_numbers(tmp_path: Path) -> None:
    write_labels([sample("a.png", width=3, height=4)], tmp_path / "labels.jsonl")
    row = json.loads((tmp_path / "labels.jsonl").read_text())
    assert (row["width"], row["inner_l"]) == (3, None)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'unframe\[evaluate\]'"):
        write_labels([], tmp_path / "labels.parquet")


@pytest.mark.parametrize(("name", "framed", "plain"), [("natural", 290, 1434), ("photos", 0, 4575)])
def test_the_real_data_sets_are_read_whole(
    shared_data: Callable[[str], Path], name: str, framed: int, plain: int
) -> None:
    labels = [each.label for each in read_dataset(shared_data(name))]
    assert (labels.count("framed"), labels.count("plain"), len(labels)) == (framed, plain, framed + plain)

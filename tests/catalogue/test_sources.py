"""What each kind of source gives: the same items every time, with the columns that it carries."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from datetime import date
from pathlib import Path

import pytest

from tests.catalogue.conftest import pictures
from unframe.catalogue import Column, Item, Part, Shard, item, judge, open_source, parts
from unframe.catalogue.addresses import output_name, shown
from unframe.catalogue.fetch import fetch
from unframe.catalogue.item import Range
from unframe.detector import Detector
from unframe.errors import DecodeError, ScanError
from unframe.settings import Settings


def paths(source: object) -> list[str]:
    return [item.path for item in source]  # type: ignore[attr-defined]


def test_a_folder_gives_its_pictures_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = ["b/2.png", "a.png", "b/10.png", ".hidden/x.png", "b/notes.txt", "out/x.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    source = open_source(str(tmp_path), exclude=[tmp_path / "out"])
    items = list(source)
    assert [item.relative for item in items] == ["a.png", "b/10.png", "b/2.png"]
    assert [item.path for item in items] == [str(tmp_path / name) for name in ("a.png", "b/10.png", "b/2.png")]
    assert list(source) == items
    assert source.count() == 3


def test_parts_and_shards_cover_a_source_once(tmp_path: Path) -> None:
    pictures(tmp_path, 11)
    source = open_source(str(tmp_path))
    whole = list(parts(source, 4))
    assert [(part.number, part.first, len(part.items)) for part in whole] == [(0, 0, 4), (1, 4, 4), (2, 8, 3)]
    shared = [part for number in range(2) for part in parts(source, 4, Shard(number, 2))]
    assert sorted(shared, key=lambda part: part.number) == whole
    assert [item for part in whole for item in part.items] == list(source)
    assert list(parts(source, 4, Shard(1, 2))) == [Part(1, 4, whole[1].items)]


def test_a_part_ends_early_when_its_pictures_take_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = pictures(tmp_path / "in", 7)
    for name, mode in (("packed.tar.gz", "w:gz"), ("plain.tar", "w")):
        with tarfile.open(tmp_path / name, mode) as archive:  # type: ignore[call-overload]
            for path in files:
                archive.add(path, path.name)
    monkeypatch.setattr(item, "HELD", sum(path.stat().st_size for path in files[:3]))
    packed = open_source(str(tmp_path / "packed.tar.gz"))
    whole = list(parts(packed, 100))
    assert len(whole) > 2
    assert [(part.number, part.first) for part in whole][:2] == [(0, 0), (1, 3)]
    assert [one for part in whole for one in part.items] == list(packed)
    assert list(parts(packed, 100)) == whole
    assert [*parts(packed, 100, Shard(0, 2)), *parts(packed, 100, Shard(1, 2))] == [*whole[::2], *whole[1::2]]
    assert [len(part.items) for part in parts(packed, 2)] == [2, 2, 2, 1]
    assert len(list(parts(open_source(str(tmp_path / "plain.tar")), 100))) == 1  # read where they lie


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.png", ["a.png", "b.png"]),
        ("**/*.png", ["a.png", "b.png", "x/c.png", "x/y/d.png"]),
        ("*/*.png", ["x/c.png"]),
        ("x/**/[cd].png", ["x/c.png", "x/y/d.png"]),
        ("[!a].png", ["b.png"]),
        ("x/**", ["x/c.png", "x/y/d.png", "x/y/e.jpg"]),
        ("?.p*g", ["a.png", "b.png"]),
    ],
)
def test_a_glob_gives_what_matches(tmp_path: Path, pattern: str, found: list[str]) -> None:
    for name in ("a.png", "b.png", "x/c.png", "x/y/d.png", "x/y/e.jpg", "a.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    source = open_source(f"{tmp_path}/{pattern}")
    assert paths(source) == [str(tmp_path / name) for name in found]
    assert source.count() == len(found)


def test_a_relative_glob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures(tmp_path / "a", 2)
    monkeypatch.chdir(tmp_path)
    assert paths(open_source("a/*.png")) == ["a/000.png", "a/001.png"]
    assert paths(open_source("**/*1.png")) == ["a/001.png"]


def test_what_is_there_is_no_pattern(tmp_path: Path) -> None:
    [path] = pictures(tmp_path / "old [1]", 1)
    assert paths(open_source(str(path.parent))) == [str(path)]
    picture = path.rename(tmp_path / "photo[1].png")
    assert paths(open_source(str(picture))) == [str(picture)]
    table = tmp_path / "list [2].csv"
    table.write_text("path\na.png\n")
    assert paths(open_source(str(table))) == ["a.png"]
    archive = tmp_path / "shard-{0..1} [3].tar"
    with tarfile.open(archive, "w") as file:
        file.add(picture, "a.png")
    assert paths(open_source(str(archive))) == [f"{archive}/a.png"]


@pytest.mark.parametrize("pattern", ["file://{}/*.png", "{}/./*.png", "{}//*.png", "{}/./**/*.png"])
def test_a_glob_may_be_written_in_several_ways(tmp_path: Path, pattern: str) -> None:
    files = pictures(tmp_path, 2)
    assert paths(open_source(pattern.format(tmp_path))) == [str(path) for path in files]


@pytest.mark.parametrize("pattern", ["*.jpg", "*/", "gone/*.png", "[!0]*.tar", "000[.]png"])
def test_a_glob_that_matches_nothing_is_refused(tmp_path: Path, pattern: str) -> None:
    pictures(tmp_path, 2)
    (tmp_path / "000.png").rename(tmp_path / "x.png")
    with pytest.raises(ScanError, match="nothing matches"):
        open_source(f"{tmp_path}/{pattern}")


def test_a_single_picture_and_none(tmp_path: Path) -> None:
    [path] = pictures(tmp_path, 1)
    assert paths(open_source(str(path))) == [str(path)]
    with pytest.raises(ScanError, match="there is no"):
        open_source(str(tmp_path / "missing"))


@pytest.mark.parametrize("suffix", ["tar", "tar.gz"])
def test_a_tar_gives_its_pictures_as_webdataset_names_them(tmp_path: Path, suffix: str, detector: Detector) -> None:
    files = pictures(tmp_path / "in", 4)
    address = tmp_path / f"shard.{suffix}"
    with tarfile.open(address, "w:gz" if suffix.endswith("gz") else "w") as archive:
        for number, path in enumerate(files):
            archive.add(path, f"./sub/{number}.main.png")
            note = json.dumps({"number": number}).encode()
            member = tarfile.TarInfo(f"./sub/{number}.json")
            member.size = len(note)
            archive.addfile(member, io.BytesIO(note))
    source = open_source(str(address))
    items = list(source)
    assert [fetch(item, Settings()) for item in items] == [path.read_bytes() for path in files]
    assert [item.columns for item in items] == [
        {"archive": str(address), "key": f"sub/{number}"} for number in range(4)
    ]
    assert items[0].path == f"{address}/./sub/0.main.png"
    assert isinstance(items[0].place, Range if suffix == "tar" else bytes)
    assert [record["verdict"] for record in judge(items, detector)] == ["framed", "review", "clean", "framed"]


def test_several_tars_by_number_or_glob_and_one_that_is_torn(tmp_path: Path, detector: Detector) -> None:
    for name in ("00", "01"):
        with tarfile.open(tmp_path / f"shard-{name}.tar", "w") as archive:
            for path in pictures(tmp_path / name, 2):
                archive.add(path, path.name)
    torn = tmp_path / "shard-00.tar"
    torn.write_bytes(torn.read_bytes()[:700])
    for pattern in ("shard-{00..01}.tar", "shard-*.tar"):
        records = list(judge(open_source(f"{tmp_path}/{pattern}"), detector))
        assert [record["status"] for record in records] == ["error", "ok", "ok"]
        assert str(torn) in records[0]["message"]


@pytest.mark.parametrize("suffix", ["tar", "tar.gz"])
def test_hidden_members_of_a_tar_are_passed_by(tmp_path: Path, suffix: str) -> None:
    [path] = pictures(tmp_path, 1)
    address = tmp_path / f"mac.{suffix}"
    with tarfile.open(address, "w:gz" if suffix.endswith("gz") else "w") as archive:
        for name in ("p/._b.png", "p/b.png", "p/.png"):  # macOS puts what it knows of b.png beside it
            archive.add(path, name)
    assert paths(open_source(str(address))) == [f"{address}/p/b.png"]


def test_a_member_over_the_limit_is_not_read(tmp_path: Path) -> None:
    [path] = pictures(tmp_path, 1)
    for name, mode in (("a.tar", "w"), ("a.tar.gz", "w:gz")):
        with tarfile.open(tmp_path / name, mode) as archive:  # type: ignore[call-overload]
            archive.add(path, "a.png")
        [item] = open_source(str(tmp_path / name), limit=100)
        assert not isinstance(item.place, bytes) or len(item.place) == 101
        with pytest.raises(DecodeError, match="the limit is 100") as caught:
            fetch(item, Settings(max_bytes=100))
        assert caught.value.code == "too-large"


def test_csv_carries_its_columns_and_paths_begin_at_its_folder(tmp_path: Path, detector: Detector) -> None:
    files = pictures(tmp_path / "a", 2)
    table = tmp_path / "list.csv"
    table.write_text(f'\ufeffseller;image;note\r\nx;a/000.png;"two\nlines"\r\ny;{files[1]};\r\nz;;gone\r\n')
    source = open_source(str(table))
    assert source.columns == (Column("seller"), Column("note"))
    assert source.count() == 3
    records = list(judge(source, detector))
    assert [record["path"] for record in records] == ["a/000.png", str(files[1]), ""]
    assert [record["seller"] for record in records] == ["x", "y", "z"]
    assert [record["note"] for record in records] == ["two\nlines", "", "gone"]
    assert [record.get("verdict") for record in records] == ["framed", "review", None]
    assert records[2]["error"] == "unreadable"
    assert "row 3" in records[2]["message"]


def test_columns_can_be_chosen(tmp_path: Path) -> None:
    table = tmp_path / "list.tsv"
    table.write_text("seller\tpicture\tnote\nx\ta.png\tn\n")
    with pytest.raises(ScanError, match="--column"):
        open_source(str(table))
    [item] = open_source(str(table), column="picture", base="/elsewhere", keep=["note"])
    assert item == Item("a.png", item.place, {"note": "n"})
    assert item.place[0] == "/elsewhere/a.png"
    with pytest.raises(ScanError, match="no column 'x'"):
        open_source(str(table), column="picture", keep=["x"])


def test_a_column_of_ours_is_renamed(tmp_path: Path, detector: Detector) -> None:
    [path] = pictures(tmp_path, 1)
    table = tmp_path / "list.csv"
    table.write_text(f"path,verdict\n{path},mine\n")
    [record] = judge(open_source(str(table)), detector)
    assert (record["verdict"], record["source_verdict"]) == ("framed", "mine")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,a\n1,2\n", "two columns 'a'"),
        ('path\n"a\n', "mend the quotes"),
        ("path\na\xff\n", "is not UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    table = tmp_path / "list.csv"
    table.write_bytes(text.encode("latin-1") + b"x" * (1_100_000 if "mend" in message else 0))
    with pytest.raises(ScanError, match=message):
        list(open_source(str(table), column="path"))


def test_jsonl_keeps_types_where_a_key_has_one(tmp_path: Path) -> None:
    rows = [
        {"path": "a.png", "n": 1, "x": 1, "flag": True, "any": "t", "deep": {"k": [1]}, "none": None},
        {"path": "b.png", "n": 2, "x": 0.5, "flag": None, "any": 3, "late": "yes"},
    ]
    file = tmp_path / "list.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    source = open_source(str(file))
    kinds = dict(source.columns)
    assert kinds == {
        "n": "integer", "x": "number", "flag": "flag", "any": "text", "deep": "text", "none": "text", "late": "text",
    }  # fmt: skip
    first, second = (item.columns for item in source)
    assert first == {"n": 1, "x": 1.0, "flag": True, "any": "t", "deep": '{"k": [1]}', "none": None, "late": None}
    assert second == {"n": 2, "x": 0.5, "flag": None, "any": "3", "deep": None, "none": None, "late": "yes"}
    assert source.count() == 2


@pytest.mark.parametrize("line", ["{", "[1]"])
def test_jsonl_that_cannot_be_read(tmp_path: Path, line: str) -> None:
    file = tmp_path / "list.jsonl"
    file.write_text(f'{{"path": "a"}}\n{line}\n')
    with pytest.raises(ScanError, match="line 2"):
        open_source(str(file))


def test_parquet_keeps_types(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pa.table({"image": ["a.png", None], "id": [1, 2], "day": [date(2026, 1, 2), None], "ok": [True, False]})
    (tmp_path / "list.parquet").mkdir()
    parquet.write_table(table.slice(0, 1), tmp_path / "list.parquet" / "0.parquet")
    parquet.write_table(table.slice(1, 1), tmp_path / "list.parquet" / "1.parquet")
    source = open_source(str(tmp_path / "list.parquet"))
    assert source.columns == (Column("id", "integer"), Column("day"), Column("ok", "flag"))
    first, second = source
    assert (first.path, first.columns) == ("a.png", {"id": 1, "day": "2026-01-02", "ok": True})
    assert (second.path, second.trouble) == ("", f"row 2 of {tmp_path / 'list.parquet'} names no picture")
    assert source.count() == 2
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    with pytest.raises(ScanError, match="no Parquet"):
        open_source(str(tmp_path / "bad.parquet"))


def test_plain_text_has_a_path_on_each_line(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a.png\n\n  b c.png \n")
    source = open_source(str(tmp_path / "list.txt"))
    assert paths(source) == ["a.png", "b c.png"]
    assert source.columns == ()


def test_output_names_are_plain_inside_and_distinct() -> None:
    addresses = [
        "https://user:secret@host.example/a/b.jpg?v=1",
        "https://user:secret@host.example/a/b.jpg?v=2",
        "https://host.example/a/B.jpg",
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\evil.png",
        "https://host.example/%2e%2e/%2e%2e/x.png",
        "https://host.example/",
        "s3://bucket/" + "n" * 400 + ".jpg",
        "a/./../b.png",
        ".hidden",
        "ünïcode/ß.png",
        "aux\0.png",
    ]
    names = [output_name(address) for address in addresses]
    assert len({str(name).lower() for name in names}) == len(addresses)
    for name in names:
        assert not name.is_absolute()
        assert not {"..", ""} & set(name.parts)
        assert not any(part.startswith(".") for part in name.parts)
        assert all(len(part.encode()) < 200 for part in name.parts)
        assert "secret" not in str(name)
    assert names[0].as_posix().startswith("host.example/a/b.")
    assert names[0].suffix == ".jpg"


def test_addresses_are_shown_without_credentials() -> None:
    assert shown("https://me:pw@host/a.jpg?X-Amz-Signature=abc#f") == "https://host/a.jpg?…"
    assert shown("s3://bucket/key?versionId=1") == "s3://bucket/key?…"
    assert shown("http://[torn/x?sig=1") == "http://…"
    assert shown("photos/a?b.jpg") == "photos/a?b.jpg"


def test_a_list_that_a_spreadsheet_made(tmp_path: Path) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["id", "Image URL", "path"], ["1", "x", "a, b.png"]])
    (tmp_path / "l.csv").write_text(stream.getvalue())
    assert paths(open_source(str(tmp_path / "l.csv"))) == ["a, b.png"]

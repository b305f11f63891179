"""Files of records, journals, and every way to find results that are there already."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import fakes
from tests.catalogue.conftest import picture, pictures
from unframe.catalogue import Work, judge, local, open_source, results, sinks, work
from unframe.catalogue.item import WHOLE, Column, Shard, parts
from unframe.catalogue.journal import Journal
from unframe.catalogue.plan import Plan
from unframe.catalogue.records import Record, columns
from unframe.catalogue.sinks import Format
from unframe.detector import Detector
from unframe.errors import OutputError, ScanError
from unframe.settings import Settings

SIZE = 4


def scan(
    source: str, output: Path, detector: Detector, format: Format = "jsonl", shard: Shard = WHOLE, **how: Any
) -> list[Record]:
    """Scan, and give what was judged now."""
    found = open_source(source)
    judged: list[Record] = []
    plan = Plan.of(found, detector, Work(), SIZE)
    with results.begin(output, format, plan, shard=shard, **how) as there:
        done = there is None or local.scan(found, there, detector, watch=local.Watch(judged.append))
    if done:
        results.publish(output, format)
    return judged


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    pictures(tmp_path / "in", 11)
    return tmp_path / "in"


@pytest.mark.parametrize("format", sinks.FORMATS)
def test_records_come_back_as_they_were(tmp_path: Path, shop: Path, detector: Detector, format: Format) -> None:
    (shop / "005.png").write_bytes(b"no picture")
    os.rename(shop / "006.png", os.fsencode(shop) + b"/00\xff.png")  # noqa: PTH104 (a name that is not UTF-8)
    source = open_source(str(shop))
    records = [record | {"n": 1, "x": 0.5, "f": True, "t": "ü,\n", "r": "a\rb"} for record in judge(source, detector)]
    extra = (Column("n", "integer"), Column("x", "number"), Column("f", "flag"), Column("t"), Column("r"))
    every = columns(extra)
    path = tmp_path / f"a.{format}"
    sinks.write(path, format, every, records)
    found = list(sinks.read(path, format, every))
    for record, back in zip(records, found, strict=True):
        assert list(back) == [each.name for each in every] or format == "jsonl"
        for name in back:
            value = record.get(name)
            value = sinks.printable(value) if isinstance(value, str) and format != "jsonl" else value
            assert back[name] == value or not (back[name] or value), name
    assert sinks.paths(path, format, every) == [sinks.printable(record["path"]) for record in records]
    again = tmp_path / f"b.{format}"
    sinks.write(again, format, every, iter(records))
    assert again.read_bytes() == path.read_bytes()


def test_a_file_of_results_and_a_folder_of_parts(tmp_path: Path, shop: Path, detector: Detector) -> None:
    assert len(scan(str(shop), tmp_path / "out.csv", detector, "csv")) == 11
    assert not (tmp_path / "out.csv.parts").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["in", "out.csv"] or sorted(
        path.name for path in tmp_path.iterdir()
    ) == ["in", "out.csv"]
    assert scan(str(shop), tmp_path / "out", detector)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "_done-1-of-1.json", "_scan.json", "part-000000.jsonl", "part-000001.jsonl", "part-000002.jsonl",
    ]  # fmt: skip
    single, several = list(results.read(tmp_path / "out.csv")), list(results.read(tmp_path / "out"))
    assert [record["path"] for record in single] == [record["path"] for record in several]
    assert [record["inner"] for record in single] == [record["inner"] for record in several]
    assert [record["path"] for record in several] == [item.path for item in open_source(str(shop))]


def test_parts_whose_header_spans_lines_make_one_file(tmp_path: Path, shop: Path, detector: Detector) -> None:
    table = tmp_path / "list.csv"
    table.write_text('path,"of ""whom""\nor\nwhat"\n' + "".join(f"in/{n:03}.png,{n}\n" for n in range(11)))
    scan(str(table), tmp_path / "out.csv", detector, "csv")
    assert [record['of "whom"\nor\nwhat'] for record in results.read(tmp_path / "out.csv")] == [*map(str, range(11))]


FOREIGN = {
    "torn.jsonl": '{"path": "a.png", "status": "ok", "verdict": "clean"}\n{"path": "b.p',
    "array.jsonl": "[1]\n",
    "latin.jsonl": '{"path": "\xff", "status": "ok"}\n',
    "mine.jsonl": '{"path": "a.png", "seller": "ann"}\n',
    "fine.jsonl": '{"path": "a.png", "status": "ok"}\n',
    "states.jsonl": '{"path": "a.png", "status": "for sale"}\n',
    "mine.csv": "path,seller\na.png,ann\n",
    "header.csv": "path,seller\n",
    "states.csv": "path,status,verdict\na.png,for sale\n",
    "latin.csv": "path,status,verdict\n\xff,ok\n",
    "number.csv": "path,status,verdict,width\na.png,ok,clean,wide\n",
    "box.csv": "path,status,verdict,inner\na.png,ok,clean,1 2 x 4\n",
    "short.csv": "path,status,verdict,sides\na.png,ok,clean\n",
    "long.csv": "path,status,verdict\na.png,ok,clean,more\n",
    "quote.csv": 'path,status,verdict\na.png,"' + "x" * 1_100_000,
}
"""Files that are no results of a scan, or damaged ones."""


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_result_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FOREIGN[name].encode("latin-1"))
    with pytest.raises(ScanError, match=re.escape(str(path))):
        list(results.read(path))


@pytest.mark.parametrize("name", ["mine.jsonl", "array.jsonl", "fine.jsonl", "mine.csv", "header.csv", "latin.csv"])
@pytest.mark.parametrize("how", ["begin", "resume", "overwrite"])
def test_a_file_of_other_things_is_left_alone(
    tmp_path: Path, shop: Path, detector: Detector, name: str, how: str
) -> None:
    path = tmp_path / name
    path.write_bytes(before := FOREIGN[name].encode("latin-1"))
    options: dict[str, Any] = {} if how == "begin" else {how: True}
    with pytest.raises(OutputError, match="no result of a scan; choose another output"):
        scan(str(shop), path, detector, sinks.format_of(path), **options)
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["in", name])


@pytest.mark.parametrize("name", ["out", "out.jsonl"])
def test_what_happens_when_there_are_results_already(tmp_path: Path, shop: Path, detector: Detector, name: str) -> None:
    output = tmp_path / name
    scan(str(shop), output, detector)
    before = list(results.read(output))
    with pytest.raises((ScanError, OutputError), match="--overwrite"):
        scan(str(shop), output, detector)
    assert scan(str(shop), output, detector, resume=True) == []
    assert list(results.read(output)) == before
    picture(shop / "zzz.png", 0)
    assert len(scan(str(shop), output, detector, overwrite=True)) == 12
    assert len(list(results.read(output))) == 12


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path, shop: Path, detector: Detector) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.doc").touch()
    for overwrite, resume in ((False, False), (True, False), (False, True)):
        with pytest.raises(OutputError, match=r"holds thesis\.doc"):
            scan(str(shop), tmp_path / "out", detector, overwrite=overwrite, resume=resume)
    assert (tmp_path / "out" / "thesis.doc").exists()
    with pytest.raises(OutputError, match="is a file"):
        scan(str(shop), shop / "000.png", detector, resume=True)


def interrupted(
    source: str, output: Path, detector: Detector, after: int, monkeypatch: pytest.MonkeyPatch, **how: Any
) -> None:
    """A scan that ends as by Ctrl+C after so many pictures."""
    one = work.judge_one
    judged: list[object] = []

    def stop(*arguments: object) -> Record:
        if len(judged) == after:
            raise KeyboardInterrupt
        judged.append(None)
        return one(*arguments)  # type: ignore[arg-type]

    single = Detector(detector._images, Settings(jobs=1))
    with monkeypatch.context() as patch:
        patch.setattr(local, "judge_one", stop)
        with pytest.raises(KeyboardInterrupt):
            scan(source, output, single, **how)


@pytest.mark.parametrize("after", [0, 3, 4, 6, 10])
def test_an_interrupted_scan_can_be_read_and_goes_on(
    tmp_path: Path, shop: Path, detector: Detector, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(str(shop), tmp_path / "whole.jsonl", detector)
    output = tmp_path / "halted.jsonl"
    interrupted(str(shop), output, detector, after, monkeypatch)
    assert not output.exists()
    partial = list(results.read(output))
    assert [record["path"] for record in partial] == [item.path for item in open_source(str(shop))][:after]
    with pytest.raises(ScanError, match="--resume"):
        scan(str(shop), output, detector)
    assert len(scan(str(shop), output, detector, resume=True)) == 11 - after
    assert output.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_source_that_has_changed_is_found_out(
    tmp_path: Path, shop: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    for after in (2, 6):
        output = tmp_path / f"{after}.jsonl"
        interrupted(str(shop), output, detector, after, monkeypatch)
        picture(shop / "000-new.png", 1)
        with pytest.raises(ScanError, match="has changed"):
            scan(str(shop), output, detector, resume=True)
        (shop / "000-new.png").unlink()
        assert scan(str(shop), output, detector, resume=True)


class Retrained(fakes.FakeDetector):
    """Other weights under the same name."""

    digest = "5eed"


def test_a_scan_goes_on_only_as_it_was_begun(
    tmp_path: Path, shop: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    interrupted(str(shop), output, detector, 2, monkeypatch)
    with pytest.raises(ScanError, match="weights , and now it is 5eed"):
        scan(str(shop), output, Detector(Retrained(), detector.settings), resume=True)
    with pytest.raises(ScanError, match="max_pixels 50000000, and now it is 99"):
        scan(str(shop), output, Detector(detector._images, Settings(max_pixels=99)), resume=True)
    with pytest.raises(ScanError, match="format jsonl, and now it is csv"):
        scan(str(shop), output, detector, "csv", resume=True)
    with pytest.raises(ScanError, match="source"):
        scan(str(tmp_path), output, detector, resume=True)
    (output / "_scan.json").write_text("{")
    with pytest.raises(ScanError, match="--overwrite"):
        scan(str(shop), output, detector, resume=True)
    assert len(scan(str(shop), output, detector, overwrite=True)) == 11


def test_what_relative_paths_begin_at_belongs_to_the_scan(tmp_path: Path, detector: Detector) -> None:
    source = open_source(str(tmp_path))

    def begin(base: str | None) -> None:
        plan = Plan.of(source, detector, Work(), SIZE, base)
        with results.begin(tmp_path / "out", "jsonl", plan, resume=True):
            pass

    begin("s3://me:pw@bucket/one")
    begin("s3://bucket/one")
    for base, called in (("two", str(Path.cwd() / "two")), (None, "None")):
        with pytest.raises(ScanError, match=f"with base s3://bucket/one, and now it is {re.escape(called)}"):
            begin(base)


def test_a_torn_line_and_a_torn_file_are_done_again(
    tmp_path: Path, shop: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(str(shop), tmp_path / "whole.jsonl", detector)
    output = tmp_path / "out.jsonl"
    interrupted(str(shop), output, detector, 6, monkeypatch)
    folder = results.folder_of(output)
    with (folder / "_journal-000001.jsonl").open("ab") as journal:
        journal.write(b'{"position": 2, "rec')
    (folder / ".unframe-0123.part").write_bytes(b"half")
    assert len(list(results.read(output))) == 6
    assert len(scan(str(shop), output, detector, resume=True)) == 5
    assert output.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def steps(shop: Path, detector: Detector, output: Path) -> Iterator[str]:
    """A finished scan, put back to each state in which a kill could have left its last moments."""
    folder = results.folder_of(output)
    finished = output.read_bytes()
    plan = Plan.of(open_source(str(shop)), detector, Work(), SIZE)
    records = list(results.read(output))
    every = list(parts(open_source(str(shop)), SIZE))

    def rebuild(upto: int) -> None:
        output.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "_scan.json").write_text(json.dumps({"format": "jsonl", "machines": 1, **plan.as_json()}))
        for part in every[:upto]:
            chunk = records[part.first : part.first + len(part.items)]
            sinks.write(results.part_path(folder, part.number, "jsonl"), "jsonl", plan.columns, map(lean, chunk))

    def journal(number: int) -> None:
        part = every[number]
        kept = Journal(folder / f"_journal-{number:06}.jsonl", part, lambda _: None)
        kept._open = 99
        for position, record in enumerate(records[part.first : part.first + len(part.items)]):
            kept.add(position, lean(record))
        kept.close()

    rebuild(2)
    journal(2)
    yield "the journal is full and its part not written"
    rebuild(3)
    journal(2)
    yield "the part is written and its journal not removed"
    rebuild(3)
    yield "all parts are written and the scan is not noted as done"
    rebuild(3)
    (folder / "_done-1-of-1.json").write_text("{}")
    yield "the scan is done and not published"
    rebuild(3)
    (folder / "_done-1-of-1.json").write_text("{}")
    output.write_bytes(finished)
    yield "the scan is published and its parts not removed"
    rebuild(2)
    hidden = output.with_name(f".{output.name}.parts")
    folder.rename(hidden)
    output.write_bytes(finished)
    yield "some of the parts are removed"
    assert not hidden.exists()


def lean(record: Record) -> Record:
    """The record as JSON lines have it."""
    absent = {"error", "message"}
    if record["status"] == "error":
        absent = set(record) - absent - {"path", "status"}
    return {name: value for name, value in record.items() if name not in absent}


def test_a_kill_between_any_two_steps_of_the_end(tmp_path: Path, shop: Path, detector: Detector) -> None:
    output = tmp_path / "out.jsonl"
    scan(str(shop), output, detector)
    finished = output.read_bytes()
    count = 0
    for state in steps(shop, detector, output):
        assert scan(str(shop), output, detector, resume=True) == [], state
        assert output.read_bytes() == finished, state
        assert not results.folder_of(output).exists(), state
        count += 1
    assert count == 6


def test_an_old_file_stays_until_the_new_one_is_whole(
    tmp_path: Path, shop: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.jsonl"
    scan(str(shop), output, detector)
    old = output.read_bytes()
    picture(shop / "zzz.png", 0)
    interrupted(str(shop), output, detector, 5, monkeypatch, overwrite=True)
    assert output.read_bytes() == old
    assert len(scan(str(shop), output, detector, resume=True)) == 7
    assert len(output.read_bytes().splitlines()) == 12


def test_two_processes_do_not_write_the_same_share(tmp_path: Path, shop: Path, detector: Detector) -> None:
    pytest.importorskip("fcntl")
    source = open_source(str(shop))
    plan = Plan.of(source, detector, Work(), SIZE)
    with results.begin(tmp_path / "out", "jsonl", plan, shard=Shard(0, 2)):
        with pytest.raises(ScanError, match="another process"):
            scan(str(shop), tmp_path / "out", detector, shard=Shard(0, 2))
        assert len(scan(str(shop), tmp_path / "out", detector, shard=Shard(1, 2))) == 4
    assert len(scan(str(shop), tmp_path / "out", detector, shard=Shard(0, 2))) == 7
    assert not list((tmp_path / "out").glob("_lock*"))
    assert results.is_done(tmp_path / "out", 2)
    with pytest.raises(ScanError, match="machines 2, and now it is 3"):
        scan(str(shop), tmp_path / "out", detector, shard=Shard(0, 3))
    scan(str(shop), tmp_path / "whole", detector)
    for path in (tmp_path / "whole").glob("part-*"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


def test_a_full_disk_ends_the_scan_and_loses_nothing(
    tmp_path: Path, shop: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(str(shop), tmp_path / "whole.jsonl", detector)
    output = tmp_path / "out.jsonl"
    from unframe.catalogue import journal

    written: list[bytes] = []

    def fill(file: Any, data: bytes) -> None:
        if len(written) == 5:
            file.write(data[:10])
            raise OSError(28, "No space left on device")
        written.append(data)
        file.write(data)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "_write_all", fill)
        with pytest.raises(OutputError, match="No space left") as caught:
            scan(str(shop), output, detector)
    assert caught.value.code == "unwritable"
    scan(str(shop), output, detector, resume=True)
    assert output.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path: Path, shop: Path, detector: Detector) -> None:
    with pytest.raises(OutputError, match="Not a directory"):
        scan(str(shop), shop / "000.png" / "deeper" / "out", detector)
    if os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        scan(str(shop), tmp_path / "locked" / "out", detector)


def test_an_empty_source_has_empty_results(tmp_path: Path, detector: Detector) -> None:
    (tmp_path / "in").mkdir()
    assert scan(str(tmp_path / "in"), tmp_path / "out.csv", detector, "csv") == []
    assert list(results.read(tmp_path / "out.csv")) == []
    assert scan(str(tmp_path / "in"), tmp_path / "out.csv", detector, "csv", overwrite=True) == []
    with pytest.raises(ScanError, match="no results"):
        list(results.read(tmp_path / "missing.csv"))

"""`unframe scan`: results, summary, compliance, feeds again, exit codes."""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PillowImage

from tests import draw, fakes
from tests.catalogue.conftest import broken, picture, pictures
from tests.cli.conftest import Run
from unframe.catalogue import results
from unframe.catalogue.compliance import STANDINGS, standing
from unframe.catalogue.summary import MOST_GROUPS, OTHERS, Summary
from unframe.cli import scan_progress
from unframe.cli.scan_progress import Progress, duration, watched
from unframe.errors import SettingsError
from unframe.removal.profiles import PROFILES, Profile


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two sellers' folders: 4 framed (0, 3, 6, 9), 2 doubtful (1, 7), 4 clean."""
    for seed in range(10):
        picture(tmp_path / "shop" / ("ann" if seed < 6 else "bob") / f"{seed}.png", seed)
    return tmp_path / "shop"


def test_a_folder(run: Run, shop: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    done = run("scan", shop, "-o", tmp_path / "r.parquet", "--part-size", 4)
    assert done.code == 0
    records = list(results.read(tmp_path / "r.parquet"))
    assert [record["verdict"] for record in records].count("framed") == 4
    assert "10 pictures; 10 judged in" in done.out
    lines = [line.split() for line in done.out.splitlines()]
    assert ["framed", "4", "40.0%"] in lines
    assert ["review", "2", "20.0%"] in lines
    assert ["ann", "6", "2", "1", "3", "0"] in lines
    assert ["bob", "4", "2", "1", "1", "0"] in lines
    assert ["marketplace", "ebay", "google", "amazon", "walmart"] in lines
    assert "\x1b" not in done.out

    from pyarrow import dataset

    assert dataset.dataset(tmp_path / "r.parquet").count_rows() == 10  # what other readers see


def test_the_summary_as_json(run: Run, shop: Path, tmp_path: Path) -> None:
    broken(shop / "bob" / "8.png")
    done = run("scan", shop, "-o", tmp_path / "r.csv", "--json", "--profile", "ebay")
    assert done.code == 2
    said = json.loads(done.out)
    assert said["pictures"] == 10
    assert said["verdicts"]["framed"] == {"pictures": 4, "share": 0.4}
    assert said["errors"] == {"truncated": {"pictures": 1, "share": 0.1}}
    assert said["kinds"] == {"border": {"pictures": 6, "share": 0.6}}
    assert said["sources"]["bob"] == {"framed": 2, "review": 1, "error": 1}
    assert said["marketplaces"] == {"ebay": {"too-small": 9, "unreadable": 1}}
    assert said["run"]["judged"] == 10
    assert said["run"]["pictures_per_second"] > 0
    assert str(shop / "bob" / "8.png") in done.err


@pytest.mark.parametrize(
    ("fail_on", "code"), [(None, 0), ("framed", 1), ("review", 1)], ids=["nothing", "framed", "review"]
)
def test_exit_codes(run: Run, shop: Path, tmp_path: Path, fail_on: str | None, code: int) -> None:
    options = ["--fail-on", fail_on] if fail_on else []
    assert run("scan", shop, "-o", tmp_path / "r.csv", *options).code == code
    clean = tmp_path / "clean"
    picture(clean / "2.png", 2)
    assert run("scan", clean, "-o", tmp_path / "c.csv", *options).code == 0
    assert run("scan", shop, "-o", tmp_path / "r.csv").code == 2  # there already
    assert run("scan", shop, "-o", tmp_path / "r.csv", "--resume", *options).code == code
    assert "nothing is left to judge" in run("scan", shop, "-o", tmp_path / "r.csv", "--resume").err


def test_frames_are_taken_off_while_scanning(run: Run, shop: Path, tmp_path: Path) -> None:
    cleaned = shop / "cleaned"  # within the source: not scanned in its turn
    done = run("scan", shop, "-o", tmp_path / "r.jsonl", "--remove", cleaned)
    assert done.code == 0
    records = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    changed = {record["path"]: record for record in records if record["action"] == "crop"}
    assert sorted(changed) == [str(shop / name) for name in ("ann/0.png", "ann/3.png", "bob/6.png", "bob/9.png")]
    for path, record in changed.items():
        assert record["output"] == str(cleaned / Path(path).relative_to(shop))
        with PillowImage.open(record["output"]) as after:
            assert after.size == (64 - 12, 48 - 12) == (record["output_width"], record["output_height"])
    assert [record["reason"] for record in records if record["verdict"] == "review"] == ["review"] * 2
    assert len(list(cleaned.rglob("*.png"))) == 4
    again = run("scan", shop, "-o", tmp_path / "again.jsonl", "--remove", cleaned)
    assert again.code == 0
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "r.jsonl").read_bytes()


def test_a_picture_that_was_cleaned_before_is_kept_and_the_way_out_said(run: Run, shop: Path, tmp_path: Path) -> None:
    cleaned = tmp_path / "cleaned"
    scan = ("scan", shop, "-o", tmp_path / "r.jsonl", "--remove", cleaned)
    assert run(*scan).code == 0
    before = (cleaned / "ann" / "0.png").read_bytes()
    picture(shop / "ann" / "0.png", 3)
    again = run(*scan, "--overwrite")
    assert again.code == 2
    assert (cleaned / "ann" / "0.png").read_bytes() == before
    message = f"{cleaned / 'ann' / '0.png'} is already there, and is another picture; delete it, or name another folder"
    assert message in again.err
    assert "pass --overwrite" not in again.err


def test_a_feed_comes_back_clean(run: Run, tmp_path: Path) -> None:
    pictures(tmp_path, 4)
    text = "id\timage link\tadditional image link\nA\t000.png\t001.png,002.png\nB\t003.png\t\nC\t000.png\tgone.png\n"
    (tmp_path / "feed.tsv").write_text(text)
    out = tmp_path / "new.tsv"
    done = run(
        "scan", tmp_path / "feed.tsv", "-o", tmp_path / "r.csv", "--remove", tmp_path / "cleaned",
        "--feed-out", out, "--public", "https://cdn.example/c", "--json",
    )  # fmt: skip
    assert done.code == 2
    rows = list(csv.DictReader(out.read_text().splitlines(), delimiter="\t"))
    assert [row["id"] for row in rows] == ["A", "B", "C"]
    assert rows[0]["additional image link"] == "001.png,002.png"
    assert rows[2]["additional image link"] == "gone.png"
    assert rows[0]["image link"] == rows[2]["image link"] != rows[1]["image link"]
    for row in rows:
        assert row["image link"].startswith("https://cdn.example/c/")
        assert (tmp_path / "cleaned" / row["image link"].removeprefix("https://cdn.example/c/")).exists()
    assert "3 new addresses" in done.err
    same = run("scan", tmp_path / "feed.tsv", "-o", tmp_path / "s.csv", "--remove", tmp_path / "c", "--overwrite",
               "--feed-out", tmp_path / "feed.tsv")  # fmt: skip
    assert same.code == 2
    assert "is what is scanned" in same.err
    assert (tmp_path / "feed.tsv").read_text() == text
    records = list(results.read(tmp_path / "r.csv"))
    assert [record["id"] for record in records] == ["A", "A", "A", "B", "C", "C"]


def test_a_scan_goes_on_only_with_the_base_it_was_begun_with(run: Run, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        pictures(tmp_path / folder, 2)
    (tmp_path / "list.txt").write_text("000.png\n001.png\n")
    scan = ("scan", tmp_path / "list.txt", "-o", tmp_path / "r", "--format", "jsonl", "--resume")
    assert run(*scan, "--base", tmp_path / "a").code == 0
    again = run(*scan, "--base", tmp_path / "b")
    assert again.code == 2
    assert f"was scanned with base {tmp_path / 'a'}, and now it is {tmp_path / 'b'}" in again.err


@pytest.mark.parametrize("how", ["--overwrite", "--resume"])
def test_the_list_that_is_scanned_is_never_replaced(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    [path] = pictures(tmp_path, 1)
    mine = tmp_path / "mine.csv"
    mine.write_text(before := f"path,status\n{path},ok\n")
    (tmp_path / "link.csv").symlink_to(mine)
    monkeypatch.chdir(tmp_path)
    for source in (mine, "mine.csv", f"file://{mine}", "link.csv"):
        for options in (["-o", "mine.csv"], ["-o", "link.csv"], ["-o", "r.csv", "--compliance", mine]):
            done = run("scan", source, *options, how)
            assert done.code == 2
            assert "is what is scanned; choose another output" in done.err
    assert mine.read_text() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["000.png", "link.csv", "mine.csv"]


def test_results_and_reports_need_files_of_their_own(run: Run, tmp_path: Path) -> None:
    pictures(tmp_path / "shop", 1)
    done = run("scan", tmp_path / "shop", "-o", tmp_path / "r.csv", "--compliance", tmp_path / "r.csv")
    assert done.code == 2
    assert "r.csv would be written twice" in done.err
    assert not (tmp_path / "r.csv").exists()


def test_a_pattern_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    pictures(tmp_path / "shop", 1)
    done = run("scan", f"{tmp_path}/shop/[z-a]*.png", "-o", tmp_path / "r.csv")
    assert done.code == 2
    assert "is no glob: bad character range z-a" in done.err
    assert not (tmp_path / "r.csv").exists()


def test_compliance_names_each_picture_that_goes_against_a_rule(run: Run, tmp_path: Path) -> None:
    sizes = {"large": (540, 500), "cut": (520, 400), "small": (400, 300)}
    for name, (width, height) in sizes.items():
        image = draw.bordered(draw.product(width, height), 12, fakes.FRAME_COLOUR)[0]
        (tmp_path / "in").mkdir(exist_ok=True)
        PillowImage.fromarray(image).save(tmp_path / "in" / f"{name}.png")
    PillowImage.fromarray(draw.product(600, 500)).save(tmp_path / "in" / "plain.png")
    report = tmp_path / "ebay.csv"
    done = run("scan", tmp_path / "in", "-o", tmp_path / "r.csv", "--profile", "ebay", "--compliance", report, "--json")
    rows = list(csv.DictReader(report.read_text().splitlines()))
    assert [(Path(row["path"]).stem, row["standing"]) for row in rows] == [
        ("cut", "too-small-when-cut"),
        ("large", "meets-when-cut"),
        ("small", "too-small"),
    ]
    assert (rows[0]["cut_width"], rows[0]["cut_height"]) == ("496", "376")
    assert json.loads(done.out)["marketplaces"]["ebay"]["meets"] == 1


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"status": "error"}, "unreadable"),
        ({"verdict": "clean"}, "meets"),
        ({"verdict": "clean", "width": 99}, "too-small"),
        ({"verdict": "framed", "inner": [10, 10, 190, 190]}, "meets-when-cut"),
        ({"verdict": "framed", "inner": [60, 60, 150, 190]}, "too-small-when-cut"),
        ({"verdict": "framed", "inner": [0, 0, 200, 190], "action": "pass", "reason": "too-much"}, "frame-stays"),
        ({"verdict": "framed", "inner": [0, 0, 90, 190], "action": "fill", "output_width": 200, "output_height": 200},
         "meets-when-cut"),
        ({"verdict": "review", "inner": [10, 10, 190, 190]}, "review"),
        ({"verdict": "review", "inner": [10, 10, 90, 90], "action": "crop", "output_width": 80, "output_height": 80},
         "too-small-when-cut"),
    ],
)  # fmt: skip
def test_standings(record: dict[str, Any], expected: str) -> None:
    whole = {"status": "ok", "width": 200, "height": 200, "inner": None, **record}
    assert standing(whole, Profile(0, 100, "", "", "")) == expected
    assert expected in STANDINGS


def test_a_summary_groups_by_host_folder_or_column_in_bounded_memory() -> None:
    def record(path: str, **more: str) -> dict[str, Any]:
        return {"path": path, "status": "ok", "verdict": "clean", "kind": None, "width": 9, "height": 9, **more}

    hosts = Summary(root="feed.xml")
    for address in ("https://me:pw@a.example/x/1.jpg", "https://a.example/y/2.jpg", "z.jpg", "q/w/z.jpg"):
        hosts.add(record(address))
    hosts.add(record("https://me:pw@[torn/1.jpg"))
    assert set(hosts.sources) == {"a.example", ".", "q", "https://…"}
    bucket = Summary(root="s3://bucket/x")
    bucket.add(record("s3://bucket/x/shop/1.jpg"))
    assert set(bucket.sources) == {"shop"}
    many = Summary(by="seller")
    for number in range(MOST_GROUPS + 50):
        many.add(record("a.jpg", seller=str(number)))
    many.add(record("a.jpg", seller=""))
    assert len(many.sources) == MOST_GROUPS + 1
    assert many.sources[OTHERS]["clean"] == 51
    assert set(many.standings) == set(PROFILES)


def test_shares_of_several_machines_make_one_result(run: Run, shop: Path, tmp_path: Path) -> None:
    whole, shared = tmp_path / "whole", tmp_path / "shared"
    run("scan", shop, "-o", whole, "--format", "jsonl", "--part-size", 3)
    first = run("scan", shop, "-o", shared, "--format", "jsonl", "--part-size", 3, "--shard", "2/2")
    assert "share 2 of 2 is done, others are not" in first.err
    run("scan", shop, "-o", shared, "--format", "jsonl", "--part-size", 3, "--shard", "1/2")
    for path in whole.glob("part-*"):
        assert (shared / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "r.csv", "--shard", "0/2"], "write the second of four machines as 2/4"),
        (["-o", "r.csv", "--shard", "1/2"], "needs a folder"),
        (["-o", "r", "--shard", "1/2", "--overwrite"], "what other machines have done"),
        (["-o", "r.xyz"], "no suffix that says how"),
        (["-o", "r.csv", "--format", "jsonl"], "does not end in .jsonl"),
        (["-o", "r.csv", "--feed-out", "f.xml"], "--remove DIR"),
        (["-o", "r.csv", "--feed-out", "f.xml", "--remove", "c"], "no product feed"),
        (["-o", "r.csv", "--public", "https://x"], "--feed-out FILE"),
        (["-o", "r.csv", "--by", "seller"], "no column 'seller'"),
        (["-o", "r.csv", "--by", "sides"], "column 'sides' has several values for a picture"),
        (["-o", "r.csv", "--by", "inner"], "column 'inner' has several values for a picture"),
        (["-o", "r.csv", "--compliance", "shop/ann/0.png"], "already there"),
        (["-o", "r.csv", "--ray-address", "auto"], "--engine ray"),
    ],
)
def test_what_cannot_work_is_refused_before_the_work(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("scan", shop, *options)
    assert done.code == 2
    assert message in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_progress_is_said_in_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_progress, "LINE_EVERY", 0.0)
    with watched(lambda: 100) as progress:
        for _ in range(200):
            if progress.total:
                break
            time.sleep(0.01)
        progress.skipped(10)
        time.sleep(0.01)
        progress.judged({"status": "ok"})
    said = capsys.readouterr().err
    assert said.startswith("unframe: 11 of 100 pictures done, ")
    assert "per second" in said
    assert said.rstrip().endswith("left")


def test_progress_is_a_bar_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with watched(lambda: 2) as progress:
        progress.judged({"status": "ok"})
    assert "pictures" in capsys.readouterr().err


def test_few_of_many_messages_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    for number in range(25):
        progress.judged({"status": "error", "message": f"{number} is bad"})
    progress.report()
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "unframe: 0 is bad"
    assert said[-1] == "unframe: … and 15 more, whose records say what is wrong with them"
    assert len(said) == 11


@pytest.mark.parametrize(("seconds", "said"), [(0.25, "0.2 s"), (42, "42 s"), (130, "2 min 10 s"), (7300, "2 h 1 min")])
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_an_unknown_share(run: Run) -> None:
    from unframe.cli.scanning import shard_of

    for text in ("2", "3/2", "a/b", "1/0", "-1/2"):
        with pytest.raises(SettingsError):
            shard_of(text)
    assert shard_of("2/4") == (1, 4)

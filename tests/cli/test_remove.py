"""`unframe remove` and `unframe restore`: what is written where, what never is, and what the records say."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from tests import draw, fakes
from tests.cli.conftest import Result, Run, save, size_of
from unframe.cli.remove import remove as remove_command
from unframe.removal.profiles import PROFILES
from unframe.types import Detection


def records(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_folder_is_mirrored_and_clean_pictures_are_copied(run: Run, shop: Path, tmp_path: Path) -> None:
    before, out = tree(shop), tmp_path / "out"
    done = run("remove", shop, "-o", out, "--format", "jsonl")
    assert done.code == 0
    after = tree(out)
    assert list(after) == list(before)
    assert after["sub/clean.jpg"] == before["sub/clean.jpg"]
    assert after["sub/doubtful.png"] == before["sub/doubtful.png"]
    assert size_of(out / "framed.png") == (136, 96)
    assert tree(shop) == before
    framed, clean, doubtful = records(done)
    assert framed | {"path": "", "output": ""} == {
        "path": "",
        "status": "ok",
        "width": 160,
        "height": 120,
        "verdict": "framed",
        "framed": True,
        "probability": 0.99,
        "kind": "border",
        "sides": ["top", "right", "bottom", "left"],
        "inner": [12, 12, 148, 108],
        "outer": [0, 0, 160, 120],
        "detector": "baseline",
        "model": "fake-1",
        "action": "crop",
        "reason": None,
        "output": "",
        "output_width": 136,
        "output_height": 96,
        "output_verdict": "clean",
        "too_small": False,
    }
    assert framed["output"] == str(out / "framed.png")
    assert (clean["action"], clean["reason"]) == ("pass", None)
    assert (doubtful["action"], doubtful["reason"]) == ("pass", "review")
    assert "too close to call; look at it, or pass --remove-review" in doubtful["message"]
    assert "3 pictures: 1 framed, 1 review, 1 clean; 1 frame taken off; 1 left in place (1 review)" in done.err


def test_running_again_changes_nothing(run: Run, shop: Path, tmp_path: Path) -> None:
    run("remove", shop, "-o", tmp_path / "1")
    once = tree(tmp_path / "1")
    assert run("remove", shop, "-o", tmp_path / "1").code == 0  # the same bytes are no conflict
    assert tree(tmp_path / "1") == once
    run("remove", tmp_path / "1", "-o", tmp_path / "2")
    assert tree(tmp_path / "2") == once


def test_a_dry_run_writes_nothing(run: Run, shop: Path, tmp_path: Path) -> None:
    done = run("remove", shop, "-o", tmp_path / "out", "--dry-run", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert (rows[0]["action"], rows[0]["output"]) == ("crop", str(tmp_path / "out" / "framed.png"))
    assert not (tmp_path / "out").exists()
    assert "1 frame would come off" in done.err
    assert "crop" in run("remove", shop, "--dry-run").out


def test_nothing_is_overwritten_unasked(run: Run, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "framed.png").write_bytes(b"precious")
    done = run("remove", shop, "-o", out, "--format", "jsonl")
    assert done.code == 2
    assert (out / "framed.png").read_bytes() == b"precious"
    assert records(done)[0]["error"] == "exists"
    assert (out / "sub" / "clean.jpg").exists()  # one conflict does not stop the run
    assert run("remove", shop, "-o", out, "--overwrite").code == 0
    assert size_of(out / "framed.png") == (136, 96)


def test_two_inputs_with_one_output_are_refused_before_anything_is_written(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    other = save(draw.product(), tmp_path / "other" / "framed.png")
    done = run("remove", shop / "framed.png", other, "-o", tmp_path / "out")
    assert done.code == 2
    assert "would both be written" in done.err
    assert not (tmp_path / "out").exists()


def test_the_inputs_are_no_place_for_the_outputs(run: Run, shop: Path) -> None:
    before = tree(shop)
    assert run("remove", shop, "-o", shop, "--overwrite").code == 2
    assert tree(shop) == before


def test_an_output_folder_inside_the_input_folder_is_not_worked_on_again(run: Run, shop: Path) -> None:
    for _ in range(2):
        done = run("remove", shop, "-o", shop / "out", "--format", "jsonl")
        assert (done.code, len(records(done))) == (0, 3)


@pytest.mark.parametrize("name", ["../escape.png", "x/../../escape.png"])
def test_paths_that_climb_are_taken_by_their_name(run: Run, shop: Path, tmp_path: Path, name: str) -> None:
    (shop / "x").mkdir()
    save(draw.product(), shop.parent / "escape.png")
    done = run("remove", shop / name, "-o", tmp_path / "deep" / "out")
    assert done.code == 0
    assert list(tree(tmp_path / "deep")) == ["out/escape.png"]


def test_a_link_in_the_output_folder_is_not_followed_out_of_it(run: Run, shop: Path, tmp_path: Path) -> None:
    out, victim = tmp_path / "out", tmp_path / "victim"
    out.mkdir()
    victim.mkdir()
    (out / "sub").symlink_to(victim, target_is_directory=True)
    done = run("remove", shop, "-o", out, "--overwrite", "--format", "jsonl")
    assert done.code == 2
    assert [each.get("error") for each in records(done)] == [None, "outside", "outside"]
    assert list(victim.iterdir()) == []


def test_an_output_folder_that_cannot_be_written(run: Run, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = run("remove", shop, "-o", tmp_path / "file", "--format", "jsonl")
    assert done.code == 2
    assert {each["error"] for each in records(done)} == {"unwritable"}


def test_a_full_disk_is_a_record_and_leaves_no_half_file(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run("remove", shop, "-o", tmp_path / "out", "--format", "jsonl")
    assert done.code == 2
    assert {each["error"] for each in records(done)} == {"unwritable"}
    assert all("No space left" in each["message"] for each in records(done))
    assert tree(tmp_path / "out") == {}


def test_one_broken_file_stops_nothing(run: Run, shop: Path, broken: Path, tmp_path: Path) -> None:
    done = run("remove", shop, "-o", tmp_path / "out", "--format", "jsonl")
    assert done.code == 2
    assert [each["status"] for each in records(done)] == ["error", "ok", "ok", "ok"]
    assert not (tmp_path / "out" / broken.name).exists()


@pytest.mark.parametrize(("mode", "size"), [("fill", (160, 120)), ("pad", (160, 120)), ("crop", (136, 96))])
def test_modes(run: Run, shop: Path, tmp_path: Path, mode: str, size: tuple[int, int]) -> None:
    save(draw.bordered(draw.product(seed=3), 12, fakes.FRAME_COLOUR)[0], shop / "framed.png")
    done = run("remove", shop / "framed.png", "-o", tmp_path / "out", "--mode", mode, "--format", "jsonl")
    assert records(done)[0]["action"] == mode
    assert size_of(tmp_path / "out" / "framed.png") == size


def test_pad_to_a_size(run: Run, shop: Path, tmp_path: Path) -> None:
    save(draw.bordered(draw.product(seed=3), 12, fakes.FRAME_COLOUR)[0], shop / "framed.png")
    run("remove", shop / "framed.png", "-o", tmp_path / "out", "--mode", "pad", "--size", "300x200")
    assert size_of(tmp_path / "out" / "framed.png") == (300, 200)
    assert run("remove", shop, "-o", tmp_path / "out", "--size", "300x200").code == 2


def test_review_pictures_only_when_asked(run: Run, shop: Path, tmp_path: Path) -> None:
    done = run("remove", shop, "-o", tmp_path / "out", "--remove-review", "--format", "jsonl")
    assert [each["action"] for each in records(done)] == ["crop", "pass", "crop"]


def test_review_without_a_frame_advises_nothing_that_does_not_help(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubtful = Detection("review", 0.3, False, None, 160, 120, "baseline", "fake-1")
    monkeypatch.setattr("tests.fakes.FakeDetector.detect", lambda *_: doubtful)
    for more in ((), ("--remove-review",)):
        (record,) = records(run("remove", shop / "framed.png", "-o", tmp_path / "out", "-f", "jsonl", *more))
        assert (record["action"], record["reason"]) == ("pass", "review")
        assert record["message"].endswith("no frame was located, so there is nothing to cut; look at it")


@pytest.mark.parametrize(
    ("arguments", "too_small"), [(("--min-side", 96), False), (("--min-side", 97), True), (("--profile", "ebay"), True)]
)
def test_results_too_small(run: Run, shop: Path, arguments: tuple[object, ...], too_small: bool) -> None:
    done = run("remove", shop / "framed.png", "--dry-run", "--format", "jsonl", *arguments)
    assert records(done)[0]["too_small"] is too_small


def test_the_table_says_what_is_too_small_where_there_is_a_limit(run: Run, shop: Path) -> None:
    done = run("remove", shop, "--dry-run", "--min-side", "97")
    rows = {name: line for line in done.out.splitlines() for name in ("framed.png", "clean.jpg") if name in line}
    assert "too small" in done.out
    assert rows["framed.png"].rstrip().endswith("yes")
    assert not rows["clean.jpg"].rstrip().endswith("yes")
    assert done.err.rstrip().endswith("; 1 too small")
    assert "too small" not in run("remove", shop, "--dry-run").out


def test_every_marketplace_can_be_named() -> None:
    named = get_type_hints(remove_command)["profile"]
    assert {word for each in get_args(named) for word in get_args(each)} == set(PROFILES)


def test_from_a_pipe_to_a_pipe(run: Run, shop: Path) -> None:
    done = run("remove", "-", "-o", "-", stdin=(shop / "framed.png").read_bytes())
    assert size_of(io.BytesIO(done.bytes)) == (136, 96)
    assert "framed, crop" in done.err
    clean = (shop / "sub" / "clean.jpg").read_bytes()
    assert run("remove", "-", "-o", "-", stdin=clean).bytes == clean
    assert run("remove", shop, "-o", "-").code == 2
    assert run("remove", "-", "-o", shop / "out", stdin=clean).code == 2


def test_a_folder_with_the_name_of_a_picture_is_not_made(run: Run, shop: Path, tmp_path: Path) -> None:
    done = run("remove", shop / "framed.png", "-o", tmp_path / "b.jpg")
    assert done.code == 2
    assert f"for one file: -o - > {tmp_path / 'b.jpg'}" in done.err
    assert not (tmp_path / "b.jpg").exists()
    (tmp_path / "b.jpg").mkdir()
    assert run("remove", shop / "framed.png", "-o", tmp_path / "b.jpg").code == 0


def test_where_results_go_must_be_said(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("remove", shop).code == 2
    assert run("remove", shop, "-o", tmp_path / "out", "--in-place").code == 2


def test_in_place_and_back(run: Run, shop: Path, tmp_path: Path) -> None:
    before, kept = tree(shop), tmp_path / "kept"
    assert run("remove", shop, "--in-place", "--backup", kept, "--dry-run").code == 0
    assert (tree(shop), kept.exists()) == (before, False)
    assert run("remove", shop, "--in-place", "--backup", kept).code == 0
    after = tree(shop)
    assert [name for name in before if before[name] != after[name]] == ["framed.png"]
    assert run("remove", shop, "--in-place", "--backup", kept).code == 0
    assert tree(shop) == after
    done = run("restore", kept / "manifest.jsonl", "--format", "jsonl")
    assert (done.code, records(done)) == (
        0,
        [{"path": str((shop / "framed.png").resolve()), "status": "ok", "action": "restore"}],
    )
    assert tree(shop) == before


def test_the_backup_is_not_worked_on(run: Run, shop: Path) -> None:
    run("remove", shop, "--in-place", "--backup", shop / "kept")
    done = run("remove", shop, "--in-place", "--backup", shop / "kept", "--format", "jsonl")
    assert len(records(done)) == 3


def test_no_backup_is_worked_on_whatever_it_is_called(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(shop)
    monkeypatch.chdir(shop)
    run("remove", ".", "--in-place", "--backup", "kept")
    kept = tree(shop / "kept")
    done = run("remove", ".", "--in-place", "--format", "jsonl")
    assert [each["path"] for each in records(done)] == ["framed.png", "sub/clean.jpg", "sub/doubtful.png"]
    assert tree(shop / "kept") == kept
    assert run("restore", "kept/manifest.jsonl").code == 0
    assert {name: data for name, data in tree(shop).items() if not name.startswith("kept/")} == before


def test_restore_reports_what_it_cannot_bring_back(run: Run, shop: Path, tmp_path: Path) -> None:
    run("remove", shop, "--in-place", "--backup", tmp_path / "kept")
    (shop / "framed.png").write_bytes(b"edited")
    done = run("restore", tmp_path / "kept" / "manifest.jsonl")
    assert done.code == 2
    assert "changed" in done.out
    assert "0 restored, 0 already there, 1 failed" in done.err


def test_without_a_manifest_restore_says_so_and_nothing_else(run: Run, tmp_path: Path) -> None:
    for name in (tmp_path / "nowhere.jsonl", tmp_path):
        done = run("restore", name)
        assert (done.code, done.out) == (2, "")
        assert "there is no" in done.err
        assert "Errno" not in done.err


def test_restore_takes_the_backup_folder(run: Run, shop: Path, tmp_path: Path) -> None:
    before = tree(shop)
    run("remove", shop, "--in-place", "--backup", tmp_path / "kept")
    assert tree(shop) != before
    assert run("restore", tmp_path / "kept").code == 0
    assert tree(shop) == before


def test_explanations(run: Run, shop: Path, tmp_path: Path) -> None:
    done = run("remove", shop, "--dry-run", "--explain", tmp_path / "why")
    assert done.code == 0
    names = ["contact-sheet-001.png", "framed.png.png", "sub/clean.jpg.png", "sub/doubtful.png.png"]
    assert list(tree(tmp_path / "why")) == names
    assert size_of(tmp_path / "why" / "framed.png.png")[0] == 1240
    assert run("remove", shop, "--dry-run", "--explain", tmp_path / "why").code == 0  # drawn alike each time


def test_a_network_of_ones_own_judges(run: Run, shop: Path, mine: Path, tmp_path: Path) -> None:
    """The fake detector, were it asked, would find the frame; `mine` sees a picture that is not dark."""
    before = (shop / "framed.png").read_bytes()
    piped = run("remove", shop / "framed.png", "--model", mine, "-o", "-")
    assert (piped.code, piped.bytes) == (0, before)
    done = run("remove", shop / "framed.png", "--model", mine, "-o", tmp_path / "cleaned", "--format", "jsonl")
    assert (tmp_path / "cleaned" / "framed.png").read_bytes() == before
    assert json.loads(done.out)["model"] == "mine"

"""Replacing in place and bringing back, also after a run that was cut short anywhere."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from tests import draw, fakes
from tests.removal.conftest import encoded
from unframe import files
from unframe.detector import Detector
from unframe.errors import DatasetError, OutputError
from unframe.removal import Options, remove
from unframe.removal import in_place as module
from unframe.removal.in_place import Backup, digest, read_manifest, restore


def framed(seed: int = 3) -> bytes:
    return encoded(draw.bordered(draw.product(seed=seed), 12, fakes.FRAME_COLOUR)[0])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.png").write_bytes(framed(number + 3))
    (folder / "clean.png").write_bytes(encoded(draw.product(seed=9)))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def run(shop: Path, backup: Backup, detector: Detector) -> None:
    for path in sorted(shop.iterdir()):
        backup.replace(path, remove(path, detector))


def outcomes(manifest: Path, **options: bool) -> list[tuple[str, str, str | None]]:
    done = restore(manifest, **options)
    return [(Path(each.path).name, each.action, each.error.code if each.error else None) for each in done]


def test_there_and_back(shop: Path, tmp_path: Path, detector: Detector) -> None:
    before = contents(shop)
    backup = Backup(tmp_path / "kept")
    run(shop, backup, detector)
    after = contents(shop)
    assert [name for name in before if before[name] != after[name]] == ["0.png", "1.png", "2.png", "3.png"]
    for entry in read_manifest(backup.manifest):
        name = Path(entry.path).name
        assert (entry.before, entry.after) == (digest(before[name]), digest(after[name]))
        assert (backup.folder / entry.original).read_bytes() == before[name]
    assert outcomes(backup.manifest, dry_run=True) == [(f"{number}.png", "restore", None) for number in (3, 2, 1, 0)]
    assert contents(shop) == after
    assert outcomes(backup.manifest) == [(f"{number}.png", "restore", None) for number in (3, 2, 1, 0)]
    assert contents(shop) == before
    assert {action for _, action, _ in outcomes(backup.manifest)} == {"pass"}


def test_a_second_run_is_a_no_op(shop: Path, tmp_path: Path, detector: Detector) -> None:
    run(shop, Backup(tmp_path / "kept"), detector)
    after, kept = contents(shop), (tmp_path / "kept" / "manifest.jsonl").read_bytes()
    run(shop, Backup(tmp_path / "kept"), detector)
    assert contents(shop) == after
    assert (tmp_path / "kept" / "manifest.jsonl").read_bytes() == kept


def test_clean_pictures_leave_no_backup(tmp_path: Path, detector: Detector) -> None:
    path = tmp_path / "clean.png"
    path.write_bytes(encoded(draw.product()))
    Backup(tmp_path / "kept").replace(path, remove(path, detector))
    assert not (tmp_path / "kept").exists()


def test_a_picture_replaced_twice_comes_back_as_it_was_first(tmp_path: Path, detector: Detector) -> None:
    path, backup = tmp_path / "a.png", Backup(tmp_path / "kept")
    path.write_bytes(framed(3))
    first = path.read_bytes()
    backup.replace(path, remove(path, detector))
    twice = draw.bordered(draw.product(136, 96, seed=5), 8, fakes.FRAME_COLOUR)[0]
    path.write_bytes(encoded(twice))
    backup.replace(path, remove(path, detector))
    assert [error for _, _, error in outcomes(backup.manifest)] == [None, "changed"]
    assert path.read_bytes() == encoded(twice)  # what came in between was not unframe's doing
    assert [error for _, _, error in outcomes(backup.manifest, overwrite=True)] == [None, None]
    assert path.read_bytes() == first


def test_a_picture_replaced_twice_and_brought_back_is_passed_by(tmp_path: Path, detector: Detector) -> None:
    path, backup = tmp_path / "a.png", Backup(tmp_path / "kept")
    path.write_bytes(encoded(draw.bordered(draw.product(seed=3), 20, (90, 120, 30))[0]))
    first = path.read_bytes()
    once = framed(3)
    done = remove(once, detector)
    backup.replace(path, replace(done, original=first, data=once))
    backup.replace(path, done)
    for expected in ("restore", "pass"):
        assert outcomes(backup.manifest, dry_run=True) == [("a.png", expected, None)] * 2
        assert outcomes(backup.manifest) == [("a.png", expected, None)] * 2
        assert path.read_bytes() == first


def test_a_path_that_is_now_a_folder_stops_no_other(shop: Path, tmp_path: Path, detector: Detector) -> None:
    before, backup = contents(shop), Backup(tmp_path / "kept")
    done = {path: remove(path, detector) for path in sorted(shop.iterdir())}
    run(shop, backup, detector)
    for name in ("0.png", "3.png"):
        (shop / name).unlink()
        (shop / name).mkdir()
    with pytest.raises(OutputError, match=r"0\.png cannot be read again") as caught:
        backup.replace(shop / "0.png", done[shop / "0.png"])
    assert caught.value.code == "unwritable"
    for overwrite in (False, True):
        found = {name: error for name, _, error in outcomes(backup.manifest, overwrite=overwrite)}
        assert found == {"0.png": "changed", "1.png": None, "2.png": None, "3.png": "changed"}
    assert [(shop / name).read_bytes() for name in ("1.png", "2.png")] == [before[name] for name in ("1.png", "2.png")]


def test_identical_pictures_share_an_original(
    tmp_path: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, done, backup = (
        [tmp_path / "a.png", tmp_path / "b.png"],
        remove(framed(), detector),
        Backup(tmp_path / "kept"),
    )
    for path in paths:
        path.write_bytes(framed())
    barrier, real = Barrier(len(paths)), Path.hardlink_to

    def together(self: Path, target: Path) -> None:
        barrier.wait(10)  # by now, each has found that there is no such original
        real(self, target)

    monkeypatch.setattr(Path, "hardlink_to", together)
    with ThreadPoolExecutor(len(paths)) as pool:
        list(pool.map(lambda path: backup.replace(path, done), paths))
    assert [path.read_bytes() for path in paths] == [done.data] * 2
    assert sorted(outcomes(backup.manifest)) == [("a.png", "restore", None), ("b.png", "restore", None)]
    assert [path.read_bytes() for path in paths] == [framed()] * 2


def test_what_was_changed_since_is_left_alone(shop: Path, tmp_path: Path, detector: Detector) -> None:
    backup = Backup(tmp_path / "kept")
    run(shop, backup, detector)
    (shop / "1.png").write_bytes(b"edited")
    (shop / "2.png").unlink()
    assert ("1.png", "pass", "changed") in outcomes(backup.manifest)
    assert (shop / "1.png").read_bytes() == b"edited"
    assert (shop / "2.png").read_bytes() == framed(5)


def test_a_damaged_or_missing_original_is_not_put_back(shop: Path, tmp_path: Path, detector: Detector) -> None:
    backup = Backup(tmp_path / "kept")
    run(shop, backup, detector)
    entries = {Path(entry.path).name: backup.folder / entry.original for entry in read_manifest(backup.manifest)}
    entries["0.png"].write_bytes(b"rotten")
    entries["1.png"].unlink()
    after = contents(shop)
    found = {name: error for name, _, error in outcomes(backup.manifest)}
    assert found == {"0.png": "damaged", "1.png": "missing", "2.png": None, "3.png": None}
    assert contents(shop)["0.png"] == after["0.png"]


@pytest.mark.parametrize("cut_short_at", range(12))
def test_a_run_that_is_cut_short_anywhere_can_be_undone_and_finished(
    shop: Path, tmp_path: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch, cut_short_at: int
) -> None:
    before, steps = contents(shop), iter(range(1000))

    class CutShortError(Exception):
        pass

    def step(real: object) -> object:
        def stepping(*arguments: object, **options: object) -> object:
            if next(steps) == cut_short_at:
                raise CutShortError
            return real(*arguments, **options)  # type: ignore[operator]

        return stepping

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_atomic", step(files.write_atomic))
        patch.setattr(os, "fsync", step(os.fsync))
        with pytest.raises(CutShortError):
            run(shop, Backup(tmp_path / "kept"), detector)
    manifest = tmp_path / "kept" / "manifest.jsonl"
    if manifest.exists():
        assert all(error is None for _, _, error in outcomes(manifest))
    assert contents(shop) == before
    run(shop, Backup(tmp_path / "kept"), detector)
    assert sum(before[name] != data for name, data in contents(shop).items()) == 4
    outcomes(manifest)
    assert contents(shop) == before


def test_a_torn_last_line_is_of_no_account(shop: Path, tmp_path: Path, detector: Detector) -> None:
    backup = Backup(tmp_path / "kept")
    backup.replace(shop / "0.png", remove(shop / "0.png", detector))
    with backup.manifest.open("ab") as file:
        file.write(b'{"path": "/half')
    assert len(read_manifest(backup.manifest)) == 1
    backup = Backup(tmp_path / "kept")
    backup.replace(shop / "1.png", remove(shop / "1.png", detector))
    lines = backup.manifest.read_text().splitlines()
    assert [Path(json.loads(line)["path"]).name for line in lines] == ["0.png", "1.png"]


@pytest.mark.parametrize("text", ["nonsense\n", "[1]\n", '{"path": "a"}\n', "\xff\n"])
def test_a_manifest_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.jsonl").write_bytes(text.encode("latin-1"))
    with pytest.raises(DatasetError, match=r"manifest\.jsonl"):
        read_manifest(tmp_path / "manifest.jsonl")
    with pytest.raises(DatasetError, match=r"there is no .*missing\.jsonl"):
        restore(tmp_path / "missing.jsonl")  # not only when its first outcome is asked for


def test_a_picture_that_changes_meanwhile_is_not_replaced(shop: Path, tmp_path: Path, detector: Detector) -> None:
    done = remove(shop / "0.png", detector)
    (shop / "0.png").write_bytes(b"newer")
    with pytest.raises(OutputError, match="changed while"):
        Backup(tmp_path / "kept").replace(shop / "0.png", done)
    assert (shop / "0.png").read_bytes() == b"newer"


def test_a_link_stays_a_link(shop: Path, tmp_path: Path, detector: Detector) -> None:
    (tmp_path / "link.png").symlink_to(shop / "0.png")
    Backup(tmp_path / "kept").replace(tmp_path / "link.png", remove(tmp_path / "link.png", detector))
    assert (tmp_path / "link.png").is_symlink()
    assert (shop / "0.png").read_bytes() != framed(3)


def test_threads_share_one_manifest(shop: Path, tmp_path: Path, detector: Detector) -> None:
    before, backup = contents(shop), Backup(tmp_path / "kept")
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda path: backup.replace(path, remove(path, detector, Options(mode="crop"))), sorted(shop.iterdir())
            )
        )
    assert len(read_manifest(backup.manifest)) == 4
    outcomes(backup.manifest)
    assert contents(shop) == before

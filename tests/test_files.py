"""Walking, planning outputs and atomic writing, against plain models of what they promise."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePath
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unframe.errors import OutputError
from unframe.files import SUFFIXES, CsvText, Input, below, pictures, plan_outputs, replacement, walk, write_atomic
from unframe.imaging import FORMATS


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


def test_every_format_has_a_suffix() -> None:
    assert set(SUFFIXES.values()) == set(FORMATS)


def test_a_folder_is_walked_in_order_for_pictures_only(tmp_path: Path) -> None:
    make(tmp_path, "b/2.PNG", "b/1.jpg", "a.webp", "notes.txt", ".hidden.jpg", ".cache/x.jpg", "c.tiff")
    found = walk([tmp_path])
    assert [each.relative.as_posix() for each in found] == ["a.webp", "b/1.jpg", "b/2.PNG", "c.tiff"]
    assert [each.name for each in found] == [str(tmp_path / each.relative) for each in found]


def test_a_file_named_is_always_tried_even_when_missing(tmp_path: Path) -> None:
    make(tmp_path, "picture.dat")
    found = walk([tmp_path / "picture.dat", tmp_path / "missing", "-"])
    assert [each.relative for each in found] == [PurePath("picture.dat"), PurePath("missing"), PurePath("stdin")]
    assert found[2].path is None


def test_a_picture_named_twice_is_taken_once(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "b.jpg")
    assert len(walk([tmp_path, tmp_path / "a.jpg", tmp_path / "." / "a.jpg"])) == 2


def test_the_output_folder_is_not_walked(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "out/a.jpg")
    assert [each.relative for each in walk([tmp_path], exclude=[tmp_path / "out"])] == [PurePath("a.jpg")]


@pytest.mark.parametrize("named", ["", "kept"])
def test_originals_that_wait_to_be_restored_are_passed_by(tmp_path: Path, named: str) -> None:
    make(tmp_path, "kept/manifest.jsonl", "kept/originals/1.jpg", "a/manifest.jsonl", "a/1.jpg", "originals/2.jpg")
    found = [each.relative.as_posix() for each in walk([tmp_path / named])]
    assert found == ([] if named else ["a/1.jpg", "originals/2.jpg"])
    assert list(pictures(tmp_path / named)) == [tmp_path / each for each in found]


def test_links_to_folders_are_not_followed_but_links_to_files_are(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg")
    (tmp_path / "a" / "round").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "a" / "2.jpg").symlink_to(tmp_path / "a" / "1.jpg")
    (tmp_path / "a" / "3.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert [each.relative.name for each in walk([tmp_path])] == ["1.jpg", "2.jpg", "3.jpg"]


def test_a_link_that_leads_round_in_a_circle_is_handed_on_for_its_error(tmp_path: Path) -> None:
    make(tmp_path, "in/ok.png")
    (tmp_path / "in" / "loop.jpg").symlink_to("loop.jpg")
    found = walk([tmp_path / "in"])
    assert [each.relative.name for each in found] == ["loop.jpg", "ok.png"]
    assert plan_outputs(found, tmp_path / "out") == [tmp_path / "out" / "loop.jpg", tmp_path / "out" / "ok.png"]
    assert plan_outputs(walk([tmp_path / "in" / "loop.jpg"]), tmp_path) == [tmp_path / "loop.jpg"]


def test_a_name_that_no_file_can_have_is_handed_on_for_its_error(tmp_path: Path) -> None:
    assert [each.path for each in walk([tmp_path / ("n" * 300)])] == [tmp_path / ("n" * 300)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_passed_by(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert walk([tmp_path]) == []


def test_a_folder_that_cannot_be_listed_is_handed_on_for_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refuse)
    assert [each.path for each in walk([tmp_path])] == [tmp_path]


PARTS = st.sampled_from(["a", "b", "..", ".", "c.jpg", "/", "//x"])


@given(st.lists(PARTS, max_size=5))
def test_below_never_leaves_the_root(parts: list[str]) -> None:
    root = Path("/some/root")
    relative = PurePath(*parts)
    normal = Path(os.path.normpath(root / relative))
    if ".." in parts or normal == root or not normal.is_relative_to(root):
        with pytest.raises(OutputError, match="does not stay below"):
            below(root, relative)
    else:
        assert below(root, relative) == normal


@given(st.lists(st.sampled_from(["a.jpg", "b.jpg", "x/a.jpg", "x/b.jpg", "y/a.jpg"]), max_size=6, unique=True))
def test_one_folder_never_collides_with_itself(relatives: list[str]) -> None:
    inputs = [Input(f"in/{each}", Path("in") / each, PurePath(each)) for each in relatives]
    outputs = plan_outputs(inputs, Path("out"))
    assert len(set(outputs)) == len(inputs)
    assert [output.relative_to("out").as_posix() for output in outputs] == relatives


def test_the_same_name_from_two_folders_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", "b/1.jpg")
    inputs = walk([tmp_path / "a" / "1.jpg", tmp_path / "b" / "1.jpg"])
    with pytest.raises(OutputError, match=r"a/1\.jpg and .*b/1\.jpg would both") as caught:
        plan_outputs(inputs, tmp_path / "out")
    assert caught.value.code == "collision"


def test_an_output_that_is_an_input_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "a", target_is_directory=True)
    for root in (tmp_path / "a", tmp_path / "link"):
        with pytest.raises(OutputError, match="is the input"):
            plan_outputs(walk([tmp_path / "a"]), root)


def test_folders_are_made_and_nothing_is_left_over(tmp_path: Path) -> None:
    assert write_atomic(tmp_path / "x" / "y" / "z.jpg", b"data", root=tmp_path)
    assert (tmp_path / "x" / "y" / "z.jpg").read_bytes() == b"data"
    assert [each.name for each in tmp_path.rglob("*")] == ["x", "y", "z.jpg"]


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"old")
    with pytest.raises(OutputError) as caught:
        write_atomic(path, b"new")
    assert (caught.value.code, path.read_bytes()) == ("exists", b"old")
    assert write_atomic(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"


def test_the_same_bytes_again_are_no_conflict(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.jpg", b"data")
    before = (tmp_path / "a.jpg").stat()
    assert not write_atomic(tmp_path / "a.jpg", b"data")
    assert (tmp_path / "a.jpg").stat().st_ino == before.st_ino


def test_overwriting_keeps_the_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_atomic(path, b"new", overwrite=True)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    (root / "sub").symlink_to(other, target_is_directory=True)
    with pytest.raises(OutputError) as caught:
        write_atomic(root / "sub" / "a.jpg", b"data", root=root)
    assert caught.value.code == "outside"
    assert list(other.iterdir()) == []


def test_a_link_with_the_name_of_the_output_is_replaced_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.jpg").symlink_to(victim)
    with pytest.raises(OutputError) as caught:
        write_atomic(root / "a.jpg", b"precious", root=root)
    assert caught.value.code == "exists"
    write_atomic(root / "a.jpg", b"data", overwrite=True, root=root)
    assert victim.read_bytes() == b"precious"
    assert not (root / "a.jpg").is_symlink()


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), replacement(path, overwrite=True) as file:  # noqa: PT012
        file.write(b"half")
        raise KeyError
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(OutputError) as caught:
        write_atomic(tmp_path / "a" / "b.jpg", b"data")
    assert caught.value.code == "unwritable"


def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    for overwrite in (False, True):
        with pytest.raises(OutputError):
            write_atomic(tmp_path / "a.jpg", b"data", overwrite=overwrite)


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".jpg")
    assert write_atomic(path, b"data")


def test_without_hard_links_a_rename_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    assert write_atomic(tmp_path / "a.jpg", b"data")
    assert (tmp_path / "a.jpg").read_bytes() == b"data"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["n" * 300, "a\0b", "a\0b/c", f"{'n' * 300}/c", "loop/c"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_names_that_no_file_can_have(tmp_path: Path, name: str, overwrite: bool) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for root in (None, tmp_path):
        with pytest.raises(OutputError) as caught:
            write_atomic(tmp_path / name, b"data", overwrite=overwrite, root=root)
        assert caught.value.code == "unwritable"
    assert leftovers(tmp_path) == []


def test_errors_of_the_block_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="of the block"), replacement(tmp_path / "a.jpg"):
        raise ValueError("of the block")


@pytest.mark.parametrize(("others", "left"), [(b"data", b"data"), (b"other", b"other"), (None, None)])
def test_a_file_that_somebody_else_made_in_the_meantime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: bytes | None, left: bytes | None
) -> None:
    path = tmp_path / "a.jpg"

    def be_late(self: Path, _target: Path) -> None:
        if others is not None:  # else it has vanished again
            self.write_bytes(others)
        raise FileExistsError(17, "File exists")

    monkeypatch.setattr(Path, "hardlink_to", be_late)
    if others == b"data":
        assert not write_atomic(path, b"data")
    else:
        with pytest.raises(OutputError) as caught:
            write_atomic(path, b"data")
        assert caught.value.code == "exists"
    assert (path.read_bytes() if path.exists() else None) == left
    assert leftovers(tmp_path) == []


def test_of_many_writers_one_wins(tmp_path: Path) -> None:
    path, barrier = tmp_path / "a.jpg", Barrier(8)
    written: list[bytes] = []

    def work(data: bytes) -> None:
        barrier.wait()
        try:
            write_atomic(path, data)
            written.append(data)
        except OutputError:
            pass

    threads = [Thread(target=work, args=(bytes([number]) * 1000,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written == [path.read_bytes()]
    assert leftovers(tmp_path) == []


WRITE_TO_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from unframe.errors import OutputError
from unframe.files import write_atomic
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomic(Path(sys.argv[1]), bytes(100_000), overwrite=True)
except OutputError as error:
    print(error.code)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs limits of POSIX")
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"old")
    done = subprocess.run(
        [sys.executable, "-c", WRITE_TO_A_FULL_DISK, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "unwritable\n"
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


@given(st.lists(st.lists(st.text(), min_size=1), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_rows_of_csv_come_back_whatever_is_in_them(rows: list[list[str]], end: str) -> None:
    text, plain = io.StringIO(newline=""), io.StringIO(newline="")
    csv.writer(CsvText(text, end)).writerows(rows)
    assert list(csv.reader(io.StringIO(text.getvalue(), newline=""))) == rows
    csv.writer(plain, lineterminator=end).writerows(rows)
    if not any("\r" in cell for row in rows for cell in row):
        assert text.getvalue() == plain.getvalue()


def test_a_bare_carriage_return_is_quoted() -> None:
    text = io.StringIO(newline="")
    csv.writer(CsvText(text)).writerows([["a\r", "b"], ["c\r\n"], ["d"]])
    assert text.getvalue() == '"a\r",b\n"c\r\n"\nd\n'


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """A folder that this process may read but not write; the superuser, who may write anywhere, steps down."""
    if os.name != "posix":
        pytest.skip("needs rights of POSIX")
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        if user == 0:
            os.seteuid(65_534)  # nobody
        try:
            yield Path(name)
        finally:
            os.seteuid(user)
            Path(name).chmod(0o755)


def test_a_read_only_folder(locked_folder: Path) -> None:
    for path in (locked_folder / "a.jpg", locked_folder / "sub" / "a.jpg"):
        with pytest.raises(OutputError, match="Permission denied") as caught:
            write_atomic(path, b"data")
        assert caught.value.code == "unwritable"
    assert list(locked_folder.iterdir()) == []

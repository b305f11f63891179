"""Labels of a data set into a store and out of it again, by the command line as people do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import draw
from tests.cli.conftest import Run, run
from tests.labelling.conftest import save
from unframe.dataset.layouts import read_dataset
from unframe.labelling import Answer, LabelStore
from unframe.types import Box

__all__ = ["run"]  # the fixture of the command line's tests

TABLE = """\
file,label,kind,sides,inner_l,inner_t,inner_r,inner_b,outer_l,outer_t,outer_r,outer_b,geometry_quality,source
a/framed.png,framed,inset,trbl,14,14,146,106,8,8,152,112,exact,first
a/plain.png,plain,,,,,,,,,,,,first
b/unsure.png,unsure,,,,,,,,,,,,second
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of three labelled pictures."""
    folder = tmp_path / "data"
    ring, inner, outer = draw.ringed(draw.product(seed=1), 8, 6)
    assert (inner, outer) == (Box(14, 14, 146, 106), Box(8, 8, 152, 112))
    save(ring, folder / "a/framed.png")
    save(draw.product(seed=2), folder / "a/plain.png")
    save(draw.product(seed=3), folder / "b/unsure.png")
    (folder / "labels.csv").write_text(TABLE)
    return folder


def answers(store: Path) -> dict[str, Answer]:
    with LabelStore(store, create=False) as one:
        names = {row["sha256"]: row["path"] for row in one.read("SELECT sha256, path FROM picture")}
        return {names[sha256]: each.answer for sha256, each in one.current().items()}


def test_labels_go_in_once_and_come_out_as_they_were(run: Run, data: Path, tmp_path: Path) -> None:
    store = data / "labels.sqlite"
    done = run("labels", "import", store, data / "labels.csv")
    assert done.out == f"{store}: 3 of 3 labels are new\n"
    assert run("labels", "import", store, data / "labels.csv").out == f"{store}: 0 of 3 labels are new\n"
    assert answers(store)["a/framed.png"].inner == Box(14, 14, 146, 106)
    with LabelStore(store) as one:
        assert {(each.who, each.how) for each in one.history()} == {("import", "import")}
        assert one.undo("import") == {}  # what came from elsewhere is not a slip of the hand
    for suffix in ("csv", "jsonl", "parquet"):
        out = data / f"again.{suffix}"
        assert run("labels", "export", store, "-o", out).out == f"{out}: 3 pictures\n"
        before, after = read_dataset(data / "labels.csv"), read_dataset(out)
        key = ("label", "kind", "sides", "inner", "outer", "geometry_quality", "source")
        assert {each.path.name: [getattr(each, name) for name in key] for each in after} == {
            each.path.name: [getattr(each, name) for name in key] for each in before
        }


def test_pictures_are_copied_to_a_folder_for_each_label(run: Run, data: Path, tmp_path: Path) -> None:
    store = data / "labels.sqlite"
    run("labels", "import", store, data / "labels.csv")
    out = tmp_path / "sorted"
    assert run("labels", "export", store, "-o", out).out == f"{out}: 2 pictures\n"
    copies = {path.relative_to(out).as_posix() for path in out.rglob("*.png")}
    assert copies == {"framed/a/framed.png", "clean/a/plain.png"}
    assert (out / "clean/a/plain.png").read_bytes() == (data / "a/plain.png").read_bytes()
    assert {each.label for each in read_dataset(out)} == {"framed", "plain"}


def test_an_export_writes_over_nothing_unasked(run: Run, data: Path) -> None:
    store = data / "labels.sqlite"
    run("labels", "import", store, data / "labels.csv")
    done = run("labels", "export", store, "-o", data / "labels.csv")
    assert done.code == 2
    assert "already there" in done.err
    assert (data / "labels.csv").read_text() == TABLE
    assert run("labels", "export", store, "-o", data / "labels.csv", "--overwrite").code == 0


def test_a_picture_that_is_gone_is_left_out_and_its_label_kept(run: Run, data: Path) -> None:
    store = data / "labels.sqlite"
    run("labels", "import", store, data / "labels.csv")
    (data / "a/plain.png").unlink()
    assert run("labels", "export", store, "-o", data / "rest.csv").out.endswith("2 pictures\n")
    assert len(answers(store)) == 3


def test_a_picture_that_is_a_link_is_one_of_the_folder_it_lies_in(run: Run, data: Path, tmp_path: Path) -> None:
    (data / "a/plain.png").rename(tmp_path / "kept.png")
    (data / "a/plain.png").symlink_to(tmp_path / "kept.png")
    (tmp_path / "link").symlink_to(data)
    store = data / "labels.sqlite"
    assert run("labels", "import", store, tmp_path / "link/labels.csv").out.endswith("3 of 3 labels are new\n")
    assert answers(store).keys() == {"a/framed.png", "a/plain.png", "b/unsure.png"}
    out = tmp_path / "sorted"
    assert run("labels", "export", tmp_path / "link/labels.sqlite", "-o", out).out == f"{out}: 2 pictures\n"
    assert (out / "clean/a/plain.png").read_bytes() == (tmp_path / "kept.png").read_bytes()


def test_labels_of_pictures_elsewhere_are_refused(run: Run, data: Path, tmp_path: Path) -> None:
    store = tmp_path / "other" / "labels.sqlite"
    done = run("labels", "import", store, data / "labels.csv")
    assert done.code == 2
    assert f"framed.png lies outside {store.parent}; name the folder" in done.err
    assert "--folder" in done.err
    assert run("labels", "import", store, data / "labels.csv", "--folder", data).code == 0


def test_a_folder_that_moves_with_its_store_is_still_known(run: Run, data: Path, tmp_path: Path) -> None:
    run("labels", "import", data / "labels.sqlite", data / "labels.csv")
    moved = data.rename(tmp_path / "elsewhere")
    assert run("labels", "export", moved / "labels.sqlite", "-o", moved / "all.csv").out.endswith("3 pictures\n")


def test_a_store_without_labels_of_the_folder_is_said_to_be_one(run: Run, data: Path, tmp_path: Path) -> None:
    store = data / "labels.sqlite"
    run("labels", "import", store, data / "labels.csv")
    (tmp_path / "empty").mkdir()
    done = run("labels", "export", store, "-o", tmp_path / "x.csv", "--folder", tmp_path / "empty")
    assert done.code == 2
    assert "holds no label" in done.err
    assert run("labels", "export", tmp_path / "none.sqlite", "-o", tmp_path / "x.csv").code == 2


def test_a_merge_lists_conflicts_and_says_so_by_its_code(run: Run, data: Path, tmp_path: Path) -> None:
    ours, theirs = data / "ours.sqlite", data / "theirs.sqlite"
    for store in (ours, theirs):
        run("labels", "import", store, data / "labels.csv")
    with LabelStore(ours) as one:
        sha256 = one.read("SELECT sha256 FROM picture WHERE path = 'a/plain.png'")[0]["sha256"]
        one.decide({sha256: Answer("unsure")}, "ann", "click")
    with LabelStore(theirs) as two:
        two.decide({sha256: Answer("reject")}, "bob", "click")
    done = run("labels", "merge", ours, theirs)
    assert done.code == 1
    assert done.out.startswith("a/plain.png  ann ")
    assert done.out.endswith("holds: bob\n")
    assert done.err == "1 conflict\n"
    assert answers(ours)["a/plain.png"] == Answer("reject")
    assert run("labels", "merge", ours, theirs).code == 0
    assert run("labels", "merge", ours, tmp_path / "none.sqlite").code == 2

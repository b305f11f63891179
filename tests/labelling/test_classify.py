"""The work in the background: every picture judged once, whatever happens in between."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests import draw
from tests.fakes import FakeDetector
from tests.labelling.conftest import fill, save
from unframe.detector import Detector
from unframe.errors import StoreError
from unframe.files import Input, walk
from unframe.labelling import LabelStore, classify
from unframe.labelling.classify import Classifier
from unframe.labelling.pictures import Pictures
from unframe.labelling.thumbnails import LONGEST, Thumbnails
from unframe.types import Detection, Image


class Counting(FakeDetector):
    """A detector that keeps count, and may be told to fail."""

    def __init__(self, model: str = "fake-1", fail_after: int | None = None) -> None:
        self.model = model
        self.seen = 0
        self.fail_after = fail_after

    def detect(self, image: Image) -> Detection:
        self.seen += 1
        if self.fail_after is not None and self.seen > self.fail_after:
            raise MemoryError("no room")
        return super().detect(image)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore(tmp_path / "labels.sqlite") as one:
        yield one


@pytest.fixture
def thumbnails(tmp_path: Path) -> Iterator[Thumbnails]:
    one = Thumbnails(tmp_path / "thumbnails.sqlite")
    yield one
    one.close()


def classifier(store: LabelStore, thumbnails: Thumbnails, *detectors: Counting) -> Classifier:
    folder = store.path.parent / "pictures"
    found = [Detector(each) for each in detectors]
    return Classifier(Pictures(store, folder), thumbnails, found, found[0].settings)


def test_what_was_judged_is_not_judged_again(tmp_path: Path, store: LabelStore, thumbnails: Thumbnails) -> None:
    fill(tmp_path / "pictures", 40)
    first, second = Counting(), Counting()
    classifier(store, thumbnails, first).run()
    again = classifier(store, thumbnails, second)
    again.run()
    assert (first.seen, second.seen) == (40, 0)
    assert again.state() == {"total": 40, "done": 40, "failed": 0, "finished": True, "trouble": ""}


def test_another_model_judges_anew_and_both_are_kept(tmp_path: Path, store: LabelStore, thumbnails: Thumbnails) -> None:
    fill(tmp_path / "pictures", 6)
    classifier(store, thumbnails, Counting("one")).run()
    classifier(store, thumbnails, Counting("two"), Counting("one")).run()
    rows = Pictures(store, tmp_path / "pictures").shown("two", "one")
    assert len(rows) == 6
    assert all(row["probability"] == row["second"] is not None for row in rows)


def test_a_run_that_was_cut_short_goes_on_and_says_what_happened(
    tmp_path: Path, store: LabelStore, thumbnails: Thumbnails
) -> None:
    fill(tmp_path / "pictures", 40)
    failing = classifier(store, thumbnails, Counting(fail_after=20))
    failing.start()
    failing._thread.join(60)
    assert failing.progress.finished
    assert "no room" in failing.progress.trouble
    rest = Counting()
    classifier(store, thumbnails, rest).run()
    assert 20 <= rest.seen <= 24  # of the second batch of 16 nothing was kept
    assert len(Pictures(store, tmp_path / "pictures").judged("fake-1")) == 40


def test_changed_files_are_judged_again_and_lost_ones_forgotten_with_their_labels_kept(
    tmp_path: Path, store: LabelStore, thumbnails: Thumbnails
) -> None:
    folder = tmp_path / "pictures"
    fill(folder, 3)
    classifier(store, thumbnails, Counting()).run()
    before = Pictures(store, folder).known()
    save(draw.product(70, 50, seed=77), folder / "shop-1/0001.png")
    (folder / "shop-2/0002.png").unlink()
    detector = Counting()
    classifier(store, thumbnails, detector).run()
    after = Pictures(store, folder).known()
    assert detector.seen == 1
    assert after.keys() == {"shop-0/0000.png", "shop-1/0001.png"}
    assert after["shop-1/0001.png"]["id"] != before["shop-1/0001.png"]["id"]
    assert after["shop-0/0000.png"]["id"] == before["shop-0/0000.png"]["id"]


def test_a_picture_that_comes_in_while_the_folder_is_looked_through_keeps_its_address(
    tmp_path: Path, store: LabelStore, thumbnails: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pictures"
    fill(folder, 2)
    work = classifier(store, thumbnails, Counting())

    def tag(number: int) -> None:
        path = folder / "inbox" / "shop.example" / f"{number}.png"
        save(draw.product(60, 50, seed=50 + number), path)
        work.keep(path, *work.judge(path.read_bytes()), page=f"https://shop.example/{number}")

    def walk_meanwhile(paths: Sequence[Path]) -> list[Input]:
        tag(1)
        found = walk(paths)
        tag(2)
        return found

    monkeypatch.setattr(classify, "walk", walk_meanwhile)
    work.run()
    pages = {path: row["page"] for path, row in work.pictures.known().items() if path.startswith("inbox/")}
    assert pages == {f"inbox/shop.example/{number}.png": f"https://shop.example/{number}" for number in (1, 2)}


def test_a_name_that_is_not_utf_8_is_counted_and_does_not_stop_the_rest(
    tmp_path: Path, store: LabelStore, thumbnails: Thumbnails
) -> None:
    folder = tmp_path / "pictures"
    fill(folder, 2)
    try:
        (folder / "shop-0/0000.png").rename(folder / os.fsdecode(b"caf\xe9.png"))
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    work = classifier(store, thumbnails, Counting())
    work.run()
    assert work.state() == {"total": 2, "done": 2, "failed": 1, "finished": True, "trouble": ""}
    assert work.pictures.known().keys() == {"shop-1/0001.png"}


def test_files_that_are_no_pictures_are_counted_and_do_not_stop_the_rest(
    tmp_path: Path, store: LabelStore, thumbnails: Thumbnails
) -> None:
    folder = tmp_path / "pictures"
    fill(folder, 5)
    (folder / "broken.png").write_bytes(b"no picture")
    work = classifier(store, thumbnails, Counting())
    work.run()
    assert work.state() == {"total": 6, "done": 6, "failed": 1, "finished": True, "trouble": ""}
    assert len(Pictures(store, folder).shown("fake-1")) == 5
    assert "broken.png" in Pictures(store, folder).known()["broken.png"]["error"]


def test_stopping_waits_for_what_is_being_judged(tmp_path: Path, store: LabelStore, thumbnails: Thumbnails) -> None:
    fill(tmp_path / "pictures", 64)
    work = classifier(store, thumbnails, Counting())
    work.start()
    work.stop()
    kept = len(Pictures(store, tmp_path / "pictures").judged("fake-1"))
    assert kept == work.progress.done
    assert not work._thread.is_alive()


def test_thumbnails_fit_their_square_and_outlive_the_program(tmp_path: Path) -> None:
    path = tmp_path / "thumbnails.sqlite"
    one = Thumbnails(path)
    made = one.add("a", draw.product(1000, 500))
    one.close()
    two = Thumbnails(path)
    assert two.get("a") == made
    assert two.get("b") is None
    two.close()
    assert LONGEST == 256
    assert len(made) < 30_000


def test_a_file_that_cannot_hold_thumbnails_is_named(tmp_path: Path) -> None:
    path = tmp_path / "thumbnails.sqlite"
    path.write_bytes(b"somebody's notes, which are no thumbnails and are longer than a header of SQLite " * 3)
    with pytest.raises(StoreError, match=r"thumbnails\.sqlite cannot hold thumbnails"):
        Thumbnails(path)

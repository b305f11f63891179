"""The engine for clusters, on a small Ray of this machine: the same records, resumed by either, errors as rows."""

from __future__ import annotations

import json
import os
import pickle
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image as PillowImage

from tests import draw, fakes
from tests.catalogue.conftest import broken, pictures
from unframe.catalogue import Work, item, local, open_source, ray_engine, results
from unframe.catalogue.local import Watch
from unframe.catalogue.plan import Plan
from unframe.catalogue.ray_engine import BATCH, RayEngine
from unframe.catalogue.records import Record
from unframe.cli import scanning
from unframe.detector import Detector
from unframe.errors import ScanError
from unframe.settings import Settings
from unframe.types import Detection, Image

# Warnings of Ray's own are not ours to mend.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(600)]

DEADLY = 49
"""Height of a picture whose decoding kills its process, as a defect of a native decoder may."""


class Deadly(fakes.FakeDetector):
    """A detector that one picture kills."""

    def detect(self, image: Image) -> Detection:
        if image.shape[0] == DEADLY:
            os._exit(1)
        return super().detect(image)

    def detect_many(self, images: Sequence[Image]) -> list[Detection]:
        return [self.detect(image) for image in images]


def load(model: str = "fake-1") -> Detector:
    detector = Deadly()
    detector.model = model
    return Detector(detector, Settings(jobs=2))


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A Ray with two processes, which the engine finds and leaves running."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray = pytest.importorskip("ray", reason="needs Ray: pip install 'unframe[ray]'")
    pytest.importorskip("ray.data")
    try:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # what Ray raises where its processes do not come up in the time that it allows
        pytest.skip(f"Ray does not come up on this machine: {error}")
    yield
    ray.shutdown()


def scan(engine: scanning.Engine, folder: Path, output: Path, watch: Watch = local.NOBODY, **begin: Any) -> bytes:
    """Scan a folder to JSON lines, and give the whole file."""
    source = open_source(str(folder))
    detector = load()
    plan = Plan.of(source, detector, Work(), 40)
    with results.begin(output, "jsonl", plan, **begin) as found:
        assert found is not None
        assert engine(source, found, detector, Work(), watch)
    results.publish(output, "jsonl")
    return output.read_bytes()


def records(data: bytes) -> list[Record]:
    return [json.loads(line) for line in data.splitlines()]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Several batches and parts, one broken file among them."""
    pictures(tmp_path / "shop", 2 * BATCH + 30)
    broken(tmp_path / "shop" / "017.png")
    return tmp_path / "shop"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Judges in this process what Ray would hand out, and loses batches as Ray does; gives how large each was."""
    sizes: list[int] = []

    @contextmanager
    def cluster(*_: object) -> Iterator[Any]:
        yield SimpleNamespace(cluster_resources=lambda: {"CPU": 2.0})

    def judged(
        _: Any, batches: Sequence[Any], maker: Any, *_args: int, alone: bool = False
    ) -> Iterator[dict[str, Any]]:
        judge = ray_engine._Judge(pickle.loads(pickle.dumps(maker)))
        for batch in reversed(batches):  # they come back in any order
            assert not alone or len(batch[1]) == 1
            sizes.append(len(batch[1]))
            with suppress(DiedError):
                yield judge({"batch": pickle.dumps(batch)})

    def die(_: int) -> None:
        raise DiedError

    monkeypatch.setattr(ray_engine, "_cluster", cluster)
    monkeypatch.setattr(ray_engine, "_judged", judged)
    monkeypatch.setattr(ray_engine, "WAVE", 1)
    monkeypatch.setattr(os, "_exit", die)
    return sizes


class DiedError(BaseException):
    """Stands for the end of a process: no handler of exceptions sees it."""


class StoppedError(Exception):
    """Stands for whatever ends a scan early."""


def either_goes_on_with_what_the_other_began(shop: Path, folder: Path, expected: bytes) -> None:
    def stop(record: Record) -> None:
        if "050" in record["path"]:
            raise StoppedError

    for first, second in ((local.scan, RayEngine(load)), (RayEngine(load), local.scan)):
        output = folder / f"{'ray' if first is local.scan else 'local'} goes on.jsonl"
        with pytest.raises(StoppedError):
            scan(first, shop, output, Watch(judged=stop))
        skipped: list[int] = []
        assert scan(second, shop, output, Watch(skipped=skipped.append), resume=True) == expected
        assert sum(skipped) >= 40  # the first part, at least


def test_waves_resuming_and_losses_without_ray(stand_in: list[int], shop: Path, tmp_path: Path) -> None:
    expected = scan(local.scan, shop, tmp_path / "local.jsonl")
    assert scan(RayEngine(load), shop, tmp_path / "ray.jsonl") == expected
    assert stand_in == [8, BATCH, 8, BATCH, 14]  # two batches in a wave, and a part has 40 pictures

    either_goes_on_with_what_the_other_began(shop, tmp_path, expected)

    PillowImage.fromarray(draw.product(64, DEADLY, seed=1)).save(shop / "040.png")
    stand_in.clear()
    found = records(scan(RayEngine(load), shop, tmp_path / "deadly.jsonl"))
    assert stand_in == [8, BATCH, 8, BATCH, *[1] * BATCH, 14]
    assert [Path(each["path"]).name for each in found if each["status"] == "error"] == ["017.png", "040.png"]
    assert found[40]["error"] == "internal"


def test_a_wave_ends_early_when_its_pictures_take_much_memory(
    stand_in: list[int], shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "shop.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        for path in sorted(shop.iterdir()):
            file.add(path, path.name)
    monkeypatch.setattr(item, "HELD", 10 * (shop / "001.png").stat().st_size)
    monkeypatch.setattr(ray_engine, "WAVE", 100)
    waves: list[int] = []
    run = ray_engine._run

    def note(ray: Any, wave: Sequence[Any], *rest: Any) -> None:
        waves.append(sum(item.held(each) for _, batch in wave for each in batch))
        run(ray, wave, *rest)

    monkeypatch.setattr(ray_engine, "_run", note)
    expected = scan(local.scan, archive, tmp_path / "local.jsonl")
    assert scan(RayEngine(load), archive, tmp_path / "ray.jsonl") == expected
    assert len(expected.splitlines()) == len(list(shop.iterdir()))
    assert len(waves) > 5
    assert max(waves) < 2 * item.HELD
    assert len(stand_in) == len(waves)
    either_goes_on_with_what_the_other_began(archive, tmp_path, expected)


@pytest.mark.usefixtures("stand_in")
def test_no_message_about_a_lost_picture_holds_a_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://me:secret@shop.example/1.jpg?key=secret"
    (tmp_path / "list.txt").write_text(f"{address}\n")

    def lost(*_args: object, **_how: object) -> Iterator[dict[str, Any]]:
        return iter(())

    monkeypatch.setattr(ray_engine, "_judged", lost)
    [record] = records(scan(RayEngine(load), tmp_path / "list.txt", tmp_path / "r.jsonl"))
    assert record["path"] == address
    assert record["message"].startswith("https://shop.example/1.jpg?…: ")
    assert "secret" not in record["message"]


@pytest.mark.usefixtures("stand_in")
def test_another_model_is_refused_before_it_judges(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="has model other-2, and the scan is with fake-1"):
        scan(RayEngine(partial(load, "other-2")), shop, tmp_path / "r.jsonl")


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_either_engine_gives_the_same_and_goes_on_with_what_the_other_began(shop: Path, tmp_path: Path) -> None:
    expected = scan(local.scan, shop, tmp_path / "local.jsonl")
    seen: list[Record] = []
    assert scan(RayEngine(load), shop, tmp_path / "ray.jsonl", Watch(judged=seen.append)) == expected
    assert sorted(each["path"] for each in seen) == [each["path"] for each in records(expected)]
    assert records(expected)[17]["error"] == "truncated"

    either_goes_on_with_what_the_other_began(shop, tmp_path, expected)


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_a_picture_that_kills_its_process_is_a_record(shop: Path, tmp_path: Path) -> None:
    PillowImage.fromarray(draw.product(64, DEADLY, seed=1)).save(shop / "040.png")
    found = records(scan(RayEngine(load), shop, tmp_path / "r.jsonl"))
    assert len(found) == 2 * BATCH + 30
    assert [Path(each["path"]).name for each in found if each["status"] == "error"] == ["017.png", "040.png"]
    assert found[40]["error"] == "internal"
    assert "died" in found[40]["message"]


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_machines_with_another_model_are_refused(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="has model other-2, and the scan is with fake-1"):
        scan(RayEngine(partial(load, "other-2")), shop, tmp_path / "r.jsonl")


@pytest.mark.slow  # Ray may take minutes to come up on a machine with other work
@pytest.mark.usefixtures("cluster")
def test_a_few_pictures(tmp_path: Path) -> None:
    pictures(tmp_path / "shop", 5)
    broken(tmp_path / "shop" / "001.png")
    assert scan(RayEngine(load), tmp_path / "shop", tmp_path / "ray.jsonl") == scan(
        local.scan, tmp_path / "shop", tmp_path / "local.jsonl"
    )


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1"])
def test_an_address_where_there_is_no_cluster(tmp_path: Path, address: str) -> None:
    ray = pytest.importorskip("ray", reason="needs Ray: pip install 'unframe[ray]'")
    if ray.is_initialized():
        ray.shutdown()
    pictures(tmp_path / "shop", 1)
    with pytest.raises(ScanError, match=r"no Ray at (ray://)?127.0.0.1:1: .*--engine local"):
        scan(RayEngine(load, address), tmp_path / "shop", tmp_path / "r.jsonl")


def test_the_reason_is_the_last_line_that_says_something() -> None:
    error = RuntimeError("the actor died\nunframe.errors.ScanError: another model\n\n")
    assert ray_engine._reason(error) == "unframe.errors.ScanError: another model"
    error.__cause__ = ValueError("\n")  # some of what Ray raises has no words
    assert ray_engine._reason(error) == "unframe.errors.ScanError: another model"
    error.__cause__ = ValueError("no such picture")
    assert ray_engine._reason(error) == "no such picture"
    assert ray_engine._reason(KeyError()) == "KeyError"

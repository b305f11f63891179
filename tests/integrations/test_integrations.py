"""What ships for other tools: a pre-commit hook, a GitHub Action, and examples for CleanVision, FiftyOne and Spark."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import unframe
from tests import draw, fakes
from tests.cli.conftest import Run, run, save
from unframe.types import Box, Detection, Frame

yaml = pytest.importorskip("yaml")

__all__ = ["run"]

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "integrations"


def example(name: str) -> ModuleType:
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A framed and a clean picture, and a file that is none."""
    folder = tmp_path / "a shop"
    save(draw.bordered(draw.product(seed=1), 12, fakes.FRAME_COLOUR)[0], folder / "framed.png")
    save(draw.product(seed=3), folder / "clean.jpg")
    return folder


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples load the detector of the tests."""
    monkeypatch.setattr(unframe.Detector, "load", lambda: unframe.Detector(fakes.FakeDetector()))


def test_the_pre_commit_hook_fails_on_a_framed_picture(run: Run, pictures: Path) -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    (hook,) = clientlib.load_manifest(ROOT / ".pre-commit-hooks.yaml")
    assert hook["language"] == "python"
    program, *words = shlex.split(hook["entry"])
    assert program == "unframe"
    assert run(*words, *hook["args"], pictures / "clean.jpg").code == 0
    assert run(*words, *hook["args"], pictures / "clean.jpg", pictures / "framed.png").code == 1


def test_the_pre_commit_hook_takes_every_format_that_is_read() -> None:
    tags_from_path = pytest.importorskip("identify.identify").tags_from_filename
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    for name in ("a.jpg", "a.jpeg", "a.png", "a.webp", "a.gif", "a.bmp", "a.tif", "a.tiff", "a.avif"):
        assert tags_from_path(name) & set(hook["types_or"]), name
    assert not tags_from_path("a.svg") & set(hook["types_or"])


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(("names", "code"), [(("clean.jpg",), 0), (("clean.jpg", "framed.png"), 1)])
def test_the_github_action_fails_on_a_framed_picture(
    pictures: Path, tmp_path: Path, names: tuple[str, ...], code: int
) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    step = action["runs"]["steps"][-1]
    program = tmp_path / "unframe" / "bin" / "unframe"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m unframe "$@"\n')
    program.chmod(0o755)
    values = {
        "paths": "\n".join(["", *(str(pictures / name) for name in names), ""]),
        "fail-on": action["inputs"]["fail-on"]["default"],
        "options": "--detector baseline --jobs 1",
    }
    variables = {name: values[text.split("inputs.")[1].split()[0]] for name, text in step["env"].items()}
    summary = tmp_path / "summary.md"
    environment = os.environ | variables | {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary)}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert all(name in summary.read_text() for name in names)
    assert "a shop" in done.stdout


def test_no_input_of_the_github_action_is_pasted_into_a_script() -> None:
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    assert not [step["name"] for step in steps if "${{" in step["run"]]


class Label(SimpleNamespace):
    """Stands for any label of FiftyOne: keeps what it is made of."""


def test_labels_for_fiftyone_are_shares_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in: Any = ModuleType("fiftyone")
    stand_in.Classification = stand_in.Detection = Label
    monkeypatch.setitem(sys.modules, "fiftyone", stand_in)
    module = example("fiftyone_frames")
    frame = Frame(Box(20, 10, 180, 90), Box.whole(200, 100), ("top", "bottom"), "border")
    found = module.labels(Detection("framed", 0.9, True, frame, 200, 100, "cnn", "m"))
    assert found["frame"] == Label(label="framed", confidence=0.9)
    assert found["photograph"] == Label(label="border", bounding_box=[0.1, 0.1, 0.8, 0.8])
    assert list(module.labels(Detection("clean", 0.1, False, None, 200, 100, "cnn", "m"))) == ["frame"]


class Sample(dict[str, Any]):
    """Stands for a sample of FiftyOne: fields by name, and a path."""

    def __init__(self, filepath: Path) -> None:
        super().__init__()
        self.filepath = str(filepath)


@pytest.mark.usefixtures("fake")
def test_every_sample_of_a_fiftyone_data_set_is_labelled(monkeypatch: pytest.MonkeyPatch, pictures: Path) -> None:
    stand_in: Any = ModuleType("fiftyone")
    stand_in.Classification = stand_in.Detection = Label
    monkeypatch.setitem(sys.modules, "fiftyone", stand_in)
    samples = [Sample(pictures / name) for name in ("framed.png", "clean.jpg")]
    example("fiftyone_frames").annotate(SimpleNamespace(iter_samples=lambda **_: samples))
    assert [sample["frame"].label for sample in samples] == ["framed", "clean"]
    assert samples[0]["photograph"].bounding_box == pytest.approx([12 / 160, 12 / 120, 136 / 160, 96 / 120])
    assert "photograph" not in samples[1]


@pytest.mark.usefixtures("fake")
def test_fiftyone_keeps_what_was_found(pictures: Path) -> None:
    fiftyone = pytest.importorskip("fiftyone", reason="needs FiftyOne, which is no dependency")
    try:
        dataset = fiftyone.Dataset.from_images_dir(str(pictures))
    except fiftyone.core.config.FiftyOneConfigError as error:
        pytest.skip(f"FiftyOne's database does not come up on this machine: {error}")
    example("fiftyone_frames").annotate(dataset)
    assert sorted(dataset.values("frame.label")) == ["clean", "framed"]
    dataset.delete()


@pytest.mark.usefixtures("fake")
def test_cleanvision_finds_frames_as_an_issue(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cleanvision", reason="needs CleanVision, which is no dependency")
    lab = example("cleanvision_frames").main(str(pictures))
    issues = lab.issues.rename(index=lambda path: Path(path).name)
    assert issues["is_added_frame_issue"].to_dict() == {"framed.png": True, "clean.jpg": False}
    assert issues["added_frame_score"]["clean.jpg"] > 0.9
    assert lab.issue_summary.set_index("issue_type")["num_images"]["added_frame"] == 1
    assert "framed.png" in capsys.readouterr().out


@pytest.mark.slow
def test_spark_gives_the_records_that_a_scan_gives(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="needs PySpark, which is no dependency")
    if shutil.which("java") is None:
        pytest.skip("needs Java")
    from unframe.catalogue.item import File, Item
    from unframe.catalogue.work import judge

    module = example("spark_scan")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    paths = [*(str(pictures / name) for name in ("framed.png", "clean.jpg")), str(tmp_path / "gone.jpg")]
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = (
        builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    )
    spark.sparkContext.addPyFile(str(EXAMPLES / "spark_scan.py"))
    try:
        rows = spark.createDataFrame(
            list(zip(paths, ["ann", "bob", "ann"], [1, 2, 3], strict=True)), "path string, seller string, n int"
        )
        found = {row["path"]: row.asDict() for row in module.scan(rows).collect()}
    finally:
        spark.stop()
    expected = list(judge([Item(path, File(path)) for path in paths], unframe.Detector.load()))
    assert [found[path]["seller"] for path in paths] == ["ann", "bob", "ann"]
    assert [found[path]["n"] for path in paths] == [1, 2, 3]
    for record in expected:
        assert {name: found[record["path"]][name] for name in record} == record
    assert found[paths[2]]["error"] == "unreadable"

"""The notebooks run from top to bottom on drawn pictures, and what is kept of a run can be shown to anybody."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nbclient", reason="needs the extra notebook")

from scripts import run_notebooks, site_hooks

NOTEBOOKS = run_notebooks.notebooks()
FIRST_LINE = re.compile(r"^[A-Z]+ = None  # or .*\"$")


def cells(path: Path, kind: str) -> list[Any]:
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def test_there_are_five_in_order() -> None:
    assert [path.name[0] for path in NOTEBOOKS] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_one_line_turns_a_notebook_to_the_readers_own_pictures(path: Path) -> None:
    first = "".join(cells(path, "code")[0]["source"]).splitlines()[0]
    assert FIRST_LINE.match(first), first
    name = first.split(" ")[0]
    assert any(name in "".join(cell["source"]).split("\n", 1)[-1] for cell in cells(path, "code"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_kept_of_a_run_is_whole_small_and_says_nothing_of_the_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) < 900_000
    assert not re.search(r"/(?:tmp|home|root|work|Users)/", text)
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 2
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert not [output for output in outputs if "<Figure" in "".join(output.get("data", {}).get("text/plain", "<F"))
                and "image/png" not in output.get("data", {})]  # fmt: skip


def test_the_first_example_is_the_posts() -> None:
    printed = "".join(cells(NOTEBOOKS[0], "code")[1]["outputs"][0]["text"])
    assert json.loads(printed) == [-2, -9, 0, -8, -6, -14, 7, -14, -3]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_becomes_a_page_with_its_pictures(path: Path) -> None:
    *pictures, (name, page) = site_hooks.pages_of(path)
    assert name == f"notebooks/{path.stem}.md"
    assert isinstance(page, str)
    assert all(f"]({Path(target).name})" in page for target, _ in pictures)
    assert all(isinstance(data, bytes) and data.startswith(b"\x89PNG") for _, data in pictures)
    assert ".ipynb)" not in page
    assert "](../docs/" not in page


def test_paths_of_the_machine_are_cut_to_their_last_folder() -> None:
    neutral = run_notebooks.PATHS.sub(r"\g<name>", "read /tmp/abc/unframe-x1y2/photos/a.jpg and '/var/unframe-q'")
    assert neutral == "read unframe-x1y2/photos/a.jpg and 'unframe-q'"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path) -> None:
    done = run_notebooks.executed(path, tmp_path)
    images = [
        output
        for cell in done.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert len(images) == sum(
        "image/png" in output.get("data", {}) for cell in cells(path, "code") for output in cell["outputs"]
    )

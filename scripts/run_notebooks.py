"""Run the notebooks and keep their outputs; run it with ``python -m scripts.run_notebooks [NUMBER ...]``.

Outputs are kept so that the notebooks can be read where they cannot be run: in the repository and on the site. Times,
execution counts' gaps and paths of this machine are not kept.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image as PillowImage

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
LIMIT = 900
"""Seconds that a cell may take; on two idle cores a whole notebook takes less than 180."""

PATHS = re.compile(r"(?:/[\w.+-]+)*/(?P<name>unframe-[\w-]+)(?=[/\s'\"]|$)")
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "KERAS_BACKEND": "tensorflow",
} | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
"""What a run is given: few words, and one thread, which on networks this small is as fast as several."""


def notebooks() -> list[Path]:
    """Every notebook, in the order in which they are read."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path, folder: Path = FOLDER) -> Any:
    """The notebook with what its cells gave.

    Args:
        path: The notebook.
        folder: The working directory of its cells.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    os.environ |= ENVIRONMENT
    client = NotebookClient(
        notebook, timeout=LIMIT, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return notebook


def cleaned(notebook: Any) -> Any:
    """The notebook without what differs from machine to machine."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02}"
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = _joined(output for output in cell.outputs if output.get("name") != "stderr")
            for output in cell.outputs:
                _neutral(output)
    return notebook


def _joined(outputs: Iterable[Any]) -> list[Any]:
    """The outputs with printed lines in one piece; how they are cut depends on how fast they come."""
    found: list[Any] = []
    for output in outputs:
        if found and output.output_type == found[-1].output_type == "stream":
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def _neutral(output: Any) -> None:
    """Drop the folders of this machine from an output."""
    if "text" in output:
        output.text = PATHS.sub(r"\g<name>", output.text)
    for kind, text in output.get("data", {}).items():
        if kind.startswith("text/"):
            output.data[kind] = PATHS.sub(r"\g<name>", text)
    if "metadata" in output:
        output.metadata = {}
    if "image/png" in output.get("data", {}):
        output.data["image/png"] = _smaller(output.data["image/png"])


def _smaller(png: str) -> str:
    """A picture in base64 with 256 colours: a third of the size, and nobody sees it."""
    with PillowImage.open(io.BytesIO(base64.b64decode(png))) as opened:
        reduced = opened.convert("RGB").quantize(256, kmeans=1)  # else small spots lose their colour
    buffer = io.BytesIO()
    reduced.save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def main() -> None:
    """Run them."""
    parser = argparse.ArgumentParser(description="Run the notebooks and keep their outputs.")
    parser.add_argument("numbers", nargs="*", help="run these alone, by their numbers")
    wanted = parser.parse_args().numbers
    for path in notebooks():
        if wanted and path.name.partition("-")[0] not in wanted:
            continue
        started = time.perf_counter()
        notebook = cleaned(executed(path))
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
        print(f"{path.name}: {time.perf_counter() - started:.0f} s, {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()

"""What may be imported when: the command line starts without numbers, pictures or networks."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from unframe.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "unframe"
HEAVY = {
    "PIL", "cv2", "jinja2", "keras", "matplotlib", "numpy", "onnx", "onnxruntime", "pandas", "pyarrow", "scipy",
    "sklearn", "tensorflow",
}  # fmt: skip
NETWORKS = {"keras", "tensorflow", "onnx", "torch", "jax"}
LIGHT = {"typer", "typer.core", "unframe.cli.shared", "unframe.errors", "unframe.settings"}


def loaded_by(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after a statement."""
    script = f"{statement}\nimport json, sys; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(result.stdout.splitlines()[-1]))


def imported_at_top(module: str) -> set[str]:
    """The modules that a module's own top-level statements import; those for type checkers alone do not count."""
    tree = ast.parse((PACKAGE.parent / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8"))
    names: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            names.add(str(statement.module))
    return names


@pytest.mark.parametrize(
    "statement", ["import unframe", "import unframe.cli", "import unframe.settings, unframe.errors"]
)
def test_the_front_of_the_package_loads_nothing_heavy(statement: str) -> None:
    assert not loaded_by(statement) & HEAVY


def test_the_help_page_imports_every_command_and_yet_loads_nothing_heavy() -> None:
    imports = "\n".join(f"import {module}" for module in COMMANDS.values())
    assert not loaded_by(imports) & HEAVY


@pytest.mark.parametrize("module", COMMANDS.values(), ids=list(COMMANDS))
def test_a_command_imports_only_light_modules_at_its_top(module: str) -> None:
    foreign = {name for name in imported_at_top(module) if name.split(".")[0] not in sys.stdlib_module_names}
    assert foreign <= LIGHT


@pytest.mark.parametrize("room", ["types", "imaging", "files"])
def test_rooms_below_the_detectors_need_no_extra(room: str) -> None:
    assert loaded_by(f"import unframe.{room}") & HEAVY <= {"numpy", "PIL"}


def test_the_runtime_loads_neither_a_network_framework_nor_opencv() -> None:
    assert not loaded_by("import unframe.runtime") & (NETWORKS | {"cv2"})


def test_importing_the_baseline_waits_with_opencv_until_it_is_used() -> None:
    assert "cv2" not in loaded_by("import unframe.baseline")

"""A run's folder: what it was asked to do, what it needs to be repeated, and what came of it.

``run.json`` is written before training and says everything that decides the outcome; a folder is only carried on by a
run that says the same. ``result.json`` and ``validation.csv`` appear when training is over.
"""

from __future__ import annotations

import csv
import io
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.records import Sample
from unframe.dataset.splits import groups
from unframe.errors import DatasetError, OutputError
from unframe.files import CsvText, write_atomic
from unframe.training.loop import HISTORY, Progress, Record

PLAN = "run.json"
RESULT = "result.json"
VALIDATION = "validation.csv"
COLUMNS = ("file", "source", "group", "label", "probability")

_PACKAGES = ("unframe", "keras", "tensorflow", "tensorflow-cpu", "jax", "numpy", "pillow")


@dataclass(frozen=True, slots=True)
class Validation:
    """What a network says about the pictures it was validated on; arrays of one length.

    Attributes:
        truth: bool, whether the picture is framed.
        probability: float64, what the network gives, 0 to 1.
        group: Name of the group of sources that the picture belongs to.
    """

    truth: NDArray[np.bool_]
    probability: NDArray[np.float64]
    group: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished or unfinished run, read from its folder.

    Attributes:
        folder: Where it is.
        plan: What it was asked to do.
        history: A record for each epoch.
        result: What came of it; ``None`` while it is unfinished.
    """

    folder: Path
    plan: Mapping[str, Any]
    history: Sequence[Record]
    result: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """Name of the network."""
        return str(self.plan["spec"])

    def validation(self) -> Validation:
        """What the network says about the pictures it was validated on."""
        with (self.folder / VALIDATION).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return Validation(
            truth=np.array([row["label"] == "framed" for row in rows]),
            probability=np.array([float(row["probability"]) for row in rows]),
            group=np.array([row["group"] for row in rows], dtype=str),
        )


def begin(folder: Path, plan: Mapping[str, Any]) -> None:
    """Claim a folder for a run, or see that it was left by a run with the same plan.

    Raises:
        OutputError: The folder holds another run.
    """
    path = folder / PLAN
    plan = json.loads(json.dumps(plan))
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        other = [key for key in plan if found.get(key) != plan[key]]
        if other:
            raise OutputError("exists", f"{folder} holds a run with another {', '.join(other)}; choose another folder")
        return
    write_atomic(path, _json({**plan, "versions": versions()}))


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def versions() -> dict[str, str]:
    """Versions of whatever takes part in training; others may round differently."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def finish(folder: Path, progress: Progress, samples: Sequence[Sample], probability: NDArray[np.float32]) -> None:
    """Write what came of a run.

    Args:
        folder: The run's folder.
        progress: What happened in training.
        samples: The pictures that it was validated on.
        probability: What its best weights say about them, float32 ``(pictures,)``.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(CsvText(text))
    writer.writerow(COLUMNS)
    for sample, group, value in zip(samples, groups(samples), probability, strict=True):
        writer.writerow([sample.path.as_posix(), sample.source, group, sample.label, f"{value:.6f}"])
    write_atomic(folder / VALIDATION, text.getvalue().encode(), overwrite=True)
    result = {"epochs": len(progress.history), "best": progress.history[progress.best - 1]}
    write_atomic(folder / RESULT, _json(result), overwrite=True)


def find(paths: Iterable[Path]) -> list[Run]:
    """The runs in these folders and the folders below them, in order of their paths.

    Raises:
        DatasetError: There is none.
    """
    paths = list(paths)
    plans = {plan.resolve(): plan for path in paths for plan in sorted(path.rglob(PLAN))}
    if not plans:
        raise DatasetError(f"there is no {PLAN} in {', '.join(map(str, paths))}; name folders that unframe train wrote")
    return [load(plan.parent) for plan in plans.values()]


def load(folder: Path) -> Run:
    """The run in a folder."""
    history = folder / HISTORY
    result = folder / RESULT
    return Run(
        folder=folder,
        plan=json.loads((folder / PLAN).read_text(encoding="utf-8")),
        history=[json.loads(line) for line in history.read_text().splitlines()] if history.exists() else [],
        result=json.loads(result.read_text(encoding="utf-8")) if result.exists() else None,
    )

"""Metrics, curves, comparison and report: sees labels and detections, never networks.

`run` measures, `summary` summarises (with `metrics`, `geometry`, `slices` and `compare`), `report` renders (with
`plots` and `pictures`); `label_errors` ranks the labels that detections speak against.
"""

from __future__ import annotations

from importlib.util import find_spec

from unframe.errors import MissingExtraError

PACKAGES = {"jinja2": "Jinja2", "matplotlib": "matplotlib", "scipy": "SciPy", "sklearn": "scikit-learn"}


def require_extra() -> None:
    """Make sure that the packages of the extra ``evaluate`` are there before one of them is missed halfway.

    Raises:
        MissingExtraError: One of them is not installed.
    """
    for module, package in PACKAGES.items():
        if find_spec(module) is None:
            raise MissingExtraError("Evaluation", package, "evaluate")

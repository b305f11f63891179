"""The classical detector: Canny edges and a rule set, as measure, score, decide."""

from __future__ import annotations

from unframe.baseline.detector import BaselineDetector
from unframe.baseline.parameters import Parameters

__all__ = ["BaselineDetector", "Parameters"]

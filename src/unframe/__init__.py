"""Detect, locate and remove frames that were added around product photographs.

>>> import unframe
>>> detector = unframe.Detector.load()
>>> detection = detector.detect("photo.jpg")  # doctest: +SKIP
>>> cleaned = unframe.remove("photo.jpg", detector).data  # doctest: +SKIP
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unframe.detector import Detector
    from unframe.errors import DecodeError, UnframeError
    from unframe.removal import remove
    from unframe.types import Box, Detection, Frame

__version__ = "0.1.0"

# Nothing is sent at run time. From release 1.29 on, ONNX Runtime otherwise reports processes, models and errors to its
# maker and keeps an identifier in the user's cache; it asks for this variable once, before it starts. A value that was
# set on purpose stays. https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Looked up on first use: `import unframe` alone then costs milliseconds, and whoever needs only the types
# loads no decoder.
_HOMES = {
    "Box": "unframe.types",
    "DecodeError": "unframe.errors",
    "Detection": "unframe.types",
    "Detector": "unframe.detector",
    "Frame": "unframe.types",
    "UnframeError": "unframe.errors",
    "remove": "unframe.removal",
}

__all__ = ["Box", "DecodeError", "Detection", "Detector", "Frame", "UnframeError", "__version__", "remove"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'unframe' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

"""The network without its workshop: a card, a weights file, ONNX Runtime, and the way from an image to a detection.

Whoever only detects installs neither Keras nor OpenCV. ONNX Runtime is imported when a model is loaded, not before.
"""

from __future__ import annotations

from unframe.runtime.card import Card
from unframe.runtime.network import DEFAULT_MODEL, Answer, NetworkDetector, find, installed

__all__ = ["DEFAULT_MODEL", "Answer", "Card", "NetworkDetector", "find", "installed"]

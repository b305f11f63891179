"""One detector for every source: a path, bytes, a Pillow picture or an array."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from typing import Any

from unframe.errors import ModelError
from unframe.imaging import Source, load
from unframe.runtime import DEFAULT_MODEL, Answer
from unframe.runtime.card import CARD_FILE
from unframe.settings import Settings
from unframe.types import Detection, ImageDetector

DETECTORS = {
    "cnn": ("unframe.runtime", "NetworkDetector.load"),
    "baseline": ("unframe.baseline", "BaselineDetector"),
}
"""Name of each detector, as ``--detector`` takes it, and what makes one; imported when it is asked for."""

WEIGHTS = Path(__file__).parent / "runtime" / "weights"


class Detector:
    """Judges whatever holds a picture; wraps an `ImageDetector`, which judges arrays.

    One detector may be used from several threads at once.

    Example:
        >>> import numpy as np
        >>> detector = Detector.load()
        >>> detector.detect(np.full((200, 200, 3), 255, dtype=np.uint8)).verdict
        'clean'
    """

    def __init__(self, image_detector: ImageDetector, settings: Settings | None = None) -> None:
        self._images = image_detector
        self.settings = settings or Settings()

    @classmethod
    def load(cls, name: str | None = None, settings: Settings | None = None, **options: Any) -> Detector:
        """Load a detector by name.

        Args:
            name: ``cnn``, the network, or ``baseline``, the rule set; the network when omitted.
            settings: Limits on what is decoded; the defaults when omitted.
            **options: Passed on to the detector: ``model`` for ``cnn``, the name of an installed model or the folder
                of one's own; ``parameters`` for ``baseline``.

        Raises:
            ModelError: There is no such detector, or it is not installed.
            MissingExtraError: The detector needs a package that is not installed.
        """
        name = name or ("cnn" if "model" in options else default_name())
        if name not in DETECTORS:
            raise ModelError(f"there is no detector {name!r}; choose one of: {', '.join(DETECTORS)}")
        module, maker = DETECTORS[name]
        if find_spec(module) is None:
            raise ModelError(f"detector {name!r} is not part of this installation; install unframe again")
        return cls(attrgetter(maker)(import_module(module))(**options), settings)

    @property
    def name(self) -> str:
        """The detector's name, as ``--detector`` takes it."""
        return self._images.name

    @property
    def model(self) -> str:
        """Name and version of the rules or weights."""
        return self._images.model

    @property
    def digest(self) -> str:
        """Tells models of the same name apart, by weights and calibration; empty where the name says it all."""
        digest: str = getattr(self._images, "digest", "")
        return digest

    def detect(self, source: Source, name: str | None = None) -> Detection:
        """Judge one picture.

        Args:
            source: A path, the bytes of a picture file, a Pillow picture, or a uint8 array of shape
                ``(height, width)``, ``(height, width, 3)`` RGB or ``(height, width, 4)`` RGBA.
            name: What messages call the picture; its path when omitted.

        Raises:
            DecodeError: The picture cannot be read or decoded, or is over a limit.
        """
        return self._images.detect(load(source, self.settings, name))

    def evidence(self, source: Source, name: str | None = None) -> Answer | None:
        """What the network sees in one picture and answers to it, for explanations; ``None`` for other detectors.

        Args:
            source: As for `detect`.
            name: What messages call the picture; its path when omitted.

        Raises:
            DecodeError: The picture cannot be read or decoded, or is over a limit.
        """
        look = getattr(self._images, "evidence", None)
        answer: Answer | None = look(load(source, self.settings, name)) if look else None
        return answer

    def detect_many(self, sources: Iterable[Source]) -> list[Detection]:
        """Judge several pictures, in order; all of them are held in memory at once.

        Raises:
            DecodeError: One of them cannot be read or decoded, or is over a limit.
        """
        return self._images.detect_many([load(source, self.settings) for source in sources])


def default_name() -> str:
    """The detector that is used when none is named: the network, unless an installation left its weights out."""
    return "cnn" if (WEIGHTS / DEFAULT_MODEL / CARD_FILE).is_file() else "baseline"

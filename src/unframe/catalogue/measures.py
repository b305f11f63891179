"""What a scan may note about each picture while its pixels are there, so that nothing has to be read twice."""

from __future__ import annotations

from collections.abc import Mapping

from unframe.catalogue.fingerprint import fingerprint
from unframe.catalogue.item import Column, Scalar
from unframe.catalogue.look import LOOK, look, to_text
from unframe.catalogue.work import Measure
from unframe.types import Detection, Image

FINGERPRINT = Column("fingerprint")
"""The column of a record that holds its picture's fingerprint as text."""


class LookMeasure:
    """What the frame of each framed picture looks like, for templates."""

    columns = (LOOK,)

    def __call__(self, image: Image, detection: Detection) -> Mapping[str, Scalar | list[str]]:
        """The look of the frame that was found, or nothing."""
        return {LOOK.name: to_text(look(image, detection.frame)) if detection.frame else None}


class FingerprintMeasure:
    """The fingerprint of each picture, for duplicates."""

    columns = (FINGERPRINT,)

    def __call__(self, image: Image, detection: Detection) -> Mapping[str, Scalar | list[str]]:
        """The fingerprint of the photograph inside the frame that was found."""
        return {FINGERPRINT.name: fingerprint(image, detection.frame.inner if detection.frame else None).text()}


def measures(*, looks: bool = False, fingerprints: bool = False) -> tuple[Measure, ...]:
    """The measures that were asked for."""
    return (*((LookMeasure(),) if looks else ()), *((FingerprintMeasure(),) if fingerprints else ()))

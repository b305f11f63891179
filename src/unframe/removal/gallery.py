"""A folder of explanations: one drawing for each picture, and contact sheets of all."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

from PIL import Image as PillowImage

from unframe.detector import Detector
from unframe.errors import OutputError
from unframe.files import Input, plan_outputs, write_atomic
from unframe.imaging import decode
from unframe.removal.explain import PAIRS_PER_SHEET, Pair, contact_sheet, explanation, pair
from unframe.removal.remove import Removal
from unframe.settings import Settings


class Gallery:
    """Draws explanations into a folder; may be used from several threads at once.

    The drawing of ``a/b.jpg`` is ``a/b.jpg.png``, so that no two pictures share one. The sheets are written
    last, with the pictures in the order of the inputs. With a detector, drawings show what its network saw.

    Raises:
        OutputError: Two drawings would have the same name.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        folder: Path,
        settings: Settings | None = None,
        *,
        overwrite: bool = False,
        detector: Detector | None = None,
    ) -> None:
        self._folder = folder
        self._detector = detector
        self._overwrite = overwrite
        self._settings = settings or Settings()
        drawings = plan_outputs([replace(each, relative=_drawing(each)) for each in inputs], folder)
        self._drawings = dict(zip((each.name for each in inputs), drawings, strict=True))
        self._order = {each.name: number for number, each in enumerate(inputs)}
        self._pairs: IO[bytes] | None = None  # on the disk, in the order of the work: they would fill the memory
        self._places: dict[int, int] = {}  # where in that file the pair of each input is
        self._lock = Lock()

    def add(self, each: Input, removal: Removal) -> None:
        """Draw one picture and keep its thumbnails for the contact sheet.

        Raises:
            OutputError: The drawing is there already, or could not be written.
        """
        image = decode(removal.original, self._settings, name=each.name)
        result = decode(removal.data, self._settings, name=each.name) if removal.changed else image
        answer = self._detector.evidence(image) if self._detector else None
        drawing = explanation(removal, image, result, each.name, answer)
        self._write(self._drawings[each.name], drawing)
        small = pair(removal, image, result, each.relative.as_posix())
        with self._lock:
            self._places[self._order[each.name]] = self._keep(small)

    def close(self) -> None:
        """Write the contact sheets."""
        if self._pairs is None:
            return
        with self._pairs:
            places = [self._places[number] for number in sorted(self._places)]
            for start in range(0, len(places), PAIRS_PER_SHEET):
                sheet = contact_sheet([_kept(self._pairs, place) for place in places[start : start + PAIRS_PER_SHEET]])
                self._write(self._folder / f"contact-sheet-{start // PAIRS_PER_SHEET + 1:03}.png", sheet)

    def _keep(self, small: Pair) -> int:
        try:
            if self._pairs is None:
                self._pairs = TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed with the gallery
            place = self._pairs.seek(0, os.SEEK_END)
            pickle.dump(small, self._pairs)
            self._pairs.flush()
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError("unwritable", f"{self._folder} takes no thumbnails: {reason}; check its space") from error
        return place

    def _write(self, path: Path, drawing: PillowImage.Image) -> None:
        stream = BytesIO()
        drawing.save(stream, "PNG")
        write_atomic(path, stream.getvalue(), overwrite=self._overwrite, root=self._folder)


def _kept(file: IO[bytes], place: int) -> Pair:
    file.seek(place)
    small: Pair = pickle.load(file)  # noqa: S301 - nobody else can write to this file
    return small


def _drawing(each: Input) -> PurePath:
    return each.relative.with_name(f"{each.relative.name}.png")

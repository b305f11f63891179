"""Drawn pictures as a data set on disk: written one by one, and carried on where a run was cut short.

A folder holds ``framed/``, ``plain/`` and seldom ``unsure/`` with the pictures, ``labels.csv``, on demand ``masks/``,
and ``synthesis.json``, which says how to draw the same again. Rows are added to ``labels.csv.part`` in order, each
once its picture is on the disk; the table takes its name when the last one is there.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from unframe.dataset.generator.album import Overlays, Photo, check_covers
from unframe.dataset.generator.drawn import Drawn
from unframe.dataset.generator.generate import Generator, draw_many
from unframe.dataset.layouts import read_dataset
from unframe.dataset.records import COLUMNS, from_drawn, to_row
from unframe.errors import DatasetError, OutputError
from unframe.files import CsvText, write_atomic

TABLE = "labels.csv"
PLAN = "synthesis.json"
FORMAT = 4
"""Raised when the same arguments draw other pictures than before: a run that was cut short is then not carried on."""


def photographs(path: str | Path, covers: Collection[str] = ()) -> list[Photo]:
    """The plain photographs of a data set or of a folder of photographs, with their sources.

    Args:
        path: The data set.
        covers: Sources whose photographs show covers of books, films or games from edge to edge.

    Raises:
        DatasetError: There is no data set, no plain photograph in it, or none of a source that is named.
    """
    photos = [Photo.of(sample, covers) for sample in read_dataset(path) if sample.label == "plain"]
    if not photos:
        raise DatasetError(f"{path} holds no photograph that is labelled plain; frames are drawn on plain ones")
    check_covers(covers, (photo.source for photo in photos))
    return photos


def write(generator: Generator, folder: Path, count: int, jobs: int = 1, masks: bool = False) -> Iterator[Drawn]:
    """Draw the first pictures of a generator into a folder, or carry on where a run with the same arguments ended.

    Args:
        generator: What draws.
        folder: Where the data set goes; new, empty, or left by the same run.
        count: How many pictures.
        jobs: Worker processes.
        masks: Write every picture's mask as well, a PNG that is 255 where the frame is and 0 elsewhere.

    Yields:
        Every picture that this run adds, once it is on the disk.

    Raises:
        OutputError: The folder holds something else, or cannot be written.
    """
    plan = _plan(generator, count, masks)
    table, part = folder / TABLE, folder / f"{TABLE}.part"
    _claim(folder, plan)
    if table.exists():
        return
    for half in folder.glob("*/.unframe-*.part"):  # what a killed run was writing
        half.unlink()
    begin = _written(part)
    try:
        with part.open("a", encoding="utf-8", newline="") as rows:
            if begin == 0:
                rows.write(_line(COLUMNS))
            for index, drawn in enumerate(draw_many(generator, range(begin, count), jobs), begin):
                rows.write(_added(drawn, index, folder, masks))
                rows.flush()
                yield drawn
            os.fsync(rows.fileno())
        part.rename(table)
    except OSError as error:
        raise OutputError("unwritable", f"{folder} cannot be written: {error.strerror or error}; check it") from error


def _plan(generator: Generator, count: int, masks: bool) -> dict[str, Any]:
    """All that decides what is drawn, as it is kept beside the pictures."""
    overlays = generator.overlays
    art = [str(path.name) for path in overlays.paths] if isinstance(overlays, Overlays) else len(overlays)
    names = "\n".join(
        f"{photo.source}\t{photo.path.name}\t{photo.rectangular}\t{photo.cover}" for photo in generator.photos
    )
    return {
        "format": FORMAT,
        "count": count,
        "seed": generator.seed,
        "size": list(generator.size),
        "masks": masks,
        "photographs": len(generator.photos),
        "photographs_sha256": hashlib.sha256(names.encode()).hexdigest(),
        "overlays": art,
        "parameters": asdict(generator.parameters),
    }


def _claim(folder: Path, plan: dict[str, Any]) -> None:
    """Write the plan into a folder that is new or empty, or see that the folder's plan is the same."""
    path = folder / PLAN
    if path.is_file():
        if json.loads(path.read_text(encoding="utf-8")) != plan:
            raise OutputError("exists", f"{folder} holds pictures of another run; choose another folder")
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError("exists", f"{folder} is not empty; choose another folder")
    write_atomic(path, json.dumps(plan, indent=2).encode())


def _written(part: Path) -> int:
    """How many rows a run has left; a last row that is not whole is cut off."""
    if not part.exists():
        return 0
    data = part.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        os.truncate(part, len(whole))
    return max(0, sum(1 for _ in csv.reader(io.StringIO(whole.decode()))) - 1)


def _added(drawn: Drawn, index: int, folder: Path, masks: bool) -> str:
    """Write the files of one picture; its row of the table."""
    data = drawn.encoded or png(drawn.image)
    ending = {b"\xff\xd8": ".jpg", b"RI": ".webp"}.get(data[:2], ".png")
    path = folder / drawn.label / f"{index:07d}{ending}"
    write_atomic(path, data, root=folder)
    if masks:
        write_atomic(folder / "masks" / f"{index:07d}.png", png(drawn.mask.astype(np.uint8) * 255), root=folder)
    sample = replace(from_drawn(drawn, path, drawn.details["source"]), note=_note(drawn))
    return _line(["" if value is None else value for value in to_row(sample, folder).values()])


def _note(drawn: Drawn) -> str:
    """What the painter chose, as JSON; the photograph by its name alone."""
    kept = {name: value for name, value in drawn.details.items() if name not in {"source", "seed"}}
    return json.dumps(kept | {"photo": Path(kept["photo"]).name}, ensure_ascii=False)


def _line(values: Sequence[Any]) -> str:
    text = io.StringIO(newline="")
    csv.writer(CsvText(text)).writerow(values)
    return text.getvalue()


def png(plane: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    """A picture or mask as PNG: uint8 ``(height, width)`` or ``(height, width, 3)`` RGB."""
    buffer = BytesIO()
    PillowImage.fromarray(plane).save(buffer, "PNG")
    return buffer.getvalue()

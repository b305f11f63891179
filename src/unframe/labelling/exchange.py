"""Between a label store and the layouts of data sets that `unframe.dataset.layouts` reads and writes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from unframe.dataset.records import Sample
from unframe.errors import DatasetError
from unframe.files import below, write_atomic
from unframe.imaging import read
from unframe.labelling.answers import Answer
from unframe.labelling.pictures import Pictures, Place, place_of
from unframe.labelling.store import IMPORT, LabelStore

FOLDERS = {"framed": "framed", "plain": "clean"}
"""Folder of each label in the layout of folders, which has no place for others."""


def import_samples(store: LabelStore, samples: Sequence[Sample], folder: Path, who: str) -> int:
    """Take over the labels of a data set, as one act.

    A picture that already has the very answer is passed by, so that importing again changes nothing.

    Args:
        store: Where the labels go.
        samples: The pictures of the data set, below ``folder``.
        folder: The folder that the review page will be opened on.
        who: Who is named as having said so.

    Returns:
        How many pictures got a label that they did not have.

    Raises:
        DatasetError: A picture does not lie below ``folder``.
        DecodeError: A picture cannot be read.
        StoreError: The store cannot be written.
    """
    folder = folder.resolve()
    places: list[Place] = []
    answers: dict[str, Answer] = {}
    for sample in samples:
        path = folder / _inside(sample.path, folder)
        sha256 = hashlib.sha256(read(path)).hexdigest()
        size = {"width": sample.width, "height": sample.height}
        places.append(place_of(path, folder, sha256, source=sample.source, **size))
        answers[sha256] = Answer.of(sample)
    Pictures(store, folder).record(places)
    current = store.current()
    news = {sha: answer for sha, answer in answers.items() if sha not in current or current[sha].answer != answer}
    if news:
        store.decide(news, who, IMPORT)
    return len(news)


def export_samples(store: LabelStore, folder: Path) -> list[Sample]:
    """The labelled pictures of a folder as records of a data set, by path.

    Of files with the same bytes the first stands for all. Pictures that were labelled and are gone are left out.
    """
    pictures = Pictures(store, folder)
    current = store.current()
    samples: dict[str, Sample] = {}
    for path, row in sorted(pictures.known().items()):
        decision = current.get(row["sha256"])
        if decision is None or decision.answer.label is None or row["sha256"] in samples:
            continue
        where = pictures.locate(row)
        if where.is_file():
            samples[row["sha256"]] = decision.answer.sample(where, row["source"] or path, row["width"], row["height"])
    return list(samples.values())


def export_folders(samples: Iterable[Sample], folder: Path, target: Path) -> int:
    """Copy pictures to ``framed/`` and ``clean/`` below a folder, byte for byte; those of other labels stay.

    Args:
        samples: Pictures below ``folder``.
        folder: Where the pictures are.
        target: Where they go, by label and then as they lie in ``folder``.

    Returns:
        How many pictures have their copy there.

    Raises:
        DatasetError: A picture does not lie below ``folder``.
        OutputError: Another file is in the place of a copy, or it cannot be written.
    """
    count = 0
    for sample in samples:
        if sample.label not in FOLDERS:
            continue
        relative = _inside(sample.path, folder)
        # A picture in no folder is its own source; the layout takes the first folder for one.
        inside = relative if len(relative.parts) > 1 else PurePath(sample.source) / relative
        write_atomic(below(target, FOLDERS[sample.label] / inside), read(sample.path), root=target)
        count += 1
    return count


def _inside(path: Path, folder: Path) -> PurePath:
    """The path of a picture relative to a folder; where the picture is a link, that of the link, as on the page."""
    resolved = path.parent.resolve() / path.name
    if not resolved.is_relative_to(folder.resolve()):
        raise DatasetError(f"{path} lies outside {folder}; name the folder that holds all pictures with --folder")
    return resolved.relative_to(folder.resolve())

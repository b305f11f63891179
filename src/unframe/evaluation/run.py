"""Measure: let detectors judge labelled pictures, each picture decoded once, and keep what they said.

What a detector says is appended to a file of records as it is said, so that a run that was cut short goes on where it
stopped, and a report is drawn anew without judging anything twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from unframe.dataset.records import Sample
from unframe.errors import DecodeError
from unframe.imaging import load
from unframe.settings import Settings
from unframe.types import Box, Detection, Frame, ImageDetector

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled picture and what every detector says about it.

    Attributes:
        sample: The picture and its label.
        detections: What each detector says, by the name that the detector has in this run; empty when decoding failed.
        failure: Why the picture could not be decoded; ``None`` when it could.
    """

    sample: Sample
    detections: Mapping[str, Detection] = field(default_factory=dict)
    failure: DecodeError | None = None


def scorable(samples: Iterable[Sample], *, doubtful: bool = False) -> tuple[list[Sample], Counter[str]]:
    """The pictures that count, and how many were left out for which reason.

    Args:
        samples: Labelled pictures.
        doubtful: Keep pictures whose label has low confidence. Pictures labelled unsure or reject have no true answer
            and are always left out.
    """
    kept: list[Sample] = []
    left_out: Counter[str] = Counter()
    for sample in samples:
        if sample.label in {"unsure", "reject"}:
            left_out[f"labelled {sample.label}"] += 1
        elif sample.confidence == "low" and not doubtful:
            left_out["label of low confidence"] += 1
        else:
            kept.append(sample)
    return kept, left_out


def measure(
    samples: Sequence[Sample],
    detectors: Mapping[str, ImageDetector],
    settings: Settings | None = None,
    *,
    folder: Path | None = None,
    fresh: bool = False,
) -> Iterator[Judged]:
    """Every picture with what every detector says about it, in order.

    Args:
        samples: Labelled pictures.
        detectors: Detectors by the name that each is to have in this run; they are called from several threads.
        settings: Limits on what is decoded, and the number of threads; the defaults when omitted.
        folder: Where to keep a journal of each detector's answers; nothing is kept when omitted.
        fresh: Forget the answers of an earlier run.
    """
    settings = settings or Settings()
    journals = {
        name: Journal(folder / journal_name(name) if folder else None, *_who(detector), fresh=fresh)
        for name, detector in detectors.items()
    }

    def judge(sample: Sample) -> Judged:
        try:
            return Judged(sample, _answers(sample, detectors, journals, settings))
        except DecodeError as error:
            return Judged(sample, failure=error)

    with ThreadPoolExecutor(settings.workers()) as pool:
        for start in range(0, len(samples), _BATCH):  # batches bound what waits for a slow taker
            yield from pool.map(judge, samples[start : start + _BATCH])


def _who(detector: ImageDetector) -> tuple[str, str]:
    """Model and digest: two trainings of one network share the model's name and answer differently."""
    return detector.model, getattr(detector, "digest", "")


def _answers(
    sample: Sample, detectors: Mapping[str, ImageDetector], journals: Mapping[str, Journal], settings: Settings
) -> dict[str, Detection]:
    stamp = _stamp(sample.path)
    found = {name: journals[name].recall(stamp) for name in detectors}
    if None in found.values():
        image = load(sample.path, settings)
        for name, detector in detectors.items():
            if found[name] is None:
                found[name] = detector.detect(image)
                journals[name].keep(stamp, found[name])
    return {name: detection for name, detection in found.items() if detection is not None}


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A file as it is now; a file that was changed since has another stamp."""

    path: str
    bytes: int
    modified: int


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError as error:
        raise DecodeError("unreadable", f"{path} cannot be read: {error.strerror or error}") from error
    return _Stamp(str(path), status.st_size, status.st_mtime_ns)


def journal_name(name: str) -> str:
    """File name of the journal of a detector; no two detectors share one."""
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name)
    if "-" in plain:  # other names may look the same by now
        digest = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()
        plain = f"{plain}-{digest[:8]}"
    return f"detections-{plain}.jsonl"


class Journal:
    """Answers of one detector, one JSON record a line: that of `Detection.record`, the file's stamp, and the digest.

    Lines are only ever appended, and of two about one file the later holds. A line that a killed run left unfinished
    is passed by: that picture is judged again.
    """

    def __init__(self, path: Path | None, model: str, digest: str = "", *, fresh: bool = False) -> None:
        """Open a journal.

        Args:
            path: The file; answers are kept nowhere when ``None``.
            model: Answers of another model are passed by.
            digest: Tells models of one name apart; answers of another digest are passed by.
            fresh: Pass by every answer that is there.
        """
        self._path = path
        self._digest = digest
        self._lock = Lock()
        self._known: dict[_Stamp, Detection] = {}
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8") as file:
            file.seek(0)
            text = file.read()
            if text and not text.endswith("\n"):
                file.write("\n")
        if not fresh:
            self._known = {_stamp_of(record): detection_of(record) for record in _records(text, model, digest)}

    def recall(self, stamp: _Stamp) -> Detection | None:
        """What was said about a file, if it has not changed since."""
        return self._known.get(stamp)

    def keep(self, stamp: _Stamp, detection: Detection | None) -> None:
        """Append an answer."""
        if self._path is None or detection is None:
            return
        record = detection.record(stamp.path) | {
            "probability": detection.probability,  # not rounded: ranks decide in a curve
            "bytes": stamp.bytes,
            "modified": stamp.modified,
            "digest": self._digest,
        }
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def _records(text: str, model: str, digest: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if (record["model"], record.get("digest", "")) == (model, digest):  # older journals have no digest
            yield record


def _stamp_of(record: Mapping[str, Any]) -> _Stamp:
    return _Stamp(record["path"], record["bytes"], record["modified"])


def detection_of(record: Mapping[str, Any]) -> Detection:
    """The detection that `Detection.record` made a record of."""
    frame = None
    if record["framed"]:
        frame = Frame(Box(*record["inner"]), Box(*record["outer"]), tuple(record["sides"]), record["kind"])
    names = ("verdict", "probability", "framed", "width", "height", "detector", "model")
    return Detection(frame=frame, **{name: record[name] for name in names})

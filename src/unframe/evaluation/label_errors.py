"""Which labels do detections speak against? A ranking for the review page.

This is confident learning (Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset
labels", JAIR 2021) for two labels. cleanlab, the authors' library, is not used because its licence (AGPL) would bind
whoever builds on this package.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from unframe.dataset.records import Sample
from unframe.dataset.splits import folds
from unframe.errors import DatasetError
from unframe.evaluation.metrics import Floats
from unframe.files import CsvText, write_atomic

FOLDS = 5
_SUREST = 1e-4


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that detections speak against.

    Attributes:
        path: The picture.
        label: The label that it has.
        suggested: The label that it seems to deserve.
        score: Out-of-fold probability of the suggested label, 0 to 1; the higher, the more suspect.
        source: Where the picture comes from.
    """

    path: str
    label: Literal["framed", "plain"]
    suggested: Literal["framed", "plain"]
    score: float
    source: str


def out_of_fold(samples: Sequence[Sample], probabilities: Floats, seed: int = 0) -> Floats:
    """Probability that each picture is framed, from a model that has seen no picture of its source.

    A logistic regression on the detectors' log-odds weighs them against each other and calibrates them, fitted on the
    other folds each time. The detectors themselves must not have learnt from these pictures, or only out of fold.

    Args:
        samples: Pictures labelled framed or plain.
        probabilities: Probability of a frame by each detector, 0 to 1, ``(pictures, detectors)``.
        seed: Seed of the folds.

    Raises:
        DatasetError: There are too few sources, or framed pictures of too few, to hold some of them out.
    """
    clipped = np.clip(probabilities, _SUREST, 1 - _SUREST)
    odds = np.log(clipped / (1 - clipped))
    framed = np.array([sample.label == "framed" for sample in samples])
    fold = np.array(folds(samples, FOLDS, seed))
    held_out = np.empty(len(samples))
    for number in range(FOLDS):
        inside = fold == number
        if len(np.unique(framed[~inside])) < 2:
            raise DatasetError(
                "without the pictures of one fold only one label is left; add framed and plain pictures of more sources"
            )
        model = LogisticRegression().fit(odds[~inside], framed[~inside])
        held_out[inside] = model.predict_proba(odds[inside])[:, 1]
    return held_out


def suspects(samples: Sequence[Sample], probability: Floats) -> list[Suspect]:
    """The pictures whose label seems wrong, the most suspect first.

    A picture is suspect when the other label is the more probable one. Where detectors are weak or one label is rare
    that may never be so; therefore it is also suspect when it counts for the other label and not for its own, where a
    picture counts for a label when its probability of it reaches the mean over the pictures that carry the label.

    Args:
        samples: Pictures labelled framed or plain.
        probability: Probability that each is framed, out of fold, 0 to 1, ``(pictures,)``.
    """
    framed = np.array([sample.label == "framed" for sample in samples], dtype=bool)
    own = np.where(framed, probability, 1 - probability)
    typical_framed, typical_plain = own[framed].mean(), own[~framed].mean()
    typical_own = np.where(framed, typical_framed, typical_plain)
    typical_other = np.where(framed, typical_plain, typical_framed)
    suspect = (own < 0.5) | ((1 - own >= typical_other) & (own < typical_own))
    order = np.argsort(own, kind="stable")
    return [_suspect(samples[at], float(1 - own[at])) for at in order if suspect[at]]


def _suspect(sample: Sample, score: float) -> Suspect:
    if sample.label == "framed":
        return Suspect(str(sample.path), "framed", "plain", score, sample.source)
    return Suspect(str(sample.path), "plain", "framed", score, sample.source)


def read_probabilities(path: Path, samples: Sequence[Sample]) -> NDArray[np.float64]:
    """The probability of each picture from a file of detections: ``(pictures,)``.

    Args:
        path: Records as `unframe detect` and `unframe evaluate` write them, JSON lines or CSV.
        samples: The pictures to find in it, by path.

    Raises:
        DatasetError: The file is no such file, or lacks a picture.
    """
    found = {Path(name).resolve(): probability for name, probability in _probabilities(path)}
    missing = [sample.path for sample in samples if sample.path.resolve() not in found]
    if missing:
        raise DatasetError(
            f"{path} says nothing about {len(missing):,} of {len(samples):,} pictures, as {missing[0]}; "
            "make it again from the same pictures"
        )
    return np.array([found[sample.path.resolve()] for sample in samples])


def _probabilities(path: Path) -> Iterator[tuple[str, float]]:
    for number, record in enumerate(_records(path), start=1):
        if record.get("status", "ok") != "ok":
            continue
        try:
            yield str(record["path"]), float(record["probability"])
        except (KeyError, TypeError, ValueError):
            raise DatasetError(f"{path} record {number} has no path and probability; write it with unframe") from None


def _records(path: Path) -> list[Mapping[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix.lower() == ".csv":
            return list(csv.DictReader(io.StringIO(text, newline="")))
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read as JSON lines: {error}; write it with unframe detect") from error


def write_suspects(path: Path, found: Sequence[Suspect], *, overwrite: bool = False) -> None:
    """Write suspects for the review page: CSV, or JSON lines where the file ends in ``.jsonl``.

    Raises:
        OutputError: The file is already there, or cannot be written.
    """
    rows = [asdict(each) | {"score": round(each.score, 4)} for each in found]
    if path.suffix.lower() == ".jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(CsvText(stream), [each.name for each in fields(Suspect)])
        writer.writeheader()
        writer.writerows(rows)
        text = stream.getvalue()
    write_atomic(path, text.encode(), overwrite=overwrite)

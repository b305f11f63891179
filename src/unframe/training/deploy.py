"""A network that was trained by name, as a model that detectors take: exported, calibrated, with its card.

It only judges: where the frame lies is then read off the picture alone (see `unframe.runtime.locate`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unframe.dataset.records import Sample
from unframe.errors import ModelError
from unframe.files import write_atomic
from unframe.network.build import LOGIT, with_logit
from unframe.network.spec import Spec
from unframe.runtime.card import CARD_FILE, WEIGHTS_FILE, Calibration, Card, Data, Input, Score
from unframe.training import calibrate
from unframe.training.compare import judged
from unframe.training.data import Arrays
from unframe.training.export import TOLERANCE, as_float32, difference, export
from unframe.training.loop import predict
from unframe.training.run import Run

FOLDER = "model"
"""Folder in a run's folder that holds the model."""
PARITY = 256
"""Pictures on which the exported network is compared with the trained one, at most."""
MOST_SOURCES = 500
"""A card names no more sources than these; beyond, it gives their number."""

LICENCE = "Whoever trained it decides; the training pictures belong to their owners and are not part of it."


def deploy(model: Any, run: Run, held_out: Arrays, samples: Sequence[Sample], command: str) -> Card:
    """Write the network of a finished run, and its card, to the run's folder.

    It is calibrated on the pictures that validated it. They chose the best epoch too, which flatters a little; where
    that matters, calibrate on a data set of its own.

    Args:
        model: The network with its best weights, as `unframe.network.build.build` made it.
        run: The finished run.
        held_out: The pictures that validated it.
        samples: All pictures of the run.
        command: How the run was started.

    Raises:
        ModelError: The exported network does not compute what the trained one does.
        MissingExtraError: A package for the export is not installed.
    """
    exact = as_float32(with_logit(model))
    path = run.folder / FOLDER / WEIGHTS_FILE
    export(exact, path, overwrite=True)
    logit = predict(exact, held_out)[LOGIT][:, 0].astype(np.float64)
    _compare(exact, path, held_out, float(np.abs(logit).max()))
    card = _card(run, logit, samples, command).sealed(path.read_bytes())
    write_atomic(path.with_name(CARD_FILE), card.to_json().encode(), overwrite=True)
    return card


def _compare(model: Any, path: Path, held_out: Arrays, largest: float) -> None:
    few = held_out.batch(np.arange(min(PARITY, len(held_out))), None).inputs
    apart = difference(model, path, few)
    allowed = TOLERANCE * max(1.0, largest)  # float32 keeps seven digits, however large the number
    if apart > allowed:
        raise ModelError(f"{path} differs from the trained network by {apart:.2g}; at most {allowed:.2g} is allowed")


def _card(run: Run, logit: NDArray[np.float64], samples: Sequence[Sample], command: str) -> Card:
    spec = Spec.parse(run.name)
    framed = run.validation().truth
    weights = np.full(len(logit), 1 / len(logit))
    calibration = calibrate.platt(logit, framed, weights)
    return Card(
        name=name(run.name),
        version="1",
        spec=run.name,
        input=Input("thumbnail", {"thumbnail": (spec.side, spec.side, spec.channels)}),
        outputs={LOGIT: (1,)},
        thresholds=calibrate.thresholds(calibrate.probabilities(calibration, logit), framed, weights),
        calibration=calibration,
        data=Data(
            fingerprint=f"sha256:{run.plan['data']['sha256']}",
            counts=dict(Counter(sample.label for sample in samples)),
            sources=_sources(samples),
        ),
        command=command,
        seed=int(run.plan["schedule"]["seed"]),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        scores=_scores(run, logit, calibration),
        licence=LICENCE,
        sha256="0" * 64,  # sealed once the weights are written
        bytes=1,
    )


def name(spec: str) -> str:
    """What the card calls a network; names on cards are shorter than those of some networks."""
    return re.sub(r"[^a-z0-9]+$", "", spec[:64])


def _sources(samples: Sequence[Sample]) -> tuple[str, ...]:
    names = sorted({sample.source for sample in samples})
    return tuple(names) if len(names) <= MOST_SOURCES else (f"{len(names):,} sources",)


def _scores(run: Run, logit: NDArray[np.float64], calibration: Calibration) -> dict[str, Score]:
    """Figures on the validation pictures with the network as it is exported."""
    validation = run.validation()
    whole = judged(replace(validation, probability=calibrate.probabilities(calibration, logit)))
    where = "of sources left out in training" if run.plan["split"] == "source" else "left out in training"
    on = f"validation pictures {where}; they also chose the best epoch and calibrated it"
    kept = {f"validation_{each}": whole[each].value for each in ("accuracy", "balanced_accuracy", "auroc")}
    return {key: Score(round(value, 4), len(logit), on) for key, value in kept.items() if value is not None}

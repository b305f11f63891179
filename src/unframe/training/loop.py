"""The training loop: any compiled Keras model, any feed of pictures, and a folder from which a killed run goes on.

Read `train` first. A run can be killed at any moment; started again with the same arguments it gives the weights that
it would have given undisturbed, bit for bit, on the same machine and versions. Three things make that so:

- what happens in an epoch depends on the seed and the epoch's number alone, not on what was drawn before;
- after every epoch all variables of model and optimiser are on disk, those of dropout's random numbers among them;
- TensorFlow is told to use only operations that give the same result every time.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from unframe.errors import ModelError, OutputError
from unframe.files import write_atomic
from unframe.network.backend import load_keras
from unframe.training.data import Batch, Feed, Numbers

CHECKPOINT = "checkpoint.npz"
HISTORY = "history.jsonl"
BEST = "best.weights.h5"
MODEL = "model.keras"

Record = dict[str, float]
"""What is known about one epoch: its number from 1, loss and metrics in training and (``val_…``) in validation, the
learning rate at its end, its seconds, and the seconds of all epochs so far."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long a network is trained.

    Attributes:
        epochs: Times that every picture is seen, at most.
        batch: Pictures in each step.
        patience: Epochs without a better score after which training stops early; 0 never stops it.
        monitor: The figure that says which weights are best: a metric of validation, higher being better, or a loss,
            lower being better.
        seed: Decides the initial weights, the order of pictures and every other chance.
    """

    epochs: int = 200
    batch: int = 32
    patience: int = 0
    monitor: str = "val_accuracy"
    seed: int = 0

    def score(self, record: Record) -> float:
        """How good an epoch was; higher is better."""
        value = record[self.monitor]
        return -value if self.monitor.endswith("loss") else value


class Watch(Protocol):
    """Told how training goes, as to draw a progress bar."""

    def resumed(self, done: int, finished: bool) -> None:
        """The run was left after ``done`` epochs and goes on, unless it was ``finished``; not told of a new run."""
        ...

    def step(self, done: int, total: int) -> None:
        """``done`` of the ``total`` steps of this epoch are done."""
        ...

    def epoch(self, record: Record, best: bool) -> None:
        """An epoch is over; ``best`` when no earlier one was as good."""
        ...


@dataclass
class Progress:
    """Where a run stands.

    Attributes:
        history: A record for each epoch so far.
        best: Number of the best epoch so far; 0 before the first.
        score: Its score.
    """

    history: list[Record] = field(default_factory=list)
    best: int = 0
    score: float = float("-inf")

    def finished(self, schedule: Schedule) -> bool:
        """Whether the schedule asks for no further epoch."""
        epoch = len(self.history)
        return epoch >= schedule.epochs or 0 < schedule.patience <= epoch - self.best


def train(
    build: Callable[[], Any],
    training: Feed,
    validation: Feed,
    schedule: Schedule,
    folder: Path,
    watch: Watch | None = None,
) -> tuple[Any, Progress]:
    """Train a network, or go on where a run with the same arguments was cut short.

    The folder then holds ``history.jsonl`` with a line for every epoch, ``best.weights.h5``, ``model.keras`` with the
    best weights, and ``checkpoint.npz`` from which the run could go on.

    Args:
        build: Makes the network, compiled with optimiser, losses and metrics, which must be means over pictures. A
            learning rate that changes belongs to the optimiser, as a Keras schedule.
        training: What to learn from.
        validation: What to measure on after every epoch.
        schedule: How long.
        folder: Where the run is kept; not shared between runs.
        watch: Is told how it goes.

    Returns:
        The network with its best weights, and what happened.

    Raises:
        ModelError: The network diverged before there were weights to keep.
    """
    seed_everything(schedule.seed)
    model = build()
    progress = restore(model, folder)
    if watch and progress.history:
        watch.resumed(len(progress.history), progress.finished(schedule))
    while not progress.finished(schedule):
        started = time.perf_counter()
        epoch = len(progress.history) + 1
        record: Record = {"epoch": epoch}
        record |= learn(model, training, schedule, epoch, watch)
        record |= {f"val_{name}": value for name, value in measure(model, validation).items()}
        record["lr"] = float(load_keras().ops.convert_to_numpy(model.optimizer.learning_rate))
        record["seconds"] = time.perf_counter() - started
        record["elapsed"] = record["seconds"] + (progress.history[-1]["elapsed"] if progress.history else 0.0)
        progress.history.append(record)
        better = schedule.score(record) > progress.score
        if better:
            progress.best, progress.score = epoch, schedule.score(record)
            keep_weights(model, folder)
        elif not progress.best:
            raise ModelError(
                f"{folder}: the network diverged: {schedule.monitor} is {record[schedule.monitor]} after its first "
                "epoch; choose a lower learning rate"
            )
        # Last, because it declares the epoch done: killed before this line, the epoch is simply run again.
        save(model, progress, folder)
        if watch:
            watch.epoch(record, better)
    model.load_weights(folder / BEST)
    # Without the optimiser: who loads the network need not know it, and the checkpoint has its state.
    _replace(folder / MODEL, load_keras().Model(model.input, model.output, name=model.name).save)
    return model, progress


def learn(model: Any, feed: Feed, schedule: Schedule, epoch: int, watch: Watch | None = None) -> Record:
    """Show every picture once, in an order of this epoch's own; mean loss and metrics while learning."""
    rng = np.random.default_rng([schedule.seed, epoch])
    batches = list(_parts(rng.permutation(len(feed)), schedule.batch))
    means = _Means()
    for done, (inputs, targets, weights) in enumerate(_ahead(feed, batches, rng), start=1):
        model.reset_metrics()
        results = model.train_on_batch(inputs, targets, sample_weight=weights, return_dict=True)
        means.add(results, len(batches[done - 1]))
        if watch:
            watch.step(done, len(batches))
    return means.record()


def _ahead(feed: Feed, batches: Sequence[Numbers], rng: np.random.Generator) -> Iterator[Batch]:
    """The batches of an epoch, each made while the network still learns from the one before."""
    with ThreadPoolExecutor(1) as maker:  # one alone: they draw from the same chances, in order
        coming = maker.submit(feed.batch, batches[0], rng)
        for numbers in batches[1:]:
            batch, coming = coming.result(), maker.submit(feed.batch, numbers, rng)
            yield batch
        yield coming.result()


def measure(model: Any, feed: Feed, batch: int = 256) -> Record:
    """Mean loss and metrics on pictures as they are."""
    means = _Means()
    for numbers in _parts(np.arange(len(feed)), batch):
        inputs, targets, weights = feed.batch(numbers, None)
        model.reset_metrics()
        means.add(model.test_on_batch(inputs, targets, sample_weight=weights, return_dict=True), len(numbers))
    return means.record()


class _Means:
    """Means over pictures from means over batches: some versions of Keras average batches themselves, others do not."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.pictures = 0

    def add(self, results: dict[str, Any], pictures: int) -> None:
        self.pictures += pictures
        for name, value in results.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value) * pictures

    def record(self) -> Record:
        return {name: total / self.pictures for name, total in self.sums.items()}


def predict(model: Any, feed: Feed, batch: int = 256) -> dict[str, np.ndarray]:
    """Every output of a model with named outputs, for all pictures of a feed in order."""
    parts = [
        model.predict_on_batch(feed.batch(numbers, None).inputs) for numbers in _parts(np.arange(len(feed)), batch)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _parts(numbers: Numbers, size: int) -> Iterator[Numbers]:
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def seed_everything(seed: int) -> None:
    """Make whatever Keras, NumPy and TensorFlow draw from now on depend on a seed alone, in this process."""
    keras = load_keras()
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import_module("tensorflow").config.experimental.enable_op_determinism()


def save(model: Any, progress: Progress, folder: Path) -> None:
    """Put everything on disk that the next epoch depends on, and the history for people to read."""
    lines = "".join(json.dumps(record) + "\n" for record in progress.history)
    write_atomic(folder / HISTORY, lines.encode(), overwrite=True)
    arrays: dict[str, Any] = {f"variable_{number:05d}": value for number, value in enumerate(_values(model))}
    state = {"history": progress.history, "best": progress.best, "score": progress.score}
    buffer = io.BytesIO()
    np.savez(buffer, state=np.array(json.dumps(state)), **arrays)
    write_atomic(folder / CHECKPOINT, buffer.getvalue(), overwrite=True)


def restore(model: Any, folder: Path) -> Progress:
    """Bring a freshly built model to where its run was left; at the beginning when there was none.

    Raises:
        OutputError: The folder's checkpoint is of another network.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return Progress()
    variables = _variables(model)
    with np.load(path, allow_pickle=False) as stored:
        values = [stored[name] for name in sorted(stored.files) if name.startswith("variable_")]
        state = json.loads(str(stored["state"]))
    if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise OutputError("exists", f"{path} was left by another network; choose another folder")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return Progress(**state)


def _variables(model: Any) -> list[Any]:
    model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]


def _values(model: Any) -> list[np.ndarray]:
    convert = load_keras().ops.convert_to_numpy
    return [convert(variable) for variable in _variables(model)]


def keep_weights(model: Any, folder: Path) -> None:
    """Keep the weights of the best epoch so far."""
    _replace(folder / BEST, model.save_weights)


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Let Keras write a file under a temporary name; it insists on the endings."""
    temporary = path.with_name(f".part-{path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    write(temporary)
    temporary.replace(path)

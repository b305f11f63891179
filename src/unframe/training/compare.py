"""Runs side by side: one table, and one figure of accuracy against epochs."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unframe.errors import DatasetError, MissingExtraError
from unframe.evaluation.metrics import Estimate, Scored, estimates, replicate
from unframe.files import write_atomic
from unframe.training.run import Run, Validation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#2563c9", "#d1660b", "#0b8a6c", "#a23fb3", "#b8960c", "#c42f4b")
_STYLE: dict[str, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "grid.color": "#dfe3e8",
    "legend.frameon": False,
    "svg.hashsalt": "unframe",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A network in the table: one run, or the folds of a cross-validation.

    Attributes:
        name: The network.
        parameters: Number of its weights.
        runs: Number of runs.
        pictures: Pictures that it was validated on, over all folds.
        train_accuracy: Accuracy while learning in the best epoch, dropout included; mean over folds.
        accuracy: Accuracy on validation pictures with the best weights, and its interval.
        auroc: Area under the ROC curve on them, and its interval.
        epochs: Number of epochs; mean over folds.
        best: Number of the best epoch; mean over folds.
        seconds: Time for all epochs of all folds.
    """

    name: str
    parameters: int
    runs: int
    pictures: int
    train_accuracy: float
    accuracy: Estimate
    auroc: Estimate
    epochs: float
    best: float
    seconds: float


def grouped(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs, with the folds of one cross-validation together."""
    together: dict[tuple[Path, int], list[Run]] = {}
    for run in runs:
        count = run.plan.get("folds", 1)
        together.setdefault((run.folder if count == 1 else run.folder.parent, count), []).append(run)
    return list(together.values())


def rows(runs: Sequence[Run]) -> list[Row]:
    """The rows of the table, one for each network.

    Raises:
        DatasetError: No run is finished.
    """
    found = [_row(each) for each in grouped([run for run in runs if run.result])]
    if not found:
        raise DatasetError("none of these runs is finished; start the same command again to finish them")
    return found


def _row(runs: Sequence[Run]) -> Row:
    best = [run.result["best"] for run in runs if run.result]
    figures = judged(_pooled(runs))
    return Row(
        name=runs[0].name,
        parameters=int(runs[0].plan["parameters"]),
        runs=len(runs),
        pictures=sum(len(run.validation().truth) for run in runs),
        train_accuracy=float(np.mean([record["accuracy"] for record in best])),
        accuracy=figures["accuracy"],
        auroc=figures["auroc"],
        epochs=float(np.mean([len(run.history) for run in runs])),
        best=float(np.mean([record["epoch"] for record in best])),
        seconds=sum(run.history[-1]["elapsed"] for run in runs),
    )


def _pooled(runs: Sequence[Run]) -> Validation:
    parts = [run.validation() for run in runs]
    return Validation(
        truth=np.concatenate([part.truth for part in parts]),
        probability=np.concatenate([part.probability for part in parts]),
        group=np.concatenate([part.group for part in parts]),
    )


def judged(validation: Validation, threshold: float = 0.5) -> dict[str, Estimate]:
    """Every figure of merit of `unframe.evaluation.metrics`, with intervals from a bootstrap over sources."""
    decided = validation.probability >= threshold
    data = Scored(
        truth=validation.truth,
        probability=validation.probability,
        decided=decided,
        cut=decided,
        review=np.zeros_like(decided),
        group=np.unique(validation.group, return_inverse=True)[1].astype(np.int64),
    )
    return estimates(data, replicate(data))


def percent(estimate: Estimate) -> str:
    """A share and its interval in per cent: ``96.4 % (95.1 to 97.5)``."""
    return _shown(estimate, lambda value: f"{100 * value:.1f}", " %")


def number(estimate: Estimate) -> str:
    """A figure and its interval: ``0.995 (0.991 to 0.998)``."""
    return _shown(estimate, lambda value: f"{value:.3f}", "")


def _shown(estimate: Estimate, write: Any, unit: str) -> str:
    if estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{write(estimate.value)}{unit}"
    return f"{write(estimate.value)}{unit} ({write(estimate.low)} to {write(estimate.high)})"


HEADINGS = ("network", "weights", "training", "validation", "AUROC", "best epoch", "time")


def cells(row: Row) -> list[str]:
    """A row of the table as text, under `HEADINGS`."""
    folds = f" × {row.runs} folds" if row.runs > 1 else ""
    return [
        f"{row.name}{folds}",
        f"{row.parameters:,}",
        f"{100 * row.train_accuracy:.1f} %",
        percent(row.accuracy),
        number(row.auroc),
        f"{row.best:.0f} of {row.epochs:.0f}",
        f"{row.seconds / 60:.1f} min",
    ]


def markdown(found: Sequence[Row]) -> str:
    """The table in Markdown."""
    lines = [HEADINGS, ["---"] * len(HEADINGS), *map(cells, found)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def summary_line(runs: Sequence[Run]) -> str:
    """One line about a network that was just trained."""
    row = rows(runs)[0]
    where = runs[0].folder.parent if row.runs > 1 else runs[0].folder
    return f"{where}: accuracy {percent(row.accuracy)}, AUROC {number(row.auroc)} on {row.pictures:,} pictures"


def accuracy_figure(runs: Sequence[Run], title: str = "Accuracy on validation pictures") -> Figure:
    """Validation accuracy against epochs, one line for each network; thin lines for its folds, and for training."""
    mpl, figure = _figure((9.2, 5.0))
    with mpl.rc_context(_STYLE):
        axes = figure.subplots()
        for place, each in enumerate(grouped([run for run in runs if run.history])):
            _curves(axes, each, COLOURS[place % len(COLOURS)])
        axes.set(xlabel="epoch", ylabel="accuracy", title=title)
        axes.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1, decimals=0))
        axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
        axes.plot([], [], color="#69707a", linewidth=0.9, linestyle=(0, (1, 1.5)), label="while learning")
        figure.legend(loc="outside lower center", ncols=1, handlelength=1.6)
    return figure


def _curves(axes: Axes, runs: Sequence[Run], colour: str) -> None:
    for place, run in enumerate(runs):
        epochs = [record["epoch"] for record in run.history]
        label = run.name if place == 0 else None
        width = 1.8 if len(runs) == 1 else 1.0
        axes.plot(epochs, [each["val_accuracy"] for each in run.history], color=colour, linewidth=width, label=label)
        learning = [each["accuracy"] for each in run.history]
        axes.plot(epochs, learning, color=colour, linewidth=0.9, linestyle=(0, (1, 1.5)))


def roc_figure(answers: Mapping[str, Validation], title: str = "ROC") -> Figure:
    """ROC curves in one figure: whole, and the corner where false alarms are few."""
    from sklearn.metrics import roc_auc_score, roc_curve  # noqa: PLC0415 - loaded with the extra only

    mpl, figure = _figure((9.2, 4.9))
    with mpl.rc_context(_STYLE):
        whole, corner = figure.subplots(1, 2)
        for place, (name, each) in enumerate(answers.items()):
            alarms, found, _ = roc_curve(each.truth, each.probability)
            label = f"{name}, AUROC {roc_auc_score(each.truth, each.probability):.3f}"
            for axes in (whole, corner):
                axes.plot(alarms, found, color=COLOURS[place % len(COLOURS)], linewidth=1.8, label=label)
        for axes in (whole, corner):
            axes.set(xlabel="false alarms among plain pictures", ylabel="framed pictures found")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(mpl.ticker.PercentFormatter(1, decimals=0))
        whole.set(title=title, xlim=(-0.01, 1), ylim=(0, 1.01))
        corner.set(title="where false alarms are few", xlim=(-0.002, 0.2), ylim=(0.6, 1.004))
        handles, names = whole.get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", handlelength=1.6)
    return figure


def _figure(size: tuple[float, float]) -> tuple[Any, Figure]:
    try:
        import matplotlib as mpl  # noqa: PLC0415 - loaded with the extra only
        import matplotlib.ticker  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("Drawing figures", "matplotlib", "train") from error
    return mpl, Figure(figsize=size, layout="constrained")


def write_figure(figure: Figure, path: Path, *, overwrite: bool) -> None:
    """Write a figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    write_atomic(path, buffer.getvalue(), overwrite=overwrite)


def write(runs: Sequence[Run], folder: Path, *, overwrite: bool = False) -> list[Row]:
    """Write ``table.md``, ``table.json`` and ``accuracy.png`` about some runs.

    Returns:
        The rows of the table.

    Raises:
        DatasetError: No run is finished.
        OutputError: A file is already there.
    """
    found = rows(runs)
    write_atomic(folder / "table.md", markdown(found).encode(), overwrite=overwrite)
    write_atomic(
        folder / "table.json", json.dumps([asdict(row) for row in found], indent=2).encode(), overwrite=overwrite
    )
    write_figure(accuracy_figure(runs), folder / "accuracy.png", overwrite=overwrite)
    return found

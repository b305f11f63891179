"""Figures of a report: drawn once, given as SVG that takes its colours from the page, or as PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unframe.evaluation.metrics import Estimate, Floats
from unframe.evaluation.run import Judged
from unframe.evaluation.summary import DetectorSummary

INK, MUTED, GRID, PAPER = "#1a1d21", "#69707a", "#dfe3e8", "#fefefe"
SERIES = ("#2563c9", "#d1660b", "#0b8a6c", "#a23fb3", "#b8960c", "#c42f4b")
FRAMED, PLAIN = "#c7402d", "#5b7f95"

VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    PAPER: "--paper",
    FRAMED: "--framed",
    PLAIN: "--plain",
} | {colour: f"--series-{number}" for number, colour in enumerate(SERIES, start=1)}
"""The style variable of the page that stands for each colour; the page gives them values for light and for dark."""

_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",  # text stays text: it takes the page's font and can be searched
    "svg.hashsalt": "unframe",  # the same figure gives the same bytes
}


def colour(number: int) -> str:
    """Colour of the detector of this number, from 0."""
    return SERIES[number % len(SERIES)]


def roc(detectors: Sequence[DetectorSummary]) -> Figure:
    """ROC curves of all detectors in one figure: whole, and the part with few false alarms."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9.2, 4.4), layout="constrained")
        whole, part = figure.subplots(1, 2)
        for axes in (whole, part):
            axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (2, 3)))
            for number, each in enumerate(detectors):
                _roc_curve(axes, each, colour(number))
            axes.set_xlabel("false alarms among clean pictures")
            axes.set_ylabel("framed pictures found")
        _square(whole, 1.0, 0.0)
        _square(part, 0.1, 0.5)
        whole.set_title("ROC")
        part.set_title("… where false alarms are few")
        whole.legend(loc="lower right", handlelength=1.4)
    return figure


def _roc_curve(axes: Axes, detector: DetectorSummary, shade: str) -> None:
    label = f"{short(detector.name)}  {interval_text(detector.figures['auroc'], 3)}"
    axes.plot(detector.roc.x, detector.roc.y, color=shade, label=label, drawstyle="default")
    specificity, recall = detector.figures["specificity"].value, detector.figures["recall"].value
    if specificity is not None and recall is not None:
        axes.plot(1 - specificity, recall, "o", color=shade, markersize=7, markeredgecolor=PAPER, markeredgewidth=1.5)


def _square(axes: Axes, right: float, bottom: float) -> None:
    axes.set_xlim(-0.01 * right, right)
    axes.set_ylim(bottom, 1 + 0.012 * (1 - bottom))


def short(name: str, most: int = 28) -> str:
    """The end of a detector's name where all of it, as with a path in it, would leave a figure no room."""
    return name if len(name) <= most else f"…{name[1 - most :]}"


def interval_text(estimate: Estimate, digits: int) -> str:
    """A figure and its interval in words."""
    if estimate.value is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.{digits}f}"
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def precision_recall(detectors: Sequence[DetectorSummary], prevalence: float) -> Figure:
    """Precision-recall curves of all detectors in one figure.

    Args:
        detectors: The detectors.
        prevalence: Share of framed pictures: the precision of guessing.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.6, 4.4), layout="constrained")
        axes = figure.subplots()
        axes.axhline(prevalence, color=MUTED, linewidth=1, linestyle=(0, (2, 3)))
        for number, each in enumerate(detectors):
            label = f"{short(each.name)}  {interval_text(each.figures['average_precision'], 3)}"
            axes.plot(each.precision_recall.x, each.precision_recall.y, color=colour(number), label=label)
        _square(axes, 1.0, 0.0)
        axes.set_xlabel("framed pictures found (recall)")
        axes.set_ylabel("right among called framed (precision)")
        axes.set_title("Precision and recall")
        axes.legend(loc="lower left", handlelength=1.4)
    return figure


def probabilities(judged: Sequence[Judged], detectors: Sequence[DetectorSummary]) -> Figure:
    """How each detector's probabilities are spread over framed and over plain pictures."""
    truth = np.array([each.sample.label == "framed" for each in judged])
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.6 * len(detectors), 3.0), layout="constrained")
        for axes, detector in zip(_row(figure, len(detectors)), detectors, strict=True):
            probability = np.array([each.detections[detector.name].probability for each in judged])
            _spread(axes, probability[truth], FRAMED, "framed")
            _spread(axes, probability[~truth], PLAIN, "clean")
            axes.set_xlim(0, 1)
            axes.set_xlabel("probability of a frame")
            axes.set_ylabel("share of the label's pictures")
            axes.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1, decimals=0, symbol=" %"))
            axes.set_title(short(detector.name))
            axes.legend(loc="upper center", ncols=2, handlelength=1)
    return figure


def _spread(axes: Axes, probability: Floats, shade: str, label: str) -> None:
    shares = np.full(len(probability), 1 / max(len(probability), 1))
    axes.hist(probability, bins=np.linspace(0, 1, 26).tolist(), weights=shares, color=shade, alpha=0.65, label=label)


def reliability(detectors: Sequence[DetectorSummary]) -> Figure:
    """Reliability diagrams: share of framed pictures by probability; on the diagonal a probability is what it says."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.6 * len(detectors), 4.2), layout="constrained")
        for number, (axes, detector) in enumerate(zip(_row(figure, len(detectors)), detectors, strict=True)):
            _reliability(axes, detector, colour(number))
    return figure


def _reliability(axes: Axes, detector: DetectorSummary, shade: str) -> None:
    known = [(each.probability, each.framed, each.pictures) for each in detector.bins if each.pictures]
    x, y, pictures = np.array(known, dtype=float).T
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (2, 3)))
    axes.plot(x, y, color=shade, linewidth=1.5)
    axes.scatter(x, y, s=24 + 300 * np.sqrt(pictures / pictures.sum()), color=shade, edgecolors=PAPER, zorder=3)
    axes.set_xlim(-0.04, 1.04)
    axes.set_ylim(-0.04, 1.06)
    axes.set_xlabel("probability of a frame, mean of each tenth")
    axes.set_ylabel("share that is framed")
    axes.set_title(f"{short(detector.name)}: expected calibration error {detector.calibration_error:.3f}")


def _row(figure: Figure, count: int) -> list[Axes]:
    return list(figure.subplots(1, count, squeeze=False)[0])


def svg(figure: Figure, name: str) -> str:
    """A figure as an SVG element for a page, which may hold several: ``name`` keeps their identifiers apart."""
    stream = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]  # without the XML declaration
    text = re.sub(r"<(metadata|style)\b.*?</\1>", "", text, flags=re.DOTALL)  # a style would hold for the whole page
    text = re.sub(r'(<svg [^>]*?) width="[^"]*" height="[^"]*"', r"\1", text)
    text = re.sub(r'(id="|url\(#|xlink:href="#)', rf"\g<1>{name}-", text)
    text = re.sub(r"font-family:[^;\"]*;?", "", text)
    for shade, variable in VARIABLES.items():
        text = text.replace(shade, f"var({variable})")
    return text


def png(figure: Figure) -> bytes:
    """A figure as a PNG file on a white ground."""
    stream = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(stream, format="png", dpi=160, facecolor="white")
    return stream.getvalue()

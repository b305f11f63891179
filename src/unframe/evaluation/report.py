"""Render: one HTML page that needs no other file, and the same figures as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import jinja2

from unframe import __version__
from unframe.evaluation import plots
from unframe.evaluation.geometry import TRUSTED
from unframe.evaluation.metrics import FEWEST_GROUPS, NAMES, Estimate
from unframe.evaluation.pictures import Exhibit, exhibit
from unframe.evaluation.run import Judged
from unframe.evaluation.summary import DetectorSummary, Summary, decoded
from unframe.files import check_free, write_atomic
from unframe.settings import Settings
from unframe.types import SIDES

HTML, JSON, ROC = "report.html", "report.json", "roc.png"
"""Files of a report, beside the journals of the detectors."""

SHOWN_SOURCES = 25


def check_room(folder: Path, *, overwrite: bool) -> None:
    """Make sure that a report may be written before hours go into measuring.

    Raises:
        OutputError: One of its files is already there, and overwriting was not asked for.
    """
    for name in (HTML, JSON, ROC):
        check_free(folder / name, overwrite=overwrite)


def write_report(
    folder: Path,
    summary: Summary,
    judged: Sequence[Judged],
    *,
    command: str = "",
    settings: Settings | None = None,
    overwrite: bool = False,
) -> Path:
    """Write the page, the figures for machines, and the ROC curves as a picture.

    Args:
        folder: Where they go.
        summary: Every figure, from `summary.summarise`.
        judged: The pictures behind it.
        command: The command that makes the report again, for the page to show.
        settings: Limits on what is decoded, for the pictures that the page shows; the defaults when omitted.
        overwrite: Replace an earlier report.

    Returns:
        The path of the page.

    Raises:
        OutputError: A file is already there, or cannot be written.
    """
    check_room(folder, overwrite=overwrite)
    write_atomic(folder / JSON, as_json(summary, judged).encode(), overwrite=overwrite)
    write_atomic(folder / ROC, plots.png(plots.roc(summary.detectors)), overwrite=overwrite)
    page = as_html(summary, judged, command=command, settings=settings)
    write_atomic(folder / HTML, page.encode(), overwrite=overwrite)
    return folder / HTML


def as_json(summary: Summary, judged: Sequence[Judged]) -> str:
    """Every figure for machines; mistakes are named by their paths."""
    known = decoded(judged)
    document = asdict(summary) | {"unframe": __version__}
    for detector in document["detectors"]:
        for numbers in detector["mistakes"].values():
            numbers[:] = [str(known[number].sample.path) for number in numbers]
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def as_html(summary: Summary, judged: Sequence[Judged], *, command: str = "", settings: Settings | None = None) -> str:
    """The page; see `write_report` for the arguments."""
    known = decoded(judged)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("unframe.evaluation"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "number": number, "interval": interval, "p_value": p_value}
    return environment.get_template("report.html.j2").render(
        summary=summary,
        command=command,
        version=__version__,
        names=NAMES,
        sides=SIDES,
        verdicts=("framed", "review", "clean"),
        qualities=[quality for quality in TRUSTED if any(quality in each.geometry for each in summary.detectors)],
        fewest=FEWEST_GROUPS,
        shown_sources=SHOWN_SOURCES,
        figures=_figures(summary, known),
        exhibits=[_exhibits(each, known, settings or Settings()) for each in summary.detectors],
        best=_best(summary),
    )


def _figures(summary: Summary, known: Sequence[Judged]) -> dict[str, str]:
    detectors = summary.detectors
    prevalence = summary.framed / (summary.framed + summary.plain)
    drawn = {
        "roc": plots.roc(detectors),
        "pr": plots.precision_recall(detectors, prevalence),
        "spread": plots.probabilities(known, detectors),
        "reliability": plots.reliability(detectors),
    }
    return {name: plots.svg(figure, name) for name, figure in drawn.items()}


def _exhibits(detector: DetectorSummary, known: Sequence[Judged], settings: Settings) -> dict[str, list[Exhibit]]:
    lists = asdict(detector.mistakes)
    return {name: [exhibit(known[at], detector.name, settings) for at in numbers] for name, numbers in lists.items()}


def _best(summary: Summary) -> dict[str, str]:
    """The detector with the highest value of each figure, where there are several and one of them is alone in front."""
    best: dict[str, str] = {}
    for name in NAMES:
        values = {each.name: each.figures[name].value or 0.0 for each in summary.detectors}
        leaders = [detector for detector, value in values.items() if value == max(values.values())]
        if len(values) > 1 and len(leaders) == 1 and name != "review":
            best[name] = leaders[0]
    return best


def percent(value: float | None, digits: int = 1) -> str:
    """A share in words: 0.1234 is 12.3 %."""
    return "–" if value is None else f"{value * 100:.{digits}f} %"


def number(value: float | None, digits: int = 3) -> str:
    """A number in words, with a true minus sign."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def interval(estimate: Estimate, digits: int = 1, scale: float = 100) -> str:
    """The interval of a figure in words, or an empty text where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{estimate.low * scale:.{digits}f} to {estimate.high * scale:.{digits}f}".replace("-", "−")


def figure_text(estimate: Estimate) -> str:
    """A figure and its interval, 0 to 1, for a table in a terminal."""
    return plots.interval_text(estimate, 3)


def p_value(value: float) -> str:
    """A p-value in words."""
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.4f}"

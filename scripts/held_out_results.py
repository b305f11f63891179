"""Measure verdicts, boxes and removal on sources that the judging network never saw, and write the results documents.

    python -m scripts.held_out_results ../shared/data --run release2 --work held-out -o docs/results

Whatever was drawn and judged lies in the work folder and is not done again. Takes about half an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scripts.held_out import HeldOut, drawn

from unframe.baseline import BaselineDetector
from unframe.dataset.records import Sample
from unframe.detector import Detector
from unframe.evaluation.geometry import Located, locate, thickness
from unframe.evaluation.metrics import Estimate, group_numbers, share
from unframe.evaluation.run import Judged, measure
from unframe.evaluation.summary import DetectorSummary, summarise
from unframe.files import write_atomic
from unframe.removal import remove
from unframe.settings import Settings
from unframe.types import KINDS, SIDES, ImageDetector

OURS, RIVAL = "network", "baseline"


@dataclass(frozen=True)
class Outcome:
    """What removal did to one picture.

    Attributes:
        identical: Whether the very bytes came out.
        reason: Code of the refusal; empty where there was none.
        after: Verdict on the result.
    """

    identical: bool
    reason: str
    after: str


@dataclass(frozen=True)
class Case:
    """A picture, what was said about it, and what removal did to it."""

    judged: Judged
    outcome: Outcome

    @property
    def sample(self) -> Sample:
        """The picture and its label."""
        return self.judged.sample

    @property
    def framed(self) -> bool:
        """Whether the picture carries a frame."""
        return self.sample.label == "framed"

    def called(self, detector: str = OURS) -> bool:
        """Whether a detector calls it framed."""
        return self.judged.detections[detector].framed

    def located(self, detector: str = OURS) -> Located | None:
        """The found box beside the true one."""
        return locate(self.sample, self.judged.detections[detector])


def main() -> None:
    """Draw, judge, remove and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with natural/, photos/ and overlays/")
    parser.add_argument("--run", type=Path, required=True, help="folder of the release run, with fold-N/model/")
    parser.add_argument("--work", type=Path, required=True, help="where pictures and answers are kept")
    parser.add_argument("-o", type=Path, required=True, dest="output", help="folder of the documents")
    parser.add_argument("--drawn", type=int, default=4500, help="pictures to draw, half of them framed")
    parser.add_argument("--jobs", type=int, default=2, help="processes that draw")
    chosen = parser.parse_args()
    held_out = HeldOut(chosen.data, chosen.run)
    for number, _ in enumerate(held_out.draw(chosen.work / "drawn", chosen.drawn, chosen.jobs), 1):
        if number % 500 == 0:
            print(f"{number:,} pictures drawn", file=sys.stderr)
    networks = held_out.detectors()
    detectors: list[ImageDetector] = list(networks)
    answers = chosen.work / "-".join(["answers", *(each.card.sha256[:8] for each in networks)])
    real = cases([each.real for each in held_out.folds], detectors, answers / "real")
    made = cases([drawn(chosen.work / "drawn", each) for each in held_out.folds], detectors, answers / "drawn")
    command = f"python -m scripts.held_out_results DATA --run RUN --work WORK -o docs/results --drawn {chosen.drawn}"
    numbers = " and ".join(str(each.number + 1) for each in held_out.folds)
    recipe = held_out.recipe
    run = (
        f"The run drew {recipe.drawn:,} pictures and showed each fold's network those of the other folds "
        f"{recipe.fold_epochs} times. Judged here: fold {numbers} of {recipe.folds}."
    )
    for name, page in (("verdict.md", verdict_page), ("removal.md", removal_page)):
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(page(real, made, [command, run])))
        write_atomic(chosen.output / name, text.encode(), overwrite=True)


def cases(parts: Sequence[Sequence[Sample]], detectors: Sequence[ImageDetector], work: Path) -> list[Case]:
    """Every picture with what its fold's network and the baseline say, and what removal by the network does."""
    baseline = BaselineDetector()
    found = []
    for number, (samples, network) in enumerate(zip(parts, detectors, strict=True), 1):
        named = {OURS: network, RIVAL: baseline}
        answers = measure(samples, named, Settings.from_env(), folder=work / f"fold-{number}")
        known = [each for each in answers if not each.failure]
        outcomes = removed(known, Detector(network), work / f"removals-{number}.jsonl")
        found += [Case(each, outcome) for each, outcome in zip(known, outcomes, strict=True)]
    return found


def removed(judged: Sequence[Judged], detector: Detector, kept: Path) -> list[Outcome]:
    """What removal does to each picture; what is kept is not done again."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    done = {path: Outcome(**fields) for path, fields in map(json.loads, lines)}
    left = [each for each in judged if str(each.sample.path) not in done]
    with ThreadPoolExecutor(Settings.from_env().workers()) as pool, kept.open("a", encoding="utf-8") as file:
        for each, outcome in zip(left, pool.map(lambda one: _removed(one, detector), left), strict=True):
            done[str(each.sample.path)] = outcome
            file.write(json.dumps([str(each.sample.path), asdict(outcome)]) + "\n")
            file.flush()
    return [done[str(each.sample.path)] for each in judged]


def _removed(judged: Judged, detector: Detector) -> Outcome:
    verdict = judged.detections[OURS].verdict
    if verdict != "framed":  # nothing is planned, so the bytes that came in go out
        return Outcome(True, "review" if verdict == "review" else "", verdict)
    removal = remove(judged.sample.path, detector)
    return Outcome(not removal.changed, removal.refusal.code if removal.refusal else "", removal.result.verdict)


# Figures


def estimated(cases: Sequence[Case], hit: Callable[[Case], bool]) -> Estimate:
    """The share of pictures for which something holds, with its interval over sources."""
    if not cases:
        return Estimate(None)
    return share(np.array([hit(each) for each in cases], dtype=bool), group_numbers([each.judged for each in cases]))


def row(name: str, cases: Sequence[Case], hit: Callable[[Case], bool], target: str = "") -> list[str]:
    """A line of a table: figure, target, value, interval, pictures."""
    return [name, target, *value(estimated(cases, hit)), f"{len(cases):,}"]


def value(found: Estimate, digits: int = 1, scale: float = 100, unit: str = " %") -> list[str]:
    """A figure and its interval in words."""
    if found.value is None:
        return ["–", "–"]
    interval = "–" if found.low is None or found.high is None else f"{found.low * scale:.{digits}f} to "
    if found.low is not None and found.high is not None:
        interval += f"{found.high * scale:.{digits}f}"
    return [f"{found.value * scale:.{digits}f}{unit}", interval]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(each)} |" for each in rows)
    yield ""


def by(cases: Iterable[Case], name: Callable[[Case], str]) -> dict[str, list[Case]]:
    """The pictures by a name that each has, the most frequent first."""
    parts: dict[str, list[Case]] = defaultdict(list)
    for each in cases:
        parts[name(each)].append(each)
    return dict(sorted(parts.items(), key=lambda part: (-len(part[1]), part[0])))


def how(made_by: Sequence[str], real: Sequence[Case], made: Sequence[Case]) -> Iterator[str]:
    """What every page says first: the command, the run, the pictures."""
    command, run = made_by
    yield f"    {command}"
    yield ""
    yield (
        "**Every picture was judged by a network that never saw its source.** RUN is the folder of `unframe train "
        "--recipe release`, which leaves each part of the sources out of training once and keeps the network that did "
        "not see it. That network judges the part's labelled pictures, and frames newly drawn on the part's "
        "photographs with frame art that it did not see either. The designs of the drawn frames are those that "
        f"networks learn from; their colours, sizes and photographs are not. {run}"
    )
    yield ""
    yield (
        f"Real pictures: {sum(each.framed for each in real):,} framed and {sum(not each.framed for each in real):,} "
        f"plain of {len({each.sample.source for each in real})} sources; labels of low confidence are left out. Drawn: "
        f"{sum(each.framed for each in made):,} framed of every kind and {sum(not each.framed for each in made):,} "
        f"plain, half of these drawn to look framed, on photographs of {len({each.sample.source for each in made})} "
        "sources. Intervals are at 95 %, from 2,000 bootstrap samples of whole sources."
    )
    yield ""


# Verdicts


def verdict_page(real: Sequence[Case], made: Sequence[Case], made_by: Sequence[str]) -> Iterator[str]:
    """How well framed and plain pictures are told apart."""
    summaries = {
        name: summarise(name, [each.judged for each in cases], {}) for name, cases in (("real", real), ("drawn", made))
    }
    ours, rival = ({name: found.detectors[at] for name, found in summaries.items()} for at in (0, 1))
    yield "# Verdicts on unseen sources"
    yield ""
    yield from how(made_by, real, made)
    yield "## In short"
    yield from table(["figure", "target", "value", "interval", "pictures"], verdict_rows(real, made, ours))
    yield "## Beside the baseline"
    yield ""
    yield (
        "The baseline's shipped weights were fitted to all sources, so its figures here are kinder than they would be "
        "on new ones, and the ratios lower."
    )
    yield from table(["pictures", "figure", "network", "baseline"], beside(ours, rival))
    yield from table(["pictures", "mistakes of the network", "of the baseline", "ratio"], mistakes(real, made))
    yield "## Plain pictures, by what makes them hard"
    for title, cases in (("real", real), ("drawn", made)):
        yield f"\nCalled framed, {title}:"
        parts = by((each for each in cases if not each.framed), lambda each: each.sample.hard or "nothing")
        yield from table(["hard", "pictures", "network", "interval", "cut by removal", "baseline"], alarms(parts))
    yield "## Framed pictures, by kind and by thickness"
    for title, cases in (("real", real), ("drawn", made)):
        framed = [each for each in cases if each.framed]
        yield f"\nFound, {title}:"
        yield from table(
            ["kind", "pictures", "network", "interval", "baseline"],
            found(by(framed, lambda each: each.sample.kind or "")),
        )
        yield from table(
            ["widest band", "pictures", "network", "interval"],
            ([each.name, f"{each.pictures:,}", *value(each.called_framed)] for each in ours[title].slices["thickness"]),
        )
    yield "## Calibration"
    for title, each in ours.items():
        errors = f"expected calibration error {each.calibration_error:.3f}, Brier score {each.brier:.3f}"
        yield f"\n{title.capitalize()}: {errors}."
        yield from table(
            ["probability", "pictures", "mean probability", "share framed"],
            (
                [
                    f"{tenth.low:.1f} to {tenth.high:.1f}",
                    f"{tenth.pictures:,}",
                    *map(_share, (tenth.probability, tenth.framed)),
                ]
                for tenth in each.bins
            ),
        )
    yield "## Real pictures, by source"
    yield from table(["source", "framed", "found", "plain", "called framed", "by the baseline"], sources(real))


def verdict_rows(real: Sequence[Case], made: Sequence[Case], ours: dict[str, DetectorSummary]) -> Iterator[list[str]]:
    """The figures that have targets."""
    plain = [each for each in real if not each.framed]
    figures = ours["real"].figures
    yield ["balanced accuracy, real", "≥ 97 %", *value(figures["balanced_accuracy"]), f"{len(real):,}"]
    yield ["AUROC, real", "≥ 0.995", *value(figures["auroc"], 3, 1, ""), f"{len(real):,}"]
    for name, tags, target in (
        ("rectangular products", {"rectangular"}, "≤ 2 %"),
        ("products with their own frame", {"own_frame"}, "≤ 5 %"),
        ("all plain pictures", {each.sample.hard for each in plain}, "≤ 1 %"),
    ):
        yield row(f"called framed: {name}", [each for each in plain if each.sample.hard in tags], Case.called, target)
    framed = [each for each in made if each.framed]
    thick = [each for each in framed if (thickness(each.sample) or 0) >= 0.01]
    yield row("found: drawn frames, thickness ≥ 1 %", thick, Case.called, "≥ 99 %")
    thin = [each for each in framed if each.sample.kind == "keyline" and _widest(each.sample) <= 2]
    yield row("found: drawn keylines of 1 to 2 px", thin, Case.called, "≥ 95 %")
    ratio = _mistakes(real, RIVAL) / max(_mistakes(real, OURS), 1)
    yield ["mistakes of the baseline over ours, real", "≥ 8", f"{ratio:.1f}", "–", f"{len(real):,}"]
    for name, each in ours.items():
        target = "≤ 0.02" if name == "real" else ""
        pictures = real if name == "real" else made
        error = f"{each.calibration_error:.3f}"
        yield [f"expected calibration error, {name}", target, error, "–", f"{len(pictures):,}"]


def _widest(sample: Sample) -> int:
    """Widest band of a frame in pixels."""
    if sample.inner is None or sample.outer is None or not sample.width or not sample.height:
        return 0
    inner, outer = (box.margins(sample.width, sample.height) for box in (sample.inner, sample.outer))
    return max(inner[side] - outer[side] for side in SIDES)


def _mistakes(cases: Sequence[Case], detector: str) -> int:
    return sum(each.called(detector) != each.framed for each in cases)


def beside(ours: dict[str, DetectorSummary], rival: dict[str, DetectorSummary]) -> Iterator[list[str]]:
    """The same figures of both detectors."""
    for name, one in ours.items():
        for figure, scale in (
            ("balanced_accuracy", 100),
            ("auroc", 1),
            ("recall", 100),
            ("specificity", 100),
            ("review", 100),
        ):
            digits, unit = (3, "") if scale == 1 else (1, " %")
            values = (" (".join(value(each.figures[figure], digits, scale, unit)) + ")" for each in (one, rival[name]))
            yield [name, figure.replace("_", " "), *values]


def mistakes(real: Sequence[Case], made: Sequence[Case]) -> Iterator[list[str]]:
    """Mistakes of both detectors, and how many times more the baseline makes."""
    parts = {"real": real, "drawn": made}
    for name, cases in parts.items():
        for label, some in (
            ("framed and plain", list(cases)),
            ("framed", [each for each in cases if each.framed]),
            ("plain", [each for each in cases if not each.framed]),
        ):
            ours, theirs = _mistakes(some, OURS), _mistakes(some, RIVAL)
            yield [f"{name}, {label}", f"{ours:,} of {len(some):,}", f"{theirs:,}", f"{theirs / max(ours, 1):.1f}"]


def alarms(parts: dict[str, list[Case]]) -> Iterator[list[str]]:
    """False alarms of each part."""
    for name, part in parts.items():
        cut = estimated(part, lambda each: not each.outcome.identical)
        rival = estimated(part, lambda each: each.called(RIVAL))
        yield [name, f"{len(part):,}", *value(estimated(part, Case.called)), value(cut)[0], value(rival)[0]]


def found(parts: dict[str, list[Case]]) -> Iterator[list[str]]:
    """Frames of each part that are found."""
    for name, part in parts.items():
        rival = estimated(part, lambda each: each.called(RIVAL))
        yield [name, f"{len(part):,}", *value(estimated(part, Case.called)), value(rival)[0]]


def sources(real: Sequence[Case]) -> Iterator[list[str]]:
    """One line for each source."""
    for name, part in sorted(by(real, lambda each: each.sample.source).items()):
        framed, plain = [each for each in part if each.framed], [each for each in part if not each.framed]
        yield [
            name,
            str(len(framed)),
            str(sum(each.called() for each in framed)) if framed else "–",
            str(len(plain)),
            str(sum(each.called() for each in plain)) if plain else "–",
            str(sum(each.called(RIVAL) for each in plain)) if plain else "–",
        ]


def _share(number: float | None) -> str:
    return "–" if number is None else f"{number * 100:.1f} %"


# Boxes and removal


def removal_page(real: Sequence[Case], made: Sequence[Case], made_by: Sequence[str]) -> Iterator[str]:
    """Where frames are, and what taking them off does."""
    exact = [each for each in real if each.framed and each.sample.geometry_quality == "exact"]
    framed = [each for each in made if each.framed]
    yield "# Boxes and removal on unseen sources"
    yield ""
    yield from how(made_by, real, made)
    yield (
        "A box is *right* when all four sides are within 2 px, or within 0.5 % of the picture across the side if that "
        "is more. Real boxes are those of the labels marked exact, which are straight edges."
    )
    yield ""
    yield "## In short"
    yield from table(["figure", "target", "value", "interval", "pictures"], removal_rows(real, made, exact, framed))
    yield "## By kind of frame"
    for title, cases in (("Drawn", framed), ("Real, exact boxes", exact)):
        yield f"\n{title}:"
        parts = {kind: [each for each in cases if each.sample.kind == kind] for kind in KINDS}
        head = [
            "kind",
            "pictures",
            "found",
            "box right, of found",
            "mean IoU",
            "taken off",
            "left: review",
            "left: still framed",
            "left: over 45 %",
        ]
        yield from table(head, (kind_row(name, part) for name, part in [*parts.items(), ("all", cases)] if part))
    yield "## What goes wrong"
    yield ""
    yield "Sides of the frames that were found and are beyond tolerance:"
    yield from table(
        ["pictures", "sides", *WRONG], (wrong(name, part) for name, part in (("drawn", framed), ("real", exact)))
    )
    yield "Designs of drawn frames whose boxes are wrong most often:"
    yield from table(["design", "found", "box wrong", "mean IoU"], designs(framed))
    yield "## Plain pictures"
    yield ""
    yield "Passed on byte for byte:"
    plain = ((name, [each for each in cases if not each.framed]) for name, cases in (("real", real), ("drawn", made)))
    yield from table(
        ["pictures", "share", "interval", "number", "saved by the second look"], (kept(*each) for each in plain)
    )


def removal_rows(
    real: Sequence[Case], made: Sequence[Case], exact: Sequence[Case], framed: Sequence[Case]
) -> Iterator[list[str]]:
    """The figures that have targets."""
    for name, cases, target in (("drawn", framed, "≥ 95 %"), ("real, exact", exact, "≥ 90 %")):
        some = [each for each in cases if each.called()]
        yield row(f"box right, of frames found: {name}", some, _right, target)
    for name, cases, target in (("drawn", framed, "≥ 0.985"), ("real, exact", exact, "")):
        overlaps = [box.iou for each in cases if (box := each.located())]
        yield [f"mean IoU of the photograph: {name}", target, f"{np.mean(overlaps):.3f}", "–", f"{len(overlaps):,}"]
    for name, cases in (("real", real), ("drawn", made)):
        plain = [each for each in cases if not each.framed]
        target = "≥ 99.5 %" if name == "real" else ""
        yield row(f"plain pictures passed on byte for byte: {name}", plain, lambda each: each.outcome.identical, target)
    for name, cases in (("drawn", framed), ("real", [each for each in real if each.framed])):
        tried = [each for each in cases if each.outcome.reason in {"", "still-framed"} and _planned(each)]
        yield row(
            f"taken off, judged again: not framed: {name}", tried, lambda each: not each.outcome.identical, "≥ 98 %"
        )
        off = [each for each in tried if not each.outcome.identical]
        yield row(
            f"verdict clean rather than review, of these: {name}", off, lambda each: each.outcome.after == "clean"
        )
        yield row(f"frames taken off, of all frames: {name}", cases, lambda each: not each.outcome.identical)


def _planned(case: Case) -> bool:
    return case.judged.detections[OURS].verdict == "framed"


def _right(case: Case) -> bool:
    box = case.located()
    return box is not None and box.within


def kind_row(name: str, part: Sequence[Case]) -> list[str]:
    """A line for one kind of frame."""
    some = [each for each in part if each.called()]
    overlaps = [box.iou for each in some if (box := each.located())]
    reasons = Counter(each.outcome.reason for each in part)
    off = sum(not each.outcome.identical for each in part)
    return [
        name,
        f"{len(part):,}",
        value(estimated(part, Case.called))[0],
        value(estimated(some, _right))[0],
        f"{np.mean(overlaps):.3f}" if overlaps else "–",
        f"{off / len(part) * 100:.1f} %",
        *(f"{reasons[code] / len(part) * 100:.1f} %" for code in ("review", "still-framed", "too-much")),
    ]


WRONG = ("side missed", "side invented", "cuts the photograph", "leaves some frame")


def wrong(name: str, cases: Sequence[Case]) -> list[str]:
    """How sides go wrong, as numbers of sides."""
    counts: Counter[str] = Counter()
    sides = 0
    for each in cases:
        box, detection = each.located(), each.judged.detections[OURS]
        if box is None or detection.frame is None or each.sample.inner is None:
            continue
        size = detection.width, detection.height
        true, there = each.sample.inner.margins(*size), detection.frame.inner.margins(*size)
        for side in SIDES:
            sides += 1
            if abs(box.error[side]) > box.allowed[side]:
                counts[_how_wrong(true[side], there[side])] += 1
    return [name, f"{sides:,}", *(f"{counts[each]:,}" for each in WRONG)]


def _how_wrong(true: int, found: int) -> str:
    if not found:
        return "side missed"
    if not true:
        return "side invented"
    return "cuts the photograph" if found > true else "leaves some frame"


def designs(framed: Sequence[Case]) -> Iterator[list[str]]:
    """The designs with most wrong boxes."""
    parts = by((each for each in framed if each.called()), lambda each: each.sample.design)
    worst = sorted(parts.items(), key=lambda part: -sum(not _right(each) for each in part[1]))[:12]
    for name, part in worst:
        overlap = np.mean([box.iou for each in part if (box := each.located())])
        yield [name, str(len(part)), str(sum(not _right(each) for each in part)), f"{overlap:.3f}"]


def kept(name: str, plain: Sequence[Case]) -> list[str]:
    """How many plain pictures are passed on as they came."""
    saved = sum(each.outcome.reason == "still-framed" for each in plain)
    return [name, *value(estimated(plain, lambda each: each.outcome.identical)), f"{len(plain):,}", f"{saved:,}"]


if __name__ == "__main__":
    main()

"""Turn reports of `unframe evaluate` into a results document with tables and ROC curves.

python -m scripts.evaluation_results --natural REPORT --drawn REPORT -o docs/results/baseline-evaluation.md
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from unframe.evaluation.metrics import NAMES
from unframe.evaluation.report import JSON, ROC
from unframe.files import write_atomic

HEAD = """# The baseline, evaluated

```sh
unframe evaluate ../shared/data/natural --detector baseline --report natural/
unframe synthesize ../shared/data/photos -o drawn/ --count 4000 --seed 77 --overlays ../shared/data/overlays \\
    --set hard_plain=0 --set hard_framed=0
unframe evaluate drawn/ --detector baseline --report drawn-report/
python -m scripts.evaluation_results --natural natural/ --drawn drawn-report/ -o docs/results/baseline-evaluation.md
```

These are the shipped weights, which were fitted to `natural/`, to photographs of `photos/` and to frames drawn on them.
The figures therefore flatter the baseline a little; [Results of the baseline](baseline.md) gives those of weights that
never saw a picture's source. Intervals are at 95 %, from 2,000 bootstrap samples of whole sources. Where pictures come
from fewer than five sources there is none. *Located* means that all four sides are within 2 px, or within 0.5 % of the
picture across the side if that is more; a frame that was missed counts as not located.
"""

RANKINGS = {"auroc": 3, "average_precision": 3}
"""Figures that are no shares, and with how many digits they are given."""

TITLES = {
    "natural": "Marketplace pictures, labelled by eye",
    "drawn": "Frames drawn on photographs, and photographs as they are",
}


def main() -> None:
    """Read both reports and write the document and its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--natural", type=Path, required=True)
    parser.add_argument("--drawn", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    parts = [HEAD]
    for name, title in TITLES.items():
        report: Path = getattr(arguments, name)
        picture = arguments.output.parent.parent / "images" / f"baseline-roc-{name}.png"
        shutil.copyfile(report / ROC, picture)
        summary = json.loads((report / JSON).read_text(encoding="utf-8"))
        parts.append("\n".join(section(summary, title, f"../images/{picture.name}")))
    write_atomic(arguments.output, "\n".join(parts).encode(), overwrite=True)


def section(summary: dict[str, Any], title: str, picture: str) -> Iterator[str]:
    """The lines about one data set."""
    detector = summary["detectors"][0]
    yield f"## {title}\n"
    yield f"{summary['framed']:,} framed and {summary['plain']:,} clean pictures of {summary['sources']} sources."
    yield from (f"Left out: {count:,}, {reason}." for reason, count in summary["left_out"].items())
    yield f"\n![ROC curve]({picture})\n"
    rows = [[words, *value(detector["figures"][name], RANKINGS.get(name))] for name, words in NAMES.items()]
    rows += [[f"Located ({quality} boxes)", *value(found["within"])] for quality, found in detector["geometry"].items()]
    yield from table(["figure", "value", "interval"], rows)
    yield from geometry(detector["geometry"])
    yield from slices(detector["slices"])
    error, brier = detector["calibration_error"], detector["brier"]
    yield f"Expected calibration error {error:.3f}, Brier score {brier:.3f}.\n"


def geometry(qualities: dict[str, Any]) -> Iterator[str]:
    """How far off the boxes are that were found."""
    for found in qualities.values():
        yield f"Of {found['framed']:,} frames whose box is known, {found['found']:,} are called framed. Of these,"
        yield f"{share(found['within_found']['value'])} are located; the median overlap with the true box is"
        yield f"{found['iou_median']:.3f}, all framed sides are right in {share(found['sides_agree'])}, the kind in"
        yield f"{share(found['kind_agrees'])}.\n"
        rows = [
            [
                side,
                f"{each['median']:.0f} px",
                f"{each['ninetieth']:.0f} px",
                share(each["cuts"]),
                share(each["leaves"]),
            ]
            for side, each in found["sides"].items()
        ]
        yield from table(["side", "median error", "90th percentile", "cut too far", "frame left"], rows)


def slices(found: dict[str, Any]) -> Iterator[str]:
    """The figures on parts of the pictures."""
    for key, title, called in (
        ("kind", "kind of frame", "found"),
        ("thickness", "widest band of the frame", "found"),
        ("hard", "what makes clean pictures hard", "false alarms"),
    ):
        rows = [
            [
                each["name"].replace("_", " "),
                f"{each['pictures']:,}",
                str(each["sources"]),
                *value(each["called_framed"]),
            ]
            + (value(each["located"]) if each["located"] else ["–", "–"])
            for each in found[key]
        ]
        located = ["located", "interval"]
        heads = [title, "pictures", "sources", called, "interval"]
        if key == "hard":
            yield from table(heads, [row[: len(heads)] for row in rows])
        else:
            yield from table([*heads, *located], rows)


def value(estimate: dict[str, float | None], digits: int | None = None) -> list[str]:
    """A figure and its interval, in per cent or with this many digits."""
    figure = estimate["value"]
    first = share(figure) if figure is None or digits is None else f"{figure:.{digits}f}"
    if estimate["low"] is None or estimate["high"] is None:
        return [first, "–"]
    scale, places = (100, 1) if digits is None else (1, digits)
    return [first, f"{estimate['low'] * scale:.{places}f} to {estimate['high'] * scale:.{places}f}"]


def share(number: float | None) -> str:
    """A share in words."""
    return "–" if number is None else f"{number * 100:.1f} %"


def table(heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    """A table and the empty line after it."""
    for row in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""


if __name__ == "__main__":
    main()

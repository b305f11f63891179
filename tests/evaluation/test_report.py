"""The summary, its JSON, and the page: whole, valid, and needing nothing from elsewhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.draw import product
from tests.evaluation.cases import HEIGHT, WIDTH, detection, judged, truth
from unframe.errors import DatasetError, DecodeError, OutputError

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")
pytest.importorskip("sklearn")

from unframe.evaluation.geometry import Located, locate
from unframe.evaluation.report import HTML, JSON, ROC, as_html, as_json, write_report
from unframe.evaluation.run import Judged
from unframe.evaluation.summary import WORST, WORST_OF_SOURCE, Summary, summarise
from unframe.types import Box


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    """Sixty pictures of six sources judged by a good and by a poor detector; one more could not be decoded."""
    folder = tmp_path_factory.mktemp("pictures <b>&amp;")
    rng = np.random.default_rng(0)
    found = []
    for number in range(60):
        path = folder / f"{number} <i>.png"
        PillowImage.fromarray(product(WIDTH, HEIGHT, seed=number)).save(path)
        framed = number % 3 == 0
        sample = truth("framed" if framed else "plain", f"shop {number % 6} <script>", number, path=path)
        box = Box(10 + number % 7, 10, 190, 90)
        answers = [
            detection(float(np.clip(framed * 0.5 + rng.random() * spread, 0, 1)), box, name)
            for name, spread in (("good", 0.6), ("poor", 1.0))
        ]
        found.append(judged(sample, *answers))
    broken = DecodeError("truncated", "61.png ends early")
    return [*found, Judged(truth("plain", number=61), failure=broken)]


@pytest.fixture(scope="module")
def summary(pictures: list[Judged]) -> Summary:
    """Their summary."""
    return summarise("shop <data>", pictures, {"labelled unsure": 3}, replicates=200)


def test_the_summary_counts(summary: Summary, pictures: list[Judged]) -> None:
    assert (summary.framed, summary.plain, summary.sources) == (20, 40, 6)
    assert (summary.left_out, summary.failures) == ({"labelled unsure": 3}, {"truncated": 1})
    assert [each.name for each in summary.detectors] == ["good", "poor"]
    assert [(each.first, each.second) for each in summary.comparisons] == [("good", "poor")]
    for each in summary.detectors:
        assert sum(each.confusion.framed.values()) == 20
        assert sum(each.confusion.plain.values()) == 40
        assert sum(one.pictures for one in each.bins) == 60
        right = sum(p.detections[each.name].framed == (p.sample.label == "framed") for p in pictures[:60])
        assert each.figures["accuracy"].value == right / 60


def test_the_curves_end_at_the_figures(summary: Summary) -> None:
    for each in summary.detectors:
        assert np.trapezoid(each.roc.y, each.roc.x) == pytest.approx(each.figures["auroc"].value)


def test_operations_find_all_that_can_be_found() -> None:
    # One framed picture for every five plain ones at each probability, so that the curve is a straight line.
    pictures = [
        judged(
            truth("framed" if number % 6 == 0 else "plain", f"s{number % 9}", number), detection(1 - number // 6 / 40)
        )
        for number in range(120)
    ]
    (found,) = summarise("data", pictures, {}, replicates=10).detectors
    for operation in found.operations:
        best = 0.0
        for threshold in {each.detections["rule"].probability for each in pictures}:
            called = [each.sample.label for each in pictures if each.detections["rule"].probability >= threshold]
            if called.count("plain") / 100 <= operation.alarms:
                best = max(best, called.count("framed") / 20)
        assert operation.recall == best
    assert [each.recall for each in found.operations] == [0, 0, 0, 0, 0.05, 0.1]


def place(picture: Judged) -> Located | None:
    """Where the poor detector sees the frame of a picture."""
    return locate(picture.sample, picture.detections["poor"])


def test_mistakes_are_mistakes_the_surest_first(summary: Summary, pictures: list[Judged]) -> None:
    poor = summary.detectors[1]
    for numbers, label, framed, sign in (
        (poor.mistakes.alarms, "plain", True, -1),
        (poor.mistakes.misses, "framed", False, 1),
    ):
        shown = [pictures[number] for number in numbers]
        assert {each.sample.label for each in shown} <= {label}
        assert {each.detections["poor"].framed for each in shown} <= {framed}
        probability = [sign * each.detections["poor"].probability for each in shown]
        assert probability == sorted(probability)
        assert len(shown) <= WORST
        sources = [each.sample.source for each in shown]
        assert max(map(sources.count, sources), default=0) <= WORST_OF_SOURCE
    assert poor.mistakes.alarms
    overlaps = [located.iou for each in poor.mistakes.misplaced if (located := place(pictures[each]))]
    assert overlaps == sorted(overlaps)
    assert max(overlaps) < 1


@pytest.mark.parametrize("label", ["framed", "plain"])
def test_pictures_of_one_label_cannot_be_summarised(label: str, pictures: list[Judged]) -> None:
    some = [each for each in pictures if each.sample.label == label]
    with pytest.raises(DatasetError, match="an evaluation needs both"):
        summarise("data", some, {})


def test_the_json_holds_every_figure_and_names_mistakes(summary: Summary, pictures: list[Judged]) -> None:
    document = json.loads(as_json(summary, pictures))
    first = document["detectors"][0]
    assert first["figures"]["auroc"]["value"] == summary.detectors[0].figures["auroc"].value
    assert document["comparisons"][0]["mcnemar"]["p_value"] <= 1
    assert all(Path(path).exists() for path in document["detectors"][1]["mistakes"]["alarms"])
    assert first["geometry"]["exact"]["framed"] == 20


class Page(HTMLParser):
    """Checks that tags are balanced, and gathers what a reader and a browser would find."""

    VOID = frozenset({"meta", "img", "br", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"href", "src", "xlink:href"}:
                self.links.append(value or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(html: str) -> Page:
    """The page, parsed."""
    page = Page()
    page.feed(html)
    assert page.open == []
    return page


def test_the_page_is_whole_and_needs_no_other_file(summary: Summary, pictures: list[Judged]) -> None:
    html = as_html(summary, pictures, command="unframe evaluate <data>")
    page = read(html)
    assert len(page.ids) == len(set(page.ids))
    assert {link.split(":")[0] for link in page.links if not link.startswith("#")} == {"data"}
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert not re.search(r"@import|url\((?!#)", html)
    assert page.tags.count("figure") >= 10
    assert "script" not in page.tags
    words = " ".join(page.words)
    assert "shop <data>" in words
    assert "unframe evaluate <data>" in words
    for text in ("labelled unsure", "could not be decoded: truncated", "AUROC", "McNemar", "20 frames labelled by eye"):
        assert text in words


def test_every_colour_of_a_figure_follows_the_page(summary: Summary, pictures: list[Judged]) -> None:
    html = as_html(summary, pictures)
    figures = "".join(re.findall(r'<figure class="plot.*?</figure>', html, re.DOTALL))
    assert not set(re.findall(r"#[0-9a-f]{6}\b", figures))
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", html))
    for mode in re.findall(r":root \{(.*?)\}", html, re.DOTALL):
        missing = used - set(re.findall(r"(--[a-z0-9-]+):", mode))
        assert missing <= {"--sans", "--serif", "--mono"}  # fonts are the same in the dark


def test_one_detector_without_geometry_has_a_page_too(pictures: list[Judged]) -> None:
    bare = [
        judged(truth(each.sample.label, each.sample.source, path=each.sample.path, **UNKNOWN), each.detections["good"])
        for each in pictures[:60]
    ]
    alone = summarise("data", bare, {}, replicates=50)
    page = read(as_html(alone, bare))
    assert "geometry" not in page.ids
    assert "tests" not in page.ids


UNKNOWN: dict[str, Any] = {"kind": None, "sides": (), "inner": None, "outer": None, "geometry_quality": ""}


def test_a_report_is_the_same_whenever_it_is_made(summary: Summary, pictures: list[Judged]) -> None:
    again = summarise("shop <data>", pictures, {"labelled unsure": 3}, replicates=200)
    assert as_json(again, pictures) == as_json(summary, pictures)
    assert as_html(again, pictures) == as_html(summary, pictures)


def test_an_earlier_report_is_not_overwritten_unasked(summary: Summary, pictures: list[Judged], tmp_path: Path) -> None:
    (tmp_path / HTML).write_text("mine")
    with pytest.raises(OutputError):
        write_report(tmp_path, summary, pictures)
    assert [each.name for each in tmp_path.iterdir()] == [HTML]
    assert write_report(tmp_path, summary, pictures, overwrite=True) == tmp_path / HTML
    assert {each.name for each in tmp_path.iterdir()} == {HTML, JSON, ROC}
    with PillowImage.open(tmp_path / ROC) as picture:
        assert picture.width > 1000

"""Measuring: what counts, what is decoded once, what is kept, and how a cut run goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from tests.draw import bordered, product
from tests.evaluation.cases import Rule, detection, truth
from unframe.dataset.records import Sample
from unframe.evaluation.run import Journal, detection_of, journal_name, measure, scorable
from unframe.settings import Settings
from unframe.types import Box

ONE_THREAD = Settings(jobs=1)


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    """Four pictures, of which the last is broken; the rule calls the second framed."""
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    pictures = [product(seed=1), bordered(product(seed=2), 8, (10, 10, 10))[0], product(seed=3)]
    for path, picture in zip(paths, pictures, strict=False):
        PillowImage.fromarray(picture).save(path)
    paths[3].write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    return [Sample(path, "framed" if path is paths[1] else "plain") for path in paths]


def test_unsure_reject_and_doubtful_pictures_do_not_count() -> None:
    everything = [
        truth("framed"),
        truth("plain"),
        truth("plain", confidence="low"),
        truth("unsure", confidence="low"),
        truth("reject"),
    ]
    kept, left_out = scorable(everything)
    assert kept == everything[:2]
    assert left_out == {"label of low confidence": 1, "labelled unsure": 1, "labelled reject": 1}
    kept, left_out = scorable(everything, doubtful=True)
    assert kept == everything[:3]
    assert left_out == {"labelled unsure": 1, "labelled reject": 1}


def test_every_detector_sees_the_same_image_once(samples: list[Sample]) -> None:
    one, other = Rule("one"), Rule("other")
    found = list(measure(samples, {"a": one, "b": other}, ONE_THREAD))
    assert [each.sample for each in found] == samples
    assert [each.detections["a"].framed for each in found[:3]] == [False, True, False]
    assert [each.detections["b"].detector for each in found[:3]] == ["other"] * 3
    assert len(one.asked) == len(other.asked) == 3
    assert all(mine is yours for mine, yours in zip(one.asked, other.asked, strict=True))


def test_a_broken_or_missing_file_is_a_failure_not_an_end(samples: list[Sample]) -> None:
    missing = Sample(samples[0].path.with_name("missing.png"), "plain")
    found = list(measure([missing, samples[3], samples[0]], {"a": Rule()}, ONE_THREAD))
    assert [each.failure.code if each.failure else None for each in found] == ["unreadable", "truncated", None]
    assert not found[0].detections
    assert "3.png" in str(found[1].failure)


def test_threads_give_what_one_thread_gives(samples: list[Sample]) -> None:
    many = samples[:3] * 50
    alone = list(measure(many, {"a": Rule()}, ONE_THREAD))
    together = list(measure(many, {"a": Rule()}, Settings(jobs=4)))
    assert alone == together


def test_a_second_run_asks_nothing_again(samples: list[Sample], tmp_path: Path) -> None:
    folder = tmp_path / "report"
    first = list(measure(samples, {"a": Rule()}, ONE_THREAD, folder=folder))
    again = Rule()
    second = list(measure(samples, {"a": again}, ONE_THREAD, folder=folder))
    assert not again.asked
    assert [each.detections for each in second] == [each.detections for each in first]


@pytest.mark.parametrize("kept", [0, 10, 400, 700])
def test_a_run_that_was_killed_goes_on(samples: list[Sample], tmp_path: Path, kept: int) -> None:
    folder = tmp_path / "report"
    whole = list(measure(samples, {"a": Rule()}, ONE_THREAD, folder=folder))
    journal = folder / journal_name("a")
    data = journal.read_bytes()
    journal.write_bytes(data[:kept])
    again = Rule()
    assert [each.detections for each in measure(samples, {"a": again}, ONE_THREAD, folder=folder)] == [
        each.detections for each in whole
    ]
    assert len(again.asked) == 3 - data[:kept].count(b"\n")
    third = Rule()
    list(measure(samples, {"a": third}, ONE_THREAD, folder=folder))
    assert not third.asked


Change = Callable[[list[Sample], Rule], object]


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (lambda samples, rule: setattr(rule, "model", "rule-2"), 3),
        (lambda samples, rule: setattr(rule, "digest", "trained anew"), 3),
        (lambda samples, rule: PillowImage.new("RGB", (20, 20)).save(samples[0].path), 1),
    ],
)
def test_another_model_or_file_is_judged_again(
    samples: list[Sample], tmp_path: Path, change: Change, asked: int
) -> None:
    list(measure(samples, {"a": Rule()}, ONE_THREAD, folder=tmp_path))
    again = Rule()
    change(samples, again)
    list(measure(samples, {"a": again}, ONE_THREAD, folder=tmp_path))
    assert len(again.asked) == asked


def test_fresh_judges_everything_again(samples: list[Sample], tmp_path: Path) -> None:
    list(measure(samples, {"a": Rule()}, ONE_THREAD, folder=tmp_path))
    again = Rule()
    list(measure(samples, {"a": again}, ONE_THREAD, folder=tmp_path, fresh=True))
    assert len(again.asked) == 3


def test_models_do_not_lose_each_others_answers(samples: list[Sample], tmp_path: Path) -> None:
    for model, digest in (("rule-1", ""), ("rule-2", "x"), ("rule-2", "y")):
        list(measure(samples, {"a": Rule(model=model, digest=digest)}, ONE_THREAD, folder=tmp_path))
    for known in (Rule(model="rule-1"), Rule(model="rule-2", digest="x")):
        list(measure(samples, {"a": known}, ONE_THREAD, folder=tmp_path))
        assert not known.asked


@pytest.mark.parametrize(("digest", "asked"), [("", 0), ("x", 3)])
def test_answers_kept_without_a_digest_are_those_of_detectors_without_one(
    samples: list[Sample], tmp_path: Path, digest: str, asked: int
) -> None:
    list(measure(samples, {"a": Rule()}, ONE_THREAD, folder=tmp_path))
    journal = tmp_path / journal_name("a")
    old = [json.loads(line) for line in journal.read_text().splitlines()]
    journal.write_text("".join(json.dumps({k: v for k, v in each.items() if k != "digest"}) + "\n" for each in old))
    again = Rule(digest=digest)
    list(measure(samples, {"a": again}, ONE_THREAD, folder=tmp_path))
    assert len(again.asked) == asked


@given(st.floats(0, 1))
def test_a_record_holds_the_whole_detection(probability: float) -> None:
    said = detection(probability, Box(3, 4, 150, 90), sides=("left", "top"), kind="banner", outer=Box(1, 0, 200, 100))
    record = said.record("a.png") | {"probability": said.probability}
    assert detection_of(json.loads(json.dumps(record))) == said


def test_a_journal_keeps_probabilities_unrounded(samples: list[Sample], tmp_path: Path) -> None:
    list(measure(samples[:1], {"a": Rule()}, ONE_THREAD, folder=tmp_path))
    (record,) = map(json.loads, (tmp_path / journal_name("a")).read_text().splitlines())
    assert record["probability"] != round(record["probability"], 4)


def test_a_journal_may_be_nowhere() -> None:
    assert Journal(None, "rule-1")._known == {}


def test_the_name_of_a_journal_is_a_file_name_of_its_own() -> None:
    assert journal_name("cnn") == "detections-cnn.jsonl"
    models = ["cnn:runs/a/model", "cnn:runs-a/model", "cnn-runs-a-model", "cnn:runs/a model"]
    files = {journal_name(name) for name in models}
    assert len(files) == len(models)
    assert all(re.fullmatch(r"detections-cnn-runs-a-model-[0-9a-f]{8}\.jsonl", file) for file in files)

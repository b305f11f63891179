"""Labels that were turned round on purpose are found first; nothing of a picture's own source speaks about it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.evaluation.cases import truth
from unframe.dataset.records import Sample
from unframe.errors import DatasetError

pytest.importorskip("sklearn")

from unframe.evaluation.label_errors import (
    out_of_fold,
    read_probabilities,
    suspects,
    write_suspects,
)
from unframe.evaluation.metrics import Floats

SIZE, TURNED = 400, 16


def labelled(framed: object, source: str, number: int) -> Sample:
    """A picture labelled framed or plain."""
    return truth("framed" if framed else "plain", source, number)


def turned() -> tuple[list[Sample], Floats, set[Path]]:
    """Pictures of twenty sources, probabilities that know the truth well, and the pictures whose label is wrong."""
    rng = np.random.default_rng(4)
    framed = rng.random(SIZE) < 0.4
    probability = 1 / (1 + np.exp(-rng.normal(np.where(framed, 2.5, -2.5), 1.0)))
    wrong = rng.choice(SIZE, TURNED, replace=False).tolist()
    samples = [labelled(framed[n] != (n in wrong), f"s{n % 20}", n) for n in range(SIZE)]
    return samples, probability, {samples[number].path for number in wrong}


def test_turned_labels_are_found_first() -> None:
    samples, probability, wrong = turned()
    found = suspects(samples, out_of_fold(samples, probability[:, None]))
    paths = [Path(each.path) for each in found]
    assert len(wrong & set(paths)) >= 0.9 * TURNED
    assert len(wrong & set(paths[:TURNED])) >= 0.8 * TURNED
    assert len(paths) <= 2 * TURNED
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    given = {each.path: each.label for each in samples}
    assert all(each.label == given[Path(each.path)] != each.suggested for each in found)


def test_right_labels_raise_no_suspicion() -> None:
    samples = [truth("framed" if n % 2 else "plain", f"s{n % 10}", n) for n in range(100)]
    probability = np.array([0.9 if n % 2 else 0.1 for n in range(100)])
    assert suspects(samples, probability) == []


def test_a_rare_label_is_suspected_below_one_half() -> None:
    # Means: framed 0.3, plain 0.9. The plain picture at 0.3 counts for framed and, at 0.7, not for plain.
    probability = np.array([0.4, 0.2, 0.1, 0.1, 0.1, 0.02, 0.3, 0.0, 0.18])
    samples = [truth("framed" if n < 2 else "plain", number=n) for n in range(9)]
    found = suspects(samples, probability)
    assert [(each.path, each.suggested) for each in found] == [
        (str(samples[1].path), "plain"),
        (str(samples[0].path), "plain"),
        (str(samples[6].path), "framed"),
    ]


def test_no_picture_of_a_source_speaks_about_it() -> None:
    samples, probability, _ = turned()
    whole = out_of_fold(samples, probability[:, None])
    mine = [number for number, sample in enumerate(samples) if sample.source == "s3"]
    lied = [
        labelled(sample.label == "plain", sample.source, number) if number in mine else sample
        for number, sample in enumerate(samples)
    ]
    # Turning every label of one source changes what is thought of the others, and of that source nothing.
    assert out_of_fold(lied, probability[:, None])[mine] == pytest.approx(whole[mine])


def test_a_useless_detector_does_not_drown_a_good_one() -> None:
    samples, probability, wrong = turned()
    noise = np.random.default_rng(0).random(SIZE)
    found = suspects(samples, out_of_fold(samples, np.column_stack([noise, probability])))
    assert len(wrong & {Path(each.path) for each in found[:TURNED]}) >= 0.8 * TURNED


def test_labels_of_one_source_cannot_be_held_out() -> None:
    samples = [truth("framed" if n < 3 else "plain", "only" if n < 3 else f"s{n}", n) for n in range(12)]
    with pytest.raises(DatasetError, match="only one label is left"):
        out_of_fold(samples, np.full((12, 1), 0.5))


def test_suspects_are_written_as_csv_and_jsonl(tmp_path: Path) -> None:
    samples = [truth("plain", "s,1", 0), truth("plain", number=1), truth("plain", number=2), truth("framed", number=3)]
    found = suspects(samples, np.array([0.98765, 0.1, 0.1, 0.9]))
    expected = {
        "path": "/s,1/0.png",
        "label": "plain",
        "suggested": "framed",
        "score": 0.9877,
        "source": "s,1",
    }
    write_suspects(tmp_path / "a.csv", found)
    write_suspects(tmp_path / "a.jsonl", found)
    with (tmp_path / "a.csv").open(newline="") as file:
        assert list(csv.DictReader(file)) == [{name: str(value) for name, value in expected.items()}]
    assert [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "path,status,probability\n/shop/1.png,ok,0.25\n/shop/0.png,ok,0.75\n/shop/9.png,error,\n",
        '{"path": "/shop/1.png", "probability": 0.25}\n\n{"path": "/shop/0.png", "probability": 0.75}\n',
    ],
)
def test_probabilities_are_read_from_records(tmp_path: Path, text: str) -> None:
    path = tmp_path / ("a.csv" if text.startswith("path") else "a.jsonl")
    path.write_text(text)
    assert read_probabilities(path, [truth("plain", number=0), truth("plain", number=1)]).tolist() == [0.75, 0.25]
    with pytest.raises(DatasetError, match=r"says nothing about 1 of 1 pictures, as /shop/7.png"):
        read_probabilities(path, [truth("plain", number=7)])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [('{"path": "a"}\n', "record 1 has no path and probability"), ("{", "cannot be read as JSON lines")],
)
def test_what_is_no_file_of_detections_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(DatasetError, match=complaint):
        read_probabilities(tmp_path / "a.jsonl", [])

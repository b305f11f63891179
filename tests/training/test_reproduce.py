"""The post's experiments: which networks, which pictures, which report. Nothing is trained here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests import draw
from unframe.dataset.records import Sample
from unframe.errors import DatasetError
from unframe.settings import Settings
from unframe.training import reproduce
from unframe.training.run import Run, Validation


def samples(framed: int, plain: int) -> list[Sample]:
    names = [("framed", number) for number in range(framed)] + [("plain", number) for number in range(plain)]
    return [Sample(Path(f"{label}{number}.png"), label, source=f"shop{number % 7}") for label, number in names]  # type: ignore[arg-type]


def test_the_five_networks_of_the_post() -> None:
    assert [str(spec) for spec in reproduce.SPECS] == [each.name for each in reproduce.POST[1:]]
    assert reproduce.SPECS[0].parameters == 61_441
    assert len(set(reproduce.SPECS)) == 5


@pytest.mark.parametrize(("framed", "plain"), [(0, 0), (10, 30), (30, 90), (200, 3)])
def test_half_framed_half_plain_real_ones_first(framed: int, plain: int) -> None:
    real = reproduce.real(samples(framed, plain), 100, seed=0)
    need = reproduce.missing(real, 100)
    drawn = [Sample(Path(f"d{each.path}"), each.label) for each in samples(60, 60)]
    mixed = reproduce.together(real, drawn, 100)
    assert need == (50 - min(framed, 50), 50 - min(plain, 45))  # the last tenth is kept for plain ones that look framed
    assert [sample.label for sample in mixed].count("framed") == 50
    assert len(mixed) == len({sample.path for sample in mixed}) == 100
    assert set(real) <= set(mixed)


def test_doubtful_pictures_are_left_out() -> None:
    doubtful = [Sample(Path("a"), "framed", confidence="low"), Sample(Path("b"), "unsure"), Sample(Path("c"), "plain")]
    assert reproduce.real(doubtful, 100, seed=0) == doubtful[2:]


def test_few_of_the_real_plain_ones_look_framed() -> None:
    hard = [Sample(Path(f"hard{number}"), "plain", hard="rectangular") for number in range(60)]
    chosen = reproduce.real([*hard, *samples(0, 18)], 100, seed=0)
    assert sum(bool(sample.hard) for sample in chosen) == 2
    assert len(chosen) == 20


@pytest.mark.parametrize("count", [2, 10, 30, 70, 71, 5000])
def test_no_more_real_ones_than_there_may_be(count: int) -> None:
    hard = [Sample(Path(f"hard{number}"), "plain", hard="rectangular") for number in range(2500)]
    everything = [*hard, *samples(2500, 2500)]
    chosen = reproduce.real(everything, count, seed=0)
    assert min(reproduce.missing(chosen, count)) >= 0
    assert len(reproduce.together(chosen, samples(9, 9), count)) == count // 2 * 2


def test_too_few_drawn_are_noticed() -> None:
    with pytest.raises(DatasetError, match="only 12 of 100"):
        reproduce.together([], samples(6, 6), 100)


def test_the_baseline_judges_whole_pictures(tmp_path: Path) -> None:
    found = []
    for number in range(6):
        image = draw.product(200, 160, number)
        framed = number % 2 == 0
        PillowImage.fromarray(draw.bordered(image, 12)[0] if framed else image).save(tmp_path / f"{number}.png")
        found.append(Sample(tmp_path / f"{number}.png", "framed" if framed else "plain"))
    validation, accuracy = reproduce.baseline(found, Settings(jobs=1))
    assert validation.truth.tolist() == [True, False] * 3
    assert accuracy == 1.0
    assert validation.probability[::2].min() > validation.probability[1::2].max()


class Told(Run):
    """A run that was never trained."""

    def validation(self) -> Validation:
        return answers(len(self.name))


def answers(seed: int) -> Validation:
    rng = np.random.default_rng(seed)
    truth = np.tile([True, False], 60)
    return Validation(truth, np.clip(truth * 0.5 + rng.uniform(0, 0.6, 120), 0, 1), np.repeat(list("abcdefgh"), 15))


def told(name: str, accuracies: list[float]) -> Run:
    history = [
        {
            "epoch": epoch,
            "accuracy": 0.9,
            "val_accuracy": value,
            "lr": 0.01 / epoch,
            "seconds": 6.0,
            "elapsed": 6.0 * epoch,
        }
        for epoch, value in enumerate(accuracies, 1)
    ]
    plan: dict[str, Any] = {"spec": name, "data": {"pictures": 600}, "schedule": {"epochs": len(accuracies)}}
    return Told(Path(name), plan, history, {"best": history[-1]})


def test_when_a_network_passed_the_post() -> None:
    assert reproduce.passed(told("x", [0.9, 0.964, 0.965, 0.95])) == {"epoch": 3, "seconds": 18.0}
    assert reproduce.passed(told("x", [0.9, 0.964])) is None


def test_the_report_sets_each_number_beside_the_post(tmp_path: Path) -> None:
    runs = [told(str(spec), [0.9, 0.97]) for spec in reproduce.SPECS]
    reproduce.write(tmp_path, runs, answers(1), 0.91, "unframe reproduce photos/ -o here/")
    text = (tmp_path / "reproduction.md").read_text()
    for published in ("92.3 %", "0.926", "96.4 %", "95.5 %", "95.2 %", "0.995", "98.5 %", "98.7 %", "99.8 %"):
        assert published in text
    assert "$ unframe reproduce photos/ -o here/" in text
    assert "| rule set |  |  | 92.3 % | 91.0 % | 0.926 |" in text
    assert "| 6.0 | 2 | 0.2 min |" in text
    assert {path.name for path in tmp_path.iterdir()} == {
        "reproduction.md", "reproduction.json", "roc.png", "accuracy.png", "decay.png",
    }  # fmt: skip

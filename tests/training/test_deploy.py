"""A network that was trained by name judges, as a detector of pictures of any size, as it did when it was validated."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests import draw
from unframe.dataset.layouts import read_dataset
from unframe.dataset.records import Sample
from unframe.detector import Detector
from unframe.errors import ModelError
from unframe.evaluation.metrics import ranking
from unframe.network.backend import Precision
from unframe.network.build import FRAMED, IMAGE, build, with_logit
from unframe.network.spec import Spec
from unframe.runtime.card import CARD_FILE, WEIGHTS_FILE, Card
from unframe.training import deploy, run
from unframe.training.classic import Options, Trainer
from unframe.training.export import TOLERANCE
from unframe.training.loop import MODEL, predict

COLOUR = "24_6-6_adam_lr_0_02_batch8"
GREY = "24_6_avgpool_gap_grey_fc4_adam_lr_0_02_batch8"


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    folder = tmp_path_factory.mktemp("dataset")
    for number in range(48):
        image = draw.product(60 + number, 90 - number, number)
        label = ("clean", "framed")[number % 2]
        path = folder / label / f"shop{number % 6}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        PillowImage.fromarray(draw.bordered(image, 9)[0] if label == "framed" else image).save(path)
    options = Options(epochs=4, seed=1, split="picture", precision="float32")
    return Trainer(read_dataset(folder), tmp_path_factory.mktemp("runs"), options, "unframe train drawn/ -o runs/")


@pytest.fixture(scope="module", params=[COLOUR, GREY], ids=["colour", "grey"])
def trained(request: pytest.FixtureRequest, trainer: Trainer) -> run.Run:
    return trainer.train(Spec.parse(request.param))


def validating(trainer: Trainer) -> list[Sample]:
    return [trainer.samples[number] for number in trainer.validating()]


def test_the_detector_says_of_files_what_the_network_says_of_arrays(
    trainer: Trainer, trained: run.Run, keras: Any
) -> None:
    folder = trained.folder / deploy.FOLDER
    card = Card.read(folder / CARD_FILE)
    network = with_logit(keras.models.load_model(trained.folder / MODEL))
    held_out = dataclasses.replace(trainer._arrays(Spec.parse(trained.name)), rows=trainer.validating())
    logits = predict(network, held_out)["logit"][:, 0]
    assert np.ptp(logits) > 100 * TOLERANCE  # the comparison would be idle on answers that never change
    expected = [card.calibration.probability(float(logit)) for logit in logits]
    found = Detector.load(model=folder).detect_many([sample.path for sample in validating(trainer)])
    assert [each.probability for each in found] == pytest.approx(expected, abs=TOLERANCE)
    assert [each.framed for each in found] == [each.probability >= card.thresholds.decision for each in found]


def test_the_card_says_what_is_known(trainer: Trainer, trained: run.Run) -> None:
    card = Card.read(trained.folder / deploy.FOLDER / CARD_FILE)
    assert card.spec == trained.name
    assert card.command == "unframe train drawn/ -o runs/"
    assert card.data.fingerprint == f"sha256:{trainer.fingerprint}"
    assert card.data.counts == {"plain": 24, "framed": 24}
    assert card.data.sources == tuple(f"shop{number}" for number in range(6))
    assert card.bytes == (trained.folder / deploy.FOLDER / WEIGHTS_FILE).stat().st_size
    score = card.scores["validation_auroc"]
    validation = trained.validation()
    area = ranking(validation.truth, validation.probability, np.ones((1, len(validation.truth))))[0][0]
    assert score.value == pytest.approx(area, abs=1e-4)
    assert score.n == len(validation.truth)
    assert "left out in training" in score.on


def test_a_finished_run_without_its_model_gets_it_when_started_again(trainer: Trainer, trained: run.Run) -> None:
    folder = trained.folder / deploy.FOLDER
    before = Card.read(folder / CARD_FILE)
    (folder / CARD_FILE).unlink()
    trainer.train(Spec.parse(trained.name))
    after = Card.read(folder / CARD_FILE)
    assert dataclasses.replace(after, created=before.created) == before
    written = (folder / CARD_FILE).stat().st_mtime_ns
    trainer.train(Spec.parse(trained.name))
    assert (folder / CARD_FILE).stat().st_mtime_ns == written


def test_a_network_that_is_not_what_was_trained_is_refused(
    trainer: Trainer, trained: run.Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(deploy, "difference", lambda *_: 1.0)
    other = Trainer(trainer.samples, tmp_path, dataclasses.replace(trainer.options, epochs=1))
    with pytest.raises(ModelError, match="differs from the trained network by 1"):
        other.train(Spec.parse(COLOUR))
    assert not (tmp_path / str(Spec.parse(COLOUR)) / deploy.FOLDER / CARD_FILE).exists()


@pytest.mark.parametrize("spec", ["16_4-4_conv3", "16_4_fc0_gmp_grey"])
@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_a_probability_is_the_logistic_function_of_the_logit(spec: str, precision: Precision) -> None:
    model = build(Spec.parse(spec), precision)
    shape = (5, 16, 16, Spec.parse(spec).channels)
    images = {IMAGE: np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)}
    logit = with_logit(model).predict_on_batch(images)["logit"]
    np.testing.assert_allclose(model.predict_on_batch(images)[FRAMED], 1 / (1 + np.exp(-logit)), atol=TOLERANCE)


def test_a_card_has_room_for_every_name() -> None:
    longest = str(Spec.parse("512_512-512-512-512_conv15_fc1024_nesterov_lr_0_00001_decay_0_00005_avgpool_gap_grey"))
    for spec in (str(Spec()), longest, longest[:63] + "_"):
        assert longest.startswith(deploy.name(spec)) or deploy.name(spec) == spec
        assert len(deploy.name(spec)) <= 64


def test_a_card_names_few_sources_and_counts_many() -> None:
    samples = [Sample(Path(f"{number}.png"), "plain", source=f"shop{number}") for number in range(501)]
    assert deploy._sources(samples) == ("501 sources",)
    assert deploy._sources(samples[::-1][:3]) == ("shop498", "shop499", "shop500")

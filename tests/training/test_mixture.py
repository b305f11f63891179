"""What the released network learns from: answers turned with their pictures, real pictures shown fairly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import draw
from unframe.dataset.records import Sample
from unframe.runtime.views import DEPTH
from unframe.training import mixture
from unframe.training.examples import Examples, answer
from unframe.training.mixture import Mixture, as_batch, changed, fair_chances, softened
from unframe.types import KINDS, SIDES, Box, Frame, Image

SIZE = 256  # strips of a picture of this size average all its pixels, so that turning it turns them exactly


def chances(monkeypatch: pytest.MonkeyPatch, **certain: float) -> None:
    """Switch all changes off but these."""
    for name, value in vars(mixture).items():
        if name.isupper() and isinstance(value, float) and name != "SOFTNESS":
            monkeypatch.setattr(mixture, name, certain.get(name, 0.0))


def framed_picture() -> tuple[Image, Frame]:
    """A picture whose frame differs on every side, with a margin outside it on the left."""
    image = draw.product(SIZE, SIZE, seed=3)
    for side, thickness, colour in (("top", 10, (180, 30, 40)), ("right", 31, (20, 90, 40))):
        image = draw.bordered(image, thickness, colour, (side,))[0]  # type: ignore[arg-type]
    image[10:, 9:26] = (30, 40, 160)
    return image, Frame(Box(26, 10, SIZE - 31, SIZE), Box(9, 0, SIZE, SIZE), ("top", "right", "left"), "border")


def box(box: Box, turn: Callable[[int, int], tuple[int, int]]) -> Box:
    """A box whose corners were turned with the picture."""
    (one, two), (three, four) = turn(box.left, box.top), turn(box.right, box.bottom)
    return Box(min(one, three), min(two, four), max(one, three), max(two, four))


TURNS: dict[str, tuple[Callable[[Image], Image], Callable[[int, int], tuple[int, int]]]] = {
    "MIRRORED": (lambda image: image[:, ::-1], lambda x, y: (SIZE - x, y)),
    "TURNED": (lambda image: image[::-1], lambda x, y: (x, SIZE - y)),
    "TRANSPOSED": (lambda image: image.swapaxes(0, 1), lambda x, y: (y, x)),
}


@pytest.mark.parametrize("name", TURNS)
def test_turning_what_the_network_sees_is_turning_the_picture(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    turn, point = TURNS[name]
    image, frame = framed_picture()
    inner, outer = box(frame.inner, point), box(frame.outer, point)
    margins = inner.margins(SIZE, SIZE)
    other = Frame(inner, outer, tuple(side for side in SIDES if margins[side]), frame.kind)
    chances(monkeypatch, **{name: 1.0})
    found = changed(Examples.of([(image, answer(frame, SIZE, SIZE))]), np.random.default_rng(0))
    expected = Examples.of([(np.ascontiguousarray(turn(image)), answer(other, SIZE, SIZE))])
    assert np.array_equal(found.inner, expected.inner)
    assert np.array_equal(found.outer, expected.outer)
    assert np.abs(found.thumbnail.astype(int) - expected.thumbnail).max() <= 3  # rounding of the resized picture
    apart = np.abs(found.strips.astype(int) - expected.strips)
    assert apart[..., :3].max() <= 2
    assert np.quantile(apart[..., 3], 0.99) <= 8  # faint steps are spread widely, and rounding with them
    assert np.abs(expected.strips.astype(int) - Examples.of([(image, answer(frame, SIZE, SIZE))]).strips).max() > 100


def test_without_chances_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    image, frame = framed_picture()
    before = Examples.of([(image, answer(frame, SIZE, SIZE)), (draw.product(), answer(None, 160, 120))])
    chances(monkeypatch)
    same(changed(before, np.random.default_rng(0)), before)


def test_changes_are_the_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    image, frame = framed_picture()
    before = Examples.of([(image, answer(frame, SIZE, SIZE))] * 8)
    same(changed(before, np.random.default_rng(5)), changed(before, np.random.default_rng(5)))
    assert np.ptp(changed(before, np.random.default_rng(5)).inner, axis=0).any()
    assert len(np.unique(before.inner, axis=0)) == 1, "what was given was changed in place"


def same(one: Examples, other: Examples) -> None:
    for name in Examples.__slots__:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@given(row=st.floats(0, DEPTH - 1, width=32))
def test_an_edge_is_taught_as_a_bell_around_its_row(row: float) -> None:
    likely = softened(np.full((1, 4), row, dtype=np.float32))
    assert likely.shape == (1, 4, DEPTH)
    assert likely.sum(axis=-1) == pytest.approx(1, abs=1e-5)
    if row <= 0:
        assert (likely[..., 0] == 1).all()
    else:
        assert (likely[..., 0] == 0).all()  # which stands for no frame
        assert (np.abs(likely.argmax(axis=-1) - max(row, 1)) <= 0.5).all() or row < 1


def examples(count: int, seed: int = 0) -> Examples:
    framed = draw.bordered(draw.product(64, 48, seed), 6)
    frame = Frame(framed[1], Box.whole(64, 48), SIDES, "border")
    pictures = [(framed[0], answer(frame, 64, 48)), (draw.product(64, 48, seed), answer(None, 64, 48))]
    return Examples.of([pictures[number % 2] for number in range(count)])


def test_every_drawn_picture_once_and_real_ones_between() -> None:
    drawn, real = examples(8), examples(4, seed=9)
    mixed = Mixture(drawn, real, np.array([0, 0, 1.0, 0]), share=0.2)
    assert len(mixed) == 10
    batch = mixed.batch(np.arange(10), None)
    assert np.array_equal(batch.inputs["thumbnail"][:8], drawn.thumbnail)
    assert np.array_equal(batch.inputs["strips"][8:], real.strips[:2])
    assert len(Mixture(drawn)) == 8


def test_real_pictures_are_drawn_by_their_chances(monkeypatch: pytest.MonkeyPatch) -> None:
    chances(monkeypatch)
    real = examples(2)
    mixed = Mixture(examples(2), real, np.array([0.25, 0.75]), share=0.5)
    shown = mixed.batch(np.full(2000, 2), np.random.default_rng(0))
    assert shown.targets["logit"].mean() == pytest.approx(0.25, abs=0.04)


def test_what_is_not_known_of_a_picture_is_not_taught() -> None:
    known = answer(Frame(Box(6, 6, 58, 42), Box.whole(64, 48), SIDES, "inset"), 64, 48)
    pictures = [known, known._replace(located=0.0), known._replace(kind=-1), answer(None, 64, 48)]
    batch = as_batch(Examples.of([(draw.product(64, 48), said) for said in pictures]))
    assert batch.weights is not None
    assert batch.weights["logit"].tolist() == [1, 1, 1, 1]
    assert batch.weights["inner"].tolist() == batch.weights["outer"].tolist() == [[1] * 4, [0] * 4, [1] * 4, [1] * 4]
    assert batch.weights["kind"].tolist() == [1, 1, 0, 0]
    assert batch.targets["kind"][0].argmax() == KINDS.index("inset")
    logit = batch.targets["logit"][:, 0]
    assert logit[0] == logit[1] == logit[2] > 0.5 > logit[3]
    assert {name: target.shape for name, target in batch.targets.items()} == {
        "logit": (4, 1), "inner": (4, 4, DEPTH), "outer": (4, 4, DEPTH), "kind": (4, len(KINDS)),
    }  # fmt: skip


def test_framed_and_plain_pictures_are_shown_equally_often_and_templates_not_too_often() -> None:
    samples = [Sample(Path(f"{n}.png"), "framed", design="ring") for n in range(9)]
    samples += [Sample(Path("alone.png"), "framed", design="banner")]
    samples += [Sample(Path(f"plain{n}.png"), "plain") for n in range(40)]
    samples += [Sample(Path("doubtful.png"), "plain", confidence="low")]
    found = fair_chances(samples)
    assert found.sum() == pytest.approx(1)
    assert found[:10].sum() == pytest.approx(0.5)
    assert found[9] > found[0]  # a template that is seldom is shown more often a picture ...
    assert found[:9].sum() > found[9]  # ... and yet less often in all
    assert found[-1] < found[-2]


def test_plain_pictures_with_straight_edges_are_shown_more_often() -> None:
    reasons = ("", "rectangular", "own_frame", "full_bleed", "badge_or_text")
    found = fair_chances([Sample(Path(f"{hard}.png"), "plain", hard=hard) for hard in reasons])
    assert (found / found[0]).tolist() == pytest.approx([1, 2, 2, 2, 1])


def test_one_label_alone_has_all_chances() -> None:
    found = fair_chances([Sample(Path(f"{n}.png"), "plain") for n in range(4)])
    assert found.tolist() == [0.25] * 4

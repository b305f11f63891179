"""What a check says about pictures that are not what their rows say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dataset.rows import sample, save
from unframe.dataset.check import problems
from unframe.dataset.records import Sample
from unframe.types import Box


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"width": 48, "height": 40}, ""),
        ({"inner": Box(4, 4, 44, 36), "outer": Box(0, 0, 48, 40)}, ""),
        ({"width": 40, "height": 48}, "its row says 40 × 48"),
        ({"height": 41}, "its row says 48 × 41"),
        ({"inner": Box(4, 4, 44, 41)}, "inner is [4, 4, 44, 41]; label it again"),
        ({"outer": Box(4, 4, 49, 40)}, "outer is [4, 4, 49, 40]; label it again"),
        ({"inner": Box(0, 0, 48, 40)}, "labelled framed, but inner is the whole picture"),
    ],
)
def test_a_row_is_held_against_the_picture(tmp_path: Path, more: dict[str, object], complaint: str) -> None:
    found = list(problems([Sample(save(tmp_path / "a.png"), "framed", **more)]))  # type: ignore[arg-type]
    assert [complaint in message for message in found[0]] == [True] * bool(complaint)


def test_damage_further_inside_a_file_is_found(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg")
    whole = path.read_bytes()
    path.write_bytes(whole[: 3 * len(whole) // 4])
    ((message,),) = problems([sample(str(path))])
    assert "a.jpg ends after" in message


def test_every_picture_has_its_answer(tmp_path: Path) -> None:
    good, missing = sample(str(save(tmp_path / "a.png"))), sample(str(tmp_path / "b.png"))
    first, second, third = problems([good, missing, good])
    assert (first, third) == ([], [])
    assert "there is no such file" in second[0]

"""Templates: looks, clusters, tables and sheets, and decisions that detectors hold to."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests import draw, fakes
from tests.cli.conftest import Run, save
from unframe.catalogue.decisions import DecidedDetector, Decision, Decisions
from unframe.catalogue.look import LENGTH, Look, from_text, look, points, to_text
from unframe.catalogue.template_report import COLUMNS, Framed, templates
from unframe.catalogue.templates import REACH, cluster
from unframe.errors import DatasetError
from unframe.types import SIDES, Box, Frame, Image, Side

pytest.importorskip("sklearn")

RED, BLUE, GREEN = (180, 30, 40), (30, 60, 180), (20, 120, 60)


def bordered(seed: int, thickness: int, colour: draw.Colour, sides: tuple[Side, ...] = SIDES) -> tuple[Image, Frame]:
    """A product of a size of its own in a border that is as thick as its size says."""
    rng = np.random.default_rng(seed)
    width = int(rng.integers(160, 320))
    image = draw.product(width, int(rng.integers(160, 320)), seed=seed)
    image, inner = draw.bordered(image, round(thickness * width / 200), colour, sides)
    return image, Frame(inner, Box.whole(image.shape[1], image.shape[0]), sides, "border")


def looks(colour: draw.Colour, count: int = 6, thickness: int = 14, sides: tuple[Side, ...] = SIDES) -> list[Look]:
    return [look(*bordered(seed, thickness, colour, sides)) for seed in range(count)]


def away(one: Look, other: Look) -> float:
    first, second = points([one, other])
    return float(np.linalg.norm(first - second))


def test_one_template_looks_alike_on_every_photograph() -> None:
    same = looks(RED)
    assert max(away(same[0], each) for each in same) < 0.6 * REACH
    for other in (looks(BLUE)[0], looks(RED, thickness=50)[0], looks(RED, sides=("top", "bottom"))[0]):
        assert min(away(each, other) for each in same) > REACH


def test_a_look_is_that_of_the_frame_alone() -> None:
    image, frame = bordered(3, 14, RED)
    other = image.copy()
    inner = frame.inner
    other[inner.top : inner.bottom, inner.left : inner.right] = 255
    assert (look(image, frame) == look(other, frame)).all()
    assert look(image, frame).shape == (LENGTH,)


def test_texture_counts() -> None:
    image, frame = bordered(0, 30, RED)
    striped = image.copy()
    striped[: frame.inner.top, ::2] = 255 - striped[: frame.inner.top, ::2]
    assert away(look(image, frame), look(striped, frame)) > REACH


def test_padding_is_the_same_on_whichever_sides_and_however_wide() -> None:
    wide, tall = np.full((300, 200, 3), 250, dtype=np.uint8), np.full((200, 300, 3), 250, dtype=np.uint8)
    wide[60:240], tall[:, 20:280] = 90, 90
    bars = Frame(Box(0, 60, 200, 240), Box.whole(200, 300), ("top", "bottom"), "padding")
    pillars = Frame(Box(20, 0, 280, 200), Box.whole(300, 200), ("left", "right"), "padding")
    below = Frame(Box(0, 0, 200, 240), Box.whole(200, 300), ("bottom",), "padding")
    above = Frame(Box(0, 60, 200, 300), Box.whole(200, 300), ("top",), "padding")
    assert away(look(wide, bars), look(tall, pillars)) < 0.01
    assert away(look(wide, below), look(wide, above)) < 0.01
    assert away(look(wide, bars), look(wide, below)) > REACH


def test_looks_go_through_text() -> None:
    one = looks(GREEN, 1)[0]
    assert (from_text(to_text(one)) == one).all()
    with pytest.raises(ValueError, match="numbers"):
        from_text("AAAA")


def test_templates_are_put_together_and_loners_are_not() -> None:
    every = [*looks(BLUE, 4), *looks(RED, 7), *looks(GREEN, 2)]
    labels = cluster(every)
    assert labels.tolist() == [1] * 4 + [0] * 7 + [-1] * 2  # the most frequent one is the first
    assert cluster(every, least=2).tolist() == [1] * 4 + [0] * 7 + [2] * 2
    assert cluster([]).tolist() == []
    assert cluster(every[:1]).tolist() == [-1]


def test_sellers_are_kept_apart_when_asked_for() -> None:
    every = looks(RED, 8)
    assert cluster(every).tolist() == [0] * 8
    assert cluster(every, groups=["ann"] * 5 + ["bob"] * 3).tolist() == [0] * 5 + [1] * 3


def test_exemplars_stand_for_every_member() -> None:
    every = looks(RED, 12)
    framed = [Framed(f"{at}.png", each, "border", "top right bottom left", "") for at, each in enumerate(every)]
    (found,) = templates(framed, cluster(every))
    assert sorted(each.path for each in found.members) == sorted(each.path for each in framed)
    decisions = Decisions([Decision("1", "keep", found.exemplars)])
    assert all(decisions.on(each) for each in every)
    assert decisions.on(looks(BLUE, 1)[0]) is None
    assert Decisions([Decision("1", "keep", found.exemplars, reach=9.0)]).on(looks(BLUE, 1)[0]) is not None


def test_a_detector_holds_to_decisions() -> None:
    doubtful, frame = bordered(1, 14, fakes.DOUBTFUL_COLOUR)
    framed, other = bordered(2, 14, fakes.FRAME_COLOUR)
    fake = fakes.FakeDetector()
    decisions = Decisions(
        [Decision("1", "remove", (look(doubtful, frame),)), Decision("2", "keep", (look(framed, other),))]
    )
    detector = DecidedDetector(fake, decisions)
    assert fake.detect(doubtful).verdict == "review"
    found = detector.detect(doubtful)
    assert (found.verdict, found.frame) == ("framed", fake.detect(doubtful).frame)
    kept = detector.detect(framed)
    assert (kept.verdict, kept.framed, kept.frame) == ("clean", False, None)
    assert kept.probability == fake.detect(framed).probability
    assert detector.detect_many([doubtful, framed]) == [found, kept]
    assert detector.model == f"fake-1+templates-{decisions.digest}"
    assert decisions.digest != Decisions(decisions.decisions[:1]).digest
    assert DecidedDetector(fake, Decisions([])).detect(framed).verdict == "framed"


@pytest.fixture
def scanned(run: Run, tmp_path: Path) -> Path:
    """Results of a scan: five red and three blue frames of two sellers, and three clean pictures."""
    lines = ["path,seller"]
    for seed in range(11):
        colour = fakes.FRAME_COLOUR if seed < 5 else fakes.DOUBTFUL_COLOUR
        image = bordered(seed, 14, colour)[0] if seed < 8 else draw.product(seed=seed)
        save(image, tmp_path / f"{seed:02}.png")
        lines.append(f"{seed:02}.png,{'ann' if seed % 2 else 'bob'}")
    (tmp_path / "list.csv").write_text("\n".join(lines))
    assert run("scan", tmp_path / "list.csv", "-o", tmp_path / "r.jsonl", "--looks").code == 0
    return tmp_path / "r.jsonl"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_templates_of_a_scan(run: Run, scanned: Path, tmp_path: Path) -> None:
    done = run("templates", scanned, "-o", tmp_path / "t", "--base", tmp_path)
    assert done.code == 0
    assert "11 pictures, 8 framed: 8 carry one of 2 templates, 0 frames stand alone" in done.err
    first, second = table(tmp_path / "t" / "templates.csv")
    assert tuple(first) == COLUMNS
    assert [first[name] for name in ("template", "decision", "pictures", "share", "groups", "kind")] == [
        "1", "", "5", "0.4545", "2", "border",
    ]  # fmt: skip
    assert first["largest"] == "bob (3); ann (2)"
    assert second["pictures"] == "3"
    members = table(tmp_path / "t" / "pictures.csv")
    assert {row["template"] for row in members[:5]} == {"1"}
    assert {Path(row["path"]).name for row in members[:5]} == {f"{seed:02}.png" for seed in range(5)}
    assert {"group": "ann", "template": "2", "pictures": "2"} in table(tmp_path / "t" / "groups.csv")
    with PillowImage.open(tmp_path / "t" / "sheet-001.png") as sheet:
        colours = sheet.convert("RGB").getcolors(1 << 20)
    assert {fakes.FRAME_COLOUR, fakes.DOUBTFUL_COLOUR} <= {colour for _, colour in colours or []}
    assert run("templates", scanned, "-o", tmp_path / "t").code == 2  # a person's decisions are not written over


def test_pictures_are_read_again_where_no_look_was_noted(run: Run, scanned: Path, tmp_path: Path) -> None:
    records = [json.loads(line) for line in scanned.read_text().splitlines()]
    for record in records:
        record.pop("look")
    (tmp_path / "00.png").unlink()
    bare = tmp_path / "bare.jsonl"
    bare.write_text("\n".join(map(json.dumps, records)))
    done = run("templates", bare, "-o", tmp_path / "t", "--base", tmp_path)
    assert "11 pictures, 8 framed: 7 carry one of 2 templates" in done.err
    assert "1 framed pictures could not be read again" in done.err


def test_sellers_apart_and_columns_that_are_not_there(run: Run, scanned: Path, tmp_path: Path) -> None:
    done = run("templates", scanned, "-o", tmp_path / "t", "--by", "seller", "--apart", "--least", 2)
    assert done.code == 0
    assert len(table(tmp_path / "t" / "templates.csv")) == 3  # the only blue one of bob stands alone
    (tmp_path / "named.jsonl").write_text(scanned.read_text().replace('"seller": ', '"Vendor": '))
    assert run("templates", tmp_path / "named.jsonl", "-o", tmp_path / "n", "--apart", "--least", 2).code == 0
    assert table(tmp_path / "n" / "groups.csv") == table(tmp_path / "t" / "groups.csv") != []
    assert "no column 'shop'" in run("templates", scanned, "-o", tmp_path / "u", "--by", "shop").err


def decide(path: Path, *choices: str) -> Path:
    rows = table(path)
    for row, choice in zip(rows, choices, strict=True):
        row["decision"] = choice
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_decisions_are_held_to(run: Run, scanned: Path, tmp_path: Path) -> None:
    run("templates", scanned, "-o", tmp_path / "t")
    decisions = decide(tmp_path / "t" / "templates.csv", "keep", " Remove ")
    again = tmp_path / "again.jsonl"
    done = run("scan", tmp_path / "list.csv", "-o", again, "--decisions", decisions, "--remove", tmp_path / "cleaned")
    assert done.code == 0
    records = [json.loads(line) for line in again.read_text().splitlines()]
    assert [record["verdict"] for record in records] == ["clean"] * 5 + ["framed"] * 3 + ["clean"] * 3
    assert [record["action"] for record in records] == ["pass"] * 5 + ["crop"] * 3 + ["pass"] * 3
    assert "+templates-" in records[0]["model"]
    done = run("detect", tmp_path / "00.png", "--format", "json", "--decisions", decisions)
    assert json.loads(done.out)[0]["verdict"] == "clean"
    done = run("remove", tmp_path / "06.png", "-o", tmp_path / "out", "--decisions", decisions)
    assert done.code == 0
    assert (tmp_path / "out" / "06.png").read_bytes() != (tmp_path / "06.png").read_bytes()


def test_decisions_that_are_none_are_refused(scanned: Path, run: Run, tmp_path: Path) -> None:
    run("templates", scanned, "-o", tmp_path / "t")
    path = tmp_path / "t" / "templates.csv"
    with pytest.raises(DatasetError, match="row 2 has decision 'maybe'"):
        Decisions.read(decide(path, "maybe", ""))
    assert Decisions.read(decide(path, "", "")).decisions == ()
    path.write_text("template,decision,reach,looks\n1,keep,0.1,AAAA\n")
    with pytest.raises(DatasetError, match="looks or a reach that were changed"):
        Decisions.read(path)
    for row in ("1,keep", "1,keep,0.1", "1,keep,0.1,", "1,keep,,AAAA"):
        path.write_text(f"template,decision,reach,looks\n{row}\n")
        with pytest.raises(DatasetError, match="row 2 has looks or a reach that were changed"):
            Decisions.read(path)
    path.write_text("template,decision,reach,looks\n1\n2,\n")
    assert Decisions.read(path).decisions == ()
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DatasetError, match="lacks"):
        Decisions.read(path)
    with pytest.raises(DatasetError, match="cannot be read"):
        Decisions.read(tmp_path / "nowhere.csv")

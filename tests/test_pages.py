"""The pages that a newcomer follows: their commands run in the order in which they stand, and do what the page says."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
from pathlib import Path

import pytest
from PIL import Image as PillowImage
from typer.testing import CliRunner

from tests.test_docs import PAGES, ROOT, blocks, shell_lines, title
from unframe.cli import app

RUN = {"demo", "detect", "remove", "restore", "models", "--version"}
"""Commands that are run; the others need pictures by the thousand, a person or a server, and are only parsed."""


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``photos/`` in it."""
    shutil.copytree(ROOT / "examples", tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def followed(page: str) -> list[tuple[str, int]]:
    """Run the commands of a page in order; each with its exit code."""
    found = []
    for code in blocks(ROOT / "docs" / page, "sh"):
        for line in shell_lines(code):
            words = shlex.split(line)
            if words[0] != "unframe" or words[1] not in RUN:
                continue
            done = CliRunner().invoke(app, words[1:])
            if done.exception and not isinstance(done.exception, SystemExit):
                raise done.exception
            found.append((line, done.exit_code))
    return found


def test_the_quick_start_works(workplace: Path) -> None:
    done = followed("quickstart.md")
    assert len(done) >= 7
    assert not [line for line, code in done if code]
    with PillowImage.open("demo.png") as sheet:
        assert sheet.width > 1000
    with Path("frames.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    originals = sorted(Path("photos").glob("*.jpg"))
    assert [row["path"] for row in rows] == [f"photos/{path.name}" for path in originals]
    for original in originals:
        assert Path("explained", f"{original.name}.png").is_file()
        cleaned = Path("cleaned", original.name)
        row = next(row for row in rows if row["path"] == str(original))
        if row["verdict"] != "framed":
            assert cleaned.read_bytes() == original.read_bytes()
        assert cleaned.is_file()


def test_checking_a_catalogue_works(workplace: Path) -> None:
    done = followed("catalogue.md")
    assert len(done) >= 3
    assert [line for line, code in done if code] == ["unframe detect photos/ --fail-on framed --format jsonl"]
    assert Path("explained/contact-sheet-001.png").is_file()


def held(folder: str) -> dict[str, bytes]:
    """The bytes of every file of a folder, by name."""
    return {path.name: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def test_cleaning_a_feed_works_and_leaves_the_pictures_as_they_were(workplace: Path) -> None:
    before = held("photos")
    done = followed("clean.md")
    assert len(done) >= 8
    assert not [line for line, code in done if code]
    assert held("photos") == before
    for path in Path("padded").glob("*.jpg"):
        with PillowImage.open(path) as picture:
            assert picture.size == (1000, 1000) or path.read_bytes() == before[path.name]


def test_the_model_card_says_of_which_weights_it_speaks() -> None:
    from unframe.runtime import NetworkDetector

    page = (ROOT / "docs" / "model-card.md").read_text(encoding="utf-8")
    card = NetworkDetector.load().card
    assert card.sha256 in page
    assert all(f"`{source}`" in page for source in card.data.sources)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=f"{title(path)}-{number}")
        for path in PAGES
        for number, code in enumerate(blocks(path, "json") + blocks(path, "jsonl"))
    ],
)
def test_json_blocks_are_json(code: str) -> None:
    rest = code.strip()
    while rest:  # one value, or one after the other as in JSON lines
        _, end = json.JSONDecoder().raw_decode(rest)
        rest = rest[end:].strip()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=f"{title(path)}-{number}")
        for path in PAGES
        for number, code in enumerate(blocks(path, "yaml"))
    ],
)
def test_yaml_blocks_are_yaml(code: str) -> None:
    yaml = pytest.importorskip("yaml", reason="needs the extra docs")
    assert yaml.safe_load(code)


def test_blocks_name_a_language_that_is_known() -> None:
    known = {
        "console",
        "dockerfile",
        "html",
        "ini",
        "js",
        "json",
        "jsonl",
        "pycon",
        "python",
        "sh",
        "text",
        "toml",
        "yaml",
    }
    found = {
        (title(path), line[3:].strip())
        for path in PAGES
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("```") and len(line) > 3
    }
    assert not {(page, language) for page, language in found if language not in known}

"""The documentation as a site: it builds without a warning, shows every picture, and asks no other host for a thing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from scripts import site_hooks

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

pytest.importorskip("mkdocs", reason="needs the extra docs")
pytestmark = pytest.mark.timeout(600)


class Loaded(HTMLParser):
    """What a page makes a browser load by itself: pictures, scripts, style sheets, typefaces."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        address = given.get("href") if tag == "link" else given.get("src")
        if address and given.get("rel") not in {"next", "prev", "canonical"}:
            self.addresses.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=500
    )
    assert result.returncode == 0, result.stderr
    assert "WARNING" not in result.stderr
    return folder


def addresses(folder: Path) -> Iterator[tuple[Path, str]]:
    for page in folder.rglob("*.html"):
        parser = Loaded()
        parser.feed(page.read_text(encoding="utf-8"))
        yield from ((page, address) for address in parser.addresses)


def test_every_page_is_on_the_site(site: Path) -> None:
    pages = [*(path.relative_to(DOCS) for path in DOCS.rglob("*.md")), *map(Path, site_hooks.GUESTS.values())]
    assert not [page for page in pages if not (site / page.with_suffix(".html")).is_file()]


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    assert not [(page.name, address) for page, address in addresses(site) if urlsplit(address).netloc]
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert not [found for style in styles for found in re.findall(r"(?:url\(|@import)\s*[\"']?https?:[^)]+", style)]


def test_whatever_a_page_shows_is_there(site: Path) -> None:
    local = ((page, urlsplit(address)) for page, address in addresses(site))
    missing = [
        (page.name, url.path)
        for page, url in local
        if url.scheme != "data" and url.path and not (page.parent / unquote(url.path)).exists() and page.stem != "404"
    ]
    assert not missing


def test_the_navigation_lists_what_the_index_lists() -> None:
    found = site_hooks.sections(
        "| [A](a.md) | x |\n## One\n| [B](b.md) | y |\n| no link | z |\n## Two\n| [C](../C.md) | |\n"
    )
    assert found == {"": [("A", "a.md")], "One": [("B", "b.md")], "Two": [("C", "../C.md")]}


def test_links_that_leave_the_folder_are_bent_and_no_others() -> None:
    page = (
        '[it](../README.md) [so](removal.md) [changes](../CHANGELOG.md#one) <img src="../examples/banner.jpg"> '
        "[book](../notebooks/2-data.ipynb) [program](../examples/spark.py)"
    )
    assert site_hooks.bent(page, "clean.md") == (
        '[it](index.md) [so](removal.md) [changes](changelog.md#one) <img src="examples/banner.jpg"> '
        "[book](notebooks/2-data.md) [program](files/examples/spark.py)"
    )
    deeper = "![picture](../images/a.png) [it](../../README.md) [card](../model-card.md)"
    assert (
        site_hooks.bent(deeper, "results/a.md")
        == "![picture](../images/a.png) [it](../index.md) [card](../model-card.md)"
    )

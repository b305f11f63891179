"""What the documentation needs to become a site beside what MkDocs does; `mkdocs.yml` names it as its hooks.

The pages in ``docs/`` are written to be read in the repository as well, so they link to files outside ``docs/``. Here
those files join the site and the links are bent to where they stand there. The navigation is made of the tables in
``docs/index.md`` and ``docs/results/index.md``, which a test holds complete: there is no second list of pages.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent

GUESTS = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Pages of the repository's root that are pages of the site, too, by their names there."""

HOME = {"README.md": "index.md"} | GUESTS
UP = re.compile(r"(?P<before>\]\(|src=\")(?P<up>(?:\.\./)+)(?P<path>[^)\"#\s]+)")
"""A link or picture whose path begins by going up; it may or may not leave ``docs/``."""

FILES = "files/"
"""Folder of the site for whatever else of the repository a page links to: programs, a compose file."""
AMONG_NOTEBOOKS = re.compile(r"\]\((?:\.\./docs/(?P<page>[^)]+)|(?P<notebook>[\w-]+)\.ipynb)\)")
INSIDE = re.compile(r"\]\((?P<path>docs/[^)\s]+|README\.md|LICENSE)(?:#develop)?\)")
SECTION = re.compile(r"^## (?P<title>.+)$|^\| \[(?P<name>[^\]]+)\]\((?P<page>[^)]+)\)", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make the navigation of the tables on the index pages."""
    docs = Path(config.docs_dir)
    nav: list[Any] = [{"Home": "index.md"}]
    for title, pages in sections((docs / "index.md").read_text(encoding="utf-8")).items():
        nav.append({title: [entry for name, page in pages if (entry := _entry(docs, name, page)) is not None]})
    config.nav = nav
    return config


def _entry(docs: Path, name: str, page: str) -> dict[str, Any] | None:
    """A page in the navigation; an index page with all that its own tables list."""
    page = _on_site(page.removeprefix("../")) if page.startswith("../") else page
    if page == "index.md":
        return None
    if not page.endswith("/index.md"):
        return {name: page}
    folder = page.removesuffix("index.md")
    below = sections((docs / page).read_text(encoding="utf-8"))
    return {name: [page, *({each: folder + target} for pages in below.values() for each, target in pages)]}


def sections(index: str) -> dict[str, list[tuple[str, str]]]:
    """Titles and targets of the pages that an index lists in tables, by the heading above; ``""`` before the first."""
    found: dict[str, list[tuple[str, str]]] = {}
    title = ""
    for match in SECTION.finditer(index):
        if match["title"]:
            title = match["title"]
        else:
            found.setdefault(title, []).append((match["name"], match["page"]))
    return found


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Let the pages of the root and the example pictures join the site."""
    for source, target in GUESTS.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, target, content=INSIDE.sub(_home, text)))
    for path in _guests(Path(config.docs_dir)):
        level = InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, _on_site(path), abs_src_path=str(ROOT / path), inclusion=level))
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for target, content in pages_of(notebook):
            files.append(File.generated(config, target, content=content))
    for picture in sorted((ROOT / "examples").glob("*.jpg")):
        files.append(File.generated(config, f"examples/{picture.name}", abs_src_path=str(picture)))
    return files


def _on_site(path: str) -> str:
    """Where a file stands on the site, by its path from the root of the repository."""
    if path in HOME:
        return HOME[path]
    if path.endswith((".ipynb", ".md")):
        return path.replace(".ipynb", ".md").replace("/README.md", ".md")
    return path if path.startswith("examples/") and path.endswith(".jpg") else FILES + path


def _outside(page: str, match: re.Match[str]) -> str | None:
    """The path from the root of the repository that a link leads to, if it leaves ``docs/``.

    Args:
        page: The page's path within ``docs/``.
        match: A match of `UP`.
    """
    steps = match["up"].count("../") - page.count("/")
    return match["path"] if steps == 1 else None


def _guests(docs: Path) -> Iterator[str]:
    """Paths from the root of the repository of all files outside ``docs/`` that its pages link to."""
    found = set()
    for page in docs.rglob("*.md"):
        name = page.relative_to(docs).as_posix()
        for match in UP.finditer(page.read_text(encoding="utf-8")):
            path = _outside(name, match)
            if path and path not in HOME and (ROOT / path).is_file() and not path.endswith((".ipynb", ".jpg")):
                found.add(path)
    yield from sorted(found)


def pages_of(notebook: Path) -> Iterator[tuple[str, str | bytes]]:
    """A notebook as files of the site: a page in Markdown, and its pictures.

    Args:
        notebook: An ``.ipynb`` file with outputs.

    Yields:
        Path on the site and content; the page comes last.
    """
    parts = []
    pictures = 0
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(AMONG_NOTEBOOKS.sub(_among_notebooks, source))
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "image/png" in data:
                pictures += 1
                name = f"{notebook.stem}-{pictures:02}.png"
                yield f"notebooks/{name}", base64.b64decode("".join(data["image/png"]))
                parts.append(f"![output]({name})")
            elif "text/markdown" in data:
                parts.append("".join(data["text/markdown"]))
            else:
                parts.append(f"```text\n{''.join(output.get('text', data.get('text/plain', ''))).rstrip()}\n```")
    yield f"notebooks/{notebook.stem}.md", "\n\n".join(parts) + "\n"


def _among_notebooks(match: re.Match[str]) -> str:
    return f"](../{match['page']})" if match["page"] else f"]({match['notebook']}.md)"


def _home(match: re.Match[str]) -> str:
    """A link from the root, as it is from the root of the site."""
    path = match["path"]
    if path == "LICENSE":
        return "](https://www.apache.org/licenses/LICENSE-2.0)"
    return f"]({HOME.get(path, path.removeprefix('docs/'))})"


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Bend links that leave ``docs/`` to where their targets stand on the site."""
    return bent(markdown, page.file.src_uri)


def bent(markdown: str, page: str) -> str:
    """A page's text with its links out of ``docs/`` bent; ``page`` is its path within ``docs/``."""

    def link(match: re.Match[str]) -> str:
        path = _outside(page, match)
        return match[0] if path is None else f"{match['before']}{'../' * page.count('/')}{_on_site(path)}"

    return UP.sub(link, markdown)

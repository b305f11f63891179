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
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent

GUESTS = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Pages of the repository's root that are pages of the site, too, by their names there."""

HOME = {"README.md": "index.md"} | GUESTS
OUTSIDE = re.compile(
    r"(?P<before>\]\(|src=\")(?P<up>(?:\.\./)+)"
    r"(?P<path>(?:README|CONTRIBUTING|CHANGELOG)\.md|examples/|notebooks/[\w-]+\.ipynb)"
)
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
    page = _on_site(page.removeprefix("../"))
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
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for target, content in pages_of(notebook):
            files.append(File.generated(config, target, content=content))
    for picture in sorted((ROOT / "examples").glob("*.jpg")):
        files.append(File.generated(config, f"examples/{picture.name}", abs_src_path=str(picture)))
    return files


def _on_site(path: str) -> str:
    """Where a page stands on the site, by its path from the root or from ``docs/``."""
    return HOME.get(path, path.replace(".ipynb", ".md"))


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
    return OUTSIDE.sub(_bent, markdown)


def _bent(match: re.Match[str]) -> str:
    return f"{match['before']}{match['up'].removeprefix('../')}{_on_site(match['path'])}"

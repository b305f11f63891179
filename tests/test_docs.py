"""The documentation is true: its code runs, its tables are the code's, its links lead somewhere."""

from __future__ import annotations

import csv
import io
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from PIL import Image as PillowImage
from scripts import write_reference

import unframe
from tests import draw
from unframe import errors
from unframe.cli import COMMANDS
from unframe.cli.records import FAILURE_FIELDS
from unframe.cli.removing import REMOVAL_FIELDS
from unframe.dataset.layouts import read_dataset
from unframe.settings import PREFIX, SERVER_PREFIX, ServerSettings, Settings, table

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"(?P<not_run><!-- not run: [^>]+ -->\n+)?^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"""(?:\]\(|src=")(?!https?:|mailto:)(?P<target>[^)"#\s]+)""")


def title(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path, language: str) -> list[str]:
    """The code blocks of a page in one language, but for those whose page says what they would need to be run."""
    found = BLOCK.finditer(path.read_text(encoding="utf-8"))
    return [match["code"] for match in found if match["language"] == language and not match["not_run"]]


def shell_lines(code: str) -> Iterator[str]:
    """The commands of a block without their comments; lines that end in a backslash go on."""
    for line in code.replace("\\\n", " ").splitlines():
        command = re.sub(r"\s+#.*", "", line).strip()
        if command and not command.startswith("#"):
            yield command


PYTHON = [
    pytest.param(code, id=f"{title(path)}-{index}")
    for path in PAGES
    for index, code in enumerate(blocks(path, "python"))
    if "import " in code  # the others are signatures
]
README_COMMANDS = [
    command for code in blocks(README, "sh") for command in shell_lines(code) if command.startswith("unframe ")
]


COMMANDS_OF_PAGES = sorted(
    {
        command
        for path in PAGES
        for language in ("sh", "console")
        for code in blocks(path, language)
        for line in shell_lines(re.sub(r"^\$ ", "", code, flags=re.MULTILINE))
        for command in re.split(r"&&|\|", line)
        if command.strip().startswith("unframe ")
    }
)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the documentation's commands speak of: ``examples/`` and ``photos/``."""
    for name in ("examples", "photos"):
        shutil.copytree(ROOT / "examples", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, folder: Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    words = command.replace("unframe ", f"{sys.executable} -m unframe ", 1).split()
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False)


@pytest.mark.parametrize("code", PYTHON)
def test_python_blocks_run(code: str, workplace: Path) -> None:
    exec(compile(code, "documentation", "exec"), {})


@pytest.mark.parametrize("command", README_COMMANDS)
def test_the_readmes_commands_run(command: str, workplace: Path) -> None:
    result = run(command, workplace)
    assert result.returncode == (1 if "--fail-on" in command else 0), result.stderr


@pytest.mark.parametrize("command", COMMANDS_OF_PAGES)
def test_every_command_of_the_documentation_is_understood(command: str) -> None:
    """It is parsed, not run: options exist and take what they are given. Its files need not be there."""
    words = shlex.split(re.split(r"[<>]", command)[0])
    if words[1].startswith("-"):
        return  # unframe --help, unframe --version
    assert words[1] in COMMANDS
    known = dict(write_reference.every_command())
    name = next((name for name in (" ".join(words[:3]), " ".join(words[:2])) if name in known), "unframe models show")
    arguments = words[len(name.split()) if name in " ".join(words) else 2 :]
    try:
        known[name].make_context(name, arguments)
    except typer.Exit:
        pass  # it only asked for help
    except typer.BadParameter as error:
        if "does not exist" not in error.message:
            raise


def test_the_readmes_first_command_needs_no_extra_and_no_choice() -> None:
    first = next(shell_lines(blocks(README, "sh")[0]))
    assert first.endswith(".venv/bin/pip install . && .venv/bin/unframe detect examples")


@pytest.mark.parametrize("options", ["", " --detector baseline"], ids=["network", "baseline"])
def test_no_example_is_judged_wrongly_and_every_box_is_right(options: str, workplace: Path) -> None:
    """Doubt is allowed, on either side; a picture in doubt has a box when it is more likely framed than not."""
    result = run(f"unframe detect examples --format csv{options}", workplace)
    found = {row["path"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
    for sample in read_dataset(workplace / "examples"):
        row = found[f"examples/{sample.path.name}"]
        assert row["verdict"] != ("clean" if sample.label == "framed" else "framed"), sample.path.name
        if sample.inner is not None and row["framed"] == "true":
            edges = [int(edge) for edge in row["inner"].split()]
            assert max(abs(edge - true) for edge, true in zip(edges, sample.inner, strict=True)) <= 2, sample.path.name
            assert row["sides"].split() == list(sample.sides), sample.path.name
    assert {row["verdict"] for row in found.values()} >= {"framed", "clean"}


@pytest.mark.slow
def test_the_commands_of_the_page_on_training_run_one_after_the_other(tmp_path: Path) -> None:
    """In small: fewer pictures and epochs, but every command in its order, on what the ones before it left."""
    for number in range(18):
        photo = draw.product(240, 200, number)
        for place, picture in (
            (f"photos/shop{number % 6}/{number}.png", photo),
            (f"labelled/clean/shop{number % 6}/{number}.png", photo[10:, 10:]),
            (f"labelled/framed/shop{number % 6}/{number}.png", draw.bordered(photo, 12)[0]),
        ):
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            PillowImage.fromarray(picture).save(tmp_path / place)
    small = " --set drawn=9 --set fold_epochs=1 --set epochs=1 --set smallest=64 --set largest=96 --set batch=32"
    page = ROOT / "docs" / "training.md"
    for line in (line for code in blocks(page, "sh") for line in shell_lines(code)):
        command = line.replace("--count 5000", "--count 60").replace("--epochs 40", "--epochs 1")
        result = run(command + (small if "--recipe" in command else ""), tmp_path, timeout=1800)
        assert result.returncode == 0, f"{command}\n{result.stderr}"


def test_ci_runs_the_readmes_test_command_and_no_other(tmp_path: Path) -> None:
    # A clone whose README asks for something harmless: what .ci/run prints is what it took from there.
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    page = README.read_text(encoding="utf-8")
    command = blocks(README, "sh")[-1]
    (tmp_path / "README.md").write_text(page.replace(command, "echo would run \\\n  pytest in .venv\n"))
    result = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.splitlines()[-1] == "would run pytest in .venv-ci"


def test_ci_fails_when_the_readme_has_no_test_command(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "README.md").write_text("# Nothing\n")
    result = subprocess.run([tmp_path / ".ci" / "run"], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 1
    assert "no test command" in result.stderr


@pytest.mark.parametrize("path", PAGES, ids=title)
def test_links_lead_to_files(path: Path) -> None:
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    missing = [match["target"] for match in LINK.finditer(text) if not (path.parent / match["target"]).exists()]
    assert not missing


@pytest.mark.parametrize("path", PAGES, ids=title)
def test_reference_blocks_say_what_the_code_says(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert write_reference.refreshed(page) == page, "run: python -m scripts.write_reference"


@pytest.mark.parametrize("path", PAGES, ids=title)
def test_no_fence_is_broken(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if re.match(r"``[^`]*$", line)]
    assert sum(line.lstrip().startswith("```") for line in lines) % 2 == 0


def test_every_page_is_on_the_index() -> None:
    for folder in (ROOT / "docs", ROOT / "docs" / "results"):
        index = (folder / "index.md").read_text(encoding="utf-8")
        pages = {path.name for path in folder.glob("*.md")} - {"index.md"}
        assert not [page for page in pages if f"({page}" not in index]


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for prefix, cls in ((PREFIX, Settings), (SERVER_PREFIX, ServerSettings)):
        for row in table(cls):
            cells = re.search(rf"^\| `{prefix}{row.name.upper()}` \| ([^|]*) \|", page, re.MULTILINE)
            assert cells, row.name
            assert cls.from_env({f"{prefix}{row.name.upper()}": cells[1].strip()}) == cls()  # it can be typed


def test_every_error_and_code_is_documented() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    names = [name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)]
    codes = [code for name, each in vars(errors).items() if name.endswith("_CODES") for code in each]
    assert not [name for name in names + codes if f"| `{name}` |" not in page]
    assert "`internal`" in page


def test_every_field_of_a_record_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").partition("<!-- reference: commands -->")[0]
    fields = {*REMOVAL_FIELDS, *FAILURE_FIELDS}
    assert not [name for name in fields if f'"{name}"' not in page and f"`{name}`" not in page]


def test_every_extra_for_users_is_on_the_quick_start() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
    extras = set(project["optional-dependencies"]) - {"dev", "docs"}
    assert not [each for each in extras if f"`{each}`" not in page]


def test_nothing_is_installed_from_an_index_that_does_not_have_it() -> None:
    commands = [line for path in PAGES for code in blocks(path, "sh") for line in shell_lines(code)]
    assert not [line for line in commands if re.search(r"pip install [^&]*\bunframe\b", line)]


def test_every_command_and_option_is_documented_and_explains_itself() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    commands = dict(write_reference.every_command())
    assert {name.split()[1] for name in commands} == set(COMMANDS)
    assert "......" not in page
    for name, command in commands.items():
        assert f"## `{name}`" in page
        assert command.help, f"{name} says nothing"
        for parameter in command.params:
            assert parameter.help, f"{parameter.name} of {name} says nothing"
            assert all(f"`{option}`" in page for option in parameter.opts if option.startswith("-"))


def test_the_help_page_lists_every_command(workplace: Path) -> None:
    result = run("unframe --help", workplace)
    assert result.returncode == 0
    assert all(f" {name} " in result.stdout for name in COMMANDS)


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == unframe.__version__
    assert f"\nversion: {unframe.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changes or f"## [{unframe.__version__}]" in changes


def test_the_readme_names_the_python_versions_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = [each.split(" :: ")[2] for each in project["classifiers"] if "Python :: 3." in each]
    assert project["requires-python"] == f">={versions[0]}"
    assert all(version in README.read_text(encoding="utf-8") for version in versions)

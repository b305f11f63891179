"""Write what the code says about itself into README and ``docs/``; run it with ``python -m scripts.write_reference``.

A page marks where: whatever stands between ``<!-- reference: NAME -->`` and ``<!-- /reference -->`` is replaced by the
block of that name, so tables of settings, errors, commands and functions cannot drift from the code. With ``--check``
nothing is written, and pages that are out of date are an error.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

import unframe
from unframe import errors
from unframe.cli import COMMANDS
from unframe.runtime import DEFAULT_MODEL, Card, find
from unframe.runtime.card import CARD_FILE
from unframe.settings import PREFIX, SERVER_PREFIX, ServerSettings, Settings, table

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs"
README = ROOT / "README.md"
PACKAGE = ROOT / "src" / "unframe"
MARKED = re.compile(r"<!-- reference: (?P<name>[^>]+?) -->\n.*?<!-- /reference -->", re.DOTALL)
DEFAULT = re.compile(r"\\?\[(default: [^\]]*)\]")  # as help texts word it where there is no single value
MARKUP = re.compile(r"\[/?[a-z ]+\]")  # rich's, as in [bold]


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars within cells are escaped."""
    lines = [list(head), ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def settings(whose: str = "all") -> str:
    """Every setting with its environment variable: those for all commands, or those of the ``server``."""
    prefix, cls = {"all": (PREFIX, Settings), "server": (SERVER_PREFIX, ServerSettings)}[whose]
    rows = (
        (f"`{prefix}{row.name.upper()}`", _typed(row.default), row.unit, _range(row.minimum, row.maximum), row.help)
        for row in table(cls)
    )
    return markdown_table(("variable", "default", "unit", "allowed", "meaning"), rows)


def _typed(value: Any) -> str:
    """A value as it is typed: without separators, which would be refused."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def parameters(place: str) -> str:
    """The table of a class whose fields were declared with `unframe.settings.setting`, as ``module:Class``."""
    module, name = place.split(":")
    rows = (
        (f"`{row.name}`", f"{row.default}", row.unit, _range(row.minimum, row.maximum), row.help)
        for row in table(getattr(import_module(module), name))
    )
    return markdown_table(("parameter", "default", "unit", "allowed", "meaning"), rows)


def spec() -> str:
    """The parts of a network's name."""
    from unframe.network.spec import PARTS, Spec  # noqa: PLC0415 - only the page on training needs it

    default = Spec()
    rows = (
        (f"`{part.field}`", f"`{part.write(getattr(default, part.field))}`", part.allowed, "yes" if part.always else "")
        for part in PARTS
    )
    return markdown_table(("part", "when left out", "allowed", "always written"), rows)


def _range(minimum: float | None, maximum: float | None) -> str:
    if minimum is None and maximum is None:
        return ""
    if maximum is None:
        return f"≥ {minimum:.10g}"
    return f"≤ {maximum:.10g}" if minimum is None else f"{minimum:.10g} – {maximum:.10g}"


def classes() -> str:
    """Every error class with its meaning."""
    found = (each for _, each in inspect.getmembers(errors, inspect.isclass) if each.__module__ == errors.__name__)
    ordered = sorted(found, key=lambda each: inspect.getsourcelines(each)[1])
    return markdown_table(("error", "meaning"), ((f"`{each.__name__}`", _prose(_summary(each))) for each in ordered))


def codes(name: str) -> str:
    """One of the tables of codes in `unframe.errors`."""
    rows: dict[str, str] = getattr(errors, name)
    return markdown_table(("code", "meaning"), ((f"`{code}`", meaning) for code, meaning in rows.items()))


def statuses() -> str:
    """The HTTP status of every code that the server answers with."""
    from unframe.serving.problems import STATUS  # noqa: PLC0415 - needs an extra, as no other block does

    by_status: dict[int, list[str]] = {}
    for code, status in STATUS.items():
        by_status.setdefault(status, []).append(f"`{code}`")
    return markdown_table(("status", "codes"), ((str(each), ", ".join(by_status[each])) for each in sorted(by_status)))


def layers() -> str:
    """The rooms, top to bottom, as import-linter holds them."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    rows = []
    for layer in contract["layers"]:
        for room in re.split(r"[|:]", layer):
            name = room.strip(" ()")
            rows.append((f"`{name}`", _prose(_holds(name))))
    return markdown_table(("room", "holds"), rows)


def _holds(room: str) -> str:
    """The first sentence of a room's docstring, read without importing what the room needs."""
    file = PACKAGE / f"{room}.py"
    source = file if file.exists() else PACKAGE / room / "__init__.py"
    return _one_line((ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or "").partition("\n\n")[0])


def commands() -> str:
    """Every command of the command line with its arguments, options and examples."""
    return "\n\n".join(_command(name, command) for name, command in every_command())


def every_command() -> Iterator[tuple[str, Any]]:
    """Every command by the words that call it, sub-commands included, in the order of the help page."""
    for name, module in COMMANDS.items():
        command = typer.main.get_command(import_module(module).app)
        nested: dict[str, Any] = getattr(command, "commands", {})
        if nested:
            yield from ((f"unframe {name} {each}", nested[each]) for each in nested)
        else:
            yield f"unframe {name}", command


def _command(name: str, command: Any) -> str:
    arguments = [each for each in command.params if not each.opts[0].startswith("-")]
    options = [each for each in command.params if each.opts[0].startswith("-") and not each.hidden]
    types = get_type_hints(inspect.unwrap(command.callback))
    usage = " ".join([name, *(_usage(each) for each in arguments), "[OPTIONS]"])
    blocks = [f"## `{name}`", MARKUP.sub("", command.help or ""), f"```text\n{usage}\n```"]
    if arguments:
        rows = [(f"`{each.metavar or each.name.upper()}`", _help(each)) for each in arguments]
        blocks.append(markdown_table(("argument", "meaning"), rows))
    if options:
        rows = [(_names(each, types[each.name]), _help(each)) for each in options]
        blocks.append(markdown_table(("option", "meaning"), rows))
    if command.epilog:
        text = MARKUP.sub("", command.epilog).removeprefix("Examples").replace("# \n", "").strip()
        blocks.append(f"```sh\n{text}\n```")
    return "\n\n".join(blocks)


def _usage(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    name = f"{name}..." if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _names(option: Any, type_: Any) -> str:
    value = "" if option.is_flag else option.metavar or _value(type_)
    both = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    return f"{both} {value}".strip()


def _value(type_: Any) -> str:
    """What an option takes: its words, or what kind of value."""
    parts = [type_, *get_args(type_)]
    words = next((each for each in parts if get_origin(each) is Literal), None)
    if words is not None:
        return " | ".join(f"`{word}`" for word in get_args(words))
    named = {int: "N", float: "X", Path: "PATH"}
    return next((named[each] for each in parts if each in named), "TEXT")


def _help(parameter: Any) -> str:
    text = _one_line(MARKUP.sub("", DEFAULT.sub(r"(\1)", parameter.help or "")))
    shown = parameter.default is not None and parameter.show_default and not getattr(parameter, "is_flag", False)
    return f"{text} (default: {parameter.default})" if shown else text


def api(names: str) -> str:
    """Classes and functions with signature and docstring, by their names within the package, with commas between."""
    return "\n\n".join(_documented(name, _named(name)) for name in names.replace(",", " ").split())


def _named(name: str) -> Any:
    room, _, leaf = name.rpartition(".")
    return getattr(import_module(f"unframe.{room}") if room else unframe, leaf)


def _documented(name: str, thing: Any) -> str:
    if not inspect.isclass(thing):
        return f"## `unframe.{name}`\n\n```python\n{_signature(thing.__name__, thing)}\n```\n\n{_sections(thing)}"
    blocks = [f"## `unframe.{name}`", _sections(thing)]
    for each, attribute in vars(thing).items():
        member = getattr(attribute, "__func__", attribute)  # a class method's function
        if each.startswith("_") or not inspect.getdoc(member):
            continue
        if inspect.isfunction(member):
            blocks.append(f"```python\n{_signature(f'{thing.__name__}.{each}', member)}\n```\n\n{_sections(member)}")
        elif isinstance(member, property):
            blocks.append(f"`{thing.__name__}.{each}` – {_prose(_summary(member))}")
    return "\n\n".join(blocks)


def _signature(name: str, function: Any) -> str:
    """The signature without quotes around the annotations, and without ``self``."""
    signature = inspect.signature(function)
    kept = [each for each in signature.parameters.values() if each.name not in {"self", "cls"}]
    text = name + str(signature.replace(parameters=kept)).replace("'", "")
    if len(text) <= 100:
        return text
    inside, _, outcome = text.partition("(")[2].rpartition(")")
    lines = inside.replace(", ", ",\n    ")
    return f"{name}(\n    {lines},\n){outcome}"


def _sections(thing: Any) -> str:
    """A Google docstring as Markdown: its sections become lists."""
    blocks: list[str] = []
    for paragraph in inspect.cleandoc(inspect.getdoc(thing) or "").split("\n\n"):
        head, _, body = paragraph.partition("\n")
        if head == "Example:":
            blocks.append(f"```pycon\n{inspect.cleandoc(body)}\n```")
        elif head in {"Args:", "Attributes:", "Returns:", "Raises:"}:
            items = re.split(r"\n(?=\S)", inspect.cleandoc(body))
            lines = (re.sub(r"^(\*{0,2}\w+):", r"`\1`:", _one_line(item)) for item in items)
            blocks.append(f"*{head.rstrip(':')}*\n\n" + "\n".join(f"- {line}" for line in lines))
        else:
            blocks.append(_one_line(paragraph))
    return _prose("\n\n".join(blocks))


def _summary(thing: Any) -> str:
    return _one_line((inspect.getdoc(thing) or "").partition("\n\n")[0])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _prose(text: str) -> str:
    return re.sub(r"(?<!`)``(?!`)", "`", text)  # a fence has three


def thresholds() -> str:
    """What the verdicts of the installed network are made of."""
    card = _card()
    rows = [(f"`{name}`", f"{value:.3g}") for name, value in asdict(card.thresholds).items()]
    calibration = card.calibration
    rows += [("calibration", f"{calibration.method}: a = {calibration.a:.3g}, b = {calibration.b:.3g}")]
    return markdown_table((f"{card.name}, version {card.version}", "value"), rows)


def model(part: str) -> str:
    """One part of the installed network's card: ``facts``, ``scores``, ``summary`` of the scores, or ``data``."""
    card = _card()
    if part == "summary":
        return _summary_of_scores(card)
    if part == "scores":
        scores = (
            (name.replace("_", " "), f"{score.value:.4g}", f"{score.n:,}", score.on)
            for name, score in card.scores.items()
        )
        return markdown_table(("figure", "value", "pictures", "on"), scores)
    if part == "data":
        counts = ", ".join(f"{number:,} {label}" for label, number in card.data.counts.items())
        return f"{counts}; {len(card.data.sources)} sources:\n\n{', '.join(f'`{each}`' for each in card.data.sources)}."
    shapes = "; ".join(f"{name} {' × '.join(map(str, shape))}" for name, shape in card.input.shapes.items())
    rows = [
        ("name and version", f"`{card.name}`, version {card.version}"),
        ("architecture", f"`{card.spec}`, in `unframe/network/released.py`"),
        ("input", f"uint8: {shapes}"),
        ("output", "; ".join(f"{name} {' × '.join(map(str, shape))}" for name, shape in card.outputs.items())),
        ("size", f"{card.bytes:,} bytes, ONNX"),
        ("made by", f"`{card.command}`, seed {card.seed}"),
        ("made on", card.created[:10]),
        ("data", f"`{card.data.fingerprint}`"),
        ("weights", f"`sha256:{card.sha256}`"),
        ("licence", card.licence),
    ]
    return markdown_table(("what", "value"), rows)


def _summary_of_scores(card: Card) -> str:
    """The scores as a table: what they were measured on by row, the figures by column."""
    found: dict[str, dict[str, str]] = {}
    for name, score in card.scores.items():
        row = found.setdefault(f"{score.n:,} {score.on}", {})
        row[name.partition("_")[2].replace("_", " ")] = f"{score.value:.3f}"
    figures = list(dict.fromkeys(figure for row in found.values() for figure in row))
    return markdown_table(
        ("on", *(figure.replace("auroc", "AUROC") for figure in figures)),
        ((on, *(row.get(figure, "") for figure in figures)) for on, row in found.items()),
    )


def _card() -> Card:
    """The card of the network that is used when none is named."""
    return Card.read(find(DEFAULT_MODEL) / CARD_FILE)


BLOCKS: dict[str, Callable[..., str]] = {
    "settings": settings,
    "parameters": parameters,
    "spec": spec,
    "errors": classes,
    "codes": codes,
    "statuses": statuses,
    "rooms": layers,
    "commands": commands,
    "api": api,
    "thresholds": thresholds,
    "model": model,
}
"""Every block by the first word of its name; further words are its argument."""


def refreshed(page: str) -> str:
    """The page with all its blocks written anew."""

    def block(match: re.Match[str]) -> str:
        word, _, rest = match["name"].partition(" ")
        body = BLOCKS[word](*([rest] if rest else []))
        return f"<!-- reference: {match['name']} -->\n\n{body}\n\n<!-- /reference -->"

    return MARKED.sub(block, page)


def main() -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description="Write what the code says about itself into README.md and docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 when a page is out of date")
    check = parser.parse_args().check
    stale = []
    for path in (README, *sorted(PAGES.rglob("*.md"))):
        before = path.read_text(encoding="utf-8")
        after = refreshed(before)
        if before != after:
            stale.append(path.relative_to(ROOT).as_posix())
            if not check:
                path.write_text(after, encoding="utf-8")
    if stale:
        print(f"{'out of date' if check else 'written'}: {', '.join(stale)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())

"""Draw what ``unframe detect examples`` shows in a terminal; run it with ``python -m scripts.draw_terminal``."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images" / "detect.svg"
COLUMNS = 118


def main() -> None:
    """Run the command in a terminal of its own and draw what it shows."""
    console = Console(record=True, file=StringIO(), width=COLUMNS)
    console.print("[bold green]$[/] unframe detect examples")
    console.print(Text.from_ansi(shown("detect", "examples")))
    drawing = console.export_svg(title="unframe", theme=MONOKAI, unique_id="detect")
    # The picture stands alone: it asks no server for a typeface.
    drawing = re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL).replace(
        "Fira Code, monospace", "monospace"
    )
    TARGET.write_text(drawing, encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size / 1024:.0f} KiB")


def shown(*arguments: str) -> str:
    """What the command writes to a terminal on standard output."""
    reader, terminal = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    words = [sys.executable, "-m", "unframe", *arguments]
    with subprocess.Popen(words, stdout=terminal, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT):
        os.close(terminal)
        pieces = []
        while piece := _read(reader):
            pieces.append(piece)
    return b"".join(pieces).decode().replace("\r\n", "\n").strip("\n")


def _read(reader: int) -> bytes:
    try:
        return os.read(reader, 65_536)
    except OSError:  # the other end has closed the terminal
        return b""


if __name__ == "__main__":
    main()

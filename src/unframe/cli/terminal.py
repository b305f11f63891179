"""Pictures in a terminal: as pixels where it knows a protocol for them, as coloured half blocks elsewhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from rich.text import Text

    from unframe.types import Image

Way = Literal["kitty", "iterm", "blocks", "none"]
"""How pictures are shown; ``none`` shows none."""

WAYS: tuple[Way, ...] = get_args(Way)

_CHUNK = 4096  # bytes of base64 that the kitty protocol takes at a time
_KITTY_PROGRAMS = frozenset({"ghostty", "WezTerm"})
_ITERM_PROGRAMS = frozenset({"iTerm.app", "mintty", "rio"})


def way(environ: Mapping[str, str], *, terminal: bool, colours: bool) -> Way:
    """The best way to show pictures that a terminal is known to understand.

    Terminals are told by the variables that they set: asking them would mean waiting for an answer that may not come.

    Args:
        environ: The environment's variables.
        terminal: Whether a person sees the output.
        colours: Whether the output may be coloured.
    """
    if not (terminal and colours):
        return "none"
    if environ.get("TMUX") or environ.get("STY"):  # they pass neither protocol on
        return "blocks"
    program = environ.get("TERM_PROGRAM", "")
    if environ.get("KITTY_WINDOW_ID") or "kitty" in environ.get("TERM", "") or program in _KITTY_PROGRAMS:
        return "kitty"
    return "iterm" if program in _ITERM_PROGRAMS else "blocks"


def inline(png: bytes, how: Way) -> Iterator[str]:
    """What makes a terminal show a PNG file as pixels, in pieces to write one after the other.

    ``kitty`` is the terminal graphics protocol of that name, ``iterm`` the inline images of iTerm2.
    """
    data = b64encode(png).decode("ascii")
    if how == "iterm":
        yield f"\x1b]1337;File=inline=1;size={len(png)};preserveAspectRatio=1:{data}\a\n"
        return
    for start in range(0, len(data), _CHUNK):
        first = "a=T,f=100," if start == 0 else ""
        more = int(start + _CHUNK < len(data))
        yield f"\x1b_G{first}m={more};{data[start : start + _CHUNK]}\x1b\\"
    yield "\n"


def blocks(image: Image, columns: int) -> Text:
    """A picture as lines of half blocks, two pixels in each character.

    Args:
        image: uint8 ``(height, width, 3)`` RGB.
        columns: Characters in a line and half of the lines: the picture is fitted into a square and centred.
    """
    import numpy as np
    from PIL import Image as PillowImage
    from rich.style import Style
    from rich.text import Text

    height, width = image.shape[:2]
    scale = columns / max(height, width)
    across, down = max(1, round(width * scale)), max(1, round(height * scale / 2))
    small = PillowImage.fromarray(image).resize((across, 2 * down), PillowImage.Resampling.LANCZOS)
    pixels = np.asarray(small).tolist()
    text, left = Text(), (columns - across) // 2
    above = (columns // 2 - down) // 2
    for line in range(columns // 2):
        row = line - above
        text.append(" " * left)
        for column in range(across):
            if 0 <= row < down:
                upper, lower = (_colour(*pixels[2 * row + half][column]) for half in (0, 1))
                text.append("▀", Style(color=upper, bgcolor=lower))
            else:
                text.append(" ")
        text.append(" " * (columns - across - left) + "\n")
    return text


def _colour(red: int, green: int, blue: int) -> str:
    return f"rgb({red},{green},{blue})"

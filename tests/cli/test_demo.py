"""`unframe demo`: twelve drawn pictures, shown and counted by what is known about them."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from typer.testing import CliRunner

import unframe
from unframe.cli import app, terminal
from unframe.cli.demo import SIDE
from unframe.dataset.showcase import DESIGNS, showcase


def demo(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["demo", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def test_every_picture_has_a_line_and_what_was_right_is_counted(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    code, out, err = demo("-o", sheet, "--seed", 5)
    lines = out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines[: len(DESIGNS)]] == list(DESIGNS)
    # A detector of our own goes over the same pictures. They went through JPEG there, so doubtful ones may differ.
    detector = unframe.Detector.load()
    framed = [drawn.image for drawn in showcase(5, SIDE) if drawn.label == "framed"]
    found = re.search(r"(\d+) of 8 frames found, (\d+) of them within 2 pixels, (\d+) taken off;", out)
    assert found
    assert abs(int(found[1]) - sum(each.framed for each in detector.detect_many(framed))) <= 1
    assert int(found[2]) <= int(found[1])
    assert int(found[3]) == sum("cut to" in line for line in lines[:8])
    assert f"{sum('passed on' in line or 'left alone' in line for line in lines[8:12])} of 4 plain pictures" in out
    with PillowImage.open(sheet) as picture:
        assert picture.format == "PNG"
        assert picture.width > 1000
    assert str(sheet) in err


def test_a_sheet_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    sheet.write_bytes(b"mine")
    code, out, err = demo("-o", sheet)
    assert (code, out) == (2, "")
    assert "sheet.png" in err
    assert sheet.read_bytes() == b"mine"


def test_the_showcase_has_a_frame_of_every_kind_and_no_two_pictures_alike() -> None:
    drawn = showcase(0, 96)
    assert {each.frame.kind for each in drawn if each.frame} == {
        "border", "inset", "keyline", "padding", "banner", "decorative",
    }  # fmt: skip
    assert [each.label for each in drawn] == ["framed"] * 8 + ["plain"] * 4
    assert len({each.image.tobytes() for each in drawn}) == len(DESIGNS)
    assert all(np.array_equal(one.image, other.image) for one, other in zip(drawn, showcase(0, 96), strict=True))


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "iterm"),
        ({"TERM": "xterm-kitty", "TMUX": "/run/tmux,1,0"}, "blocks"),
        ({"TERM": "xterm-256color"}, "blocks"),
    ],
)
def test_the_terminal_is_told_by_its_variables(environ: dict[str, str], expected: str) -> None:
    assert terminal.way(environ, terminal=True, colours=True) == expected
    assert terminal.way(environ, terminal=False, colours=True) == "none"
    assert terminal.way(environ, terminal=True, colours=False) == "none"


def test_kitty_takes_the_file_in_pieces_of_which_only_the_last_is_the_last() -> None:
    png = bytes(range(256)) * 40
    *pieces, end = terminal.inline(png, "kitty")
    assert end == "\n"
    parts = [re.fullmatch(r"\x1b_G(a=T,f=100,)?m=([01]);([A-Za-z0-9+/=]*)\x1b\\", piece) for piece in pieces]
    assert all(part and len(part[3]) <= 4096 for part in parts)
    found = [part for part in parts if part]
    assert [bool(part[1]) for part in found] == [True] + [False] * (len(found) - 1)
    assert [part[2] for part in found] == ["1"] * (len(found) - 1) + ["0"]
    assert base64.b64decode("".join(part[3] for part in found)) == png


def test_iterm_takes_the_file_whole() -> None:
    (piece,) = terminal.inline(b"picture", "iterm")
    head, _, body = piece.partition(":")
    assert head.startswith("\x1b]1337;File=inline=1;size=7;")
    assert base64.b64decode(body.rstrip("\a\n")) == b"picture"


def test_half_blocks_carry_the_upper_pixel_in_front_and_the_lower_behind() -> None:
    image = np.zeros((8, 8, 3), dtype=np.uint8)
    image[::2] = (250, 10, 20)
    image[1::2] = (5, 120, 230)
    text = terminal.blocks(image, 8)
    assert text.plain.splitlines() == ["▀" * 8] * 4
    styles = {str(span.style) for span in text.spans}
    assert styles == {"rgb(250,10,20) on rgb(5,120,230)"}


def test_a_picture_that_is_not_square_is_centred() -> None:
    text = terminal.blocks(np.full((4, 8, 3), 90, dtype=np.uint8), 8)
    assert text.plain.splitlines() == [" " * 8, "▀" * 8, "▀" * 8, " " * 8]


def test_pictures_can_be_asked_for_where_nobody_looks() -> None:
    _, out, _ = demo("--pictures", "iterm")
    png = base64.b64decode(out.partition("\a")[0].partition(":")[2])
    with PillowImage.open(io.BytesIO(png)) as picture:
        assert picture.width > 1000
    assert "\n" in demo("--pictures", "blocks")[1]

"""Pack the browser extension into a ZIP file for the browsers' stores, the same bytes every time.

Usage: python -m scripts.pack_extension [-o FILE] [--icons]

With ``--icons`` the icons are drawn anew first.
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw

from unframe.files import write_atomic

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "extension"
ICONS = (16, 32, 48, 128)
LEFT_OUT = frozenset({"README.md"})
MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP file can say

_GROUND, _INK = "#0b6e75", "#ffffff"
_FINE = 8  # drawn so many times larger, then reduced: Pillow does not smooth lines


def draw_icon(side: int) -> Image.Image:
    """A product in a dashed frame, RGBA; below 32 pixels the dashes would blur, so the frame is solid."""
    unit = side * _FINE / 32
    picture = Image.new("RGBA", (side * _FINE, side * _FINE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((0, 0, 32 * unit - 1, 32 * unit - 1), 6 * unit, fill=_GROUND)
    pen.rectangle(_box(5, 27, unit), outline=_INK, width=round(2.5 * unit))
    if side >= 32:
        for start in (10, 19):
            for box in (
                (start, 4, start + 3, 8),
                (start, 24, start + 3, 28),
                (4, start, 8, start + 3),
                (24, start, 28, start + 3),
            ):
                pen.rectangle(tuple(round(edge * unit) for edge in box), fill=_GROUND)
    pen.ellipse(_box(11, 21, unit), fill=_INK)
    return picture.resize((side, side), Image.Resampling.BOX)


def _box(low: float, high: float, unit: float) -> tuple[int, int, int, int]:
    return round(low * unit), round(low * unit), round(high * unit) - 1, round(high * unit) - 1


def write_icons() -> None:
    """Draw every icon that the manifest names."""
    for side in ICONS:
        buffer = io.BytesIO()
        draw_icon(side).save(buffer, "PNG", optimize=True)
        write_atomic(EXTENSION / "icons" / f"{side}.png", buffer.getvalue(), overwrite=True)


def members() -> list[Path]:
    """The files of the extension, in the order of their names."""
    files = [path for path in EXTENSION.rglob("*") if path.is_file()]
    return sorted(path for path in files if path.name not in LEFT_OUT and not path.name.startswith("."))


def pack() -> bytes:
    """The extension as a ZIP file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in members():
            entry = zipfile.ZipInfo(path.relative_to(EXTENSION).as_posix(), MOMENT)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def main() -> None:
    """Pack, and say where the file is."""
    version = json.loads((EXTENSION / "manifest.json").read_text(encoding="utf-8"))["version"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "dist" / f"unframe-label-{version}.zip")
    parser.add_argument("--icons", action="store_true", help="draw the icons anew")
    arguments = parser.parse_args()
    if arguments.icons:
        write_icons()
    write_atomic(arguments.output, pack(), overwrite=True)
    print(f"{arguments.output}: {len(members())} files, {arguments.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

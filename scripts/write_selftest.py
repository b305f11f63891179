"""Write what the shipped detectors say of the server's self-test picture: ``python -m scripts.write_selftest``.

Run it once after the shipped weights were replaced, and commit what it changed. With ``--check`` nothing is written,
and a file that is out of date is an error.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from unframe import Detector
from unframe.runtime import installed
from unframe.serving import selftest

FILE = Path(selftest.__file__).with_name(selftest.FILE)


def expectations() -> dict[str, dict[str, str | float]]:
    """What each shipped detector says, by `unframe.serving.selftest.key`."""
    detectors = {selftest.key("cnn", card.name): Detector.load("cnn", model=card.name) for card in installed()}
    detectors["baseline"] = Detector.load("baseline")
    found = {name: selftest.judged(detector) for name, detector in detectors.items()}
    return {name: {"verdict": each.verdict, "probability": round(each.probability, 5)} for name, each in found.items()}


def main() -> int:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description="Write what the shipped detectors say of the self-test picture.")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 when the file is out of date")
    check = parser.parse_args().check
    text = json.dumps(expectations(), indent=2) + "\n"
    stale = not FILE.exists() or FILE.read_text(encoding="utf-8") != text
    if stale:
        print(f"{'out of date' if check else 'written'}: {FILE.name}")
        if not check:
            FILE.write_text(text, encoding="utf-8")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())

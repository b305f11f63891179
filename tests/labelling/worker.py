"""A process that decides about pictures one by one, and says so after each; tests kill it while it does.

Usage: python -m tests.labelling.worker STORE NAME FIRST
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from unframe.labelling import Answer, LabelStore


def main(path: str, who: str, first: str) -> None:
    """Decide until killed; every third act is a screen of ten pictures, every seventh takes the one before back."""
    with LabelStore(Path(path)) as store:
        for number in count(int(first)):
            act = _act(store, who, number)
            sys.stdout.write(f"{number} {act}\n")
            sys.stdout.flush()


def _act(store: LabelStore, who: str, number: int) -> str:
    if number % 7 == 0 and store.undo(who):
        return store.read("SELECT uid FROM act WHERE who = ? ORDER BY number DESC LIMIT 1", (who,))[0]["uid"]  # type: ignore[no-any-return]
    several = range(10) if number % 3 == 0 else range(1)
    return store.decide({f"{who}-{number}-{at}": Answer("framed") for at in several}, who, "click")


if __name__ == "__main__":
    main(*sys.argv[1:])

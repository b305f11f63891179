"""A process that scans a folder; tests kill it while it does.

It says on standard output what it judges, a line for each picture, so that a test can tell where it was.

Usage: python -m tests.catalogue.worker SOURCE OUTPUT CLEANED
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.fakes import FakeDetector
from unframe.catalogue import Cleaning, Work, local, open_source, results, work
from unframe.catalogue.item import Item
from unframe.catalogue.plan import Plan
from unframe.catalogue.records import Record
from unframe.catalogue.sinks import format_of
from unframe.detector import Detector
from unframe.settings import Settings

PART_SIZE = 16
THREADS = 2


def main(address: str, output: str, cleaned: str) -> None:
    """Scan, or go on with it."""
    one = work.judge_one

    def loud(item: Item, *more: object) -> Record:
        os.write(1, f"{item.path}\n".encode())
        return one(item, *more)  # type: ignore[arg-type]

    local.judge_one = loud  # type: ignore[assignment, attr-defined]
    source = open_source(address)
    detector = Detector(FakeDetector(), Settings(jobs=THREADS))
    what = Work(Cleaning(Path(cleaned)))
    path = Path(output)
    plan = Plan.of(source, detector, what, PART_SIZE)
    with results.begin(path, format_of(path), plan, resume=True) as found:
        if found is not None:
            local.scan(source, found, detector, what)
        results.publish(path, format_of(path))


if __name__ == "__main__":
    main(*sys.argv[1:])

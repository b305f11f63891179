"""Not one acknowledged label is lost when the process is killed, and two processes get on with each other."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unframe.labelling import LabelStore

ROOT = Path(__file__).resolve().parents[2]


def start(path: Path, who: str, first: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.labelling.worker", str(path), who, str(first)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen[str]) -> list[str]:
    """End a process without warning; the names of the acts that it had acknowledged."""
    process.kill()
    assert process.stdout is not None
    with process.stdout as stream:  # not `communicate`, which forgets what `readline` has read ahead
        said = stream.read()
    process.wait()
    return [line.split()[1] for line in said.splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.parametrize("rounds", [4, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_sigkill_at_random_points_loses_no_acknowledged_act(tmp_path: Path, rounds: int) -> None:
    path = tmp_path / "labels.sqlite"
    chance = random.Random(rounds)
    acknowledged: set[str] = set()
    for number in range(rounds):
        process = start(path, "ann", first=number * 100_000)
        assert process.stdout is not None
        first = process.stdout.readline()  # from here on it is at work
        time.sleep(chance.uniform(0, 0.1))
        acknowledged |= {first.split()[1], *kill(process)}
        with LabelStore(path, create=False) as store:
            assert acknowledged <= {row["uid"] for row in store.read("SELECT uid FROM act")}
            assert store.read("PRAGMA integrity_check")[0][0] == "ok"
            # Acts are whole: one picture or a screen of ten.
            sizes = store.read(
                "SELECT DISTINCT count(*) AS size FROM decision JOIN act ON act = act.number GROUP BY act"
            )
            assert {row["size"] for row in sizes} <= {1, 10}
    assert len(acknowledged) >= rounds


def test_two_processes_write_to_one_store_at_once(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    processes = [start(path, who, first=1) for who in ("ann", "bob")]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    time.sleep(0.4)
    acknowledged = [kill(process) for process in processes]
    with LabelStore(path, create=False) as store:
        kept = {row["uid"] for row in store.read("SELECT uid FROM act")}
        assert all(set(each) <= kept for each in acknowledged)
        assert all(len(each) > 1 for each in acknowledged)
        times = [row["at"] for row in store.read("SELECT at FROM act ORDER BY number")]
        assert times == sorted(set(times))

"""The command line as a whole: what it lists, how little it loads, and how runs end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import unframe
from tests.cli.conftest import Run
from unframe import cli
from unframe.cli import COMMANDS

UNFRAME = [sys.executable, "-m", "unframe"]


def start(arguments: Sequence[object], **options: object) -> subprocess.CompletedProcess[str]:
    command = [*UNFRAME, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_help_lists_every_command(run: Run) -> None:
    text = run("--help").out
    for name in COMMANDS:
        assert f" {name} " in text
        assert run(name, "--help").code == 0


def test_version_and_unknown_commands(run: Run) -> None:
    assert run("--version").out == f"unframe {unframe.__version__}\n"
    done = run("detekt")
    assert done.code == 2
    assert "detect" in done.err


def test_completion_knows_commands_and_options() -> None:
    for words, expected in (("unframe de", "detect"), ("unframe detect --fail", "--fail-on")):
        environment = os.environ | {
            "_UNFRAME_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        assert expected in start([], env=environment).stdout.split()


def test_a_real_run(shop: Path, tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    done = start(["detect", shop, tmp_path / "missing.jpg", "--detector", "baseline", "--format", "jsonl"])
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["status"] for each in records] == ["ok", "ok", "ok", "error"]
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_settings_that_are_none_end_with_a_message(shop: Path) -> None:
    done = start(["detect", shop], env=os.environ | {"UNFRAME_JOBS": "many"})
    assert done.returncode == 2
    assert done.stderr.startswith("unframe: UNFRAME_JOBS is 'many'")


def test_an_interrupted_run_shows_what_it_has_done(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import fakes

    real, seen = fakes.FakeDetector.detect, []

    def interrupted(self: fakes.FakeDetector, image: object) -> object:
        seen.append(image)
        if len(seen) > 2:
            raise KeyboardInterrupt
        return real(self, image)  # type: ignore[arg-type]

    monkeypatch.setattr(fakes.FakeDetector, "detect", interrupted)
    done = run("detect", shop, "--format", "json", "--jobs", 1)
    assert done.code == 130
    assert len(json.loads(done.out)) == 2
    assert "interrupted" in done.err


@pytest.mark.skipif(os.name != "posix", reason="needs pipes of POSIX")
def test_a_mistake_of_its_own_is_told_from_a_gate_that_was_met(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(prog_name: str) -> None:
        raise ZeroDivisionError("nobody has thought of this")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 70
    said = capsys.readouterr().err
    assert "ZeroDivisionError: nobody has thought of this" in said
    assert "please report it" in said


def test_a_reader_that_leaves_early_is_no_failure(shop: Path) -> None:
    pytest.importorskip("cv2")
    for _ in range(2000):  # more than a pipe holds
        name = f"{'n' * 150}{_}.png"
        (shop / name).symlink_to(shop / "framed.png")
    command = [*UNFRAME, "detect", str(shop), "--detector", "baseline", "--format", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 141


@pytest.mark.skipif(os.name != "posix", reason="needs terminals of POSIX")
def test_a_person_sees_colours_and_a_progress_bar(shop: Path) -> None:
    pytest.importorskip("cv2")
    import pty

    master, slave = pty.openpty()
    command = [*UNFRAME, "detect", str(shop), "--detector", "baseline"]
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "200"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=slave, stderr=slave, env=environment):
        os.close(slave)
        seen = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the other end has closed
                break
            if not part:
                break
            seen += part
    os.close(master)
    assert b"pictures" in seen
    assert b"3/3" in seen
    assert b"\x1b[32mclean" in seen or b"\x1b[1;31mframed" in seen

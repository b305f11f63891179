"""`unframe label` as a process: it says where the page is, serves it to its owner alone, and ends on Ctrl+C."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.labelling.conftest import fill
from unframe.errors import StoreError, UnframeError
from unframe.labelling.run import LOOPBACK, listening, token_of


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_the_command_serves_the_page_until_it_is_interrupted(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    words = [sys.executable, "-m", "unframe", "label", str(tmp_path), "--port", "0", "--no-browser"]
    options = ["--detector", "baseline", "--who", "ann"]
    process = subprocess.Popen([*words, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix("Review page: ").strip()
        origin = address.partition("/?")[0]
        assert urlsplit(address).hostname == LOOPBACK
        with httpx.Client(base_url=origin, timeout=60) as client:
            assert client.get("/").status_code == 403
            assert client.get(address).status_code == 303
            assert client.get("/api/hello").json()["who"] == "ann"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode in {0, 130, -signal.SIGINT}
    assert "Traceback" not in said


def test_only_this_machine_is_listened_to() -> None:
    with listening(0) as listener:
        assert listener.getsockname()[0] == LOOPBACK


def test_a_port_that_was_asked_for_and_is_taken_is_an_error_and_the_usual_one_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(UnframeError, match=f"port {taken} cannot be used"), listening(taken):
            pass
        monkeypatch.setattr("unframe.labelling.run.PORT", taken)
        with listening(None) as listener:
            assert listener.getsockname()[1] != taken


def test_the_token_is_the_owner_s_alone_and_stays_the_same(tmp_path: Path) -> None:
    first = token_of(tmp_path / "labels.sqlite")
    assert len(first) >= 32
    assert token_of(tmp_path / "labels.sqlite") == first
    assert token_of(tmp_path / "others.sqlite") != first
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "labels.token").stat().st_mode) == 0o600


def test_an_empty_token_is_none(tmp_path: Path) -> None:
    (tmp_path / "labels.token").write_text("\n")
    with pytest.raises(StoreError, match=r"labels\.token is empty"):
        token_of(tmp_path / "labels.sqlite")

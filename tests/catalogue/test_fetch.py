"""Bytes from web servers and object stores on this machine: limits, patience, and no word of credentials."""

from __future__ import annotations

import base64
import errno
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.catalogue.conftest import pictures
from unframe.catalogue import Item, judge, open_source, work
from unframe.catalogue import fetch as fetching
from unframe.catalogue.fetch import fetch
from unframe.catalogue.item import File, Range
from unframe.detector import Detector
from unframe.errors import DecodeError, MissingExtraError, OutputError, ScanError
from unframe.files import write_atomic
from unframe.settings import Settings

SECRET = "hunter2"


class Handler(BaseHTTPRequestHandler):
    """Serves the pictures of a folder, and answers of other kinds by path."""

    folder: Path
    asked: dict[str, int]
    sent: int

    def do_HEAD(self) -> None:
        self.send_error(405)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        count = self.asked[path] = self.asked.get(path, 0) + 1
        if path == "/locked.png" and self.headers.get("Authorization") != self._basic():
            self.send_error(401)
        elif path == "/gone.png":
            self.send_error(404)
        elif path == "/busy.png" and count < 3:
            self.send_error(503)
        elif path == "/endless":
            self._endless()
        else:
            self._send((self.folder / "000.png").read_bytes())

    def _basic(self) -> str:
        return "Basic " + base64.b64encode(f"me:{SECRET}".encode()).decode()

    def _send(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(2000):
                self.wfile.write(bytes(65536))
                type(self).sent += 65536
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pytest.importorskip("fsspec")
    pictures(tmp_path, 1)
    Handler.folder, Handler.asked, Handler.sent = tmp_path, {}, 0
    monkeypatch.setattr(fetching, "_PAUSE", 0.01)
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def cleaning(folder: Path) -> work.Work:
    """Take frames off, to ``out`` in a folder."""
    return work.Work(work.Cleaning(folder / "out"))


def item(address: str) -> Item:
    return Item(address, File(address))


def test_a_picture_of_a_web_server(server: str, tmp_path: Path, detector: Detector) -> None:
    address = f"http://{server}/a.png?token={SECRET}"
    [record] = judge(open_source(address), detector)
    assert (record["path"], record["verdict"]) == (address, "framed")


def test_a_server_that_is_busy_is_asked_again(server: str) -> None:
    assert fetch(item(f"http://{server}/busy.png"), Settings())
    assert Handler.asked["/busy.png"] == 3


def test_what_is_not_there_is_one_record_and_asked_for_once(server: str, detector: Detector) -> None:
    [record] = judge([item(f"http://{server}/gone.png")], detector)
    assert record["error"] == "unreadable"
    assert Handler.asked["/gone.png"] == 1


def test_no_more_than_the_limit_is_read(server: str) -> None:
    with pytest.raises(DecodeError, match="the limit is 100,000") as caught:
        fetch(item(f"http://{server}/endless"), Settings(max_bytes=100_000))
    assert caught.value.code == "too-large"
    assert Handler.sent < 50_000_000


@pytest.mark.parametrize("path", ["locked.png", "gone.png", "busy"])
def test_no_message_and_no_log_holds_a_credential(
    server: str, path: str, detector: Detector, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG, "unframe")
    if path == "busy":
        server = "127.0.0.1:1"  # nobody listens
    address = f"http://me:not-{SECRET}@{server}/{path}?X-Amz-Signature={SECRET}&sig={SECRET}"
    [record] = judge([item(address)], detector)
    assert record["path"] == address  # the record is the user's own data
    assert SECRET not in record["message"]
    assert server in record["message"]
    with pytest.raises(DecodeError) as caught:
        fetch(item(address), Settings())
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert SECRET not in caplog.text


def test_the_user_of_an_address_gets_through(server: str) -> None:
    assert fetch(item(f"http://me:{SECRET}@{server}/locked.png"), Settings())


def test_a_list_of_a_web_server(server: str, detector: Detector, tmp_path: Path) -> None:
    (tmp_path / "000.png").write_text("path,seller\na.png,x\n/b.png,y\n")  # what the server sends, whatever it is asked
    source = open_source(f"http://{server}/lists/l.csv?sig={SECRET}")
    assert SECRET not in source.address
    assert [each.place for each in source] == [File(f"http://{server}/lists/{name}.png") for name in "ab"]
    with pytest.raises(ScanError, match="nothing at this address") as caught:
        open_source(f"http://me:{SECRET}@{server}/gone.png/../gone.png", "list")
    assert SECRET not in str(caught.value)


def test_a_range_is_cut_out_and_a_torn_one_said(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"0123456789")
    assert fetch(Item("a", Range(str(tmp_path / "a.bin"), 2, 3)), Settings()) == b"234"
    with pytest.raises(DecodeError, match="ends after 2 of 5") as caught:
        fetch(Item("a", Range(str(tmp_path / "a.bin"), 8, 5)), Settings())
    assert caught.value.code == "truncated"
    with pytest.raises(DecodeError, match="cannot be read"):
        fetch(Item("a", Range(str(tmp_path / "b.bin"), 8, 5)), Settings())


def test_a_protocol_that_nobody_speaks(detector: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScanError, match="protocol"):
        open_source("nonsense://me:pw@x/y.png")
    [record] = judge([item("nonsense://x/y.png")], detector)
    assert record["error"] == "unreadable"

    def missing(_: str) -> object:
        raise MissingExtraError("reading s3://", "s3fs", "s3")

    monkeypatch.setattr(fetching, "filesystem", missing)
    with pytest.raises(MissingExtraError):  # would fail every picture alike: the scan stops at the first
        list(judge([item("s3://bucket/a.png")], detector))


def test_a_cleaned_picture_is_never_written_outside(tmp_path: Path, detector: Detector) -> None:
    [path] = pictures(tmp_path / "in", 1)
    for evil in ("../../evil.png", "/etc/evil.png", "..\\evil.png", "a/../../evil.png"):
        [record] = judge([Item(evil, path.read_bytes())], detector, cleaning(tmp_path))
        assert Path(record["output"]).resolve().is_relative_to(tmp_path / "out")
    [record] = judge([Item("x", path.read_bytes(), relative="../evil.png")], detector, cleaning(tmp_path))
    assert record["error"] == "outside"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "elsewhere")
    [record] = judge([Item("x", path.read_bytes(), relative="link/evil.png")], detector, cleaning(tmp_path))
    assert record["error"] == "outside"
    assert not list((tmp_path / "elsewhere").iterdir())
    assert not list(tmp_path.rglob("evil.png"))


def test_a_full_disk_is_no_picture_s_fault(tmp_path: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = pictures(tmp_path / "in", 1)
    items = [Item("x.png", path.read_bytes(), relative="x.png")]
    for number, stops in ((errno.ENOSPC, True), (errno.EROFS, True), (errno.EACCES, False)):

        def fail(*_: object, number: int = number, **__: object) -> bool:
            raise OutputError("unwritable", "no") from OSError(number, "no")

        monkeypatch.setattr(work, "write_atomic", fail)
        if stops:
            with pytest.raises(OutputError):
                list(judge(items, detector, cleaning(tmp_path)))
        else:
            [record] = judge(items, detector, cleaning(tmp_path))
            assert record["error"] == "unwritable"


def test_a_picture_that_two_threads_clean_at_once_is_no_error(
    tmp_path: Path, detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    [path] = pictures(tmp_path / "in", 1)
    calls = []

    def late(target: Path, data: bytes, **_: object) -> bool:
        calls.append(target)
        if len(calls) == 1:
            target.parent.mkdir()
            target.write_bytes(data)  # by the other thread, after this one had looked
            raise OutputError("exists", "it is there")
        return write_atomic(target, data)

    monkeypatch.setattr(work, "write_atomic", late)
    [record] = judge([Item("x.png", path.read_bytes(), relative="x.png")], detector, cleaning(tmp_path))
    assert record["action"] == "crop"
    assert len(calls) == 2


def test_a_cleaned_picture_never_takes_the_place_of_another(tmp_path: Path, detector: Detector) -> None:
    one, _, _, two = pictures(tmp_path / "in", 4)
    items = [Item(str(path), path.read_bytes(), relative="same.png") for path in (one, one, two)]
    records = list(judge(items, detector, cleaning(tmp_path)))
    assert [record.get("error") for record in records] == [None, None, "exists"]
    assert [record.get("action") for record in records] == ["crop", "crop", None]

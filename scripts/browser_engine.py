"""The engine of `web/` in a browser, called from Python: for its tests and its benchmark."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WEB = Path(__file__).resolve().parent.parent / "web"
PACKAGES = WEB / "node_modules"

_BLANK = "<!doctype html><meta charset=utf-8><title>engine</title>"
_CALLS = """
async address => {
  const { Unframe } = await import(address + "unframe.js");
  const unframe = window.unframe = await Unframe.load();
  const file = async name => (await fetch(address + "pictures/" + name)).blob();
  window.detect = async name => {
    const blob = await file(name);
    const began = performance.now();
    try { return { ...await unframe.detect(blob, name), ms: performance.now() - began }; }
    catch (error) { return { status: "error", error: error.code, message: error.message }; }
  };
  window.remove = async (name, inner) => {
    const { record, blob } = await unframe.remove(await file(name), { name, inner });
    return [record, Array.from(new Uint8Array(await blob.arrayBuffer()))];
  };
}
"""


def run(call: list[str], input: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program in `web/`."""
    return subprocess.run(call, cwd=WEB, input=input, capture_output=True, text=True, timeout=240, check=False)


def build(folder: Path) -> None:
    """Build `web/` into a folder, which is emptied first.

    Raises:
        RuntimeError: It does not build, or not without a warning.
    """
    done = run(["node", "build.mjs", str(folder)])
    if done.returncode or done.stderr:
        raise RuntimeError(f"web/ does not build: {done.stderr}")


class _Files(SimpleHTTPRequestHandler):
    """Plain files, with the types that browsers insist on."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}  # noqa: RUF012

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Address of a server of a folder's files, which knows nothing but files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join(timeout=10)


@dataclass
class Engine:
    """The engine in a page.

    Attributes:
        page: The page that it was loaded into.
        pictures: Pictures by the name under which the page fetches them.
        asked: Every URL that the page and its worker asked for.
        ms: Milliseconds that the last picture took, reading it included.
    """

    page: Page
    pictures: dict[str, bytes]
    asked: list[str]
    ms: float = 0.0

    def detect(self, name: str, data: bytes) -> dict[str, Any]:
        """The record of a picture, or of the error that it met."""
        self.pictures[name] = data
        found: dict[str, Any] = self.page.evaluate("name => detect(name)", name)
        self.ms = found.pop("ms", 0.0)
        return found

    def remove(self, name: str, data: bytes, inner: list[int] | None = None) -> tuple[dict[str, Any], bytes]:
        """The record of a picture from which the frame was taken off, and the picture's bytes."""
        self.pictures[name] = data
        record, result = self.page.evaluate("([name, inner]) => remove(name, inner)", [name, inner])
        return record, bytes(result)


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Engine]:
    """The engine that is served at an address, in a page of its own."""
    pictures: dict[str, bytes] = {}
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/blank", lambda route: route.fulfill(body=_BLANK, content_type="text/html"))
    page.route("**/pictures/*", lambda route: route.fulfill(body=pictures[route.request.url.rpartition("/")[2]]))
    try:
        page.goto(address + "blank")
        page.evaluate(_CALLS, address)
        yield Engine(page, pictures, asked)
    finally:
        page.close()

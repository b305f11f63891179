"""The browser's engine: built with Node.js, served on this machine, run in Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WEB = ROOT / "web"
BLANK = "<!doctype html><meta charset=utf-8><title>engine</title>"

Node = Callable[..., Any]
"""Runs a function of `engine.mjs` on arguments of JSON types, and gives what it returned."""


@pytest.fixture(scope="session")
def node() -> Node:
    """The engine's modules that need no browser, run by Node.js."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("needs Node.js")

    def run(function: str, *arguments: Any) -> Any:
        call = [program, str(Path(__file__).with_name("engine.mjs")), function]
        done = _run(call, input=json.dumps(arguments))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def _run(call: list[str], input: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(call, cwd=WEB, input=input, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder of the packages that the build needs; skips where they cannot be had."""
    folder = WEB / "node_modules"
    if not (folder / "esbuild").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("needs Node.js and npm")
        done = _run([npm, "ci"])
        if done.returncode:
            pytest.skip(f"needs the packages of web/package.json: {done.stderr.strip()[-200:]}")
    return folder


@pytest.fixture(scope="session")
def built(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built page."""
    folder = tmp_path_factory.mktemp("web") / "dist"
    done = _run(["node", "build.mjs", str(folder)])
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder


class _Files(SimpleHTTPRequestHandler):
    """Plain files, with the types that browsers insist on."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}  # noqa: RUF012

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def address(built: Path) -> Iterator[str]:
    """Address of a server of the built files that knows nothing but files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(built))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; skips where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs Chromium; install it with the system's packages")
    sync_api = pytest.importorskip("playwright.sync_api")
    with (
        sync_api.sync_playwright() as driver,
        driver.chromium.launch(executable_path=program, args=["--no-sandbox"]) as one,
    ):
        yield one


@dataclass
class Engine:
    """The engine in a browser, called from Python.

    Attributes:
        page: The page that it was loaded into.
        pictures: Pictures by the name under which the page fetches them.
        asked: Every URL that the page and its worker asked for.
    """

    page: Page
    pictures: dict[str, bytes]
    asked: list[str]

    def detect(self, name: str, data: bytes) -> dict[str, Any]:
        """The record of a picture, or of the error that it met."""
        self.pictures[name] = data
        found: dict[str, Any] = self.page.evaluate("name => detect(name)", name)
        return found

    def remove(self, name: str, data: bytes, inner: list[int] | None = None) -> tuple[dict[str, Any], bytes]:
        """The record of a picture from which the frame was taken off, and the picture's bytes."""
        self.pictures[name] = data
        record, result = self.page.evaluate("([name, inner]) => remove(name, inner)", [name, inner])
        return record, bytes(result)


_CALLS = """
async address => {
  const { Unframe } = await import(address + "unframe.js");
  const unframe = await Unframe.load();
  const file = async name => (await fetch(address + "pictures/" + name)).blob();
  window.detect = async name => {
    try { return await unframe.detect(await file(name), name); }
    catch (error) { return { status: "error", error: error.code, message: error.message }; }
  };
  window.remove = async (name, inner) => {
    const { record, blob } = await unframe.remove(await file(name), { name, inner });
    return [record, Array.from(new Uint8Array(await blob.arrayBuffer()))];
  };
}
"""


@pytest.fixture(scope="module")
def engine(browser: Browser, address: str) -> Iterator[Engine]:
    """The engine in Chromium."""
    pictures: dict[str, bytes] = {}
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/blank", lambda route: route.fulfill(body=BLANK, content_type="text/html"))
    page.route("**/pictures/*", lambda route: route.fulfill(body=pictures[route.request.url.rpartition("/")[2]]))
    page.goto(address + "blank")
    page.evaluate(_CALLS, address)
    yield Engine(page, pictures, asked)
    page.close()

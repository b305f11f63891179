"""The browser's engine: built with Node.js, served on this machine, run in Chromium."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scripts import browser_engine
from scripts.browser_engine import Engine

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
        done = browser_engine.run(call, input=json.dumps(arguments))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def packages(node: Node) -> Path:
    """The folder of the packages that the build needs; skips where they, or Node.js to run them, cannot be had."""
    if not (browser_engine.PACKAGES / "esbuild").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("needs Node.js and npm")
        done = browser_engine.run([npm, "ci"])
        if done.returncode:
            pytest.skip(f"needs the packages of web/package.json: {done.stderr.strip()[-200:]}")
    return browser_engine.PACKAGES


@pytest.fixture(scope="session")
def built(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built page."""
    folder = tmp_path_factory.mktemp("web") / "dist"
    browser_engine.build(folder)
    return folder


@pytest.fixture(scope="session")
def address(built: Path) -> Iterator[str]:
    """Address of a server of the built files that knows nothing but files."""
    with browser_engine.served(built) as one:
        yield one


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


@pytest.fixture(scope="module")
def engine(browser: Browser, address: str) -> Iterator[Engine]:
    """The engine in Chromium."""
    with browser_engine.opened(browser, address) as one:
        yield one

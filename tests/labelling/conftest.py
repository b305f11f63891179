"""A review page over drawn pictures, served on a port of this machine, and a browser to look at it with."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn
from PIL import Image as PillowImage

from tests import draw
from tests.fakes import FRAME_COLOUR, FakeDetector
from unframe.detector import Detector
from unframe.labelling import LabelStore
from unframe.labelling.app import Desk, application
from unframe.labelling.classify import Classifier
from unframe.labelling.pictures import Pictures
from unframe.labelling.run import LOOPBACK, listening, server
from unframe.labelling.thumbnails import Thumbnails
from unframe.types import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

TOKEN = "a-token-for-tests"
OVERLOOKED = (20, 120, 60)
"""Colour of frames that `FakeDetector` does not see."""


def picture(number: int, size: tuple[int, int] = (120, 90)) -> tuple[Image, bool]:
    """A drawn picture and whether it has a frame: every third has, and every ninth has one that is overlooked."""
    image = draw.product(*size, seed=number)
    if number % 3:
        return image, False
    return draw.bordered(image, 8, OVERLOOKED if number % 9 == 0 else FRAME_COLOUR)[0], True


def fill(folder: Path, count: int) -> dict[str, bool]:
    """Draw pictures into folders of three shops; whether each has a frame, by its relative path."""
    truth = {}
    for number in range(count):
        image, framed = picture(number)
        name = f"shop-{number % 3}/{number:04}.png"
        save(image, folder / name)
        truth[name] = framed
    return truth


def save(image: Image, path: Path) -> None:
    """Write an image as PNG, without taking long over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(image).save(path, compress_level=1)


@dataclass(frozen=True)
class Served:
    """A review page that is being served.

    Attributes:
        folder: The pictures.
        store: Their labels.
        classifier: The work in the background; `start` begins it.
        port: Where the page is.
    """

    folder: Path
    store: LabelStore
    classifier: Classifier
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def address(self) -> str:
        """What ``unframe label`` prints."""
        return f"{self.origin}/?token={TOKEN}"

    def client(self, **headers: str) -> httpx.Client:
        """A program that shows the token."""
        return httpx.Client(base_url=self.origin, headers={"Authorization": f"Bearer {TOKEN}"} | headers, timeout=30)

    def identifiers(self) -> dict[str, int]:
        """Identifier of each picture by its relative path."""
        return {path: row["id"] for path, row in self.classifier.pictures.known().items()}

    def labels(self) -> dict[str, str | None]:
        """What holds about each labelled picture, by its relative path."""
        names = {row["sha256"]: path for path, row in self.classifier.pictures.known().items()}
        return {names[sha256]: each.answer.label for sha256, each in self.store.current().items()}


@contextmanager
def served(folder: Path, who: str = "ann", *, judged: bool = True, port: int = 0) -> Iterator[Served]:
    """Serve the review page of a folder, whose pictures have been judged already unless they are not to be."""
    with ExitStack() as stack:
        store = stack.enter_context(LabelStore(folder / "labels.sqlite"))
        thumbnails = Thumbnails(folder / "labels.thumbnails.sqlite")
        stack.callback(thumbnails.close)
        detectors = [Detector(FakeDetector())]
        classifier = Classifier(Pictures(store, folder), thumbnails, detectors, detectors[0].settings)
        if judged:
            classifier.run()
        listener = stack.enter_context(listening(port))
        number = listener.getsockname()[1]
        one = Served(folder, store, classifier, number)
        app = application(Desk(store, classifier, who, one.address, {}), number, TOKEN)
        stack.enter_context(_running(server(app), listener))
        yield one


@contextmanager
def _running(one: uvicorn.Server, listener: object) -> Iterator[None]:
    thread = threading.Thread(target=one.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        one.should_exit = True
        thread.join(timeout=20)
    assert not thread.is_alive()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Served]:
    """The review page of twelve judged pictures."""
    folder = tmp_path / "pictures"
    fill(folder, 12)
    with served(folder) as one:
        yield one


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium; skips where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("needs Chromium; install it with the system's packages")
    return found


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    """Playwright, for one module: while it runs, nothing else may run an event loop in this thread."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as one:
        yield one


@pytest.fixture(scope="module")
def browser(chromium: str, driver: Playwright) -> Iterator[Browser]:
    """Chromium without a window."""
    with driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as one:
        yield one

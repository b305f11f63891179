"""The page without a server: from a host of files, and as one file from a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image as PillowImage

from tests.draw import bordered, product
from unframe.detector import Detector
from unframe.removal import remove

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

READY = "html[data-ready=yes]"
PATIENCE = 60_000
"""Milliseconds; a machine that does much else takes its time to compile the runtime."""


@pytest.fixture(params=["hosted", "one file"])
def url(request: pytest.FixtureRequest, built: Path, address: str) -> str:
    return address if request.param == "hosted" else (built / "unframe.html").as_uri()


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    """A page that must not complain, nor load from anywhere but where it came from."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


def _pictures(folder: Path) -> list[Path]:
    pictures = {
        "framed.png": bordered(product(400, 320), 18)[0],
        "plain.png": product(380, 300, backdrop=(255, 255, 255)),
    }
    for name, image in pictures.items():
        PillowImage.fromarray(image).save(folder / name)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n broken IEND")
    return [folder / name for name in (*pictures, "broken.png")]


def test_pictures_are_judged_and_cleaned_as_by_python(browser: Browser, url: str, tmp_path: Path) -> None:
    detector = Detector.load("cnn")
    framed, plain, broken = _pictures(tmp_path)
    with _page(browser) as page:
        page.goto(url)
        page.wait_for_selector(READY)
        assert page.inner_text("#model") == detector.model
        page.set_input_files("#files", [framed, plain, broken])
        for path in (framed, plain):
            verdict = detector.detect(path).verdict
            page.locator(f"#list button[title='{path.name}'].{verdict}").click()
            with page.expect_download() as download:
                page.click("#save")
            expected = remove(path, detector)
            with (
                PillowImage.open(download.value.path()) as result,
                PillowImage.open(BytesIO(expected.data)) as reference,
            ):
                assert result.size == reference.size
        page.locator("#list button.error").click()
        assert "broken.png cannot be decoded" in page.inner_text("#facts")


def test_a_sample_of_the_page_is_judged(browser: Browser, url: str) -> None:
    with _page(browser) as page:
        page.goto(url)
        page.locator("#samples button").first.click()
        page.wait_for_selector("#list button:is(.framed, .review, .clean)")


def test_edges_that_are_moved_cut_elsewhere(browser: Browser, url: str, tmp_path: Path) -> None:
    framed, *_ = _pictures(tmp_path)
    with _page(browser) as page:
        page.goto(url)
        page.set_input_files("#files", [framed])
        page.wait_for_selector("#list button:is(.framed, .review, .clean)")
        page.focus(".edge[data-side=left]")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#again:visible")
        with page.expect_download() as download:
            page.click("#save:not([aria-disabled=true])")
        with PillowImage.open(download.value.path()) as result:
            assert result.width < 400


def test_one_file_asks_nobody_for_anything(browser: Browser, built: Path) -> None:
    asked: list[str] = []
    with _page(browser) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto((built / "unframe.html").as_uri())
        page.wait_for_selector(READY)
    assert [url for url in asked if not url.startswith(("blob:", "data:"))] == [(built / "unframe.html").as_uri()]


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("model.onnx", lambda data: data[:-1], "not those of their card"),
        ("model.onnx", lambda data: data[:-1] + b"\x00", "not those of their card"),
        ("card.json", lambda data: data.replace(b'"views"', b'"waves"'), "input.kind is waves"),
        ("model.onnx", lambda data: None, "the server answers 404"),
    ],
    ids=["cut weights", "changed weights", "strange card", "no weights"],
)
def test_what_is_wrong_with_the_network_is_said(
    browser: Browser, address: str, built: Path, name: str, spoil: Callable[[bytes], bytes | None], said: str
) -> None:
    body = spoil((built / name).read_bytes())
    page = browser.new_page()
    page.route(f"**/{name}", lambda route: route.fulfill(status=404 if body is None else 200, body=body or b""))
    page.goto(address)
    page.wait_for_selector("#trouble:visible", timeout=PATIENCE)
    assert said in page.inner_text("#trouble")
    page.close()

"""The page to try the service: its files, and what a person does with it in a real browser."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from tests.serving.conftest import CLEAN, DOUBTFUL, FRAMED, TRUNCATED, Client, Running, asking, service_of
from unframe.imaging import decode
from unframe.serving import assets
from unframe.serving.around import HEADERS

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

FILES = Path(assets.__file__).parent / "page"


def test_every_file_of_the_page_is_served_and_kept_only_while_it_is_the_same(ask: Client) -> None:
    for file in FILES.iterdir():
        answer = ask("GET", f"/page/{file.name}")
        assert answer.content == file.read_bytes()
        again = ask("GET", f"/page/{file.name}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    page = ask("GET", "/")
    assert page.headers["content-type"].startswith("text/html")
    assert all(page.headers[name] == value for name, value in HEADERS.items())


def test_the_page_takes_nothing_from_elsewhere(ask: Client) -> None:
    policy = ask("GET", "/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for file in FILES.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|@import|url\(", text), file.name
        assert not re.search(r"innerHTML|outerHTML|eval\(|style=", text), file.name


def test_the_page_can_be_left_out() -> None:
    with asking(service_of(page=False)) as ask:
        assert ask("GET", "/").status_code == 404
        assert ask("GET", "/page/main.js").status_code == 404


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs Chromium")
    with (
        playwright.sync_playwright() as driver,
        driver.chromium.launch(executable_path=program, args=["--no-sandbox"]) as one,
    ):
        yield one


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    """The page, once its server is ready; whatever it complains of fails the test."""
    complaints: list[str] = []
    with Running(service_of()) as server:
        server.ready()
        context = browser.new_context(viewport={"width": 1200, "height": 900}, accept_downloads=True)
        opened = context.new_page()
        opened.set_default_timeout(60_000)
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("request", lambda asked: complaints.append(asked.url) if foreign(asked.url, server) else None)
        opened.goto(server.url)
        opened.locator("html[data-ready=yes]").wait_for()
        yield opened
        context.close()
    assert [each for each in complaints if "422" not in each] == []


def foreign(url: str, server: Running) -> bool:
    return not url.startswith((server.url, f"blob:{server.url}"))


def give(page: Page, *pictures: tuple[str, bytes]) -> None:
    """Choose files, and wait until all are judged."""
    files: Any = [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in pictures]
    page.set_input_files("#files", files)
    page.locator("#list .framed, #list .clean, #list .review, #list .error").nth(len(pictures) - 1).wait_for()


def saved(page: Page, selector: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.click(selector)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_pictures_are_judged_shown_and_downloaded(page: Page) -> None:
    give(page, ("a.png", FRAMED), ("b.jpg", CLEAN), ("c.png", DOUBTFUL), ("d.jpg", TRUNCATED))
    assert page.locator("#list .said").all_inner_texts() == ["framed", "clean", "review", "failed"]
    assert page.inner_text("#word") == "A frame was added"
    assert page.inner_text("#probability") == "99.0 %"
    name, data = saved(page, "#save")
    assert name == "a-unframed.png"
    assert decode(data).shape == (38, 54, 3)
    page.locator("#list button").nth(1).click()
    assert page.inner_text("#word") == "Just the product"
    assert "byte for byte" in page.inner_text("#done")
    page.locator("#list button").nth(3).click()
    assert "d.jpg" in page.inner_text("#facts")
    name, data = saved(page, "#save-all")
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["001-a-unframed.png", "002-b-unframed.jpg", "003-c-unframed.png", "records.jsonl"]
        assert archive.read("002-b-unframed.jpg") == CLEAN
        assert len([json.loads(line) for line in archive.read("records.jsonl").splitlines()]) == 3
    page.click("#clear")
    assert page.locator("#view").is_hidden()


def test_edges_can_be_dragged_and_moved_by_keys(page: Page) -> None:
    give(page, ("a.png", FRAMED))
    left = page.locator(".edge[data-side=left]")
    assert left.get_attribute("aria-valuenow") == "5"
    left.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    assert left.get_attribute("aria-valuenow") == "15"
    page.get_by_text("44 × 38").wait_for()
    box, stage = left.bounding_box(), page.locator("#before").bounding_box()
    assert box is not None
    assert stage is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10 * stage["width"] / 64, y, steps=3)
    page.mouse.up()
    assert left.get_attribute("aria-valuenow") == "25"
    page.get_by_text("34 × 38").wait_for()
    _, data = saved(page, "#save")
    assert decode(data).shape == (38, 34, 3)
    page.click("#again")
    assert left.get_attribute("aria-valuenow") == "5"
    page.get_by_text("54 × 38").wait_for()


def test_pictures_whose_edges_are_moved_at_the_same_time_keep_a_result_each(page: Page) -> None:
    held: list[Route] = []
    page.route("**/v1/remove?*inner=*", lambda route: held.append(route))  # noqa: PLW0108 - a built-in takes no mark
    give(page, ("a.png", FRAMED), ("b.png", FRAMED))
    left = page.locator(".edge[data-side=left]")
    left.press("ArrowRight")
    after = page.locator("#after.busy")
    after.wait_for()
    page.locator("#list button").nth(1).click()
    after.wait_for(state="detached")
    left.press("Shift+ArrowRight")
    after.wait_for()
    while len(held) < 2:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    page.get_by_text("44 × 38").wait_for()
    page.locator("#list button").nth(0).click()
    page.get_by_text("53 × 38").wait_for()
    _, data = saved(page, "#save")
    assert decode(data).shape == (38, 53, 3)


def test_samples_are_drawn_and_pictures_can_be_pasted(page: Page) -> None:
    page.locator("#samples button").first.click()
    page.locator("#list [aria-current=true].clean, #list [aria-current=true].framed").wait_for()
    page.evaluate(
        """(bytes) => {
          const given = new DataTransfer();
          given.items.add(new File([Uint8Array.from(bytes)], "pasted.png", { type: "image/png" }));
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: given }));
        }""",
        list(FRAMED),
    )
    page.locator("#list .framed [class=name]:text('pasted.png')").wait_for()


def test_the_page_fits_a_phone_and_is_dark_where_that_is_wished(page: Page) -> None:
    give(page, ("a.png", FRAMED))
    page.set_viewport_size({"width": 360, "height": 740})
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light

"""Take the pictures of the review page and of the browser extension that the documentation shows.

Usage: python -m scripts.draw_labelling [--popup]

With ``--popup`` the extension's alone.
Needs Chromium. The products are drawn, and so are their frames; the baseline judges them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, ViewportSize, sync_playwright
from scripts.pack_extension import EXTENSION, ROOT

from unframe.dataset.still_life import write_photographs

IMAGES = ROOT / "docs" / "images"
COUNT = 60
WINDOW: ViewportSize = {"width": 1280, "height": 760}
PATIENCE = 120_000
SEEN = "() => [...document.querySelectorAll('.cell img')].every((image) => image.naturalWidth)"
JUDGED = "() => document.getElementById('judged-text').textContent === 'all judged'"
# Which of the first pictures on the left have no frame, as their paths say.
WRONG = """async () => {
    const cells = [...document.querySelectorAll("[data-side=framed] .cell")];
    const found = [];
    for (const { dataset } of cells.filter((cell) => cell.ariaPosInSet <= 12)) {
        const { path } = await (await fetch(`/api/pictures/${dataset.id}`)).json();
        if (!path.startsWith("framed/")) found.push(dataset.id);
    }
    return found;
}"""
SHOP = """<!doctype html><title>shop</title><style>body {{ font: 16px sans-serif; margin: 24px }}
img {{ height: 170px; margin: 8px }}</style><h1>Things for the table</h1>{images}"""


def draw(folder: Path) -> None:
    """Put drawn photographs into a folder, half of them with frames."""
    with tempfile.TemporaryDirectory() as plain:
        write_photographs(plain, COUNT, seed=3, side=320)
        unframe = [sys.executable, "-m", "unframe"]
        subprocess.run(
            [*unframe, "synthesize", plain, "-o", folder, "--count", str(COUNT), "--seed", "5", "--size", "320"],
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def label(folder: Path) -> Iterator[str]:
    """The address of the folder's review page, while it is served."""
    words = ["label", str(folder), "--port", "0", "--no-browser", "--detector", "baseline", "--who", "ann"]
    with subprocess.Popen([sys.executable, "-m", "unframe", *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield next(iter(process.stdout or ()), "").removeprefix("Review page: ").strip()
        finally:
            process.terminate()


def open_page(context: BrowserContext, address: str) -> Page:
    """The review page with its first screen."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_function(JUDGED)
    page.reload()
    page.wait_for_selector("[data-ready=yes]")
    page.wait_for_function(SEEN)
    page.wait_for_timeout(1000)  # the boxes come after the pictures
    return page


def take_page(driver: Playwright, chromium: str, address: str) -> None:
    """The two grids in light, with two pictures moved; the editor in dark."""
    browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    page = open_page(browser.new_context(viewport=WINDOW, color_scheme="light"), address)
    wrong = page.evaluate(WRONG)[:2]
    for identifier in wrong:
        page.click(f"#cell-{identifier} figure", position={"x": 15, "y": 15})
        page.mouse.move(2, 2)
    page.wait_for_timeout(1000)
    page.screenshot(path=IMAGES / "label-page.png")
    for _ in wrong:
        page.keyboard.press("z")
        page.wait_for_timeout(500)
    page = open_page(browser.new_context(viewport=WINDOW, color_scheme="dark"), address)
    for key in ("End", "e"):
        page.keyboard.press(key)
    page.wait_for_selector("#editor[open]")
    page.wait_for_timeout(500)
    canvas = page.locator("#editor-canvas").bounding_box()
    if canvas:
        left, *_ = map(int, page.inner_text("#editor-edge").removeprefix("inner ").split()[:4])
        width = int(page.inner_text("#editor-name").split("· ")[1].split(" ")[0])
        page.mouse.move(canvas["x"] + canvas["width"] * left / width, canvas["y"] + canvas["height"] * 0.35)
    page.wait_for_timeout(300)
    page.screenshot(path=IMAGES / "label-editor.png")
    browser.close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def take_popup(driver: Playwright, chromium: str, address: str, folder: Path) -> None:
    """The extension's popup over a page with six pictures, two of them tagged."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))[4:10]
    (folder / "index.html").write_text(SHOP.format(images="".join(f'<img src="/{name}">' for name in names)))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as profile:
        arguments = ["--headless=new", "--no-sandbox"]
        arguments += [f"--disable-extensions-except={EXTENSION}", f"--load-extension={EXTENSION}"]
        context = driver.chromium.launch_persistent_context(
            profile, executable_path=chromium, headless=False, args=arguments, viewport={"width": 540, "height": 480}
        )
        context.set_default_timeout(PATIENCE)
        worker = context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
        shop = context.new_page()
        shop.goto(f"http://127.0.0.1:{server.server_port}/")
        find = "(url) => chrome.tabs.query({}).then((all) => all.find((tab) => tab.url === url))"
        tab = worker.evaluate(find, shop.url)
        popup = context.new_page()
        popup.add_init_script(f"chrome.tabs.query = async () => [{json.dumps(tab)}]")
        popup.goto(f"{worker.url.rpartition('/')[0]}/popup.html")
        popup.fill("#address", address)
        popup.click("#pair")
        popup.wait_for_function("() => document.querySelectorAll('.verdict:not(:empty)').length === 6")
        popup.locator("[data-label=framed]").first.click()
        popup.locator("[data-label=plain]").nth(1).click()
        popup.wait_for_timeout(1500)
        popup.screenshot(path=IMAGES / "label-extension.png", full_page=True)
        context.close()
    server.shutdown()
    (folder / "index.html").unlink()


def main() -> None:
    """Take them all."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("this needs Chromium; install it with the system's packages")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        folder = Path(scratch) / "photos"
        draw(folder)
        with label(folder) as address:
            if "--popup" not in sys.argv:
                take_page(driver, chromium, address)
            take_popup(driver, chromium, address, folder)


if __name__ == "__main__":
    main()

"""Take the pictures of the server's page that the documentation shows; run it with ``python -m scripts.draw_serving``.

Needs Chromium. The page draws the samples itself; the shipped network judges them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image as PillowImage
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
PATIENCE = 120_000
QUALITY = 90
JUDGED = "#list .framed, #list .clean, #list .review"
SHOTS: dict[str, dict[str, Any]] = {
    "serving": {"viewport": {"width": 1280, "height": 860}},
    "serving-dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "serving-phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True},
}
"""Name of each picture, and the window it is taken of."""


@contextmanager
def served() -> Iterator[str]:
    """The address of a server, while it runs."""
    command = [sys.executable, "-m", "unframe", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield next(iter(process.stdout or ()), "").removeprefix("Serving on ").strip()
        finally:
            process.terminate()


def show(page: Page, address: str) -> None:
    """Open the page and let it judge all samples."""
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.locator("html[data-ready=yes]").wait_for()
    samples = page.locator("#samples button")
    for number in range(samples.count()):
        samples.nth(number).click()
        page.locator("#list button").nth(number).wait_for()
    page.locator(JUDGED).nth(samples.count() - 1).wait_for()
    page.locator("#list button").first.click()
    page.wait_for_timeout(500)


def main() -> None:
    """Take the pictures."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with served() as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name, window in SHOTS.items():
            with browser.new_context(**window) as context:
                page = context.new_page()
                show(page, address)
                shot = PillowImage.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
                shot.save(IMAGES / f"{name}.webp", quality=QUALITY, method=6)
                print(f"docs/images/{name}.webp")


if __name__ == "__main__":
    main()

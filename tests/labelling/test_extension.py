"""The browser extension in a real Chromium: pictures of a web page, tagged, arrive in the label store."""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scripts import browser_engine
from scripts.pack_extension import EXTENSION, ICONS, ROOT, draw_icon, pack

from tests import draw
from tests.fakes import FRAME_COLOUR
from tests.labelling.conftest import Served, fill, save, served
from unframe.labelling import Answer

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright, Worker

PATIENCE = 60_000
SHOP = """<!doctype html><title>shop</title>
<style>
  div {{ position: relative; width: 180px; height: 140px }}
  a {{ position: absolute; left: 10px; top: 10px; width: 150px; height: 100px }}
  #cover {{ background-image: url("/cover.png") }}
</style>
<div><img src="/framed.png" alt="a framed lamp"><a></a></div>
<img id="plain" src="/plain.png" alt="a plain lamp">
<img src="/icon.png"><img src="/nowhere.png">
<div id="cover"></div>
<iframe srcdoc='<img src="/inner.png">'></iframe>
<img src="{elsewhere}elsewhere.png">
<img src="/drawing.svg" width="100" height="100">
"""
FORGET = """async () => {
    await chrome.storage.local.clear();
    await chrome.alarms.clearAll();
    await chrome.action.setBadgeText({ text: "" });
    await new Promise((resolve) => { indexedDB.deleteDatabase("unframe").onsuccess = resolve; });
}"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web page with pictures of its own and one of another site, which lets no page read it."""
    folder = tmp_path_factory.mktemp("shop")
    other = tmp_path_factory.mktemp("elsewhere")
    save(draw.bordered(draw.product(160, 120, seed=1), 9, FRAME_COLOUR)[0], folder / "framed.png")
    save(draw.product(160, 120, seed=2), folder / "plain.png")
    save(draw.product(160, 120, seed=3), folder / "cover.png")
    save(draw.product(160, 120, seed=4), folder / "inner.png")
    save(draw.product(20, 20, seed=5), folder / "icon.png")
    save(draw.product(160, 120, seed=6), other / "elsewhere.png")
    (folder / "drawing.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>')
    with browser_engine.served(folder) as address, browser_engine.served(other) as elsewhere:
        (folder / "index.html").write_text(SHOP.format(elsewhere=elsewhere))
        yield address


@pytest.fixture(scope="module")
def context(chromium: str, driver: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Chromium with the extension, as somebody has it who has loaded it unpacked."""
    with driver.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=chromium,
        headless=False,
        viewport={"width": 1000, "height": 800},
        args=[
            "--headless=new",
            "--no-sandbox",
            f"--disable-extensions-except={EXTENSION}",
            f"--load-extension={EXTENSION}",
        ],
    ) as one:
        one.set_default_timeout(PATIENCE)
        yield one


@pytest.fixture
def worker(context: BrowserContext) -> Iterator[Worker]:
    """The extension's background, which knows nothing yet."""
    if not context.service_workers:
        context.wait_for_event("serviceworker", timeout=PATIENCE)
    one = context.service_workers[0]
    yield one
    for page in context.pages[1:]:  # the browser ends with its last page
        page.close()
    one.evaluate(FORGET)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Served]:
    """A label store whose page is being served."""
    folder = tmp_path / "pictures"
    fill(folder, 1)
    with served(folder) as one:
        yield one


class Visit:
    """Somebody who looks at a shop, and at the extension's popup."""

    def __init__(self, context: BrowserContext, worker: Worker, shop: str) -> None:
        self.context = context
        self.worker = worker
        self.page = context.new_page()
        self.page.goto(shop)
        shop = self.page.url
        self.page.wait_for_function("() => [...document.images].every((image) => image.complete)")
        found: dict[str, Any] = worker.evaluate(
            "(url) => chrome.tabs.query({}).then((all) => all.find((tab) => tab.url === url))", shop
        )
        self.tab = found

    def popup(self) -> Page:
        """The popup, in a tab of its own: it is told that the shop's tab is the active one, as it would be."""
        page = self.context.new_page()
        page.add_init_script(f"chrome.tabs.query = async () => [{json.dumps(self.tab)}]")
        page.goto(f"{self.worker.url.rpartition('/')[0]}/popup.html")
        page.wait_for_selector("[data-ready=yes]")
        return page

    def pair(self, address: str) -> Page:
        page = self.popup()
        page.fill("#address", address)
        page.click("#pair")
        return page

    def choose(self, entry: str, address: str, frame: int = 0) -> None:
        """Choose an entry of a picture's context menu."""
        info = {"menuItemId": entry, "srcUrl": address, "frameId": frame, "pageUrl": self.tab["url"]}
        self.worker.evaluate("([info, tab]) => chrome.contextMenus.onClicked.dispatch(info, tab)", [info, self.tab])

    def press(self, command: str) -> None:
        """Press the keys of a command."""
        self.worker.evaluate("([name, tab]) => chrome.commands.onCommand.dispatch(name, tab)", [command, self.tab])

    def await_badge(self, text: str) -> None:
        """Wait until the toolbar button says so."""
        said = None
        for _ in range(300):
            said = self.worker.evaluate("() => chrome.action.getBadgeText({})")
            if said == text:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the badge says {said!r}, not {text!r}")


@pytest.fixture
def visit(context: BrowserContext, worker: Worker, shop: str) -> Visit:
    return Visit(context, worker, shop)


def card(popup: Page, name: str) -> Any:
    return popup.locator(f"article[title$='/{name}']")


def arrived(site: Served, count: int, page: Page) -> list[tuple[str, ...]]:
    """File name, page and address of each tagged picture, its label and how it was given, once so many are there."""
    for _ in range(300):
        if len(list(site.store.history())) >= count:
            break
        page.wait_for_timeout(100)
    rows = {row["sha256"]: row for row in site.classifier.pictures.known().values()}
    found: list[tuple[str, ...]] = []
    for each in site.store.history():
        row = rows[each.sha256]
        label = each.answer.label or "undecided"
        found.append((row["address"].rpartition("/")[2], row["page"], row["source"], label, each.how))
    return found


def test_the_popup_shows_the_page_s_pictures_and_what_the_detector_says(visit: Visit, store: Served) -> None:
    popup = visit.pair(store.address)
    popup.wait_for_selector(".verdict.framed")
    popup.wait_for_function("() => document.querySelectorAll('.verdict:not(:empty)').length >= 6")
    names = {
        title.rpartition("/")[2]
        for title in popup.eval_on_selector_all("article", "(all) => all.map((each) => each.title)")
    }
    assert names == {"framed.png", "plain.png", "cover.png", "inner.png", "elsewhere.png", "drawing.svg"}
    assert card(popup, "framed.png").locator(".verdict").inner_text() == "framed 99 %"
    assert card(popup, "elsewhere.png").locator(".verdict").inner_text() == "clean 1 %"
    assert card(popup, "drawing.svg").locator(".verdict").inner_text() == "no picture"
    assert popup.inner_text("#folder") == "pictures"
    assert popup.inner_text("#state") == "paired"
    assert not list(store.store.history())


def test_a_tag_of_the_popup_arrives_with_the_bytes_as_seen(visit: Visit, store: Served, shop: str) -> None:
    popup = visit.pair(store.address)
    popup.wait_for_selector(".verdict.framed")
    card(popup, "framed.png").locator("[data-label=framed]").click()
    card(popup, "elsewhere.png").locator("[data-label=plain]").click()
    found = arrived(store, 2, popup)
    assert found == [
        ("framed.png", shop, "127.0.0.1", "framed", "extension"),
        ("elsewhere.png", shop, "127.0.0.1", "plain", "extension"),
    ]
    kept = {path.read_bytes() for path in (store.folder / "inbox").rglob("*.png")}
    assert visit.page.request.get(f"{shop}framed.png").body() in kept
    assert len(kept) == 2
    popup.reload()
    popup.wait_for_selector("article.framed")
    assert card(popup, "framed.png").get_attribute("class") == "framed"


def test_the_popup_needs_no_mouse(visit: Visit, store: Served) -> None:
    popup = visit.pair(store.address)
    popup.wait_for_selector(".verdict.framed")
    popup.locator("article").first.focus()
    titles = popup.eval_on_selector_all("article", "(all) => all.map((each) => each.title.split('/').pop())")
    wanted = titles.index("plain.png")
    for _ in range(wanted):
        popup.keyboard.press("ArrowRight")
    popup.keyboard.press("p")
    arrived(store, 1, popup)
    popup.keyboard.press("f")  # on second thoughts
    found = arrived(store, 2, popup)
    assert [(each[0], each[3]) for each in found] == [("plain.png", "plain"), ("plain.png", "framed")]


def test_the_context_menu_tags_a_picture_and_the_page_shows_it(visit: Visit, store: Served, shop: str) -> None:
    visit.pair(store.address).wait_for_selector(".verdict.framed")
    visit.choose("tag-plain", f"{shop}plain.png")
    visit.page.get_by_text("just product").wait_for()
    assert [(each[0], each[3]) for each in arrived(store, 1, visit.page)] == [("plain.png", "plain")]
    assert [each.answer for each in store.store.history()] == [Answer("plain")]
    visit.page.get_by_text("just product").wait_for(state="detached")


@pytest.mark.parametrize(
    ("over", "expected"),
    [("a", "framed.png"), ("#plain", "plain.png"), ("#cover", "cover.png"), ("iframe", "inner.png")],
)
def test_keys_tag_the_picture_under_the_pointer(visit: Visit, store: Served, over: str, expected: str) -> None:
    visit.pair(store.address).wait_for_selector(".verdict.framed")
    visit.page.bring_to_front()
    visit.page.hover(over, position={"x": 40, "y": 40})
    visit.press("tag-framed")
    assert [(each[0], each[3]) for each in arrived(store, 1, visit.page)] == [(expected, "framed")]


def test_keys_tag_nothing_where_no_picture_is(visit: Visit, store: Served) -> None:
    visit.pair(store.address).wait_for_selector(".verdict.framed")
    visit.page.bring_to_front()
    visit.page.mouse.move(990, 790)
    visit.press("tag-framed")
    visit.await_badge("?")
    assert not list(store.store.history())


def test_tags_wait_while_the_server_is_away_and_are_sent_once_it_is_back(
    visit: Visit, tmp_path: Path, shop: str
) -> None:
    folder = tmp_path / "pictures"
    fill(folder, 1)
    with served(folder) as first:
        visit.pair(first.address).wait_for_selector(".verdict.framed")
    visit.choose("tag-framed", f"{shop}framed.png")
    visit.page.get_by_text("framed", exact=True).wait_for()
    popup = visit.popup()
    card(popup, "plain.png").locator("[data-label=plain]").click()
    popup.wait_for_function("() => document.getElementById('waiting-text').textContent.startsWith('2 tags wait')")
    assert "does not run" in popup.inner_text("#state")
    visit.await_badge("2")
    popup.close()
    with served(folder, port=first.port) as again:
        visit.worker.evaluate("() => chrome.alarms.onAlarm.dispatch({ name: 'flush' })")
        found = arrived(again, 2, visit.page)
        assert [(each[0], each[3]) for each in found] == [("framed.png", "framed"), ("plain.png", "plain")]
        visit.await_badge("")
        assert visit.worker.evaluate("() => chrome.alarms.getAll().then((all) => all.length)") == 0


def test_what_the_server_refuses_is_said_and_can_be_discarded(visit: Visit, store: Served) -> None:
    popup = visit.pair(store.address)
    popup.wait_for_selector(".verdict.framed")
    card(popup, "drawing.svg").locator("[data-label=framed]").click()
    refused = popup.locator("#refused li")
    refused.wait_for()
    assert "drawing.svg" in refused.inner_text()
    card(popup, "plain.png").locator("[data-label=framed]").click()  # the next one is not held up by it
    assert [(each[0], each[3]) for each in arrived(store, 1, popup)] == [("plain.png", "framed")]
    refused.get_by_text("Discard").click()
    popup.wait_for_selector("#waiting", state="hidden")


def test_a_picture_that_is_gone_holds_no_other_tag_up_and_can_be_discarded(
    visit: Visit, store: Served, shop: str
) -> None:
    popup = visit.pair(store.address)
    popup.wait_for_selector(".verdict.framed")
    gone = {"label": "framed", "page": shop, "address": f"{shop}nowhere.png", "blob": None}
    popup.evaluate("(tag) => import('./queue.js').then(({ add }) => add(tag))", gone)
    card(popup, "plain.png").locator("[data-label=plain]").click()
    assert [(each[0], each[3]) for each in arrived(store, 1, popup)] == [("plain.png", "plain")]
    stuck = popup.locator("#refused li")
    stuck.wait_for()
    assert re.search("nowhere.png: .* answered 404", stuck.inner_text())
    assert popup.is_hidden("#allow")
    stuck.get_by_text("Discard").click()
    popup.wait_for_selector("#waiting", state="hidden")
    assert visit.worker.evaluate("() => chrome.action.getBadgeText({})") == ""


def test_a_wrong_address_is_not_paired_with(visit: Visit, store: Served) -> None:
    popup = visit.pair(f"{store.origin}/?token=wrong")
    popup.wait_for_selector("#state.trouble")
    popup.wait_for_function("() => document.getElementById('state').textContent.includes('pair it again')")
    for address in ("http://shop.example:8765/?token=a", "nonsense", store.origin):
        popup.fill("#address", address)
        popup.click("#pair")
        popup.wait_for_function(
            "() => document.getElementById('state').textContent.startsWith('This is not the address')"
        )
    assert popup.is_visible("#pairing")


def test_one_click_pairs_with_the_review_page_in_the_tab(
    context: BrowserContext, worker: Worker, store: Served
) -> None:
    visit = Visit(context, worker, store.address)
    popup = visit.popup()
    popup.click("#pair-here")
    popup.wait_for_function("() => document.getElementById('state').textContent === 'paired'")
    assert popup.is_hidden("#pairing")


# --- without a browser


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXTENSION / "manifest.json").read_text())
    return found


def test_permissions_are_no_more_than_what_is_used() -> None:
    found = manifest()
    assert found["permissions"] == ["activeTab", "alarms", "contextMenus", "scripting", "storage"]
    assert found["host_permissions"] == ["http://127.0.0.1/*"]  # the review page; shops are asked for one by one
    assert "content_scripts" not in found
    assert "externally_connectable" not in found
    assert "unsafe" not in found["content_security_policy"]["extension_pages"]
    scripts = "".join(path.read_text() for path in EXTENSION.glob("*.js"))
    for name in ("alarms", "contextMenus", "scripting", "storage"):
        assert f"chrome.{name}." in scripts


def test_nothing_comes_from_or_goes_to_a_third_party() -> None:
    for path in EXTENSION.glob("*.*"):
        if path.suffix in {".js", ".html", ".css", ".json"}:
            for host in re.findall(r"https?://([^/\s\"'`$]+)", path.read_text()):
                assert host.split(":")[0] in {"127.0.0.1", "*"}, f"{path.name} names {host}"
            assert "innerHTML" not in path.read_text()
            assert "eval(" not in path.read_text()


def test_its_version_is_the_package_s_and_every_file_it_names_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = manifest()
    assert found["version"] == project["version"]
    named = [*found["icons"].values(), found["action"]["default_popup"], found["background"]["service_worker"]]
    assert all((EXTENSION / name).is_file() for name in named)


def test_the_package_is_the_same_every_time_and_holds_what_a_browser_needs() -> None:
    data = pack()
    assert data == pack()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    imported = {
        name for path in EXTENSION.glob("*.js") for name in re.findall(r'from "\./(\w+\.js)"', path.read_text())
    }
    assert {"manifest.json", "background.js", "popup.html", *imported} <= names
    assert "README.md" not in names


@pytest.mark.parametrize("side", ICONS)
def test_icons_are_drawn(side: int) -> None:
    icon = np.asarray(draw_icon(side))
    assert icon.shape == (side, side, 4)
    assert icon[0, 0, 3] < 16  # rounded
    assert icon[side // 2, side // 2].min() > 240  # the product
    assert icon[side // 2, side // 12].tolist()[:3] == [11, 110, 117]

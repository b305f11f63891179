"""The review page in a real browser: a scripted person sorts drawn pictures with keys alone and with a mouse alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import draw
from tests.fakes import FRAME_COLOUR
from tests.labelling.conftest import OVERLOOKED, Served, fill, save, served
from unframe.types import Box

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE = 60_000  # milliseconds; the machine may be busy with something else
COUNTS = [60, pytest.param(500, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
OTHER = {"framed": "plain", "plain": "framed"}


class Person:
    """Somebody at the page, who knows which pictures have a frame.

    Args:
        page: The page in the browser.
        site: What is served.
        truth: Whether each picture has a frame, by its relative path.
    """

    def __init__(self, page: Page, site: Served, truth: dict[str, bool]) -> None:
        self.page = page
        self.site = site
        self.truth = {site.identifiers()[name]: "framed" if framed else "plain" for name, framed in truth.items()}
        self.names = {identifier: name for name, identifier in site.identifiers().items()}
        self.moved: list[int] = []

    def grid(self, side: str) -> str:
        return f"[data-side={side}] .grid"

    def on_screen(self, side: str) -> list[int]:
        """The pictures of one side that are open to a decision and in view, in order."""
        found: list[int] = self.page.evaluate(
            """(selector) => {
                const grid = document.querySelector(selector);
                const view = grid.getBoundingClientRect();
                const cells = [...grid.querySelectorAll(".cell:not(.decided)")].filter((cell) => {
                    const { top, bottom } = cell.getBoundingClientRect();
                    return (top + bottom) / 2 > view.top && (top + bottom) / 2 < view.bottom;
                });
                cells.sort((a, b) => a.ariaPosInSet - b.ariaPosInSet);
                return cells.map((cell) => Number(cell.dataset.id));
            }""",
            self.grid(side),
        )
        return found

    def await_thumbnails(self) -> None:
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.cell img')].every((image) => image.naturalWidth > 0)",
            timeout=PATIENCE,
        )

    def await_saved(self) -> None:
        self.page.wait_for_function("() => document.getElementById('saving').textContent === 'saved'", timeout=PATIENCE)

    def here(self, side: str) -> int:
        return int(self.page.locator(f"{self.grid(side)} .cell.here").get_attribute("data-id") or 0)

    def sort(self, look: Callable[[str, list[int]], None], confirm: Callable[[str], None]) -> None:
        """Screen after screen, move what is wrong and confirm the rest, until nothing is left to review."""
        for side in ("framed", "plain"):
            for _ in range(len(self.truth)):
                self.await_thumbnails()
                screen = self.on_screen(side)
                if not screen:
                    break
                wrong = [each for each in screen if self.truth[each] != side]
                look(side, wrong)
                self.moved += wrong
                confirm(side)
                self.await_saved()
        assert self.page.locator(".cell").count() == 0


class Keys:
    """Somebody who has no mouse."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.press = person.page.keyboard.press

    def enter(self, side: str) -> None:
        """Go to a grid."""
        for _ in range(2):
            if self.person.page.evaluate("(at) => document.activeElement.matches(at)", self.person.grid(side)):
                return
            self.press("g")
        raise AssertionError(f"G does not lead to {side}")

    def move(self, side: str, wrong: list[int]) -> None:
        self.enter(side)
        self.press("Home")
        for identifier in wrong:
            for _ in range(200):
                if self.person.here(side) == identifier:
                    break
                self.press("ArrowRight")
            self.press("m")

    def confirm(self, side: str) -> None:
        self.press("Home")
        self.press("Enter")


class Mouse:
    """Somebody who has no keyboard."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def move(self, side: str, wrong: list[int]) -> None:
        for identifier in wrong:
            self.person.page.click(f"#cell-{identifier} figure", position={"x": 20, "y": 20})

    def confirm(self, side: str) -> None:
        self.person.page.click(f"[data-side={side}] .confirm")


@contextmanager
def opened(browser: Browser, site: Served, expected: str | None = None, **options: Any) -> Iterator[Page]:
    """The page in a window of its own; whatever the browser complains about unexpectedly fails the test."""
    with browser.new_context(viewport={"width": 1280, "height": 800}, **options) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.goto(site.address)
        page.wait_for_selector("[data-ready=yes]")
        yield page
        assert [each for each in complaints if expected is None or expected not in each] == []


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("way", [Keys, Mouse])
def test_a_person_sorts_a_folder_and_every_label_is_right(
    browser: Browser, tmp_path: Path, way: type[Keys | Mouse], count: int
) -> None:
    truth = fill(tmp_path, count)
    with served(tmp_path) as site, opened(browser, site) as window:
        person = Person(window, site, truth)
        hand = way(person)
        person.sort(hand.move, hand.confirm)
        assert len(person.moved) == sum(number % 9 == 0 for number in range(count))
        assert site.labels() == {name: "framed" if framed else "plain" for name, framed in truth.items()}
        assert window.inner_text("#reviewed-text") == f"{count} of {count} reviewed"
        assert {each.how for each in site.store.history()} == {"screen", "key" if way is Keys else "click"}


@pytest.mark.parametrize("way", ["keys", "mouse"])
def test_everything_can_be_taken_back_and_done_again(browser: Browser, tmp_path: Path, way: str) -> None:
    truth = fill(tmp_path, 30)
    with served(tmp_path) as site, opened(browser, site) as window:
        person = Person(window, site, truth)
        keys, mouse = Keys(person), Mouse(person)
        hand = keys if way == "keys" else mouse
        person.sort(hand.move, hand.confirm)
        done = site.labels()
        acts = len({each.act for each in site.store.history()})
        steps = {
            "undo": lambda: window.keyboard.press("z") if way == "keys" else window.click("#undo"),
            "redo": lambda: window.keyboard.press("y") if way == "keys" else window.click("#redo"),
        }
        says = {"undo": "changed back", "redo": "done again"}
        for step, end in (("undo", None), ("redo", done)):
            for _ in range(acts):
                steps[step]()
                window.wait_for_function(
                    "(end) => document.getElementById('saving').textContent.endsWith(end)", arg=says[step]
                )
                window.evaluate("() => { document.getElementById('saving').textContent = ''; }")
            if end is None:
                assert set(site.labels().values()) == {None}
                assert window.inner_text("#reviewed-text") == "0 of 30 reviewed"
            else:
                assert site.labels() == end
        steps["redo"]()
        window.wait_for_function("() => document.getElementById('saving').textContent === 'nothing left to redo'")


def box_of(site: Served, name: str) -> tuple[Box | None, Box | None, str]:
    decision = site.store.labelled(site.classifier.pictures.known()[name]["sha256"])
    assert decision is not None
    assert decision.answer.label == "framed"
    return decision.answer.inner, decision.answer.outer, decision.how


@contextmanager
def editor(browser: Browser, folder: Path, **options: Any) -> Iterator[tuple[Served, Page]]:
    """A page whose first picture has a ring that the detector overlooks: outer 20, inner 32 pixels from the edge."""
    image, inner, outer = draw.ringed(draw.product(400, 300), 20, 12, OVERLOOKED)
    assert (inner, outer) == (Box(32, 32, 368, 268), Box(20, 20, 380, 280))
    save(image, folder / "shop" / "ring.png")
    with served(folder) as site, opened(browser, site, **options) as window:
        yield site, window


def test_a_box_is_measured_with_keys_alone(browser: Browser, tmp_path: Path) -> None:
    with editor(browser, tmp_path) as (site, window):
        press = window.keyboard.press
        press("g")
        press("e")
        window.wait_for_selector("#editor[open]")
        # The lines are picked in turn, the inner ones first; arrows move the picked one by one pixel, or by ten.
        moves = {"ArrowRight": 32, "ArrowDown": 32, "ArrowLeft": 32, "ArrowUp": 32}
        press("4")  # an outer line cannot leave the inner box behind: first the inner lines, then the outer
        for number, (arrow, pixels) in enumerate([*moves.items(), *((arrow, 20) for arrow in moves)]):
            if number:
                press("Tab")
            for _ in range(pixels // 10):
                press(f"Shift+{arrow}")
            for _ in range(pixels % 10):
                press(arrow)
        press("2")
        assert window.inner_text("#editor-edge").splitlines()[:2] == ["inner 32 32 368 268", "outer 20 20 380 280"]
        press("Enter")
        window.wait_for_selector("#editor:not([open])", state="attached")
        Person(window, site, {}).await_saved()
        assert box_of(site, "shop/ring.png") == (Box(32, 32, 368, 268), Box(20, 20, 380, 280), "editor")
        (decision,) = site.store.history()
        assert (decision.answer.kind, decision.answer.geometry_quality) == ("inset", "exact")
        assert decision.answer.sides == ("top", "right", "bottom", "left")


def drag(window: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag from one point of the picture to another, both in its own pixels."""
    canvas = window.locator("#editor-canvas").bounding_box()
    assert canvas is not None
    scale = canvas["width"] / 400
    at = [(canvas["x"] + x * scale, canvas["y"] + y * scale) for x, y in (start, end)]
    window.mouse.move(*at[0])
    window.mouse.down()
    window.mouse.move((at[0][0] + at[1][0]) / 2, (at[0][1] + at[1][1]) / 2)
    window.mouse.move(*at[1])
    assert window.is_visible("#magnifier")
    window.mouse.up()


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_box_is_measured_with_a_mouse_alone_and_snaps_to_the_picture_s_edges(
    browser: Browser, tmp_path: Path, ratio: int
) -> None:
    with editor(browser, tmp_path, device_scale_factor=ratio) as (site, window):
        identifier = site.identifiers()["shop/ring.png"]
        window.hover(f"#cell-{identifier}")
        window.click(f"#cell-{identifier} [data-does=edit]")
        window.wait_for_selector("#editor[open]")
        # Let go two pixels away from the edge that is meant, along a line with nothing else on it.
        for start, end in (((0, 60), (34, 60)), ((400, 60), (366, 60)), ((90, 0), (90, 30)), ((90, 300), (90, 270))):
            drag(window, start, end)
        assert window.inner_text("#editor-edge").splitlines()[0] == "inner 32 32 368 268"
        for start, end in (((0, 60), (19, 60)), ((400, 60), (381, 60)), ((90, 0), (90, 21)), ((90, 300), (90, 279))):
            drag(window, start, end)
        assert window.inner_text("#editor-edge").splitlines()[1] == "outer 20 20 380 280"
        window.check("#editor-kinds input[value=inset]")
        window.click("#editor-save")
        Person(window, site, {}).await_saved()
        assert box_of(site, "shop/ring.png") == (Box(32, 32, 368, 268), Box(20, 20, 380, 280), "editor")


def test_without_snapping_a_line_stays_where_it_is_dropped(browser: Browser, tmp_path: Path) -> None:
    with editor(browser, tmp_path) as (_, window):
        for key in ("g", "e"):
            window.keyboard.press(key)
        window.wait_for_selector("#editor[open]")
        window.uncheck("#editor-snap")
        drag(window, (0, 60), (36, 60))
        assert window.inner_text("#editor-edge").startswith("inner 36 0 400 300")
        window.keyboard.press("Escape")
        window.wait_for_selector("#editor:not([open])", state="attached")


def test_the_editor_starts_from_what_the_detector_found_and_goes_back_to_it(browser: Browser, tmp_path: Path) -> None:
    image, inner = draw.bordered(draw.product(400, 300), 17, FRAME_COLOUR)
    save(image, tmp_path / "shop" / "border.png")
    with served(tmp_path) as site, opened(browser, site) as window:
        window.keyboard.press("e")
        window.wait_for_selector("#editor[open]")
        proposed = f"inner {' '.join(map(str, inner))}"
        assert window.inner_text("#editor-edge").startswith(proposed)
        window.keyboard.press("Shift+ArrowRight")
        assert not window.inner_text("#editor-edge").startswith(proposed)
        window.keyboard.press("p")
        assert window.inner_text("#editor-edge").startswith(proposed)
        window.keyboard.press("Escape")
        window.wait_for_selector("#editor:not([open])", state="attached")
        assert site.store.current() == {}


def visible(window: Page) -> set[int]:
    return {
        int(each) for each in window.eval_on_selector_all(".cell", "(cells) => cells.map((cell) => cell.dataset.id)")
    }


def test_filters_show_what_they_say(browser: Browser, page: Served) -> None:
    ids = page.identifiers()
    first, second = ids["shop-0/0003.png"], ids["shop-1/0001.png"]
    with page.client() as client, opened(browser, page) as window:
        for body in ({"id": first, "label": "framed", "kind": "banner"}, {"id": second, "label": "unsure"}):
            assert client.post("/api/decisions", json={"how": "click", "decisions": [body]}).status_code == 200
        window.reload()
        window.wait_for_selector("[data-ready=yes]")
        for status, expected in {
            "all": set(ids.values()),
            "reviewed": {first, second},
            "open": set(ids.values()) - {first, second},
            "unsure": {second},
            "reject": set(),
            "inbox": set(),
            "imported": set(),
        }.items():
            window.select_option("#status", status)
            assert visible(window) == expected, status
        window.select_option("#status", "all")
        window.select_option("#kind", "banner")
        assert visible(window) == {first}
        window.select_option("#kind", "")
        window.select_option("#source", "shop-2")
        assert visible(window) == {number for name, number in ids.items() if name.startswith("shop-2/")}


def test_zoom_comes_on_space_and_on_hover_and_goes_again(browser: Browser, page: Served) -> None:
    with opened(browser, page) as window:
        zoom = window.locator("#zoom")
        window.keyboard.press("Space")
        assert zoom.is_visible()
        before = zoom.locator("p").inner_text()
        window.keyboard.press("ArrowRight")
        assert zoom.is_visible()
        window.keyboard.press("Space")
        assert not zoom.is_visible()
        assert re.search(r"shop-0 · 120 × 90", before)
        window.hover(".cell")
        zoom.wait_for(state="visible")
        assert zoom.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 120
        window.mouse.move(5, 5)
        zoom.wait_for(state="hidden")
        window.keyboard.press("h")
        window.hover(".cell")
        window.wait_for_timeout(700)
        assert not zoom.is_visible()


def test_the_help_sheet_gives_the_address_that_the_extension_asks_for(browser: Browser, page: Served) -> None:
    with opened(browser, page, permissions=["clipboard-read", "clipboard-write"]) as window:
        window.keyboard.press("?")
        window.click("#copy-address")
        window.get_by_text("copied").wait_for()
        assert window.evaluate("() => navigator.clipboard.readText()") == page.address


def test_help_and_theme_answer_to_their_keys(browser: Browser, page: Served) -> None:
    with opened(browser, page, color_scheme="light") as window:
        window.keyboard.press("?")
        assert window.is_visible("#help")
        window.keyboard.press("m")  # keys do nothing to pictures behind a sheet
        window.keyboard.press("Escape")
        assert not window.is_visible("#help")
        assert page.store.current() == {}
        ground = "getComputedStyle(document.body).backgroundColor"
        light = window.evaluate(ground)
        window.keyboard.press("t")
        dark = window.evaluate(ground)
        assert dark != light
        window.reload()
        window.wait_for_selector("[data-ready=yes]")
        assert window.evaluate(ground) == dark


def test_two_windows_see_each_other_s_decisions(browser: Browser, page: Served) -> None:
    identifier = page.identifiers()["shop-0/0003.png"]
    with opened(browser, page) as one, opened(browser, page) as two:
        one.click(f"#cell-{identifier} figure", position={"x": 20, "y": 20})
        two.wait_for_selector(f"#cell-{identifier}.plain")
        assert two.inner_text("#reviewed-text") == "1 of 12 reviewed"
        two.keyboard.press("z")
        one.wait_for_selector(f"#cell-{identifier}:not(.decided)")


def test_a_decision_that_could_not_be_saved_is_taken_off_the_screen_and_said_so(browser: Browser, page: Served) -> None:
    with opened(browser, page, expected="503") as window:
        identifier = page.identifiers()["shop-0/0003.png"]
        refusal = {"error": "StoreError", "message": "the disk is full"}
        window.route("**/api/decisions", lambda route: route.fulfill(status=503, json=refusal))
        window.click(f"#cell-{identifier} figure", position={"x": 20, "y": 20})
        window.wait_for_selector("#saving.trouble")
        assert window.inner_text("#saving") == "not saved: the disk is full"
        window.wait_for_selector(f"#cell-{identifier}:not(.decided)")
        assert page.store.current() == {}


def test_the_page_is_usable_while_the_folder_is_being_judged(browser: Browser, tmp_path: Path) -> None:
    fill(tmp_path, 40)
    with served(tmp_path, judged=False) as site, opened(browser, site) as window:
        assert window.inner_text("#reviewed-text") == "0 of 0 reviewed"
        site.classifier.start()
        window.wait_for_selector(".cell")
        window.wait_for_function("() => document.getElementById('judged-text').textContent === 'all judged'")
        window.wait_for_function("() => document.getElementById('reviewed-text').textContent === '0 of 40 reviewed'")
        site.classifier.stop()


def test_what_nobody_can_have_seen_is_not_confirmed(browser: Browser, page: Served) -> None:
    with opened(browser, page) as window:
        window.wait_for_selector(".cell")
        window.route("**/thumbnails/*", lambda route: None)
        window.reload()
        window.wait_for_selector("[data-ready=yes]")
        window.keyboard.press("Enter")
        window.wait_for_function("() => document.getElementById('saving').textContent.includes('not loaded yet')")
        assert page.store.current() == {}


@pytest.mark.parametrize("size", [(400, 100), (100, 400), (200, 200), (30, 20)])
def test_a_picture_is_shown_whole_whatever_its_shape(browser: Browser, tmp_path: Path, size: tuple[int, int]) -> None:
    save(draw.product(*size), tmp_path / "shop" / "one.png")
    with served(tmp_path) as site, opened(browser, site) as window:
        window.wait_for_selector(".cell img")
        mat, figure = (window.locator(f".cell {each}").bounding_box() for each in (".mat", "figure"))
        assert mat
        assert figure
        assert mat["x"] <= figure["x"] <= figure["x"] + figure["width"] <= mat["x"] + mat["width"]
        assert mat["y"] <= figure["y"] <= figure["y"] + figure["height"] <= mat["y"] + mat["height"]
        assert figure["width"] / figure["height"] == pytest.approx(size[0] / size[1], rel=0.02)
        assert max(figure["width"], figure["height"]) == pytest.approx(mat["width"], abs=6)

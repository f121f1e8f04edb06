"""What a participant does on a page: by touch, by keyboard, and without scripts, for each kind of ballot."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page

Press = Callable[[Locator], None]


def tap(place: Locator) -> None:
    place.tap()


def click(place: Locator) -> None:
    place.click()


def at(page: Page, state: str) -> Page:
    """Wait until the phone shows this state."""
    page.wait_for_selector(f"main[data-state={state}]")
    return page


def come_in(open_page, code: str, press: Press = tap, **options) -> Page:
    """Scan the card with this code and say that it is one's own."""
    options.setdefault("has_touch", True)
    page = at(open_page(f"/b#{code}", **options), "confirm")
    press(page.locator("main .go"))
    page.wait_for_selector("main[data-live]")
    return page


def come_in_without_scripts(open_page, code: str, **options) -> Page:
    """Type the code in a browser that runs no scripts."""
    page = open_page("/", scripts=False, **options)
    page.locator("#code").fill(code)
    page.locator("main .go").click()
    page.locator("main .go").click()
    return page


def marked(page: Page) -> list[str]:
    """Return what is marked on the ballot now."""
    script = (
        "all => all.filter(e => e.checked || e.type === 'number' && e.value).map(e => e.name + '=' + e.value)"
    )
    return sorted(page.locator("form[data-cast] [name^=item-]").evaluate_all(script))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that fits the selector has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => Boolean(document.activeElement?.matches(selector))", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


class Steps:
    """One statement at a time, a line of beads for each."""

    def fill(self, page: Page, press: Press = tap, last: bool = False) -> None:
        """Answer every statement with the first bead, or the last one."""
        while True:
            step = page.locator(".step.now")
            if step.count():
                beads = step.locator(".beads label")
                press(beads.last if last else beads.first)
            if not page.locator("[data-next]").is_visible():
                return
            press(page.locator("[data-next]"))

    def fill_by_keyboard(self, page: Page) -> None:
        """Answer every statement with the second bead."""
        while True:
            if page.locator(".step.now").count():
                tab_to(page, ".step.now input[type=radio]")
                page.keyboard.press("Space")
                page.keyboard.press("ArrowRight")
            if not page.locator("[data-next]").is_visible():
                return
            page.keyboard.press("Enter")

    def fill_without_scripts(self, page: Page) -> None:
        for step in page.locator(".step").all():
            step.locator(".beads label").nth(2).click()

    def fill_on_paper(self, page: Page) -> None:
        """Type the marks of a ballot on paper in the console."""
        for line in page.locator("fieldset.entry").all():
            line.locator("label").nth(3).click()


class Options:
    """A list of options with places for dots."""

    def fill(self, page: Page, press: Press = tap, last: bool = False) -> None:
        """Stick two dots on the first option, or on the last one."""
        row = page.locator(".options > li")
        spots = (row.last if last else row.first).locator(".spots label")
        press(spots.nth(0))
        press(spots.nth(1))

    def fill_by_keyboard(self, page: Page) -> None:
        for _ in range(2):
            tab_to(page, ".spots input")
            page.keyboard.press("Space")

    def fill_without_scripts(self, page: Page) -> None:
        for row in page.locator(".options > li").all()[:3]:
            row.locator(".spots label").first.click()

    def fill_on_paper(self, page: Page) -> None:
        page.locator("main input[type=number]").first.fill("2")


# How a ballot of each kind is filled in; a new kind is missing here until it is tested.
HANDS = {"scale": Steps(), "trust": Steps(), "dots": Options()}


def hand_in(page: Page, press: Press = tap) -> str:
    """Hand the ballot in and return the receipt."""
    press(page.locator("[data-hand-in]"))
    return receipt(at(page, "receipt"))


def receipt(page: Page) -> str:
    return page.locator("main dd").first.inner_text()

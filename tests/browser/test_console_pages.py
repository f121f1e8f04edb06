"""The console's pages in a real browser: in three languages, small, without scripts, beside a second one."""

from __future__ import annotations

import pytest
from gatherings import EVERY_KIND, question
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
NAME, PASSWORD = "Kari", "ein lang setning til prøve"
NEW = "/plan/questions/new?kind="
PAGES = ["", "/plan", f"{NEW}dots", f"{NEW}trust", "/plan/questions/scale", "/cards"]
WIDE, SMALL = {"width": 1280, "height": 800}, {"width": 360, "height": 640}


@pytest.fixture
def console(open_page, facilitator):
    """Return a function that opens a page of the console, signed in."""

    def opened(path, language="en", **options):
        page = open_page("/sign-in", language=language, **{**WIDE, **options})
        page.fill("#name", NAME)
        page.fill("#password", PASSWORD)
        page.click("main form button")
        page.goto(page.url.split("/meetings")[0] + path)
        return page

    return opened


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_every_page_fits_and_has_nothing_for_axe(gather, console, find_nothing, language):
    meeting = gather(*(question(kind) for kind in EVERY_KIND))
    page = console(f"/meetings/{meeting.key}", language=language)
    base = page.url.split("/meetings")[0]
    own = [f"/meetings/{meeting.key}{one}" for one in PAGES]
    for path in ["/meetings", "/meetings/new", "/account", *own]:
        page.goto(base + path)
        _fits(page)
        page.set_viewport_size(SMALL)
        _fits(page)
        if language == "nn":  # the structure is the same in all three
            find_nothing(page)
        page.set_viewport_size(WIDE)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kinds_chart_comes_into_the_frame(gather, console, find_nothing, kind):
    meeting = gather(question(kind))
    page = console(f"/meetings/{meeting.key}")
    # The page is open before anything is shown: the chart's scripts come when they are needed.
    meeting.show(kind)
    expect(page.locator("[data-chart] .plot-container")).to_be_visible(timeout=20_000)
    find_nothing(page)
    page.set_viewport_size(SMALL)
    _fits(page)


def test_a_second_console_follows_and_keeps_what_is_being_written(gather, console):
    meeting = gather(question("scale"))
    meeting.show("scale")
    first, second = console(f"/meetings/{meeting.key}"), console(f"/meetings/{meeting.key}")
    second.fill("#said", "half a sentence")
    first.get_by_role("button", name="Dark screen").click()
    expect(second.locator("#sees")).to_have_class("sees dark")
    assert second.input_value("#said") == "half a sentence"
    second.locator("#note button.wide").click()
    expect(second.locator(".said")).to_contain_text("half a sentence")
    expect(second.locator("main .told")).to_have_count(0)


def test_on_a_phone_the_button_is_under_the_thumb_and_the_agenda_folded(gather, console):
    meeting = gather(question("scale"))
    page = console(f"/meetings/{meeting.key}", **SMALL)
    box = page.locator("button.next").bounding_box()
    assert box["y"] + box["height"] <= 640
    expect(page.locator(".agenda li").first).to_be_hidden()
    page.locator(".agenda summary").click()
    expect(page.locator(".agenda li").first).to_be_visible()


def test_without_scripts_a_stale_page_is_told_so(gather, console):
    meeting = gather(question("scale"))
    page = console(f"/meetings/{meeting.key}", scripts=False)
    meeting.open("scale")
    page.click("button.next")
    expect(page.locator("main .told")).to_contain_text("Somebody else")
    expect(page.locator("button.next")).to_contain_text("Close the vote")


def test_the_sheet_is_downloaded_and_the_counts_follow(gather, console):
    meeting = gather(question("scale"))
    page = console(f"/meetings/{meeting.key}/cards")
    page.locator("main details summary").click()
    with page.expect_download() as sheet:
        page.locator("main details form button").first.click()
    assert sheet.value.suggested_filename == f"cards-{meeting.key}.pdf"
    expect(page.locator("tbody tr").first.locator("td").nth(3)).to_have_text("8")


def test_rows_are_added_with_the_enter_key(gather, console):
    meeting = gather(question("scale"))
    page = console(f"/meetings/{meeting.key}/plan/questions/new?kind=dots")
    page.fill("#title", "What first?")
    page.locator("[data-rows=items] input[type=text]").first.focus()
    for word in ("one", "two", "three", "four", "five"):
        page.keyboard.type(word)
        page.keyboard.press("Enter")
    page.locator("button.go").click()
    expect(page.locator(".agenda")).to_contain_text("What first?")
    expect(page.locator(".agenda")).to_contain_text("Dots, sealed, 5")

"""What scripts add to the plain ballot: looking over, a tray of dots, asking where streams do not pass."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PLAN = """
title = "A phone's meeting"
language = "en"
k = 3
spares = 1
tables = 2
[[groups]]
name = "Hol"
cards = 4
colour = "#332288"
[[groups]]
name = "Gol"
cards = 4
colour = "#DDCC77"
[[groups]]
name = "Flå"
cards = 4
colour = "#999933"
[[questions]]
key = "scale"
kind = "scale"
title = "How far do you agree?"
items = ["We wish each other new jobs", "When we disagree, we find a way that everybody can live with"]
low = "Not at all"
high = "Fully"
[[questions]]
key = "trust"
kind = "trust"
title = "Trust between the municipalities"
low = "No trust"
high = "Full trust"
[[questions]]
key = "dots"
kind = "dots"
title = "What should we do together first?"
items = ["Buses in the evening", "Broadband in the whole valley", "A college", "Tourism as one region"]
"""


class Meeting:
    """A meeting of its own, with its codes and the facilitator who runs it."""

    def __init__(self, facilitator):
        self.facilitator = facilitator
        self.key = facilitator.import_plan(PLAN)
        self.codes = facilitator.issue_cards(self.key)

    def open(self, question):
        self.facilitator.open(self.key, question)

    def close(self):
        self.facilitator.close_round(self.key)

    def reveal(self):
        self.facilitator.reveal(self.key)


@pytest.fixture
def meeting(facilitator):
    return Meeting(facilitator)


@pytest.fixture
def phone(open_page, meeting):
    """Return a function that opens a phone which has taken a card."""

    def taken(group="hol", number=0, **options):
        page = open_page(f"/b#{meeting.codes[group][number]}", language="en", **options)
        page.get_by_role("button", name="Yes, it is mine").click()
        state(page, "waiting")
        return page

    return taken


def state(page, name, timeout=8_000):
    expect(page.locator("main")).to_have_attribute("data-state", name, timeout=timeout)


def bead(page, value):
    return page.locator(f".now .beads input[value='{value}']")


def test_trust_is_looked_over_before_it_is_handed_in(phone, meeting, find_nothing):
    page = phone()
    meeting.open("trust")
    state(page, "ballot")
    expect(page.locator(".now .way")).to_contain_text("You")
    bead(page, 6).check(force=True)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Skip").click()
    expect(page.locator(".now .way")).to_contain_text("The others")
    bead(page, 3).check(force=True)
    page.get_by_role("button", name="Look over").click()
    expect(page.locator(".lines li")).to_have_count(3)
    expect(page.locator(".lines li").nth(1)).to_contain_text("skipped")
    find_nothing(page)
    page.locator(".lines button").nth(1).click()
    bead(page, 10).check(force=True)
    page.get_by_role("button", name="Look over").click()
    expect(page.locator(".lines li").nth(1)).to_contain_text("10")
    page.get_by_role("button", name="Hand in", exact=True).click()
    state(page, "receipt")


def test_a_second_tap_lifts_a_value(phone, meeting):
    page = phone()
    meeting.open("scale")
    state(page, "ballot")
    place = page.locator(".now .beads label").nth(7)
    place.click()
    expect(bead(page, 7)).to_be_checked()
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    place.click()
    expect(bead(page, 7)).not_to_be_checked()
    expect(page.get_by_role("button", name="Skip")).to_be_visible()


def test_dots_are_stuck_lifted_undone_and_run_out(phone, meeting, find_nothing):
    page = phone()
    meeting.open("dots")
    state(page, "ballot")
    spots, tray = page.locator(".spots input"), page.locator("[data-tray] b")
    expect(page.get_by_role("button", name="Hand in blank")).to_be_visible()
    for number in (0, 1, 2):
        spots.nth(number).check(force=True)
    expect(tray).to_have_text("0 left")
    spots.nth(4).click(force=True)
    expect(spots.nth(4)).not_to_be_checked()
    expect(tray).to_contain_text("Lift one first")
    expect(page.locator("#said")).to_contain_text("Lift one first")
    page.get_by_role("button", name="Undo").click()
    expect(spots.nth(2)).not_to_be_checked()
    expect(tray).to_have_text("1 left")
    find_nothing(page)
    page.get_by_role("button", name="Hand in", exact=True).click()
    state(page, "receipt")


def test_where_streams_do_not_pass_the_phone_asks_now_and_again(open_page, meeting):
    page = open_page("/", language="en")
    streams = lambda address: "/live/" in address and "poll" not in address  # noqa: E731
    page.route(streams, lambda route: route.fulfill(status=503))
    page.fill("#code", meeting.codes["hol"][0])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Yes, it is mine").click()
    state(page, "waiting")
    meeting.open("dots")
    state(page, "ballot", timeout=15_000)


def test_a_stream_that_died_in_sleep_is_opened_again_on_waking(phone, meeting):
    page = phone()
    # What a phone does in its sleep: the stream is dead and nobody says so.
    page.evaluate(
        "window.Awake = EventSource; window.EventSource = class { close() {} }; EventSource.CLOSED = 2"
    )
    page.evaluate("dispatchEvent(new Event('online'))")
    meeting.open("dots")
    page.wait_for_timeout(1_000)
    state(page, "waiting")
    page.evaluate("window.EventSource = Awake; document.dispatchEvent(new Event('visibilitychange'))")
    state(page, "ballot")


def test_the_result_fits_a_small_phone(phone, meeting, find_nothing):
    page = phone(width=320, height=568)
    meeting.open("trust")
    state(page, "ballot")
    meeting.close()
    state(page, "closed")
    meeting.reveal()
    state(page, "revealed")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    find_nothing(page)

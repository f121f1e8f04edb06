"""The wall in a real browser: led by keys, live, without a word from the content policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from survey.rehearsal.drivers import Participant

pytestmark = pytest.mark.browser
PLAN = """
title = "{key}"
key = "{key}"
language = "{language}"
date = "2027-11-03"

[[groups]]
key = "hol"
name = "Hol"
cards = 6
[[groups]]
key = "gol"
name = "Gol"
cards = 6

[[questions]]
key = "warm"
kind = "scale"
title = "How was the way here?"
secrecy = "open"
items = [{{ key = "way", text = "The way was good" }}]

[[questions]]
key = "trust"
kind = "trust"
title = "Who trusts whom?"

[[questions]]
key = "first"
kind = "dots"
title = "What first?"
items = [
  {{ key = "roads", text = "Roads" }}, {{ key = "schools", text = "Schools" }},
  {{ key = "buses", text = "Buses" }}, {{ key = "rinks", text = "Rinks" }},
]
dots = 3
cap = 2
"""
ANSWERS = {
    "warm": lambda n: {"values": {"way": n % 11}},
    "trust": lambda n: {"values": {"hol": 4 + n % 5, "gol": 3 + n % 6}},
    "first": lambda n: {"dots": {"roads": 1 + n % 2, ("schools", "buses", "rinks")[n % 3]: 1}},
}


class Hall:
    """A meeting with twelve people in it, and the page on its wall."""

    def __init__(self, server, facilitator, open_page, key, language="en", **size):
        self.key = facilitator.import_plan(PLAN.format(key=key, language=language))
        self.codes = [code for codes in facilitator.issue_cards(self.key).values() for code in codes]
        self.base = server.base
        self.people = []
        self.page = open_page(f"/screen/{self.key}", **{"width": 1920, "height": 1080, **size})
        cookies = [
            {"name": n, "value": v, "url": server.base} for n, v in facilitator.browser.cookies.items()
        ]
        self.page.context.add_cookies(cookies)
        self.page.reload()

    def come_in(self, number=12):
        for code in self.codes[:number]:
            person = Participant(self.base)
            person.enter_code(code)
            self.people.append(person)

    def press(self, key, expected):
        """Press a key and wait until the wall shows the view that is expected."""
        self.page.keyboard.press(key)
        self.page.wait_for_selector(f"#view[data-view={expected}]")

    def step(self, key):
        """Press a key that leads somewhere and wait until the wall has followed."""
        before = self.page.locator("#view").get_attribute("data-version")
        self.page.keyboard.press(key)
        expect(self.page.locator("#view")).not_to_have_attribute("data-version", before)

    def go_on(self, key="Space"):
        """Press a key until a question is open; returns how often."""
        for pressed in range(1, 30):
            self.step(key)
            if self.page.locator("#view").get_attribute("data-view") in ("wall", "turnout"):
                return pressed
        raise AssertionError("No question was opened.")

    def vote(self, question):
        for number, person in enumerate(self.people):
            person.cast(ANSWERS[question](number))

    def leave(self):
        for person in self.people:
            person.close()


@pytest.fixture
def hall(server, facilitator, open_page):
    found = Hall(server, facilitator, open_page, "hall")
    yield found
    found.leave()


def stage(page, name=""):
    page.wait_for_selector(f"#chart[data-stage='{name}']" if name else "#chart[data-stage]")


def test_keys_lead_from_the_door_to_the_talk(hall, find_nothing):
    page = hall.page
    find_nothing(page)
    assert page.locator("[data-taken]").inner_text() == "0"
    hall.come_in()
    expect(page.locator("[data-taken]")).to_have_text("12")
    assert page.locator("circle.dot").count() == 12

    hall.press("Space", "wall")
    hall.vote("warm")
    expect(page.locator("#wall svg circle")).to_have_count(12)
    assert page.locator("[data-turnout]").inner_text() == "12"
    colours = page.eval_on_selector_all(
        "#wall svg circle", "all => new Set(all.map(one => one.getAttribute('fill'))).size"
    )
    assert colours == 2
    find_nothing(page)
    hall.press("Space", "closed")
    hall.press("Space", "result")
    stage(page)

    assert hall.go_on("ArrowRight") >= 2
    assert page.locator("#view").get_attribute("data-view") == "turnout"
    assert "Sealed" in page.locator("#view").inner_text()
    find_nothing(page)
    hall.vote("trust")
    expect(page.locator("[data-turnout]")).to_have_text("12")
    assert page.locator("circle.dot").count() == 12
    find_nothing(page)


def test_a_chart_lies_in_its_layers_and_fits_the_wall(hall, find_nothing):
    page = hall.page
    hall.come_in()
    for question in ("warm", "trust", "first"):
        hall.go_on()
        hall.vote(question)
        hall.press("Space", "closed")
        hall.press("Space", "result")
        stage(page)
        find_nothing(page)
        layers = [layer.bounding_box() for layer in page.locator("#chart .main-svg").all()]
        assert len(layers) >= 2
        assert len({(layer["x"], layer["y"]) for layer in layers}) == 1
        paper, box = (page.locator(name).bounding_box() for name in ("#chart .main-svg >> nth=0", "#chart"))
        assert paper["width"] <= box["width"] + 1 and paper["height"] <= box["height"] + 1
        assert page.locator("#chart").get_attribute("aria-label")
        page.keyboard.press("t")
        assert page.locator("#behind table").is_visible()
        page.keyboard.press("t")
    _look_at_the_records(hall, find_nothing)


def _look_at_the_records(hall, find_nothing):
    page, base = hall.page, hall.base
    page.goto(f"{base}/meetings/{hall.key}/report.html")
    expect(page.locator(".main-svg").first).to_be_visible()
    assert page.locator(".js-plotly-plot").count() == 3
    find_nothing(page)
    page.set_viewport_size({"width": 320, "height": 568})
    for path in (f"/verify/{hall.key}", f"/verify/{hall.key}?receipt=4F7KQ20XMB&head=00000000", "/privacy"):
        page.goto(base + path)
        find_nothing(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.goto(f"{base}/accessibility")
    find_nothing(page)


def test_whoever_only_looks_cannot_lead(server, facilitator, open_page):
    key = facilitator.import_plan(PLAN.format(key="onlookers", language="nn"))
    facilitator.issue_cards(key)
    page = open_page(f"/screen/{key}", width=1280, height=720)
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    for pressed in ("Space", "ArrowRight", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(pressed)
    page.wait_for_timeout(300)
    assert not posts
    assert page.locator("#view").get_attribute("data-view") == "join"
    assert page.evaluate("document.documentElement.lang") == "nn"


SMALLER_THAN = """least => [...document.querySelectorAll('body *')].filter(one =>
  [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()) && one.checkVisibility()
  && !one.closest('.hidden, script, noscript') && parseFloat(getComputedStyle(one).fontSize) < least
).map(one => one.textContent)"""


def test_nothing_is_too_small_or_outside_on_any_wall(server, facilitator, open_page, find_nothing):
    key = facilitator.import_plan(PLAN.format(key="walls", language="nn"))
    facilitator.issue_cards(key)
    page = open_page(f"/screen/{key}", width=1920, height=1080)
    for width, height in ((1920, 1080), (1280, 720), (1280, 800), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        least = min(height / 108, width / 192) * 2.8 - 0.1
        assert page.evaluate(SMALLER_THAN, least) == []
        size = page.evaluate("[document.body.scrollWidth, document.documentElement.scrollHeight]")
        assert size == [width, height]
        address = page.locator(".address")
        assert re.search(r"\d", address.inner_text())
        box = address.bounding_box()
        assert box["x"] >= 0 and box["y"] + box["height"] <= height
    for light in ("on", "off"):
        page.evaluate("light => { document.documentElement.dataset.light = light; }", light)
        find_nothing(page)


def test_when_the_server_is_away_the_wall_says_so(hall):
    page = hall.page
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("#lost:not([hidden])", timeout=30_000)
    page.context.set_offline(False)
    page.wait_for_selector("#lost[hidden]", state="attached", timeout=30_000)

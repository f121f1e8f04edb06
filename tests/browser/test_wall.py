"""The wall for every kind: live dots, the chart in its stages, large enough, nothing on top of another."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from gatherings import DRAWN_AS_DOTS, EVERY_KIND, question
from looks import OVERLAPS, SIZES
from playwright.sync_api import expect

from survey.kinds import KINDS
from survey.rehearsal.drivers import Participant

pytestmark = [pytest.mark.browser]
LEAST = 28
MAY_BE_OPEN = [kind for kind in EVERY_KIND if KINDS[kind].may_be_open]


def answer(ballot, number):
    """Return what person `number` answers: groups lie apart on a scale; two dots on one, one on another."""
    if ballot.scales:
        step = 4 * (number % 3) + number // 3 % 3
        return {"values": {item: min(most, least + step) for item, (least, most) in ballot.scales.items()}}
    items = sorted(ballot.caps)
    return {"dots": {items[number % 2]: 2, items[2 + number % 2]: 1}}


class People:
    """People with a card each, who answer so that every chart has something to show."""

    def __init__(self):
        self.seated = []

    def come_in(self, meeting, in_each_group=6):
        for _ in range(in_each_group):
            for group in meeting.cards:
                person = Participant(meeting.base)
                self.seated.append(person)
                person.enter_code(meeting.code(group))

    def vote(self):
        """Let everybody vote; returns how many marks they made."""
        marks = 0
        for number, person in enumerate(self.seated):
            given = answer(person.question(), number)
            person.cast(given)
            marks += len(given.get("values", {})) + sum(given.get("dots", {}).values())
        return marks


@pytest.fixture
def people():
    found = People()
    yield found
    for person in found.seated:
        person.close()


@pytest.fixture
def wall(facilitator, open_page):
    """Return a function that opens the wall, as large as a projector, with the facilitator's session."""

    def opened(meeting, **options):
        return open_page(f"/screen/{meeting.key}", 1920, 1080, cookies=facilitator.browser.cookies, **options)

    return opened


def shows(page, view):
    page.wait_for_selector(f"#view[data-view={view}]")
    if view == "result":
        page.wait_for_selector("#chart[data-stage] .main-svg")


def large_enough(page):
    small = [(text, round(size, 1)) for text, size in page.evaluate(SIZES) if size < LEAST - 0.1]
    assert not small


def step(page, key):
    """Press a key and wait until the wall has followed it."""
    view = page.locator("#view")
    before = view.get_attribute("data-version")
    page.keyboard.press(key)
    expect(view).not_to_have_attribute("data-version", before)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_from_turnout_to_the_prompt(kind, gather, people, wall, find_nothing):
    # Enough people for the groups to be compared, which is a stage of its own.
    meeting = gather(question(kind), cards=7)
    people.come_in(meeting, 7)
    page = wall(meeting)
    expect(page.locator("[data-taken]")).to_have_text("21")
    large_enough(page)
    meeting.open(kind)
    shows(page, "turnout")
    marks = people.vote()
    expect(page.locator("[data-turnout]")).to_have_text("21")
    assert page.locator(".rings circle.dot").count() == 21
    large_enough(page)
    meeting.close()
    shows(page, "closed")
    meeting.reveal()
    shows(page, "result")
    seen, points = set(), page.locator("#chart .scatterlayer .points path").count()
    assert points == (marks if kind in DRAWN_AS_DOTS else 0)
    for _ in range(8):
        seen.add(page.locator("#chart").get_attribute("data-figure"))
        expect(page.locator("#chart .main-svg").first).to_be_visible()
        large_enough(page)
        assert page.evaluate(OVERLAPS) == []
        if page.locator(".panel.talk").count():
            break
        step(page, "ArrowRight")
        page.wait_for_load_state("networkidle")
    assert len(seen) >= 2, "the chart comes in stages"
    assert page.locator(".panel.talk h2").inner_text()
    find_nothing(page)
    step(page, "ArrowLeft")
    assert page.locator(".panel").count() == 1


@pytest.mark.parametrize("kind", MAY_BE_OPEN)
def test_an_open_question_shows_every_dot_in_its_groups_colour(kind, gather, people, wall, find_nothing):
    meeting = gather(question(kind, secrecy='"open"'))
    people.come_in(meeting, 2)
    page = wall(meeting)
    meeting.open(kind)
    shows(page, "wall")
    assert page.locator("#wall circle").count() == 0
    marks = people.vote()
    expect(page.locator("#wall circle")).to_have_count(marks)
    colours = Counter(
        page.locator("#wall circle").evaluate_all("all => all.map(one => one.getAttribute('fill'))")
    )
    legend = page.locator(".legend circle").evaluate_all("all => all.map(one => one.getAttribute('fill'))")
    assert set(colours) == set(legend)
    assert set(colours.values()) == {marks // 3}
    large_enough(page)
    find_nothing(page)
    meeting.close()
    meeting.reveal()
    shows(page, "result")
    assert page.evaluate(OVERLAPS) == []


def test_with_less_motion_the_picture_stands_at_once(gather, people, wall):
    meeting = gather(question("scale"))
    people.come_in(meeting)
    page = wall(meeting, reduced_motion="reduce")
    meeting.open("scale")
    shows(page, "turnout")
    people.vote()
    meeting.close()
    shows(page, "closed")
    meeting.reveal()
    shows(page, "result")
    assert page.evaluate("document.getAnimations().length") == 0
    dots = page.locator("#chart .points path").evaluate_all(
        "all => all.map(one => getComputedStyle(one).opacity)"
    )
    assert set(dots) == {"1"}


def test_dots_fall_where_motion_is_wanted(gather, wall):
    meeting = gather(question("scale"))
    page = wall(meeting, reduced_motion="no-preference")
    meeting.show("scale")
    shows(page, "result")
    page.wait_for_function("() => document.getAnimations().length === 0")


def test_the_lights_go_out_and_on(gather, wall, facilitator, find_nothing):
    meeting = gather(question("dots"))
    meeting.show("dots")
    page = wall(meeting)
    shows(page, "result")
    for light in ("off", "on"):
        form = next(one for one in facilitator.run_page(meeting.key).forms if ("light", light) in one.filled)
        facilitator.browser.post(f"/meetings/{meeting.key}/step", dict(form.filled))
        page.wait_for_selector(f"html[data-light={light}]")
        page.wait_for_load_state("networkidle")
        assert ("theme=dark" in page.locator("#chart").get_attribute("data-figure")) == (light == "off")
        find_nothing(page)


def test_the_rehearsal_mark_comes_and_goes_while_the_wall_is_open(gather, wall, facilitator):
    meeting = gather(question("scale"))
    page = wall(meeting)
    mark = page.locator(".foot .rehearsal")
    expect(mark).to_be_hidden()
    facilitator.rehearsal_cards(meeting.key, 6)
    expect(mark).to_be_visible()
    large_enough(page)
    facilitator.clear_rehearsal(meeting.key)
    expect(mark).to_be_hidden()


def test_a_second_round_shows_how_many_moved(gather, people, wall, find_nothing):
    meeting = gather(question("scale", rounds="2"))
    people.come_in(meeting)
    page = wall(meeting)
    for later in (0, 3):
        meeting.open("scale")
        for number, person in enumerate(people.seated):
            person.cast(answer(person.question(), number + (later if number % 2 else 0)))
        meeting.close()
        meeting.reveal()
    shows(page, "result")
    for _ in ("the whole", "the spread"):
        step(page, "ArrowRight")
    expect(page.locator("#chart")).to_have_attribute("data-figure", re.compile("change"))
    expect(page.locator("#chart .annotation-text", has_text="gjekk opp")).to_be_visible()
    large_enough(page)
    assert page.evaluate(OVERLAPS) == []
    find_nothing(page)

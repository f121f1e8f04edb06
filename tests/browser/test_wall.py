"""What hangs on the wall, for every kind: live dots, the chart in its stages, large enough and nothing on top of another."""

from __future__ import annotations

from collections import Counter

import pytest
from gatherings import DRAWN_AS_DOTS, EVERY_KIND, question
from playwright.sync_api import expect

from survey.kinds import KINDS
from survey.rehearsal.drivers import Participant

pytestmark = [pytest.mark.browser]
LEAST = 28
MAY_BE_OPEN = [kind for kind in EVERY_KIND if KINDS[kind].may_be_open]

# Every text on the wall, with its size on the screen; a chart's own scale is counted in.
SIZES = """() => [...document.querySelectorAll("body *")].flatMap(one => {
  const text = [...one.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent).join("").trim();
  if (!text || !one.checkVisibility({opacityProperty: true}) || one.closest(".hidden, .behind, script, noscript")) return [];
  const paper = one.closest(".paper"), scale = paper ? paper.getBoundingClientRect().width / paper.offsetWidth : 1;
  return [[text, parseFloat(getComputedStyle(one).fontSize) * scale]];
})"""

# Pairs of texts in the chart that lie on one another by more than a hair.
PAIRS = """() => {
  const texts = [...document.querySelectorAll("#chart svg text")].filter(one => one.textContent.trim() && one.checkVisibility({opacityProperty: true}));
  // A line's box is taller than its letters: a fifth above and below is air.
  const boxes = texts.map(one => {
    const {left, right, top, bottom} = one.getBoundingClientRect(), air = 0.2 * parseFloat(getComputedStyle(one).fontSize) ;
    return {left, right, top: top + air, bottom: bottom - air};
  }), bad = [];
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 && high > 2) bad.push(`${texts[i].textContent} / ${texts[i + 1 + j].textContent}`);
  }));
  const chart = document.getElementById("chart").getBoundingClientRect();
  boxes.forEach((a, i) => { if (a.left < chart.left - 2 || a.right > chart.right + 2 || a.bottom > chart.bottom + 2) bad.push(`outside: ${texts[i].textContent}`); });
  return bad;
}"""


def answer(ballot, number):
    """Return what person `number` answers: the groups lie apart on a scale; two dots and one, all different."""
    if ballot.scales:
        step = 4 * (number % 3) + number // 3 % 3
        return {"values": {item: min(most, least + step) for item, (least, most) in ballot.scales.items()}}
    items = sorted(ballot.caps)
    return {"dots": {items[number % 2]: 2, items[2 + number % 2]: 1}}


@pytest.fixture
def people():
    """A function that lets everybody of a meeting come in, and another that lets them vote."""
    seated = []

    def come_in(meeting, in_each_group=6):
        for _ in range(in_each_group):
            for group in meeting.cards:
                person = Participant(meeting.base)
                seated.append(person)
                person.enter_code(meeting.code(group))

    def vote():
        marks = 0
        for number, person in enumerate(seated):
            given = answer(person.question(), number)
            person.cast(given)
            marks += len(given.get("values", {})) + sum(given.get("dots", {}).values())
        return marks

    come_in.vote = vote
    yield come_in
    for person in seated:
        person.close()


@pytest.fixture
def wall(facilitator, open_page):
    """Return a function that opens the wall, as large as a projector, with the facilitator's session."""

    def opened(meeting, **options):
        return open_page(
            f"/screen/{meeting.key}", 1920, 1080, cookies=facilitator.browser.cookies, **options
        )

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
    meeting = gather(question(kind))
    people(meeting)
    page = wall(meeting)
    expect(page.locator("[data-taken]")).to_have_text("18")
    large_enough(page)
    meeting.open(kind)
    shows(page, "turnout")
    marks = people.vote()
    expect(page.locator("[data-turnout]")).to_have_text("18")
    assert page.locator(".rings circle.dot").count() == 18
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
        assert page.evaluate(PAIRS) == []
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
    people(meeting, 2)
    page = wall(meeting)
    meeting.open(kind)
    shows(page, "wall")
    assert page.locator("#wall circle").count() == 0
    marks = people.vote()
    expect(page.locator("#wall circle")).to_have_count(marks)
    colours = Counter(page.locator("#wall circle").evaluate_all("all => all.map(one => one.getAttribute('fill'))"))
    legend = page.locator(".legend circle").evaluate_all("all => all.map(one => one.getAttribute('fill'))")
    assert set(colours) == set(legend)
    assert set(colours.values()) == {marks // 3}
    large_enough(page)
    find_nothing(page)
    meeting.close()
    meeting.reveal()
    shows(page, "result")
    assert page.evaluate(PAIRS) == []


def test_with_less_motion_the_picture_stands_at_once(gather, people, wall):
    meeting = gather(question("scale"))
    people(meeting)
    page = wall(meeting, reduced_motion="reduce")
    meeting.open("scale")
    shows(page, "turnout")
    people.vote()
    meeting.close()
    shows(page, "closed")
    meeting.reveal()
    shows(page, "result")
    assert page.evaluate("document.getAnimations().length") == 0
    dots = page.locator("#chart .points path").evaluate_all("all => all.map(one => getComputedStyle(one).opacity)")
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
        form = next(
            one for one in facilitator.run_page(meeting.key).forms if ("light", light) in one.filled
        )
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

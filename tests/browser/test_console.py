"""The console in a browser: from the one-time link to a meeting that is led, alone and by two at once."""

from __future__ import annotations

import io
import re

import pytest
from conftest import Server
from gatherings import EVERY_KIND, question
from handsets import HANDS, at, click, come_in, hand_in
from playwright.sync_api import expect
from pypdf import PdfReader

from survey.rehearsal.drivers import Facilitator

pytestmark = [pytest.mark.browser]
PASSWORD = "ein lang setning til prøve"


@pytest.fixture
def desk(facilitator, open_page):
    """Return a function that opens a meeting's run page, signed in."""

    def opened(meeting, path="", width=1280, height=800, driver=facilitator, **options):
        where = f"/meetings/{meeting.key}{path}"
        return open_page(where, width, height, "en", cookies=driver.browser.cookies, **options)

    return opened


def comes_next(page, verb):
    """Wait until the big button does this."""
    page.wait_for_selector(f"#step .push-button [name=verb][value={verb}]", state="attached")


def version(page):
    return int(page.locator("body").get_attribute("data-version"))


def turnout(page):
    return int(page.locator("#turn [data-turnout-number]").inner_text())


def unfold(page, summary):
    page.locator("summary", has_text=summary).click()


def fits(page):
    """Check that nothing makes the page scroll sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def test_from_the_one_time_link_to_the_first_cards(place, tmp_path, open_page):
    own = Server(place, tmp_path)
    try:
        _sign_in_and_plan(own, open_page)
    finally:
        own.stop()


def _sign_in_and_plan(own, open_page):
    path = own.link.removeprefix(own.base)
    page = open_page(path, 1280, 800, "en", base=own.base)
    page.locator("main button").click()
    page.get_by_label("Name", exact=False).first.fill("Kari")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/meetings")

    page.get_by_role("link", name="Make a new meeting").click()
    page.get_by_label("What is the meeting called?").fill("A day in May")
    page.get_by_label("English").check()
    page.get_by_role("button", name="Make it").click()
    page.wait_for_selector("[data-rows=groups]")
    while page.locator("[data-rows=groups] li").count() < 2:
        page.get_by_role("button", name="Add a group").click()
    for row, name in zip(page.locator("[data-rows=groups] li").all(), ("Hol", "Gol"), strict=False):
        row.locator("input[name$=name]").fill(name)
        row.locator("input[name$=cards]").fill("6")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector("main .told")

    page.get_by_role("link", name="Add a question").first.click()
    page.locator(".kinds a").first.click()
    page.locator("input[name=title], textarea[name=title]").fill("How was the way here?")
    page.locator("[data-rows=items] input[type=text]").first.fill("The way was good")
    page.keyboard.press("Enter")
    page.keyboard.type("The coffee was better")
    page.get_by_role("button", name="Save the question").click()
    page.wait_for_selector("main .told")
    assert "How was the way here?" in page.locator("nav.agenda").inner_text()

    page.get_by_role("link", name="Cards", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the cards").click()
    sheet = download.value.path().read_bytes()
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(sheet)).pages)
    assert len(set(re.findall(r"\w{4}-\w{4}-\w{4}", text))) >= 12
    expect(page.get_by_text("Every group has its cards.")).to_be_visible()

    page.goto(own.base + "/account")
    page.get_by_role("button", name="Sign out").click()
    page.goto(own.base + path)
    assert page.locator("main button").count() == 0 or not _signed_in_by_link(page), "the link worked twice"
    page.goto(own.base + "/sign-in")
    page.get_by_label("Name").fill("Kari")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/meetings")
    assert "A day in May" in page.locator("main").inner_text()


def _signed_in_by_link(page):
    page.locator("main button").first.click()
    page.wait_for_load_state()
    return page.locator("header.top nav").count() > 0


def test_a_meeting_is_led_by_click_and_by_space(gather, desk):
    meeting = gather(question("scale"), question("dots"))
    page = desk(meeting)
    with meeting.others() as crowd:
        comes_next(page, "open")
        page.locator(".next").click()
        comes_next(page, "close")
        assert crowd.vote() == 18
        expect(page.locator("#turn [data-turnout-number]")).to_have_text("18")
        page.keyboard.press("Space")
        comes_next(page, "reveal")
        page.keyboard.press("Space")
        comes_next(page, "stage")
        expect(page.locator("#sees .main-svg").first).to_be_visible()
        assert page.locator("#sees .points path").count()
        for _ in range(8):
            verb = page.locator("#step .push-button [name=verb]").get_attribute("value")
            if verb == "open":
                break
            before = version(page)
            page.keyboard.press("Space")
            expect(page.locator("body")).not_to_have_attribute("data-version", str(before))
        page.keyboard.press("Space")
        comes_next(page, "close")
        assert "dots" in page.locator("#sees h2").inner_text()
        crowd.vote()
        page.locator(".next").click()
        comes_next(page, "reveal")


def test_space_in_a_field_is_a_space(gather, desk):
    meeting = gather(question("scale"))
    meeting.show("scale", in_each_group=2)
    page = desk(meeting)
    before = version(page)
    page.locator("#said").fill("Det")
    page.locator("#said").press("End")
    page.keyboard.press("Space")
    assert page.locator("#said").input_value() == "Det "
    page.reload()
    assert version(page) == before


def test_a_double_click_is_one_step(gather, desk):
    meeting = gather(question("scale"), question("dots"))
    page = desk(meeting)
    before = version(page)
    page.locator(".next").dblclick()
    comes_next(page, "close")
    page.reload()
    assert version(page) == before + 1
    comes_next(page, "close")


def test_two_facilitators_never_skip_or_repeat_a_step(gather, desk, server):
    meeting = gather(question("scale"), question("dots"))
    meeting.show("scale")
    with Facilitator(server.base) as other:
        other.sign_in("Kari", PASSWORD)
        first, second = desk(meeting), desk(meeting, driver=other)
        comes_next(first, "stage")
        comes_next(second, "stage")
        before, picture = version(first), first.locator(".next").inner_text()
        # From here on the second one does not hear that the meeting moves on.
        second.route("**/live/**", lambda route: route.abort())
        second.reload()
        first.locator(".next").click()
        expect(first.locator("body")).to_have_attribute("data-version", str(before + 1))
        assert second.locator(".next").inner_text() == picture
        second.locator(".next").click()
        expect(second.locator("main .told")).to_be_visible()
        assert version(second) == before + 1
        moved = first.locator(".next").text_content()
        expect(second.locator(".next")).to_have_text(moved)
        assert first.locator(".next").inner_text() != picture
        # What now stands there is today's step, and works.
        second.locator(".next").click()
        expect(first.locator("body")).to_have_attribute("data-version", str(before + 2))


def test_there_is_a_way_back_from_close_and_from_reveal(gather, desk, open_page):
    meeting = gather(question("scale"))
    phone = come_in(open_page, meeting.code(), click)
    page = desk(meeting)
    page.locator(".next").click()
    at(phone, "ballot")
    page.locator(".next").click()
    at(phone, "closed")
    page.get_by_role("button", name="Open the vote again").click()
    at(phone, "ballot")
    HANDS["scale"].fill(phone, click)
    hand_in(phone, click)
    comes_next(page, "close")
    page.locator(".next").click()
    comes_next(page, "reveal")
    page.locator(".next").click()
    at(phone, "revealed")
    expect(page.locator("#step .push-button [name=verb][value=reveal]")).to_have_count(0)
    unfold(page, "Put this vote aside")
    page.get_by_role("button", name="Yes, put it aside").click()
    comes_next(page, "open")
    assert "again" in page.locator(".next").inner_text()
    phone.wait_for_selector("main:not([data-state=revealed])")
    page.locator(".next").click()
    at(phone, "ballot")


def test_what_is_said_is_written_down_and_struck_out(gather, desk):
    meeting = gather(question("scale"))
    meeting.show("scale", in_each_group=2)
    page = desk(meeting)
    page.locator("#said").fill("Vi må snakke meir om <b>vegen</b>")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".said li")).to_have_count(1)
    assert "<b>vegen</b>" in page.locator(".said").inner_text()
    page.locator(".said button").click()
    expect(page.locator(".said li")).to_have_count(0)


def test_a_lost_card_is_void_and_another_takes_its_place(gather, desk, open_page):
    meeting = gather(question("scale"))
    code = meeting.code()
    phone = come_in(open_page, code, click)
    page = desk(meeting)
    unfold(page, "A card is lost")
    page.locator("#lost-code").fill(code.lower())
    page.get_by_role("button", name="Void it").click()
    fresh = page.locator(".newcard .code").inner_text()
    assert fresh.replace("-", "") != code
    phone.reload()
    at(phone, "moved")
    page.get_by_role("link", name="Back to the meeting").click()
    page.locator(".next").click()
    again = at(come_in(open_page, fresh.replace("-", ""), click), "ballot")
    HANDS["scale"].fill(again, click)
    hand_in(again, click)


def test_ballots_on_paper_are_typed_for_every_kind(gather, desk):
    meeting = gather(*(question(kind) for kind in EVERY_KIND))
    page, code = desk(meeting), meeting.code()
    for kind in EVERY_KIND:
        meeting.open(kind)
        page.goto(f"{meeting.base}/meetings/{meeting.key}")
        unfold(page, "Somebody votes on paper")
        page.get_by_role("button", name="Type a paper ballot").click()
        page.locator("#code").fill(code)
        page.get_by_role("button", name="Show its ballot").click()
        HANDS[kind].fill_on_paper(page)
        page.get_by_role("button", name="Put it in the ballot box").click()
        page.wait_for_selector("main .told")
        assert meeting.turnout() == 1
        meeting.close()
        meeting.reveal()


def test_simulated_voters_lead_to_a_chart_and_go_again(gather, desk, open_page):
    meeting = gather(question("dots"))
    page, wall = desk(meeting), open_page(f"/screen/{meeting.key}", 1280, 720)
    expect(wall.locator(".foot .rehearsal")).to_be_hidden()
    unfold(page, "Add simulated voters")
    page.locator("#simulated").fill("9")
    page.get_by_role("button", name="Add them").click()
    expect(page.locator(".banner.loud")).to_be_visible()
    page.locator(".next").click()
    comes_next(page, "close")
    expect(page.locator("#turn [data-turnout-number]")).to_have_text(re.compile("[6-9]"), timeout=45_000)
    page.locator(".next").click()
    comes_next(page, "reveal")
    page.locator(".next").click()
    expect(wall.locator("#chart .main-svg").first).to_be_visible()
    expect(wall.locator(".foot .rehearsal")).to_be_visible()
    unfold(page, "Remove the rehearsal")
    page.get_by_role("button", name="Yes, remove the rehearsal").click()
    expect(page.locator(".banner.loud")).to_have_count(0)
    comes_next(page, "open")
    wall.wait_for_selector("#view[data-view=join]")
    expect(wall.locator(".foot .rehearsal")).to_be_hidden()


def test_the_run_page_fits_a_phone_at_every_step(gather, desk):
    meeting = gather(*(question(kind) for kind in EVERY_KIND))
    page = desk(meeting, width=360, height=640)
    with meeting.others() as crowd:
        for kind in EVERY_KIND:
            for step in (lambda kind=kind: meeting.open(kind), crowd.vote, meeting.close, meeting.reveal):
                step()
                page.reload()
                fits(page)
                expect(page.locator(".next")).to_be_in_viewport()
    page.goto(f"{meeting.base}/meetings/{meeting.key}/report.html")
    fits(page)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_console_and_wall_look_the_same_whatever_is_answered(kind, gather, desk, open_page):
    meeting = gather(question(kind))
    meeting.open(kind)
    phone = at(come_in(open_page, meeting.code(), click), "ballot")
    pages = [
        desk(meeting),
        desk(meeting, "/cards"),
        desk(meeting, "/plan"),
        open_page(f"/screen/{meeting.key}"),
    ]
    seen = []
    for last in (False, True):
        HANDS[kind].fill(phone, click, last=last)
        hand_in(phone, click)
        expect(pages[-1].locator("[data-turnout]")).to_have_text("1")
        for page in pages:
            live = page.content()
            page.reload()
            page.wait_for_load_state()
            seen.append(_without_tokens(live) + _without_tokens(page.content()))
        phone.locator("main a.wide").click()
        at(phone, "ballot")
        for spot in phone.locator(".spots label:has(:checked)").all()[::-1]:
            spot.click()
    assert seen[: len(pages)] == seen[len(pages) :]


def _without_tokens(text):
    return re.sub(r'(name="csrf_token" value|data-token)="[^"]*"', "", text)

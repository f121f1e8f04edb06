"""The phone from the card to the result: touched, by keyboard, offline, without scripts."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest
from gatherings import EVERY_KIND, question
from handsets import HANDS, at, click, come_in, come_in_without_scripts, hand_in, marked, receipt, tab_to, tap
from looks import COVERED
from playwright.sync_api import Error

from survey.errors import CardTaken, UnknownCode
from survey.languages import gettext, speaking

pytestmark = [pytest.mark.browser]


def said(sentence, **values):
    with speaking("nn"):
        return gettext(sentence, **values)


def words(page):
    return page.locator("main").inner_text()


@pytest.fixture(scope="module")
def waiting(gather):
    """A meeting in which nothing has been opened."""
    return gather(question("scale"))


@pytest.fixture(scope="module", params=EVERY_KIND)
def asked(request, gather):
    """A meeting with a question of one kind, open; `.hand` is how its ballot is filled in."""
    found = gather(question(request.param))
    found.open(request.param)
    found.hand = HANDS[request.param]
    return found


@pytest.fixture
def scale(gather):
    """A meeting of its own, for a test that closes."""
    return gather(question("scale"))


# Coming in


@pytest.mark.parametrize("before", ["/", "/b"])
def test_a_scanned_code_is_wiped_from_address_and_history(before, waiting, open_page, server):
    code, sent = waiting.code(), []
    page = open_page(before)
    page.context.on("request", lambda request: sent.append(request))
    page.goto(f"{server.base}/b#{code}")
    at(page, "confirm")
    page.locator("main .go").click()
    at(page, "waiting")
    history = page.context.new_cdp_session(page).send("Page.getNavigationHistory")["entries"]
    traces = [page.url, page.evaluate("document.referrer"), *(entry["url"] for entry in history)]
    for request in sent:
        traces += [request.url.partition("#")[0], *request.all_headers().values()]
    bodies = [request.post_data or "" for request in sent]
    storage = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert any(code in body.replace("-", "") for body in bodies)
    for form in (code, f"{code[:4]}-{code[4:8]}-{code[8:]}"):
        assert not [trace for trace in (*traces, storage, server.output) if form.lower() in trace.lower()]


def test_a_code_is_read_however_it_is_typed(waiting, open_page):
    code = max(waiting.cards["al"], key=lambda one: one.count("0") + one.count("1"))
    waiting.cards["al"].remove(code)
    typed = f" {code[:4]} {code[4:8]}-{code[8:]}".lower().replace("0", "o").replace("1", "l")
    page = open_page("/")
    page.locator("#code").fill(typed)
    page.keyboard.press("Enter")
    at(page, "confirm")
    assert f"{code[:4]}-{code[4:8]}-{code[8:]}" in words(page)
    assert "Ål" in words(page)


def test_a_wrong_code_gets_a_sentence_and_may_be_mended(waiting, open_page):
    code = waiting.code()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    page = open_page("/")
    page.locator("#code").fill(wrong)
    page.keyboard.press("Enter")
    page.wait_for_selector("#code[aria-invalid=true]")
    assert said(UnknownCode.sentence) in words(page)
    assert page.locator("#code").input_value() == wrong
    assert page.evaluate("document.activeElement.id") == "code"
    page.locator("#code").fill(code)
    page.keyboard.press("Enter")
    at(page, "confirm")


def test_scanning_again_in_the_same_browser_goes_back_to_the_vote(waiting, open_page, server):
    code = waiting.code()
    page = come_in(open_page, code)
    page.goto(f"{server.base}/b#{code}")
    at(page, "waiting")
    assert code not in page.url


def test_another_card_on_the_same_phone_asks_first(waiting, open_page, server):
    page = come_in(open_page, waiting.code("hol"))
    page.goto(f"{server.base}/b#{waiting.code('gol')}")
    at(page, "confirm")
    assert said("Use this card instead?") in words(page)
    page.locator("main .go").tap()
    at(page, "waiting")
    assert "Gol" in page.locator(".chip").inner_text()


def test_a_latecomer_gets_a_card_of_the_group(waiting, open_page):
    page = open_page(f"/join/{waiting.key}", has_touch=True)
    page.locator(".choose label", has_text="Gol").tap()
    page.locator("main .go").tap()
    at(page, "joined")
    code = re.search(r"\w{4}-\w{4}-\w{4}", words(page))[0]
    page.locator("main .go").tap()
    at(page, "waiting")
    assert "Gol" in page.locator(".chip").inner_text()
    elsewhere = open_page("/")
    elsewhere.locator("#code").fill(code)
    elsewhere.keyboard.press("Enter")
    at(elsewhere, "confirm")


# Voting


def test_the_ballot_comes_by_itself(scale, open_page):
    page = come_in(open_page, scale.code())
    page.evaluate("window.same = true")
    scale.open("scale")
    at(page, "ballot")
    assert page.evaluate("window.same"), "the page was loaded anew"
    assert page.locator(".step.now .beads label").first.is_visible()


def test_vote_by_touch_and_change_it(asked, open_page):
    page = at(come_in(open_page, asked.code()), "ballot")
    assert page.locator("[data-hand-in]").is_hidden(), "nothing is marked yet"
    asked.hand.fill(page)
    first, receipt_of_first = marked(page), hand_in(page)
    before = asked.turnout()
    page.locator("main a.wide").tap()
    at(page, "ballot")
    assert marked(page) == first != []
    while page.locator(".spots input:checked").count():
        page.locator(".spots label:has(:checked)").first.tap()
    asked.hand.fill(page, last=True)
    assert marked(page) != first
    assert hand_in(page) != receipt_of_first
    assert asked.turnout() == before


def test_vote_by_keyboard_alone(asked, open_page):
    page = at(come_in(open_page, asked.code(), click, has_touch=False), "ballot")
    asked.hand.fill_by_keyboard(page)
    before = asked.turnout()
    assert marked(page)
    tab_to(page, "[data-hand-in]")
    page.keyboard.press("Enter")
    at(page, "receipt")
    assert asked.turnout() == before + 1


def test_a_blank_ballot_by_touch(asked, open_page):
    page = at(come_in(open_page, asked.code()), "ballot")
    while page.locator("[data-next]").is_visible():
        page.locator("[data-next]").tap()
    page.locator("[data-blank]").tap()
    assert receipt(at(page, "receipt"))


def look_again(page, state):
    """Press the link at the foot and wait for the whole page: it need not be there when the click is done."""
    with page.expect_navigation(wait_until="load"):
        page.locator("main footer a").first.click()
    assert page.locator("main").get_attribute("data-state") == state


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_whole_way_without_scripts(kind, gather, open_page):
    meeting = gather(question(kind))
    page = come_in_without_scripts(open_page, meeting.code())
    look_again(page, "waiting")
    meeting.open(kind)
    look_again(page, "ballot")
    HANDS[kind].fill_without_scripts(page)
    page.locator("[data-hand-in]").click()
    own = receipt(page)
    with meeting.others(5) as crowd:
        crowd.vote()
    assert meeting.turnout() == 16
    meeting.close()
    look_again(page, "closed")
    assert not page.locator("main table").count()
    assert own in words(page)
    meeting.reveal()
    look_again(page, "revealed")
    assert page.locator("main table").is_visible()


# After closing


def every_page_back(page):
    """Go to each earlier page of the tab's history, and yield the tab; what is not kept is not there."""
    browser = page.context.new_cdp_session(page)
    for entry in browser.send("Page.getNavigationHistory")["entries"][:-1]:
        try:
            with page.expect_navigation(wait_until="load"):
                browser.send("Page.navigateToHistoryEntry", {"entryId": entry["id"]})
        except Error as error:
            # The answer to a form that was sent, and the browser has not kept it.
            if "ERR_CACHE_MISS" not in str(error):
                raise
        yield page


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_closed_phone_shows_nothing_of_the_choice(kind, gather, open_page):
    meeting, seen = gather(question(kind)), []
    meeting.open(kind)
    pages = [at(come_in(open_page, meeting.code()), "ballot") for _ in range(2)]
    for page, last in zip(pages, (False, True), strict=True):
        HANDS[kind].fill(page, last=last)
        hand_in(page)
    meeting.close()
    for page in pages:
        at(page, "closed")
        own = receipt(page)
        assert page.locator("form").count() == 0
        stored = "[{...localStorage}, {...sessionStorage}, document.cookie, history.state, window.name]"
        seen.append(
            (page.locator("body").inner_html().replace(own, "").replace(own[:5], ""), page.evaluate(stored))
        )
        for shown in every_page_back(page):
            assert not shown.locator(
                "input:checked, main[data-state=ballot], main[data-state=receipt]"
            ).count()
    assert seen[0] == seen[1], "two phones that answered differently look different"
    assert seen[0][1][:3] == [{}, {}, ""]


def test_the_result_comes_only_when_it_is_shown(scale, open_page):
    page = come_in(open_page, scale.code())
    scale.open("scale")
    at(page, "ballot")
    with scale.others() as crowd:
        crowd.vote()
    scale.close()
    at(page, "closed")
    assert not page.locator("table").count()
    assert said("No answer from this card is in it. What was not handed in is not counted.") in words(page)
    scale.reveal()
    at(page, "revealed")
    assert page.locator("main table td").first.is_visible()


def test_who_is_too_late_is_told_that_it_was_not_counted(scale, open_page):
    page = come_in(open_page, scale.code())
    scale.open("scale")
    at(page, "ballot")
    page.route("**/live/**", lambda route: route.abort())
    page.reload()
    HANDS["scale"].fill(page)
    scale.close()
    page.locator("[data-hand-in]").tap()
    at(page, "late")
    assert page.locator("main [role=alert]").is_visible()
    assert scale.ballots_in_the_log() == 0


# Losing the net


@pytest.fixture
def sent(scale, open_page):
    """A phone with a filled ballot, and the keys under which it sends."""
    page = come_in(open_page, scale.code())
    scale.open("scale")
    at(page, "ballot")
    HANDS["scale"].fill(page)
    page.keys = []
    page.context.on(
        "request",
        lambda request: (
            page.keys.append(parse_qs(request.post_data)["key"][0]) if request.method == "POST" else None
        ),
    )
    return page


def test_without_a_net_the_phone_says_so_and_sends_when_it_is_back(sent, scale):
    sent.context.set_offline(True)
    sent.locator("[data-hand-in]").tap()
    at(sent, "pending")
    assert said("Not yet recorded") in words(sent)
    assert scale.turnout() == 0
    sent.context.set_offline(False)
    at(sent, "receipt")
    assert len(sent.keys) > 1
    assert len(set(sent.keys)) == 1
    assert (scale.turnout(), scale.ballots_in_the_log()) == (1, 1)


def test_an_answer_that_is_lost_on_the_way_is_counted_once(sent, scale):
    taken = []

    def lose(route):
        if route.request.method != "POST" or len(taken) == 2:
            route.continue_()
            return
        taken.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    sent.route("**/vote", lose)
    sent.locator("[data-hand-in]").tap()
    at(sent, "receipt")
    assert taken == [303, 303], "the server had taken it"
    assert len(sent.keys) == 3
    assert len(set(sent.keys)) == 1
    assert (scale.turnout(), scale.ballots_in_the_log()) == (1, 1)


def test_a_reload_keeps_what_is_not_yet_recorded(sent, scale):
    def refuse(route):
        if route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    sent.route("**/vote", refuse)
    sent.locator("[data-hand-in]").tap()
    at(sent, "pending")
    sent.reload()
    at(sent, "pending")
    assert said("Not yet recorded") in words(sent)
    assert scale.turnout() == 0
    sent.unroute("**/vote", refuse)
    at(sent, "receipt")
    assert len(set(sent.keys)) == 1
    assert scale.ballots_in_the_log() == 1
    assert sent.evaluate("sessionStorage.length") == 0


# Two phones, one card


def test_another_phone_takes_over_until_the_card_has_voted(scale, open_page, server):
    code = scale.code()
    first = come_in(open_page, code)
    scale.open("scale")
    at(first, "ballot")
    second = open_page(f"/b#{code}", has_touch=True)
    at(second, "confirm")
    assert said("The card is in use on another phone. If you go on, it moves to this one.") in words(second)
    second.locator("main .go").tap()
    at(second, "ballot")
    at(first, "moved")
    first.locator("main .go").tap()
    at(first, "ballot")
    at(second, "moved")
    HANDS["scale"].fill(first)
    hand_in(first)
    second.locator("main .go").tap()
    second.wait_for_selector("main .error")
    assert said(CardTaken.sentence) in words(second)
    second.goto(server.base + "/vote")
    at(second, "moved")
    first.reload()
    at(first, "receipt")
    assert scale.turnout() == 1


# Small and large


def test_nothing_is_cut_or_covered_on_a_small_phone_with_large_text(gather, open_page):
    meeting = gather(*(question(kind) for kind in EVERY_KIND))
    page = open_page("/", width=320, height=568, has_touch=True)
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})

    def fits(state):
        at(page, state)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        found = page.evaluate(COVERED)
        assert not found, f"{state}: " + "\n".join(found)

    fits("code")
    page.locator("#code").fill("0000-0000-0001")
    page.keyboard.press("Enter")
    page.wait_for_selector("#wrong")
    fits("code")
    page.locator("#code").fill(meeting.code())
    page.keyboard.press("Enter")
    fits("confirm")
    page.locator("main .go").tap()
    fits("waiting")
    for kind in EVERY_KIND:
        meeting.open(kind)
        fits("ballot")
        HANDS[kind].fill(page, press=lambda place: (place.tap(), fits("ballot")))
        fits("ballot")
        hand_in(page)
        fits("receipt")
        meeting.close()
        fits("closed")
        meeting.reveal()
        fits("revealed")


def test_nothing_moves_where_less_motion_is_asked_for(gather, open_page):
    meeting = gather(*(question(kind) for kind in EVERY_KIND))
    page = come_in(open_page, meeting.code(), reduced_motion="reduce")

    def still(place):
        tap(place)
        assert page.evaluate("document.getAnimations().length") == 0

    for kind in EVERY_KIND:
        meeting.open(kind)
        at(page, "ballot")
        HANDS[kind].fill(page, press=still)
        still(page.locator("[data-hand-in]"))
        at(page, "receipt")
        assert page.evaluate("document.getAnimations().length") == 0
        meeting.close()
        at(page, "closed")

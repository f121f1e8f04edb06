"""Every page in every state, in three languages: nothing for axe, no English left, no foreign host."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from gatherings import EVERY_KIND, question
from handsets import HANDS, at, click, hand_in
from looks import READ

pytestmark = [pytest.mark.browser]
HOUSE = Path(__file__).parent.parent.parent
LANGUAGES = ["nn", "nb", "en"]
# What texts can break; the rest is the same in all languages, and looked at in the first.
OF_TEXTS = {"runOnly": ["cat.language", "cat.name-role-value", "cat.text-alternatives", "cat.forms"]}
NOWHERE = ["/nothing-here", "/card", "/meetings/nothing/report.html", "/screen/nothing"]


@cache
def english(language):
    """Return the English texts that read otherwise in a language: whole ones, and a pattern of others."""
    file = HOUSE / f"survey/translations/{language}/LC_MESSAGES/messages.po"
    with file.open("rb") as source:
        catalogue = read_po(source, locale=language)
    pairs = [
        pair
        for message in catalogue
        if message.id
        for pair in (
            zip(message.id, (message.string[0], message.string[-1]), strict=True)
            if isinstance(message.id, tuple)
            else [(message.id, message.string)]
        )
    ]
    tables = tomllib.loads((HOUSE / "analysis/texts.toml").read_text(encoding="utf-8"))
    pairs += [(one["en"], one[language]) for one in tables.values() if isinstance(one.get("en"), str)]
    whole, patterns = set(), []
    for text, said in pairs:
        pieces = re.split(r"%\(\w+\)s|\{\w+\}", text)
        if text == said:
            continue
        if len(pieces) == 1:
            whole.add(" ".join(text.split()))
        elif re.search(r"[A-Za-z]{3}", "".join(pieces)):
            patterns.append(".+".join(re.escape(piece) for piece in pieces))
    return whole, re.compile("|".join(patterns))


def sign_in(page, facilitator):
    """Give this browser the facilitator's session."""
    kept = facilitator.browser.cookies.items()
    page.context.add_cookies([{"name": n, "value": v, "url": facilitator.browser.base} for n, v in kept])


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def is_right(language, find_nothing):
    """Return a check of a page as it stands: language, axe, and no English left."""

    def check(page):
        assert page.evaluate("document.documentElement.lang") == language
        find_nothing(page, **({} if language == LANGUAGES[0] else OF_TEXTS))
        if language != "en":
            whole, pattern = english(language)
            left = [text for text in page.evaluate(READ) if text in whole or pattern.fullmatch(text)]
            assert not left, f"{page.url} says in English: {left}"

    return check


@pytest.fixture
def meeting(gather, language):
    return gather(*(question(kind) for kind in EVERY_KIND), language=language)


def test_the_phone(meeting, language, open_page, is_right, server):
    page = open_page("/", language=language)
    is_right(at(page, "code"))
    page.locator("#code").fill("0000-0000-0001")
    page.keyboard.press("Enter")
    page.wait_for_selector("#wrong")
    is_right(page)
    code = meeting.code()
    page.locator("#code").fill(code)
    page.keyboard.press("Enter")
    is_right(at(page, "confirm"))
    page.locator("main .go").click()
    is_right(at(page, "waiting"))
    with meeting.others() as crowd:
        for kind in EVERY_KIND:
            meeting.open(kind)
            at(page, "ballot")
            page.locator("summary").click()
            is_right(page)
            HANDS[kind].fill(page, click)
            is_right(page)
            hand_in(page, click)
            is_right(page)
            crowd.vote()
            meeting.close()
            is_right(at(page, "closed"))
            meeting.reveal()
            is_right(at(page, "revealed"))

    other = open_page(f"/b#{code}", language=language)
    is_right(at(other, "confirm"))
    other.locator("main .go").click()
    at(other, "revealed")
    is_right(at(page, "moved"))
    other.goto(f"{server.base}/b#{meeting.code()}")
    is_right(at(other, "confirm"))
    other.locator("main .go").click()
    at(other, "revealed")
    late = open_page(f"/join/{meeting.key}", language=language)
    is_right(at(late, "join"))
    late.locator(".choose label").first.click()
    late.locator("main .go").click()
    late.wait_for_selector("main .error")
    is_right(late)  # every seat of that group is taken
    late.locator(".choose label").last.click()
    late.locator("main .go").click()
    is_right(at(late, "joined"))
    meeting.facilitator.end(meeting.key)
    is_right(at(other, "waiting"))


def test_what_was_not_recorded_and_what_came_too_late(meeting, language, open_page, is_right):
    # Where others listen, streams may tell what is older than the page that a phone has just been given.
    open_page(f"/screen/{meeting.key}", language=language)
    page = open_page(f"/b#{meeting.code()}", language=language)
    at(page, "confirm")
    page.locator("main .go").click()
    at(page, "waiting")
    kind = EVERY_KIND[0]
    meeting.open(kind)
    HANDS[kind].fill(at(page, "ballot"), click)
    page.context.set_offline(True)
    page.locator("[data-hand-in]").click()
    is_right(at(page, "pending"))
    meeting.close()
    page.context.set_offline(False)
    is_right(at(page, "late"))
    # The phone hears by now that the vote is closed, and that page would not say what became of the ballot.
    page.wait_for_timeout(1_000)
    at(page, "late")


def test_the_console(meeting, language, open_page, is_right, facilitator, server):
    page = open_page("/sign-in", 1280, 900, language)
    is_right(page)
    page.goto(server.base + "/meetings")
    is_right(page)
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": server.base}
            for name, value in facilitator.browser.cookies.items()
        ]
    )
    home = f"{server.base}/meetings/{meeting.key}"

    def look():
        page.goto(home)
        for one in page.locator("summary").all():
            if one.is_visible():
                one.click()
        is_right(page)

    look()
    kind = EVERY_KIND[0]
    with meeting.others() as crowd:
        meeting.open(kind)
        crowd.vote()
        look()
        page.goto(f"{home}/paper")
        is_right(page)
        page.locator("#code").fill(meeting.code("gol"))
        page.keyboard.press("Enter")
        page.wait_for_selector("input[name=card]", state="attached")
        is_right(page)
    meeting.close()
    look()
    meeting.reveal()
    look()
    facilitator.note(meeting.key, "Vegen")
    facilitator.annul(meeting.key)
    look()
    facilitator.end(meeting.key)
    look()


def test_the_wall_and_the_records(meeting, language, open_page, is_right, facilitator, server):
    page = open_page(f"/screen/{meeting.key}", 1920, 1080, language)
    is_right(page)
    with meeting.others() as crowd:
        for kind in EVERY_KIND:
            meeting.open(kind)
            page.wait_for_selector("#view[data-view=turnout]")
            is_right(page)
            crowd.vote()
            meeting.close()
            page.wait_for_selector("#view[data-view=closed]")
            is_right(page)
            meeting.reveal()
            page.wait_for_selector("#chart[data-stage]")
            is_right(page)
    facilitator.end(meeting.key)
    for path in (f"/verify/{meeting.key}?receipt=0000000000", "/privacy", "/accessibility"):
        page.goto(server.base + path)
        is_right(page)
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": server.base}
            for name, value in facilitator.browser.cookies.items()
        ]
    )
    page.goto(f"{server.base}/meetings/{meeting.key}/report.html")
    page.locator(".main-svg").first.wait_for()
    is_right(page)


@pytest.mark.parametrize(
    "path", ["/nothing-here", "/card", "/meetings/nothing/report.html", "/screen/nothing"]
)
def test_an_address_that_leads_nowhere_gets_a_whole_page(path, language, open_page, is_right):
    page = open_page(path, language=language)
    assert page.locator("h1").count() == 1
    is_right(page)
    ways = page.locator("main a, main button")
    assert ways.count()
    ways.first.click()
    # The click returns before the next page is there.
    page.wait_for_url(lambda url: not url.endswith(path))
    page.locator("h1").wait_for()
    assert page.locator("h1").count() == 1


def test_too_much_at_once_gets_a_whole_page(language, open_page, is_right):
    page = open_page("/", language=language)
    page.locator("#code").evaluate("field => { field.value = '0'.repeat(300000); field.form.submit(); }")
    page.wait_for_selector("main[data-state=error]")
    is_right(page)

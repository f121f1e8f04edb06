"""A phone in a browser: it sends again by itself, and ends with its receipt."""

from __future__ import annotations

import time

import pytest
from halls import who_and_what
from proxy import Proxy
from sqlalchemy import select

from survey.ballots.verify import receipt
from survey.storage import schema
from survey.storage.database import Database

pytestmark = pytest.mark.browser


def a_phone(browser, base, voter):
    """Return a page that has come in as this voter and filled its ballot in, ready to be handed in."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="nn")
    name, value = voter.cookie.split("=", 1)
    context.add_cookies([{"name": name, "value": value, "url": base}])
    page = context.new_page()
    page.goto(f"{base}/vote")
    while page.locator(".step.now").count():
        page.locator(".step.now .beads label").nth(3).click()
        if not page.locator("[data-next]").is_visible():
            break
        page.locator("[data-next]").click()
    return page


def ends_with_its_receipt(page, seconds=60):
    """Wait for the receipt that the phone ends with, and return it."""
    page.wait_for_selector("main[data-state=receipt]", timeout=seconds * 1000)
    return page.locator("main dd").first.inner_text()


def stored(hall):
    """Return the receipts of all ballots in the box."""
    database = Database(hall.url)
    try:
        with database.reading() as connection:
            log, content = schema.log, schema.content
            joined = select(log.c.hash, content.c.answer).join(
                content, content.c.commitment == log.c.commitment
            )
            rows = connection.execute(joined.where(log.c.type == "cast")).all()
        assert all(who_and_what(row.answer) for row in rows)
        return [receipt(row.hash) for row in rows]
    finally:
        database.close()


def outlive_the_server(server, pages):
    """Kill the server before the ballots are handed in; returns receipts and seconds from its next start."""
    server.kill()
    for page in pages:
        page.locator("[data-hand-in]").click()
    for page in pages:
        page.wait_for_selector("main[data-state=pending]")
    begun = time.monotonic()
    server.start()
    return _receipts(pages, begun)


def outlive_eaten_answers(proxy, pages):
    """Let two answers to each phone be eaten; returns receipts and seconds from the time that none are."""
    proxy.chances = {"eaten": 1.0}
    for page in pages:
        page.locator("[data-hand-in]").click()
    for page in pages:
        page.wait_for_selector("main[data-state=pending]")
    while proxy.hits["eaten"] < 2 * len(pages):
        pages[0].wait_for_timeout(50)
    begun = time.monotonic()
    proxy.calm()
    return _receipts(pages, begun)


def _receipts(pages, begun):
    receipts, took = [], []
    for page in pages:
        receipts.append(ends_with_its_receipt(page))
        took.append(time.monotonic() - begun)
        page.context.close()
    return receipts, took


def test_phones_send_again_by_themselves_and_end_with_a_receipt(hall, browser, many, tell):
    phones = many(1, 10)
    counts = {"acked": phones, "stored": phones, "lost": 0, "doubled": 0}
    with hall.serving() as server, Proxy(server.port, {}) as proxy:
        through = f"http://127.0.0.1:{proxy.port}"
        eaten, back = outlive_eaten_answers(
            proxy, [a_phone(browser, through, voter) for voter in hall.voters[:phones]]
        )
        assert sorted(eaten) == sorted(stored(hall)) and len(eaten) == phones
        tell("phones in a browser, answers eaten", phones, back=back, **counts)
        killed, back = outlive_the_server(
            server, [a_phone(browser, server.base, voter) for voter in hall.voters[phones : 2 * phones]]
        )
    assert sorted(eaten + killed) == sorted(stored(hall)) and len(killed) == phones
    tell("phones in a browser, server killed", phones, back=back, **counts)

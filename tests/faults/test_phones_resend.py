"""A phone in a browser: it sends again by itself, and ends with its receipt."""

from __future__ import annotations

import shutil
import time

import pytest
from halls import who_and_what
from playwright.sync_api import sync_playwright
from proxy import Proxy
from sqlalchemy import select

from survey.ballots.verify import receipt
from survey.storage import schema
from survey.storage.database import Database

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium to be a phone"),
]


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def a_phone(chromium, base, voter):
    """Return a page that has come in as this voter and filled its ballot in, ready to be handed in."""
    context = chromium.new_context(viewport={"width": 360, "height": 640}, locale="nn")
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


def test_a_phone_outlives_the_server(hall, chromium, many, tell):
    phones, took = many(2, 10), []
    with hall.serving() as server:
        pages = [a_phone(chromium, server.base, voter) for voter in hall.voters[:phones]]
        server.kill()
        for page in pages:
            page.locator("[data-hand-in]").click()
        for page in pages:
            page.wait_for_selector("main[data-state=pending]")
        begun = time.monotonic()
        server.start()
        receipts = []
        for page in pages:
            receipts.append(ends_with_its_receipt(page))
            took.append(time.monotonic() - begun)
            page.context.close()
    assert sorted(receipts) == sorted(stored(hall))
    tell(
        "phones in a browser, server killed",
        phones,
        back=took,
        acked=phones,
        stored=phones,
        lost=0,
        doubled=0,
    )


def test_a_phone_whose_answers_are_eaten_counts_once(hall, chromium, many, tell):
    phones, receipts, took = many(2, 10), [], []
    with hall.serving() as server, Proxy(server.port, {"eaten": 1.0}) as proxy:
        for voter in hall.voters[:phones]:
            proxy.chances, eaten = {"eaten": 1.0}, proxy.hits.total()
            page = a_phone(chromium, f"http://127.0.0.1:{proxy.port}", voter)
            page.locator("[data-hand-in]").click()
            page.wait_for_selector("main[data-state=pending]")
            while proxy.hits.total() < eaten + 2:
                page.wait_for_timeout(50)
            begun = time.monotonic()
            proxy.calm()
            receipts.append(ends_with_its_receipt(page))
            took.append(time.monotonic() - begun)
            page.context.close()
    assert sorted(receipts) == sorted(stored(hall)) and len(receipts) == phones
    tell(
        "phones in a browser, answers eaten",
        phones,
        back=took,
        acked=phones,
        stored=phones,
        lost=0,
        doubled=0,
    )

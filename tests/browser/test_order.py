"""What comes late, twice, in another order or not at all: pages end where the meeting is."""

import pytest
from gatherings import question
from handsets import HANDS, at, come_in
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Answers to a page's GETs wait as long (ms) as `slow` says, one number for each; `count` have waited.
SLOW = """path => {
  const real = window.fetch;
  window.slow = []; window.count = 0;
  window.fetch = async (address, how = {}) => {
    const answer = await real(address, how);
    if (how.method === "POST" || !String(address).includes(path) || !window.slow.length) return answer;
    const text = await answer.text(), wait = window.slow.shift();
    window.count++;
    await new Promise((done, fail) => {
      setTimeout(done, wait);
      how.signal?.addEventListener("abort", () => fail(how.signal.reason));
    });
    return {status: answer.status, ok: answer.ok, url: answer.url, text: async () => text};
  };
}"""
# Every stream that a page opens is kept in `streams`.
KEPT = """(() => {
  const Real = window.EventSource;
  window.streams = [];
  window.EventSource = class extends Real {
    constructor(address) { super(window.refused?.shift() || address); window.streams.push(this); }
  };
})()"""


def until(page, what):
    """Wait until the page says that this is so (its policy forbids the browser's own way of waiting)."""
    for _ in range(200):
        if page.evaluate(what):
            return
        page.wait_for_timeout(50)
    raise AssertionError(what)


@pytest.fixture
def meeting(gather):
    return gather(question("dots"), question("scale"), language="en")


@pytest.fixture
def phone(open_page, meeting):
    return come_in(open_page, meeting.code(), language="en")


@pytest.fixture
def ballot(phone, meeting):
    """A phone with the dots question filled in, whose next pages can be made slow."""
    meeting.open("dots")
    HANDS["dots"].fill(at(phone, "ballot"))
    phone.evaluate(SLOW, "/vote")
    return phone


def slowed(page, milliseconds):
    page.evaluate("wait => { slow.push(wait) }", milliseconds)


def under_way(page):
    until(page, "count > 0 && !slow.length")


def stays(page, state):
    page.wait_for_timeout(1_500)
    expect(page.locator("main")).to_have_attribute("data-state", state, timeout=100)


def test_a_slow_page_does_not_cover_the_verdict(ballot, meeting):
    slowed(ballot, 1_000)
    meeting.close()
    under_way(ballot)
    ballot.locator("[data-hand-in]").tap()
    at(ballot, "late")
    stays(ballot, "late")


def test_a_step_is_not_missed_while_the_page_of_the_one_before_is_on_its_way(ballot, meeting):
    slowed(ballot, 2_000)
    meeting.close()
    under_way(ballot)
    meeting.reveal()
    expect(ballot.locator("main")).to_have_attribute("data-state", "revealed", timeout=5_000)


def test_a_page_that_never_comes_is_asked_for_again(phone, meeting):
    phone.evaluate(SLOW, "/vote")
    phone.clock.install()
    slowed(phone, 3_600_000)
    meeting.open("dots")
    under_way(phone)
    phone.clock.run_for(15_000)
    phone.clock.run_for(5_000)
    at(phone, "ballot")


def test_a_code_can_be_typed_where_the_session_is_over(phone, meeting):
    meeting.open("dots")
    at(phone, "ballot")
    phone.context.clear_cookies()
    meeting.close()
    at(phone, "code")
    phone.locator("#code").fill("ABCD-EF")
    meeting.reveal()
    stays(phone, "code")
    assert phone.locator("#code").input_value() == "ABCD-EF"


def test_a_tab_that_nobody_looks_at_leaves_its_line_to_others(open_page, meeting):
    page = open_page("/", language="en", has_touch=True)
    page.context.add_init_script(KEPT)
    page.goto(f"{meeting.base}/b#{meeting.code()}")
    at(page, "confirm").locator("main .go").tap()
    at(page, "waiting")
    until(page, "streams.length && streams.at(-1).readyState === EventSource.OPEN")
    look = """away => {
      Object.defineProperty(document, "hidden", {value: away, configurable: true});
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(look, True)
    assert page.evaluate("streams.every(one => one.readyState === EventSource.CLOSED)")
    meeting.open("dots")
    stays(page, "waiting")
    page.evaluate(look, False)
    at(page, "ballot")


def test_a_button_pressed_twice_is_pressed_once(open_page, meeting):
    page = open_page(f"/join/{meeting.key}", language="en")
    page.locator(".choose label").first.click()
    refused = page.evaluate(
        """() => {
          const said = [], go = document.querySelector("main .go");
          addEventListener("submit", event => { said.push(event.defaultPrevented); event.preventDefault(); });
          go.click(); go.click();
          return said;
        }"""
    )
    assert refused == [False, True]


def test_a_screen_whose_stream_is_silent_opens_another(open_page, meeting):
    page = open_page("/", 1280, 720)
    page.context.add_init_script(KEPT)
    page.goto(f"{meeting.base}/screen/{meeting.key}")
    until(page, "streams.length === 1 && streams[0].readyState === EventSource.OPEN")
    page.clock.install()
    page.evaluate("streams[0].onmessage = null")
    meeting.open("dots")
    page.clock.run_for(19_000)
    page.wait_for_selector("#view[data-view=turnout]")


@pytest.fixture
def console(open_page, meeting, facilitator):
    page = open_page("/", 1280, 800, cookies=dict(facilitator.browser.cookies), language="en")
    page.context.add_init_script(KEPT)
    page.goto(f"{meeting.base}/meetings/{meeting.key}")
    expect(page.locator("#step .next")).to_contain_text("Open question")
    until(page, "streams.length && streams.at(-1).readyState === EventSource.OPEN")
    return page


def now_closes(console):
    expect(console.locator("#step .next")).to_contain_text("Close", timeout=10_000)


def test_a_console_asks_again_for_a_page_that_failed(console, meeting):
    console.evaluate(
        """() => {
          const real = window.fetch;
          let failed = false;
          window.fetch = (address, how) => {
            if (failed || String(address) !== location.href) return real(address, how);
            failed = true;
            return Promise.reject(new TypeError("lost"));
          };
        }"""
    )
    meeting.open("dots")
    now_closes(console)


def test_a_console_whose_stream_was_refused_opens_another(console, meeting):
    console.evaluate("window.refused = ['/live/nowhere']; dispatchEvent(new Event('online'))")
    until(console, "streams.at(-1).readyState === EventSource.CLOSED")
    meeting.open("dots")
    now_closes(console)


def test_a_console_whose_stream_is_silent_opens_another(console, meeting):
    console.clock.install()
    console.reload()
    until(console, "streams.length && streams.at(-1).readyState === EventSource.OPEN")
    console.evaluate("streams.at(-1).close()")
    meeting.open("dots")
    console.clock.run_for(21_000)
    now_closes(console)


def test_the_second_of_two_quick_keys_names_the_step_that_the_first_has_made(open_page, meeting, facilitator):
    meeting.show("dots")
    page = open_page(f"/screen/{meeting.key}", 1280, 720, cookies=dict(facilitator.browser.cookies))
    page.wait_for_selector("#chart[data-stage]")
    page.evaluate(
        """() => {
          const real = window.fetch, wait = time => new Promise(done => setTimeout(done, time));
          window.posted = [];
          window.fetch = async (address, how = {}) => {
            const answer = await real(address, how);
            if (how.method === "POST") posted.push(answer.status);
            await wait(400);
            return answer;
          };
        }"""
    )
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, "posted.length === 2")
    assert page.evaluate("posted") == [200, 200]

"""Take README's pictures: `python docs/pictures.py`. Every answer in them is invented.

A whole meeting is held on a temporary database: the demo's plan, 36 simulated people, one phone, a console, a
screen. The same people give the same answers each time.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.sync_api import Browser, Page  # noqa: E402
from studio import HOUSE, chromium, first_page, look, save, served, side_by_side, take  # noqa: E402

from survey.rehearsal.drivers import Facilitator, Refused  # noqa: E402
from survey.rehearsal.voters import Crowd  # noqa: E402

PLAN = HOUSE / "survey" / "meetings" / "ready" / "hallingtinget.toml"
WIDE = 1280
SAID = (
    "Dei nye kjenner ikkje avtalane frå før valet.",
    "Vi snakkar om å dele, men tel likevel arbeidsplassar heime.",
    "Sjukestugu gjekk bra: steg for steg.",
)


class Meeting:
    """The meeting in the pictures: who leads it, who answers, and the three windows that are looked at."""

    def __init__(self, base: str, link: str, browser: Browser) -> None:
        self.base, self.browser = base, browser
        self.lead = Facilitator(base, "nn")
        self.lead.sign_in_link(link, name="Kari", password="ein lang setning til øving")
        plan = PLAN.read_text(encoding="utf-8").replace(
            'language = "nn"', 'language = "nn"\ndate = 2026-11-03'
        )
        self.key = self.lead.import_plan(plan)
        self.phone = look(browser, 360, 640, scale=2, touch=True).new_page()
        self.screen = look(browser, 1920, 1080).new_page()
        # As high as the button for the next step needs beside a chart.
        self.console = self._signed_in(1280, 960)

    def _signed_in(self, width: int, height: int, scale: float = 1) -> Page:
        window = look(self.browser, width, height, scale)
        cookies = self.lead.browser.cookies.items()
        window.add_cookies([{"name": name, "value": value, "url": self.base} for name, value in cookies])
        return window.new_page()

    def run(self) -> None:
        """Hold the meeting and take a picture wherever there is something to see."""
        self._before()
        cards = self.lead.issue_cards(self.key)
        own = cards["hol"][5]
        seats = [(code, group) for group, codes in cards.items() if group != "gjester" for code in codes[:6]]
        seats.remove((own, "hol"))
        with Crowd(self.base, seats[::2], 0.5) as early, Crowd(self.base, seats[1::2], 0.5, seed=2) as late:
            early.come_in()
            self._join(own)
            late.come_in()
            self._open_question(early, late)
            self._scale(early, late)
            self._trust(early, late)
            self._dots(early, late)
        self._after()

    def _before(self) -> None:
        page = self.console
        page.goto(f"{self.base}/meetings/{self.key}/plan")
        take(page, "console-plan")
        # A meeting of its own: the codes of the other one are needed below, and are told only once.
        other = self.lead.import_plan(PLAN.read_text(encoding="utf-8"))
        save(first_page(self.lead.card_sheet(other)), "cards")

    def _join(self, code: str) -> None:
        self.screen.goto(f"{self.base}/screen/{self.key}")
        self.screen.wait_for_selector("[data-taken]")
        take(self.screen, "screen-join", WIDE)
        self.phone.goto(self.base)
        self.phone.locator("#code").fill(code)
        take(self.phone, "phone-code")
        self.phone.locator("main .go").tap()
        self.phone.locator("main[data-state=confirm] .go").tap()
        self.phone.wait_for_selector("main[data-live]")

    def _open_question(self, early: Crowd, late: Crowd) -> None:
        self.lead.open(self.key, "rundt-bordet")
        self.screen.wait_for_selector("main[data-view=wall]")
        early.vote()
        late.vote()
        self.screen.wait_for_timeout(1500)
        take(self.screen, "screen-open", WIDE)
        self._reveal()

    def _scale(self, early: Crowd, late: Crowd) -> None:
        self.lead.open(self.key, "tillit")
        self._ballot()
        self.phone.locator(".step.now .beads label").nth(7).tap()
        take(self.phone, "phone-scale")
        early.vote()
        self.screen.wait_for_selector("main[data-view=turnout]")
        self.screen.wait_for_timeout(1500)
        take(self.screen, "screen-turnout", WIDE)
        walking = self._signed_in(360, 640, scale=2)
        walking.goto(f"{self.base}/meetings/{self.key}")
        take(walking, "console-phone")
        walking.context.close()
        late.vote()
        self._hand_in("phone-receipt")
        self._reveal()
        self._stage("spread")
        self._prompt("spread")
        self._chart("screen-scale")
        for said in SAID:
            self.lead.note(self.key, said)
        self.console.goto(f"{self.base}/meetings/{self.key}")
        self.console.wait_for_selector("[data-chart] svg.main-svg")
        take(self.console, "console")
        self._lamps("off")
        self._chart("screen-dark")
        self._lamps("on")
        self._stage("groups")
        self._chart("screen-groups")

    def _trust(self, early: Crowd, late: Crowd) -> None:
        self.lead.open(self.key, "kven-til-kven")
        self._ballot()
        self.phone.locator(".step.now .beads label").nth(6).tap()
        take(self.phone, "phone-trust")
        early.vote()
        late.vote()
        self._hand_in()
        self._reveal()
        self._prompt("matrix")
        self._chart("screen-trust")
        self._stage("arrows")
        self._chart("screen-arrows")

    def _dots(self, early: Crowd, late: Crowd) -> None:
        self.lead.open(self.key, "suksess")
        self._ballot()
        rows = self.phone.locator(".options > li")
        rows.nth(0).locator(".spots label").nth(0).tap()
        rows.nth(1).locator(".spots label").nth(0).tap()
        self.phone.evaluate("scrollTo(0, 0)")
        take(self.phone, "phone-dots")
        early.vote()
        late.vote()
        self._hand_in()
        self._reveal()
        self._stage("spread")
        self._prompt("spread")
        self._chart("screen-dots")

    def _after(self) -> None:
        self.lead.end(self.key)
        page = look(self.browser, 900, 1200).new_page()
        page.set_content(self.lead.report(self.key))
        page.wait_for_timeout(1500)
        save(first_page(page.pdf(format="A4", print_background=True, prefer_css_page_size=True)), "report")
        phones = ["phone-code", "phone-scale", "phone-trust", "phone-dots", "phone-receipt"]
        side_by_side(phones, "phones")

    # Steps that are taken several times

    def _ballot(self) -> None:
        self.phone.wait_for_selector("main[data-state=ballot] [data-cast]")
        self.phone.wait_for_timeout(300)

    def _hand_in(self, name: str = "") -> None:
        """Answer what is left, hand in, and take a picture of the receipt where it has a name."""
        page = self.phone
        while page.locator("[data-next]").is_visible():
            step = page.locator(".step.now")
            if step.count() and not step.locator("input:checked").count():
                step.locator(".beads label").nth(6).tap()
            page.locator("[data-next]").tap()
        if page.locator(".step.now").count() and not page.locator(".step.now input:checked").count():
            page.locator(".step.now .beads label").nth(5).tap()
        page.locator("[data-hand-in]").tap()
        page.wait_for_selector("main[data-state=receipt]")
        if name:
            take(page, name)

    def _reveal(self) -> None:
        self.lead.close_round(self.key)
        self.lead.reveal(self.key)

    def _stage(self, wanted: str) -> None:
        """Turn to the stage of this name (`groups` is the first of that sort), as far as there is one."""
        while not self._shows(wanted):
            try:
                self.lead.step(self.key, "forward")
            except Refused:
                print(f"There is no stage {wanted}; the last one is shown.", file=sys.stderr)
                return

    def _prompt(self, wanted: str) -> None:
        """Lay the first prompt beside the chart that goes with this stage; ."""
        if "talk" not in self._view():
            self.lead.step(self.key, "finding_next")
        for _ in range(3):
            if self._shows(wanted):
                return
            self.lead.step(self.key, "finding_next")

    def _shows(self, stage: str) -> bool:
        return re.search(rf"stage={stage}\b", self._view()) is not None

    def _view(self) -> str:
        return self.lead.browser.get(f"/screen/{self.key}/view").text

    def _lamps(self, light: str) -> None:
        page = self.lead.run_page(self.key)
        form = next(one for one in page.forms if "light" in one.names and one.value("light") == light)
        self.lead.browser.post(f"/meetings/{self.key}/step", dict(form.filled), accept="application/json")

    def _chart(self, name: str) -> None:
        self.screen.goto(f"{self.base}/screen/{self.key}")
        self.screen.wait_for_selector("[data-figure][data-stage] svg.main-svg")
        take(self.screen, name, WIDE)


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory(prefix="prikk-") as folder, chromium() as browser:
        with served(Path(folder)) as (base, link):
            Meeting(base, link, browser).run()


if __name__ == "__main__":
    main()

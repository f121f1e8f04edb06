"""The ballot as a phone shows it: what is asked, what may be chosen, how an answer is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey.rehearsal.browser import Page, PageChanged
from survey.rehearsal.forms import Form, read_page

DONT_KNOW = "dont_know"


@dataclass(frozen=True)
class Ballot:
    """An open question on a phone.

    `scales` is item key -> (least, most) where a value is asked, `caps` item key -> most dots where dots are;
    `budget` is the number of dots. `title` is the first thing on the page.
    """

    page: Page
    form: Form
    round: str
    key: str
    scales: Mapping[str, tuple[int, int]]
    caps: Mapping[str, int]
    budget: int
    against: bool

    @property
    def items(self) -> list[str]:
        """Return the items' keys, in the order shown."""
        return [*self.scales, *self.caps]

    def fields(self, answer: Mapping[str, Any], key: str | None = None) -> dict[str, list[str]]:
        """Return what is sent for an answer: the form as it came, the choices, and `key` where given."""
        given = filled(answer)
        kept = {
            name: [value]
            for name, value in self.form.filled
            if name not in given and not name.startswith(("item-", "against-", "blank"))
        }
        return kept | given | {"key": [key or self.key]}


def read(page: Page) -> Ballot:
    """Return the ballot of a phone's page; raises PageChanged where it is none."""
    form = page.form("/vote")
    scales: dict[str, tuple[int, int]] = {}
    caps: dict[str, int] = {}
    for control in form.controls:
        if not control.name.startswith("item-"):
            continue
        item = control.name.removeprefix("item-")
        if control.type == "radio" and control.value != DONT_KNOW:
            least, most = scales.get(item, (int(control.value), int(control.value)))
            scales[item] = min(least, int(control.value)), max(most, int(control.value))
        elif control.type == "checkbox":
            caps[item] = caps.get(item, 0) + 1
        elif control.type == "number":
            caps[item] = int(control.attributes["max"])
    if not scales and not caps:
        raise PageChanged(f"The ballot asks for nothing: {sorted(form.names)}")
    return Ballot(
        page,
        form,
        form.value("round"),
        form.value("key"),
        scales,
        caps,
        int(read_page(page.text).data.get("dots", 0)),
        any(name.startswith("against-") for name in form.names),
    )


def filled(answer: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return an answer as the form's fields; an empty answer is a blank ballot.

    An answer is `{"values": {item: number or None}}`, or `{"dots": {item: number}, "against": [item, ...]}`.
    """
    if not answer:
        return {"blank": ["1"]}
    values = answer.get("values", {}).items()
    return {
        **{f"item-{item}": [DONT_KNOW if value is None else str(value)] for item, value in values},
        **{f"item-{item}": [str(number)] for item, number in answer.get("dots", {}).items()},
        **{f"against-{item}": ["1"] for item in answer.get("against", [])},
    }

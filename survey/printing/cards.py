"""Card sheets: cards issued, shuffled within their group, and set on A4 for cutting."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from survey.ballots import cards as ballots_cards
from survey.languages import current, gettext, speaking
from survey.printing import qr, setting
from survey.storage import schema
from survey.storage.keys import Keys

PER_PAGE = (8, 10)


@dataclass(frozen=True)
class PrintedCard:
    """What stands on a card. `code` may have dashes or not; spares go on sheets of their own."""

    code: str
    group: str
    colour: str
    table: str = ""
    spare: bool = False
    group_key: str = ""


def missing(group: Row[Any], spares: int, count: ballots_cards.Counts) -> tuple[int, int]:
    """Return how many cards and how many spares a group lacks, void ones not counted."""
    lacking = max(0, group.cards + spares - (count.issued - count.void))
    return lacking - min(lacking, spares), min(lacking, spares)


def issue_missing(connection: Connection, keys: Keys, meeting_id: int) -> list[PrintedCard]:
    """Issue the cards and spares that a meeting's groups lack, and return them. Runs in a write.

    The codes exist only in what is returned: print them now.
    """
    meeting = connection.execute(select(schema.meeting).where(schema.meeting.c.id == meeting_id)).one()
    own = schema.group.c.meeting_id == meeting_id
    groups = connection.execute(select(schema.group).where(own).order_by(schema.group.c.position)).all()
    counts = ballots_cards.counts(connection, meeting_id, simulated=False)
    found: list[PrintedCard] = []
    for group in groups:
        numbers = missing(group, meeting.spares, counts[group.id])
        for origin, number in zip(("printed", "spare"), numbers, strict=True):
            issued = (
                ballots_cards.issue(connection, keys, meeting_id, group.id, number, origin) if number else []
            )
            found += describe(connection, issued, spare=origin == "spare")
    return found


def describe(
    connection: Connection, issued: Sequence[ballots_cards.IssuedCard], spare: bool = False
) -> list[PrintedCard]:
    """Return what stands on cards that were just issued."""
    groups = {row.id: row for row in connection.execute(select(schema.group))} if issued else {}
    tables = {row.id: row.name for row in connection.execute(select(schema.table))} if issued else {}
    found = []
    for one in issued:
        group, table = groups[one.group_id], tables.get(one.table_id, "")
        found.append(PrintedCard(one.code, group.name, group.colour, table, spare, group.key))
    return found


def card_sheet(
    meeting: Row[Any],
    cards: Sequence[PrintedCard],
    base_url: str,
    per_page: int = 10,
    language: str | None = None,
) -> bytes:
    """Return the cards as a tagged PDF, A4, 8 or 10 a page, in the meeting's language.

    `meeting` has `title`, `date`, `wifi_name` and `language`. Cards lie shuffled within their group, in the
    order in which the groups come; spares follow on sheets of their own. Raises ValueError for another number
    to a page.
    """
    if per_page not in PER_PAGE:
        raise ValueError(f"{per_page} cards to a page: {PER_PAGE} are possible")
    with speaking(language or meeting.language):
        return setting.pdf("cards.typ", _sheet(meeting, cards, base_url.rstrip("/"), per_page))


def _sheet(meeting: Row[Any], cards: Sequence[PrintedCard], base: str, per_page: int) -> dict[str, Any]:
    address, wifi = base.split("://", 1)[-1], meeting.wifi_name
    where = gettext("%(address)s on Wi-Fi “%(wifi)s”", address=address, wifi=wifi) if wifi else address
    cut = gettext("Cut, mix the pile of each group, and let people draw.")
    keep = gettext("Spares: keep them apart, for cards that get lost.")
    return {
        "language": current(),
        "title": gettext("Cards: %(meeting)s", meeting=meeting.title),
        "heading": ", ".join(
            part for part in (setting.shortened(meeting.title, 36), setting.day(meeting.date)) if part
        ),
        "sheet": gettext("Sheet %(number)s of %(all)s.", number="@", all="#"),
        "rows": per_page // 2,
        "where": setting.breakable(where),
        "secret": gettext(
            "The card knows which group you are from, not who you are. Nobody sees who answered what. "
            "Keep the card: it is valid for the whole meeting."
        ),
        "piles": [
            {"note": note, "cards": [_card(one, base) for one in _shuffled(cards, spare)]}
            for spare, note in ((False, cut), (True, keep))
        ],
    }


def _shuffled(cards: Sequence[PrintedCard], spare: bool) -> list[PrintedCard]:
    """Return the spares or the others, shuffled within each group: no order may tell who got which."""
    groups: dict[str, list[PrintedCard]] = {}
    for card in cards:
        if card.spare == spare:
            groups.setdefault(card.group, []).append(card)
    for pile in groups.values():
        secrets.SystemRandom().shuffle(pile)
    return [card for pile in groups.values() for card in pile]


def _card(card: PrintedCard, base: str) -> dict[str, Any]:
    code = ballots_cards.pretty(ballots_cards.normalise(card.code))
    square = qr.modules(f"{base}/b#{code}")
    table = gettext("Table %(name)s", name=card.table) if card.table.isdecimal() else card.table
    return {
        "code": code,
        "qr": qr.path(square),
        "modules": len(square),
        "group": setting.breakable(card.group),
        "colour": card.colour,
        "table": setting.breakable(table),
    }

"""The cards: counts, the address printed on them, the sheet. A code is on paper and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gevent
from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from sqlalchemy import Connection, Row, make_url, select, update

from survey import network
from survey.audiences import access, headers
from survey.ballots import cards
from survey.errors import NotAllowedNow
from survey.languages import gettext, ngettext
from survey.meetings import preflight, steps
from survey.printing import cards as sheets
from survey.storage import schema

blueprint = Blueprint("cards", __name__)


@blueprint.get("/meetings/<key>/cards")
def page(key: str) -> Any:
    """Show how many cards each group has, and what would go wrong."""
    counts = cards.counts(access.reading(), g.meeting.id, simulated=False)
    rows = [
        (group, counts[group.id], sheets.missing(group, g.meeting.spares, counts[group.id]))
        for group in _groups(access.reading())
    ]
    return render_template(
        "facilitator/cards.html",
        rows=rows,
        missing=sum(sum(lacking) for _group, _count, lacking in rows),
        unused=sum(count.issued - count.taken - count.void for _group, count, _lacking in rows),
        addresses=addresses(),
        moved=has_moved(),
        per_page=sheets.PER_PAGE,
        cautions=[
            (one.text, ways(one))
            for one in preflight.cautions(access.reading(), g.meeting.id, address_today(), folder())
            if one.key not in ("no_cards", "moved")
        ],
    )


@blueprint.post("/meetings/<key>/cards.pdf")
def sheet(key: str) -> Any:
    """Make the cards that are missing and return them as a PDF, this once: their codes are not kept.

    With `afresh` all unused cards are voided first. The address that was confirmed is remembered.
    """
    base = request.form.get("base_url", "")
    per_page = request.form.get("per_page", type=int)
    if base not in addresses() or per_page not in sheets.PER_PAGE:
        raise NotAllowedNow("Choose one of the addresses and 8 or 10 cards a page.")
    version, afresh = request.form.get("version", type=int), "afresh" in request.form
    made = access.write(lambda c: _make(c, version, afresh, base))
    if not made:
        flash(gettext("Every group has its cards already. To print again, void the unused cards first."))
        return redirect(url_for("facilitator.cards.page", key=key), 303)
    if request.accept_mimetypes.best == "application/json":
        # For rehearsals, replays and tests, which have no eyes for a QR code: the same cards, the same right.
        return {"cards": [{"code": one.code, "group": one.group_key, "spare": one.spare} for one in made]}
    # Setting a large sheet takes seconds: not on the loop.
    pdf = gevent.get_hub().threadpool.apply(sheets.card_sheet, (g.meeting, made, base, per_page))
    named = {"Content-Disposition": f'attachment; filename="cards-{g.meeting.key}.pdf"'}
    return Response(pdf, content_type="application/pdf", headers=named)


@blueprint.post("/meetings/<key>/cards/void-unused")
def void_unused(key: str) -> Any:
    """Void every card that nobody has come in with."""
    number = access.write(lambda c: _void_unused(c, request.form.get("version", type=int)))
    flash(ngettext("%(num)s unused card is void.", "%(num)s unused cards are void.", number))
    return redirect(url_for("facilitator.cards.page", key=key), 303)


def _void_unused(connection: Connection, version: int | None) -> int:
    steps.move_on(connection, g.meeting.id, version)
    return cards.void_unused(connection, g.meeting.id)


def _make(connection: Connection, version: int | None, afresh: bool, base: str) -> list[sheets.PrintedCard]:
    steps.move_on(connection, g.meeting.id, version)
    if afresh:
        cards.void_unused(connection, g.meeting.id)
    made = sheets.issue_missing(connection, access.keys(), g.meeting.id)
    if made:
        table = schema.meeting
        printed = {"base_url": base, "cards_lost": False}
        connection.execute(update(table).where(table.c.id == g.meeting.id).values(printed))
    return made


def addresses() -> list[str]:
    """Return the addresses that may be printed: the settings' own, or this machine's, the likeliest first."""
    base = headers.base_url()
    found = [base]
    if urlsplit(base).scheme == "http" and urlsplit(base).hostname in network.own_addresses():
        port = urlsplit(base).port
        others = sorted(network.own_addresses() - {urlsplit(base).hostname})
        found += [f"http://{name}:{port}" if port else f"http://{name}" for name in others]
    return [found[0], *(one for one in found[1:] if network.is_reachable_by_phones(one))]


def printed_address() -> str:
    """Return the address on this meeting's cards, or the one that would be printed now."""
    return g.meeting.base_url or headers.base_url()


def address_today() -> str:
    """Return the address that phones use today: the printed one where it still leads here."""
    return headers.base_url() if has_moved() else printed_address()


def ways(caution: preflight.Caution) -> list[tuple[str, str]]:
    """Return a caution's ways out as (label, address), without an address where it is not in the console."""
    pages = {"merge": "plan", "lower": "plan", "print": "cards", "afresh": "cards"}
    return [
        (gettext(label), url_for(f"facilitator.{pages[key]}.page", key=g.meeting.key) if key in pages else "")
        for key, label in caution.ways
    ]


def folder() -> Path | None:
    """Return the folder that the database lies in, where it is a file."""
    file = make_url(access.database().url).database
    return Path(file).parent if access.database().is_sqlite and file else None


def has_moved() -> bool:
    """Say whether this machine no longer has the address that is on the cards."""
    return bool(g.meeting.base_url) and g.meeting.base_url not in addresses()


def _groups(connection: Connection) -> list[Row[Any]]:
    table = schema.group
    asked = select(table).where(table.c.meeting_id == g.meeting.id).order_by(table.c.position)
    return list(connection.execute(asked))

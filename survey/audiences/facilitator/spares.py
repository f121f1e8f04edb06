"""A lost card: voided, and a new one shown once on the page. Its code is in no address and in no log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from sqlalchemy import Connection, select

from survey.audiences import access, headers, pages
from survey.audiences.facilitator import cards as own_cards
from survey.ballots import cards
from survey.errors import CardVoid, NotFound, UnknownCode
from survey.printing import qr
from survey.storage import schema

blueprint = Blueprint("spares", __name__)


@blueprint.post("/meetings/<key>/cards/lost")
def replace(key: str) -> Any:
    """Void the card whose code was typed and show a new one of its group."""
    try:
        issued = access.write(lambda c: _replace(c, request.form.get("code", "")))
    except (UnknownCode, CardVoid) as refusal:
        flash(pages.told(refusal))
        return redirect(url_for("facilitator.run.page", key=key), 303)
    return _shown(issued, was_void=True)


@blueprint.post("/meetings/<key>/cards/spare")
def spare(key: str) -> Any:
    """Show a new card of a group."""
    return _shown(access.write(lambda c: _issue(c, request.form.get("group", ""))), was_void=False)


def _replace(connection: Connection, typed: str) -> cards.IssuedCard:
    lost = cards.find(connection, access.keys(), typed)
    if lost.meeting_id != g.meeting.id:
        raise UnknownCode
    cards.void(connection, access.keys(), g.meeting.id, lost.id)
    return cards.issue(connection, access.keys(), g.meeting.id, lost.group_id, 1, "spare")[0]


def _issue(connection: Connection, group_key: str) -> cards.IssuedCard:
    table = schema.group
    mine = select(table.c.id).where(table.c.meeting_id == g.meeting.id, table.c.key == group_key)
    group_id = connection.scalar(mine)
    if group_id is None:
        raise NotFound
    return cards.issue(connection, access.keys(), g.meeting.id, group_id, 1, "spare")[0]


def _shown(issued: cards.IssuedCard, was_void: bool) -> str:
    group = access.reading().execute(select(schema.group).where(schema.group.c.id == issued.group_id)).one()
    table = access.reading().execute(select(schema.table).where(schema.table.c.id == issued.table_id)).first()
    code = cards.pretty(cards.normalise(issued.code))
    base = headers.base_url() if own_cards.has_moved() else own_cards.printed_address()
    square = qr.modules(f"{base}/b#{code}", quiet=4)
    return render_template(
        "facilitator/new_card.html",
        code=code,
        path=qr.path(square),
        side=len(square),
        group=group,
        table=table.name if table else "",
        address=base.split("://", 1)[-1],
        was_void=was_void,
    )

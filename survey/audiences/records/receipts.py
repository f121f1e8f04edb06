"""The public list of receipts: everybody can see that their ballot is recorded, nobody what is in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template, request
from sqlalchemy import Connection, select

from survey.audiences import access
from survey.ballots import count, export, log, receipts, rounds
from survey.storage import schema

blueprint = Blueprint("receipts", __name__)
_ALIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Listed:
    """A round with its receipts in alphabetical order, so that the list does not tell who came first."""

    title: str
    number: int
    state: str
    turnout: int
    receipts: tuple[str, ...]


@blueprint.get("/verify/<key>")
def verify(key: str) -> Any:
    """Show receipts, counts and the log's head. Query: `receipt` to look for, `head` as it was earlier."""
    meeting = access.meeting(key)
    connection = access.reading()
    recorded = receipts.public_list(connection, meeting.id)
    asked, head = normal(request.args.get("receipt", "")), request.args.get("head", "").strip().lower()
    titles = {one.key: one.title for one in connection.execute(_titles(meeting.id))}
    return render_template(
        "records/verify.html",
        meeting=meeting,
        listed=_listed(connection, meeting.id, recorded),
        head=log.head(connection, meeting.id),
        asked=asked,
        found=[(titles[one.question], one.round) for one in recorded if one.receipt == asked],
        earlier=head,
        entry=_entry_with(connection, meeting.id, head),
    )


@blueprint.get("/verify/<key>/log.json")
def log_file(key: str) -> Any:
    """Return the log for the stand-alone verifier: commitments and hashes, no answer."""
    meeting = access.meeting(key)
    body = json.dumps(export.exported(access.reading(), meeting.id), ensure_ascii=False, indent=1)
    response = current_app.response_class(body, mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=f"{meeting.key}-log.json")
    return response


def normal(typed: str) -> str:
    """Return a receipt as it is printed, from what somebody typed; nothing when it cannot be one."""
    signs = re.sub(r"[\s\-\u2010-\u2015\u2212]", "", typed).upper().translate(_ALIKE)
    if len(signs) != 10 or set(signs) - set(receipts.SYMBOLS):
        return ""
    return f"{signs[:5]}-{signs[5:]}"


def _titles(meeting_id: int) -> Any:
    return select(schema.question.c.key, schema.question.c.title).where(
        schema.question.c.meeting_id == meeting_id
    )


def _listed(connection: Connection, meeting_id: int, recorded: list[receipts.Recorded]) -> list[Listed]:
    asked, opened = schema.question, schema.round_
    wanted = (
        select(opened, asked.c.key, asked.c.title)
        .join(asked, asked.c.id == opened.c.question_id)
        .where(asked.c.meeting_id == meeting_id)
        .order_by(asked.c.position, opened.c.number)
    )
    return [
        Listed(
            title=row.title,
            number=row.number,
            state=rounds.state(row),
            turnout=count.turnout(connection, row.id),
            receipts=tuple(
                sorted(one.receipt for one in recorded if (one.question, one.round) == (row.key, row.number))
            ),
        )
        for row in connection.execute(wanted)
    ]


def _entry_with(connection: Connection, meeting_id: int, head: str) -> Any:
    """Return `seq` and `hash` of the log entry whose hash begins with `head` (8 signs or more), or None."""
    if not re.fullmatch(r"[0-9a-f]{8,64}", head):
        return None
    entries = schema.log
    wanted = select(entries.c.seq, entries.c.hash).where(
        entries.c.meeting_id == meeting_id, entries.c.hash.startswith(head)
    )
    return connection.execute(wanted).first()

"""The findings of the chart on the screen, with the facilitator's changes to what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from survey.meetings import charts, notes
from survey.meetings import prompts as put
from survey.storage import schema


@dataclass(frozen=True)
class Asked:
    """A finding: its name in notes, what can be seen, what is asked about it (own words or computed)."""

    finding: str
    seen: str
    text: str
    skipped: bool


def of_round(connection: Connection, round_id: int, language: str) -> list[Asked]:
    """Return the findings of a round that has been shown, skipped ones too; none for any other round."""
    row = _shown(connection, round_id)
    if row is None:
        return []
    changed, found = notes.prompts(connection, round_id), []
    for one in charts.findings(charts.of(row, language))[: put.MOST_FINDINGS]:
        own = changed.get(one.name)
        text = own.text if own is not None and own.text else one.so_what
        found.append(Asked(one.name, one.what, text, own is not None and own.skipped))
    return found


def number(connection: Connection, round_id: int, language: str) -> int:
    """Return how many prompts the screen can put, one after the other."""
    row = _shown(connection, round_id)
    return len(put.of_round(connection, row, language)) if row is not None else 0


def _shown(connection: Connection, round_id: int) -> Row[Any] | None:
    question, round_ = schema.question, schema.round_
    asked = select(round_, question.c.key).join(question).where(round_.c.id == round_id)
    row = connection.execute(asked.where(round_.c.revealed_at.is_not(None))).first()
    return row if row is not None and row.published is not None else None

"""Counting: turnout while a round is open, the counted ballots and the books when it is closed."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from survey.ballots.receipts import BALLOTS
from survey.storage import schema

_LOG = schema.log


def turnout(connection: Connection, round_id: int) -> int:
    """Return how many cards have a ballot in the round, void ones left out."""
    voided = select(_LOG.c.pseudonym).where(
        _LOG.c.round_id == round_id, _LOG.c.type == "void", _LOG.c.pseudonym.is_not(None)
    )
    asked = select(func.count(_LOG.c.pseudonym.distinct())).where(
        _LOG.c.round_id == round_id, _LOG.c.type.in_(BALLOTS), _LOG.c.pseudonym.not_in(voided)
    )
    return connection.scalar(asked) or 0

"""The ballot box is opened and closed: each step a line in the log, in one order with the ballots.

Who may do what, and when the agenda allows it, is not known here; what would make a count wrong is refused.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from survey.ballots import audit, cards, counted, log
from survey.ballots.rounds import current, state, the_round
from survey.errors import NotAllowedNow, NotFound
from survey.storage import schema
from survey.storage.keys import Keys

_ROUND = schema.round_


def open_round(connection: Connection, keys: Keys, question_id: int) -> int:
    """Open the question's next round and return its id; the smallest group shown is locked from now on.

    Raises NotFound, NotAllowedNow (finished, or another round is open) or BrokenChain.
    """
    asked = (
        select(schema.question, schema.meeting.c.k)
        .join(schema.meeting, schema.meeting.c.id == schema.question.c.meeting_id)
        .where(schema.question.c.id == question_id)
    )
    question = connection.execute(asked).first()
    if question is None:
        raise NotFound
    if log.lock(connection, question.meeting_id):
        question = connection.execute(asked).one()
    if question.finished_at is not None or current(connection, question.meeting_id) is not None:
        raise NotAllowedNow
    audit.check(connection, question.meeting_id)
    keys.make_question(connection, question_id)
    numbers = select(func.coalesce(func.max(_ROUND.c.number), 0)).where(_ROUND.c.question_id == question_id)
    number = connection.execute(numbers).scalar_one() + 1
    values = {"question_id": question_id, "number": number, "k": question.k, "opened_at": schema.now()}
    round_id: int = connection.execute(insert(_ROUND).values(values).returning(_ROUND.c.id)).scalar_one()
    data = {"question": question.key, "round": number, "k": question.k}
    log.append(connection, question.meeting_id, "open", round_id, data=data)
    return round_id


def close_round(connection: Connection, round_id: int) -> log.Entry:
    """Close the round: count it, write its books, and enter their hashes in the log.

    Raises NotAllowedNow, or BrokenChain where what is stored is not what was cast.
    """
    round_ = _in_state(connection, round_id, "open")
    audit.check_open(connection, round_id)
    salt = secrets.token_hex(16)
    data = counted.close_data(connection, round_id, salt)
    entry = log.append(connection, round_.meeting_id, "close", round_id, data=data)
    _change(
        connection,
        round_id,
        closed_at=schema.now(),
        salt=salt,
        head=entry.hash,
        books=counted.current_books(connection, round_id).as_dict(),
    )
    return entry


def reopen_round(connection: Connection, keys: Keys, round_id: int) -> None:
    """Open a closed round again with the ballots that are in it, but for those of cards voided since.

    Nothing of it was shown. Raises NotAllowedNow or BrokenChain.
    """
    round_ = _in_state(connection, round_id, "closed")
    if round_.finished_at is not None or current(connection, round_.meeting_id) is not None:
        raise NotAllowedNow
    audit.check(connection, round_.meeting_id)
    afresh = {"closed_at": None, "salt": None, "head": None, "books": None, "published": None}
    _change(connection, round_id, opened_at=schema.now(), **afresh)
    log.append(connection, round_.meeting_id, "reopen", round_id)
    voided = set(connection.scalars(counted.voided(round_id)))
    card = schema.card
    void = select(card.c.id).where(card.c.meeting_id == round_.meeting_id, card.c.void)
    for card_id in connection.scalars(void).all():
        if keys.pseudonym(connection, round_.question_id, card_id) not in voided:
            cards.leave(connection, keys, round_.meeting_id, round_, card_id)


def reveal_round(connection: Connection, round_id: int) -> log.Entry:
    """Let the closed round be seen; from here its count is final. Raises NotAllowedNow."""
    round_ = _in_state(connection, round_id, "closed")
    _change(connection, round_id, revealed_at=schema.now())
    return log.append(connection, round_.meeting_id, "reveal", round_id)


def annul_round(connection: Connection, round_id: int) -> log.Entry:
    """Put a closed or revealed round aside; the question may be put again. Raises NotAllowedNow."""
    round_ = _in_state(connection, round_id, "closed", "revealed")
    _change(connection, round_id, annulled_at=schema.now())
    return log.append(connection, round_.meeting_id, "annul", round_id)


def _in_state(connection: Connection, round_id: int, *allowed: str) -> Row[Any]:
    round_ = the_round(connection, round_id)
    log.lock(connection, round_.meeting_id)
    round_ = the_round(connection, round_id)
    if state(round_) not in allowed:
        raise NotAllowedNow
    return round_


def _change(connection: Connection, round_id: int, **values: Any) -> None:
    connection.execute(update(_ROUND).where(_ROUND.c.id == round_id).values(values))

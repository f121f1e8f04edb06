"""Cards: issued with a code, found by it, taken over by another phone, voided. Tables are drawn with them."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from survey.ballots import log
from survey.ballots.codes import check_symbol, new_code, normalise, pretty
from survey.ballots.rounds import current
from survey.errors import CardTaken, CardVoid, NotFound, UnknownCode
from survey.storage import schema
from survey.storage.keys import Keys

__all__ = ["check_symbol", "new_code", "normalise", "pretty"]

_CARD = schema.card
# Asked for everybody who comes in, and so built once.
_WITH_CODE = select(_CARD).where(_CARD.c.code_digest == bindparam("digest"))


class IssuedCard(NamedTuple):
    """A new card. The code is here and on the paper, nowhere else."""

    id: str
    code: str
    group_id: int
    table_id: int | None


class Counts(NamedTuple):
    """A group's cards: all that exist, those somebody came in with, those voided."""

    issued: int
    taken: int
    void: int


def issue(
    connection: Connection, keys: Keys, meeting_id: int, group_id: int, number: int, origin: str
) -> list[IssuedCard]:
    """Make `number` cards of a group; `origin` is printed, spare, room or rehearsal. Raises NotFound.

    Tables are drawn so that each group spreads over them and no table gets more than its share.
    """
    log.lock(connection, meeting_id)
    group = connection.execute(
        select(schema.group.c.key).where(
            schema.group.c.id == group_id, schema.group.c.meeting_id == meeting_id
        )
    ).first()
    if group is None:
        raise NotFound
    issued = [
        IssuedCard(secrets.token_hex(16), new_code(), group_id, table_id)
        for table_id in _draw_tables(connection, meeting_id, group_id, number)
    ]
    if issued:
        rows = [
            {
                "id": card.id,
                "meeting_id": meeting_id,
                "group_id": group_id,
                "table_id": card.table_id,
                "code_digest": keys.code_digest(card.code),
                "origin": origin,
            }
            for card in issued
        ]
        connection.execute(insert(_CARD), rows)
        data = {"group": group.key, "number": number, "origin": origin}
        log.append(connection, meeting_id, "issue", data=data)
    return issued


def _draw_tables(connection: Connection, meeting_id: int, group_id: int, number: int) -> list[int | None]:
    table = schema.table
    tables = list(
        connection.scalars(select(table.c.id).where(table.c.meeting_id == meeting_id).order_by(table.c.id))
    )
    if not tables:
        return [None] * number
    seated = select(_CARD.c.table_id, _CARD.c.group_id).where(_CARD.c.meeting_id == meeting_id, ~_CARD.c.void)
    own: Counter[int] = Counter()
    everybody: Counter[int] = Counter()
    for row in connection.execute(seated):
        everybody[row.table_id] += 1
        own[row.table_id] += row.group_id == group_id
    drawn: list[int | None] = []
    for _ in range(number):
        chosen = min(tables, key=lambda one: (own[one], everybody[one], secrets.randbits(32)))
        own[chosen] += 1
        everybody[chosen] += 1
        drawn.append(chosen)
    return drawn


def find(connection: Connection, keys: Keys, typed: str) -> Row[Any]:
    """Return the card with this code as somebody typed it; raises UnknownCode or CardVoid."""
    digest = keys.code_digest(normalise(typed))
    found = connection.execute(_WITH_CODE, {"digest": digest}).first()
    if found is None:
        raise UnknownCode
    if found.void:
        raise CardVoid
    return found


def take(connection: Connection, keys: Keys, card: Row[Any], session_hash: str) -> None:
    """Let a session hold the card, in place of the one that did.

    Raises CardTaken when the card has cast in the open round and another session holds it, CardVoid when it
    was voided since it was found.
    """
    log.lock(connection, card.meeting_id)
    now = connection.execute(select(_CARD.c.holder, _CARD.c.void).where(_CARD.c.id == card.id)).one()
    if now.void:
        raise CardVoid
    if now.holder not in (None, session_hash) and _has_cast_in_open_round(connection, keys, card):
        raise CardTaken
    connection.execute(update(_CARD).where(_CARD.c.id == card.id).values(holder=session_hash, taken=True))
    if now.holder not in (None, session_hash):
        table = schema.meeting
        more = update(table).where(table.c.id == card.meeting_id).values(takeovers=table.c.takeovers + 1)
        connection.execute(more)


def _has_cast_in_open_round(connection: Connection, keys: Keys, card: Row[Any]) -> bool:
    opened = current(connection, card.meeting_id)
    return opened is not None and _cast_in(
        connection, opened.id, keys.pseudonym(connection, opened.question_id, card.id)
    )


def _cast_in(connection: Connection, round_id: int, pseudonym: str) -> bool:
    key = schema.cast_key
    asked = select(key.c.seq).where(key.c.round_id == round_id, key.c.pseudonym == pseudonym).limit(1)
    return connection.execute(asked).first() is not None


def void(connection: Connection, keys: Keys, meeting_id: int, card_id: str) -> None:
    """Void a card: it may not vote any more, and its ballot leaves the open round.

    Voiding twice does nothing the second time. Raises NotFound.
    """
    log.lock(connection, meeting_id)
    asked = select(_CARD.c.void).where(_CARD.c.id == card_id, _CARD.c.meeting_id == meeting_id)
    found = connection.execute(asked).first()
    if found is None:
        raise NotFound
    if found.void:
        return
    connection.execute(update(_CARD).where(_CARD.c.id == card_id).values(void=True, holder=None))
    opened = current(connection, meeting_id)
    if opened is None or not leave(connection, keys, meeting_id, opened, card_id):
        log.append(connection, meeting_id, "void")


def leave(connection: Connection, keys: Keys, meeting_id: int, opened: Row[Any], card_id: str) -> bool:
    """Take a void card's ballot out of an open round, by an entry in the log; says whether there was one."""
    pseudonym = keys.pseudonym(connection, opened.question_id, card_id)
    if not _cast_in(connection, opened.id, pseudonym):
        return False
    log.append(connection, meeting_id, "void", round_id=opened.id, pseudonym=pseudonym)
    return True


def void_unused(connection: Connection, meeting_id: int) -> int:
    """Void every card that nobody has come in with, to print afresh; returns how many."""
    log.lock(connection, meeting_id)
    unused = and_(_CARD.c.meeting_id == meeting_id, ~_CARD.c.taken, ~_CARD.c.void)
    number = connection.execute(update(_CARD).where(unused).values(void=True)).rowcount
    if number:
        log.append(connection, meeting_id, "void", data={"number": number})
    return number


def counts(connection: Connection, meeting_id: int, simulated: bool = True) -> dict[int, Counts]:
    """Return the counts of each group's cards by group id; groups without cards too.

    Without `simulated` the cards of a rehearsal's invented people are left out.
    """
    group = schema.group
    own = _CARD.c.group_id == group.c.id
    asked = (
        select(
            group.c.id,
            func.count(_CARD.c.id),
            func.count(_CARD.c.id).filter(_CARD.c.taken),
            func.count(_CARD.c.id).filter(_CARD.c.void),
        )
        .join(_CARD, own if simulated else and_(own, _CARD.c.origin != "rehearsal"), isouter=True)
        .where(group.c.meeting_id == meeting_id)
        .group_by(group.c.id)
    )
    return {row[0]: Counts(*row[1:]) for row in connection.execute(asked)}

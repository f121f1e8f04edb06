"""Casting: the one door by which ballots come in, from phones, from paper and from replays."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from survey import kinds
from survey.ballots import log
from survey.ballots.hashing import canonical, commitment
from survey.ballots.receipts import BALLOTS, receipt
from survey.ballots.rounds import state, the_round
from survey.errors import CardVoid, InvalidAnswer, KeyReused, NotFound, NotVoting, RoundClosed
from survey.languages import gettext
from survey.storage import schema
from survey.storage.keys import Keys

_KEY = re.compile(r"[0-9a-f]{32}")
_USED = schema.cast_key
# Statements on a ballot's way are built once.
_ADD_KEY, _ADD_CONTENT = insert(_USED), insert(schema.content)
_CARD: Select[Any] = (
    select(schema.card, schema.group.c.key.label("group_key"), schema.group.c.votes)
    .join(schema.group, schema.group.c.id == schema.card.c.group_id)
    .where(schema.card.c.id == bindparam("card"), schema.card.c.meeting_id == bindparam("meeting"))
)
_BEFORE: Select[Any] = (
    select(_USED.c.body_hash, _USED.c.seq, schema.log.c.hash)
    .join(schema.log, (schema.log.c.seq == _USED.c.seq) & (schema.log.c.meeting_id == bindparam("meeting")))
    .where(
        _USED.c.round_id == bindparam("round"),
        _USED.c.pseudonym == bindparam("pseudonym"),
        _USED.c.key == bindparam("key"),
    )
)


class Cast(NamedTuple):
    """What a cast became: its place in the log, its receipt, whether it had been cast before (a retry)."""

    seq: int
    hash: str
    receipt: str
    again: bool


def cast(
    connection: Connection,
    keys: Keys,
    round_id: int,
    card_id: str,
    key: str,
    answer: Any,
    paper: bool = False,
) -> Cast:
    """Record a card's answer in the round; the last one before closing counts.

    `key` (32 hex digits) is the sender's idempotency key: the same key with the same answer gives the first
    cast again, even when the round is closed by now. `paper` marks a ballot that the facilitator enters.
    Raises RoundClosed, CardVoid, NotVoting, InvalidAnswer, KeyReused or NotFound; then nothing is stored.
    """
    round_ = the_round(connection, round_id)
    if log.lock(connection, round_.meeting_id):
        round_ = the_round(connection, round_id)
    if round_.finished_at is not None:
        raise RoundClosed
    card = _card(connection, round_.meeting_id, card_id)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InvalidAnswer([gettext("The sending has no valid key. Load the page again.")])
    pseudonym = keys.pseudonym(connection, round_.question_id, card_id)
    before = _before(connection, keys, round_, pseudonym, key, answer)
    if before is not None:
        return before
    if state(round_) != "open":
        raise RoundClosed
    if card.void:
        raise CardVoid
    question = kinds.load(connection, round_.question_id)
    kind = kinds.kind_of(question)
    if not card.votes and not kind.guests_vote:
        raise NotVoting
    problems = kind.problems(question, card.group_key, answer)
    if problems:
        raise InvalidAnswer(problems)
    entry = _store(connection, round_, card, pseudonym, canonical(answer), paper)
    values = {
        "round_id": round_id,
        "pseudonym": pseudonym,
        "key": key,
        "body_hash": _body_hash(connection, keys, round_.question_id, answer),
        "seq": entry.seq,
    }
    connection.execute(_ADD_KEY, values)
    if not card.taken:
        connection.execute(update(schema.card).where(schema.card.c.id == card_id).values(taken=True))
    return Cast(entry.seq, entry.hash, receipt(entry.hash), again=False)


def _card(connection: Connection, meeting_id: int, card_id: str) -> Row[Any]:
    found = connection.execute(_CARD, {"card": card_id, "meeting": meeting_id}).first()
    if found is None:
        raise NotFound
    return found


def _body_hash(connection: Connection, keys: Keys, question_id: int, answer: Any) -> str:
    return keys.keyed_hash(connection, question_id, "answer:" + json.dumps(answer, sort_keys=True))


def _before(
    connection: Connection, keys: Keys, round_: Row[Any], pseudonym: str, key: str, answer: Any
) -> Cast | None:
    asked = {"meeting": round_.meeting_id, "round": round_.id, "pseudonym": pseudonym, "key": key}
    found = connection.execute(_BEFORE, asked).first()
    if found is None:
        return None
    if found.body_hash != _body_hash(connection, keys, round_.question_id, answer):
        raise KeyReused
    return Cast(found.seq, found.hash, receipt(found.hash), again=True)


def _store(
    connection: Connection, round_: Row[Any], card: Row[Any], pseudonym: str, answer: str, paper: bool
) -> log.Entry:
    nonce = secrets.token_hex(16)
    committed = commitment(nonce, answer)
    values = {
        "id": secrets.token_hex(16),
        "round_id": round_.id,
        "group_id": card.group_id,
        "answer": answer,
        "nonce": nonce,
        "commitment": committed,
    }
    connection.execute(_ADD_CONTENT, values)
    type = "paper" if paper else "cast"
    return log.append(connection, round_.meeting_id, type, round_.id, pseudonym, committed)


def own_answer(connection: Connection, keys: Keys, round_id: int, card_id: str) -> dict[str, Any] | None:
    """Return what the card has cast last in the round; None when nothing, or when the round is not open."""
    round_ = the_round(connection, round_id)
    if state(round_) != "open":
        return None
    entry, content = schema.log, schema.content
    asked = (
        select(content.c.answer)
        .join(entry, entry.c.commitment == content.c.commitment)
        .where(
            entry.c.round_id == round_id,
            entry.c.pseudonym == keys.pseudonym(connection, round_.question_id, card_id),
            entry.c.type.in_(BALLOTS),
        )
        .order_by(entry.c.seq.desc())
    )
    found = connection.scalar(asked.limit(1))
    answer: dict[str, Any] | None = None if found is None else json.loads(found)
    return answer


def has_cast(connection: Connection, keys: Keys, round_id: int, card_id: str) -> bool:
    """Say whether the card has cast in the round. After finish nobody knows: then it is False."""
    round_ = the_round(connection, round_id)
    if round_.finished_at is not None:
        return False
    used = schema.cast_key
    pseudonym = keys.pseudonym(connection, round_.question_id, card_id)
    asked = select(used.c.seq).where(used.c.round_id == round_id, used.c.pseudonym == pseudonym)
    return connection.execute(asked.limit(1)).first() is not None

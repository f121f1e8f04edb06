"""Casting: the one door by which ballots come in, from phones, from paper and from replays."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, bindparam, select

from survey import kinds
from survey.ballots.ballot import Ballot
from survey.ballots.record import Cast, record
from survey.ballots.rounds import state, the_round
from survey.errors import InvalidAnswer, KeyGone, NotFound, NotVoting, RoundFinished, SurveyError
from survey.languages import gettext
from survey.storage import schema
from survey.storage.keys import Keys

__all__ = ["Ballot", "Cast", "cast", "has_cast", "own_answer", "ready", "record", "refusal"]

_KEY = re.compile(r"[0-9a-f]{32}")
_CARD: Select[Any] = (
    select(schema.card.c.id, schema.group.c.key.label("group_key"), schema.group.c.votes)
    .join(schema.group, schema.group.c.id == schema.card.c.group_id)
    .where(schema.card.c.id == bindparam("card"), schema.card.c.meeting_id == bindparam("meeting"))
)


class Card(Protocol):
    """What of a card says how it may vote."""

    @property
    def id(self) -> Any:
        """The card's id."""

    @property
    def group_key(self) -> Any:
        """Its group's key."""

    @property
    def votes(self) -> Any:
        """Whether the group votes."""


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
    card = _card(connection, round_.meeting_id, card_id)
    question = kinds.load(connection, round_.question_id)
    ballot = ready(lambda: connection, keys, question, round_id, card, key, answer, paper=paper)
    verdict = record(connection, [ballot])[0]
    if isinstance(verdict, SurveyError):
        raise verdict
    return verdict


def ready(
    reading: Callable[[], Connection],
    keys: Keys,
    question: kinds.Question,
    round_id: int,
    card: Card,
    key: str,
    answer: Any,
    holder: str | None = None,
    paper: bool = False,
) -> Ballot:
    """Make a ballot ready for `record`, outside any lock: a question does not change once it was opened.

    `reading` gives a connection if need be; `holder` is the session that must hold the card when it is
    recorded (None: any). Raises InvalidAnswer for a key that is none, RoundFinished after finish; what else
    is wrong with the answer goes with the ballot.
    """
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InvalidAnswer([gettext("The sending has no valid key. Load the page again.")])
    try:
        secret = keys.of_round(reading, round_id, question.id)
    except KeyGone:
        raise RoundFinished from None
    return Ballot(round_id, card.id, holder, key, secret, answer, refusal(question, card, answer), paper)


def refusal(question: kinds.Question, card: Card, answer: Any) -> SurveyError | None:
    """Return what is wrong with the card's answer to the question, in whatever state it is."""
    kind = kinds.kind_of(question)
    if not card.votes and not kind.guests_vote:
        return NotVoting()
    problems = kind.problems(question, card.group_key, answer)
    return InvalidAnswer(problems) if problems else None


def _card(connection: Connection, meeting_id: int, card_id: str) -> Row[Any]:
    found = connection.execute(_CARD, {"card": card_id, "meeting": meeting_id}).first()
    if found is None:
        raise NotFound
    return found


def own_answer(connection: Connection, keys: Keys, round_id: int, card_id: str) -> dict[str, Any] | None:
    """Return what the card has cast last in the round; None when nothing, or when the round is not open."""
    round_ = the_round(connection, round_id)
    if state(round_) != "open":
        return None
    used, content = schema.cast_key, schema.content
    pseudonym = keys.pseudonym(connection, round_.question_id, card_id)
    asked = (
        select(content.c.answer)
        .join(used, used.c.content_id == content.c.id)
        .where(used.c.round_id == round_id, used.c.pseudonym == pseudonym)
        .order_by(used.c.seq.desc())
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

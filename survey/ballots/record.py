"""Recording: ballots that wait together are judged one by one and stored by a handful of statements."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, update

from survey.ballots import log
from survey.ballots.ballot import Ballot, Content, Key, Written, written
from survey.ballots.hashing import commitment
from survey.ballots.receipts import receipt
from survey.ballots.rounds import state
from survey.errors import CardTaken, CardVoid, KeyReused, NotFound, RoundClosed, RoundFinished, SurveyError
from survey.storage import schema
from survey.storage.asking import among, numbered, rows
from survey.storage.inserting import insert_many
from survey.storage.locking import lock_meetings

_CARD, _ROUND, _USED = schema.card, schema.round_, schema.cast_key
_HASH = select(schema.log.c.hash).where(
    schema.log.c.meeting_id == bindparam("meeting"), schema.log.c.seq == bindparam("seq")
)


class _Round(NamedTuple):
    """A round as it is under its meeting's lock; of its times it matters only whether they are there."""

    id: int
    meeting_id: int
    finished_at: Any
    annulled_at: Any
    revealed_at: Any
    closed_at: Any


class _Card(NamedTuple):
    """A card as it is under its meeting's lock."""

    id: str
    meeting_id: int
    group_id: int
    holder: str | None
    void: bool
    taken: bool


class Cast(NamedTuple):
    """What a cast became: its place and hash in the log; whether it had been cast before (a retry)."""

    seq: int
    hash: str
    again: bool

    @property
    def receipt(self) -> str:
        """The entry's receipt."""
        return receipt(self.hash)


def record(connection: Connection, ballots: Sequence[Ballot]) -> list[Cast | SurveyError]:
    """Store the ballots in their order and return each one's cast or refusal; a refused one leaves nothing.

    Refusals are NotFound, CardTaken, RoundClosed, RoundFinished, KeyReused, CardVoid and the ballot's own.
    What is stored is true once the caller's transaction commits, for all of them or for none.
    """
    # Before any lock, and in one go: each by itself, between two other things, takes the processor longer.
    to_write = [written(ballot) for ballot in ballots]
    batch = _Batch(connection, ballots, to_write)
    verdicts = [batch.judge(*both) for both in zip(ballots, to_write, strict=True)]
    batch.store(connection)
    return verdicts


class _First(NamedTuple):
    """The first cast under a key, and the hash of the answer that was sent with it."""

    body_hash: str
    seq: int
    hash: str


class _Batch:
    """What the verdicts rest on, read under the meetings' locks, and what is to be stored."""

    def __init__(
        self, connection: Connection, ballots: Sequence[Ballot], to_write: Sequence[Written]
    ) -> None:
        self._rounds = _rounds(connection, {ballot.round_id for ballot in ballots})
        meetings = {row.meeting_id for row in self._rounds.values()}
        self._tails = log.tails(connection, meetings)
        self._cards = _cards(connection, {ballot.card_id for ballot in ballots})
        self._sent = _sent(connection, to_write, self._rounds)
        # In the same few pages of the file, which halves what a commit writes; who looks reads by commitment.
        self._place = secrets.token_hex(8)
        self._contents: list[Content] = []
        self._keys: list[Key] = []
        self._came_in: set[str] = set()

    def judge(self, ballot: Ballot, to_write: Written) -> Cast | SurveyError:
        """Return what becomes of a ballot, with those before it in mind."""
        round_, card = self._rounds.get(ballot.round_id), self._cards.get(ballot.card_id)
        if round_ is None or card is None or card.meeting_id != round_.meeting_id:
            return NotFound()
        if ballot.holder not in (None, card.holder):
            return CardTaken()
        if round_.finished_at is not None:
            return RoundFinished()
        first = self._sent.get(to_write.sending)
        if first is not None:
            if first.body_hash != to_write.body_hash:
                return KeyReused()
            return Cast(first.seq, first.hash, again=True)
        if state(round_) != "open":
            return RoundClosed()
        if card.void:
            return CardVoid()
        return ballot.refusal or self._take(to_write, round_.meeting_id, card)

    def _take(self, ballot: Written, meeting_id: int, card: _Card) -> Cast:
        # Drawn together, since asking the system costs more than what it gives.
        drawn = secrets.token_hex(24)
        nonce, content_id = drawn[:32], self._place + drawn[32:]
        round_id, pseudonym, key, type, body_hash, answer = ballot
        committed = commitment(nonce, answer, card.group_id)
        entry = self._tails[meeting_id].append(type, round_id, pseudonym, committed)
        self._sent[ballot.sending] = _First(body_hash, entry.seq, entry.hash)
        self._contents.append(Content(content_id, round_id, card.group_id, answer, nonce, committed))
        self._keys.append(Key(round_id, pseudonym, key, body_hash, entry.seq, content_id))
        if not card.taken:
            self._came_in.add(card.id)
        return Cast(entry.seq, entry.hash, again=False)

    def store(self, connection: Connection) -> None:
        """Store what was taken."""
        if not self._keys:
            return
        insert_many(connection, schema.content, self._contents)
        # Keys first: by them the log's triggers know whether it is the card's first ballot.
        insert_many(connection, _USED, self._keys)
        log.store(connection, self._tails.values())
        if self._came_in:
            connection.execute(update(_CARD).where(_CARD.c.id.in_(self._came_in)).values(taken=True))


def _rounds(connection: Connection, ids: set[int]) -> dict[int, _Round]:
    """Return those of the rounds that exist, as they are under their meetings' locks."""
    found = _several(connection, ids)
    waited = lock_meetings(connection, {row.meeting_id for row in found.values()})
    return _several(connection, ids) if waited else found


def _several(connection: Connection, ids: set[int]) -> dict[int, _Round]:
    found = rows(connection, _rounds_among(len(ids)), numbered(ids))
    return {row[0]: _Round(*row) for row in found}


def _cards(connection: Connection, ids: set[str]) -> dict[str, _Card]:
    found = rows(connection, _cards_among(len(ids)), numbered(ids))
    return {row[0]: _Card(*row) for row in found}


def _sent(
    connection: Connection, ballots: Sequence[Written], rounds: dict[int, _Round]
) -> dict[tuple[int, str, str], _First]:
    """Return the first casts of those ballots whose keys were used before this batch."""
    asked: dict[str, Any] = {}
    for place, ballot in enumerate(ballots):
        asked[f"round{place}"], asked[f"pseudonym{place}"], asked[f"key{place}"] = ballot.sending
    found = {}
    for round_id, pseudonym, key, body_hash, seq in rows(connection, _used(len(ballots)), asked):
        if round_id in rounds:
            at = {"meeting": rounds[round_id].meeting_id, "seq": seq}
            hash = connection.execute(_HASH, at).scalar_one()
            found[round_id, pseudonym, key] = _First(body_hash, seq, hash)
    return found


@cache
def _used(number: int) -> Select[Any]:
    """Return the query for the keys of `number` ballots; a list of tuples would make SQLite read them all."""
    one_of = (
        and_(
            _USED.c.round_id == bindparam(f"round{place}"),
            _USED.c.pseudonym == bindparam(f"pseudonym{place}"),
            _USED.c.key == bindparam(f"key{place}"),
        )
        for place in range(number)
    )
    asked = (_USED.c.round_id, _USED.c.pseudonym, _USED.c.key, _USED.c.body_hash, _USED.c.seq)
    return select(*asked).where(or_(*one_of))


@cache
def _rounds_among(number: int) -> Select[Any]:
    times = (_ROUND.c.annulled_at, _ROUND.c.revealed_at, _ROUND.c.closed_at)
    return (
        select(_ROUND.c.id, schema.question.c.meeting_id, schema.question.c.finished_at, *times)
        .join(schema.question, schema.question.c.id == _ROUND.c.question_id)
        .where(among(_ROUND.c.id, number))
    )


@cache
def _cards_among(number: int) -> Select[Any]:
    asked = (_CARD.c.id, _CARD.c.meeting_id, _CARD.c.group_id, _CARD.c.holder, _CARD.c.void, _CARD.c.taken)
    return select(*asked).where(among(_CARD.c.id, number))

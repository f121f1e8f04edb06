"""A ballot on its way: as it was made ready, what is written down of it, and the rows that it becomes."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from survey.ballots.hashing import canonical
from survey.errors import SurveyError
from survey.storage.keys import hashed

_as_sent = json.JSONEncoder(sort_keys=True)


class Ballot(NamedTuple):
    """A ballot made ready: all of it that rests neither on the lock nor on what others do meanwhile.

    `holder` is the session that must hold the card (None: anybody, for paper), `key` the sender's, `secret`
    the question's key, `answer` plain JSON, `refusal` what is wrong with it whatever the state.
    """

    round_id: int
    card_id: str
    holder: str | None
    key: str
    secret: bytes
    answer: Any
    refusal: SurveyError | None
    paper: bool


class Written(NamedTuple):
    """What is written down of a ballot: the card only as a pseudonym, the answer as canonical JSON."""

    round_id: int
    pseudonym: str
    key: str
    type: str
    body_hash: str
    answer: str

    @property
    def sending(self) -> tuple[int, str, str]:
        """What a retry has in common with the first time."""
        return self[:3]


def written(ballot: Ballot) -> Written:
    """Return what is written down of a ballot; of a refused one not even its answer."""
    secret, answer = ballot.secret, ballot.answer
    return Written(
        ballot.round_id,
        pseudonym=hashed(secret, ballot.card_id)[:32],
        key=ballot.key,
        type="paper" if ballot.paper else "cast",
        body_hash=hashed(secret, "answer:" + _as_sent.encode(answer)),
        answer="" if ballot.refusal else canonical(answer),
    )


class Content(NamedTuple):
    """A row of the contents, as it is stored."""

    id: str
    round_id: int
    group_id: int
    answer: str
    nonce: str
    commitment: str


class Key(NamedTuple):
    """A row of the keys that were used, as it is stored."""

    round_id: int
    pseudonym: str
    key: str
    body_hash: str
    seq: int
    content_id: str

"""Which ballots count in a round, and the books about them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, func, not_, select

from survey import kinds
from survey.ballots import log
from survey.ballots.hashing import canonical, digest
from survey.ballots.receipts import BALLOTS
from survey.ballots.rounds import the_round
from survey.storage import schema

_LOG = schema.log


class Ballot(NamedTuple):
    """A counted ballot. `owner` is the same in this question's rounds: pseudonym, after finish random."""

    owner: str
    group: str
    answer: dict[str, Any]


@dataclass(frozen=True)
class Books:
    """A round's books, of voting groups: issued = used + unused + void, used = counted + blank.

    A spare that nobody has come in with is not issued, nor in a rehearsal a printed card. `paper` counts the
    ballots of `used` that came on paper; `by_group` has `issued` and `used` by group key.
    """

    issued: int = 0
    used: int = 0
    unused: int = 0
    void: int = 0
    counted: int = 0
    blank: int = 0
    paper: int = 0
    by_group: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the books as plain JSON."""
        return asdict(self)


def voided(round_id: int) -> Any:
    """Return the query for the pseudonyms whose ballots have left the round."""
    return select(_LOG.c.pseudonym).where(
        _LOG.c.round_id == round_id,
        _LOG.c.commitment.is_(None),
        _LOG.c.type == "void",
        _LOG.c.pseudonym.is_not(None),
    )


def _last(connection: Connection, round_id: int) -> list[Any]:
    """Return type, pseudonym and commitment of each card's last ballot in the round, void ones left out."""
    newest = (
        select(func.max(_LOG.c.seq))
        .where(
            log.of_round(round_id),
            _LOG.c.type.in_(BALLOTS),
            _LOG.c.pseudonym.not_in(voided(round_id)),
        )
        .group_by(_LOG.c.pseudonym)
    )
    meeting_id = the_round(connection, round_id).meeting_id
    wanted = select(_LOG.c.type, _LOG.c.pseudonym, _LOG.c.commitment)
    wanted = wanted.where(_LOG.c.meeting_id == meeting_id, _LOG.c.seq.in_(newest))
    return list(connection.execute(wanted))


def ballots(connection: Connection, round_id: int) -> list[Ballot]:
    """Return the counted ballots of a round (blank ones too), in no order that means anything."""
    content, group = schema.content, schema.group
    stored = (
        select(content.c.commitment, content.c.ballot, group.c.key, content.c.answer)
        .join(group, group.c.id == content.c.group_id)
        .where(content.c.round_id == round_id)
        .order_by(content.c.commitment, content.c.id)
    )
    owners = {row.commitment: row.pseudonym for row in _last(connection, round_id)}
    found = []
    for row in connection.execute(stored):
        # After finish only counted ballots are left, under a random id; before, the log says which count.
        owner = row.ballot or owners.get(row.commitment)
        if owner is not None:
            found.append(Ballot(owner, row.key, json.loads(row.answer)))
    return found


def books(connection: Connection, round_id: int) -> Books:
    """Return the round's books: as they stand while it is open, as they were at close afterwards."""
    round_ = the_round(connection, round_id)
    return Books(**round_.books) if round_.books else current_books(connection, round_id)


def current_books(connection: Connection, round_id: int) -> Books:
    """Return the round's books by the cards and the log as they are now."""
    round_ = the_round(connection, round_id)
    question = kinds.load(connection, round_.question_id)
    cards = _cards(connection, question)
    cast = ballots(connection, round_id)
    used = Counter(ballot.group for ballot in cast)
    issued, void = sum(row[1] for row in cards), sum(row[2] for row in cards)
    blank = sum(not ballot.answer for ballot in cast)
    return Books(
        issued=issued,
        used=len(cast),
        unused=issued - len(cast) - void,
        void=void,
        counted=len(cast) - blank,
        blank=blank,
        paper=sum(row.type == "paper" for row in _last(connection, round_id)),
        by_group={row[0]: {"issued": row[1], "used": used[row[0]]} for row in cards},
    )


def entitled(connection: Connection, round_id: int) -> int:
    """Return how many cards may vote in the round, issued less void: what turnout is out of everywhere."""
    round_ = the_round(connection, round_id)
    if round_.books:
        return int(round_.books["issued"] - round_.books["void"])
    cards = _cards(connection, kinds.load(connection, round_.question_id))
    return sum(issued - void for _, issued, void in cards)


def _cards(connection: Connection, question: kinds.Question) -> list[tuple[str, int, int]]:
    """Return key, issued cards and void cards of each group that takes part in the question."""
    card, group = schema.card, schema.group
    # In a rehearsal invented people sit where the printed cards would have been.
    waiting = card.c.origin == "spare"
    if _is_rehearsal(connection, question.meeting_id):
        waiting = card.c.origin.in_(("spare", "printed"))
    lies_unused = and_(waiting, not_(card.c.taken))
    taking_part = (
        select(group.c.key, func.count(card.c.id), func.count(card.c.id).filter(card.c.void))
        .join(card, and_(card.c.group_id == group.c.id, not_(lies_unused)), isouter=True)
        .where(group.c.meeting_id == question.meeting_id)
        .group_by(group.c.id)
        .order_by(group.c.position)
    )
    if not kinds.kind_of(question).guests_vote:
        taking_part = taking_part.where(group.c.votes)
    return [(row[0], row[1], row[2]) for row in connection.execute(taking_part)]


def _is_rehearsal(connection: Connection, meeting_id: int) -> bool:
    meeting = schema.meeting
    return bool(connection.scalar(select(meeting.c.rehearsal).where(meeting.c.id == meeting_id)))


def close_data(connection: Connection, round_id: int, salt: str) -> dict[str, Any]:
    """Return what the close entry says of the counted ballots: `n`, and salted hashes of tally and set.

    The set is hashed sorted, so that its hash outlives the rewriting at finish.
    """
    question = kinds.load(connection, the_round(connection, round_id).question_id)
    kind, tally, contents = kinds.kind_of(question), Counter[str](), []
    for ballot in ballots(connection, round_id):
        contents.append([ballot.group, canonical(ballot.answer)])
        for row in kind.rows(question, ballot.group, ballot.answer):
            tally[canonical([row["item"], row["value"], row["text"]])] += 1
    return {
        "n": len(contents),
        "tally": digest("tally", [salt, sorted(tally.items())]),
        "contents": digest("contents", [salt, sorted(contents)]),
    }

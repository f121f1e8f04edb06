"""Finish: the links between a question's cards and ballots are destroyed, in tables, file and keys.

What stays is the chain, whose commitments nobody can open any more, and the counted answers.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text, update

from survey.ballots import counted, log
from survey.ballots.hashing import canonical
from survey.ballots.rounds import IS_OPEN, state
from survey.errors import NotAllowedNow, NotFound
from survey.storage import schema, wiping
from survey.storage.database import Database
from survey.storage.keys import Keys

_QUESTION = schema.question
_PENDING = select(_QUESTION).where(_QUESTION.c.finished_at.is_not(None), _QUESTION.c.scrubbed_at.is_(None))
_HOUR = timedelta(hours=1)
_OF_VOTES = ("content", "cast_key", "question_key")
_OF_WORDS = ("meeting", "question", "item", "groups", "tables", "note", "prompt", "round", "card", "session")


def finish(database: Database, keys: Keys, question_id: int) -> bool:
    """Finish the question; nothing happens if it is finished already. Returns whether the file is wiped too.

    False means that a round is open somewhere: `wipe` does it later. Raises NotFound, or NotAllowedNow while
    a round of the question is open.
    """
    database.write(lambda connection: rewrite(connection, question_id))
    keys.destroy_question(question_id)
    return wipe(database)


def rewrite(connection: Connection, question_id: int) -> None:
    """Finish in the tables: counted answers under new random ids and in random order; all else goes."""
    asked = select(_QUESTION).where(_QUESTION.c.id == question_id)
    question = connection.execute(asked).first()
    if question is None:
        raise NotFound
    if log.lock(connection, question.meeting_id):
        question = connection.execute(asked).one()
    if question.finished_at is not None:
        return
    of_question = select(schema.round_).where(schema.round_.c.question_id == question_id)
    rounds = connection.execute(of_question).all()
    if any(state(row) == "open" for row in rounds):
        raise NotAllowedNow
    afresh = _anonymous(connection, question.meeting_id, rounds)
    for table in (schema.content, schema.cast_key):
        connection.execute(delete(table).where(table.c.round_id.in_([row.id for row in rounds])))
    connection.execute(delete(schema.question_key).where(schema.question_key.c.question_id == question_id))
    if afresh:
        connection.execute(insert(schema.content), afresh)
    connection.execute(
        update(_QUESTION).where(_QUESTION.c.id == question_id).values(finished_at=schema.now())
    )
    log.append(connection, question.meeting_id, "finish", data={"question": question.key})


def _anonymous(connection: Connection, meeting_id: int, rounds: Any) -> list[dict[str, Any]]:
    group = schema.group
    asked = select(group.c.key, group.c.id).where(group.c.meeting_id == meeting_id)
    groups = {row.key: row.id for row in connection.execute(asked)}
    owners: dict[str, str] = {}
    afresh = [
        {
            "id": secrets.token_hex(16),
            "round_id": round_.id,
            "group_id": groups[ballot.group],
            "answer": canonical(ballot.answer),
            "ballot": owners.setdefault(ballot.owner, secrets.token_hex(16)),
        }
        for round_ in rounds
        for ballot in counted.ballots(connection, round_.id)
    ]
    # The table is ordered by its random key; on PostgreSQL the order of insertion would show as well.
    secrets.SystemRandom().shuffle(afresh)
    return afresh


def pending(connection: Connection) -> list[Row[Any]]:
    """Return the finished questions whose traces are still in the file's free space."""
    return list(connection.execute(_PENDING))


def erased(connection: Connection) -> list[int]:
    """Return the erased meetings whose traces are still in the file's free space."""
    table = schema.meeting
    waits = select(table.c.id).where(table.c.erased_at.is_not(None), table.c.scrubbed_at.is_(None))
    return list(connection.scalars(waits))


def wipe(database: Database) -> bool:
    """Wipe the file's free space if a finish or an erasure waits for it and no round is open.

    Returns whether all is wiped.
    """
    with database.reading() as connection:
        waiting, emptied = [row.id for row in pending(connection)], erased(connection)
        busy = connection.execute(select(schema.round_.c.id).where(IS_OPEN)).first() is not None
        # Where many meet, somebody always votes: there it holds all up for a moment after an hour.
        overdue = connection.execute(_PENDING.where(_QUESTION.c.finished_at < schema.now() - _HOUR)).first()
    if not waiting and not emptied:
        return True
    if busy and not (overdue and not database.is_sqlite):
        return False
    if not database.outside_transaction(_vacuum):
        return False
    moment = {"scrubbed_at": schema.now()}

    def note(connection: Connection) -> None:
        for table, ids in ((_QUESTION, waiting), (schema.meeting, emptied)):
            connection.execute(update(table).where(table.c.id.in_(ids)).values(moment))

    database.write(note)
    return True


def _vacuum(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return wiping.rewrite(connection, _OF_VOTES + (_OF_WORDS if erased(connection) else ()))
    connection.execute(text("VACUUM"))
    # The first column is 1 when a reader kept the log from being emptied.
    return connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0] == 0


def mend(database: Database, keys: Keys) -> None:
    """After a start: destroy keys that a finish cut short has left, and wipe what still waits."""
    with database.reading() as connection:
        finished = select(_QUESTION.c.id).where(_QUESTION.c.finished_at.is_not(None))
        for question_id in connection.scalars(finished).all():
            keys.destroy_question(question_id)
    wipe(database)

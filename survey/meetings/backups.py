"""Backups: made while people vote, known afterwards, so that finish and erasure can ask to delete them."""

from __future__ import annotations

import base64
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, select, update

from survey.ballots import log
from survey.errors import WrongBackup
from survey.storage import dump, migrate, schema
from survey.storage.database import Database
from survey.storage.keys import Keys
from survey.storage.question_keys import put_file

KEYS_FORMAT = "prikk-keys/1"
_BACKUP, _MEETING, _QUESTION, _ROUND = schema.backup, schema.meeting, schema.question, schema.round_


def make(database: Database, keys: Keys, file: Path, keys_file: Path | None = None) -> int:
    """Write a backup, and its keys to a file of their own (both of mode 0600); return its log entries.

    Both are of one moment: a question whose vote is open in the backup has its key. The backup is known from
    before it is begun, so that none is forgotten. Raises OSError where a file cannot be written.
    """
    if keys_file is not None and keys_file.absolute() == file.absolute():
        raise WrongBackup(file=keys_file, why="the keys need a file of their own, meant for another place.")
    moment = schema.now()
    known = {
        "path": str(file.absolute()),
        "keys_path": str(keys_file.absolute()) if keys_file else "",
        "host": platform.node(),
        "made_at": moment,
    }
    database.write(lambda c: c.execute(insert(_BACKUP).values(known)))
    with database.reading() as connection:
        # A question that is finished meanwhile: the backup is of before or after, its key of before.
        earlier = _question_keys(connection, keys)
    with _one_state(database) as connection:
        heads = _heads(connection)
        facts = {
            "revision": migrate.revision(connection),
            "made_at": moment.isoformat(),
            "secret": fingerprint(keys.derived("backup")),
            "heads": heads,
        }
        dump.write(connection, file, facts)
        of_questions = {**earlier, **_question_keys(connection, keys)}
        wanted = set(connection.scalars(unfinished()))
    if keys_file is not None:
        of_questions = {number: key for number, key in of_questions.items() if number in wanted}
        put_file(keys_file, _packed(keys.secret, of_questions))
    return sum(seq for seq, _ in heads.values())


def fingerprint(derived: bytes) -> str:
    """Return by what a backup knows the secret that fits it: it opens nothing."""
    return derived.hex()


def unfinished() -> Any:
    """Return the query for the ids of questions that were opened and are not finished."""
    begun = exists().where(_ROUND.c.question_id == _QUESTION.c.id)
    return select(_QUESTION.c.id).where(_QUESTION.c.finished_at.is_(None), begun)


def read_keys(file: Path) -> tuple[bytes, dict[int, bytes]]:
    """Return the secret and the questions' keys of a file of keys; raises WrongBackup."""
    try:
        raw = json.loads(file.read_bytes())
        if raw["format"] != KEYS_FORMAT:
            raise ValueError(raw["format"])
        keys = {int(number): base64.b64decode(key, validate=True) for number, key in raw["questions"].items()}
        secret = base64.b64decode(raw["secret"], validate=True)
        if any(len(key) != 32 for key in (secret, *keys.values())):
            raise ValueError("a key has 32 bytes")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise WrongBackup(file=file, why="this is not a whole file of keys.") from None
    return secret, keys


def holding(connection: Connection, meeting_id: int, there_only: bool = True) -> list[Row[Any]]:
    """Return the known backups that still hold what finish or erasure has destroyed here, the oldest first.

    Those whose file is gone from this machine are left out; whether one on another machine is gone nobody
    knows here. `there_only` false returns those as well.
    """
    asked = select(_MEETING.c.erased_at).where(_MEETING.c.id == meeting_id)
    erased = connection.scalar(asked)
    begun = exists().where(_ROUND.c.question_id == _QUESTION.c.id)
    finished = connection.scalars(
        select(_QUESTION.c.finished_at).where(
            _QUESTION.c.meeting_id == meeting_id, _QUESTION.c.finished_at.is_not(None), begun
        )
    )
    destroyed: list[datetime] = [*finished, *([erased] if erased else [])]
    if not destroyed:
        return []
    earlier = select(_BACKUP).where(_BACKUP.c.gone_at.is_(None), _BACKUP.c.made_at < max(destroyed))
    found = connection.execute(earlier.order_by(_BACKUP.c.made_at)).all()
    return [row for row in found if not there_only or _is_there(row)]


def said_to_be_gone(connection: Connection, backup_id: int) -> None:
    """Note that somebody has deleted a backup."""
    connection.execute(update(_BACKUP).where(_BACKUP.c.id == backup_id).values(gone_at=schema.now()))


def _is_there(row: Row[Any]) -> bool:
    # One that was killed half-way has left its part.
    files = [row.path, f"{row.path}.part", row.keys_path]
    return row.host != platform.node() or any(Path(one).exists() for one in files if one)


@contextmanager
def _one_state(database: Database) -> Iterator[Connection]:
    with database.reading() as connection:
        if not database.is_sqlite:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _question_keys(connection: Connection, keys: Keys) -> dict[int, bytes]:
    found = {one: keys.question(connection, one) for one in connection.scalars(unfinished()).all()}
    return {number: key for number, key in found.items() if key is not None}


def _heads(connection: Connection) -> dict[str, log.Entry]:
    meetings = connection.scalars(select(_MEETING.c.id)).all()
    return {str(one): log.head(connection, one) for one in meetings}


def _packed(secret: bytes, keys: dict[int, bytes]) -> bytes:
    plain = {str(number): base64.b64encode(key).decode() for number, key in sorted(keys.items())}
    whole = {"format": KEYS_FORMAT, "secret": base64.b64encode(secret).decode(), "questions": plain}
    return json.dumps(whole, indent=1).encode() + b"\n"

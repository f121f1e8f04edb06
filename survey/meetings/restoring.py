"""Restore: a backup becomes the database of an empty instance, after everything in it has been verified."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import Any
from zipfile import ZipFile

from sqlalchemy import Connection, delete, inspect, make_url, select, update
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from survey.ballots import audit, box, log, rounds
from survey.errors import BrokenChain, NewerDatabase, NotEmpty, WrongBackup
from survey.meetings import backups
from survey.storage import dump, migrate, schema
from survey.storage.database import Database
from survey.storage.keys import Keys
from survey.storage.question_keys import put_file

_CARD, _MEETING, _QUESTION = schema.card, schema.meeting, schema.question


@dataclass(frozen=True)
class Restored:
    """What came back: the meetings' keys, the entries in their logs, the questions that can go on.

    Without keys those questions' open votes were put aside (`aside`), and every card must be issued anew.
    `earlier_secret` is where a secret that was there before is kept.
    """

    meetings: tuple[str, ...]
    entries: int
    going_on: int
    aside: int
    earlier_secret: Path | None = None


def restore(database: Database, secret_file: Path, file: Path, keys_file: Path | None = None) -> Restored:
    """Bring a backup back into an empty database; with its keys votes that were open go on.

    Raises WrongBackup (a file that is broken, cut, forged, or does not fit the keys), NewerDatabase or
    NotEmpty; then nothing has changed. OSError as from files.
    """
    secret, of_questions = backups.read_keys(keys_file) if keys_file else (None, {})
    with dump.reading(file) as (archive, facts):
        _check_keys(facts, keys_file, secret)
        with database.reading() as connection:
            refuse_unless_empty(connection, make_url(database.url).render_as_string(hide_password=True))
        with _secret_there(secret_file, secret) as earlier:
            keys = Keys(secret_file)
            found: Restored = database.write(
                lambda c: _fill(c, keys, archive, facts, file, of_questions if keys_file else None)
            )
    migrate.upgrade(database, Keys(secret_file))
    return replace(found, earlier_secret=earlier)


@contextmanager
def _secret_there(file: Path, secret: bytes | None) -> Iterator[Path | None]:
    """Put the backup's secret in its place, and give where the one from before is kept.

    Another database may need that one. When what is done meanwhile fails, it is where it was.
    """
    is_there = file.exists()
    if secret is None or (is_there and file.read_bytes() == secret):
        yield None
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    earlier = file.with_name(f"{file.name}.{token_hex(4)}.before") if is_there else None
    if earlier is not None:
        put_file(earlier, file.read_bytes())
    put_file(file, secret)
    has_worked = False
    try:
        yield earlier
        has_worked = True
    finally:
        if not has_worked:
            file.unlink()
            if earlier is not None:
                earlier.replace(file)


def refuse_unless_empty(connection: Connection, place: str) -> None:
    """Raise NotEmpty where there is more than what a first start makes by itself: a demo nobody touched."""
    there = set(inspect(connection).get_table_names())
    if not there:
        return
    if not {one.name for one in dump.tables()} <= there:
        raise NotEmpty(place=place)
    own = select(_MEETING.c.id).where(~_MEETING.c.demo)
    who = schema.facilitator
    has_password = select(who.c.id).where(who.c.password_hash.is_not(None))
    for asked in (own, select(schema.log.c.seq), select(_CARD.c.id), has_password):
        if connection.execute(asked.limit(1)).first() is not None:
            raise NotEmpty(place=place)


def _check_keys(facts: dict[str, Any], keys_file: Path | None, secret: bytes | None) -> None:
    if secret is not None and backups.fingerprint(Keys.derive(secret, "backup")) != facts["secret"]:
        raise WrongBackup(file=keys_file, why="these keys belong to another instance's backups.")


def _fill(
    connection: Connection,
    keys: Keys,
    archive: ZipFile,
    facts: dict[str, Any],
    file: Path,
    of_questions: dict[int, bytes] | None,
) -> Restored:
    _make_tables(connection, str(facts["revision"]), str(file))
    try:
        dump.load(connection, archive, facts)
        migrate.upgrade_to(connection, "head")
        _verify(connection, facts, file)
    except (StatementError, AttributeError, OverflowError, RecursionError) as error:
        if _is_of_storage(error):
            raise
        raise WrongBackup(
            file=file, why="what is in it is no meeting's rows; nothing was restored."
        ) from None
    aside = 0
    if of_questions is None:
        aside = _go_on_without_keys(connection, keys)
    else:
        for number in connection.scalars(backups.unfinished()).all():
            if number not in of_questions:
                raise WrongBackup(file=file, why="the keys are older than a question that it holds.")
            keys.put_question(connection, number, of_questions[number])
    going_on = len(connection.scalars(backups.unfinished()).all())
    names = tuple(connection.scalars(select(_MEETING.c.key).order_by(_MEETING.c.key)))
    return Restored(names, sum(seq for seq, _ in facts["heads"].values()), going_on, aside)


def _is_of_storage(error: Exception) -> bool:
    """Say whether the database is to blame, and not the rows that it was given."""
    unknown_column = getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_ERROR"
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or (isinstance(error, OperationalError) and not unknown_column)


def _make_tables(connection: Connection, revision: str, file: str) -> None:
    if revision not in migrate.known(connection):
        raise NewerDatabase
    there = migrate.revision(connection)
    if there is None:
        migrate.upgrade_to(connection, revision)
    elif there == revision:
        for one in reversed(schema.metadata.sorted_tables):
            connection.execute(delete(one))
    else:
        raise WrongBackup(file=file, why="it is of an older version: restore it into an empty folder.")


def _verify(connection: Connection, facts: dict[str, Any], file: Path) -> None:
    for meeting_id in connection.scalars(select(_MEETING.c.id)).all():
        try:
            audit.check(connection, meeting_id)
        except BrokenChain as broken:
            why = f"its log does not verify at entry {broken.values['seq']}; nothing was restored."
            raise WrongBackup(file=file, why=why) from None
        if list(log.head(connection, meeting_id)) != facts["heads"][str(meeting_id)]:
            raise WrongBackup(file=file, why="its log is not the one that was saved.")


def _go_on_without_keys(connection: Connection, keys: Keys) -> int:
    """Put open votes aside, void every card and end all sessions; return how many votes were open."""
    aside = 0
    connection.execute(delete(schema.session))
    for meeting in connection.execute(select(_MEETING).where(_MEETING.c.ended_at.is_(None))).all():
        current = rounds.current(connection, meeting.id)
        if current is not None:
            # Nobody can tell any more who has voted in it.
            box.close_round(connection, current.id)
            box.annul_round(connection, current.id)
            aside += 1
        mine = _CARD.c.meeting_id == meeting.id
        valid = (mine, ~_CARD.c.void)
        number = connection.execute(update(_CARD).where(*valid).values(void=True, holder=None)).rowcount
        if number:
            log.append(connection, meeting.id, "void", data={"number": number})
            values = {"cards_lost": True, "version": meeting.version + 1}
            connection.execute(update(_MEETING).where(_MEETING.c.id == meeting.id).values(values))
    for number in connection.scalars(backups.unfinished()).all():
        # Fresh keys: the old ballots are nobody's now, and new cards begin anew.
        keys.destroy_question(number)
        keys.make_question(connection, number)
    return aside

"""Is what is stored whole? Asked before a server starts; what is not whole is left as it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from survey.ballots import audit
from survey.errors import BrokenChain
from survey.meetings import publishing
from survey.storage import schema
from survey.storage.database import Database

# Bytes. Larger files are not read whole at a start: voting is to go on within seconds.
LARGEST = 64 * 2**20
# What a changed byte makes of a row that is read as if it were whole.
_UNREADABLE = (SQLAlchemyError, ValueError, TypeError, LookupError, AttributeError, OverflowError)


class Damaged(Exception):
    """Something stored is not as it was written; the message says what."""


def check_file(file: Path) -> None:
    """Read a SQLite file whole, without writing to it; raises Damaged. A file too large is not read."""
    if not file.exists() or not 0 < file.stat().st_size <= LARGEST:
        return
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)
    # What is wrong may be told with names that are no text any more.
    connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    try:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.OperationalError:
        # Locked, or not to be opened: that is told by whoever opens it for good.
        return
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise Damaged(str(error)) from None
    finally:
        connection.close()
    if found != "ok":
        raise Damaged(" ".join(str(found).split()))


def check_contents(database: Database) -> None:
    """Verify every meeting's log, ballots and published numbers; raises Damaged.

    Not on PostgreSQL, which has checksums of its own, nor in a file too large for `check_file`: there a
    meeting is verified when its next round opens.
    """
    file = Path(database.url.partition(":///")[2])
    if not database.is_sqlite or not file.exists() or file.stat().st_size > LARGEST:
        return
    with database.reading() as connection:
        try:
            for meeting in connection.execute(select(schema.meeting.c.id, schema.meeting.c.key)).all():
                _check_meeting(connection, meeting.id, meeting.key)
        except _UNREADABLE as error:
            raise Damaged(f"a row cannot be read: {getattr(error, 'orig', None) or error}") from None


def _check_meeting(connection: Connection, meeting_id: int, key: str) -> None:
    try:
        audit.check(connection, meeting_id)
    except BrokenChain as broken:
        raise Damaged(f"the log of {key} does not verify at entry {broken.values['seq']}") from None
    changed = publishing.changed(connection, meeting_id)
    if changed:
        raise Damaged(f"published numbers of {key} were changed: {', '.join(changed)}")

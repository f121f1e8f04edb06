"""The database: connections for reading, and writes that commit together what waits together."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import OperationalError

from survey.errors import StorageUnavailable
from survey.storage.writer import Job, Writer

T = TypeVar("T")
_MOST_WAITING = 5_000
_log = logging.getLogger(__name__)


class Database:
    """One database, read through a pool and written through `write`.

    Writes run in the writer's native thread. Those that wait share one transaction, each behind a savepoint
    of its own, and none is answered before the commit is on disk.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._reading = _engine(url, busy_seconds, "BEGIN", pool_size=10, max_overflow=90)
        self._writing = _engine(url, busy_seconds, "BEGIN IMMEDIATE", poolclass=NullPool)
        self._connection: Connection | None = None
        self._parents: Connection | None = None
        self._writer = Writer(self._run, self._leave_to_parent, self._forget_connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database; nothing written through it is kept."""
        with self._reading.connect() as connection:
            yield connection
            connection.rollback()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work(connection)` in the writer's thread and return its result once it is committed on disk.

        What `work` raises is raised here, and its own changes are undone. It may run twice, where another
        work made their common transaction fail. Raises StorageUnavailable when the database cannot be
        written or too much is waiting.
        """
        if self._writer.waiting() >= _MOST_WAITING:
            raise StorageUnavailable
        result: T = self._writer.do(Job(work))
        return result

    def outside_transaction(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the writer's thread on a connection in autocommit mode (VACUUM, checkpoint)."""

        def run(_: None) -> T:
            self._forget_connection()
            with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                return work(connection)

        result: T = self._writer.do(Job(run, alone=True))
        return result

    def close(self) -> None:
        """Close every connection."""
        self._writer.close()
        self._reading.dispose()
        self._writing.dispose()

    def _run(self, batch: list[Job]) -> None:
        if batch[0].alone:
            batch[0].tell(batch[0].work(None))
        elif not self._commit_together(batch):
            # Something made the transaction fail; each gets one of its own, so that only the culprit does.
            for job in batch:
                self._commit_together([job], last_try=True)

    def _commit_together(self, batch: list[Job], last_try: bool = False) -> bool:
        verdicts: list[tuple[Job, Any, Exception | None]] = []
        try:
            if self._connection is None:
                self._connection = self._writing.connect()
            with self._connection.begin():
                for job in batch:
                    verdicts.append((job, *_attempt(self._connection, job.work)))
        except Exception as error:  # noqa: BLE001 - whatever stopped the commit, everybody who waits is told
            self._drop_after_failure()
            if not last_try and len(batch) > 1:
                return False
            storage = isinstance(error, (OperationalError, sqlite3.Error))
            if storage:
                _log.error("The database cannot be written: %s", type(error).__name__, exc_info=error)
            for job in batch:
                job.tell(error=StorageUnavailable() if storage else error)
            return True
        for job, result, raised in verdicts:
            job.tell(result, raised)
        return True

    def _forget_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _leave_to_parent(self) -> None:
        # After a fork the connections are the parent's: closing them here would drop its locks.
        self._parents, self._connection = self._connection, None
        self._reading.dispose(close=False)

    def _drop_after_failure(self) -> None:
        if self._connection is not None:
            # A connection that could not commit may not even be able to roll back: it is thrown away whole.
            self._connection.invalidate()
        self._forget_connection()


def _attempt(connection: Connection, work: Callable[[Connection], Any]) -> tuple[Any, Exception | None]:
    try:
        with connection.begin_nested():
            return work(connection), None
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - handed to the caller as it is
        return None, error


def _engine(url: str, busy_seconds: float, begin: str, **options: Any) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, **options)
    engine = create_engine(url, connect_args={"timeout": busy_seconds, "check_same_thread": False}, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN is switched off: a write must take its lock at once, not at its first change.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # In autocommit mode (VACUUM) there is no transaction to begin.
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql(begin)

    return engine

"""The database: connections for reading, and the writer, one native thread that commits what waits together."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from gevent.threadpool import ThreadPoolExecutor
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from survey.errors import StorageUnavailable, SurveyError

T = TypeVar("T")
_MOST_WAITING = 5_000


class Database:
    """One database, read through a pool and written through `write`.

    A write runs in a native thread, because under gevent a patched thread is a greenlet and a write that waits for a
    lock would stop every page and stream. Writes that wait share one transaction, each behind a savepoint of its
    own, and none is answered before the commit is on disk.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._reading = _engine(url, busy_seconds, "BEGIN")
        self._writing = _engine(url, busy_seconds, "BEGIN IMMEDIATE", poolclass=NullPool)
        self._writer = ThreadPoolExecutor(max_workers=1)
        self._connection: Connection | None = None
        self._waiting: deque[tuple[Callable[[Connection], Any], Future[Any]]] = deque()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database; nothing written through it is kept."""
        with self._reading.connect() as connection:
            yield connection
            connection.rollback()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work(connection)` in the writer's thread and return its result once it is committed on disk.

        What `work` raises is raised here, and its own changes are undone. Raises StorageUnavailable when the
        database cannot be written or too much is waiting.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise StorageUnavailable
        done: Future[T] = Future()
        self._waiting.append((work, done))
        self._writer.submit(self._drain).result()
        return done.result()

    def outside_transaction(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the writer's thread on a connection in autocommit mode (VACUUM, checkpoint)."""

        def run() -> T:
            self._forget_connection()
            with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                return work(connection)

        result: T = self._writer.submit(run).result()
        return result

    def close(self) -> None:
        """Close every connection; the database is not used afterwards."""
        self._writer.submit(self._forget_connection).result()
        self._writer.shutdown()
        self._reading.dispose()
        self._writing.dispose()

    def _forget_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _drain(self) -> None:
        batch = []
        while self._waiting:
            batch.append(self._waiting.popleft())
        if batch and not self._commit_together(batch):
            for one in batch:
                self._commit_together([one], last_try=True)

    def _commit_together(
        self, batch: list[tuple[Callable[[Connection], Any], Future[Any]]], last_try: bool = False
    ) -> bool:
        verdicts: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            if self._connection is None:
                self._connection = self._writing.connect()
            with self._connection.begin():
                for work, done in batch:
                    verdicts.append((done, *_attempt(self._connection, work)))
        except Exception as error:  # noqa: BLE001 - whatever stopped the commit, every waiting voter is told
            self._drop_after_failure()
            if last_try or len(batch) == 1:
                refusal = (
                    StorageUnavailable() if isinstance(error, (OperationalError, sqlite3.Error)) else error
                )
                for _work, done in batch:
                    done.set_exception(refusal)
                return True
            return False
        for done, result, raised in verdicts:
            done.set_exception(raised) if raised is not None else done.set_result(result)
        return True

    def _drop_after_failure(self) -> None:
        try:
            self._forget_connection()
        except OperationalError:
            self._connection = None


def _attempt(connection: Connection, work: Callable[[Connection], Any]) -> tuple[Any, BaseException | None]:
    try:
        with connection.begin_nested():
            return work(connection), None
    except OperationalError:
        raise
    except (SurveyError, Exception) as error:  # noqa: BLE001 - handed to the caller as it is
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
            connection.execute(text(begin))

    return engine

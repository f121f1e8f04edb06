"""The database: connections for reading, and writes that commit together what waits together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, text

from survey.errors import StorageUnavailable
from survey.storage import batches, beside, sqlite
from survey.storage.health import Health
from survey.storage.jobs import Job, Verdict, tell
from survey.storage.locking import Busy, begin_transaction
from survey.storage.scribe import Scribe
from survey.storage.scribe_process import Stored
from survey.storage.writer import Writer

T = TypeVar("T")
Item = TypeVar("Item")
_MOST_WAITING = 5_000
# Any number will do, as long as every process asks for the same.
_TAKE_WATCH, _LEAVE_WATCH = (
    text("SELECT pg_try_advisory_lock(7745322)"),
    text("SELECT pg_advisory_unlock(7745322)"),
)
_PROBE = text("UPDATE alembic_version SET version_num = version_num")


class Database:
    """One database, read through a pool and written through `write`.

    Writes run in the writer's native thread, or with the scribe in its process. Those that wait share one
    transaction, each behind a savepoint of its own (the same `write_together` behind one), and none is
    answered before the commit is on disk.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self._reading = sqlite.reading_engine(url, busy_seconds)
            self._writing = sqlite.writing_engine(url, busy_seconds)
        else:
            # At its import the driver chooses how it waits: that must not be before gevent has patched.
            from survey.storage import postgres

            self._reading, self._writing = postgres.reading_engine(url), postgres.writing_engine(url)
        self.health = Health()
        self._log = beside.Log(url)
        self._readers_are_old = False
        self._process = os.getpid()
        self._connection: Connection | None = None
        self._parents: Connection | None = None
        self._scribe: Scribe | None = None
        self._writer = Writer(
            self._run, self._have_scribe_store, self._leave_to_parent, self._forget_connection
        )

    def hire_scribe(self) -> None:
        """On SQLite, have a process beside this one do what greenlets `write_together` from now on.

        Stored here it would take the processor from the requests, and the interpreter at every step of the
        driver. As long as it does not run, and wherever it fails, the writer's thread does the same.
        """
        if self.is_sqlite and self._scribe is None:
            self._scribe = Scribe(self.url, self._hear_scribe)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database; nothing written through it is kept."""
        self._leave_to_parent()
        if self._readers_are_old:
            self._readers_are_old = False
            self._reading.dispose()
        with self._reading.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def watch(self) -> Iterator[bool]:
        """Give whether this process has the watch: of all on one database one does what is done by itself."""
        if self.is_sqlite:
            yield True
            return
        with self._reading.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            mine = bool(connection.scalar(_TAKE_WATCH))
            try:
                yield mine
            finally:
                # The pool would keep the connection, and the watch with it.
                if mine:
                    connection.execute(_LEAVE_WATCH)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work(connection)` in the writer's thread and return its result once it is committed on disk.

        What `work` raises is raised here, and its own changes are undone. It may run twice, where another
        work made their common transaction fail. Raises StorageUnavailable when the database cannot be
        written or too much is waiting.
        """
        result: T = self._do(Job(work))
        return result

    def write_together(
        self, work: Callable[[Connection, list[Item]], Sequence[T | Exception]], item: Item
    ) -> T:
        """Run `work(connection, items)` for this item and all that wait for the same work; else as `write`.

        `work` returns for each item its result, or an exception that is raised for whoever sent it. What
        `work` itself raises undoes all of them, and it is run for one at a time. With a scribe `work` must be
        a module's function and items plain, and it may run again for what was committed: it must know by the
        item that it is done.
        """
        result: T = self._do(Job(work, item))
        return result

    def _do(self, job: Job) -> Any:
        if self._writer.waiting() >= _MOST_WAITING:
            raise StorageUnavailable
        return self._writer.do(job)

    def outside_transaction(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the writer's thread on a connection in autocommit mode (VACUUM, checkpoint)."""

        def run(_: None) -> T:
            self._forget_connection()
            with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                return work(connection)

        result: T = self._writer.do(Job(run, alone=True))
        return result

    def probe(self) -> None:
        """Write something that changes nothing, so that `health` learns; raises StorageUnavailable."""
        self.write(lambda connection: connection.execute(_PROBE))

    def close(self) -> None:
        """Close every connection."""
        if self._scribe is not None:
            self._scribe.end()
            self._scribe = None
        self._writer.close()
        self._reading.dispose()
        self._writing.dispose()

    def _have_scribe_store(self, batch: list[Job]) -> bool:
        """Give a batch to the scribe, in the writer's turn; False where it can take none, or not this one."""
        work = batch[0].work
        if self._scribe is None or any(job.item is None or job.work != work for job in batch):
            return False
        self.health.begins()
        if self._scribe.take(batch):
            return True
        self.health.rests()
        return False

    def _hear_scribe(self, batch: list[Job], stored: Stored | None) -> None:
        """Tell what the scribe has stored; what it has not, the thread does, and meets what stopped it."""
        undone = batch
        self.health.rests()
        try:
            if stored is None:
                return
            if stored.has_changed:
                self.health.worked()
            if stored.has_moved:
                self._leave_old_log()
            if stored.found is not None:
                tell(batches.verdicts(batch, stored.found))
                undone = []
        finally:
            self._writer.take_back(undone)

    def _run(self, batch: list[Job]) -> None:
        if batch[0].alone:
            batch[0].tell(batch[0].work(None))
            return
        self.health.begins()
        try:
            if not self._commit_together(batch):
                # Something made the transaction fail; each gets its own, so that only the culprit does.
                for job in batch:
                    self._commit_together([job], last_try=True)
        finally:
            self.health.rests()

    def _commit_together(self, batch: list[Job], last_try: bool = False) -> bool:
        """Commit what the jobs do and tell them; False where nothing was stored and they may be run again."""
        verdicts: list[Verdict] = []
        has_begun = False
        try:
            connection = self._writable()
            before = sqlite.changes(connection)
            with connection.begin():
                begin_transaction(connection)
                has_begun = True
                for jobs in batches.of_one_work(batch):
                    verdicts += batches.attempt(connection, jobs)
        except Exception as error:  # noqa: BLE001 - whatever stopped the commit, everybody who waits is told
            self._drop_after_failure()
            was_lost = batches.is_lost(error)
            # Lost at COMMIT nobody knows whether it was done: only a sender with a key may send it again.
            unknown = was_lost and len(verdicts) == len(batch)
            # Before anything was tried nobody is the culprit: with a lock each would wait for it in vain.
            if not last_try and not unknown and (was_lost or (has_begun and len(batch) > 1)):
                return False
            storage = batches.is_of_storage(error)
            if storage:
                self.health.failed(error)
            tell((job, None, StorageUnavailable() if storage else error) for job in batch)
            return True
        if before is None or sqlite.changes(connection) != before:
            self.health.worked()
        verdicts = self._kept(verdicts)
        tell(verdict for verdict in verdicts if not isinstance(verdict[2], Busy))
        for job, _, raised in verdicts:
            if isinstance(raised, Busy):
                self._commit_together([job], last_try=True)
        return True

    def _kept(self, verdicts: list[Verdict]) -> list[Verdict]:
        """Return the verdicts of what was just committed, once it is where a restart will look for it."""
        if self._log.is_in_place() or self._go_on_with_a_new_log():
            return verdicts
        return [(job, None, StorageUnavailable()) for job, _, _ in verdicts]

    def _go_on_with_a_new_log(self) -> bool:
        if self._connection is None or not self._log.move_into_database(self._connection):
            return False
        if self._scribe is not None:
            self._scribe.begin_afresh()
        self._leave_old_log()
        return True

    def _leave_old_log(self) -> None:
        # Whoever has the old log open may not read after others write to the new one.
        self._forget_connection()
        self._readers_are_old = True

    def _writable(self) -> Connection:
        if self._connection is None:
            self._connection = self._writing.connect()
        return self._connection

    def _forget_connection(self) -> None:
        self._log.forget()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _leave_to_parent(self) -> None:
        # After a fork the connections are the parent's: closing them here would drop its locks.
        if self._process != os.getpid():
            self._process = os.getpid()
            self._parents, self._connection = self._connection, None
            self._reading.dispose(close=False)

    def _drop_after_failure(self) -> None:
        if self._connection is not None:
            # A connection that could not commit may not even be able to roll back: it is thrown away whole.
            self._connection.invalidate()
        self._forget_connection()

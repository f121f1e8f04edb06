"""PostgreSQL: connections that keep the promises that a file keeps by itself."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import waiting
from sqlalchemy import Engine, NullPool, create_engine, event

from survey.errors import NotDurable

# A vote waits at most so long for another process's commit, and a process that stands still with a
# transaction open loses it before the others give up.
_WRITING = {"lock_timeout": "8s", "idle_in_transaction_session_timeout": "5s"}
# A server that is gone without a word (a pulled cable) is noticed within seconds, not hours.
_NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "prikk",
}
_MOST_READERS = 20


class NativeConnection(psycopg.Connection[Any]):
    """A connection for the writer's native thread: it waits in C, whatever gevent patched."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run a step of the protocol to its end."""
        return waiting.wait_c(gen, self.pgconn.socket, interval=interval, timeout=timeout)


def reading_engine(url: str) -> Engine:
    """Return the engine for pages and streams: each transaction sees one state and can change nothing.

    A connection that died while idle is replaced unnoticed. At most 20 connections; who finds none for ten
    seconds is turned away.
    """
    return create_engine(
        url,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
        pool_size=5,
        max_overflow=_MOST_READERS - 5,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args=_NETWORK,
    )


def writing_engine(url: str) -> Engine:
    """Return the engine for the writer. Raises NotDurable at connecting where a commit may be lost."""
    engine = create_engine(url, isolation_level="READ COMMITTED", poolclass=NullPool, connect_args=_NETWORK)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        return NativeConnection.connect(*arguments, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection[Any], _record: Any) -> None:
        with connection.cursor() as cursor:
            for name, value in _WRITING.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
            _make_durable(cursor)
        connection.commit()

    return engine


def _make_durable(cursor: psycopg.Cursor[Any]) -> None:
    for name in ("fsync", "full_page_writes"):
        if cursor.execute("SELECT current_setting(%s)", (name,)).fetchone() != ("on",):
            raise NotDurable(setting=name)
    # Anything but `off` waits for the disk; what waits for replicas too is left as it is.
    if cursor.execute("SELECT current_setting('synchronous_commit')").fetchone() == ("off",):
        cursor.execute("SELECT set_config('synchronous_commit', 'on', false)")

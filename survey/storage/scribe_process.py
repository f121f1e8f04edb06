"""The scribe's own program: it stores what it is given, and says so when it is on disk."""

from __future__ import annotations

import pickle
import signal
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from survey.storage import beside, sqlite
from survey.storage.locking import begin_transaction

_LENGTH = struct.Struct("!I")


class Dictation(NamedTuple):
    """Items for one shared work (see Database.write_together); `afresh` where SQLite's log is another one."""

    work: Callable[[Connection, list[Any]], Sequence[Any]]
    items: list[Any]
    afresh: bool


class Stored(NamedTuple):
    """What became of a dictation: what its work returned, or None where all of it is to be done again.

    `has_changed` says that rows were written, `has_moved` that SQLite's log had been deleted and what was in
    it was moved into the database: no connection from before may be used again.
    """

    found: Sequence[Any] | None = None
    has_changed: bool = False
    has_moved: bool = False


def send(channel: socket.socket, message: Any) -> None:
    """Send a message; raises OSError when nobody is there."""
    packed = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    channel.sendall(_LENGTH.pack(len(packed)) + packed)


def receive(channel: socket.socket) -> Any:
    """Wait for a message and return it; raises EOFError or OSError when nobody is there (any more)."""
    # From the other end of a pair of our own, never from a network.
    return pickle.loads(_take(channel, _LENGTH.unpack(_take(channel, _LENGTH.size))[0]))  # noqa: S301


def _take(channel: socket.socket, size: int) -> bytes:
    taken = channel.recv(size)
    while len(taken) < size:
        more = channel.recv(size - len(taken))
        if not more:
            raise EOFError
        taken += more
    return taken


class Book:
    """One connection to a SQLite database, and what is stored through it, a batch in a transaction."""

    def __init__(self, url: str) -> None:
        # Where another has the lock, the server waits for it: it knows how, and tells the console.
        self._engine = sqlite.writing_engine(url, busy_seconds=0)
        self._log = beside.Log(url)
        self._connection: Connection | None = None

    def store(self, dictation: Dictation) -> Stored:
        """Do the work in a transaction of its own; never raises, and after any fault nothing is kept open."""
        if dictation.afresh:
            self.forget()
        try:
            connection = self._connection = self._connection or self._engine.connect()
            before = sqlite.changes(connection)
            with connection.begin():
                begin_transaction(connection)
                found = dictation.work(connection, dictation.items)
            has_changed = sqlite.changes(connection) != before
        except Exception:  # noqa: BLE001 - the server meets it again, and tells
            if self._connection is not None:
                self._connection.invalidate()
            self.forget()
            return Stored()
        if self._log.is_in_place():
            return Stored(found, has_changed)
        if not self._log.move_into_database(connection):
            return Stored()
        self.forget()
        return Stored(found, has_changed, has_moved=True)

    def forget(self) -> None:
        """Close the connection; the next batch opens another."""
        self._log.forget()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def main() -> None:
    """Store in the first argument's database what comes over the second's socket, until that is closed."""
    url, number = sys.argv[1:]
    # The server ends when it is told to, and has this process finish what it has begun.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    with socket.socket(fileno=int(number)) as channel:
        # It came as the server's sockets are: never waiting.
        channel.setblocking(True)
        book = Book(url)
        try:
            send(channel, "ready")
            while True:
                send(channel, book.store(receive(channel)))
        except (EOFError, OSError):
            book.forget()

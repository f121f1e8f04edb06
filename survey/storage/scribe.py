"""A scribe: a process beside the server that stores ballots while the server answers phones."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gevent
from gevent import socket
from gevent.hub import Waiter

from survey.storage.jobs import Job
from survey.storage.scribe_process import Dictation, Stored, receive, send

# Seconds until another one is tried after one has ended, and until one that is to end is made to.
_PAUSE, _PATIENCE = 5.0, 10.0
# Not `-m`: what it sends must be of this module by its name.
PROGRAM = ("-c", "from survey.storage import scribe_process; scribe_process.main()")
_told = logging.getLogger(__name__)


class Scribe:
    """Keeps one process running, and gives it one batch at a time: from greenlets of the hub it is made in.

    `heard(batch, stored)` is told of each batch, in a greenlet: None where the process ended with it, and
    nobody knows what became of it.
    """

    def __init__(self, url: str, heard: Callable[[list[Job], Stored | None], None]) -> None:
        self._url, self._heard = url, heard
        self._hub = gevent.get_hub()
        self._idle: Waiter[list[Job]] | None = None
        self._is_afresh = False
        self._keeper = gevent.spawn(self._keep)

    def take(self, batch: list[Job]) -> bool:
        """Have a batch of one shared work stored, called from the hub; False where it cannot be begun now."""
        idle = self._idle
        if idle is None or gevent.getcurrent() is not self._hub:
            return False
        self._idle = None
        idle.switch(batch)
        return True

    def begin_afresh(self) -> None:
        """SQLite's log is another one from now on: the scribe's connection may not be used again."""
        self._is_afresh = True

    def end(self) -> None:
        """Let the process finish what it does and end."""
        # Nobody may wait for it any more.
        self._idle = None
        self._keeper.kill()

    def _keep(self) -> None:
        while True:
            try:
                with self._hired() as channel:
                    self._dictate(channel)
            except (EOFError, OSError) as error:
                why = error or "its line was closed"
                _told.warning("The process that stores ballots has ended (%s); another is started.", why)
            gevent.sleep(_PAUSE)

    @contextmanager
    def _hired(self) -> Iterator[socket.socket]:
        """Give the way to a new process; in the end it is closed, and the process has ended."""
        here, there = socket.socketpair()
        with here:
            with there:
                number = there.fileno()
                paths = os.pathsep.join(filter(None, sys.path))
                process = subprocess.Popen(
                    [sys.executable, *PROGRAM, self._url, str(number)],
                    env=os.environ | {"PYTHONPATH": paths},
                    pass_fds=[number],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
            try:
                yield here
            finally:
                here.close()
                try:
                    process.wait(_PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _dictate(self, channel: socket.socket) -> None:
        receive(channel)
        # A new process has no connection from before.
        self._is_afresh = False
        while True:
            self._idle = Waiter(self._hub)
            batch, stored = self._idle.get(), None
            afresh, self._is_afresh = self._is_afresh, False
            try:
                send(channel, Dictation(batch[0].work, [job.item for job in batch], afresh))
                stored = receive(channel)
            finally:
                self._heard(batch, stored)

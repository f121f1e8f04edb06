"""The writer's thread: a native one, so that waiting for the disk stops no greenlet."""

from __future__ import annotations

import os
from _queue import SimpleQueue
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from gevent._hub_local import get_hub_if_exists
from gevent.hub import Hub
from gevent.monkey import get_original

from survey.storage import jobs
from survey.storage.jobs import Greenlets, Job, Queue, Thread, tell

# The real ones, whether or not the standard library is patched.
_start_thread = get_original("_thread", "start_new_thread")
_native_lock = get_original("_thread", "allocate_lock")
_this_thread = get_original("_thread", "get_ident")


class Writer:
    """Hands jobs to `run(batch)` in one native thread: all that waits at once, `alone` ones by themselves.

    `elsewhere(batch)` may have a batch done elsewhere and say so, while the thread has nothing to do: never
    both at once, until it is given back to `take_back`. `start` is called before the thread is (again in a
    forked child), `stop` in the thread before it ends.
    """

    def __init__(
        self,
        run: Callable[[list[Job]], None],
        elsewhere: Callable[[list[Job]], bool],
        start: Callable[[], None],
        stop: Callable[[], None],
    ) -> None:
        self._run, self._elsewhere, self._start, self._stop = run, elsewhere, start, stop
        self._turn = _native_lock()
        self._process = 0
        self._thread = 0
        self._queue: Queue = SimpleQueue()
        self._gathered: deque[Job | None] = deque()
        self._hubs: WeakKeyDictionary[Hub, Greenlets] = WeakKeyDictionary()

    def waiting(self) -> int:
        """Return how many jobs wait."""
        hub = get_hub_if_exists()
        own = self._hubs.get(hub) if hub is not None else None
        return (len(own) if own is not None else 0) + self._queue.qsize() + len(self._gathered)

    def do(self, job: Job) -> Any:
        """Have the job done; returns its result or raises what it raised."""
        if self._process != os.getpid():
            # Nothing has been written yet, or this is a forked child, which has no thread of its parent's.
            self._process, self._queue, self._gathered = os.getpid(), SimpleQueue(), deque()
            self._turn = _native_lock()
            self._hubs = WeakKeyDictionary()
            self._start()
            _start_thread(self._serve, (self._queue, self._gathered))
        if self._thread == _this_thread():
            raise RuntimeError("A write may not ask for another write; use its connection.")
        self._have_done(job)
        if job.error is not None:
            raise job.error
        return job.result

    def _have_done(self, job: Job) -> None:
        hub = get_hub_if_exists()
        asker: Thread | Greenlets | None = Thread() if hub is None else self._hubs.get(hub)
        if asker is None:
            asker = self._hubs[hub] = Greenlets(hub, self._lend)
        job.asker = asker
        asker.ask(job, self._queue)

    def close(self) -> None:
        """Do what waits, then end the thread; a later job starts another."""
        if self._process == os.getpid():
            queue, self._process = self._queue, 0
            self._have_done(Job(lambda _: self._stop(), alone=True))
            queue.put(None)

    def take_back(self, undone: list[Job]) -> None:
        """What was done elsewhere is told; do what was not."""
        for job in undone:
            self._queue.put(job)
        self._turn.release()

    def _lend(self, batch: list[Job]) -> bool:
        if self._queue.qsize() or self._gathered or not self._turn.acquire(False):
            return False
        is_lent = False
        try:
            is_lent = self._elsewhere(batch)
        finally:
            if not is_lent:
                self._turn.release()
        return is_lent

    def _serve(self, queue: Queue, gathered: deque[Job | None]) -> None:
        self._thread = _this_thread()
        turn = self._turn
        while True:
            while not queue.empty() or not gathered:
                gathered.append(queue.get())
            with turn:
                # Meanwhile others may have come.
                while not queue.empty():
                    gathered.append(queue.get())
                batch = _next_batch(gathered)
                try:
                    if batch:
                        self._run(batch)
                except BaseException as error:  # noqa: BLE001 - the thread must live, and nobody may wait for ever
                    tell((job, None, error) for job in batch)
            if not batch:
                self._thread = 0
                return


def _next_batch(gathered: deque[Job | None]) -> list[Job]:
    """Take the jobs that may share a transaction from the left; none when the thread is to end."""
    batch: list[Job] = []
    while gathered and len(batch) < jobs.LARGEST_BATCH:
        job = gathered[0]
        if batch and (job is None or job.alone):
            break
        gathered.popleft()
        if job is None:
            break
        batch.append(job)
        if job.alone:
            break
    return batch

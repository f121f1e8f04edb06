"""The writer's thread: a native one, so that waiting for the disk stops no greenlet."""

from __future__ import annotations

import os
from _queue import SimpleQueue
from collections import deque
from collections.abc import Callable
from typing import Any

from gevent._hub_local import get_hub_if_exists
from gevent.hub import Waiter
from gevent.monkey import get_original

# The real ones, whether or not the standard library is patched.
_start_thread = get_original("_thread", "start_new_thread")
_native_lock = get_original("_thread", "allocate_lock")
_this_thread = get_original("_thread", "get_ident")
_LARGEST_BATCH = 200


class Job:
    """Something to be done by the writer, and who waits for it. An `alone` job shares nothing with others.

    Where a gevent hub runs, only the calling greenlet waits; elsewhere the calling thread does.
    """

    def __init__(self, work: Callable[[Any], Any], alone: bool = False) -> None:
        self.work, self.alone = work, alone
        self._result: Any = None
        self._error: BaseException | None = None
        self._guard = _native_lock()
        self._given_up = False
        hub = get_hub_if_exists()
        if hub is None:
            self._done = _native_lock()
            self._done.acquire()
            self._bell = None
        else:
            self._waiter = Waiter(hub)
            self._bell = hub.loop.async_()
            self._bell.start(self._waiter.switch, None)

    def wait(self) -> Any:
        """Wait for the verdict: return the result or raise the error."""
        try:
            if self._bell is None:
                self._done.acquire()
            else:
                self._waiter.get()
        finally:
            with self._guard:
                self._given_up = True
                if self._bell is not None:
                    self._bell.stop()
                    self._bell.close()
        if self._error is not None:
            raise self._error
        return self._result

    def tell(self, result: Any = None, error: BaseException | None = None) -> None:
        """Give the verdict, from the writer's thread."""
        with self._guard:
            self._result, self._error = result, error
            # Who was killed while waiting has taken the bell down.
            if self._given_up:
                return
            if self._bell is None:
                self._done.release()
            else:
                self._bell.send()


class Writer:
    """Hands jobs to `run(batch)` in one native thread: all that waits at once, `alone` ones by themselves.

    `start` is called before the thread is (again in a forked child), `stop` in the thread before it ends.
    """

    def __init__(
        self, run: Callable[[list[Job]], None], start: Callable[[], None], stop: Callable[[], None]
    ) -> None:
        self._run, self._start, self._stop = run, start, stop
        self._process = 0
        self._thread = 0
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._gathered: deque[Job | None] = deque()

    def waiting(self) -> int:
        """Return how many jobs wait."""
        return self._queue.qsize() + len(self._gathered)

    def do(self, job: Job) -> Any:
        """Have the job done; returns its result or raises what it raised."""
        if self._process != os.getpid():
            # Nothing has been written yet, or this is a forked child, which has no thread of its parent's.
            self._process, self._queue, self._gathered = os.getpid(), SimpleQueue(), deque()
            self._start()
            _start_thread(self._serve, (self._queue, self._gathered))
        if self._thread == _this_thread():
            raise RuntimeError("A write may not ask for another write; use its connection.")
        self._queue.put(job)
        return job.wait()

    def close(self) -> None:
        """Do what waits, then end the thread; a later job starts another."""
        if self._process == os.getpid():
            last = Job(lambda _: self._stop(), alone=True)
            self._queue.put(last)
            self._queue.put(None)
            self._process = 0
            last.wait()

    def _serve(self, queue: SimpleQueue[Job | None], gathered: deque[Job | None]) -> None:
        self._thread = _this_thread()
        while True:
            if not gathered:
                gathered.append(queue.get())
            while not queue.empty():
                gathered.append(queue.get())
            batch = _next_batch(gathered)
            if not batch:
                self._thread = 0
                return
            try:
                self._run(batch)
            except BaseException as error:  # noqa: BLE001 - the thread must live, and nobody may wait for ever
                for job in batch:
                    job.tell(error=error)


def _next_batch(gathered: deque[Job | None]) -> list[Job]:
    """Take the jobs that may share a transaction from the left; none when the thread is to end."""
    batch: list[Job] = []
    while gathered and len(batch) < _LARGEST_BATCH:
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

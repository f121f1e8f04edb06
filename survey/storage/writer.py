"""The writer's thread: a native one, so that waiting for the disk stops no greenlet."""

from __future__ import annotations

import os
from _queue import SimpleQueue
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from gevent._hub_local import get_hub_if_exists
from gevent.hub import Hub, Waiter
from gevent.monkey import get_original

# The real ones, whether or not the standard library is patched.
_start_thread = get_original("_thread", "start_new_thread")
_native_lock = get_original("_thread", "allocate_lock")
_this_thread = get_original("_thread", "get_ident")
_LARGEST_BATCH = 200


class Job:
    """Something to be done by the writer, and its verdict. An `alone` job shares nothing with others.

    `work(connection)` does it; where there is an `item`, `work(connection, items)` does it for all jobs of
    the same work that stand side by side, and returns a result, or an exception to be raised, for each.
    """

    def __init__(self, work: Callable[..., Any], item: Any = None, alone: bool = False) -> None:
        self.work, self.item, self.alone = work, item, alone
        self.result: Any = None
        self.error: BaseException | None = None
        self.asker: _Thread | _Greenlets | None = None
        self.waiter: Waiter[None] | None = None

    def tell(self, result: Any = None, error: BaseException | None = None) -> None:
        """Give the verdict, from the writer's thread."""
        tell([(self, result, error)])


Verdict = tuple[Job, Any, BaseException | None]


def tell(verdicts: Iterable[Verdict]) -> None:
    """Give many their verdicts, from the writer's thread: those of one hub are woken together."""
    answered: dict[_Thread | _Greenlets, list[Job]] = {}
    for job, result, error in verdicts:
        job.result, job.error = result, error
        if job.asker is not None:
            answered.setdefault(job.asker, []).append(job)
    for asker, jobs in answered.items():
        asker.wake(jobs)


class _Thread:
    """A thread without a hub, which waits for its one job."""

    def __init__(self) -> None:
        self._done = _native_lock()
        self._done.acquire()

    def ask(self, job: Job, queue: SimpleQueue[Job | None]) -> None:
        """Have the job done and wait for it."""
        queue.put(job)
        self._done.acquire()

    def wake(self, _jobs: list[Job]) -> None:
        """Let the thread go on."""
        self._done.release()


class _Greenlets:
    """The greenlets of one hub that wait for the writer.

    What they ask within one turn of the hub's loop is handed over together at its end, when nothing else is
    ready to run: many who came at once share a batch, and a lone one is handed over at once.
    """

    def __init__(self, hub: Hub) -> None:
        self._bell = hub.loop.async_()
        self._asked: list[Job] = []
        self._answered: deque[Job] = deque()
        self._waiting = 0

    def __len__(self) -> int:
        return len(self._asked)

    def ask(self, job: Job, queue: SimpleQueue[Job | None]) -> None:
        """Have the job done; only the calling greenlet waits."""
        job.waiter = Waiter()
        if not self._asked:
            job.waiter.hub.loop.run_callback(self._hand_over, queue)
        self._asked.append(job)
        if self._waiting == 0:
            self._bell.start(self._answer)
        self._waiting += 1
        try:
            job.waiter.get()
        finally:
            # Who was killed while waiting is not to be woken any more.
            job.waiter = None
            self._waiting -= 1
            if self._waiting == 0:
                # A bell that nobody waits for would keep the loop from ending.
                self._bell.stop()

    def wake(self, jobs: list[Job]) -> None:
        """Let their greenlets go on; called from the writer's thread."""
        self._answered.extend(jobs)
        self._bell.send()

    def _hand_over(self, queue: SimpleQueue[Job | None]) -> None:
        asked, self._asked = self._asked, []
        for job in asked:
            queue.put(job)

    def _answer(self) -> None:
        while self._answered:
            waiter = self._answered.popleft().waiter
            if waiter is not None:
                waiter.switch(None)


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
        self._hubs: WeakKeyDictionary[Hub, _Greenlets] = WeakKeyDictionary()

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
        if hub is None:
            job.asker = _Thread()
        elif hub in self._hubs:
            job.asker = self._hubs[hub]
        else:
            job.asker = self._hubs[hub] = _Greenlets(hub)
        job.asker.ask(job, self._queue)

    def close(self) -> None:
        """Do what waits, then end the thread; a later job starts another."""
        if self._process == os.getpid():
            queue, self._process = self._queue, 0
            self._have_done(Job(lambda _: self._stop(), alone=True))
            queue.put(None)

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
                tell((job, None, error) for job in batch)


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

"""What the writer is asked for, and how those who ask wait for it: greenlets together, threads alone."""

from __future__ import annotations

from _queue import SimpleQueue
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from gevent.hub import Hub, Waiter
from gevent.monkey import get_original

LARGEST_BATCH = 200
# While somebody else stores these, the next are made ready; with all of them at once nobody would be left.
LARGEST_LENT = 25
# The real one, whether or not the standard library is patched.
_native_lock = get_original("_thread", "allocate_lock")


class Job:
    """Something to be done by the writer, and its verdict. An `alone` job shares nothing with others.

    `work(connection)` does it; where there is an `item`, `work(connection, items)` does it for all jobs of
    the same work that stand side by side, and returns a result, or an exception to be raised, for each.
    """

    __slots__ = ("alone", "asker", "error", "item", "result", "waiter", "work")

    def __init__(self, work: Callable[..., Any], item: Any = None, alone: bool = False) -> None:
        self.work, self.item, self.alone = work, item, alone
        self.result: Any = None
        self.error: BaseException | None = None
        self.asker: Thread | Greenlets | None = None
        self.waiter: Waiter[None] | None = None

    def tell(self, result: Any = None, error: BaseException | None = None) -> None:
        """Give the verdict, from the writer's thread."""
        tell([(self, result, error)])


Verdict = tuple[Job, Any, BaseException | None]


Queue = SimpleQueue[Job | None]


def tell(verdicts: Iterable[Verdict]) -> None:
    """Give many their verdicts, from any thread: those of one hub are woken together."""
    answered: dict[Thread | Greenlets, list[Job]] = {}
    for job, result, error in verdicts:
        job.result, job.error = result, error
        if job.asker is not None:
            answered.setdefault(job.asker, []).append(job)
    for asker, jobs in answered.items():
        asker.wake(jobs)


class Thread:
    """A thread without a hub, which waits for its one job."""

    def __init__(self) -> None:
        self._done = _native_lock()
        self._done.acquire()

    def ask(self, job: Job, queue: Queue) -> None:
        """Have the job done and wait for it."""
        queue.put(job)
        self._done.acquire()

    def wake(self, _jobs: list[Job]) -> None:
        """Let the thread go on."""
        self._done.release()


class Greenlets:
    """The greenlets of one hub that wait for the writer.

    What they ask within one turn of the hub's loop is handed over together at its end, when nothing else is
    ready to run: many who came at once share a batch, and a lone one is handed over at once. Where
    `lend(jobs)` says that somebody else does them, the others gather until these are told.
    """

    def __init__(self, hub: Hub, lend: Callable[[list[Job]], bool]) -> None:
        self._lend = lend
        self._loop = hub.loop
        self._bell = hub.loop.async_()
        self._asked: list[Job] = []
        self._lent: set[Job] = set()
        self._answered: deque[Job] = deque()
        self._waiting = 0
        self._is_due = False

    def __len__(self) -> int:
        return len(self._asked)

    def ask(self, job: Job, queue: Queue) -> None:
        """Have the job done; only the calling greenlet waits."""
        job.waiter = Waiter()
        self._asked.append(job)
        self._be_due(queue)
        self._waiting += 1
        self._tend_bell(queue)
        try:
            job.waiter.get()
        finally:
            # Who was killed while waiting is not to be woken any more.
            job.waiter = None
            self._waiting -= 1
            self._tend_bell(queue)

    def wake(self, jobs: list[Job]) -> None:
        """Let their greenlets go on; called from the writer's thread."""
        self._answered.extend(jobs)
        self._bell.send()

    def _tend_bell(self, queue: Queue) -> None:
        # A bell that nobody waits for would keep the loop from ending.
        if not (self._waiting or self._lent):
            self._bell.stop()
        elif not self._bell.active:
            self._bell.start(self._answer, queue)

    def _be_due(self, queue: Queue) -> None:
        if self._asked and not self._lent and not self._is_due:
            self._is_due = True
            self._loop.run_callback(self._hand_over, queue)

    def _hand_over(self, queue: Queue) -> None:
        self._is_due = False
        asked, self._asked = self._asked, []
        first, later = asked[:LARGEST_LENT], asked[LARGEST_LENT:]
        if self._lend(first):
            self._asked, self._lent = later, set(first)
            self._tend_bell(queue)
            return
        for job in asked:
            queue.put(job)

    def _answer(self, queue: Queue) -> None:
        while self._answered:
            job = self._answered.popleft()
            self._lent.discard(job)
            if job.waiter is not None:
                job.waiter.switch(None)
        self._be_due(queue)
        self._tend_bell(queue)

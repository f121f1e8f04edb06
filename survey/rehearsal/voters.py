"""A crowd of simulated people: each with a card, a phone and a mind of its own, voting as questions open."""

from __future__ import annotations

import heapq
import http.client
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from survey.rehearsal import papers
from survey.rehearsal.browser import Page, PageChanged, Refused
from survey.rehearsal.minds import Mind
from survey.rehearsal.participant import Participant

_AT_ONCE = 8
_LOOK_EVERY = 0.7
_PATIENCE = 10
_GONE = {"code", ""}
_TROUBLE = (OSError, http.client.HTTPException)


@dataclass
class Person:
    """One simulated participant."""

    code: str
    mind: Mind
    phone: Participant
    busy: threading.Lock = field(default_factory=threading.Lock)


_Due = tuple[float, int, Person]


class Crowd:
    """Simulated participants in one meeting.

    `cards` are (code, group key); `pace` is how long a person usually thinks, in seconds; `told` is called
    after every ballot with its receipt. The same `seed` gives the same answers.
    """

    def __init__(
        self,
        base: str,
        cards: Sequence[tuple[str, str]],
        pace: float = 8.0,
        seed: int = 1,
        told: Callable[[str], object] | None = None,
    ) -> None:
        self._people = [
            Person(code, Mind(seed, group, number), Participant(base))
            for number, (code, group) in enumerate(cards)
        ]
        self._pace = pace
        self._told = told
        self._cast = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def come_in(self) -> int:
        """Let everybody type their code; return how many were let in."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            let_in = list(pool.map(self._enter, self._people))
        self._people = [person for person, is_in in zip(self._people, let_in, strict=True) if is_in]
        return len(self._people)

    def vote(self) -> int:
        """Let everybody vote once in the question that is open now; return how many ballots were cast."""
        before = self._cast
        apart = self._pace / max(1, len(self._people))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for person in self._people:
                pool.submit(self._cast_one, person)
                time.sleep(apart)
        return self._cast - before

    def follow(self, minutes: float) -> None:
        """Vote in every question as it opens, each person after a time of their own.

        Ends when the meeting is over, the cards are taken away, the server is gone, or after `minutes`.
        """
        end, failures, turn = time.monotonic() + 60 * minutes, 0, 0
        seen: set[str] = set()
        due: list[_Due] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while self._people and time.monotonic() < end and failures < _PATIENCE:
                # The next person looks up: whatever is open for one is open for all.
                turn = (turn + 1) % len(self._people)
                page = self._look(self._people[turn])
                failures = failures + 1 if page is None else 0
                if page is not None and page.state in _GONE:
                    self._people.pop(turn)
                elif page is not None and page.is_over:
                    return
                elif page is not None and page.state == "ballot":
                    ballot = papers.read(page)
                    if ballot.round not in seen:
                        seen.add(ballot.round)
                        due = self._times(ballot)
                self._let_vote(pool, due)

    def _look(self, person: Person) -> Page | None:
        try:
            with person.busy:
                return person.phone.look()
        except (Refused, *_TROUBLE):
            return None

    def _times(self, ballot: papers.Ballot) -> list[_Due]:
        """Return when each person votes, as a heap."""
        now = time.monotonic()
        due = [
            (now + person.mind.delay(ballot, self._pace), place, person)
            for place, person in enumerate(self._people)
        ]
        heapq.heapify(due)
        return due

    def close(self) -> None:
        """Put all phones away."""
        for person in self._people:
            person.phone.close()

    def _let_vote(self, pool: ThreadPoolExecutor, due: list[_Due]) -> None:
        """Let those vote whose time comes before the next look."""
        until = time.monotonic() + _LOOK_EVERY
        while due and due[0][0] <= until:
            moment, _place, person = heapq.heappop(due)
            time.sleep(max(0.0, moment - time.monotonic()))
            pool.submit(self._cast_one, person)
        time.sleep(max(0.0, until - time.monotonic()))

    def _enter(self, person: Person) -> bool:
        try:
            person.phone.enter_code(person.code)
        except (Refused, *_TROUBLE):
            return False
        return True

    def _cast_one(self, person: Person) -> None:
        """Cast this person's ballot; who comes too late, or has no card any more, has not voted."""
        try:
            with person.busy:
                ballot = person.phone.question(change=False)
                if ballot is None:
                    return
                receipt = person.phone.cast(person.mind.answer(ballot), ballot=ballot)
        except (Refused, PageChanged, *_TROUBLE):
            return
        with self._lock:
            self._cast += 1
        if self._told is not None:
            self._told(receipt)

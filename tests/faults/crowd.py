"""Voters who send until they know: each ballot under a key of its own, sent again until it is answered."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import wire
from halls import Voter

_PATIENCE = 5.0
_AGAIN = (0.05, 0.25)
_RECEIPT = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b")


@dataclass
class Sending:
    """One ballot of one voter: when it was begun, told of (`acked`) or turned away for good (`refused`).

    Neither means unknown: it may be in the box, or not. `receipt` is what the voter saw afterwards, if asked.
    """

    voter: int
    number: int
    key: str
    begun: float
    tries: int = 0
    acked: float | None = None
    refused: int | None = None
    receipt: str = ""


@dataclass
class History:
    """All that was sent and answered. `took` are the seconds of each request that was acked, by its end."""

    sendings: list[Sending] = field(default_factory=list)
    took: list[tuple[float, float]] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    lost_lines: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def acked(self) -> list[Sending]:
        """The sendings whose voter was told that the vote is stored."""
        return [one for one in self.sendings if one.acked is not None]

    @property
    def refused(self) -> list[Sending]:
        """The sendings that were turned away for good."""
        return [one for one in self.sendings if one.refused is not None]

    def p95(self, after: float = 0.0) -> float:
        """Return the seconds within which 95 of 100 acked requests were answered (ended after `after`)."""
        took = [seconds for end, seconds in self.took if end >= after]
        return statistics.quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else 0.0

    def back_after(self, moment: float) -> float:
        """Return the seconds from a moment until the first ack after it; infinite where there was none."""
        return min((end for end, _ in self.took if end >= moment), default=float("inf")) - moment


class Crowd:
    """Voters who vote over and over, each `pace` seconds apart, until they are stopped. A context manager.

    `receipts` lets them look at their receipt each time; an answer is waited for `patience` seconds.

    `port` may be a proxy's, and may be set anew while they vote.
    """

    def __init__(
        self,
        port: int,
        voters: Sequence[Voter],
        pace: float = 0.5,
        receipts: bool = False,
        patience: float = _PATIENCE,
    ) -> None:
        self.port, self.history = port, History()
        self._voters, self._pace, self._receipts, self._patience = voters, pace, receipts, patience
        self._stopping = False
        self._deadline = float("inf")
        self._background = wire.Background()
        self._people: list[asyncio.Task[None]] = []

    def __enter__(self) -> Crowd:
        self._background.run(self._begin())
        return self

    def __exit__(self, error: object = None, *_more: object) -> None:
        if error is None:
            self.stop()
        else:
            # What the test found is to be told now.
            self.stop(0)

    def acks(self) -> int:
        """Return how many ballots were acked so far."""
        return len(self.history.took)

    def wait_for(self, more: int, seconds: float = 120) -> None:
        """Wait until so many more ballots are acked."""
        self._wait_for(self.acks, more, seconds, "Nobody could vote")

    def wait_for_refusals(self, more: int, seconds: float = 120) -> None:
        """Wait until so many more requests are answered with a 503."""
        self._wait_for(lambda: self.history.answers[503], more, seconds, "Nobody was turned away")

    def _wait_for(self, number: Callable[[], int], more: int, seconds: float, otherwise: str) -> None:
        wanted, end = number() + more, time.monotonic() + seconds
        while number() < wanted:
            if time.monotonic() > end:
                raise AssertionError(f"{otherwise} for {seconds:.0f} s: {self.history.complaints[-3:]}")
            time.sleep(0.01)

    def stop(self, patience: float = 90.0) -> History:
        """Let nobody begin a new ballot, wait until all know or give up, and return what happened."""
        if self._people:
            self._stopping, self._deadline = True, time.monotonic() + patience
            people, self._people = self._people, []
            self._background.run(_all(people), patience + 60)
            self._background.close()
        return self.history

    async def _begin(self) -> None:
        self._people = [asyncio.create_task(self._vote(voter)) for voter in self._voters]

    async def _vote(self, voter: Voter) -> None:
        await asyncio.sleep(random.random() * self._pace)
        number, line, port = 0, wire.Line(self.port), self.port
        while not self._stopping:
            sending = Sending(voter.number, number, secrets.token_hex(16), time.monotonic())
            self.history.sendings.append(sending)
            while sending.acked is None and sending.refused is None and time.monotonic() < self._deadline:
                if port != self.port:
                    line.close()
                    line, port = wire.Line(self.port), self.port
                await self._try(line, voter, sending)
            number += 1
            await asyncio.sleep(self._pace * random.uniform(0.5, 1.5))
        line.close()

    async def _try(self, line: wire.Line, voter: Voter, sending: Sending) -> None:
        host = f"127.0.0.1:{self.port}"
        raw = wire.request(host, voter.cookie, "/vote", voter.ballot(sending.number, sending.key))
        sending.tries += 1
        begun = time.monotonic()
        try:
            answer = await line.ask(raw, self._patience)
        except wire.CUT:
            self.history.lost_lines += 1
            await asyncio.sleep(random.uniform(*_AGAIN))
            return
        now = time.monotonic()
        self.history.answers[answer.status] += 1
        if answer.status == 303:
            sending.acked = now
            self.history.took.append((now, now - begun))
            if self._receipts:
                await self._fetch_receipt(line, voter, sending)
        elif answer.status in (429, 503):
            self._look_at_refusal(answer)
            await asyncio.sleep(random.uniform(*_AGAIN))
        elif answer.status >= 500 or answer.status == 400:
            self.history.complaints.append(f"{answer.first}: {answer.text[:300]}")
            await asyncio.sleep(random.uniform(*_AGAIN))
        else:
            sending.refused = answer.status

    def _look_at_refusal(self, answer: wire.Message) -> None:
        said = answer.text
        if "retry-after" not in answer.headers or "<main" not in said or "Traceback" in said:
            self.history.complaints.append(f"{answer.first} without Retry-After or a sentence: {said[:300]}")

    async def _fetch_receipt(self, line: wire.Line, voter: Voter, sending: Sending) -> None:
        raw = wire.request(f"127.0.0.1:{self.port}", voter.cookie, "/receipt")
        try:
            page = await line.ask(raw, self._patience)
        except wire.CUT:
            return
        shown = _RECEIPT.search(page.text)
        sending.receipt = shown[0] if shown else "none"


async def _all(people: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.gather(*people)

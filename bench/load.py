"""The load, in a process of its own: voters who post one ballot after the other. `python -m bench.load < JOB`

Standard input is a Job as JSON, standard output a Result.
"""

from __future__ import annotations

import json
import random
import re
import secrets
import statistics
import sys
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

import gevent
from gevent import socket

KEY = "0" * 32
# Between two ballots, in seconds: a server that never waits would stay with one voter.
_BREATH = 0.002
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Voter:
    """A phone's cookie and the bodies it sends in turn; `KEY` in a body becomes a fresh key each time."""

    cookie: str
    bodies: list[str]


@dataclass
class Job:
    """Where to post, who posts, for how many seconds, and how many seconds before that are not measured.

    With `every` each voter lets so many seconds pass from one ballot to the next, else none.
    """

    url: str
    voters: list[Voter]
    seconds: float
    warm: float = 0.4
    every: float = 0.0


@dataclass
class Result:
    """Ballots per second, `p50` and `p95` of a post in ms; all that were `taken`, all that `failed`.

    `cost` is the server's processor time for one ballot, in ms; the hall adds it.
    """

    rate: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    taken: int = 0
    failed: int = 0
    refusal: str = ""
    cost: float = 0.0


@dataclass
class _Tally:
    durations: list[float] = field(default_factory=list)
    taken: int = 0
    failed: int = 0
    refusal: str = ""


def run(job: Job) -> Result:
    """Let all voters post until the time is up; whoever has begun finishes."""
    parts = urlsplit(job.url)
    address = (parts.hostname or "", parts.port or 80)
    begin = time.perf_counter() + job.warm
    tally = _Tally()
    end = begin + job.seconds
    people = [gevent.spawn(_vote, address, voter, begin, end, tally, job.every) for voter in job.voters]
    gevent.joinall(people, raise_error=True)
    took = sorted(tally.durations) or [0.0, 0.0]
    percentiles = statistics.quantiles(took, n=100, method="inclusive")
    return Result(
        rate=len(tally.durations) / job.seconds,
        p50=percentiles[49] * 1000,
        p95=percentiles[94] * 1000,
        taken=tally.taken,
        failed=tally.failed,
        refusal=tally.refusal,
    )


def _vote(
    address: tuple[str, int], voter: Voter, begin: float, end: float, tally: _Tally, every: float
) -> None:
    gevent.sleep(random.uniform(0.0, every))
    line = socket.create_connection(address)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = (
        f"POST /vote HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\nOrigin: http://{address[0]}:{address[1]}\r\n"
        f"Cookie: {voter.cookie}\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\nAccept-Language: nn\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
    )
    number = 0
    while (sent := time.perf_counter()) < end:
        body = voter.bodies[number % len(voter.bodies)].replace(KEY, secrets.token_hex(16))
        number += 1
        line.sendall(f"{head}{len(body)}\r\n\r\n{body}".encode())
        answer = answer_of(line)
        now = time.perf_counter()
        gevent.sleep(max(_BREATH, sent + every - now))
        if answer.startswith(b"HTTP/1.1 303"):
            tally.taken += 1
            if begin <= now < end:
                tally.durations.append(now - sent)
        else:
            tally.failed += 1
            tally.refusal = tally.refusal or answer[:2000].decode("utf-8", "replace")
    line.close()


def answer_of(line: socket.socket) -> bytes:
    """Read one answer from a connection that stays open."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _more(line)
    head, _, body = read.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    if found is None:
        raise ConnectionError(f"An answer without a length: {head[:200]!r}")
    missing = int(found[1]) - len(body)
    while missing > 0:
        more = _more(line)
        missing -= len(more)
        read += more
    return read


def _more(line: socket.socket) -> bytes:
    more: bytes = line.recv(65536)
    if not more:
        raise ConnectionError("The server closed a connection that it should have kept.")
    return more


def main() -> None:
    """Read a job, do it, and write what came of it."""
    asked = json.load(sys.stdin)
    voters = [Voter(**one) for one in asked.pop("voters")]
    json.dump(asdict(run(Job(voters=voters, **asked))), sys.stdout)


if __name__ == "__main__":
    main()

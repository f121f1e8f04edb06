"""Two workers on PostgreSQL against one: `python -m bench.workers`. Eight meetings at once, and one alone."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import resource
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from bench import share, table
from bench.hall import HOUSE, Hall
from bench.load import Job, Result, Voter
from survey.meetings import accounts
from survey.storage import migrate, schema
from survey.storage.database import Database
from survey.storage.keys import Keys

# The tests' own PostgreSQL, from the package in requirements-dev.txt.
sys.path.append(str(HOUSE / "tests"))
_QUESTION = "suksess"
_HEADING = ("", "one worker", "two workers", "two by one", "p95 ms, one", "p95 ms, two")
_COSTS = ("processor ms a ballot", "worker", "database server", "load", "two by one, at most here")
_MEETINGS = 8
Measured = tuple[Result, list[float]]


@dataclass
class Site:
    """A gunicorn with its workers, on the database."""

    base: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """Return the workers' process numbers."""
        return share.children(self.process.pid)


def main() -> int:
    """Measure and print; returns 1 when ballots that were acknowledged are not in the log."""
    parser = argparse.ArgumentParser(prog="python -m bench.workers", description=__doc__)
    parser.add_argument("--voters", type=int, default=50, help="how many post at once, in all meetings")
    parser.add_argument("--runs", type=int, default=7, help="how often each is measured, in turn")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long each run takes")
    parser.add_argument("--share", type=float, default=0.5, help="of a core for each worker; 0: all of it")
    args = parser.parse_args()
    if not share.may_hold():
        args.share = 0.0
    place = HOUSE / "instance"
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as folder, ExitStack() as stack:
        url, server = stack.enter_context(_postgres())
        database = Database(url)
        migrate.upgrade(database, Keys(Path(folder) / "keys" / "secret"))
        sites = [stack.enter_context(_gunicorn(Path(folder), url, many)) for many in (1, 2)]
        many = [_meeting(sites[0], database, -(-args.voters // _MEETINGS)) for _ in range(_MEETINGS)]
        crowds = {
            f"{_MEETINGS} meetings at once": [voter for meeting in many for voter in meeting],
            "one meeting": _meeting(sites[0], database, args.voters),
        }
        stack.enter_context(share.held_to(args.share, [one for site in sites for one in site.workers()]))
        goals: list[list[str]] = []
        taken, rows, costs = 0, [list(_HEADING)], [list(_COSTS)]
        for name, voters in crowds.items():
            done = [[_vote(site, voters, args.seconds, server) for site in sites] for _ in range(args.runs)]
            taken += sum(one.taken for pair in done for one, _ in pair)
            rows.append(_row(name, done))
            costs.append(_cost(name, done))
            goals.append(
                [f"two workers on PostgreSQL by one, {name}, {_held(args)}", "at least 1.6", rows[-1][3]]
            )
            if not args.share:
                goals.append(
                    ["at most possible where load and database share their cores", "", costs[-1][-1]]
                )
        print(_conditions(args))
        print(f"{table.lines(rows)}\n\n{table.lines(costs)}")
        print(table.told(goals))
        return _compare(database, taken)


def _held(args: argparse.Namespace) -> str:
    return f"each held to {args.share:.0%} of a core" if args.share else "each on whole cores"


def _conditions(args: argparse.Namespace) -> str:
    return (
        f"PostgreSQL, gunicorn's gevent workers, {_held(args)}; {args.voters} voters at once; load and\n"
        f"database server have the same {os.cpu_count()} cores. Ballots a second, medians (least to most).\n"
    )


def _row(name: str, done: Sequence[Sequence[Measured]]) -> list[str]:
    one, two = ([pair[place][0].rate for pair in done] for place in (0, 1))
    late = [table.spread([pair[place][0].p95 for pair in done]) for place in (0, 1)]
    return [name, table.spread(one), table.spread(two), table.spread(table.ratios(two, one), 2), *late]


def _cost(name: str, done: Sequence[Sequence[Measured]]) -> list[str]:
    """Return the processor time of a ballot at one worker, and what two cores leave for the ratio.

    One worker fills a core and the others have the second; two share both cores with them.
    """
    mine, theirs, load = (statistics.median(pair[0][1][place] for pair in done) for place in range(3))
    cores = os.cpu_count() or 1
    most = min(2.0, cores * max(mine, (mine + theirs + load) / cores) / (mine + theirs + load))
    return [name, *(f"{one:.2f}" for one in (mine, theirs, load)), f"{most:.2f}"]


def _compare(database: Database, taken: int) -> int:
    asked = select(func.count()).select_from(schema.log).where(schema.log.c.type == "cast")
    with database.reading() as connection:
        stored = connection.scalar(asked)
    database.close()
    print(f"{taken:,} ballots acknowledged, {stored:,} stored")
    return int(taken != stored)


@contextmanager
def _postgres() -> Iterator[tuple[str, int]]:
    from postgres import Postgres

    server = Postgres()
    try:
        yield server.empty(), server.pid
    finally:
        server.close()


@contextmanager
def _gunicorn(folder: Path, url: str, workers: int) -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PRIKK_")},
        "PRIKK_INSTANCE": str(folder),
        "PRIKK_DATABASE": url,
        "PRIKK_PORT": str(port),
    }
    command = [sys.executable, "-m", "gunicorn", "-w", str(workers), "--log-level", "error"]
    process = subprocess.Popen(command, cwd=HOUSE, env=environment, start_new_session=True)
    try:
        _wait_for(port)
        yield Site(f"http://127.0.0.1:{port}", process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            if time.monotonic() > end:
                raise
        finally:
            connection.close()
        time.sleep(0.1)


def _meeting(site: Site, database: Database, people: int) -> list[Voter]:
    token = database.write(lambda c: accounts.invite(c, f"Bench {secrets.token_hex(3)}"))
    made = Hall("workers", Path(), site.base, f"{site.base}/sign-in/{token}", process=None)  # type: ignore[arg-type]
    with made.fill(people) as facilitator:
        facilitator.open(made.meeting, _QUESTION)
        made.prepare()
    for phone in made.phones:
        phone.close()
    return made.voters


def _vote(site: Site, voters: list[Voter], seconds: float, server: int) -> Measured:
    """Let all vote; returns the result and the ms of a ballot at workers, database server and load."""
    job = json.dumps(asdict(Job(site.base, voters, seconds)))
    command = [sys.executable, "-m", "bench.load"]
    before = _used(site, server)
    done = subprocess.run(command, cwd=HOUSE, input=job, capture_output=True, text=True, check=True)
    after = _used(site, server)
    result = Result(**json.loads(done.stdout))
    if result.failed:
        raise RuntimeError(f"{result.failed} ballots refused: {re.sub('<[^>]*>', ' ', result.refusal)[:500]}")
    return result, [(later - then) / max(1, result.taken) for then, later in zip(before, after, strict=True)]


def _used(site: Site, server: int) -> list[float]:
    load = resource.getrusage(resource.RUSAGE_CHILDREN)
    return [
        share.used(site.workers()),
        share.used([server, *share.children(server)]),
        1000 * (load.ru_utime + load.ru_stime),
    ]


if __name__ == "__main__":
    sys.exit(main())

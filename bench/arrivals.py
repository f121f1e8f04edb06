"""`python -m bench.arrivals`: 500 voters come within ten seconds: scan, code, card, page, vote, receipt."""

from __future__ import annotations

import argparse
import json
import random
import re
import secrets
import statistics
import subprocess
import sys
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import gevent
from gevent import socket

from bench import places, share, table
from bench.hall import HOUSE, Hall, hall, plan_for, processor_ms
from bench.load import answer_of
from survey.rehearsal.drivers import Facilitator

VOTERS, SECONDS = 500, 10.0
STEPS = ("scan", "code", "card", "page", "vote", "receipt")
_QUESTION = "suksess"
_FIELD = re.compile(r"<input\b[^>]*>")
_PAIR = re.compile(r'\b(name|value|type)="([^"]*)"')
_COOKIE = re.compile(r"^set-cookie: *([^;\r\n]+)", re.IGNORECASE | re.MULTILINE)
_OWN = ("csrf_token", "seat", "key", "round")


def main() -> int:
    """Measure and print; returns 0. With `arrive`: be the voters of a job on standard input."""
    parser = argparse.ArgumentParser(prog="python -m bench.arrivals", description=__doc__)
    parser.add_argument("role", nargs="?", choices=("measure", "arrive"), default="measure")
    parser.add_argument("--voters", type=int, default=VOTERS)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    if args.role == "arrive":
        json.dump(_arrive(**json.load(sys.stdin)), sys.stdout)
        return 0
    print(table.told(rows(args.voters, args.runs)))
    return 0


def rows(voters: int = VOTERS, runs: int = 5) -> list[list[str]]:
    """Return the lines of the table; every run has a server and a meeting of its own."""
    late: dict[str, list[float]] = {step: [] for step in STEPS}
    failed, worked = [], []
    for number in range(runs):
        print(f"arrivals: run {number + 1} of {runs}", file=sys.stderr, flush=True)
        with places.folder() as name, hall("durable", name / "hall") as one:
            said = _one_run(one, voters)
        failed += said["failed"]
        worked.append(said["worked"] / voters)
        for step in STEPS:
            late[step].append(statistics.quantiles(said["took"][step] or [0, 0], n=20)[18] * 1000)
    what = f"{voters} voters within {SECONDS:g} s: "
    found = [[f"{what}failed, of {runs * voters:,}", "0", f"{len(failed)} {failed[0] if failed else ''}"]]
    found += [[f"{what}{step}, p95 ms", "at most 1,000", table.spread(each)] for step, each in late.items()]
    return [*found, ["of the server's processor time, ms for each voter", "", table.spread(worked, 1)]]


def _one_run(one: Hall, voters: int) -> dict[str, Any]:
    with one.fill(2) as first:
        first.open(one.meeting, _QUESTION)
        one.prepare()
        first.end(one.meeting)
        # The hall's own people are few: those who arrive have a meeting of their own.
        meeting = first.import_plan(plan_for(voters))
        codes = _codes(first, meeting, voters)
        first.open(meeting, _QUESTION)
    body = parse_qsl(one.voters[0].bodies[0], keep_blank_values=True)
    marks = [[name, value] for name, value in body if name not in _OWN]
    job = json.dumps({"url": one.url, "codes": codes, "marks": marks})
    command = [sys.executable, "-m", "bench.arrivals", "arrive"]
    with share.apart(one.process.pid):
        before = processor_ms(one.process.pid)
        done = subprocess.run(command, cwd=HOUSE, input=job, capture_output=True, text=True, check=True)
        worked = processor_ms(one.process.pid) - before
    said: dict[str, Any] = json.loads(done.stdout)
    return {**said, "worked": worked}


def _codes(facilitator: Facilitator, meeting: str, voters: int) -> list[str]:
    cards = facilitator.issue_cards(meeting)
    return [code for group, codes in cards.items() for code in codes if group != "gjester"][:voters]


def _arrive(url: str, codes: list[str], marks: list[list[str]]) -> dict[str, Any]:
    """Let everybody come at a moment of their own; returns what each step took (s), and what failed."""
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 80)
    took: dict[str, list[float]] = {step: [] for step in STEPS}
    failed: list[str] = []
    people = [gevent.spawn(_come, address, code, marks, took, failed) for code in codes]
    gevent.joinall(people, timeout=SECONDS + 60)
    failed += [repr(one.exception) for one in people if one.exception is not None or not one.ready()]
    return {"took": took, "failed": failed}


def _come(
    address: tuple[str, int],
    code: str,
    marks: list[list[str]],
    took: dict[str, list[float]],
    failed: list[str],
) -> None:
    gevent.sleep(random.uniform(0.0, SECONDS))
    phone = _Phone(address)

    def step(name: str, wanted: int, method: str, path: str, fields: list[Any] | None = None) -> str:
        begun = time.perf_counter()
        status, text = phone.ask(method, path, fields)
        took[name].append(time.perf_counter() - begun)
        if status != wanted:
            failed.append(f"{name}: {status}")
        return text

    scanned = step("scan", 200, "GET", "/b")
    asked = step("code", 200, "POST", "/b", [*hidden(scanned), ("code", code)])
    step("card", 303, "POST", "/card", hidden(asked))
    shown = step("page", 200, "GET", "/vote")
    own = dict(hidden(shown)) | {"key": secrets.token_hex(16)}
    step("vote", 303, "POST", "/vote", [(name, own[name]) for name in _OWN if name in own] + marks)
    if 'data-state="receipt"' not in step("receipt", 200, "GET", "/receipt"):
        failed.append("receipt: none on the page")
    phone.close()


def hidden(page: str) -> list[tuple[str, str]]:
    """Return the hidden fields of a page's forms as (name, value)."""
    tags = (dict(_PAIR.findall(tag)) for tag in _FIELD.findall(page))
    found = {tag["name"]: tag.get("value", "") for tag in tags if tag.get("type") == "hidden"}
    return list(found.items())


class _Phone:
    """A browser as far as it matters here: one connection that is kept, and a cookie."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._line = socket.create_connection(address)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host, self._cookie = f"{address[0]}:{address[1]}", ""

    def ask(self, method: str, path: str, fields: list[Any] | None) -> tuple[int, str]:
        """Return status and page."""
        body = urlencode(fields or [])
        kind = "Content-Type: application/x-www-form-urlencoded\r\n" if method == "POST" else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nCookie: {self._cookie}\r\n{kind}"
        head += f"Accept-Language: nn\r\nContent-Length: {len(body)}\r\n\r\n"
        self._line.sendall((head + body).encode())
        text = answer_of(self._line).decode("utf-8", "replace")
        for found in _COOKIE.findall(text.partition("\r\n\r\n")[0]):
            self._cookie = found
        return int(text[9:12]), text

    def close(self) -> None:
        """Hang up."""
        self._line.close()


if __name__ == "__main__":
    sys.exit(main())

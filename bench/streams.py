"""`python -m bench.streams`: 3,000 phones follow, told once a second, while 50 ballots a second come in."""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import places, share, table
from bench.hall import HOUSE, Hall, cast_once, hall
from bench.load import Voter
from survey.network import raise_open_files

STREAMS, VOTERS = 3_000, 50
_QUESTION = "suksess"
_AT_ONCE, _OPEN_SECONDS = 50, 120.0


def main() -> int:
    """Measure and print; returns 0. With `listen`: be the phones of a job on standard input."""
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("role", nargs="?", choices=("measure", "listen"), default="measure")
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0)
    args = parser.parse_args()
    if args.role == "listen":
        _listen(**json.loads(sys.stdin.readline()))
        return 0
    print(table.told(rows(args.streams, args.runs, args.seconds)))
    return 0


def rows(streams: int = STREAMS, runs: int = 5, seconds: float = 8.0) -> list[list[str]]:
    """Return the lines of the table."""
    late, votes, missed, updates, weight = [], [], 0, 0, 0.0
    with places.folder() as name, hall("told", name / "hall") as one, share.apart(one.process.pid):
        # Turnout rises by those who vote for the first time: one a second.
        with one.fill(VOTERS + int(runs * (seconds + 10))) as facilitator:
            facilitator.open(one.meeting, _QUESTION)
        one.prepare()
        newcomers = iter(one.voters[VOTERS:])
        one.voters = one.voters[:VOTERS]
        one.vote(2.0, every=1.0)
        for number in range(runs):
            before = _memory(one.process.pid)
            listening = _listener(one, streams)
            if number == 0:
                weight = (_memory(one.process.pid) - before) / streams
            print(f"streams: {streams:,} are open, run {number + 1} of {runs}", file=sys.stderr, flush=True)
            begun, enough = time.monotonic(), threading.Event()
            coming = threading.Thread(target=_come, args=(one.url, newcomers, enough))
            coming.start()
            votes.append(one.vote(seconds, every=1.0).p95)
            ended = time.monotonic() - 1.0
            enough.set()
            coming.join()
            heard = json.loads(listening.communicate("enough\n", timeout=60)[0])
            told = _told(name / "hall" / "told.txt", begun, ended)
            delays = [(heard[text][0] - at) * 1000 for text, at in told.items() if text in heard]
            late.append(statistics.quantiles(delays, n=20, method="inclusive")[18])
            updates += len(told)
            missed += sum(streams - heard.get(text, (0.0, 0))[1] for text in told)
    return [
        [f"{streams:,} streams: the last phone hears an update, p95 ms", "at most 250", table.spread(late)],
        [f"{VOTERS} ballots a second meanwhile, p95 ms", "at most 200", table.spread(votes)],
        [f"of {updates} updates to {streams:,} streams, missed", "0", f"{missed:,}"],
        ["memory for each stream, kB", "at most 25", f"{weight:.1f}"],
    ]


def _come(url: str, newcomers: Iterator[Voter], enough: threading.Event) -> None:
    """Let one more vote each second."""
    while not enough.wait(1.0):
        cast_once(url, next(newcomers))


def _listener(one: Hall, streams: int) -> subprocess.Popen[str]:
    """Start the phones in a process of their own and wait until all of them listen."""
    command = [sys.executable, "-m", "bench.streams", "listen"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=HOUSE, text=True, stdin=pipe, stdout=pipe)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("No pipe to the phones.")
    job = {"url": one.url, "meeting": one.meeting, "streams": streams}
    process.stdin.write(json.dumps(job) + "\n")
    process.stdin.flush()
    if process.stdout.readline() != "open\n":
        raise RuntimeError("The phones could not open their streams.")
    return process


def _told(file: Path, begun: float, ended: float) -> dict[str, float]:
    """Return what phones were told between two moments, and when."""
    lines = [line.split(" ", 2) for line in file.read_text().splitlines()]
    return {
        text: float(at) for at, audience, text in lines if audience == "phone" and begun < float(at) < ended
    }


def _memory(process: int) -> float:
    """Return a process's resident memory in kB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return float(line.split()[1])
    return 0.0


def _listen(url: str, meeting: str, streams: int) -> None:
    """Open the streams; once told "enough" write, for each text, when the last one heard it, and how many."""
    raise_open_files()
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 80)
    asked = f"GET /live/{meeting} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n".encode()
    heard: dict[bytes, tuple[float, int]] = {}
    lines: set[socket.socket] = set()
    with selectors.DefaultSelector() as ready:
        ready.register(sys.stdin, selectors.EVENT_READ)
        end = time.monotonic() + _OPEN_SECONDS
        deaf: set[Any] = set()
        while len(lines) < streams or deaf:
            if time.monotonic() > end:
                sys.exit(f"{len(lines) - len(deaf):,} of {streams:,} streams were opened.")
            while len(lines) < streams and len(deaf) < _AT_ONCE:
                line = socket.create_connection(address)
                line.sendall(asked)
                ready.register(line, selectors.EVENT_READ)
                lines.add(line)
                deaf.add(line)
            deaf -= {line for line, texts in _heard(ready, 1.0) if texts}
        print("open", flush=True)
        while not any(line is sys.stdin for line, _ in _heard(ready, 60.0, heard)):
            pass
    json.dump({text.decode(): found for text, found in heard.items()}, sys.stdout)


def _heard(
    ready: selectors.BaseSelector, seconds: float, kept: dict[bytes, tuple[float, int]] | None = None
) -> list[tuple[Any, list[bytes]]]:
    """Read what has come and return the texts of each line; `kept` has for each when it came last, how often.

    An update is sent whole.
    """
    found: list[tuple[Any, list[bytes]]] = []
    for key, _ in ready.select(seconds):
        line: Any = key.fileobj
        came = b"" if line is sys.stdin else line.recv(65536)
        if not came and line is not sys.stdin:
            sys.exit("The server closed a stream.")
        texts = [text for text in came.split(b"\n") if text.startswith(b"data: ")]
        if kept is not None:
            now = time.monotonic()
            kept.update({text: (now, kept.get(text, (0.0, 0))[1] + 1) for text in texts})
        found.append((line, texts))
    return found


if __name__ == "__main__":
    sys.exit(main())

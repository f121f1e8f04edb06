"""`python -m bench`: ballots per second, stored and not stored, and the bytes of a ballot page; one table."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench import page, slow_sync, table
from bench.hall import HOUSE, Hall, hall
from bench.load import Result, Voter

NAMES = {
    "durable": "SQLite, on disk before the answer",
    "one by one": "the same, one commit per ballot",
    "nothing": "the same app, nothing stored",
    "bare": "a bare Flask view that parses and answers",
}
SLOWED = ("durable", "one by one")
_QUESTION = "suksess"


def main() -> int:
    """Measure and print; returns 0, or 1 when ballots that were acknowledged are not in the log."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--voters", type=int, default=50, help="how many post at once")
    parser.add_argument("--runs", type=int, default=7, help="how often each is measured, in turn")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long each run takes")
    args = parser.parse_args()
    # Beside the real database: a temporary folder may be in memory, where nothing is durable.
    place = HOUSE / "instance"
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as name, ExitStack() as stack:
        sync = _sync(Path(name))
        halls = [stack.enter_context(hall(variant, Path(name) / variant)) for variant in NAMES]
        slow = slow_sync.compiled(Path(name))
        slowed = [stack.enter_context(hall(one, Path(name) / f"{one}, slow", slow)) for one in SLOWED if slow]
        weights = _open(halls + slowed, args.voters)
        results = _measure(halls, args.runs, args.seconds)
        on_a_slow_disk = _measure(slowed, args.runs, args.seconds)
        print(_machine(args, sync))
        print(_ballots(results))
        print(_slowed(on_a_slow_disk))
        print(_weights(weights))
        print(table.told(_goals(results, on_a_slow_disk)) + "\n")
        return max(_compare(one) for one in (halls[0], *slowed))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _open(halls: list[Hall], voters: int) -> dict[str, page.Weight]:
    """Fill the halls and open the dots question in each; weigh every kind's first page in the first."""
    _say(f"{voters} voters come in at each server")
    weights = {}
    for one in halls:
        if one.variant == "bare":
            one.voters = [Voter("", voter.bodies) for voter in halls[0].voters]
            continue
        with one.fill(voters) as facilitator:
            asked = facilitator.plan(one.meeting)["questions"] if one is halls[0] else []
            for question in asked:
                if question["kind"] not in weights and question["key"] != _QUESTION:
                    facilitator.open(one.meeting, question["key"])
                    weights[question["kind"]] = page.weigh(one)
                    facilitator.close_round(one.meeting)
                    facilitator.reveal(one.meeting)
            facilitator.open(one.meeting, _QUESTION)
        if asked:
            weights["dots"] = page.weigh(one)
        one.prepare()
    return weights


def _measure(halls: list[Hall], runs: int, seconds: float) -> dict[str, list[Result]]:
    results: dict[str, list[Result]] = {one.variant: [] for one in halls}
    for number in range(runs):
        # Each goes first, second, ... in turn, so that none always follows the same neighbour.
        turn = number % len(halls)
        for one in halls[turn:] + halls[:turn]:
            results[one.variant].append(one.vote(seconds))
        told = ", ".join(f"{name} {results[name][-1].rate:,.0f}" for name in results)
        _say(f"run {number + 1} of {runs}: {told} ballots/s")
    return results


def _ballots(results: dict[str, list[Result]]) -> str:
    rates = {name: [one.rate for one in done] for name, done in results.items()}
    rows = [
        [
            "",
            "ballots/s",
            "p50 ms",
            "p95 ms",
            "processor ms",
            "by nothing stored",
            "p95 by its p95",
            "by bare Flask",
        ]
    ]
    for name, done in results.items():
        late = table.ratios([one.p95 for one in done], [one.p95 for one in results["nothing"]])
        rows.append(
            [
                NAMES[name],
                table.spread(rates[name]),
                f"{statistics.median(one.p50 for one in done):.1f}",
                table.spread([one.p95 for one in done], 1),
                f"{statistics.median(one.cost for one in done):.2f}",
                table.spread(table.ratios(rates[name], rates["nothing"]), 2),
                table.spread(late, 2),
                table.spread(table.ratios(rates[name], rates["bare"]), 2),
            ]
        )
    return table.lines(rows) + "\n"


def _goals(results: dict[str, list[Result]], slowed: dict[str, list[Result]]) -> list[list[str]]:
    """Return the lines that have a goal."""
    rates = {name: [one.rate for one in done] for name, done in results.items()}
    late = table.ratios([one.p95 for one in results["durable"]], [one.p95 for one in results["nothing"]])
    stored = {
        "ballots per second, 50 at once, by the same app storing nothing": ("at least 0.9", "nothing"),
        "a ballot posted, by a bare Flask view": ("at least 0.4", "bare"),
    }
    found = [
        [what, goal, table.spread(table.ratios(rates["durable"], rates[other]), 2)]
        for what, (goal, other) in stored.items()
    ]
    found.insert(1, ["their p95, by its p95", "at most 1.2", table.spread(late, 2)])
    if slowed:
        pair = [[one.rate for one in slowed[name]] for name in SLOWED]
        what = f"each sync {slow_sync.SYNC_MS} ms slower, by one commit per ballot"
        found.append([what, "at least 8", table.spread(table.ratios(*pair), 1)])
    return found


def _slowed(results: dict[str, list[Result]]) -> str:
    heading = f"each sync {slow_sync.SYNC_MS} ms slower"
    if not results:
        return f"{heading}: not measured, there is no C compiler here\n"
    rates = {name: [one.rate for one in done] for name, done in results.items()}
    rows = [[heading, "ballots/s", "p95 ms", "by one commit per ballot"]]
    for name, done in results.items():
        rows.append(
            [
                NAMES[name],
                table.spread(rates[name]),
                table.spread([one.p95 for one in done], 1),
                table.spread(table.ratios(rates[name], rates["one by one"]), 1),
            ]
        )
    return table.lines(rows) + "\n"


def _weights(weights: dict[str, page.Weight]) -> str:
    rows = [["first ballot page, all it loads", "requests", "bytes, compressed", "and headers"]]
    for kind, weight in weights.items():
        rows.append([kind, str(len(weight.parts)), f"{weight.bodies:,}", f"{weight.heads:,}"])
    heaviest = max(weights.values(), key=lambda weight: weight.bodies)
    parts = ", ".join(f"{path.partition('?')[0]} {size:,}" for path, size in heaviest.parts.items())
    return f"{table.lines(rows)}\n  the heaviest: {parts}\n"


def _sync(folder: Path) -> float:
    """Return the median of writing 4 KB and waiting for the disk, in ms."""
    took = []
    with (folder / "sync").open("wb") as file:
        for _ in range(100):
            begin = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begin)
    return statistics.median(took) * 1000


def _machine(args: argparse.Namespace, sync: float) -> str:
    return (
        f"\n{args.voters} voters at once; {args.runs} runs of {args.seconds:g} s, in turn.\n"
        f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"a sync of 4 KB {sync:.2f} ms, load average {os.getloadavg()[0]:.1f}. "
        "Only what stands in one table compares.\n"
    )


def _compare(durable: Hall) -> int:
    """Compare what a hall acknowledged with its log."""
    file = sqlite3.connect(durable.folder / "prikk.sqlite")
    stored = file.execute("SELECT count(*) FROM log WHERE type = 'cast'").fetchone()[0]
    file.close()
    print(f"Acknowledged {durable.taken:,} ballots, stored {stored:,}.")
    return 0 if stored == durable.taken else 1


if __name__ == "__main__":
    sys.exit(main())

"""Answers that never arrive: a phone sends again under the same key, and the ballot counts once."""

from __future__ import annotations

from crowd import Crowd
from ledger import judge
from proxy import Proxy

CHANCES = {
    "eaten": 0.25,
    "doubled": 0.1,
    "late": 0.1,
    "delayed": 0.1,
    "cut answer": 0.1,
    "cut request": 0.05,
    "trickled": 0.05,
}


def vote_through_a_bad_line(hall, faults, bug="", pace=0.2):
    """Let everybody vote through a proxy until so many faults have hit; returns history and hits."""
    with hall.serving(bug) as server, Proxy(server.port, CHANCES, seed=faults) as proxy:
        with Crowd(proxy.port, hall.voters, pace, receipts=True) as crowd:
            while proxy.hits.total() < faults:
                crowd.wait_for(10)
            proxy.calm()
            history = crowd.stop()
        proxy.settle()
        with hall.facilitator(server.base) as facilitator:
            facilitator.close_round(hall.meeting)
    return history, proxy.hits


def test_eaten_doubled_late_and_cut(hall, many, tell):
    faults = many(500, 10_000)
    history, hits = vote_through_a_bad_line(hall, faults)
    judged = judge(hall, history, books=True)
    tell("answers eaten, doubled, late, cut", hits.total(), judged, history, hits=dict(hits))
    assert set(hits) == set(CHANCES), "every fault took place"
    assert judged.is_clean and judged.unknown == 0 and not history.refused, judged


def test_the_checker_finds_retries_that_count_twice(hall):
    history, _ = vote_through_a_bad_line(hall, 15, "no_key")
    assert judge(hall, history).doubled > 0

"""What the report says beyond chart and table, by kind: tallies, effects, and similar people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from analysis import tallied
from analysis.measures.bootstrap import median_interval
from analysis.measures.difference import cliff_of_counts
from analysis.reading import Reading


@dataclass(frozen=True)
class Beyond:
    """A table of the report with its title, the sentences above it and what explains it below."""

    title: str
    said: list[str]
    headers: list[str]
    rows: list[list[str]]
    explained: str


def _dots(reading: Reading) -> Iterator[Beyond]:
    """Yield the other ways to count the same dots."""
    headers, rows = tallied.table(reading)
    t = reading.t
    if rows:
        shares = [t("tallies_shares_explained")] if t("rule_equal_shares") in headers else []
        explained = " ".join([t("tallies_explained"), *shares])
        yield Beyond(t("tallies"), tallied.in_words(reading), headers, rows, explained)


def _trust(reading: Reading) -> Iterator[Beyond]:
    """Yield what each group gives and receives beyond the average, in the meeting's own order."""
    t = reading.t
    rows = []
    for group in reading.voting:
        given, received = reading.value("perceiver", "", group.key), reading.value("target", group.key)
        if given is not None or received is not None:
            written = (t("not_shown") if one is None else reading.number(one) for one in (given, received))
            rows.append([group.name, *written])
    if rows:
        heads = [t("group"), t("head_perceiver"), t("head_target")]
        yield Beyond(t("effects"), [], heads, rows, t("effects_explained"))


def _scale(reading: Reading) -> Iterator[Beyond]:
    """Yield each median with where it might have been with similar people."""
    t = reading.t
    rows = []
    for item in reading.question.items:
        counts = sorted((int(level), round(n)) for level, n in reading.levels("count", item.key).items())
        middle = reading.value("median", item.key)
        span = median_interval([level for level, _ in counts], [n for _, n in counts])
        if middle is not None and span is not None:
            low, high = map(reading.number, span)
            rows.append([item.text, reading.number(middle), low if low == high else f"{low}–{high}"])
    if rows:
        heads = [t("statement"), t("head_median"), t("similar")]
        yield Beyond(t("similar"), [], heads, rows, t("similar_explained"))


def _scale_at_the_end(reading: Reading) -> Iterator[Beyond]:
    yield from _scale(reading)
    yield from _pairs(reading)


def _pairs(reading: Reading) -> Iterator[Beyond]:
    """Yield Cliff's delta between groups, where an open question told every answer with its group."""
    t, rows = reading.t, []
    told = [
        group
        for group in reading.voting
        if any(reading.levels("count", item.key, group.key) for item in reading.question.items)
    ]
    for item in reading.question.items:
        steps = sorted(map(int, reading.levels("count", item.key)))
        counts = [
            [reading.value("count", item.key, group.key, str(step)) or 0 for step in steps] for group in told
        ]
        for at, group in enumerate(told[:-1]):
            deltas = [cliff_of_counts(counts[at], other) for other in counts[at + 1 :]]
            cells = [t("not_shown") if one is None else reading.number(one) for one in deltas]
            rows.append([f"{item.text}: {group.name}", *[""] * at, *cells])
    if rows:
        heads = ["", *(group.name for group in told[1:])]
        yield Beyond(t("head_cliff_delta"), [], heads, rows, t("cliff_explained"))


BESIDE_THE_CHART: Mapping[str, Callable[[Reading], Iterator[Beyond]]] = {"dots": _dots, "trust": _trust}
AT_THE_END: Mapping[str, Callable[[Reading], Iterator[Beyond]]] = {"scale": _scale_at_the_end}

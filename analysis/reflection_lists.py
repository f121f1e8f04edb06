"""Findings of sorting, lists and marks: the triggers of the other kinds, read for answers without a scale."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.finding import Finding, finding, silent
from analysis.reading import Reading


def of_sort(found: Reading) -> Iterator[Finding]:
    """Yield two camps where two buckets have a quarter each, gathered where one has all but a quarter."""
    least = found.published.policy.camp_share
    unsure = {item.key: found.count("unsure", item.key) for item in found.question.items}
    for item in (item.key for item in found.question.items):
        counts = found.levels("count", item)
        of = sum(counts.values()) + unsure[item]
        ranked = sorted(found.question.levels, key=lambda level: -counts.get(level, 0))
        if not counts or not of:
            continue
        most, next_ = (counts[level] for level in ranked[:2])
        first, second = (found.question.levels[level] for level in ranked[:2])
        if next_ >= least * of:
            said = {"low": most, "high": next_, "first": first, "second": second, "of": of}
            yield finding(found, "camps", (item,), "sort_camps_what", next_ / of, **said)
        elif most >= (1 - least) * of:
            said = {"n": most, "first": first, "of": of}
            yield finding(found, "gathered", (item,), "sort_gathered_what", most / of, **said)
    yield from silent(found, unsure)


def of_collect(found: Reading) -> Iterator[Finding]:
    """Yield the points that at least half of the lists mention."""
    lists = found.count("lists")
    for item in (item.key for item in found.question.items):
        count = found.count("mentions", item)
        if count and count >= found.published.policy.broad_share * lists:
            yield finding(found, "broad", (item,), "collect_broad_what", count, s=count, of=lists)
    yield from silent(found, {})


def of_marks(found: Reading) -> Iterator[Finding]:
    """Yield where groups and the others see differently: the way that is more common, no group named."""
    ways = [row["value"] for row in found.each("gap_sign") if not row["hidden"]]
    more, fewer = ways.count(1), ways.count(-1)
    if more or fewer:
        what = "marks_selfgap_what" if more >= fewer else "marks_selfgap_low_what"
        yield finding(found, "selfgap", what=what, n=max(more, fewer))
    yield from silent(found, {})

"""What may be seen of sorting: counts by bucket with unsure beside them; of groups no more than a number."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.disclosure import rules
from analysis.disclosure.majorities import may_be_told
from analysis.disclosure.rows import AUDIT, FEW_VALUES, NEARLY_ALL, Case, Kind, Rows
from analysis.measures.sort import Sorting, answers, majorities, sorting

SHARES = ("decided_share", "margin", "unsure_share")
UNSURE, SKIPPED = "unsure", "skipped"
# Where one bucket comes first among three ballots, the third knows what both others answered.
LEAST_OF_FIRST = 4


def opened(case: Case, rows: Rows) -> None:
    """Release everything, with counts by group."""
    groups = list(case.ballots.sizes)
    rows.add("groups_counted", len(groups), n=case.n)
    for item in case.ballots.items:
        _plenary(case, rows, item, _sorted(case, item))
        _majorities(case, rows, item, groups, case.ballots.question.levels)
        for group in groups:
            counts, unsure = answers(case.ballots, item, group)
            size = case.ballots.sizes[group]
            for level, count in zip(case.ballots.question.levels, counts, strict=True):
                rows.add("count", count, item=item, group=group, level=level, n=size)
            rows.add(UNSURE, unsure, item=item, group=group, n=size)


def full(case: Case, rows: Rows) -> None:
    """Release counts and shares of the whole, and in how many groups the first bucket has a majority."""
    groups = counted_groups(case)
    if len(groups) > 1:
        rows.add("groups_counted", len(groups), n=case.n)
    for item in case.ballots.items:
        found = _sorted(case, item)
        if _unanimous(case, rows, item, found):
            continue
        _plenary(case, rows, item, found)
        if len(groups) < 2:
            continue
        if _may_tell_majorities(case, found, groups):
            _majorities(case, rows, item, groups, _first(case))
        else:
            rows.hide("majority_groups", AUDIT, item=item, level=_first(case)[0])


def small(case: Case, rows: Rows) -> None:
    """Release which bucket came first, ties as ties; being unsure counts as a bucket here."""
    for item in case.ballots.items:
        found = _sorted(case, item)
        if case.n < LEAST_OF_FIRST or found.n < case.policy.k_floor:
            rows.hide("first", FEW_VALUES, item=item)
            continue
        most = max(*found.counts, found.unsure)
        for level, count in zip(case.ballots.question.levels, found.counts, strict=True):
            rows.add("first", count == most, item=item, level=level, n=case.n)
        rows.add("first", found.unsure == most, text=UNSURE, item=item, n=case.n)


def counted_groups(case: Case) -> list[str]:
    """Return the groups of a sealed round that a number of groups counts; none in a room too small."""
    if not case.compares:
        return []
    return [key for key in case.visible if rules.majority_tells_nobody(case.ballots.sizes[key])]


def _sorted(case: Case, item: str) -> Sorting:
    return sorting(*answers(case.ballots, item))


def _plenary(case: Case, rows: Rows, item: str, found: Sorting) -> None:
    levels = case.ballots.question.levels
    for level, count in zip(levels, found.counts, strict=True):
        rows.add("count", count, item=item, level=level, n=case.n)
    rows.add(UNSURE, found.unsure, item=item, n=case.n)
    rows.add(SKIPPED, case.n - found.n, item=item, n=case.n)
    for measure in _shares(case):
        rows.add(measure, getattr(found, measure), item=item, n=found.n)


def _shares(case: Case) -> list[str]:
    """Return the shares there are: a margin only between two buckets."""
    return [name for name in SHARES if name != "margin" or len(case.ballots.question.levels) == 2]


def _first(case: Case) -> list[str]:
    """Return the first bucket alone: numbers of two would tell in how many groups neither has a majority."""
    return list(case.ballots.question.levels)[:1]


def _may_tell_majorities(case: Case, found: Sorting, groups: list[str]) -> bool:
    sizes = [case.ballots.sizes[group] for group in groups]
    counts = (*found.counts, found.unsure)
    return may_be_told(counts, case.n - found.n, sizes, case.n - sum(sizes))


def _majorities(case: Case, rows: Rows, item: str, groups: list[str], levels: Iterable[str]) -> None:
    by_group = {group: answers(case.ballots, item, group) for group in groups}
    for place, level in enumerate(levels):
        rows.add("majority_groups", majorities(by_group, place), item=item, level=level, n=case.n)


def _unanimous(case: Case, rows: Rows, item: str, found: Sorting) -> bool:
    """Say in words what nearly all answered, where a count would prove it of everybody (rule 0)."""
    levels = list(case.ballots.question.levels)
    said = [*zip(levels, found.counts, strict=True), (UNSURE, found.unsure), (SKIPPED, case.n - found.n)]
    place = next((at for at, (_, count) in enumerate(said) if rules.nearly_all(count, case.n)), None)
    if place is None:
        return False
    if place < len(levels):
        rows.say("nearly_all", item=item, level=levels[place], n=case.n)
    else:
        rows.add("nearly_all", text=said[place][0], item=item, level=said[place][0], n=case.n)
    rows.hide("majority_groups", NEARLY_ALL, item=item, level=levels[0])
    for level in levels:
        rows.hide("count", NEARLY_ALL, item=item, level=level)
    for measure in (UNSURE, SKIPPED, *_shares(case)):
        rows.hide(measure, NEARLY_ALL, item=item)
    return True


KIND = Kind(full=full, small=small, opened=opened)

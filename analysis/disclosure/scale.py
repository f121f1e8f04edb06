"""What may be seen of a scale."""

from __future__ import annotations

from analysis.disclosure import rules
from analysis.disclosure.rows import CELL, FEW_FOR_WORD, FEW_VALUES, NEARLY_ALL, Case, Kind, Rows
from analysis.measures.agreement import median
from analysis.measures.scale import Statement, ends, statement

SPREAD = ("median", "q25", "q75", "gmd", "shape", "within", "between", "reading")
REPORTED = ("agreement", "consensus", "epsilon2")
# Measures between groups of a sealed round: half steps, tenths. Finer figures with the counts beside them
# would tell how a group's answers lie.
TENTH = 0.1


def opened(case: Case, rows: Rows) -> None:
    """Release everything, with counts and medians by group."""
    for item in case.ballots.items:
        found = statement(case.ballots, item, case.policy)
        _counts(rows, item, found, case.n)
        _plenary(case, rows, item, found)
        rows.add("within", found.groups.within, item=item, n=len(found.values))
        rows.add("between", found.groups.between, item=item, n=len(found.values))
        _reading(rows, item, found)
        rows.add("epsilon2", found.kruskal.epsilon2, item=item, n=len(found.values))
        for group, values in found.by_group.items():
            size = case.ballots.sizes[group]
            rows.add("median", median(values), item=item, group=group, n=size)
            for step in found.steps:
                rows.add("count", int((values == step).sum()), item=item, group=group, level=step, n=size)


def full(case: Case, rows: Rows) -> None:
    """Release distributions, rounded group medians and coarse differences between groups."""
    for item in case.ballots.items:
        found = statement(case.ballots, item, case.policy)
        if _unanimous(case, rows, item, found):
            continue
        _counts(rows, item, found, case.n)
        _plenary(case, rows, item, found)
        _between(case, rows, item, found)
        _group_medians(case, rows, item, found)


def small(case: Case, rows: Rows) -> None:
    """Release the rounded median of each statement; no group's beside it, which could give answers away."""
    low, high = ends(case.ballots.question)
    for item in case.ballots.items:
        found = statement(case.ballots, item, case.policy)
        if len(found.values) < case.policy.k_floor or found.quartiles is None:
            rows.hide("median", FEW_VALUES, item=item)
            continue
        shown = rules.median_shown(found.quartiles[1], low, high, case.n)
        rows.add("median", shown, item=item, n=case.n)


def _counts(rows: Rows, item: str, found: Statement, n: int) -> None:
    for step, count in zip(found.steps, found.counts, strict=True):
        rows.add("count", count, item=item, level=step, n=n)
    rows.add("dont_know", found.dont_know, item=item, n=n)
    rows.add("skipped", found.skipped, item=item, n=n)


def _plenary(case: Case, rows: Rows, item: str, found: Statement) -> None:
    n = len(found.values)
    q25, middle, q75 = found.quartiles or (None, None, None)
    rows.add("median", middle, item=item, n=n)
    rows.add("q25", q25, item=item, n=n)
    rows.add("q75", q75, item=item, n=n)
    rows.add("gmd", found.gmd, item=item, n=n)
    for measure, value in (("agreement", found.agreement), ("consensus", found.consensus)):
        if value is not None:
            rows.add(measure, value, item=item, n=n)
    if found.shape is None:
        return
    if found.shape.word is None:
        rows.hide("shape", FEW_FOR_WORD, item=item)
    else:
        rows.add("shape", text=found.shape.word, item=item, n=n)
    for zone, count in (("low", found.shape.low), ("mid", found.shape.mid), ("high", found.shape.high)):
        rows.add(zone, count, item=item, n=n)


def _unanimous(case: Case, rows: Rows, item: str, found: Statement) -> bool:
    said: list[tuple[object, int]] = [
        *zip(found.steps, found.counts, strict=True),
        ("dont_know", found.dont_know),
        ("skipped", found.skipped),
    ]
    level = next((level for level, count in said if rules.nearly_all(count, case.n)), None)
    if level is None:
        return False
    rows.say("nearly_all", item=item, level=level, n=case.n)
    for step in found.steps:
        rows.hide("count", NEARLY_ALL, item=item, level=step)
    for measure in ("dont_know", "skipped", *SPREAD, *REPORTED):
        rows.hide(measure, NEARLY_ALL, item=item)
    for group in case.ballots.sizes:
        rows.hide("median", NEARLY_ALL, item=item, group=group)
    return True


def _reading(rows: Rows, item: str, found: Statement) -> None:
    if found.groups.reading:
        rows.add("reading", text=found.groups.reading, item=item, n=len(found.values))


def _between(case: Case, rows: Rows, item: str, found: Statement) -> None:
    n, groups = len(found.values), found.groups
    if not case.compares:
        for measure in ("within", "between"):
            rows.hide(measure, CELL, item=item)
        return
    if groups.within is None or groups.between is None:
        return
    low, high = ends(case.ballots.question)
    for measure, value in (("within", groups.within), ("between", groups.between)):
        rows.add(measure, rules.inside(value, 0, high - low), item=item, n=n)
    _reading(rows, item, found)
    epsilon = found.kruskal.epsilon2
    rows.add("epsilon2", None if epsilon is None else _tenths(epsilon), item=item, n=n)


def _tenths(share: float) -> float:
    return min(round(share, 1), 1 - TENTH)


def _group_medians(case: Case, rows: Rows, item: str, found: Statement) -> None:
    low, high = ends(case.ballots.question)
    for group, values in found.by_group.items():
        size, middle = case.ballots.sizes[group], median(values)
        reason = median_reason(case, group)
        if not reason and len(values) < case.policy.k_floor:
            reason = FEW_VALUES
        if reason or middle is None:
            rows.hide("median", reason, item=item, group=group)
        else:
            shown = rules.median_shown(middle, low, high, size)
            rows.add("median", shown, item=item, group=group, n=size)


def median_reason(case: Case, group: str) -> str:
    """Return why a group's median may not stand beside the counts, empty when it may; sizes decide."""
    size = case.ballots.sizes.get(group, 0)
    reason = case.reason(group)
    if not reason and size < case.policy.k_beside_counts and not case.compares:
        return CELL
    return reason


KIND = Kind(full=full, small=small, opened=opened)

"""The audit before release: nobody may be determined by what is about to be published (rule 9).

A person is determined on an item when, in every world consistent with the published rows, all members of
her group other than the attacker, who knows his own answer, gave the same answer; in the plenary likewise.
Not to have supported an option and to have skipped a line are not protected. A world counts as consistent
when the gate itself publishes the same of it, so the figures need no second reading here. While somebody is
determined, the finest detail goes: figures between groups, then those of groups, of every group alike, so
that the gap does not tell. Counts of the whole need no coarser levels beyond that: without figures of groups
any two people may have exchanged answers, and where nearly all (all but two) gave the same no count stands.

That something was withheld is seen too. In a small room it would tell who, so there nothing hangs on the
answers but what follows from rows that are out: sizes decide whether groups are compared, and medians go
by the counts and medians themselves (`audit_scale`). `tests/analysis/test_tiny_rooms.py` goes through every
world of such rooms. In a large one the true answers are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from analysis.disclosure import audit_dots, audit_scale, audit_sort, audit_ticks, audit_trust
from analysis.disclosure.rows import AUDIT, DIFFERENCING, FEW_BALLOTS, NEARLY_ALL, Case, Kind, Rows
from analysis.disclosure.rules import FULL, TURNOUT
from analysis.disclosure.seen import Withheld

# By kind: yields what must go.
AUDITS: Mapping[str, Callable[..., Iterator[Withheld]]] = {
    "scale": audit_scale.withheld,
    "trust": audit_trust.withheld,
    "dots": audit_dots.withheld,
    "sort": audit_sort.withheld,
    "collect": audit_ticks.withheld_lists,
    "marks": audit_ticks.withheld_marks,
}

# Reasons that hang on sizes and on what is said anyway; any other would tell of the answers beside what goes.
PLAIN = (FEW_BALLOTS, DIFFERENCING, NEARLY_ALL)
# Rows that are there only when the answers are of a kind: withheld, they are not even named.
NOW_AND_THEN = ("reading", "asymmetry", "perceiver", "target", "reciprocity", "reciprocity_relationship")


def withhold(case: Case, kind: Kind, rows: Rows, form: str) -> None:
    """Hide in the rows of a sealed round (reason `audit`) what would determine somebody.

    `form` is the form of rule 0 in which `rows` were written; nothing is hidden where only turnout is told.
    Kinds without an audit of their own are left as they are.
    """
    audit = AUDITS.get(case.ballots.question.kind)
    if audit is None or form == TURNOUT:
        return
    full = form == FULL
    goes = list(audit(case, kind.full if full else kind.small, counts=full))
    books = next(at for at, row in enumerate(rows.rows) if row["measure"] == "released")
    said, answers = rows.rows[: books + 1], rows.rows[books + 1 :]
    gone = [row["hidden"] not in PLAIN and any(one(row) for one in goes) for row in answers]
    for row, goes_too in zip(answers, gone, strict=True):
        if goes_too:
            row.update(value=float("nan"), text="", n=None, hidden=AUDIT)
    rows.rows = said + [
        row for row in answers if row["hidden"] != AUDIT or row["measure"] not in NOW_AND_THEN
    ]

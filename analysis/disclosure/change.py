"""What may be seen of the change between two rounds: up, same and down over complete pairs (rule 5).

Both rounds stand side by side as published; nothing here draws the first one again. Which answer before goes
with which answer after is never released: it would be every ballot laid open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.disclosure import rules
from analysis.disclosure.rows import DIFFERENCING, FEW_PAIRS, NEARLY_ALL, Case, Release, Rows
from analysis.disclosure.swaps import Compared, nobody_determined
from analysis.measures.ballots import Ballots
from analysis.measures.change import Change, change, paired

DIRECTIONS = ("up", "same", "down")
_LEFT = ("rank", NEARLY_ALL)
FINER = ("median_before", "median_after", "r_rb", "wilcoxon_p")


@dataclass(frozen=True)
class Earlier:
    """An earlier round that stands: its ballots, and its rows as the room has them."""

    case: Case
    rows: pd.DataFrame

    @property
    def is_full(self) -> bool:
        """Whether its counts are out (rule 0)."""
        form = self.rows.loc[self.rows["measure"] == "released", "text"]
        return rules.FULL in set(form)

    def nearly_all(self, item: str) -> bool:
        """Say whether the round says of an item only what nearly all did."""
        said = (self.rows["measure"] == "nearly_all") | (
            (self.rows["measure"] == "rank") & (self.rows["hidden"] == NEARLY_ALL)
        )
        return bool((said & (self.rows["item"] == item)).any())

    def gone(self, item: str, now: int) -> int:
        """Return how many more people than `now` the item's published figures rest on (voided since)."""
        measures = self.rows["measure"].isin(("median", "dots"))
        mine = measures & (self.rows["item"] == item) & (self.rows["group"] == "")
        known = self.rows.loc[mine, "n"].dropna()
        return 0 if known.empty else abs(int(known.iloc[0]) - now)


def _given(ballots: Ballots, item: str) -> np.ndarray:
    return ballots.values[:, ballots.column(item)]


def _answered(ballots: Ballots, item: str) -> np.ndarray:
    """Return the values; "don't know" is an answer like any other, unlike having left the line out."""
    values = _given(ballots, item)
    return np.where(np.isnan(values) & ballots.given[:, ballots.column(item)], np.inf, values)


def _marks(ballots: Ballots, item: str) -> np.ndarray:
    """Return the dots, 0 where a ballot put nothing: whoever voted gave every option a number."""
    return np.nan_to_num(_given(ballots, item), nan=0.0)


def _supported(ballots: Ballots, item: str) -> np.ndarray:
    """Return the dots; not to have supported an option is not protected (rule 9)."""
    marks = _marks(ballots, item)
    return np.where(marks > 0, marks, np.nan)


KINDS: Mapping[str, Compared] = {
    "scale": Compared(_given, _answered, apart=True),
    "dots": Compared(_marks, _supported, apart=False, adds_up=True),
}


def release(case: Case, earlier: Earlier | None, rows: Rows, publish: Release, sealed: bool) -> None:
    """Add the change from an earlier round to the rows of a later one whose counts are out.

    `publish` is how the kind releases a round, for the check that nobody is determined. Nothing is added
    for kinds that are not compared, nor where the earlier round's counts are not out.
    """
    if earlier is None or case.ballots.question.kind not in KINDS or not earlier.is_full:
        return
    rows.add("compared_with", earlier.case.ballots.round.number)
    for item in case.ballots.items:
        if not sealed:
            found = measured(earlier.case, case, item)
            _counts(rows, item, found)
            _finer(case, rows, item, found)
        elif reason := _refused(case, earlier, rows, item):
            _hide(rows, item, reason)
        else:
            _sealed(case, earlier, rows, item, publish)


def measured(before: Case, after: Case, item: str) -> Change:
    """Measure the change of one item over complete pairs."""
    _, then, now = paired(_filled(before.ballots, item), _filled(after.ballots, item), item)
    return change(then, now, after.policy)


def _filled(ballots: Ballots, item: str) -> Ballots:
    """Return the ballots with the item's numbers as the kind reads them."""
    values = ballots.values.copy()
    values[:, ballots.column(item)] = KINDS[ballots.question.kind].number(ballots, item)
    return replace(ballots, values=values)


def _refused(case: Case, earlier: Earlier, rows: Rows, item: str) -> str:
    """Return why nothing at all may be said of an item's change; empty when something may."""
    # First what both rounds say anyway: that there are pairs enough would tell that nobody was unsure.
    # Beside an option that nearly all support, the rank of what is left is hidden for the same reason.
    said = any(
        row["item"] == item and (row["measure"] == "nearly_all" or (row["measure"], row["hidden"]) == _LEFT)
        for row in rows.rows
    )
    if said or earlier.nearly_all(item):
        return NEARLY_ALL
    pairs = measured(earlier.case, case, item).n_pairs
    if pairs < max(case.policy.n_min_counts, case.k, earlier.case.k):
        return FEW_PAIRS
    # In a small room that it is withheld would tell who, did it hang on the answers: sizes decide.
    if not (case.is_large and earlier.case.is_large) and set(case.ballots.ids) != set(
        earlier.case.ballots.ids
    ):
        return DIFFERENCING
    adds_up = KINDS[case.ballots.question.kind].adds_up
    return DIFFERENCING if adds_up and not _pairs_are_published(case, earlier, item) else ""


def _sealed(case: Case, earlier: Earlier, rows: Rows, item: str, publish: Release) -> None:
    """Add what passes: all, only the counts, or nothing while somebody would be determined (rule 9)."""
    kind = KINDS[case.ballots.question.kind]
    rounds = [_alone(one, item) if kind.apart else one for one in (earlier.case, case)]
    for finer in (True, False):
        if finer and not _pairs_are_published(case, earlier, item):
            continue

        def write(before: Case, after: Case, out: Rows, finer: bool = finer) -> None:
            found = measured(before, after, item)
            if _alike(out, item, found):
                return
            _counts(out, item, found)
            if finer:
                _finer(after, out, item, found)
            else:
                _hide(out, item, DIFFERENCING, FINER)

        if nobody_determined(rounds[0], rounds[1], item, kind, publish, write):
            write(earlier.case, case, rows)
            return
    _hide(rows, item, DIFFERENCING)


def _alone(case: Case, item: str) -> Case:
    """Return the round with one item alone."""
    ballots, at = case.ballots, [case.ballots.column(item)]
    cut = {name: getattr(ballots, name)[:, at] for name in ("values", "given", "against")}
    return replace(case, ballots=replace(ballots, items=(item,), **cut))


def _pairs_are_published(case: Case, earlier: Earlier, item: str) -> bool:
    """Say whether the pairs are the people of each published set, or differ from it by k (rule 5)."""
    pairs = measured(earlier.case, case, item).n_pairs
    for one in (earlier.case, case):
        numbers = KINDS[one.ballots.question.kind].number(one.ballots, item)
        people = int((~np.isnan(numbers)).sum())
        gone = earlier.gone(item, people) if one is earlier.case else 0
        if not rules.apart(people - pairs + gone, max(case.k, earlier.case.k)):
            return False
    return True


def _alike(rows: Rows, item: str, found: Change) -> bool:
    """Say in words that nearly all went the same way, where a count would prove it of everybody (rule 0)."""
    counts = {"up": found.up, "same": found.same, "down": found.down}
    alike = next((name for name in counts if rules.nearly_all(counts[name], found.n_pairs)), None)
    if alike is None:
        return False
    _pairs(rows, item, found)
    rows.say("nearly_all_moved", item=item, level=alike, n=found.n_pairs)
    _hide(rows, item, NEARLY_ALL, (*DIRECTIONS, "sign_p", *FINER))
    return True


def _pairs(rows: Rows, item: str, found: Change) -> None:
    rows.add("pairs", found.n_pairs, item=item, n=found.n_pairs)
    rows.add("missing", found.missing, item=item, n=found.n_pairs)


def _counts(rows: Rows, item: str, found: Change) -> None:
    _pairs(rows, item, found)
    for measure, count in zip(DIRECTIONS, (found.up, found.same, found.down), strict=True):
        rows.add(measure, count, item=item, n=found.n_pairs)
    rows.add("sign_p", found.sign_p, item=item, n=found.n_pairs)


def _finer(case: Case, rows: Rows, item: str, found: Change) -> None:
    """Add medians over pairs, and for the report effect and tests; rounded, lest rank sums be read off."""
    n = found.n_pairs
    rows.add("median_before", found.median_before, item=item, n=n)
    rows.add("median_after", found.median_after, item=item, n=n)
    rows.add("r_rb", None if found.r_rb is None else round(found.r_rb, 1), item=item, n=n)
    p = None if found.wilcoxon_p is None else round(found.wilcoxon_p, 2)
    level = {True: "exact", False: "normal", None: ""}[found.wilcoxon_exact]
    rows.add("wilcoxon_p", p, item=item, level=level, n=n)


def _hide(rows: Rows, item: str, reason: str, measures: Collection[str] = ("pairs", *DIRECTIONS)) -> None:
    for measure in measures:
        rows.hide(measure, reason, item=item)

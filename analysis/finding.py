"""One finding and its prompt, and the finding that every kind has: who did not know or did not answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.reading import Reading


@dataclass(frozen=True)
class Finding:
    """`key` names the finding, `items` the statements or options it is about (none: the whole question).

    `what` can be seen by all, `so_what` is the open question, `now_what` the next one (or empty);
    `weight` orders findings of the same key, the larger first.
    """

    key: str
    items: tuple[str, ...]
    what: str
    so_what: str
    now_what: str
    weight: float = 0.0

    @property
    def name(self) -> str:
        """Return what notes call this finding: its key, and its items where it has some."""
        return ":".join((self.key, *self.items))


def finding(
    found: Reading,
    key: str,
    items: tuple[str, ...] = (),
    what: str = "",
    weight: float = 0.0,
    **values: object,
) -> Finding:
    """Return a finding in the reading's words: `what` names another sentence for what is seen."""
    t = found.t
    now = t(f"{key}_now") if f"{key}_now" in t else ""
    return Finding(key, items, t(what or f"{key}_what", **values), t(f"{key}_so"), now, weight)


def silent(found: Reading, unsure: dict[str, int]) -> Iterator[Finding]:
    """Yield the unsure of each item where they are many, or those who have not answered where they are."""
    if not found.n:
        return
    many = {
        item: count
        for item, count in unsure.items()
        if count >= found.published.policy.unsure_share * found.n
    }
    for item, count in many.items():
        what = "unsure_what" if found.round.unused else "unsure_only_what"
        values = {"unsure": count, "n": count, "silent": found.round.unused}
        yield finding(found, "unsure", (item,), what, count, **values)
    if not many and found.round.used < found.published.policy.turnout_min * found.round.entitled:
        yield finding(found, "unsure", what="silent_what", n=found.round.unused)

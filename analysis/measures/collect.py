"""Lists from group work: how many groups mention an item, and how far two lists overlap.

People are never counted here: one group counts once. Which spellings mean the same is decided by people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

Lists = Mapping[str, Iterable[str]]


def merged(lists: Lists, same_as: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Return each group's items as sets, an item named in `same_as` counted as the one it was merged into."""
    return {group: frozenset(same_as.get(item, item) for item in items) for group, items in lists.items()}


def mentions(lists: Lists) -> dict[str, int]:
    """Return in how many groups' lists each item stands; most mentioned first, then by name."""
    counts: dict[str, int] = {}
    for items in lists.values():
        for item in set(items):
            counts[item] = counts.get(item, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def jaccard(one: Iterable[str], other: Iterable[str]) -> float | None:
    """Return the overlap of two lists, 0 (nothing shared) to 1 (the same); undefined for two empty ones."""
    first, second = set(one), set(other)
    either = first | second
    return len(first & second) / len(either) if either else None


def overlaps(lists: Lists) -> dict[tuple[str, str], float | None]:
    """Return the overlap of every two groups' lists, pairs in the order of `lists`."""
    sets = {group: frozenset(items) for group, items in lists.items()}
    return {(one, other): jaccard(sets[one], sets[other]) for one, other in combinations(sets, 2)}

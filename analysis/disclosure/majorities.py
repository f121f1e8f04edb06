"""Whether the number of groups with a majority may stand beside the counts of a sorted item (rule 9).

Counts and sizes of groups decide, which are out: whatever the number is, it is told or it is not. Let all of
a group but an attacker have given one answer. Where one of them may have exchanged answers with somebody of
another group, and the number stays, he is wrong. The number moves only if everybody who answered otherwise,
but he, sits in groups that just have or just miss a majority. So it is asked whether the counts could be made
up of such groups, and whether one of these could have changed places with the group of one answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

# Where there are more ways to choose groups by their sizes, nothing is told.
MOST_WAYS = 50_000


def may_be_told(counts: Sequence[int], skipped: int, counted: Iterable[int], others: int) -> bool:
    """Say whether the number of groups with a majority for the first answer determines nobody.

    `counts` are how many gave each answer, being unsure too, and `skipped` how many gave none. `counted` are
    the sizes of the groups in the number, `others` how many people are in no such group.
    """
    first, n, sizes = counts[0], sum(counts) + skipped, Counter(counted)
    if prod(number + 1 for number in sizes.values()) > MOST_WAYS:
        return False
    missing, having = Tight(sizes, True, skipped, others > 0), Tight(sizes, False, skipped, others > 0)
    of_two = any(n - first - count <= 1 + skipped for count in counts[1:])
    return not (missing.pins(n - first) or (of_two and having.pins(first)))


@dataclass(frozen=True)
class Tight:
    """Groups that just miss the majority by the answers against it, or just have it by those for it.

    `sizes` has how many groups there are of each size; `rest` says that there are people in no counted group.
    """

    sizes: Mapping[int, int]
    missing: bool
    skipped: int
    rest: bool

    def pins(self, answers: int) -> bool:
        """Say whether so many answers may all lie in such groups, as somebody sees who gave one of them."""
        outside = any(self._stuck(way, way) for way in self._ways(answers - 1))
        return outside or any(
            self._stuck(way, way - Counter([own])) for way in self._ways(answers) for own in way
        )

    def holds(self, size: int) -> int:
        """Return how many of the answers such a group holds."""
        return (size + 1) // 2 if self.missing else size // 2 + 1

    def _ways(self, answers: int) -> Iterator[Counter[int]]:
        """Yield the sizes of groups that may hold just so many answers; who skipped counts in no majority."""
        low, high = (0, self.skipped) if self.missing else (-self.skipped, 0)
        for chosen in product(*(range(number + 1) for number in self.sizes.values())):
            way = Counter({size: number for size, number in zip(self.sizes, chosen, strict=True) if number})
            held = sum(number * self.holds(size) for size, number in way.items())
            if way and held + low <= answers <= held + high:
                yield way

    def _stuck(self, way: Counter[int], free: Counter[int]) -> bool:
        """Say whether some group outside `way` can change places with none of the `free` ones of it."""
        left = [size for size, number in self.sizes.items() if number > way[size]]
        return self.rest or any(not any(self._takes(size, other) for other in free) for size in left)

    def _takes(self, size: int, other: int) -> bool:
        """Say whether a group of `size` may hold what one of size `other` holds, and somebody else beside."""
        if self.skipped and size > other:
            return False
        return self.holds(size) <= self.holds(other) and self.holds(other + self.skipped) < size

"""Cautions: what would go wrong, said before it does, with the ways out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from survey.languages import N_, gettext


@dataclass(frozen=True)
class Caution:
    """`sentence` is a message id with places for `values`; `ways` are (key, message id) of ways out."""

    key: str
    sentence: str
    values: dict[str, Any] = field(default_factory=dict)
    ways: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The sentence in the current language."""
        return gettext(self.sentence, **self.values)


_WAYS = (("merge", N_("Merge groups")), ("lower", N_("Show smaller groups, if all agree")))


def small_groups(groups: Iterable[tuple[str, int]], k: int) -> list[Caution]:
    """Return a caution for each (name, people expected) with at most `k` people, the smallest group shown."""
    found = []
    for name, cards in groups:
        values = {"group": name, "cards": cards, "k": k}
        if cards < k:
            sentence = N_("%(group)s: %(cards)s cards, smallest group %(k)s: %(group)s will not be shown.")
            found.append(Caution("hidden_group", sentence, values, _WAYS))
        elif cards == k:
            sentence = N_("%(group)s: %(cards)s cards, smallest group %(k)s: one missing hides %(group)s.")
            found.append(Caution("tight_group", sentence, values, _WAYS))
    return found

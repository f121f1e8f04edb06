"""How much the disclosure gate hides in normal meetings: six groups of six, one or two of them absent.

`python -m bench.hiding [meetings]` prints the share of figures that the room gets to see.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping

import numpy as np

from analysis import Group, Item, Meeting, Question, Responses, Round, publish

KEYS = "ABCDEF"
SHOWN = {
    "scale": (("group medians", "median", True), ("statements' dots", "count", False)),
    "trust": (("matrix cells", "median", True), ("self-view", "believed", True)),
    "dots": (
        ("options' dots", "dots", False),
        ("rank ranges", "rank_best", False),
        ("standing", "standing", False),
        ("cells", "dots", True),
    ),
}


def room(kind: str, rng: np.random.Generator) -> Responses:
    """Return the answers of a normal meeting: groups differ by a step or two, people by two."""
    items = list(KEYS) if kind == "trust" else [f"i{at}" for at in range(8 if kind == "scale" else 12)]
    sizes = dict.fromkeys(KEYS, 6)
    for key in rng.choice(list(KEYS), int(rng.integers(1, 3)), replace=False):
        sizes[key] -= 1
    middle = rng.integers(2, 9, len(items))
    liked = rng.dirichlet(np.ones(len(items)))
    rows = []
    for key, size in sizes.items():
        own = middle + rng.integers(-2, 3, len(items))
        for place in range(size):
            given = _dots(liked, rng) if kind == "dots" else _steps(own, rng)
            rows += [
                {"question": "q", "kind": kind, "round": 1, "ballot": f"{key}{place}", "group": key}
                | {"item": items[at], "value": value}
                for at, value in given.items()
            ]
    n = sum(sizes.values())
    settings = {"dots": 3, "cap": 2} if kind == "dots" else {"min": 0, "max": 10}
    book = Round(1, issued=n, used=n, counted=n)
    question = Question(
        "q", kind, "?", items=tuple(Item(one, one) for one in items), settings=settings, rounds=(book,)
    )
    groups = tuple(Group(key, key, "#332288") for key in KEYS)
    return Responses.from_rows(Meeting("m", "?", groups=groups, questions=(question,)), rows)


def _steps(centre: np.ndarray, rng: np.random.Generator) -> Mapping[int, float]:
    return {at: float(np.clip(round(rng.normal(one, 2)), 0, 10)) for at, one in enumerate(centre)}


def _dots(liked: np.ndarray, rng: np.random.Generator) -> Mapping[int, float]:
    spent: Counter[int] = Counter()
    while sum(spent.values()) < 3:
        at = int(rng.choice(len(liked), p=liked * 0.9 + 0.1 / len(liked)))
        spent[at] = min(2, spent[at] + 1)
    return {at: float(count) for at, count in spent.items()}


def survey(meetings: int = 100) -> list[str]:
    """Return the table's lines: kind, figure, share shown and hidden by the audit, time (ms)."""
    lines = [f"{'kind':6} {'figure':18} {'shown':>7} {'audit':>7}"]
    for kind, figures in SHOWN.items():
        rng = np.random.default_rng(3)
        seen: Counter[tuple[str, str]] = Counter()
        spent = 0.0
        for _ in range(meetings):
            answers = room(kind, rng)
            start = time.perf_counter()
            rows = publish(answers).rows
            spent += time.perf_counter() - start
            for name, measure, of_groups in figures:
                some = rows[(rows["measure"] == measure) & ((rows["group"] != "") == of_groups)]
                some = some[some["item"] != ""]
                seen[name, "all"] += len(some)
                seen[name, "shown"] += int((some["hidden"] == "").sum())
                seen[name, "audit"] += int((some["hidden"] == "audit").sum())
        for name, _, _ in figures:
            shown, audit = (seen[name, what] / max(1, seen[name, "all"]) for what in ("shown", "audit"))
            lines.append(f"{kind:6} {name:18} {shown:7.1%} {audit:7.1%}")
        lines.append(f"{kind:6} published in {1000 * spent / meetings:.0f} ms on average")
    return lines


if __name__ == "__main__":
    print("\n".join(survey(int(sys.argv[1]) if len(sys.argv) > 1 else 100)))

"""How much the disclosure gate hides in normal meetings: six groups of six, one or two of them absent.

`python -m bench.hiding [meetings]` prints the share of figures that the room gets to see. `change` is a scale
put twice, with up to two people who have left.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

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
    "sort": (("counts", "count", False), ("groups' majorities", "majority_groups", False)),
    "collect": (("mentions", "mentions", False),),
    "marks": (("others' ticks", "others", True), ("own majority", "own_most", True)),
    "change": (("up, same, down", "up", False), ("medians of pairs", "median_after", False)),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "dots": {"dots": 3, "cap": 2},
    "sort": {"buckets": [{"key": key, "text": key} for key in ("together", "alone")]},
    "collect": {"by": "ballot"},
    "marks": {},
}
ITEMS = {"scale": 8, "change": 8, "dots": 12}
Given = Iterator[dict[str, Any]]


def room(kind: str, rng: np.random.Generator) -> Responses:
    """Return the answers of a normal meeting: groups differ by a step or two, people by two."""
    items = list(KEYS) if kind == "trust" else [f"i{at}" for at in range(ITEMS.get(kind, 6))]
    asked, rounds = ("scale", 2) if kind == "change" else (kind, 1)
    sizes = dict.fromkeys(KEYS, 6)
    for key in rng.choice(list(KEYS), int(rng.integers(1, 3)), replace=False):
        sizes[key] -= 1
    voters, rows, books = VOTERS[asked](len(items), rng), [], []
    people = [(key, f"{key}{place}", voters(key)) for key, size in sizes.items() for place in range(size)]
    for number in range(1, rounds + 1):
        here = people if number == 1 else people[int(rng.integers(0, 3)) :]
        for key, ballot, answers in here:
            base = {"question": "q", "kind": asked, "round": number, "ballot": ballot, "group": key}
            rows += [{**base, **one, "item": items[one["item"]]} for one in answers()]
        books.append(Round(number, "revealed", issued=len(people), used=len(here), counted=len(here)))
    question = Question(
        "q",
        asked,
        "?",
        items=tuple(Item(one, one) for one in items),
        settings=SETTINGS.get(asked, {"min": 0, "max": 10}),
        rounds=tuple(books),
    )
    groups = tuple(Group(key, key, "#332288") for key in KEYS)
    return Responses.from_rows(Meeting("m", "?", groups=groups, questions=(question,)), rows)


Answers = Callable[[], Given]


def _steps(items: int, rng: np.random.Generator) -> Callable[[str], Answers]:
    middle = rng.integers(2, 9, items)
    centres = {key: middle + rng.integers(-2, 3, items) for key in KEYS}

    def voter(key: str) -> Answers:
        own = [float(rng.normal(one, 2)) for one in centres[key]]  # a second answer lies near the first

        def answers() -> Given:
            for at, one in enumerate(own):
                yield {"item": at, "value": float(np.clip(round(one + rng.normal(0.3, 0.7)), 0, 10))}

        return answers

    return voter


def _dots(items: int, rng: np.random.Generator) -> Callable[[str], Answers]:
    liked = rng.dirichlet(np.ones(items))

    def answers() -> Given:
        spent: Counter[int] = Counter()
        while sum(spent.values()) < 3:
            at = int(rng.choice(items, p=liked * 0.9 + 0.1 / items))
            spent[at] = min(2, spent[at] + 1)
        yield from ({"item": at, "value": float(count)} for at, count in spent.items())

    return lambda key: answers


def _buckets(items: int, rng: np.random.Generator) -> Callable[[str], Answers]:
    """Sort: one in eight is unsure, one in fifty leaves an item out."""
    leaning = rng.beta(2, 2, items)

    def answers() -> Given:
        for at, share in enumerate(leaning):
            if rng.random() > 0.02:
                bucket = "together" if rng.random() < share else "alone"
                yield {"item": at, "text": "" if rng.random() < 0.125 else bucket}

    return lambda key: answers


def _points(items: int, rng: np.random.Generator) -> Callable[[str], Answers]:
    often = rng.uniform(0.1, 0.9, items)

    def answers() -> Given:
        named = np.flatnonzero(rng.random(items) < often)
        yield from ({"item": int(at), "text": "so"} for at in (named if len(named) else [often.argmax()]))

    return lambda key: answers


def _ticks(items: int, rng: np.random.Generator) -> Callable[[str], Answers]:
    often = rng.uniform(0.05, 0.95, (items, len(KEYS)))
    return lambda key: (
        lambda: (
            {"item": at, "text": rated, "value": float(rng.random() < often[at, place])}
            for at in range(items)
            for place, rated in enumerate(KEYS)
        )
    )


VOTERS: dict[str, Callable[[int, np.random.Generator], Callable[[str], Answers]]] = {
    "scale": _steps,
    "trust": _steps,
    "dots": _dots,
    "sort": _buckets,
    "collect": _points,
    "marks": _ticks,
}


def survey(meetings: int = 100) -> list[str]:
    """Return the table's lines: kind, figure, share shown, hidden by the audit and otherwise, time (ms)."""
    lines = [f"{'kind':7} {'figure':18} {'shown':>7} {'audit':>7} {'other':>7}"]
    for kind, figures in SHOWN.items():
        rng = np.random.default_rng(3)
        seen: Counter[tuple[str, str]] = Counter()
        spent = 0.0
        for _ in range(meetings):
            answers = room(kind, rng)
            start = time.process_time()
            rows = publish(answers).rows
            spent += time.process_time() - start
            for name, measure, of_groups in figures:
                some = rows[(rows["measure"] == measure) & ((rows["group"] != "") == of_groups)]
                some = some[some["item"] != ""]
                seen[name, "all"] += len(some)
                seen[name, "shown"] += int((some["hidden"] == "").sum())
                seen[name, "audit"] += int((some["hidden"] == "audit").sum())
        for name, _, _ in figures:
            shown, audit = (seen[name, what] / max(1, seen[name, "all"]) for what in ("shown", "audit"))
            lines.append(f"{kind:7} {name:18} {shown:7.1%} {audit:7.1%} {1 - shown - audit:7.1%}")
        lines.append(f"{kind:7} published in {1000 * spent / meetings:.0f} ms on average")
    return lines


if __name__ == "__main__":
    print("\n".join(survey(int(sys.argv[1]) if len(sys.argv) > 1 else 100)))

"""An election of another program: one open dots question, and what its file says beside the ballots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.colours import colour
from analysis.responses import COLUMNS, Group, Item, Meeting, Question, Responses, Round

EVERYBODY = "all"
QUESTION = "votes"
Ballot = dict[str, int]


@dataclass(frozen=True)
class Election:
    """A real election: its codebook and ballots, the file's own totals, and what is odd about it.

    `scores`, `votes` and `costs` are the columns score, votes and cost by option, empty where the file
    has none; `budget` is money. `votes` counts the ballots that list an option, also with 0 points;
    `listed` is that number counted from the ballots. `remarks` are sentences: what was repaired or read
    in a way of its own.
    """

    meeting: Meeting
    responses: Responses
    scores: Mapping[str, Fraction] = field(default_factory=dict)
    votes: Mapping[str, Fraction] = field(default_factory=dict)
    listed: Mapping[str, int] = field(default_factory=dict)
    costs: Mapping[str, Fraction] = field(default_factory=dict)
    budget: Fraction | None = None
    remarks: tuple[str, ...] = ()


def one_vote(
    path: Path,
    title: str,
    options: Mapping[str, str],
    groups: list[str],
    ballots: list[Ballot],
    settings: Mapping[str, Any],
    *,
    everybody: str,
    language: str = "en",
    place: str = "",
) -> Meeting:
    """Return the codebook of an election: one open dots question, every ballot handed in.

    `groups` has each ballot's group; `everybody` is the name of the one group where there are none.
    """
    present = sorted(set(groups))
    sizes = {key: groups.count(key) for key in present}
    n, counted = len(ballots), sum(1 for ballot in ballots if ballot)
    books = Round(
        1,
        state="revealed",
        issued=n,
        used=n,
        counted=counted,
        blank=n - counted,
        by_group={key: {"issued": size, "used": size} for key, size in sizes.items()},
    )
    items = tuple(Item(key, name) for key, name in options.items())
    question = Question(
        QUESTION, "dots", title, secrecy="open", items=items, settings=settings, rounds=(books,)
    )
    return Meeting(
        key=re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "election",
        title=title,
        language=language,
        place=place,
        groups=tuple(
            Group(key, everybody if key == EVERYBODY else key, colour(at)) for at, key in enumerate(present)
        ),
        questions=(question,),
    )


def frame(meeting: str, ballots: list[Ballot], groups: list[str]) -> pd.DataFrame:
    """Return the tidy frame of ballots (points by option) and their groups; a blank ballot is one row."""
    blank: dict[str, int | None] = {"": None}
    cells = [
        (str(at), group, item, value)
        for at, (ballot, group) in enumerate(zip(ballots, groups, strict=True), start=1)
        for item, value in (dict[str, int | None](ballot) or blank).items()
    ]
    ids, of_group, items, values = zip(*cells, strict=True) if cells else ((), (), (), ())
    frame = pd.DataFrame({"ballot": ids, "group": of_group, "item": items}, dtype="object")
    frame["value"] = pd.Series(values, dtype="float64")
    frame["round"] = pd.Series([1] * len(frame), dtype="int64")
    constants = {"meeting": meeting, "question": QUESTION, "kind": "dots", "text": ""}
    for name, constant in constants.items():
        frame[name] = pd.Series([constant] * len(frame), dtype="object")
    return frame[list(COLUMNS)]

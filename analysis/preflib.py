"""Reader of PrefLib's categorical files (.cat; Mattei and Walsh 2013): options sorted into categories.

Of two categories the first is approval, one dot. Of more, an option in the first of C is worth C - 1 dots,
in the next one less, in the last none. The number before the colon says how many ballots a line stands for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from analysis.election import EVERYBODY, Ballot, Election, frame, one_vote
from analysis.foreign import whole_text
from analysis.responses import Responses

MOST_BALLOTS = 1_000_000
# A category is a set in braces, an empty one too, or a single option without them.
CATEGORY = re.compile(r"\{([^{}]*)\}|([^{},]+)")
LINE = re.compile(r"(\d{1,7}):(.*)", re.ASCII)
Lines = list[tuple[int, str]]


class PrefLibError(ValueError):
    """A .cat file that cannot be read: one sentence that names the file, the place and what was expected."""


def read(path: str | Path) -> Election:
    """Return the election in a .cat file as one open dots question with key `votes`.

    Raises PrefLibError for a file that is missing, broken or of another of PrefLib's types.
    """
    path = Path(path)
    facts, lines = _parts(path)
    if facts.get("DATA TYPE", "cat") != "cat":
        raise PrefLibError(f"{path.name}: DATA TYPE is {facts['DATA TYPE']!r}; expected cat.")
    named, categories = _named(path, facts, "ALTERNATIVE"), list(_named(path, facts, "CATEGORY").values())
    ballots: list[Ballot] = []
    empty = bare = 0
    for line, text in lines:
        times, sets, single = _line(path, line, text, len(categories))
        ballots += [_ballot(path, line, sets, named, len(categories))] * times
        empty += sum(1 for one in sets if not one)
        bare += single
        if len(ballots) > MOST_BALLOTS:
            raise PrefLibError(f"{path.name}, line {line}: expected at most {MOST_BALLOTS} ballots in all.")
    groups = [EVERYBODY] * len(ballots)
    most = max((sum(ballot.values()) for ballot in ballots), default=1)
    settings = {"dots": max(most, 1), "cap": max(len(categories) - 1, 1), "against": False}
    title = facts.get("TITLE") or path.stem
    meeting = one_vote(path, title, named, groups, ballots, settings, everybody=title)
    remarks = [*_read_as(categories), *_odd(facts, lines, ballots, len(named))]
    if empty:
        remarks.append(f"{empty} categories are empty, written {{}}.")
    if bare:
        remarks.append(f"{bare} categories of a single option stand without braces.")
    return Election(meeting, Responses(meeting, frame(meeting.key, ballots, groups)), remarks=tuple(remarks))


def _parts(path: Path) -> tuple[dict[str, str], Lines]:
    """Return the facts of the head by name, and the lines of ballots with their numbers."""
    facts: dict[str, str] = {}
    lines: Lines = []
    for at, text in enumerate(whole_text(path, PrefLibError).splitlines(), start=1):
        if text.startswith("#"):
            name, _, value = text[1:].partition(":")
            facts[name.strip().upper()] = value.strip()
        elif text.strip():
            lines.append((at, text.strip()))
    return facts, lines


def _named(path: Path, facts: dict[str, str], what: str) -> dict[str, str]:
    """Return number -> name of the options or categories, by rising number."""
    found = {
        match[1]: value or match[1]
        for name, value in facts.items()
        if (match := re.fullmatch(rf"{what} NAME ([1-9]\d{{0,5}})", name, re.ASCII))
    }
    if not found:
        raise PrefLibError(f"{path.name}: expected lines # {what} NAME 1: ..., found none.")
    return dict(sorted(found.items(), key=lambda pair: int(pair[0])))


def _line(path: Path, line: int, text: str, most: int) -> tuple[int, list[list[str]], int]:
    """Return how many ballots a line stands for, its categories, and how many stand without braces."""
    found = LINE.fullmatch(text)
    rest = found[2].strip() if found else ""
    sets = list(_sets(rest))
    if not found or not int(found[1]) or ",".join(written for written, _ in sets) != rest:
        raise PrefLibError(
            f"{path.name}, line {line}: expected a number of ballots, a colon and categories such as {{1,2}}."
        )
    if len(sets) > most:
        raise PrefLibError(f"{path.name}, line {line}: expected at most {most} categories, not {len(sets)}.")
    bare = sum(1 for written, _ in sets if not written.startswith("{"))
    return int(found[1]), [options for _, options in sets], bare


def _sets(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each category as it is written, with its options."""
    for found in CATEGORY.finditer(text):
        inside = found[1] if found[1] is not None else found[2]
        yield found[0], [part.strip() for part in inside.split(",") if part.strip()]


def _ballot(path: Path, line: int, sets: list[list[str]], named: dict[str, str], categories: int) -> Ballot:
    """Return points by option; options of the last category are there with 0."""
    ballot: Ballot = {}
    for at, options in enumerate(sets):
        for option in options:
            if option not in named:
                raise PrefLibError(f"{path.name}, line {line}: the option {option!r} has no name above.")
            if option in ballot:
                raise PrefLibError(f"{path.name}, line {line}: the option {option!r} stands twice.")
            ballot[option] = max(categories - 1 - at, 0)
    return ballot


def _read_as(categories: list[str]) -> list[str]:
    if len(categories) > 2:
        last = len(categories) - 1
        return [f"Categories are read as points: {categories[0]} is worth {last}, the next one less each."]
    return [f"The category {categories[0]} is read as one dot."]


def _odd(facts: dict[str, str], lines: Lines, ballots: list[Ballot], options: int) -> list[str]:
    """Return what is unusual in the file, and what its head says otherwise; the lines stand."""
    remarks = []
    if len(lines) != len(ballots):
        remarks.append(f"{len(lines)} lines are {len(ballots)} ballots: some stand for more than one.")
    for name, told, count in (
        ("NUMBER VOTERS", "voters", len(ballots)),
        ("NUMBER UNIQUE PREFERENCES", "different ballots", len(lines)),
        ("NUMBER ALTERNATIVES", "options", options),
    ):
        if facts.get(name, str(count)) != str(count):
            remarks.append(f"The head says {facts[name]} {told}; the lines give {count}, and they stand.")
    return remarks

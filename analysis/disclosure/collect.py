"""What may be seen of lists from group work: how many lists mention a point, and the reasons word for word.

The points of an open question are said with their group. In a sealed one nothing ties a point or a reason to
a list: mentions are counted over all lists, reasons stand in alphabetical order, and one that names a group
of the meeting is held back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analysis.disclosure import rules
from analysis.disclosure.rows import NAMES_GROUP, NEARLY_ALL, Case, Kind, Rows
from analysis.measures.collect import overlaps
from analysis.responses import Meeting


def opened(case: Case, rows: Rows) -> None:
    """Release everything: whose list mentions what, why, and how far every two lists overlap."""
    ballots, lists = case.ballots, _lists(case)
    by_group = ballots.question.settings.get("by") != "ballot"
    rows.add("lists", case.n, n=case.n)
    for place, item in enumerate(ballots.items):
        rows.add("mentions", _mentions(case, place), item=item, n=case.n)
        told = [(str(ballots.groups[row]), text) for row, text in _reasons(case, place)]
        for group in (group for group, found in lists.items() if by_group and item in found):
            rows.add("mentioned", 1, item=item, group=group, n=1)
        for level, (group, text) in enumerate(told, start=1):
            rows.add("reason", text=text, item=item, group=group if by_group else "", level=level, n=case.n)
    if by_group:
        for (one, other), overlap in overlaps(lists).items():
            rows.add("overlap", overlap, group=one, level=other, n=case.n)


def full(case: Case, rows: Rows) -> None:
    """Release how many lists mention each point, and the reasons without their lists."""
    rows.add("lists", case.n, n=case.n)
    for place, item in _mentioned(case):
        count = _mentions(case, place)
        if rules.nearly_all(count, case.n):
            rows.say("nearly_all", item=item, n=case.n)
            rows.hide("mentions", NEARLY_ALL, item=item)
        else:
            rows.add("mentions", count, item=item, n=case.n)
        _words(case, rows, place)


def small(case: Case, rows: Rows) -> None:
    """Release which points were named at all, and the reasons without their lists."""
    rows.add("lists", case.n, n=case.n)
    for place, item in _mentioned(case):
        rows.add("named", True, item=item, n=case.n)
        _words(case, rows, place)


def _mentioned(case: Case) -> list[tuple[int, str]]:
    """Return the points of these lists; any other is of lists that are not out, and not even named."""
    return [(place, item) for place, item in enumerate(case.ballots.items) if _mentions(case, place)]


def _mentions(case: Case, place: int) -> int:
    return int(case.ballots.given[:, place].sum())


def _lists(case: Case) -> dict[str, list[str]]:
    """Return each group's points, in the meeting's order; a blank list has none."""
    ballots = case.ballots
    found: dict[str, list[str]] = {}
    for group in ballots.sizes:
        mentioned = ballots.given[ballots.of(group)].any(axis=0)
        found[group] = [item for item, said in zip(ballots.items, mentioned, strict=True) if said]
    return found


def _reasons(case: Case, place: int) -> Iterator[tuple[int, str]]:
    """Yield list and reason of a point, in the order of groups, then of the alphabet."""
    ballots = case.ballots
    order = {group: at for at, group in enumerate(ballots.sizes)}
    mine = {(row, text.strip()) for row, column, text in ballots.reasons if column == place and text.strip()}
    yield from sorted(mine, key=lambda one: (order.get(str(ballots.groups[one[0]]), -1), *_sorting(one[1])))


def _words(case: Case, rows: Rows, place: int) -> None:
    """Add each reason once, in alphabetical order: neither order nor repetition tells of a list."""
    item, names = case.ballots.items[place], _named(case.ballots.meeting)
    texts = sorted({text for _, text in _reasons(case, place)}, key=_sorting)
    for level, text in enumerate(texts, start=1):
        if names and names.search(text):
            rows.hide("reason", NAMES_GROUP, item=item, level=level)
        else:
            rows.add("reason", text=text, item=item, level=level, n=case.n)


def _sorting(text: str) -> tuple[str, str]:
    return text.casefold(), text


def _named(meeting: Meeting) -> re.Pattern[str] | None:
    """Return a pattern that finds the name of any group: all of it, or a word of it with a capital."""
    words = {group.name for group in meeting.groups}
    words |= {word for name in words for word in re.findall(r"\w+", name) if word[:1].isupper()}
    names = "|".join(re.escape(word) for word in sorted(words) if word.strip())
    return re.compile(rf"(?<!\w)(?:{names})s?(?!\w)", re.IGNORECASE) if names else None


KIND = Kind(full=full, small=small, opened=opened, by_ballot=False, blank_counts=True)

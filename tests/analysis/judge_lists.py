"""Who is determined by what sorting, lists and marks release: rule 9 without the gate, as in `judge`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from judge import Sight, Table, changes, exchanges, uncleared

from analysis import Responses

UNSURE, SKIPPED = "", "skipped"
LISTED = (None, "")
TICKED = (0, 1)


Same = Callable[[str, str, Mapping[str, Sequence[int]], Sequence[Any]], bool]


def determined(room: Responses, frame: Any, number: int, again: Any = None) -> list[str]:
    """Return what is known for certain of whom: `item, group`, of one round of a meeting's one question.

    `again` publishes a room: in a world that counts, its rows of the round are those of `frame`.
    """
    question = room.meeting.questions[0]
    rows = room.frame[room.frame["round"] == number]
    if question.kind != "collect":  # a blank list is a list
        rows = rows[rows["item"] != ""]
    if question.settings.get("by") == "group":  # one list of a group, whoever of it wrote the points
        rows = rows.assign(ballot=rows["group"])
    visible = frame[frame["hidden"] == ""]
    sight = Sight(
        {
            (row.measure, row.item, row.group, row.level): row.text if row.value != row.value else row.value
            for row in visible.itertuples()
        }
    )
    k, known = max(3, question.rounds[number - 1].sealed_k), frame.reset_index(drop=True)

    def same(item: str, rated: str, wanted: Mapping[str, Sequence[int]], answers: Sequence[Any]) -> bool:
        if again is None:
            return True
        made = [
            *room.frame.drop(rows.index).to_dict("records"),
            *_rewritten(rows, item, rated, wanted, answers),
        ]
        return bool(again(replace(room, frame=Responses.from_rows(room.meeting, made).frame)).equals(known))

    return list(JUDGES[question.kind](rows, question, k, sight, same))


def _rewritten(
    rows: Any, item: str, rated: str, wanted: Mapping[str, Sequence[int]], answers: Sequence[Any]
) -> list[dict[str, Any]]:
    """Return the rows of a round in which as few as possible answered the item otherwise.

    `wanted` counts each group's ballots (or lists) by `answers`: a text, a number, or None for none at all.
    The words of who no longer mentions a point are those of somebody who does.
    """
    of_item = (rows["item"] == item) & ((rows["text"] == rated) | (rated == ""))
    kept = rows[~of_item].to_dict("records")
    said = {key: part.to_dict("records") for key, part in rows[of_item].groupby("ballot")}
    like = {row["ballot"]: row for row in rows.to_dict("records")}
    orphans: list[dict[str, Any]] = []
    speaking: list[str] = []
    for group, counts in wanted.items():
        places: list[list[str]] = [[] for _ in counts]
        for ballot in sorted({ballot for ballot, row in like.items() if row["group"] == group}):
            mine = said.get(ballot)
            given = None if mine is None else mine[0]["value"] if rated else mine[0]["text"]
            places[_place(given, answers)].append(ballot)
        moving = [one for ballots, count in zip(places, counts, strict=True) for one in ballots[count:]]
        gaining = [at for at, count in enumerate(counts) for _ in range(count - len(places[at]))]
        to = dict(zip(moving, gaining, strict=True))
        for at, ballots in enumerate(places):
            for ballot in ballots:
                answer, old = answers[to.get(ballot, at)], said.get(ballot, [])
                if ballot not in to:
                    kept += old
                elif answer is None:
                    orphans += old
                elif answer is not None:
                    value = {"text": rated, "value": answer} if rated else {"text": answer, "value": None}
                    kept.append({**like[ballot], "item": item, **value})
                if answer is not None:
                    speaking.append(ballot)
    words = [row for row in orphans if speaking and answers == LISTED]
    silent = set(like) - {row["ballot"] for row in kept} if answers == LISTED else set()
    kept += [{**like[ballot], "item": "", "text": ""} for ballot in sorted(silent)]
    return kept + [{**row, "ballot": speaking[0], "group": like[speaking[0]]["group"]} for row in words]


def _place(given: Any, answers: Sequence[Any]) -> int:
    """Return the column of an answer; any words are a mention, an absent tick is none."""
    if given is None:
        return list(answers).index(None) if None in answers else 0
    return list(answers).index(given) if given in answers else 1


def _sort(rows: Any, question: Any, k: int, sight: Sight, same: Same) -> Iterator[str]:
    levels = [bucket["key"] for bucket in question.settings["buckets"]]
    columns = [*levels, UNSURE, SKIPPED]
    sizes = rows.groupby("group")["ballot"].nunique().to_dict()
    n = sum(sizes.values())
    counted = [
        at
        for at, size in enumerate(sizes.values())
        if size >= max(5, k) and (size == n or n - size >= k) and sight.get("groups_counted") is not None
    ]
    for item in (item.key for item in question.items):
        said = rows[rows["item"] == item].groupby(["group", "text"]).size().to_dict()
        given = [[said.get((group, level), 0) for level in columns[:-1]] for group in sizes]
        truth = tuple((*row, size - sum(row)) for row, size in zip(given, sizes.values(), strict=True))

        def fits(table: Table, item: str = item) -> bool:
            totals = [sum(column) for column in zip(*table, strict=True)]
            names = [("count", level) for level in levels] + [("unsure", ""), ("skipped", "")]
            for (measure, level), total in zip(names, totals, strict=True):
                if sight.get(measure, item, "", level) not in (None, total):
                    return False
            for level, total in zip([*levels, "unsure", "skipped"], totals, strict=True):
                if ("nearly_all", item, "", level) in sight.rows and total < n - 2:
                    return False
            most = max(totals[:-1])
            for level, total in zip([*levels, UNSURE], totals, strict=False):
                if sight.get("first", item, "", level) not in (None, float(total == most)):
                    return False
            for at, level in enumerate(levels):
                having = sum(2 * table[row][at] > sum(table[row][:-1]) for row in counted)
                if sight.get("majority_groups", item, "", level) not in (None, having):
                    return False
            return same(item, "", dict(zip(sizes, table, strict=True)), [*levels, UNSURE, None])

        near = _both if sight.get("count", item, "", levels[0]) is None else exchanges
        protected = [[at] for at in range(len(columns) - 1)]
        yield from (f"{item}, {name}" for name in uncleared(truth, protected, fits, near, whole=True))


def _both(table: Table) -> list[Table]:
    return changes(table) + exchanges(table)


def _collect(rows: Any, question: Any, k: int, sight: Sight, same: Same) -> Iterator[str]:
    unit = "ballot" if question.settings["by"] == "ballot" else "group"
    lists = rows.groupby("group")[unit].nunique().to_dict()
    n = sum(lists.values())
    for item in (item.key for item in question.items):
        mine = rows[rows["item"] == item].groupby("group")[unit].nunique().to_dict()
        truth = tuple((lists[group] - mine.get(group, 0), mine.get(group, 0)) for group in lists)
        words = any(key[:2] == ("reason", item) for key in sight.rows)

        def fits(table: Table, item: str = item, words: bool = words) -> bool:
            count = sum(row[1] for row in table)
            if ("nearly_all", item, "", "") in sight.rows and count < n - 2:
                return False
            if sight.get("named", item) not in (None, float(count > 0)) or (words and not count):
                return False
            wanted = dict(zip(lists, table, strict=True))
            return sight.get("mentions", item) in (None, count) and same(item, "", wanted, LISTED)

        yield from (f"{item}, {name}" for name in uncleared(truth, [[1]], fits, _both, whole=True))


def _marks(rows: Any, question: Any, k: int, sight: Sight, same: Same) -> Iterator[str]:
    sizes: Mapping[str, int] = rows.groupby("group")["ballot"].nunique().to_dict()
    groups = list(sizes)
    for item in (item.key for item in question.items):
        for rated in sorted(set(rows["text"])):
            mine = rows[(rows["item"] == item) & (rows["text"] == rated) & (rows["value"] == 1)]
            ticks = mine.groupby("group")["ballot"].nunique().to_dict()
            truth = tuple((sizes[group] - ticks.get(group, 0), ticks.get(group, 0)) for group in groups)

            def fits(table: Table, item: str = item, rated: str = rated) -> bool:
                own = [row for row, group in zip(table, groups, strict=True) if group == rated]
                others = [row for row, group in zip(table, groups, strict=True) if group != rated]
                for name, part in (("own", own), ("others", others), ("ticks", [*own, *others])):
                    count, n = sum(row[1] for row in part), sum(map(sum, part))
                    if sight.get(name, item, rated) not in (None, count):
                        return False
                    if sight.get(f"{name}_most", item, rated) not in (None, float(2 * count > n)):
                        return False
                    told = sight.get(f"{name}_most", item, rated) is not None and name != "own"
                    if told and ("nearly_all", item, rated, "") in sight.rows and count < n - 2:
                        return False
                return same(item, rated, dict(zip(groups, table, strict=True)), TICKED)

            yield from (
                f"{item} of {rated}, {name}" for name in uncleared(truth, [[1]], fits, _both, whole=True)
            )


JUDGES = {"sort": _sort, "collect": _collect, "marks": _marks}

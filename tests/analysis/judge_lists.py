"""Who is determined by what sorting, lists and marks release: rule 9 without the gate, as in `judge`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from judge import Sight, Table, changes, exchanges, uncleared

from analysis import Responses

UNSURE, SKIPPED = "", "skipped"


def determined(room: Responses, frame: Any, number: int) -> list[str]:
    """Return what is known for certain of whom: `item, group`, of one round of a meeting's one question."""
    question = room.meeting.questions[0]
    rows = room.frame[(room.frame["round"] == number) & (room.frame["item"] != "")]
    visible = frame[frame["hidden"] == ""]
    sight = Sight(
        {
            (row.measure, row.item, row.group, row.level): row.text if row.value != row.value else row.value
            for row in visible.itertuples()
        }
    )
    k = max(3, question.rounds[number - 1].sealed_k)
    return list(JUDGES[question.kind](rows, question, k, sight))


def _sort(rows: Any, question: Any, k: int, sight: Sight) -> Iterator[str]:
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
            return True

        near = _both if sight.get("count", item, "", levels[0]) is None else exchanges
        protected = [[at] for at in range(len(columns) - 1)]
        yield from (f"{item}, {name}" for name in uncleared(truth, protected, fits, near, whole=True))


def _both(table: Table) -> list[Table]:
    return changes(table) + exchanges(table)


def _collect(rows: Any, question: Any, k: int, sight: Sight) -> Iterator[str]:
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
            return sight.get("mentions", item) in (None, count)

        yield from (f"{item}, {name}" for name in uncleared(truth, [[1]], fits, _both, whole=True))


def _marks(rows: Any, question: Any, k: int, sight: Sight) -> Iterator[str]:
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
                return True

            yield from (
                f"{item} of {rated}, {name}" for name in uncleared(truth, [[1]], fits, _both, whole=True)
            )


JUDGES = {"sort": _sort, "collect": _collect, "marks": _marks}

"""The end of the report: the books of every round, and every number that was made known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.disclosure.published import Published
from analysis.language import Words, number, probability
from analysis.responses import Round

BOOKS = ("issued", "used", "unused", "void", "counted", "blank", "paper")


def books(published: Published, t: Words) -> dict[str, Any]:
    """Return `headers`, `rows` and `balanced` (see `balances`) of all rounds."""
    headers = [t("question"), t("round"), *(t(name) for name in BOOKS), t("smallest_group")]
    rows, balanced = [], True
    for question in published.meeting.questions:
        for one in question.rounds:
            balanced = balanced and balances(one)
            smallest = "–" if question.secrecy == "open" else str(published.policy.smallest(one.sealed_k))
            mark = " *" if one.state == "annulled" else ""
            values = (getattr(one, name) for name in BOOKS)
            rows.append(
                [
                    question.title,
                    f"{one.number}{mark}",
                    *("–" if value is None else str(value) for value in values),
                    smallest,
                ]
            )
    return {"headers": headers, "rows": rows, "balanced": balanced}


def balances(one: Round) -> bool:
    """Return whether issued = used + unused + void and used = counted + blank, as far as they are told."""
    cards = one.issued == one.used + one.unused + one.void
    if one.counted is None or one.blank is None:
        return cards
    return cards and one.used == one.counted + one.blank


def measures(published: Published, t: Words) -> list[dict[str, Any]]:
    """Return for every question and round `title`, `round`, `headers` and `rows`: all published figures."""
    headers = [t("measure"), t("item"), t("group"), t("value"), "n"]
    policy, found = published.policy, []
    for question in published.meeting.questions:
        names = {item.key: item.text for item in question.items}
        frame = published.of(question.key)
        sealed = {one.number: one.sealed_k for one in question.rounds}
        for round_number, rows in frame.groupby("round", sort=True):
            k = policy.smallest(sealed.get(int(str(round_number))))
            same = rows.groupby(["measure", "item", "group"], sort=False)
            lines = [_line(part.to_dict("records"), names, published, t, k) for _, part in same]
            found.append({"title": question.title, "round": round_number, "headers": headers, "rows": lines})
    return found


def _line(
    rows: list[dict[Any, Any]], names: dict[str, str], published: Published, t: Words, k: int
) -> list[str]:
    """Return one line for the rows of a measure that differ in level only."""
    groups = {group.key: group.name for group in published.meeting.groups}
    row = rows[0]
    values = dict.fromkeys(_levelled(one, t, k) for one in rows)
    return [
        _named(f"head_{row['measure']}", row["measure"], t),
        names.get(row["item"]) or groups.get(row["item"]) or row["item"],
        groups.get(row["group"], row["group"]),
        ", ".join(values),
        "" if pd.isna(row["n"]) else str(int(row["n"])),
    ]


def _levelled(row: dict[Any, Any], t: Words, k: int) -> str:
    value = _value(row, t, k)
    if row["hidden"] or not row["level"]:
        return value
    level = _named(f"head_{row['level']}", row["level"], t)
    return f"{level}: {value}" if value else level


def _value(row: dict[Any, Any], t: Words, k: int) -> str:
    if row["hidden"]:
        return "– " + _named(f"hidden_{row['hidden']}", t("hidden"), t, k)
    if row["text"]:
        return _named(f"word_{row['text'].replace(' ', '_')}", row["text"], t)
    written = probability if row["measure"].endswith("_p") else number
    return "" if pd.isna(row["value"]) else written(row["value"], t.language)


def _named(key: str, otherwise: str, t: Words, k: int = 0) -> str:
    """Return a text, or what stands in for it: a later measure is shown by its key rather than lost."""
    return t(key, k=k) if key in t else otherwise

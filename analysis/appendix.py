"""The end of the report: the books of every round, and every number that was made known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.disclosure.published import Published
from analysis.language import Words, number
from analysis.responses import Round

BOOKS = ("issued", "used", "unused", "void", "counted", "blank", "paper")


def books(published: Published, t: Words) -> dict[str, Any]:
    """Return `headers`, `rows` and `balanced` of all rounds: issued = used + unused + void, used = counted + blank."""
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
    """Return whether a round's books balance, as far as they are told."""
    cards = one.issued == one.used + one.unused + one.void
    if one.counted is None or one.blank is None:
        return cards
    return cards and one.used == one.counted + one.blank


def measures(published: Published, t: Words) -> list[dict[str, Any]]:
    """Return a table for every question and round: `title`, `round`, `headers`, `rows` of all published rows."""
    headers = [t("measure"), t("item"), t("group"), t("level"), t("value"), "n"]
    found = []
    for question in published.meeting.questions:
        names = {item.key: item.text for item in question.items}
        frame = published.of(question.key)
        for round_number, rows in frame.groupby("round", sort=True):
            lines = [_line(row, names, published, t) for row in rows.to_dict("records")]
            found.append({"title": question.title, "round": round_number, "headers": headers, "rows": lines})
    return found


def _line(row: dict[Any, Any], names: dict[str, str], published: Published, t: Words) -> list[str]:
    groups = {group.key: group.name for group in published.meeting.groups}
    item = names.get(row["item"]) or groups.get(row["item"]) or row["item"]
    return [
        _named(f"head_{row['measure']}", row["measure"], t),
        item,
        groups.get(row["group"], row["group"]),
        _named(f"head_{row['level']}", row["level"], t),
        _value(row, t),
        "" if pd.isna(row["n"]) else str(int(row["n"])),
    ]


def _value(row: dict[Any, Any], t: Words) -> str:
    if row["hidden"]:
        return "– " + _named(f"hidden_{row['hidden']}", t("hidden"), t)
    if row["text"]:
        return _named(f"word_{row['text'].replace(' ', '_')}", row["text"], t)
    return "" if pd.isna(row["value"]) else number(row["value"], t.language)


def _named(key: str, otherwise: str, t: Words) -> str:
    """Return a text, or what stands in for it: a later measure is shown by its key rather than lost."""
    return t(key, k="k") if key in t else otherwise

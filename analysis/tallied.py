"""The other ways to count the same dots, side by side: which places stand, and which depend on the rule."""

from __future__ import annotations

import pandas as pd

from analysis.measures.standing import DEPENDS, EQUAL_SHARES, STANDS
from analysis.reading import Reading

RULES = ("sum", "supporters", "equal_weight", "sqrt", "phragmen", "equal_shares")
NAMED = 12  # options in one sentence


def ranks(reading: Reading) -> pd.DataFrame:
    """Return the options (ballot's order) by rule: ranks, missing where a rule does not choose the option.

    Columns are the rules that were published, then `standing`; empty without rows.
    """
    rows = [row for row in reading.each("tally") if not row["hidden"]]
    rules = [rule for rule in RULES if any(row["level"] == rule for row in rows)]
    items = [item.key for item in reading.question.items if any(row["item"] == item.key for row in rows)]
    found = pd.DataFrame(
        {rule: [reading.value("tally", item, "", rule) for item in items] for rule in rules},
        index=pd.Index(items, name="item"),
        dtype="float64",
    )
    found["standing"] = [reading.text("standing", item) for item in items]
    return found


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows: each option's place by rule, in the order of the sum; empty without rows."""
    found, t = ranks(reading), reading.t
    rules = [rule for rule in found.columns if rule != "standing"]
    if not rules or found.empty:
        return [], []
    heads = [t("option"), *(t(f"rule_{rule}") for rule in rules)]
    told = any(found["standing"])
    rows = []
    for item in found.sort_values(rules[0], kind="stable").index:
        row = [reading.item(item).text, *(place(found, rule, item) or t("not_shown") for rule in rules)]
        rows.append([*row, t.get(f"word_{found['standing'][item]}")] if told else row)
    return ([*heads, t("head_standing")] if told else heads), rows


def span(found: pd.DataFrame, rule: str, item: str) -> tuple[int, int] | None:
    """Return the first and the last of the places that an option shares by a rule; None where it has none."""
    ranked = found.get(rule)
    if ranked is None or pd.isna(ranked[item]):
        return None
    best = int(ranked[item])
    return best, best + int((ranked == best).sum()) - 1


def place(found: pd.DataFrame, rule: str, item: str) -> str:
    """Return the places that an option shares by a rule as they are written; nothing where it has none."""
    best, worst = span(found, rule, item) or (0, 0)
    return f"{best}–{worst}" if worst > best else str(best or "")


def in_words(reading: Reading) -> list[str]:
    """Return sentences: what is among the first however one counts, what by some rules, which places hold."""
    found, top = ranks(reading), reading.value("tally_top")
    if top is None or not any(found["standing"]):
        return []
    said = []
    for word in (STANDS, DEPENDS):
        names = [reading.item(item).text for item in found.index[found["standing"] == word]]
        more = f" +{len(names) - NAMED}" if len(names) > NAMED else ""
        listed = "; ".join(names[:NAMED]) + more
        said.append(
            reading.t(f"tallies_{word}", top=top, items=listed)
            if names
            else reading.t(f"tallies_no_{word}", top=top)
        )
    if held := [f"{place}. {reading.item(item).text}" for place, item in places(found, round(top))]:
        said.append(reading.t("tallies_places", items="; ".join(held)))
    return said


def places(found: pd.DataFrame, top: int) -> list[tuple[int, str]]:
    """Return the places of the top that the same option holds alone under every rule that ranks."""
    ranking = found.drop(columns=["standing", EQUAL_SHARES], errors="ignore")
    held = []
    for place in range(1, top + 1):
        here = ranking.eq(place)
        alone = [str(item) for item in found.index[here.all(axis=1)]]
        if len(alone) == 1 and (here.sum() == 1).all():
            held.append((place, alone[0]))
    return held

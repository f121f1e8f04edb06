"""Ballot rows that may leave the house: shuffled, with random ids, without what the gate holds back."""

from __future__ import annotations

import secrets

import numpy as np
import pandas as pd

from analysis.disclosure import rules
from analysis.disclosure.gate import KINDS
from analysis.disclosure.published import Published
from analysis.responses import COLUMNS, Responses


def ballot_rows(responses: Responses, published: Published) -> pd.DataFrame:
    """Return the rows of the rounds that `published` shows in full, in random order with new random ids.

    Groups stay only in questions declared open. In sealed ones, an item that (nearly) all answered alike
    is left out. A sealed question in which people rate groups is left out whole, and so are lists and marks:
    how a ballot rates its own group, or a list's other points, would tell whose it is.
    """
    groups = {group.key for group in responses.meeting.groups}
    parts = [pd.DataFrame(columns=list(COLUMNS))]
    for question in responses.meeting.questions:
        rows = responses.frame[responses.frame["question"] == question.key]
        if question.secrecy != "open":
            rates_groups = question.items and all(item.key in groups for item in question.items)
            if rates_groups or not KINDS[question.kind].by_ballot:
                continue
            shown = published.of(question.key)
            full = shown[(shown["measure"] == "released") & (shown["text"] == rules.FULL)]["round"]
            rows = rows[rows["round"].isin(full)].assign(group="")
            rows = rows[~_alike(rows, shown)]
        parts.append(_renamed(rows))
    frame = pd.concat([part for part in parts if len(part)] or parts)
    generator = np.random.default_rng(secrets.randbits(128))
    return frame.iloc[generator.permutation(len(frame))].reset_index(drop=True)


def _renamed(rows: pd.DataFrame) -> pd.DataFrame:
    ids = {ballot: secrets.token_hex(8) for ballot in rows["ballot"].unique()}
    return rows.assign(ballot=rows["ballot"].map(ids))


def _alike(rows: pd.DataFrame, shown: pd.DataFrame) -> pd.Series:
    """Mark the rows of items of which one answer, or a row of the gate, says that nearly everybody gave
    it.
    """
    said = shown[(shown["measure"] == "nearly_all") | (shown["hidden"] == "nearly_all")]
    named = set(zip(said["round"], said["item"], strict=True)) - {(number, "") for number in said["round"]}
    answered = rows[rows["item"] != ""]
    n = answered.groupby("round")["ballot"].nunique()
    same = answered.groupby(["round", "item", "value", "text"], dropna=False).size().reset_index(name="count")
    for number, item, count in zip(same["round"], same["item"], same["count"], strict=True):
        if rules.nearly_all(count, n[number]):
            named.add((number, item))
    keys = pd.Series(list(zip(rows["round"], rows["item"], strict=True)), index=rows.index, dtype="object")
    return keys.isin(named)

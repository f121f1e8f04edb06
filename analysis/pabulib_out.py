"""A dots question's ballots as a Pabulib file, where the plan lets ballot rows leave the house.

What the file holds is what `ballot_rows` lets out: random ids, shuffled, groups only where the question was
declared open, without options that (nearly) all treated alike. Marks against an option have no place in the
format and are left out, said in the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from analysis.archive import PackageError
from analysis.disclosure import Published
from analysis.disclosure.ballot_rows import ballot_rows
from analysis.measures.ballots import AGAINST
from analysis.responses import Question, Responses

# Money was not asked about: every option costs one and all can be paid.
COST = 1


def votes_pb(
    published: Published, responses: Responses, question: str, round_number: int | None = None
) -> bytes:
    """Return one round (the last one) of a dots question as UTF-8 text of a .pb file.

    Raises PackageError when the plan does not allow ballot rows, the question has no dots, or nothing of
    the round may leave the house; KeyError for a question that is not there.
    """
    meeting = published.meeting
    found = meeting.question(question)
    if not meeting.ballot_rows:
        raise PackageError("The plan of this meeting does not allow ballot rows (ballot_rows is false).")
    if found.settings.get("dots") is None:
        raise PackageError(f"Question {question!r} has no dots; only dots have the form of a .pb file.")
    numbers = [one.number for one in found.rounds if one.state != "annulled"]
    number = round_number or max(numbers, default=1)
    mine = responses.frame[responses.frame["question"] == question]
    only = Responses(replace(responses.meeting, questions=(responses.meeting.question(question),)), mine)
    rows = ballot_rows(only, published)
    rows = rows[rows["round"] == number]
    if rows.empty:
        raise PackageError(f"Question {question!r}, round {number}: no ballot may leave the house.")
    return _written(published, found, number, mine, rows).encode()


def all_votes(published: Published, responses: Responses) -> dict[str, bytes]:
    """Return the last round of every question whose ballots may leave in this form, by its key."""
    found = {}
    for question in responses.meeting.questions:
        try:
            found[question.key] = votes_pb(published, responses, question.key)
        except (PackageError, KeyError):
            continue  # not of this form, or not to leave: what remains is what may
    return found


def _written(
    published: Published, question: Question, number: int, raw: pd.DataFrame, rows: pd.DataFrame
) -> str:
    held = set(raw.loc[raw["round"] == number, "item"]) - set(rows["item"])
    items = [item for item in question.items if item.key not in held]
    ids = _ids([item.key for item in items])
    ballots = _ballots(rows, list(ids))
    listed = dict.fromkeys(ids, 0)
    points = dict.fromkeys(ids, 0)
    for _, given in ballots.values():
        for key, dots in given.items():
            listed[key] += 1
            points[key] += dots
    against = bool((rows["text"] == AGAINST).any())
    grouped = ["group"] if question.secrecy == "open" else []
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerows([["META"], ["key", "value"]])
    writer.writerows(_meta(published, question, number, len(items), len(ballots), bool(held), against))
    writer.writerows([["PROJECTS"], ["project_id", "cost", "votes", "score", "name"]])
    for item in items:
        key = item.key
        writer.writerow([ids[key], COST, listed[key], points[key], _line(item.text or key)])
    writer.writerows([["VOTES"], ["voter_id", "vote", "points", *grouped]])
    for ballot, (group, given) in ballots.items():
        vote, written = ",".join(ids[key] for key in given), ",".join(map(str, given.values()))
        writer.writerow([ballot, vote, written, *([group] if grouped else [])])
    return out.getvalue()


def _meta(
    published: Published,
    question: Question,
    number: int,
    projects: int,
    votes: int,
    held: bool,
    against: bool,
) -> Iterable[tuple[str, object]]:
    meeting = published.meeting
    remarks = [f"Dot vote, round {number}. Every option is given the cost {COST}: money was not asked about."]
    if held:
        remarks.append("Options that nearly everybody treated alike are left out.")
    if against:
        remarks.append("Marks against an option are left out.")
    facts: dict[str, object] = {
        "description": _line(question.title),
        "unit": _line(meeting.place or meeting.title),
        "instance": _line(meeting.key),
        "num_projects": projects,
        "num_votes": votes,
        "budget": COST * projects,
        "vote_type": "cumulative",
        "rule": "unknown",
        "date_begin": meeting.date,
        "date_end": meeting.date,
        "max_sum_points": question.settings["dots"],
        "max_points": question.settings.get("cap", question.settings["dots"]),
        "language": meeting.language,
        "comment": " ".join(remarks),
    }
    return ((key, value) for key, value in facts.items() if value != "")


def _ballots(rows: pd.DataFrame, keys: Sequence[str]) -> dict[str, tuple[str, dict[str, int]]]:
    """Return ballot -> group and dots by option, options in the question's order, ballots as shuffled."""
    found: dict[str, tuple[str, dict[str, int]]] = {}
    columns = (rows[name] for name in ("ballot", "group", "item", "value", "text"))
    for ballot, group, item, value, text in zip(*columns, strict=True):
        given = found.setdefault(ballot, (group, {}))[1]
        if item and text != AGAINST and pd.notna(value):
            given[item] = int(value)
    order = {key: at for at, key in enumerate(keys)}
    return {
        ballot: (group, dict(sorted(given.items(), key=lambda pair: order[pair[0]])))
        for ballot, (group, given) in found.items()
    }


def _ids(keys: Sequence[str]) -> dict[str, str]:
    """Return the options' ids: their keys, or numbers where a key holds a sign that the format uses."""
    fit = all(re.fullmatch(r"[^\s,;\"]+", key) for key in keys)
    return {key: key if fit else str(at) for at, key in enumerate(keys, start=1)}


def _line(text: str) -> str:
    return " ".join(text.split())

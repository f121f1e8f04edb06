"""Reader of Pabulib files (Stolicki, Szufa and Talmon, arXiv 2012.06539): every vote type as points.

Cumulative votes are dots as they stand. An approval is one dot, a score is as many dots, and a ranking is
read as Borda points: the first of at most L gets L, the next L - 1. Options may be listed with 0 points:
they are kept as rows with 0, which is not support.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from analysis.election import EVERYBODY, Ballot, Election, frame, one_vote
from analysis.pabulib_text import PabulibError, column, money, options, sections, whole
from analysis.responses import Responses

__all__ = ["Election", "PabulibError", "read"]

MOST_NAMED = 5
LANGUAGES = ("nn", "nb", "en")
Meta = Mapping[str, str]
Limits = tuple[int, int, list[str]]


def read(path: str | Path, group: str | None = None) -> Election:
    """Return the election in a .pb file as one open dots question with key `votes`.

    `group` names the column of VOTES that holds each voter's group; without it all are one group. Raises
    PabulibError for a file that is missing, broken or of a vote type nobody knows.
    """
    path = Path(path)
    meta, projects, votes = sections(path)
    form = FORMS.get(meta.get("vote_type", ""))
    if form is None:
        kind = meta.get("vote_type") or "not given"
        raise PabulibError(
            f"{path.name}, META: vote_type is {kind!r}; expected one of {', '.join(sorted(FORMS))}."
        )
    named = options(path, projects)
    if group is not None and votes and group not in votes[0][1]:
        raise PabulibError(f"{path.name}, VOTES: there is no column {group!r} to take the groups from.")
    ballots = [form.ballot(path, line, row, named, meta) for line, row in votes]
    groups = [row[group].strip() or "?" if group else EVERYBODY for _, row in votes]
    budget, cap, remarks = form.limits(path, meta, ballots)
    costs, purse = column(projects, "cost"), money(meta.get("budget", ""))
    settings = {"dots": budget, "cap": cap, "against": False, **_priced(named, costs, purse)}
    title = meta.get("description") or path.stem
    language = meta.get("language", "en")
    meeting = one_vote(
        path,
        title,
        named,
        groups,
        ballots,
        settings,
        everybody=meta.get("unit") or title,
        language=language if language in LANGUAGES else "en",
        place=", ".join(dict.fromkeys(meta[key] for key in ("district", "unit", "country") if meta.get(key))),
    )
    scores, listings = column(projects, "score"), column(projects, "votes")
    listed = {option: sum(1 for ballot in ballots if option in ballot) for option in named}
    remarks += _odd(meta, ballots, scores, listings, listed)
    return Election(
        meeting,
        Responses(meeting, frame(meeting.key, ballots, groups)),
        scores,
        listings,
        listed,
        costs,
        purse,
        tuple(remarks),
    )


def _priced(
    named: Mapping[str, str], costs: Mapping[str, Fraction], budget: Fraction | None
) -> dict[str, Any]:
    """Return what a question says of money, where every option has a cost."""
    if budget is None or not set(named) <= set(costs):
        return {}
    return {"costs": {option: str(costs[option]) for option in named}, "budget": str(budget)}


def _odd(
    meta: Meta,
    ballots: list[Ballot],
    scores: Mapping[str, Fraction],
    votes: Mapping[str, Fraction],
    listed: Mapping[str, int],
) -> list[str]:
    """Return what does not fit together in the file; the ballots stand, whatever the totals say."""
    remarks = []
    if meta.get("num_votes", str(len(ballots))) != str(len(ballots)):
        remarks.append(f"META says num_votes {meta['num_votes']}; the file has {len(ballots)} ballots.")
    empty = sum(1 for ballot in ballots for points in ballot.values() if points == 0)
    if empty:
        remarks.append(f"{empty} entries list an option with 0 points: that is no support.")
    given = {option: sum(ballot.get(option, 0) for ballot in ballots) for option in listed}
    for name, official, counted in (("score", scores, given), ("votes", votes, listed)):
        wrong = [option for option, total in official.items() if total != counted[option]]
        if wrong:
            some = ", ".join(f"{one} ({official[one]}, not {counted[one]})" for one in wrong[:MOST_NAMED])
            more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
            remarks.append(f"The column {name} differs from the ballots for {some}{more}; the ballots stand.")
    return remarks


def _listed(path: Path, line: int, row: Mapping[str, str], named: Meta) -> list[str]:
    """Return the options of a ballot in its order; raises PabulibError for one unknown or named twice."""
    if "vote" not in row:
        raise PabulibError(f"{path.name}, VOTES: expected the column vote.")
    chosen = [part.strip() for part in row["vote"].split(",") if part.strip()]
    for at, option in enumerate(chosen):
        if option not in named:
            raise PabulibError(f"{path.name}, line {line}: option {option!r} is not among the PROJECTS.")
        if option in chosen[:at]:
            raise PabulibError(f"{path.name}, line {line}: option {option!r} stands twice on one ballot.")
    return chosen


def _pointed(path: Path, line: int, row: Mapping[str, str], named: Meta, meta: Meta) -> Ballot:
    if "vote" not in row or "points" not in row:
        raise PabulibError(f"{path.name}, VOTES: expected the columns vote and points.")
    chosen = _listed(path, line, row, named)
    points = [part.strip() for part in row["points"].split(",") if part.strip()]
    if len(chosen) != len(points):
        raise PabulibError(
            f"{path.name}, line {line}: {len(chosen)} options but {len(points)} points; expected as many."
        )
    return {option: whole(path, f"line {line}", given) for option, given in zip(chosen, points, strict=True)}


def _scored(path: Path, line: int, row: Mapping[str, str], named: Meta, meta: Meta) -> Ballot:
    ballot = _pointed(path, line, row, named, meta)
    default = whole(path, "META default_score", meta.get("default_score") or "0")
    return {**ballot, **{option: default for option in named if default and option not in ballot}}


def _approved(path: Path, line: int, row: Mapping[str, str], named: Meta, meta: Meta) -> Ballot:
    return dict.fromkeys(_listed(path, line, row, named), 1)


def _ranked(path: Path, line: int, row: Mapping[str, str], named: Meta, meta: Meta) -> Ballot:
    longest = _longest(path, meta, len(named))
    chosen = _listed(path, line, row, named)
    if len(chosen) > longest:
        raise PabulibError(f"{path.name}, line {line}: {len(chosen)} options; expected at most {longest}.")
    return {option: longest - at for at, option in enumerate(chosen)}


def _longest(path: Path, meta: Meta, otherwise: int) -> int:
    return whole(path, "META max_length", meta["max_length"]) if meta.get("max_length") else otherwise


def _cumulative_limits(path: Path, meta: Meta, ballots: list[Ballot]) -> Limits:
    """Return budget, cap (the budget where none is given) and remarks on ballots that do not fit them."""
    remarks: list[str] = []
    sums, tallest = _sizes(ballots)
    most = max(sums, default=1)
    budget = (
        whole(path, "META max_sum_points", meta["max_sum_points"]) if meta.get("max_sum_points") else most
    )
    if most > budget:
        remarks.append(
            f"A ballot has {most} points, more than max_sum_points {budget}: the budget is {most}."
        )
        budget = most
    cap = whole(path, "META max_points", meta["max_points"]) if meta.get("max_points") else budget
    if tallest > cap:
        remarks.append(
            f"A ballot gives {tallest} points to one option, more than {cap}: the cap is {tallest}."
        )
        cap = tallest
    unused = sum(1 for points in sums if points < budget)
    if unused:
        remarks.append(f"{unused} ballots do not use all {budget} points.")
    return max(budget, 1), max(min(cap, budget), 1), remarks


def _sizes(ballots: list[Ballot]) -> tuple[list[int], int]:
    """Return the points of each ballot that is not blank, and the most on one option."""
    filled = [ballot for ballot in ballots if ballot]
    return [sum(ballot.values()) for ballot in filled], max((max(one.values()) for one in filled), default=1)


def _score_limits(path: Path, meta: Meta, ballots: list[Ballot]) -> Limits:
    sums, tallest = _sizes(ballots)
    remarks = ["Scores are read as dots; a ballot may give any number of them."]
    if meta.get("default_score", "0") not in ("", "0"):
        remarks.append(f"Options that a ballot leaves out have the score {meta['default_score']}.")
    return max([*sums, 1]), max(tallest, 1), remarks


def _approval_limits(path: Path, meta: Meta, ballots: list[Ballot]) -> Limits:
    sums, _ = _sizes(ballots)
    return max([*sums, _longest(path, meta, 1), 1]), 1, ["Approvals are read as one dot each."]


def _rank_limits(path: Path, meta: Meta, ballots: list[Ballot]) -> Limits:
    sums, tallest = _sizes(ballots)
    top = max(_longest(path, meta, tallest), 1)
    words = f"Rankings are read as points: a first place is worth {top}, the next one less each."
    return max([*sums, 1]), top, [words]


@dataclass(frozen=True)
class Form:
    """How one vote type is read: a row of VOTES as points by option, and budget and cap of all ballots."""

    ballot: Callable[[Path, int, Mapping[str, str], Meta, Meta], Ballot]
    limits: Callable[[Path, Meta, list[Ballot]], Limits]


FORMS: dict[str, Form] = {
    "cumulative": Form(_pointed, _cumulative_limits),
    "scoring": Form(_scored, _score_limits),
    "approval": Form(_approved, _approval_limits),
    "choose-1": Form(_approved, _approval_limits),
    "ordinal": Form(_ranked, _rank_limits),
}

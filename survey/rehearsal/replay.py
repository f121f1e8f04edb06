"""Replaying a real election: one question, a card for each voter, every ballot cast as a phone would."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from survey.rehearsal.facilitator import Facilitator
from survey.rehearsal.pabulib import Election, Vote
from survey.rehearsal.participant import Participant
from survey.rehearsal.progress import Progress

_AT_ONCE = 8
_QUESTION = "dots"
_ALL = "all"


class Differs(Exception):
    """What was published is not what the file says; the message names the first differences."""


def replay(base: str, link: str, election: Election) -> str:
    """Cast every ballot of an election at a server and return the line that tells how it went.

    Raises Differs when published totals or supporters are not the file's, Refused where the server says no.
    """
    keys = {option.id: f"o{place}" for place, option in enumerate(election.options, 1)}
    progress = Progress("Ballots", len(election.votes))
    with Facilitator(base) as facilitator:
        facilitator.sign_in_link(link)
        meeting = facilitator.import_plan(plan(election))
        waiting = facilitator.issue_cards(meeting)
        groups = _group_keys(election.votes)
        cards = [(waiting[groups[vote.group]].pop(), vote) for vote in election.votes]
        facilitator.open(meeting, _QUESTION)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for receipt in pool.map(lambda card: _cast(base, card[0], card[1], keys), cards):
                progress.step(receipt)
        facilitator.close_round(meeting)
        facilitator.reveal(meeting)
        published = facilitator.results(meeting)
    check(election, keys, published)
    return f"{len(election.votes)} ballots, {len(election.options)} options: totals equal the file's"


def _cast(base: str, code: str, vote: Vote, keys: dict[str, str]) -> str:
    """Come in with one card and cast one ballot; options listed with 0 points get none, as on a phone."""
    dots = {keys[option]: points for option, points in vote.points.items() if points}
    with Participant(base) as phone:
        phone.enter_code(code)
        return phone.cast({"dots": dots} if dots else {})


def check(election: Election, keys: dict[str, str], published: Iterable[dict[str, str]]) -> None:
    """Compare the published rows with the file's ballots; raises Differs.

    Compared are each option's points and supporters, and the numbers of ballots counted and blank.
    """
    found = {
        (row["measure"], row["item"]): round(float(row["value"]))
        for row in published
        if row["question"] == _QUESTION and not row["group"] and not row["level"] and row["value"]
    }
    blank = sum(not any(vote.points.values()) for vote in election.votes)
    wanted = {("used", ""): len(election.votes), ("blank", ""): blank}
    for option, (points, supporters) in election.totals().items():
        wanted[("dots", keys[option])] = points
        wanted[("supporters", keys[option])] = supporters
    names = {key: option for option, key in keys.items()}
    wrong = [
        f"{measure} of {names.get(item, 'all')}: {found.get((measure, item), 'nothing')}, not {value}"
        for (measure, item), value in wanted.items()
        if found.get((measure, item)) != value
    ]
    if wrong:
        raise Differs("; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""))


def plan(election: Election) -> str:
    """Return the plan of a meeting with this election as its one question, open so that totals show."""
    sizes = Counter(vote.group for vote in election.votes)
    groups = _group_keys(election.votes)
    language = election.language if election.language in ("nn", "nb", "en") else "en"
    lines = [
        f"key = {_quoted(f'replay-{secrets.token_hex(4)}')}",
        f"title = {_quoted(_short(election.title, 200))}",
        f"language = {_quoted(language)}",
        "spares = 0",
    ]
    for group in groups:
        lines += [
            "[[groups]]",
            f"key = {_quoted(groups[group])}",
            f"name = {_quoted(_short(group, 70) or election.title[:70])}",
            f"cards = {sizes[group]}",
        ]
    lines += [
        "[[questions]]",
        f"key = {_quoted(_QUESTION)}",
        'kind = "dots"',
        f"title = {_quoted(_short(election.title, 300))}",
        'secrecy = "open"',
        f"dots = {election.budget}",
        f"cap = {election.cap}",
        "items = [",
        *(
            f"  {{ key = {_quoted(f'o{place}')}, text = {_quoted(text)} }},"
            for place, text in enumerate(_texts(election), 1)
        ),
        "]",
    ]
    return "\n".join(lines) + "\n"


def _group_keys(votes: Iterable[Vote]) -> dict[str, str]:
    """Return a key for each group, in the order in which they first vote; one where the file tells none."""
    return {
        group: f"g{place}" if group else _ALL
        for place, group in enumerate(dict.fromkeys(v.group for v in votes), 1)
    }


def _texts(election: Election) -> list[str]:
    """Return the options' names, short enough for a ballot and no two alike."""
    short = [_short(option.name, 240) or option.id for option in election.options]
    seen = Counter(_folded(text) for text in short)
    return [
        f"{text} ({option.id})"[:300] if seen[_folded(text)] > 1 else text
        for text, option in zip(short, election.options, strict=True)
    ]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _short(text: str, most: int) -> str:
    clean = re.sub(
        r"\s+", " ", "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    ).strip()
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"


def _quoted(text: str) -> Any:
    """Return text as a TOML string; JSON's strings are such."""
    return json.dumps(text, ensure_ascii=False)

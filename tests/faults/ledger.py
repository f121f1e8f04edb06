"""The checker: what voters were told, held against what is in the box. Knows nothing of how casting works.

Every sending has an answer of its own (see halls.Voter), so a ballot stored twice shows by its content.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from crowd import History
from halls import HOUSE, Hall, who_and_what
from sqlalchemy import select

from survey.ballots import export
from survey.ballots.verify import receipt
from survey.storage import schema
from survey.storage.database import Database

_VERIFIER = HOUSE / "survey" / "ballots" / "verify.py"
_BALLOTS = ("cast", "paper")


@dataclass
class Judgement:
    """How many ballots were acked, stored, lost (acked, not stored) and doubled; all else that is wrong."""

    acked: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    unknown: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Say whether every promise was kept."""
        return not (self.lost or self.doubled or self.wrong)


def judge(hall: Hall, history: History, folder: Path | None = None, books: bool = False) -> Judgement:
    """Hold the histories of all votes in a hall against its database.

    `folder` is where the exported log is put for the verifier (the hall's own folder otherwise); `books` says
    that the first round is closed by now, so that its books must balance with the ballots.
    """
    database = Database(hall.url)
    try:
        with database.reading() as connection:
            entries, content = schema.log, schema.content
            asked = select(content.c.commitment, content.c.answer)
            answers = {committed: answer for committed, answer in connection.execute(asked)}
            told = select(entries.c.hash, entries.c.pseudonym, entries.c.commitment)
            told = told.where(entries.c.type.in_(_BALLOTS)).order_by(entries.c.seq)
            rows = [(hash, who, answers.get(committed)) for hash, who, committed in connection.execute(told)]
            meeting = connection.execute(select(schema.meeting.c.id)).scalars().first()
            log = export.exported(connection, int(meeting or 0))
            found = _compare(history, rows)
            if books:
                found.wrong += _books(connection.execute(select(schema.round_)).first(), rows)
    finally:
        database.close()
    found.wrong += history.complaints + _verify(log, folder or hall.folder)
    return found


def _compare(history: History, rows: list[tuple[str, str, str | None]]) -> Judgement:
    wrong = [f"entry {hash} has no content" for hash, _, answer in rows if answer is None]
    stored = [(*who_and_what(answer), pseudonym) for _, pseudonym, answer in rows if answer is not None]
    receipts = {who_and_what(answer): receipt(hash) for hash, _, answer in rows if answer is not None}
    times = Counter((voter, number) for voter, number, _ in stored)
    sent = {(one.voter, one.number): one for one in history.sendings}
    acked = [(one.voter, one.number) for one in history.acked]
    wrong += [f"stored, but never sent: {one}" for one in times if one not in sent]
    wrong += [
        f"refused ({sent[one].refused}), but stored: {one}"
        for one in times
        if one in sent and sent[one].refused
    ]
    wrong += [
        f"a receipt that is not the ballot's own: {one}"
        for one in history.acked
        if one.receipt not in ("", receipts.get((one.voter, one.number)))
    ]
    wrong += _pseudonyms(stored)
    last = {voter: number for voter, number, _ in stored}
    newest: dict[int, int] = {}
    for voter, number in acked:
        newest[voter] = max(number, newest.get(voter, -1))
    wrong += [
        f"voter {voter}: ballot {last[voter]} undid the acked {number}"
        for voter, number in newest.items()
        if voter in last and last[voter] < number
    ]
    return Judgement(
        acked=len(acked),
        stored=len(stored),
        lost=sum(one not in times for one in acked),
        doubled=sum(number - 1 for number in times.values()),
        unknown=sum(one.acked is None and one.refused is None for one in history.sendings),
        wrong=wrong,
    )


def _pseudonyms(stored: list[tuple[int, int, str]]) -> list[str]:
    of_voter, of_pseudonym = defaultdict(set), defaultdict(set)
    for voter, _, pseudonym in stored:
        of_voter[voter].add(pseudonym)
        of_pseudonym[pseudonym].add(voter)
    return [f"voter {voter} counts more than once" for voter, many in of_voter.items() if len(many) > 1] + [
        f"voters {many} count as one" for many in of_pseudonym.values() if len(many) > 1
    ]


def _books(round_: object, rows: list[tuple[str, str, str | None]]) -> list[str]:
    books = getattr(round_, "books", None)
    if not books:
        return ["the round has no books"]
    cards = {pseudonym for _, pseudonym, _ in rows}
    balance = books["issued"] == books["used"] + books["unused"] + books["void"]
    fits = balance and books["used"] == books["counted"] + books["blank"] == len(cards)
    return [] if fits else [f"the books do not balance: {books}, {len(cards)} cards have ballots"]


def _verify(log: dict[str, object], folder: Path) -> list[str]:
    file = folder / "exported.json"
    file.write_text(json.dumps(log), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(_VERIFIER), str(file)], capture_output=True, text=True, check=False
    )
    return [] if done.returncode == 0 else [f"{done.stdout}{done.stderr}".strip()]

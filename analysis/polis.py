"""Reader of a Polis export folder (compdemocracy.org/polis): people agree, disagree or pass on comments.

Read as one open question on a scale from -1 (disagree) to 1 (agree). A pass is "don't know", never the
middle; a comment somebody has not seen is left empty. The vote matrix stands wherever other files differ.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from analysis.colours import colour
from analysis.foreign import NOBODYS, Foreign, ForeignError, table
from analysis.responses import Group, Item, Meeting, Question, Responses, Round

MATRIX, COMMENTS, SUMMARY = "participants-votes.csv", "comments.csv", "summary.csv"
DISAGREE, PASS, AGREE = -1, 0, 1
WRITTEN = {"1": AGREE, "0": PASS, "-1": DISAGREE, "1.0": AGREE, "0.0": PASS, "-1.0": DISAGREE}
QUESTION = "comments"
MOST_NAMED = 5
CIRCULAR = (
    "Polis makes its opinion groups from these very answers: that they differ is how they were made, "
    "not something found."
)
# One person's row: the group, and comment -> answer for the comments seen.
Person = tuple[str, dict[str, int]]


def is_export(path: Path) -> bool:
    """Say whether a folder holds a Polis export."""
    return (path / MATRIX).is_file()


def read(path: str | Path) -> Foreign:
    """Return the answers of a Polis export folder; raises ForeignError for a broken one."""
    folder = Path(path)
    rows = table(folder / MATRIX)
    columns = [name for name in (rows[0][1] if rows else {}) if re.fullmatch(r"\d+", name, re.ASCII)]
    if not columns:
        raise ForeignError(f"{MATRIX}, line 1: expected a column per comment, headed by its number.")
    remarks: list[str] = []
    people = _people(rows, columns, remarks)
    texts = _comments(folder, columns, people, remarks)
    if any(group != NOBODYS for group, _ in people):
        remarks.append(CIRCULAR)
    meeting = _meeting(folder, people, columns, texts)
    return Foreign(_responses(meeting, people), tuple(remarks))


def _people(rows: list[tuple[int, dict[str, str]]], columns: list[str], remarks: list[str]) -> list[Person]:
    people: list[Person] = []
    seen: set[str] = set()
    wrong = 0
    for line, row in rows:
        name = row.get("participant", "").strip()
        if name and name in seen:
            raise ForeignError(f"{MATRIX}, line {line}: the participant {name} stands twice.")
        seen.add(name)
        answers = {key: _answer(line, key, row[key]) for key in columns if row[key].strip()}
        people.append((row.get("group-id", "").strip() or NOBODYS, answers))
        given = list(answers.values())
        told = (
            ("n-votes", len(given)),
            ("n-agree", given.count(AGREE)),
            ("n-disagree", given.count(DISAGREE)),
        )
        wrong += any(row.get(key, "").strip() not in ("", str(count)) for key, count in told)
    if wrong:
        remarks.append(f"{wrong} people's own counts of votes differ from their rows; the rows stand.")
    outside = sum(1 for group, _ in people if group == NOBODYS)
    if outside:
        remarks.append(f"{outside} people have no group; they stand as the group {NOBODYS}.")
    return people


def _answer(line: int, key: str, written: str) -> int:
    answer = WRITTEN.get(written.strip())
    if answer is None:
        raise ForeignError(f"{MATRIX}, line {line}, comment {key}: expected 1, 0, -1 or nothing.")
    return answer


def _comments(folder: Path, columns: list[str], people: list[Person], remarks: list[str]) -> dict[str, str]:
    """Return the comments' texts by number, and remark where the list and the matrix do not agree."""
    if not (folder / COMMENTS).is_file():
        remarks.append(f"There is no {COMMENTS}: the comments are shown by their numbers.")
        return {}
    listed = {row.get("comment-id", "").strip(): row for _, row in table(folder / COMMENTS)}
    extra = sorted((key for key in listed if key not in columns), key=lambda key: (len(key), key))
    if extra:
        remarks.append(
            f"{COMMENTS} has {len(extra)} comments without votes: {_some(extra)}; they are left out."
        )
    lost = [key for key in columns if key not in listed]
    if lost:
        remarks.append(f"{COMMENTS} lacks the text of {_some(lost)}.")
    differing = []
    for key in columns:
        given = [answers[key] for _, answers in people if key in answers]
        counts = f"{given.count(AGREE)}/{given.count(DISAGREE)}"
        row = listed.get(key, {})
        told = f"{row.get('agrees', '').strip()}/{row.get('disagrees', '').strip()}"
        if key in listed and told not in ("/", counts):
            differing.append(f"{key} ({told}, not {counts})")
    if differing:
        remarks.append(
            f"{COMMENTS} counts agree/disagree otherwise for comment {_some(differing)}; "
            "the vote matrix stands."
        )
    return {key: row.get("comment-body", "").strip() for key, row in listed.items()}


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _title(folder: Path) -> str:
    """Return the topic of the conversation, the folder's name where none is written."""
    try:
        with (folder / SUMMARY).open(encoding="utf-8-sig", newline="") as lines:
            facts = {row[0].strip(): ",".join(row[1:]).strip() for row in csv.reader(lines) if row}
    except (OSError, UnicodeDecodeError, csv.Error):
        facts = {}
    return facts.get("topic") or folder.resolve().name


def _meeting(folder: Path, people: list[Person], columns: list[str], texts: Mapping[str, str]) -> Meeting:
    keys = sorted({group for group, _ in people}, key=lambda key: (key == NOBODYS, len(key), key))
    sizes = {key: sum(1 for group, _ in people if group == key) for key in keys}
    n, blank = len(people), sum(1 for _, answers in people if not answers)
    books = Round(
        1,
        state="revealed",
        issued=n,
        used=n,
        counted=n - blank,
        blank=blank,
        by_group={key: {"issued": size, "used": size} for key, size in sizes.items()},
    )
    title = _title(folder)
    question = Question(
        QUESTION,
        "scale",
        title,
        secrecy="open",
        items=tuple(Item(key, texts.get(key) or f"Comment {key}") for key in columns),
        settings={"min": DISAGREE, "max": AGREE, "low": "Disagree", "high": "Agree"},
        rounds=(books,),
    )
    return Meeting(
        key=re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "conversation",
        title=title,
        language="en",
        groups=tuple(
            Group(key, "No group" if key == NOBODYS else f"Opinion group {key}", colour(at))
            for at, key in enumerate(keys)
        ),
        questions=(question,),
    )


def _responses(meeting: Meeting, people: list[Person]) -> Responses:
    base = {"meeting": meeting.key, "question": QUESTION, "kind": "scale", "round": 1}
    blank: dict[str, int | None] = {"": None}
    return Responses.from_rows(
        meeting,
        (
            {**base, "ballot": str(at), "group": group, "item": item, "value": answer or None}
            for at, (group, answers) in enumerate(people, start=1)
            for item, answer in (dict[str, int | None](answers) or blank).items()
        ),
    )

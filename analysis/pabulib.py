"""Reader of Pabulib files with cumulative votes (Stolicki, Szufa and Talmon, arXiv 2012.06539).

Semicolon-separated UTF-8 in three sections; lists inside a field are comma-separated and `points` follows the
order of `vote`. Options may be listed with 0 points: they are kept as rows with 0, which is not support.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis.responses import COLUMNS, Group, Item, Meeting, Question, Responses, Round

SECTIONS = ("META", "PROJECTS", "VOTES")
MOST_BYTES = 256 * 1024 * 1024
MOST_POINTS = 1_000_000
COLOURS = ("#CC6677", "#332288", "#DDCC77", "#117733", "#88CCEE", "#999933", "#661100", "#44AA99")
EVERYBODY = "all"


class PabulibError(ValueError):
    """A .pb file that cannot be read: one sentence that names the file, the place and what was expected."""


@dataclass(frozen=True)
class Election:
    """A real election: its codebook and ballots, the file's own totals, and what is odd about it.

    `scores`, `votes` and `costs` are the columns score, votes and cost by option, empty where the file
    has none; `budget` is money. `votes` counts the ballots that list an option, also with 0 points;
    `listed` is that number counted from the ballots.
    """

    meeting: Meeting
    responses: Responses
    scores: Mapping[str, int] = field(default_factory=dict)
    votes: Mapping[str, int] = field(default_factory=dict)
    listed: Mapping[str, int] = field(default_factory=dict)
    costs: Mapping[str, int] = field(default_factory=dict)
    budget: float | None = None
    remarks: tuple[str, ...] = ()


Section = list[tuple[int, dict[str, str]]]


def read(path: str | Path, group: str | None = None) -> Election:
    """Return the election in a .pb file as one open dots question with key `votes`.

    `group` names the column of VOTES that holds each voter's group; without it all are one group. Raises
    PabulibError for a file that is missing, broken or of another vote type.
    """
    path = Path(path)
    meta, projects, votes = _sections(path)
    kind = meta.get("vote_type", "")
    if kind != "cumulative":
        raise PabulibError(
            f"{path.name}, META: vote_type is {kind or 'not given'!r}; only cumulative votes can be read."
        )
    options = _options(path, projects)
    if group is not None and votes and group not in votes[0][1]:
        raise PabulibError(f"{path.name}, VOTES: there is no column {group!r} to take the groups from.")
    ballots = [_ballot(path, line, row, options) for line, row in votes]
    groups = [row[group].strip() or "?" if group else EVERYBODY for _, row in votes]
    budget, cap, remarks = _limits(path, meta, ballots)
    if meta.get("num_votes", str(len(ballots))) != str(len(ballots)):
        remarks.append(f"META says num_votes {meta['num_votes']}; the file has {len(ballots)} ballots.")
    meeting = _meeting(path, meta, options, groups, ballots, {"dots": budget, "cap": cap, "against": False})
    listed = dict.fromkeys(options, 0)
    for ballot in ballots:
        for option in ballot:
            listed[option] += 1
    return Election(
        meeting,
        Responses(meeting, _frame(meeting.key, ballots, groups)),
        _column(path, projects, "score"),
        _column(path, projects, "votes"),
        listed,
        _column(path, projects, "cost"),
        _money(meta.get("budget", "")),
        tuple(remarks),
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PabulibError(f"{path.name} is larger than {MOST_BYTES // 1024**2} MB; that is not read.")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PabulibError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise PabulibError(f"{path.name}, byte {error.start}: expected UTF-8 text.") from None


def _sections(path: Path) -> tuple[dict[str, str], Section, Section]:
    parts: dict[str, Section] = {}
    header: list[str] | None = None
    current = ""
    reader = csv.reader(io.StringIO(_text(path), newline=""), delimiter=";")
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            first = cells[0].strip()
            if first.upper() in SECTIONS and not any(cells[1:]):
                current, header = first.upper(), None
                parts[current] = []
            elif not current:
                raise PabulibError(f"{path.name}, line {reader.line_num}: expected the section META first.")
            elif header is None:
                header = [cell.strip() for cell in cells]
            else:
                filled = cells + [""] * (len(header) - len(cells))
                parts[current].append((reader.line_num, dict(zip(header, filled, strict=False))))
    except csv.Error as error:
        raise PabulibError(f"{path.name}, line {reader.line_num}: {error}.") from None
    missing = next((name for name in SECTIONS if name not in parts), None)
    if missing:
        raise PabulibError(f"{path.name} has no section {missing}; expected META, PROJECTS and VOTES.")
    meta = {row.get("key", "").strip(): row.get("value", "").strip() for _, row in parts["META"]}
    return meta, parts["PROJECTS"], parts["VOTES"]


def _options(path: Path, projects: Section) -> dict[str, str]:
    options: dict[str, str] = {}
    for line, row in projects:
        key = row.get("project_id", "").strip()
        if not key or "," in key:
            raise PabulibError(f"{path.name}, line {line}: expected a project_id without commas.")
        if key in options:
            raise PabulibError(f"{path.name}, line {line}: project_id {key!r} stands twice.")
        options[key] = row.get("name", "").strip() or key
    if not options:
        raise PabulibError(f"{path.name}, PROJECTS: expected at least one project.")
    return options


def _ballot(path: Path, line: int, row: Mapping[str, str], options: Mapping[str, str]) -> dict[str, int]:
    if "vote" not in row or "points" not in row:
        raise PabulibError(f"{path.name}, VOTES: expected the columns vote and points.")
    chosen = [part.strip() for part in row["vote"].split(",") if part.strip()]
    points = [part.strip() for part in row["points"].split(",") if part.strip()]
    if len(chosen) != len(points):
        raise PabulibError(
            f"{path.name}, line {line}: {len(chosen)} options but {len(points)} points; expected as many."
        )
    ballot: dict[str, int] = {}
    for option, given in zip(chosen, points, strict=True):
        if option not in options:
            raise PabulibError(f"{path.name}, line {line}: option {option!r} is not among the PROJECTS.")
        if option in ballot:
            raise PabulibError(f"{path.name}, line {line}: option {option!r} stands twice on one ballot.")
        ballot[option] = _whole(path, f"line {line}", given)
    return ballot


def _whole(path: Path, place: str, written: str) -> int:
    if not re.fullmatch(r"\d{1,7}(\.0*)?", written, re.ASCII) or float(written) > MOST_POINTS:
        raise PabulibError(f"{path.name}, {place}: {written!r} is not a whole number of points, 0 or more.")
    return int(float(written))


def _limits(path: Path, meta: Mapping[str, str], ballots: list[dict[str, int]]) -> tuple[int, int, list[str]]:
    """Return budget, cap (the budget where none is given) and remarks on ballots that do not fit them."""
    remarks: list[str] = []
    sums = [sum(ballot.values()) for ballot in ballots if ballot]
    most, tallest = (
        max(sums, default=1),
        max((max(ballot.values()) for ballot in ballots if ballot), default=1),
    )
    budget = (
        _whole(path, "META max_sum_points", meta["max_sum_points"]) if meta.get("max_sum_points") else most
    )
    if most > budget:
        remarks.append(
            f"A ballot has {most} points, more than max_sum_points {budget}: the budget is {most}."
        )
        budget = most
    cap = _whole(path, "META max_points", meta["max_points"]) if meta.get("max_points") else budget
    if tallest > cap:
        remarks.append(
            f"A ballot gives {tallest} points to one option, more than {cap}: the cap is {tallest}."
        )
        cap = tallest
    unused = sum(1 for points in sums if points < budget)
    if unused:
        remarks.append(f"{unused} ballots do not use all {budget} points.")
    return max(budget, 1), max(min(cap, budget), 1), remarks


def _column(path: Path, projects: Section, name: str) -> dict[str, int]:
    """Return a column of official totals by option; empty when the file lacks it or leaves cells empty."""
    cells = [(row["project_id"].strip(), row.get(name, "").strip(), line) for line, row in projects]
    if not all(re.fullmatch(r"\d{1,15}(\.0*)?", cell, re.ASCII) for _, cell, _ in cells):
        return {}
    return {key: int(float(cell)) for key, cell, _ in cells}


def _money(written: str) -> float | None:
    return float(written) if re.fullmatch(r"\d{1,15}(\.\d+)?", written, re.ASCII) else None


def _meeting(
    path: Path,
    meta: Mapping[str, str],
    options: Mapping[str, str],
    groups: list[str],
    ballots: list[dict[str, int]],
    settings: Mapping[str, int],
) -> Meeting:
    present = sorted(set(groups))
    sizes = {key: groups.count(key) for key in present}
    n, counted = len(ballots), sum(1 for ballot in ballots if ballot)
    books = Round(
        1,
        state="revealed",
        issued=n,
        used=n,
        counted=counted,
        blank=n - counted,
        by_group={key: {"issued": size, "used": size} for key, size in sizes.items()},
    )
    title = meta.get("description") or path.stem
    question = Question(
        "votes",
        "dots",
        title,
        secrecy="open",
        items=tuple(Item(key, name) for key, name in options.items()),
        settings=settings,
        rounds=(books,),
    )
    language = meta.get("language", "en")
    place = ", ".join(dict.fromkeys(meta[key] for key in ("district", "unit", "country") if meta.get(key)))
    return Meeting(
        key=re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "election",
        title=title,
        language=language if language in ("nn", "nb", "en") else "en",
        place=place,
        groups=tuple(
            Group(key, meta.get("unit") or title if key == EVERYBODY else key, COLOURS[at % len(COLOURS)])
            for at, key in enumerate(present)
        ),
        questions=(question,),
    )


def _frame(meeting: str, ballots: list[dict[str, int]], groups: list[str]) -> pd.DataFrame:
    blank: dict[str, int | None] = {"": None}
    cells = [
        (str(at), group, item, value)
        for at, (ballot, group) in enumerate(zip(ballots, groups, strict=True), start=1)
        for item, value in (dict[str, int | None](ballot) or blank).items()
    ]
    ids, of_group, items, values = zip(*cells, strict=True) if cells else ((), (), (), ())
    frame = pd.DataFrame({"ballot": ids, "group": of_group, "item": items}, dtype="object")
    frame["value"] = pd.Series(values, dtype="float64")
    frame["round"] = pd.Series([1] * len(frame), dtype="int64")
    constants = {"meeting": meeting, "question": "votes", "kind": "dots", "text": ""}
    for name, constant in constants.items():
        frame[name] = pd.Series([constant] * len(frame), dtype="object")
    return frame[list(COLUMNS)]

"""Reading a Pabulib file with cumulative votes: options, ballots, budget and cap."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_SECTIONS = ("META", "PROJECTS", "VOTES")
_GROUP_COLUMNS = ("district_preference", "neighborhood", "district", "subunit", "group")
_MOST_GROUPS = 12
Row = tuple[int, dict[str, str]]


class WrongFile(Exception):
    """The file cannot be replayed; the sentence names the place and what was expected."""


@dataclass(frozen=True)
class Option:
    """An option: the file's own id, its name, and the points the file gives it (None where it gives none)."""

    id: str
    name: str
    score: int | None


@dataclass(frozen=True)
class Vote:
    """A ballot: option id -> points (0 where it is listed with 0), and the voter's group ("" for none)."""

    points: dict[str, int]
    group: str


@dataclass(frozen=True)
class Election:
    """A whole file. `budget` and `cap` hold for every ballot; `remarks` tell what was out of order."""

    title: str
    language: str
    options: tuple[Option, ...]
    votes: tuple[Vote, ...]
    budget: int
    cap: int
    remarks: tuple[str, ...]

    def totals(self) -> dict[str, tuple[int, int]]:
        """Return option id -> (points, ballots with at least one point), counted from the ballots."""
        found = {option.id: (0, 0) for option in self.options}
        for vote in self.votes:
            for option, points in vote.points.items():
                total, supporters = found[option]
                found[option] = total + points, supporters + (points > 0)
        return found


def read(file: str | Path) -> Election:
    """Return the election of a file; raises WrongFile (one sentence) and OSError."""
    try:
        text = Path(file).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongFile(f"{file}: text in UTF-8 was expected (byte {error.start + 1} is not)") from None
    try:
        return _election(dict(_sections(text)), Path(file).stem)
    except WrongFile as error:
        raise WrongFile(f"{file}: {error}") from None
    except csv.Error as error:
        raise WrongFile(f"{file}: rows with semicolons were expected ({error})") from None


def _sections(text: str) -> Iterator[tuple[str, list[Row]]]:
    """Yield each section's name and its rows as (line number, column -> cell)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    name, header = "", None
    rows: list[Row] = []
    for cells in reader:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if len([cell for cell in cells if cell]) == 1 and cells[0].upper() in _SECTIONS:
            if name:
                yield name, rows
            name, header, rows = cells[0].upper(), None, []
        elif not name:
            raise WrongFile("line 1: a Pabulib file begins with META")
        elif header is None:
            header = [cell.lower() for cell in cells]
        else:
            rows.append((reader.line_num, dict(zip(header, cells, strict=False))))
    if name:
        yield name, rows


def _election(sections: dict[str, list[Row]], stem: str) -> Election:
    for name in _SECTIONS:
        if name not in sections:
            raise WrongFile(f"a section {name} was expected")
    meta = {row.get("key", "").lower(): (line, row.get("value", "")) for line, row in sections["META"]}
    line, kind = meta.get("vote_type", (0, ""))
    if kind.lower() != "cumulative":
        place = f"line {line}" if line else "META"
        raise WrongFile(f"{place}: vote_type cumulative was expected, not {kind or 'nothing'}")
    remarks: list[str] = []
    options = _options(sections["PROJECTS"])
    votes = _votes(sections["VOTES"], {option.id for option in options})
    budget, cap = _bounds(meta, votes, remarks)
    said = meta.get("num_votes", (0, ""))[1]
    if said.isdecimal() and int(said) != len(votes):
        remarks.append(f"the file says {said} votes and holds {len(votes)}")
    title = meta.get("description", (0, ""))[1] or stem
    language = meta.get("language", (0, ""))[1]
    return Election(title, language, options, votes, budget, cap, tuple(remarks))


def _options(rows: list[Row]) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    for line, row in rows:
        key = row.get("project_id", "")
        if not key:
            raise WrongFile(f"line {line}: a project_id was expected")
        if key in found:
            raise WrongFile(f"line {line}: project {key} stands twice")
        score = row.get("score", "")
        found[key] = Option(key, row.get("name", "") or key, _whole(score))
    if len(found) < 2:
        raise WrongFile("two projects or more were expected under PROJECTS")
    return tuple(found.values())


def _votes(rows: list[Row], known: set[str]) -> tuple[Vote, ...]:
    if not rows:
        raise WrongFile("ballots were expected under VOTES")
    column = _group_column([row for _line, row in rows])
    return tuple(Vote(_points(line, row, known), row.get(column, "")) for line, row in rows)


def _points(line: int, row: dict[str, str], known: set[str]) -> dict[str, int]:
    chosen = [one.strip() for one in row.get("vote", "").split(",") if one.strip()]
    given = [one.strip() for one in row.get("points", "").split(",") if one.strip()]
    if len(chosen) != len(given):
        raise WrongFile(
            f"line {line}: as many points as projects were expected ({len(chosen)}, not {len(given)})"
        )
    points: dict[str, int] = {}
    for option, written in zip(chosen, given, strict=True):
        number = _whole(written)
        if option not in known:
            raise WrongFile(f"line {line}: project {option} is not among PROJECTS")
        if option in points:
            raise WrongFile(f"line {line}: project {option} stands twice in one vote")
        if number is None or number < 0:
            raise WrongFile(f"line {line}: whole points from 0 were expected, not {written}")
        points[option] = number
    return points


def _group_column(rows: Sequence[dict[str, str]]) -> str:
    """Return the column that tells groups apart: few of them, and everybody in one."""
    for column in _GROUP_COLUMNS:
        values = {row.get(column, "") for row in rows}
        if "" not in values and 2 <= len(values) <= _MOST_GROUPS:
            return column
    return ""


def _bounds(meta: dict[str, tuple[int, str]], votes: Sequence[Vote], remarks: list[str]) -> tuple[int, int]:
    """Return budget and cap: the file's own, or raised to what its ballots hold, which is then remarked."""
    largest = max((sum(vote.points.values()) for vote in votes), default=0)
    highest = max((number for vote in votes for number in vote.points.values()), default=0)
    budget = _bound(meta, "max_sum_points")
    if budget is None:
        remarks.append(f"no max_sum_points: the largest ballot, {largest} points, is taken as the budget")
        budget = largest
    elif largest > budget:
        over = sum(sum(vote.points.values()) > budget for vote in votes)
        remarks.append(f"ballots over the budget of {budget}: {over}; it is raised to {largest}")
        budget = largest
    cap = _bound(meta, "max_points")
    if cap is not None and highest > cap:
        remarks.append(f"some options have more than the cap of {cap} points: it is raised to {highest}")
        cap = highest
    budget = max(budget, 1)
    return budget, min(cap or budget, budget)


def _bound(meta: dict[str, tuple[int, str]], name: str) -> int | None:
    line, written = meta.get(name, (0, ""))
    number = _whole(written)
    if written and (number is None or number < 1):
        raise WrongFile(f"line {line}: a whole number from 1 was expected for {name}, not {written}")
    return number


def _whole(written: str) -> int | None:
    """Return a whole number, also when it is written as 3.0; None for anything else."""
    try:
        number = float(written)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None

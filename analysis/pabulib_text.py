"""The text of a Pabulib file: semicolon-separated UTF-8 in the sections META, PROJECTS and VOTES."""

from __future__ import annotations

import csv
import io
import re
from fractions import Fraction
from pathlib import Path

from analysis.foreign import whole_text
from analysis.measures.ballots import MOST_POINTS

SECTIONS = ("META", "PROJECTS", "VOTES")
Section = list[tuple[int, dict[str, str]]]


class PabulibError(ValueError):
    """A .pb file that cannot be read: one sentence that names the file, the place and what was expected."""


def sections(path: Path) -> tuple[dict[str, str], Section, Section]:
    """Return META as a mapping, and PROJECTS and VOTES as rows with their line; raises PabulibError."""
    parts: dict[str, Section] = {}
    header: list[str] | None = None
    current = ""
    reader = csv.reader(io.StringIO(whole_text(path, PabulibError), newline=""), delimiter=";")
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


def options(path: Path, projects: Section) -> dict[str, str]:
    """Return the names of the options by id, in the file's order; raises PabulibError."""
    found: dict[str, str] = {}
    for line, row in projects:
        key = row.get("project_id", "").strip()
        if not key or "," in key:
            raise PabulibError(f"{path.name}, line {line}: expected a project_id without commas.")
        if key in found:
            raise PabulibError(f"{path.name}, line {line}: project_id {key!r} stands twice.")
        found[key] = row.get("name", "").strip() or key
    if not found:
        raise PabulibError(f"{path.name}, PROJECTS: expected at least one project.")
    return found


def whole(path: Path, place: str, written: str) -> int:
    """Return a number of points; raises PabulibError for what is no whole number from 0 to a million."""
    if not re.fullmatch(r"\d{1,7}(\.0*)?", written, re.ASCII) or float(written) > MOST_POINTS:
        raise PabulibError(f"{path.name}, {place}: {written!r} is not a whole number of points, 0 or more.")
    return int(float(written))


def column(projects: Section, name: str) -> dict[str, Fraction]:
    """Return a column of numbers by option; empty when the file lacks it or leaves a cell empty."""
    cells = [(row["project_id"].strip(), row.get(name, "").strip()) for _, row in projects]
    if not all(re.fullmatch(r"\d{1,15}(\.\d{0,9})?", cell, re.ASCII) for _, cell in cells):
        return {}
    return {key: Fraction(cell.rstrip(".")) for key, cell in cells}


def money(written: str) -> Fraction | None:
    """Return an amount of money; nothing where none is written."""
    return Fraction(written) if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", written, re.ASCII) else None

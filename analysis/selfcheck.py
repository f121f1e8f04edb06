"""Reference values: answer the cases of a folder with the library's own measures and compare.

Only the keys under `expected` are compared: numbers within 1e-9 relative (absolute below 1), null is
undefined. A case whose data file is missing or of a kind not read is skipped and counted as skipped,
never as passed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

from analysis import answers, pabulib, preflib
from analysis.election import Election

PASSED, FAILED, SKIPPED, UNKNOWN = "passed", "failed", "skipped", "unknown"
LONGEST = 200  # of a name in a sentence


@dataclass(frozen=True)
class Verdict:
    """What became of one case: `passed`, `failed`, `skipped` or (of a whole file) `unknown`, and why."""

    file: str
    case: str
    outcome: str
    why: str = ""


def check_folder(folder: str | Path, data: str | Path | None = None) -> list[Verdict]:
    """Return a verdict on every case of a folder of `*.json`; raises ValueError for what is not such a
    folder.

    `data` is the folder of the real files some cases need, `../data` beside the folder where not given.
    """
    folder = Path(folder)
    try:
        files = sorted(folder.glob("*.json"))
    except (OSError, ValueError):
        files = []  # no name that a folder could have
    if not files:
        raise ValueError(
            f"{str(folder)[:LONGEST]!r} has no reference cases; expected a folder with files *.json."
        )
    beside = Path(data) if data else folder.parent / "data"
    return [verdict for file in files for verdict in _file(file, beside)]


def _file(file: Path, data: Path) -> list[Verdict]:
    if file.stem not in answers.ANSWERS:
        return [Verdict(file.stem, "", UNKNOWN, "no measure of this name here")]
    return [check(file.stem, case, data) for case in cases(file)]


def cases(file: Path) -> list[dict[str, Any]]:
    """Return the cases of one file; raises ValueError when it is not a list of cases."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from None
    wanted = {"id", "input", "expected"}
    if not isinstance(found, list) or not all(
        isinstance(case, dict) and wanted <= set(case) for case in found
    ):
        raise ValueError(f"{file}: expected a list of cases with id, input and expected.")
    return found


def check(measure: str, case: Mapping[str, Any], data: Path) -> Verdict:
    """Return the verdict on one case of a known measure."""
    if not isinstance(case["input"], Mapping):
        return Verdict(measure, case["id"], FAILED, "the input is not of the form known here: no object")
    given = dict(case["input"])
    if given.get("data") is not None:
        path = _beside(data, str(given["data"]))
        if path is None:
            return Verdict(measure, case["id"], SKIPPED, f"{str(given['data'])[:LONGEST]} is not there")
        try:
            given["election"] = _election(path, given.get("group"))
        except (pabulib.PabulibError, preflib.PrefLibError) as error:
            return Verdict(measure, case["id"], SKIPPED, str(error))
    try:
        found = answers.ANSWERS[measure](given)
        difference = _difference(case["expected"], found, "")
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        return Verdict(measure, case["id"], FAILED, f"the input is not of the form known here: {error!r}")
    return Verdict(measure, case["id"], FAILED if difference else PASSED, difference)


def _beside(data: Path, name: str) -> Path | None:
    """Return the file of real votes, in whatever folder of `data` it lies."""
    try:
        return next(
            (found for found in (data / name, *sorted(data.glob(f"*/{name}"))) if found.is_file()), None
        )
    except (OSError, ValueError, NotImplementedError):
        return None  # no name that a file could have


def _election(path: Path, group: str | None) -> Election:
    if path.suffix.lower() == ".cat":
        return preflib.read(path)
    return pabulib.read(path, group=group)


def _difference(expected: Any, found: Any, place: str) -> str:
    """Return where found differs from expected, empty when it does not."""
    if isinstance(expected, Mapping):
        if not isinstance(found, Mapping):
            return f"{place}: expected {expected!r}, found {found!r}"
        missing = [key for key in expected if key not in found]
        if missing:
            return f"{place}: nothing for {missing[0]!r}"
        parts = (_difference(expected[key], found[key], f"{place}/{key}") for key in expected)
        return next((part for part in parts if part), "")
    if isinstance(expected, list):
        if not isinstance(found, list | tuple) or len(found) != len(expected):
            return f"{place}: expected {expected!r}, found {found!r}"
        if place.endswith("/set"):
            expected, found = sorted(expected, key=str), sorted(found, key=str)
        pairs = enumerate(zip(expected, found, strict=True))
        parts = (_difference(one, other, f"{place}/{at}") for at, (one, other) in pairs)
        return next((part for part in parts if part), "")
    same = expected == found and isinstance(expected, bool) == isinstance(found, bool)
    if _number(expected) and _number(found):
        same = isclose(expected, found, rel_tol=1e-9, abs_tol=1e-9 if abs(expected) < 1 else 0)
    return "" if same else f"{place}: expected {expected!r}, found {found!r}"


def summed(verdicts: Sequence[Verdict]) -> str:
    """Return the last line of a check: how many cases, how many of them mismatch, how many are skipped.

    A file with an unknown name has no cases that could be counted.
    """
    outcomes = [verdict.outcome for verdict in verdicts if verdict.outcome != UNKNOWN]
    counts = len(outcomes), outcomes.count(FAILED), outcomes.count(SKIPPED)
    return "{} cases, {} mismatches, {} skipped".format(*counts)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

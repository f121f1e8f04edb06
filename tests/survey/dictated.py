"""Works that a scribe can do: in a module of their own, which its process finds by name."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, insert

from survey.errors import InvalidAnswer, RoundClosed, SurveyError
from survey.storage import schema


def adding(connection: Connection, names: Sequence[str]) -> list[tuple[int, int]]:
    """Add a row for each name; returns for each in which process, and with how many others."""
    connection.execute(insert(schema.facilitator), [{"name": name} for name in names])
    return [(os.getpid(), len(names)) for _ in names]


def waiting(connection: Connection, files: Sequence[str]) -> list[tuple[int, int]]:
    """Add a row for each file's name, and wait until all of them are there."""
    found = adding(connection, [Path(file).name for file in files])
    while not all(Path(file).exists() for file in files):
        time.sleep(0.001)
    return found


def picky(connection: Connection, names: Sequence[str]) -> list[tuple[int, int]]:
    """Add a row for each name, and then take offence at the name x."""
    found = adding(connection, names)
    if "x" in names:
        raise ValueError("x")
    return found


def refusing(connection: Connection, names: Sequence[str]) -> list[str | SurveyError]:
    """Refuse those that begin with r or i, and write nothing at all."""
    refusals: dict[str, SurveyError] = {"r": RoundClosed(), "i": InvalidAnswer(["Too many dots.", "æ"])}
    return [refusals.get(name[0], name) for name in names]

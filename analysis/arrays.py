"""What a reference case is given, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.measures import dots
from analysis.measures.ballots import ballots_of


def matrix(rows: Sequence[Sequence[float | None]]) -> np.ndarray:
    """Return a matrix with NaN where a cell is empty."""
    return np.array([[np.nan if cell is None else cell for cell in row] for row in rows], float)


def values(found: Sequence[float | None]) -> np.ndarray:
    """Return the values that are there, in order."""
    return np.array([value for value in found if value is not None], float)


def rows(found: Iterable[Mapping[str, int]], options: Sequence[str]) -> np.ndarray:
    """Return rows x options, 0 where nothing is written; no rows keep the options' columns."""
    cells = [[row.get(option, 0) for option in options] for row in found]
    return np.array(cells).reshape(len(cells), len(options))


def votes(given: Mapping[str, Any]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return options, dots (ballots x options, blank ones too) and each ballot's group."""
    if "election" in given:
        election = given["election"]
        question = election.meeting.questions[0]
        ballots = ballots_of(election.responses, question, question.rounds[0])
        frame = election.responses.frame
        blank = frame.loc[frame["item"] == "", "group"].to_numpy(dtype=object)
        marks = np.vstack([dots.marks(ballots), np.zeros((len(blank), len(ballots.items)))])
        return list(ballots.items), marks, np.concatenate([ballots.groups, blank])
    options = given["options"]
    groups = np.array([ballot.get("group", "") for ballot in given["ballots"]], dtype=object)
    return options, rows([ballot["dots"] for ballot in given["ballots"]], options), groups

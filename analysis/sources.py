"""What `analysis.read` takes: a data package, an election of Pabulib or PrefLib, a Polis export, or a table
of answers.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis import pabulib, package, polis, preflib, tidy
from analysis.disclosure import Published, publish
from analysis.foreign import Foreign, ForeignError
from analysis.responses import Meeting

LONGEST = 200  # of a name in a sentence
ERRORS = (package.PackageError, pabulib.PabulibError, preflib.PrefLibError, ForeignError)


def opened(
    source: str | Path | pd.DataFrame, group: str | None = None, meeting: Meeting | None = None
) -> tuple[Published, tuple[str, ...]]:
    """Return what may be seen of a source, and sentences on what was repaired or assumed in reading it.

    See `analysis.read`. Raises one of `ERRORS`, all of them ValueErrors with one sentence.
    """
    is_election = isinstance(source, str | Path) and Path(source).suffix.lower() == ".pb"
    if group is not None and not is_election:
        raise ForeignError(f"A column of groups, here {group!r}, can only be named of a .pb file.")
    if isinstance(source, pd.DataFrame):
        return _gated(tidy.read(source, meeting))
    if not isinstance(source, str | Path):
        raise ForeignError(f"Expected a path or a frame, found {type(source).__name__}.")
    path = Path(source)
    _nameable(path)
    if is_election:
        election = pabulib.read(path, group=group)
        return _gated(Foreign(election.responses, election.remarks))
    if path.suffix.lower() == ".cat":
        election = preflib.read(path)
        return _gated(Foreign(election.responses, election.remarks))
    if path.suffix.lower() in (".csv", ".tsv"):
        return _gated(tidy.read_csv(path, meeting))
    if polis.is_export(path):
        return _gated(polis.read(path))
    return package.read(path), ()


def _nameable(path: Path) -> None:
    """Refuse what can be no file's name at all: too long a one, or one with a zero byte."""
    try:
        path.stat()
    except FileNotFoundError:
        return  # each reader says what it expected
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ForeignError(f"{str(path)[:LONGEST]!r} cannot be read: {reason}.") from None


def _gated(found: Foreign) -> tuple[Published, tuple[str, ...]]:
    return publish(found.responses), found.remarks

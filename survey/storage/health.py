"""Whether the database can be written just now, and in plain words what is wrong where it cannot."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from survey.languages import N_

# A commit takes milliseconds; one that takes this long (seconds) is worth a word before it fails.
_LONG = 2.0
_BY_NAME = {
    "SQLITE_FULL": "full",
    "SQLITE_READONLY": "read_only",
    "SQLITE_IOERR": "read_only",
    "SQLITE_CANTOPEN": "read_only",
    "SQLITE_BUSY": "locked",
    "SQLITE_LOCKED": "locked",
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_NOTADB": "damaged",
}
SENTENCES = {
    "full": N_("The disk is full: no vote can be stored. Make space; phones then send again by themselves."),
    "read_only": N_(
        "The disk takes nothing: no vote can be stored. Look to the disk; phones send again by themselves."
    ),
    "locked": N_(
        "Another program holds the database: no vote can be stored until it lets go. "
        "Phones then send again by themselves."
    ),
    "slow": N_("Votes wait to be stored: the disk is very slow, or another program holds the database."),
    "damaged": N_("The database is damaged: no vote can be stored. Stop the server and restore a backup."),
    "away": N_("The database cannot be reached: no vote can be stored. Phones send again by themselves."),
}
_log = logging.getLogger(__name__)


class Health:
    """What the writer met last. It tells in its own thread; anybody may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._failure = ""

    def begins(self) -> None:
        """A transaction begins."""
        self._since = self._clock()

    def worked(self) -> None:
        """What was to be written is on the disk."""
        if self._failure:
            _log.warning("The database can be written again.")
        self._failure = ""

    def failed(self, error: BaseException) -> None:
        """The database refused; logged once, however many are turned away."""
        what = reason(error)
        if what != self._failure:
            _log.error("The database cannot be written (%s): %s", what, type(error).__name__, exc_info=error)
        self._failure = what

    def rests(self) -> None:
        """The transaction has ended, one way or the other."""
        self._since = None

    def trouble(self) -> str:
        """Return what is wrong, a key of SENTENCES; empty when nothing is known to be."""
        since = self._since
        is_long = since is not None and self._clock() - since > _LONG
        return self._failure or ("slow" if is_long else "")


def reason(error: BaseException) -> str:
    """Return which of SENTENCES a database's error stands for."""
    name = getattr(getattr(error, "orig", error), "sqlite_errorname", "")
    return next((key for start, key in _BY_NAME.items() if name.startswith(start)), "away")

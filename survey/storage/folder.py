"""An instance's folder: a server that runs on it holds a lock there, which goes with its process."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from survey.errors import InUse

_NAME = "in-use"


def hold(folder: Path) -> IO[bytes] | None:
    """Say that a server runs on the folder, as long as the file that is returned stays open.

    Several servers may. None: nothing can be written there, so there is no database in it either. Raises
    InUse while a backup is being restored there.
    """
    try:
        return _locked(folder, fcntl.LOCK_SH)
    except OSError:
        return None


def have_alone(folder: Path) -> IO[bytes]:
    """Keep servers from starting on the folder; raises InUse where one runs, OSError as from files."""
    folder.mkdir(parents=True, exist_ok=True)
    return _locked(folder, fcntl.LOCK_EX)


def _locked(folder: Path, how: int) -> IO[bytes]:
    file = (folder / _NAME).open("ab")
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InUse(place=folder) from None
    return file

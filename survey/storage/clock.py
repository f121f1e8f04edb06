"""The time: read from the machine once and counted from then on, so that setting a clock moves nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def _steady() -> float:
    """Return seconds that nobody can set, from any start; a machine's sleep counts where it tells."""
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        if hasattr(time, name):
            return time.clock_gettime(getattr(time, name))
    return time.monotonic()


_BEGAN = datetime.now(UTC) - timedelta(seconds=_steady())


def now() -> datetime:
    """Return this moment, aware, in UTC. Two calls are never in the wrong order."""
    return _BEGAN + timedelta(seconds=_steady())

"""Where benchmarks lie: a folder beside the real database, since a temporary one may be in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HOUSE = Path(__file__).parent.parent


@contextmanager
def folder() -> Iterator[Path]:
    """Give an empty folder on disk, removed at the end."""
    place = _HOUSE / "instance"
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as name:
        yield Path(name)

"""placeholder"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read(path: str | Path, group: str | None = None) -> Any:
    raise NotImplementedError

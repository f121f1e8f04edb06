"""placeholder"""

from __future__ import annotations

from pathlib import Path

from analysis.disclosure import Published


def read(path: str | Path) -> Published:
    raise NotImplementedError

"""A disk whose every sync takes 5 ms longer: a few lines of C that are loaded before a server's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SYNC_MS = 5
_SOURCE = Path(__file__).with_name("slow_sync.c")


def compiled(folder: Path) -> Path | None:
    """Compile it into the folder; None where there is no C compiler, or not for Linux."""
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if compiler is None:
        return None
    library = folder / "slow_sync.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE)]
    done = subprocess.run(command, capture_output=True, check=False)
    return library if done.returncode == 0 else None

"""Pictures of a page by a Chromium that is already on the machine; it is given no net."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 120  # seconds for one picture
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--proxy-server=127.0.0.1:9",
    "--virtual-time-budget=5000",
)


def found() -> str | None:
    """Return the path of a Chromium, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def picture(chromium: str, page: Path, target: Path, size: tuple[int, int]) -> None:
    """Write a PNG of the upper left `size` (width, height in pixels) of a page; raises OSError."""
    _run(chromium, page, target, f"--screenshot={target}", f"--window-size={size[0]},{size[1]}")


def sheets(chromium: str, page: Path, target: Path) -> None:
    """Write a page as it prints, as PDF; raises OSError."""
    _run(chromium, page, target, f"--print-to-pdf={target}", "--no-pdf-header-footer")


def _run(chromium: str, page: Path, target: Path, *options: str) -> None:
    with TemporaryDirectory() as profile:
        command = [chromium, *FLAGS, f"--user-data-dir={profile}", *options, page.resolve().as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            raise OSError(f"the browser gave no picture within {PATIENCE} seconds") from None
    if done.returncode or not target.exists():
        raise OSError("the browser gave no picture")

"""The gallery: every figure over a grid of hard cases, as pages to look at."""

from __future__ import annotations

from pathlib import Path

from analysis import assets
from analysis.gallery import browser
from analysis.gallery.cases import Case, cases
from analysis.gallery.pages import index, page, style

SIZES = ((1920, 1080), (1280, 720))


def write(folder: Path) -> tuple[int, int]:
    """Write a page for each case, an index, and where a Chromium is found pictures and sheets for print.

    Return how many cases and how many pictures there are. Raises OSError where the folder cannot be
    written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plotly.js").write_text(assets.bundle(), encoding="utf-8")
    (folder / "gallery.css").write_text(style(), encoding="utf-8")
    grid = cases()
    pictures = sum(_case(case, folder) for case in grid)
    (folder / "index.html").write_text(index(grid, bool(pictures)), encoding="utf-8", newline="\n")
    return len(grid), pictures


def _case(case: Case, folder: Path) -> int:
    """Write a case's page, and its pictures; return how many pictures there are."""
    html, walls = page(case)
    file = folder / f"{case.name}.html"
    file.write_text(html, encoding="utf-8", newline="\n")
    chromium = browser.found()
    if chromium is None:
        return 0
    for wide, high in SIZES:
        picture = folder / f"{case.name}-{wide}x{high}.png"
        browser.picture(chromium, file, picture, (wide, high * walls))
    browser.sheets(chromium, file, folder / f"{case.name}.pdf")
    return len(SIZES) + 1

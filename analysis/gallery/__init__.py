"""The gallery: every figure over a grid of hard cases, as pages to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from analysis import assets
from analysis.browser import Browser
from analysis.gallery.cases import Case, cases
from analysis.gallery.pages import index, page, style

SIZES = ((1920, 1080), (1280, 720))


def write(folder: Path, pictures: bool = True) -> Iterator[tuple[str, int]]:
    """Write a page for each case and an index; with `pictures` also a PNG of each size and a PDF.

    Yield each case's name and how many pictures it got. Raises OSError where the folder cannot be
    written and ChromiumError where a Chromium does not do what is asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plotly.js").write_text(assets.bundle(), encoding="utf-8")
    (folder / "gallery.css").write_text(style(), encoding="utf-8")
    grid = cases()
    (folder / "index.html").write_text(index(grid, pictures), encoding="utf-8", newline="\n")
    with Browser() if pictures else nullcontext() as browser:
        for case in grid:
            yield case.name, _case(case, folder, browser)


def _case(case: Case, folder: Path, browser: Browser | None) -> int:
    html, walls = page(case)
    file = folder / f"{case.name}.html"
    file.write_text(html, encoding="utf-8", newline="\n")
    if browser is None:
        return 0
    browser.open(file)
    for wide, high in SIZES:
        browser.screenshot(folder / f"{case.name}-{wide}x{high}.png", (wide, high * walls))
    browser.sheets(folder / f"{case.name}.pdf")
    return len(SIZES) + 1

"""The gallery: every figure over a grid of hard cases, as pages to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis import assets, chromium
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
    for case in grid:
        yield case.name, _case(case, folder, pictures)


def _case(case: Case, folder: Path, pictures: bool) -> int:
    html, walls = page(case)
    file = folder / f"{case.name}.html"
    file.write_text(html, encoding="utf-8", newline="\n")
    if not pictures:
        return 0
    for wide, high in SIZES:
        chromium.screenshot(file, folder / f"{case.name}-{wide}x{high}.png", (wide, high * walls))
    chromium.sheets(file, folder / f"{case.name}.pdf")
    return len(SIZES) + 1

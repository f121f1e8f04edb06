"""What the pictures are taken with: a server on a temporary folder, a browser, and small files."""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

DOCS = Path(__file__).parent
HOUSE = DOCS.parent
# What stands on cards and screen: an address as a meeting room has it; nothing is asked there.
ROOM = "http://10.0.0.5:8000"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_LOOKED_AT, _APART = 6_000, 9


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the address and the one-time link of a server with an empty database in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "survey",
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--base-url",
        ROOM,
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRIKK_")}
    process = subprocess.Popen(
        command, cwd=HOUSE, env=kept | {"PRIKK_INSTANCE": str(folder)}, stdout=subprocess.PIPE, text=True
    )
    try:
        link = ""
        for line in process.stdout or ():
            found = re.search(r"https?://\S+/sign-in/\S+", line)
            link = found[0] if found else link
            if "Phones:" in line:
                break
        else:
            raise SystemExit("The server did not start.")
        yield f"http://127.0.0.1:{port}", link
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser; ends the program with a sentence where there is none."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        raise SystemExit("Chromium is needed for the pictures.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


def look(browser: Browser, width: int, height: int, scale: float = 1, touch: bool = False) -> BrowserContext:
    """Return a window of this size with a Nynorsk browser in which nothing moves."""
    return browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        has_touch=touch,
        locale="nn-NO",
        reduced_motion="reduce",
    )


def take(page: Page, name: str, width: int = 0) -> None:
    """Take a picture of what the window shows and save it as `name`.png, `width` pixels wide where given."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(250)
    save(Image.open(io.BytesIO(page.screenshot())), name, width)


def save(picture: Image.Image, name: str, width: int = 0) -> None:
    """Save a picture in few colours, which flat pages do not miss."""
    picture = picture.convert("RGB")
    if width and width != picture.width:
        picture = picture.resize(
            (width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS
        )
    few = picture.quantize(palette=_palette(picture), dither=Image.Dither.NONE)
    file = DOCS / f"{name}.png"
    few.save(file, optimize=True)
    print(f"{file.name}: {few.width} x {few.height}, {file.stat().st_size / 1000:.0f} kB", flush=True)


def _palette(picture: Image.Image) -> Image.Image:
    """Return the colours to keep, the commonest first, none too like another: few dots keep theirs."""
    found = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    kept: list[Any] = []
    for _, colour in found[:_LOOKED_AT]:
        if all(
            max(abs(one - other) for one, other in zip(colour, near, strict=True)) > _APART for near in kept
        ):
            kept.append(colour)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in kept[:256] for part in colour])
    return palette


def first_page(pdf: bytes, dots_per_inch: int = 96) -> Image.Image:
    """Return a PDF's first page as a picture."""
    command = ["pdftoppm", "-png", "-r", str(dots_per_inch), "-f", "1", "-l", "1", "-singlefile", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return Image.open(io.BytesIO(done.stdout))


def side_by_side(names: list[str], target: str, width: int = 300, gap: int = 24) -> None:
    """Put pictures beside one another, each in a thin frame, and save them as one."""
    shots = [Image.open(DOCS / f"{name}.png").convert("RGB") for name in names]
    shots = [
        one.resize((width, round(one.height * width / one.width)), Image.Resampling.LANCZOS) for one in shots
    ]
    height = max(one.height for one in shots)
    sheet = Image.new("RGB", (len(shots) * (width + gap) + gap, height + 2 * gap), "white")
    for place, shot in enumerate(shots):
        left = gap + place * (width + gap)
        sheet.paste("#1c1a17", (left - 2, gap - 2, left + width + 2, gap + shot.height + 2))
        sheet.paste(shot, (left, gap))
    save(sheet, target)

"""PDF and pictures, drawn by a Chromium where one is found; nothing else of the analysis needs one.

The page that draws is a local file and asks the net for nothing.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import assets

SETTING = "CHROMIUM"
NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "msedge",
)  # fmt: skip
SECONDS = 180
SCALE = 2  # pixels of a picture per CSS pixel


class ChromiumError(ValueError):
    """There is no Chromium, or it did not do what was asked: one sentence."""


@dataclass(frozen=True)
class Picture:
    """A chart as files: `svg` with its font inside, `png` at twice its size on screen."""

    svg: bytes
    png: bytes


def found() -> str:
    """Return the Chromium to use: the one that the variable CHROMIUM names, or the first on the PATH.

    Raises ChromiumError where there is none.
    """
    named = os.environ.get(SETTING, "")
    path = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        looked = named or ", ".join(NAMES)
        raise ChromiumError(
            f"Expected a Chromium for this (looked for {looked}; {SETTING} may name one); HTML needs none."
        )
    return path


def pdf(html: str, path: Path) -> None:
    """Print a page to an A4 PDF file; raises ChromiumError, or OSError where the file cannot be written."""
    program = found()
    with tempfile.TemporaryDirectory(prefix="prikk-") as name:
        page, out = Path(name) / "page.html", Path(name) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        _run(program, Path(name), "--no-pdf-header-footer", f"--print-to-pdf={out}", page.as_uri())
        if not out.is_file():
            raise ChromiumError(f"{program} printed nothing.")
        path.write_bytes(out.read_bytes())


def pictures(charts: Sequence[dict[str, Any]]) -> list[Picture]:
    """Return plotly charts (`data` and `layout`) as pictures, all drawn in one go; raises ChromiumError."""
    if not charts:
        return []
    program = found()
    with tempfile.TemporaryDirectory(prefix="prikk-") as name:
        page = Path(name) / "page.html"
        page.write_text(_page(charts), encoding="utf-8")
        dom = _run(program, Path(name), f"--virtual-time-budget={SECONDS * 500}", "--dump-dom", page.as_uri())
    drawn = re.findall(r'<i data-svg="([^"]*)" data-png="([^"]*)">', dom)
    if len(drawn) != len(charts):
        raise ChromiumError(f"{program} drew {len(drawn)} of {len(charts)} charts.")
    return [Picture(base64.b64decode(svg), base64.b64decode(png)) for svg, png in drawn]


def options(home: Path) -> list[str]:
    """Return the options of every run: no window, no net, a profile of its own under `home`."""
    flags = [
        "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--proxy-server=127.0.0.1:9",  # leads nowhere: no net
        f"--user-data-dir={home / 'profile'}",
    ]  # fmt: skip
    # Chromium's own sandbox refuses to start for root, as in a container.
    return [*flags, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else flags


def _run(program: str, home: Path, *what: str) -> str:
    try:
        done = subprocess.run(
            [program, *options(home), *what],
            capture_output=True,
            timeout=SECONDS,
            check=False,
            encoding="utf-8",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChromiumError(f"{program} did not finish ({type(error).__name__}).") from None
    if done.returncode:
        raise ChromiumError(f"{program} ended with status {done.returncode}.")
    return done.stdout


def _page(charts: Sequence[dict[str, Any]]) -> str:
    faces = "".join(
        f'@font-face {{ font-family: "Atkinson Hyperlegible Next"; font-weight: 200 800; '
        f'unicode-range: {span}; src: url(data:font/woff2;base64,{data}) format("woff2"); }}'
        for span, data in assets.fonts()
    )
    given = json.dumps([charts, faces, SCALE]).replace("<", "\\u003c")
    bundle = assets.bundle().replace("</script", "<\\/script")
    return (
        f'<!doctype html><meta charset="utf-8"><style>{faces}</style><body>'
        f"<script>{bundle}</script><script>{_DRAW.replace('GIVEN', given)}</script>"
    )


# A picture made of an SVG sees no fonts of the page: they are written into it.
_DRAW = """
const [charts, faces, scale] = GIVEN;
const coded = (text) => {
  const bytes = new TextEncoder().encode(text);
  let out = "";
  for (let at = 0; at < bytes.length; at += 30000) {
    out += String.fromCharCode(...bytes.subarray(at, at + 30000));
  }
  return btoa(out);
};
const drawn = async (chart) => {
  const place = document.createElement("div");
  document.body.append(place);
  await Plotly.newPlot(place, chart.data, chart.layout, {staticPlot: true});
  const raw = await Plotly.toImage(place, {format: "svg", imageDataOnly: true});
  const svg = raw.replace(/(<svg[^>]*>)/, "$1<style>" + faces + "</style>");
  const picture = new Image();
  picture.src = "data:image/svg+xml;base64," + coded(svg);
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = chart.layout.width * scale;
  canvas.height = chart.layout.height * scale;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#FFFFFF";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const png = canvas.toDataURL("image/png").split(",")[1];
  place.remove();
  const out = document.createElement("i");
  out.dataset.svg = coded(svg);
  out.dataset.png = png;
  document.body.append(out);
};
(async () => {
  await document.fonts.ready;
  for (const face of document.fonts) await face.load();
  for (const chart of charts) await drawn(chart);
})();
"""

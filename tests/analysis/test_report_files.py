"""The report as PDF and as a folder for word processors, and figures as files: drawn by a Chromium."""

from __future__ import annotations

import io
import re
import struct

import pypdf
import pytest
from made_up import counted, dots, hallingdal, meeting, scale
from test_report import Page

from analysis import chromium, package
from analysis.__main__ import main
from analysis.chromium import ChromiumError
from analysis.report import folder, pdf, report


def drawable():
    try:
        return bool(chromium.found())
    except ChromiumError:
        return False


needs_chromium = pytest.mark.skipif(not drawable(), reason="there is no Chromium")


@pytest.fixture(scope="module")
def published():
    return meeting(
        scale({"Vi held det vi lovar": counted("0,0,1,2,2,4,3,9,8,4,1")}), dots({"A": (21, 14), "B": (9, 8)})
    )


@pytest.fixture(scope="module")
def beside(published, tmp_path_factory):
    place = tmp_path_factory.mktemp("report")
    folder(published, place)
    return place


@needs_chromium
def test_a_folder_has_no_scripts_and_every_chart_as_a_file(published, beside):
    page = Page((beside / "report.html").read_text(encoding="utf-8"))
    assert not [tag for tag, _ in page.tags if tag == "script"]
    pictures = [attrs for tag, attrs in page.tags if tag == "img"]
    whole = Page(report(published))
    charts = [attrs["data-chart"] for _, attrs in whole.tags if "data-chart" in attrs]
    assert [one["src"] for one in pictures] == [f"{name}.png" for name in charts]
    assert all(one["alt"] for one in pictures)
    for one in pictures:
        png = (beside / one["src"]).read_bytes()
        width, height = struct.unpack(">II", png[16:24])
        assert png.startswith(b"\x89PNG") and width == 2 * int(one["width"])
        assert abs(height - 2 * int(one["height"])) <= 1
        svg = (beside / one["src"]).with_suffix(".svg").read_text(encoding="utf-8")
        assert svg.startswith("<svg") and "<path" in svg and "@font-face" in svg


@needs_chromium
def test_a_folder_has_the_same_tables_as_the_page(published, beside):
    mine, whole = Page((beside / "report.html").read_text(encoding="utf-8")), Page(report(published))
    assert mine.cells == whole.cells and "Kort sagt" in mine.text


@needs_chromium
def test_a_pdf_says_what_the_page_says(published, tmp_path):
    pdf(published, tmp_path / "report.pdf")
    document = pypdf.PdfReader(io.BytesIO((tmp_path / "report.pdf").read_bytes()))
    text = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    for words in ("Tillit og samarbeid", "Kort sagt", "Rekneskapen", f"Side 1 av {len(document.pages)}"):
        assert words in text
    width, height = (float(side) for side in document.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "meeting.zip"
    package.write(hallingdal(), path)
    return path


@pytest.mark.parametrize("more", [["-o", "r.pdf"], ["-o", "r/"], ["-o", "r.html", "--pdf", "r.pdf"]])
def test_without_a_chromium_there_is_one_sentence_and_status_2(source, tmp_path, monkeypatch, capsys, more):
    monkeypatch.setenv(chromium.SETTING, str(tmp_path / "nothing"))
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(source), *more]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.strip().splitlines()) == 1
    assert "Expected a Chromium" in printed.err
    assert not (tmp_path / "r.pdf").exists()


def test_a_chromium_that_fails_is_said(source, tmp_path, monkeypatch, capsys):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv(chromium.SETTING, str(broken))
    assert main(["report", str(source), "-o", str(tmp_path / "r.pdf")]) == 2
    assert "status 3" in capsys.readouterr().err


def test_what_was_asked_for_is_written_where_it_was_asked_for(source, tmp_path, monkeypatch):
    """The names alone decide: a fake Chromium stands in for the drawing."""
    monkeypatch.setattr(chromium, "pdf", lambda html, path: path.write_text(f"pdf of {len(html)}"))
    picture = chromium.Picture(b"<svg/>", b"png")
    monkeypatch.setattr(chromium, "pictures", lambda charts: [picture] * len(charts))
    monkeypatch.chdir(tmp_path)
    for more in ("one.html", "two.pdf", "three/", "four --folder", "five.html --pdf 5.pdf"):
        assert main(["report", str(source), "-o", *more.split()]) == 0
    assert (tmp_path / "two.pdf").read_text().startswith("pdf of")
    assert (tmp_path / "5.pdf").exists() and (tmp_path / "one.html").exists()
    for name in ("three", "four"):
        assert (tmp_path / name / "report.html").exists() and (tmp_path / name / "chart-1-1-1.png").exists()
    assert main(["figures", str(source), "-o", str(tmp_path / "figures")]) == 0
    names = {file.name for file in (tmp_path / "figures").iterdir()}
    pages = {name for name in names if name.endswith(".html")}
    assert pages and {re.sub("html$", kind, name) for name in pages for kind in ("svg", "png")} <= names


def test_figures_without_a_chromium_are_pages_alone(source, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(chromium.SETTING, str(tmp_path / "nothing"))
    assert main(["figures", str(source), "-o", str(tmp_path / "figures")]) == 0
    assert {file.suffix for file in (tmp_path / "figures").iterdir()} == {".html", ".js"}
    assert "HTML only" in capsys.readouterr().err

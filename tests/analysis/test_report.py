"""The report: complete, self-contained, inert, and the same again from the same figures."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from made_up import a_round, counted, dots, hallingdal, meeting, scale, trust

from analysis.disclosure.published import released
from analysis.figures import table
from analysis.reflection import findings
from analysis.report import content_security_policy, report

QUESTIONS = ("tillit", "gjensidig", "forst")


class Page(HTMLParser):
    """Text and tags of a page, scripts and styles left out of the text."""

    def __init__(self, html):
        super().__init__()
        self.words, self.tags, self.cells, self._skip = [], [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._skip += tag in ("script", "style")
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        self._skip -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._skip:
            self.words.append(data)
            if self.cells and self.lasttag in ("td", "th"):
                self.cells[-1] += data

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def notes(*rows):
    columns = ("question", "round", "order", "what", "finding", "text")
    return pd.DataFrame([dict(zip(columns, one, strict=True)) for one in rows], columns=list(columns))


@pytest.mark.parametrize(
    "language, word", [("nn", "Kort sagt"), ("nb", "Regnskapet går opp"), ("en", "In short")]
)
def test_report_speaks_the_meeting_s_language(language, word):
    page = Page(report(hallingdal(language)))
    assert ("html", {"lang": language}) in page.tags
    assert word in page.text
    assert not re.search(r"\{\w+\}", page.text)


def test_every_question_has_chart_table_and_books():
    published = hallingdal(head="4f2a91c70b3ed85a")
    html = report(published)
    page = Page(html)
    charts = [attrs["data-chart"] for tag, attrs in page.tags if tag == "script" and "data-chart" in attrs]
    whole = [name for name in charts if name.startswith("chart")]
    assert whole == ["chart-1-1-1", "chart-2-1-1", "chart-3-1-1"]
    assert all(any(attrs.get("id") == name for _, attrs in page.tags) for name in charts)
    cells = {" ".join(cell.split()) for cell in page.cells}
    for question in QUESTIONS:
        headers, rows = table(published, question)
        assert set(headers) <= cells
        assert {" ".join(cell.split()) for one in rows for cell in one} <= cells
    assert "4F2A 91C7 0B3E D85A" in page.text
    assert "Rekneskapen går opp" in page.text


def test_charts_are_the_figures_of_the_library():
    from analysis.figures import figure

    published = hallingdal()
    html = report(published)
    embedded = re.findall(
        r'<script type="application/json" data-chart="chart-[^"]*">(.*?)</script>', html, re.DOTALL
    )
    for raw, question in zip(embedded, QUESTIONS, strict=True):
        assert json.loads(raw) == json.loads(
            json.dumps(figure(published, question, theme="report").to_plotly_json())
        )


def test_nothing_is_fetched_and_scripts_are_allowed_by_hash():
    html = report(hallingdal())
    page = Page(html)
    for tag, attrs in page.tags:
        assert not (attrs.keys() & {"src", "srcset", "data", "action"}), tag
        assert tag != "link"
        assert attrs.get("href", "#").startswith("#")
        assert not any(name.startswith("on") for name in attrs)
    policy = content_security_policy(html)
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    executed = [
        attrs for tag, attrs in page.tags if tag == "script" and attrs.get("type") != "application/json"
    ]
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(executed) == len(scripts) == policy.count("sha256-")
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy


def test_what_people_wrote_cannot_act():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    published = meeting(scale({evil: counted("1,1,1,1,1,1,1,1,1,1,26")}), dots({evil: (9, 8), "B": (1, 1)}))
    published = released(replace(published.meeting, title=evil, place=evil), published.rows)
    published = published.with_notes(
        notes(("tillit", 1, 1, "said", "", evil), ("forst", 1, 1, "edited", "broad", evil))
    )
    clean, html = report(hallingdal()), report(published)
    assert html.count("<script>") == clean.count("<script>") == 2
    assert "<img" not in html
    assert "onerror=alert(1)" in Page(html).text


def test_notes_are_respected():
    published = hallingdal()
    close = findings(published, "forst")[0]
    said = [("tillit", 1, 2, "said", "", "Sist sagt"), ("tillit", 1, 1, "said", "", "Først sagt")]
    text = Page(report(published.with_notes(notes(*said)))).text
    assert text.index("Først sagt") < text.index("Sist sagt")
    assert close.what in text
    edited = published.with_notes(notes(("forst", 1, 1, "edited", close.name, "Vårt eige spørsmål?")))
    text = Page(report(edited)).text
    assert "Vårt eige spørsmål?" in text and close.what not in text
    skipped = published.with_notes(notes(("forst", 1, 1, "skipped", close.name, "")))
    assert close.what not in Page(report(skipped)).text


@pytest.mark.parametrize("rehearsal", [True, False])
def test_rehearsal_is_marked_everywhere(rehearsal):
    page = Page(report(hallingdal(rehearsal=rehearsal)))
    charts = sum("data-chart" in attrs for _, attrs in page.tags)
    assert page.text.count("Øving: oppdikta svar") == (3 + charts if rehearsal else 0)


def test_both_rounds_and_the_annulled_one():
    question, rows = scale({"Vi er samde": counted("1,2,3,4,5,6,5,4,3,2,1")})
    again = [{**one, "round": 2} for one in rows]
    rounds = (a_round(1, state="annulled"), a_round(2))
    page = Page(report(meeting((replace(question, rounds=rounds), rows + again))))
    charts = [attrs["data-chart"] for _, attrs in page.tags if "data-chart" in attrs]
    assert {"chart-1-1-1", "chart-1-2-1"} <= set(charts)
    assert "Runde 1 blei lagd til side" in page.text
    assert "Runde 2" in page.text


def test_books_that_do_not_balance_are_said():
    question, rows = scale({"Vi er samde": counted("1,2,3,4,5,6,5,4,3,2,1")})
    off = replace(question, rounds=(replace(a_round(), unused=5),))
    assert "Rekneskapen går ikkje opp" in Page(report(meeting((off, rows)))).text


def test_hidden_numbers_are_nowhere():
    published = meeting(trust(hidden=2))
    rows = published.rows.copy()
    rows.loc[rows["hidden"] != "", "value"] = 987.25
    html = report(released(published.meeting, rows, published.notes))
    assert "987.25" not in re.sub(r"<script>.*?</script>|base64,[^)]*", "", html, flags=re.DOTALL)


def test_the_same_figures_give_the_same_file(tmp_path):
    published = hallingdal()
    written = tmp_path / "rapport.html"
    html = report(published, written)
    assert written.read_text(encoding="utf-8") == html == report(hallingdal())


def test_a_long_chart_takes_several_sheets_and_loses_nothing():
    from analysis.figures import figure, parts

    published = meeting(dots({f"Forslag {n}": (40 - n, 20) for n in range(40)}))
    sheets = [
        figure(published, "forst", theme="report", part=part) for part in range(parts(published, "forst"))
    ]
    drawn = [trace.name for sheet in sheets for trace in sheet.data]
    assert drawn == [f"Forslag {n}" for n in range(40)]
    assert all(sheet.layout.height < 990 for sheet in sheets)
    assert report(published).count('data-chart="chart-') == len(sheets) == 4

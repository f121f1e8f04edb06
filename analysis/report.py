"""The report: one HTML file that opens from disk without a net and says everything that was published."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis import assets, chromium, figures
from analysis.appendix import books, measures
from analysis.beyond import AT_THE_END, Beyond
from analysis.chapter import chapter, charts
from analysis.compare import compare
from analysis.disclosure.published import Published
from analysis.language import Words, date, headed, words
from analysis.reading import reading
from analysis.responses import Group

_HERE = Path(__file__).parent


def report(published: Published, path: str | Path | None = None) -> str:
    """Return the report in the meeting's language, and write it to `path` if one is given (UTF-8)."""
    html = _page(published, _chapters(published))
    if path is not None:
        Path(path).write_text(html, encoding="utf-8", newline="\n")
    return html


def pdf(published: Published, path: Path) -> None:
    """Write the report as an A4 PDF; raises ChromiumError where no Chromium is found."""
    chromium.pdf(report(published), path)


def folder(published: Published, path: Path) -> None:
    """Write the report without scripts into a folder, its charts beside it as PNG and SVG files.

    Made for word processors: `report.html` opens in one with charts and tables in place. Raises
    ChromiumError where no Chromium is found, OSError where the folder cannot be written.
    """
    chapters = _chapters(published)
    drawn = charts(chapters)
    pictures = chromium.pictures([json.loads(one.figure.to_json()) for one in drawn])
    path.mkdir(parents=True, exist_ok=True)
    for chart, picture in zip(drawn, pictures, strict=True):
        (path / f"{chart.name}.png").write_bytes(picture.png)
        (path / f"{chart.name}.svg").write_bytes(picture.svg)
    html = _page(published, chapters, pictures=True)
    (path / "report.html").write_text(html, encoding="utf-8", newline="\n")


def _chapters(published: Published) -> list[dict[str, Any]]:
    return [
        chapter(published, question, place) for place, question in enumerate(published.meeting.questions, 1)
    ]


def _page(published: Published, chapters: list[dict[str, Any]], pictures: bool = False) -> str:
    """Return the page; with `pictures` its charts are files beside it and it has no scripts."""
    meeting = published.meeting
    t = words(meeting.language)
    html: str = _template("report.html").render(
        t=t,
        headed=headed,
        meeting=meeting,
        date=date(meeting.date, t),
        facts=_facts(published, t),
        summary=[line for section in chapters for line in section["summary"]],
        groups=_groups(published, t),
        sections=chapters,
        methods=[t(f"method_{kind}") for kind in dict.fromkeys(q.kind for q in meeting.questions)],
        k=_smallest(published),
        counts=published.policy.n_min_counts,
        sealed=any(one.secrecy != "open" for one in meeting.questions),
        books=books(published, t),
        similar=_similar(published),
        appendix=measures(published, t),
        head=_spaced(meeting.head or _last_head(published)),
        **_around(t, pictures),
    )
    return html


def _similar(published: Published) -> list[tuple[str, int, Beyond]]:
    """Return title, round and table of what stands at the end of the report, the same tables together."""
    found = []
    for question in published.meeting.questions:
        tables = AT_THE_END.get(question.kind)
        out = {int(number) for number in published.of(question.key)["round"].unique()}
        for one in question.rounds:
            if tables is not None and one.number in out and one.state != "annulled":
                read = reading(published, question.key, one.number)
                found += [(question.title, one.number, beyond) for beyond in tables(read)]
    titles = list(dict.fromkeys(beyond.title for _, _, beyond in found))
    return sorted(found, key=lambda one: titles.index(one[2].title))


def comparison(meetings: Sequence[Published], language: str | None = None) -> str:
    """Return two or more meetings side by side as a page; raises CompareError."""
    found = compare(meetings, language)
    t = words(found.language)
    drawn = [list(one.charts(place)) if one.tables else [] for place, one in enumerate(found.questions, 1)]
    html: str = _template("compare.html").render(
        t=t,
        language=found.language,
        found=found,
        charts=drawn,
        meeting={"rehearsal": any(one.meeting.rehearsal for one in meetings)},
        **_around(t),
    )
    return html


def _around(t: Words, pictures: bool = False) -> dict[str, Any]:
    """Return what every page brings along; with `pictures` its charts are files and it has no scripts."""
    return {
        "json": _json,
        "pictures": pictures,
        "page_of": Markup(t("page_of")),  # CSS, not text
        "fonts": assets.fonts(),
        "bundle": "" if pictures else Markup(assets.bundle().replace("</script", "<\\/script")),
        "config": _json(figures.CONFIG),
    }


def content_security_policy(html: str) -> str:
    """Return the policy to serve a report with: only its own scripts, by hash, and nothing from anywhere."""
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; font-src data:; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _facts(published: Published, t: Words) -> list[tuple[str, str]]:
    """Return the four numbers at the top with their words."""
    rounds = [one for question in published.meeting.questions for one in question.rounds]
    issued = max((one.issued for one in rounds), default=0)
    used = max((one.used for one in rounds), default=0)
    asked = len(published.meeting.questions)
    groups = sum(group.votes for group in published.meeting.groups)
    return [
        (str(issued), t("cards_issued_groups", n=groups) if groups > 1 else t("cards_issued")),
        (str(used), t("most_answered")),
        (str(_smallest(published)), t("least_shown")),
        (str(asked), t("questions_asked", n=asked)),
    ]


def _smallest(published: Published) -> int:
    sealed = [q for q in published.meeting.questions if q.secrecy != "open"]
    policy = published.policy
    return max((policy.smallest(one.sealed_k) for q in sealed for one in q.rounds), default=policy.smallest())


def _groups(published: Published, t: Words) -> list[tuple[Group, str]]:
    """Return each group with the cards it was given (the most in any round); guests do not vote."""
    rounds = [one for question in published.meeting.questions for one in question.rounds]
    found = []
    for group in published.meeting.groups:
        issued = [one.by_group[group.key].get("issued", 0) for one in rounds if group.key in one.by_group]
        cards = t("cards_count", n=max(issued)) if issued else ""
        found.append((group, cards if group.votes else t("cards_guest")))
    return found


def _last_head(published: Published) -> str:
    heads = [one.head for question in published.meeting.questions for one in question.rounds if one.head]
    return heads[-1] if heads else ""


def _spaced(head: str) -> str:
    return " ".join(head[place : place + 4] for place in range(0, len(head), 4)).upper()


def _json(value: Any) -> Markup:
    """Return JSON that can stand inside a script element: no sign in it can end the element."""
    plain = value.to_plotly_json() if hasattr(value, "to_plotly_json") else value
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for sign, code in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(sign, code)
    return Markup(text)


@cache
def _template(name: str) -> Any:
    loader = FileSystemLoader(_HERE)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template(name)

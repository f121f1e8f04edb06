"""The report: one HTML file that opens from disk without a net and says everything that was published."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis import assets, figures
from analysis.appendix import books, measures
from analysis.disclosure.published import Published
from analysis.language import Words, words
from analysis.reading import Reading, reading
from analysis.reflection import Finding, findings
from analysis.responses import Group, Question

_HERE = Path(__file__).parent
_PROMPTS = 3
_COLUMNS = 9  # of a table on paper, the first one included


def report(published: Published, path: str | Path | None = None) -> str:
    """Return the report in the meeting's language, and write it to `path` if one is given (UTF-8)."""
    meeting = published.meeting
    t = words(meeting.language)
    sections = [_section(published, question, place) for place, question in enumerate(meeting.questions, 1)]
    html = _template().render(
        t=t,
        meeting=meeting,
        date=_date(meeting.date, t),
        facts=_facts(published, t),
        summary=[line for section in sections for line in section["summary"]],
        groups=_groups(published, t),
        sections=sections,
        methods=[t(f"method_{kind}") for kind in dict.fromkeys(q.kind for q in meeting.questions)],
        k=_smallest(published),
        counts=published.policy.n_min_counts,
        books=books(published, t),
        appendix=measures(published, t),
        head=_spaced(meeting.head or _last_head(published)),
        fonts=assets.fonts(),
        bundle=Markup(assets.bundle().replace("</script", "<\\/script")),
        config=_json(figures.CONFIG),
    )
    if path is not None:
        Path(path).write_text(html, encoding="utf-8", newline="\n")
    return html


def content_security_policy(html: str) -> str:
    """Return the policy to serve a report with: only its own scripts, by hash, and nothing from anywhere."""
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; font-src data:; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _section(published: Published, question: Question, place: int) -> dict[str, Any]:
    """Return what the template shows of one question; rounds that nothing is published of are left out."""
    numbers = {int(number) for number in published.of(question.key)["round"].unique()}
    rounds = [
        _round(reading(published, question.key, one.number), f"{place}-{one.number}")
        for one in question.rounds
        if one.number in numbers
    ]
    standing = [one["reading"] for one in rounds if not one["annulled"]]
    return {
        "number": place,
        "question": question,
        "rounds": rounds,
        "several": len(rounds) > 1,
        "summary": _in_short(standing[-1], place) if standing else [],
    }


def _round(found: Reading, name: str) -> dict[str, Any]:
    published, question, number = found.published, found.question.key, found.round.number
    charts = [
        figures.figure(published, question, number, theme="report", language=found.language, part=part)
        for part in range(figures.parts(published, question, number))
    ]
    return {
        "reading": found,
        "number": number,
        "annulled": found.round.state == "annulled",
        "charts": [
            (f"chart-{name}-{part}", _json(one.to_plotly_json()), round(one.layout.height))
            for part, one in enumerate(charts, 1)
        ],
        "caption": figures.caption(published, question, number, found.language),
        "alt": figures.alt_text(published, question, number, found.language),
        "changes": list(_changes(found, name)),
        "change_table": figures.change_table(published, question, number, found.language),
        "tables": list(_tables(found)),
        "prompts": prompts(found),
        "said": _notes(found, "said"),
        "missing": sorted(
            {
                found.reason(row["hidden"])
                for row in found.rows.values()
                if row["hidden"] not in ("", "undefined")
            }
        ),
    }


def _changes(found: Reading, name: str) -> Iterator[tuple[str, Markup, int, str]]:
    """Yield name, chart, height and sentences of every picture of the change from an earlier round."""
    published, question, number = found.published, found.question.key, found.round.number
    for place, stage in enumerate(figures.changes(published, question, number, found.language), 1):
        drawn = figures.figure(published, question, number, stage, "report", found.language)
        said = drawn.layout.meta["description"]
        yield f"change-{name}-{place}", _json(drawn.to_plotly_json()), round(drawn.layout.height), said


def prompts(found: Reading) -> list[Finding]:
    """Return the findings with their prompts as the room saw them: edited as edited, without the skipped."""
    notes = found.published.notes
    mine = notes[(notes["question"] == found.question.key) & (notes["round"] == found.round.number)]
    changed = mine[mine["what"] == "edited"]
    edited = {str(name): str(text) for name, text in zip(changed["finding"], changed["text"], strict=True)}
    skipped = set(mine.loc[mine["what"] == "skipped", "finding"])
    kept = []
    for one in findings(found.published, found.question.key, found.round.number, found.language)[:_PROMPTS]:
        if skipped & {one.name, one.key}:
            continue
        text = edited.get(one.name) or edited.get(one.key)
        kept.append(Finding(one.key, one.items, text, "", "", one.weight) if text else one)
    return kept


def _notes(found: Reading, what: str) -> list[str]:
    notes = found.published.notes
    mine = (notes["question"] == found.question.key) & (notes["round"] == found.round.number)
    return [str(text) for text in notes[mine & (notes["what"] == what)].sort_values("order")["text"]]


def _in_short(found: Reading, place: int) -> list[tuple[int, str, str]]:
    """Return the summary's line: the question's number and title, and what its chart says in one sentence."""
    said = figures.KINDS[found.question.kind].in_short(found)
    return [(place, found.question.title, said)]


def _facts(published: Published, t: Words) -> list[tuple[str, str]]:
    """Return the four numbers at the top with their words."""
    rounds = [one for question in published.meeting.questions for one in question.rounds]
    issued = max((one.issued for one in rounds), default=0)
    used = max((one.used for one in rounds), default=0)
    asked = len(published.meeting.questions)
    groups = sum(group.votes for group in published.meeting.groups)
    return [
        (str(issued), t("cards_issued_groups", n=groups) if groups else t("cards_issued")),
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


def _tables(found: Reading) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield the table in pieces that fit on paper, groups apart; every piece has the first column."""
    headers, rows = figures.table(found.published, found.question.key, found.round.number, found.language)
    groups = {group.name for group in found.published.meeting.groups}
    apart = next((place for place, head in enumerate(headers) if head in groups), len(headers))
    apart = len(headers) if apart == 1 else apart  # the matrix is groups all through
    for first, last in ((1, apart), (apart, len(headers))):
        for start in range(first, last, _COLUMNS - 1):
            piece = slice(start, min(last, start + _COLUMNS - 1))
            yield [headers[0], *headers[piece]], [[row[0], *row[piece]] for row in rows]


def _date(iso: str, t: Words) -> str:
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2}).*", iso)
    if not found or not 1 <= int(found[2]) <= 12:
        return iso
    month = t("months").split(",")[int(found[2]) - 1]
    return t("date", day=str(int(found[3])), month=month, year=found[1])


def _last_head(published: Published) -> str:
    heads = [one.head for question in published.meeting.questions for one in question.rounds if one.head]
    return heads[-1] if heads else ""


def _spaced(head: str) -> str:
    return " ".join(head[place : place + 4] for place in range(0, len(head), 4)).upper()


def _json(value: Any) -> Markup:
    """Return JSON that can stand inside a script element: no sign in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
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
def _template() -> Any:
    loader = FileSystemLoader(_HERE)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("report.html")

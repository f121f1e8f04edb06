"""The same questions over time: two or more meetings side by side, level by level.

Codes are never the same in two meetings, so nothing can be paired and nothing is tested: the figures say how
high answers lay each time, never that anybody changed. Who came, and how many, stands beside every figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis import figures
from analysis.appendix import columns
from analysis.chapter import Chart
from analysis.disclosure.published import Published
from analysis.language import Words, date, number, words
from analysis.measures.difference import cliff_of_counts
from analysis.reading import Reading, reading
from analysis.responses import Question

Table = tuple[str, list[str], list[list[str]]]  # caption, headers, rows
# Settings that must be the same for answers to be comparable, and the sentence that says they are not.
SAME = {"min": "compare_scale", "max": "compare_scale", "dots": "compare_dots", "cap": "compare_dots"}


class CompareError(ValueError):
    """Meetings that cannot be set side by side: one sentence."""


@dataclass(frozen=True)
class Over:
    """One question over time: its readings by meeting (None where it was not asked), what is said, tables."""

    title: str
    readings: tuple[Reading | None, ...]
    said: list[str]
    tables: list[Table]

    def charts(self, place: int) -> Iterator[tuple[int, Chart]]:
        """Yield for every meeting that asked its number and its chart."""
        for at, found in enumerate(self.readings, 1):
            if found is None:
                continue
            where = (found.published, found.question.key, found.round.number)
            drawn = figures.figure(*where, theme="report", language=found.language, part=0)
            alt = figures.alt_text(*where, found.language)
            yield at, Chart(f"chart-{place}-{at}", drawn, alt)


@dataclass(frozen=True)
class Comparison:
    """Meetings in the order given: `labels` name them, `turnover` says who was there, `said` what to mind."""

    language: str
    labels: tuple[str, ...]
    turnover: Table
    said: list[str]
    questions: list[Over]


def compare(meetings: Sequence[Published], language: str | None = None) -> Comparison:
    """Set two or more meetings side by side; raises CompareError for fewer, or with nothing in common."""
    if len(meetings) < 2:
        raise CompareError("Expected two meetings or more to compare.")
    t = words(language or meetings[-1].meeting.language)
    labels = _labels(meetings, t)
    matched = list(_matched(meetings))
    common = [found for found in matched if sum(one is not None for one in found) > 1]
    if not common:
        raise CompareError("The meetings have no question in common: neither a key nor a kind and title.")
    questions = [_over(meetings, found, labels, t) for found in common]
    return Comparison(
        t.language, labels, _turnover(meetings, labels, t), _said(meetings, matched, labels, t), questions
    )


def _labels(meetings: Sequence[Published], t: Words) -> tuple[str, ...]:
    """Return the meetings' dates, or their titles, or numbers: whichever tells them apart."""
    for names in (
        [date(one.meeting.date, t) for one in meetings],
        [one.meeting.title for one in meetings],
    ):
        if all(names) and len(set(names)) == len(names):
            return tuple(names)
    return tuple(f"{at}. {one.meeting.title}" for at, one in enumerate(meetings, 1))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _matched(meetings: Sequence[Published]) -> Iterator[list[Question | None]]:
    """Yield the questions of all meetings that belong together: by key and kind, else by kind and title."""
    left = [list(one.meeting.questions) for one in meetings]
    for at, questions in enumerate(left):
        while questions:
            first = questions.pop(0)
            found: list[Question | None] = [None] * at + [first]
            for others in left[at + 1 :]:
                same = [one for one in others if one.kind == first.kind]
                by_key = [one for one in same if one.key == first.key]
                by_title = [one for one in same if _plain(one.title) == _plain(first.title)]
                twin = next(iter(by_key + by_title), None)
                if twin is not None:
                    others.remove(twin)
                found.append(twin)
            yield found


def _turnover(meetings: Sequence[Published], labels: Sequence[str], t: Words) -> Table:
    """Return how many cards were given and used each time, by group and in all: the most of any round."""
    names = {group.key: group.name for one in meetings for group in one.meeting.groups if group.votes}
    rows = []
    for key, name in names.items():
        rows.append([name, *(_books(one, key, t) for one in meetings)])
    rows.append([t("everybody"), *(_books(one, "", t) for one in meetings)])
    return t("compare_turnover"), [t("group"), *labels], rows


def _books(published: Published, group: str, t: Words) -> str:
    rounds = [one for question in published.meeting.questions for one in question.rounds]
    books = [
        one.by_group.get(group, {}) if group else {"issued": one.issued, "used": one.used} for one in rounds
    ]
    issued, used = (max((one.get(name, 0) for one in books), default=0) for name in ("issued", "used"))
    return t("compare_of", used=used, issued=issued) if issued else t("not_shown")


def _said(
    meetings: Sequence[Published], matched: list[list[Question | None]], labels: Sequence[str], t: Words
) -> list[str]:
    said = [t("compare_people"), t("compare_untested")]
    groups: list[set[str]] = [{group.name for group in one.meeting.groups if group.votes} for one in meetings]
    for name in sorted(set[str]().union(*groups) - groups[0].intersection(*groups)):
        there = [label for label, mine in zip(labels, groups, strict=True) if name in mine]
        said.append(t("compare_only_group", group=name, where=", ".join(there)))
    for found in matched:
        there = [label for label, one in zip(labels, found, strict=True) if one is not None]
        if len(there) == 1:
            title = next(one.title for one in found if one is not None)
            said.append(t("compare_only_question", title=title, where=there[0]))
    return said


def _over(
    meetings: Sequence[Published], found: list[Question | None], labels: Sequence[str], t: Words
) -> Over:
    """Return one question's figures each time, and what stands in the way of comparing them."""
    readings = tuple(
        None if one is None or published.of(one.key).empty else reading(published, one.key, None, t.language)
        for published, one in zip(meetings, found, strict=True)
    )
    asked = [(label, one) for label, one in zip(labels, readings, strict=True) if one is not None]
    title = next(one.title for one in reversed(found) if one is not None)
    said = [
        t("compare_answered", where=label, used=one.round.used, issued=one.round.entitled)
        for label, one in asked
    ]
    said += [t("compare_several", where=label, n=len(one.question.rounds), number=one.round.number)
             for label, one in asked if len(one.question.rounds) > 1]  # fmt: skip
    wordings = {label: one.question.title for label, one in asked}
    if len(set(map(_plain, wordings.values()))) > 1:
        said.append(
            t("compare_worded", given="; ".join(f"{at}: «{words_}»" for at, words_ in wordings.items()))
        )
    stop = _apart(asked, t)
    if stop or len(asked) < 2:
        return Over(title, readings, [*said, *(stop or [t("compare_nothing_shown")])], [])
    table, only = _table(asked, t)
    tables = [*_pieces(table), *_steps(asked, t)] if table[1] else []
    return Over(title, readings, [*said, *only], tables)


def _apart(asked: Sequence[tuple[str, Reading]], t: Words) -> list[str]:
    """Return why a question's figures cannot be set side by side, or nothing."""
    for name, sentence in SAME.items():
        given = {label: one.question.settings.get(name) for label, one in asked}
        if len(set(given.values())) > 1:
            shown = "; ".join(
                f"{label}: {t(f'compare_{name}_given', value=str(value))}" for label, value in given.items()
            )
            return [t(sentence, given=shown)]
    return []


def _table(
    asked: Sequence[tuple[str, Reading]], t: Words
) -> tuple[tuple[list[str], list[list[str]]], list[str]]:
    """Return the tables behind the charts as one, a line per item and meeting, and what is in one alone."""
    tables = []
    for _, one in asked:
        headers, rows = figures.table(one.published, one.question.key, one.round.number, t.language)
        moved = figures.change_heads(one)
        tables.append(
            (headers, {_plain(row[0]): dict(zip(headers, row, strict=True)) for row in rows}, moved)
        )
    first = tables[0][0]
    heads = [
        head
        for head in first[1:]
        if all(head in headers and head not in moved for headers, _, moved in tables)
    ]
    names = {name: row[headers[0]] for headers, rows, _ in tables for name, row in rows.items()}
    lines, only = [], []
    for name, written in names.items():
        there = [
            (label, rows[name])
            for (label, _), (_, rows, _) in zip(asked, tables, strict=True)
            if name in rows
        ]
        if len(there) < 2:
            only.append(t("compare_only_item", item=written, where=there[0][0]))
            continue
        for at, (label, row) in enumerate(there):
            lines.append([written if not at else "", label, *(row[head] for head in heads)])
    shown = [at for at, _ in enumerate(heads) if _told([line[at + 2] for line in lines], t)]
    lines = [[*line[:2], *(line[at + 2] for at in shown)] for line in lines]
    return ([first[0], t("compare_meeting"), *(heads[at] for at in shown)], lines), only


def _pieces(table: tuple[list[str], list[list[str]]]) -> Iterator[Table]:
    """Yield a table in pieces that fit on paper; every piece has the first two columns."""
    headers, rows = table
    start = 2
    for part in columns(headers[2:]):
        end = start + len(part)
        yield "", [*headers[:2], *part], [[*row[:2], *row[start:end]] for row in rows]
        start = end


def _told(cells: list[str], t: Words) -> bool:
    """Say whether at least half of a column may be shown."""
    return cells.count(t("not_shown")) * 2 <= len(cells)


def _steps(asked: Sequence[tuple[str, Reading]], t: Words) -> Iterator[Table]:
    """Yield answers per step each time, and from one meeting to the next Cliff's delta of those counts."""
    texts: dict[str, list[tuple[str, Mapping[str, float]]]] = {}
    for label, one in asked:
        for item in one.question.items:
            counts = one.levels("count", item.key)
            if counts and all(level.lstrip("-").isdigit() for level in counts):
                texts.setdefault(item.text, []).append((label, counts))
    told = {text: found for text, found in texts.items() if len(found) > 1}
    if not told:
        return
    steps = sorted({int(level) for found in told.values() for _, counts in found for level in counts})
    lines, deltas = [], []
    for text, found in told.items():
        rows = [[counts.get(str(step), 0) for step in steps] for _, counts in found]
        for at, ((label, _), row) in enumerate(zip(found, rows, strict=True)):
            lines.append(["" if at else text, label, *(f"{count:g}" for count in row)])
        for (earlier, later), (before, after) in zip(
            zip(found, found[1:], strict=False), zip(rows, rows[1:], strict=False), strict=False
        ):
            delta = cliff_of_counts(after, before)
            span = t("compare_from_to", first=earlier[0], then=later[0])
            deltas.append([text, span, t("not_shown") if delta is None else number(delta, t.language)])
    yield t("head_count"), [t("statement"), t("compare_meeting"), *map(str, steps)], lines
    yield t("compare_cliff"), [t("statement"), t("compare_meeting"), t("head_cliff_delta")], deltas


def in_text(meetings: Sequence[Published], language: str | None = None) -> str:
    """Return the comparison as plain text; raises CompareError."""
    found = compare(meetings, language)
    t = words(found.language)
    lines = [t("compare_title"), *found.said, "", *_columns(found.turnover)]
    for place, one in enumerate(found.questions, 1):
        lines += ["", f"{place}. {one.title}", *one.said]
        for table in one.tables:
            lines += ["", *_columns(table)]
    return "\n".join(lines)


def _columns(table: Table) -> list[str]:
    """Return a table as lines, its columns padded; the first one stands left."""
    caption, headers, rows = table
    cells = [[cell.replace("\n", " ") for cell in row] for row in (headers, *rows)]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.rjust(size) if at > 1 else cell.ljust(size) for at, (cell, size) in
                  enumerate(zip(row, wide, strict=True))).rstrip() for row in cells
    ]  # fmt: skip
    return [caption, *lines] if caption else lines

"""Kind sort: a bar of equal length for each item, buckets at its ends, the unsure grey in the middle."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from analysis.figures import rows
from analysis.figures.canvas import Canvas, only_words
from analysis.figures.lettering import fit, width
from analysis.figures.theme import Theme, reads_on
from analysis.reading import Reading

UNSURE = "unsure"
SHADES = {1: (1.0,), 2: (0.9, 0.0), 3: (0.95, 0.65, 0.0), 4: (1.0, 0.75, 0.42, 0.0)}  # of the ramp
SIDE = 0.17  # of the width: what stands at the right of a bar


@dataclass(frozen=True)
class Segment:
    """A part of a bar: its key and words, its fill, and whether it is hatched."""

    key: str
    words: str
    fill: str
    hatched: bool = False


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stages: the bars, then in how many groups the first bucket has more than half."""
    spread = reading.form == "full" and any(_majority(reading, item) for item in ordered(reading))
    return ("whole", "spread") if spread else ("whole",)


def changes(reading: Reading) -> tuple[str, ...]:
    """Return no stage: rounds of sorting are not compared."""
    return ()


def extras(reading: Reading) -> tuple[str, ...]:
    """Return no stage for the report alone."""
    return ()


def parts(reading: Reading) -> int:
    """Return how many sheets the items take on paper."""
    return rows.sheets([item.key for item in reading.question.items])


def buckets(reading: Reading) -> list[tuple[str, str]]:
    """Return keys and words of the buckets in the question's order."""
    return [(key, str(words)) for key, words in reading.question.levels.items()]


def ordered(reading: Reading) -> list[str]:
    """Return the items, most answers in the first bucket first, those without a count last."""
    first = next((key for key, _ in buckets(reading)), "")
    counts = {item.key: reading.value("count", item.key, level=first) for item in reading.question.items}
    return sorted(counts, key=lambda key: -(counts[key] if counts[key] is not None else -1.0))  # type: ignore[operator]


def draw(
    reading: Reading, theme: Theme, stage: str, highlight: tuple[str, ...] = (), part: int | None = None
) -> go.Figure:
    """Return the bars, or why there are none; on a screen the first eight items."""
    if reading.form == "turnout":
        return only_words(nothing_shown(reading), theme)
    shown = ("whole",) if stage == "whole" and len(stages(reading)) > 1 else ("whole", "spread")
    items = ordered(reading)
    kept = rows.kept(items, theme, part)
    top, left_out = theme.small * 2, 0 if theme.complete else len(items) - len(kept)
    foot = theme.small * (1.8 if left_out else 0.6)
    laid, height = rows.laid(reading, theme, kept, top, foot, theme.plot - theme.left - theme.small * 0.6)
    right = theme.edge - (theme.edge - theme.left) * SIDE
    canvas = Canvas(theme, height, shown, (0, 1), (theme.plot, right))
    segments = _segments(reading, theme)
    if reading.form == "full":
        rows.key(canvas, [(one.words, one.fill, one.hatched) for one in segments], theme.small * 0.7)
    for row in laid:
        rows.named(canvas, row, row.item in highlight)
        words = _instead(reading, row.item)
        if words:
            rows.instead(canvas, row, canvas.left, words)
            continue
        _bar(canvas, reading, row, segments)
        _side(canvas, reading, row)
    words = reading.t("figure_items_left_out", n=left_out) if left_out else ""
    rows.footed(canvas, words, laid[-1].bottom + theme.small * 0.3)
    return canvas.done(alt_text(reading))


def _segments(reading: Reading, theme: Theme) -> list[Segment]:
    """Return the parts of a bar from the left, the unsure in the middle."""
    found = buckets(reading)
    shades = SHADES.get(len(found), SHADES[4])
    made = [
        Segment(key, words, theme.ramp(shade)) for (key, words), shade in zip(found, shades, strict=False)
    ]
    middle = (len(made) + 1) // 2
    unsure = Segment(UNSURE, reading.t("figure_unsure"), theme.mark, True)
    return [*made[:middle], unsure, *made[middle:]]


def _count(reading: Reading, item: str, key: str) -> float | None:
    is_bucket = key in reading.question.levels
    return reading.value("count", item, level=key) if is_bucket else reading.value(UNSURE, item)


def _bar(canvas: Canvas, reading: Reading, row: rows.Row, segments: list[Segment]) -> None:
    """Draw a bar with its counts; a count too wide for its part stands nowhere but in table and sentence."""
    theme = canvas.theme
    counts = [_count(reading, row.item, one.key) or 0.0 for one in segments]
    n, x = sum(counts) or 1.0, canvas.left
    air = min(theme.label * 0.4, (row.bottom - row.top) * 0.14)
    size = min(theme.label, (row.bottom - row.top) * 0.5)
    for one, count in zip(segments, counts, strict=True):
        if not count:
            continue
        end = x + (canvas.right - canvas.left) * count / n
        box = (x, row.top + air, end, row.bottom - air)
        canvas.rect(box, one.fill, theme.ink, theme.thin * 0.6)
        words = reading.number(count)
        if one.hatched:
            canvas.hatch(box, theme.second, max(1.0, theme.thin * 0.4))
            half = width(words, size) / 2 + size * 0.15
            middle = (x + end) / 2
            if end - x > half * 2:
                canvas.rect(
                    (middle - half, row.middle - size * 0.6, middle + half, row.middle + size * 0.6), one.fill
                )
        if width(words, size) <= end - x:
            colour = theme.ink if one.hatched else reads_on(one.fill)
            canvas.text((x + end) / 2, row.middle, words, size, bold=True, colour=colour, anchor="center")
        x = end


def _side(canvas: Canvas, reading: Reading, row: rows.Row) -> None:
    """Write beside a bar in how many groups the first bucket has more than half of the answers."""
    words = _majority(reading, row.item)
    theme = canvas.theme
    x = canvas.right + theme.small * 0.6
    lines, size = fit(words, theme.edge - x, row.bottom - row.top, (theme.small,))
    canvas.text(x, row.middle, lines, size, layer="spread")


def _majority(reading: Reading, item: str) -> str:
    first, words = next(iter(buckets(reading)), ("", ""))
    groups, of = reading.value("majority_groups", item, level=first), reading.value("groups_counted")
    if groups is None or not of:
        return ""
    return reading.t("figure_sort_groups", n=round(groups), of=round(of), bucket=words)


def _instead(reading: Reading, item: str) -> str:
    """Return what is said where a bar would have stood, or nothing."""
    for row in reading.each("nearly_all"):
        if row["item"] == item:
            return _nearly(reading, str(row["level"]), str(row["text"]))
    if reading.form == "small":
        return _first(reading, item)
    if sum(_count(reading, item, key) or 0 for key in (*reading.question.levels, UNSURE)):
        return ""
    return reading.why_hidden(item) or reading.t("no_answers")


def _nearly(reading: Reading, level: str, text: str) -> str:
    if text in ("unsure", "skipped"):
        return reading.t("nearly_all_unsure" if text == "unsure" else "nearly_all_skipped")
    return reading.t("figure_sort_nearly_all", bucket=_named(reading, level))


def _named(reading: Reading, level: str) -> str:
    return str(reading.question.levels.get(level, level))


def _first(reading: Reading, item: str) -> str:
    """Return which bucket came first in a small plenary, ties as ties."""
    # Every bucket has a row: 1 where it came first, 0 where not, nothing where it is withheld.
    found = [row for row in reading.each("first") if row["item"] == item and row["value"] == 1]
    names = [
        reading.t("figure_unsure") if row["text"] == UNSURE else _named(reading, str(row["level"]))
        for row in found
    ]
    if not names:
        return reading.why_hidden(item) or reading.t("no_answers")
    return reading.t("figure_sort_first", bucket=", ".join(names))


def nothing_shown(reading: Reading) -> str:
    """Return why there are no bars to see."""
    return reading.t("only_turnout", k=reading.k) if reading.round.used else reading.t("no_answers")


def caption(reading: Reading) -> str:
    """Return how the bars are read, in a sentence."""
    return reading.t("figure_sort_caption") if reading.form == "full" else ""


def alt_text(reading: Reading) -> str:
    """Return the bars in sentences, with every number that stands in them."""
    if reading.form == "turnout":
        return nothing_shown(reading)
    parts = [f"{reading.question.title}."]
    for item in ordered(reading):
        said = _instead(reading, item)
        if not said:
            named = [*buckets(reading), (UNSURE, reading.t("figure_unsure"))]
            counts = ((words, _count(reading, item, key)) for key, words in named)
            said = ", ".join(
                f"{words} {reading.number(count)}" for words, count in counts if count is not None
            )
            said = "; ".join(filter(None, (said, _majority(reading, item))))
        parts.append(f"{reading.item(item).text}: {said.rstrip('.')}.")
    return " ".join(parts)


def in_short(reading: Reading) -> str:
    """Return the bars in one sentence: what most put in the first bucket, and what fewest did."""
    shown = [item for item in ordered(reading) if reading.form == "full" and not _instead(reading, item)]
    if not shown:
        items = ordered(reading)
        return (
            nothing_shown(reading) if reading.form == "turnout" or not items else _instead(reading, items[0])
        )
    first, words = next(iter(buckets(reading)), ("", ""))
    said = []
    for item in dict.fromkeys((shown[0], shown[-1])):
        count = round(_count(reading, item, first) or 0)
        said.append(reading.t("figure_sort_short", item=reading.item(item).text, n=count, bucket=words))
    return " ".join(said)


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows: every bucket, the unsure, the skipped, and groups with a majority."""
    t, named = reading.t, buckets(reading)
    heads = [t("figure_item"), *(words for _, words in named), t("figure_unsure"), t("head_skipped")]
    first = next(iter(named), ("", ""))
    groups = any(_majority(reading, item) for item in ordered(reading))
    heads += [t("figure_sort_groups_head", bucket=first[1])] if groups else []
    found = []
    for item in ordered(reading):
        said = _instead(reading, item)
        row = [reading.item(item).text]
        row += [_cell(reading, _count(reading, item, key)) for key in (*reading.question.levels, UNSURE)]
        row.append(_cell(reading, reading.value("skipped", item)))
        if said:
            row[1] = said
        if groups:
            row.append(_of_groups(reading, item, first[0]))
        found.append(row)
    return heads, found


def _of_groups(reading: Reading, item: str, bucket: str) -> str:
    value, of = reading.value("majority_groups", item, level=bucket), reading.count("groups_counted")
    return reading.t("not_shown") if value is None else reading.t("figure_of", n=round(value), of=of)


def _cell(reading: Reading, value: float | None) -> str:
    return reading.t("not_shown") if value is None else reading.number(value)

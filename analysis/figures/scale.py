"""Kind scale: a strip of stacked dots per statement, with median and middle half; groups one at a time."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.figures import change, identity, rows, scale_groups, stacked
from analysis.figures.canvas import Canvas, only_words
from analysis.figures.lettering import LEADING, alike, clean, fit, shorten, width, wrap
from analysis.figures.stacks import stands_for
from analysis.figures.strips import Strip, dots, ends, is_step, packing_of
from analysis.figures.theme import Theme
from analysis.language import headed, sentence
from analysis.reading import Reading

STATEMENTS = 8  # on one screen
ON_PAPER = 5  # on one sheet: two sheets go on a page
LINES = 4  # of a statement on paper; the table has it in full


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stages: the whole, the spread, each statement's change, each with its group medians."""
    if reading.form == "turnout":
        return ("whole",)
    # A small plenary has no dots: its medians are all there is to see.
    return (
        *(("whole",) if reading.form == "full" else ()),
        "spread",
        *changes(reading),
        *(f"groups:{item}" for item in by_median(reading) if _has_groups(reading, item)),
    )


def changes(reading: Reading) -> tuple[str, ...]:
    """Return the stages that show the change from an earlier round, one statement each."""
    return tuple(f"{change.STAGE}{item}" for item in by_median(reading) if change.has_change(reading, item))


def extras(reading: Reading) -> tuple[str, ...]:
    """Return the stages for the report alone: bars of many statements, a sheet at a time."""
    return stacked.stages(reading, by_median(reading))


def parts(reading: Reading) -> int:
    """Return how many sheets the statements take on paper."""
    return rows.pieces(len(reading.question.items), ON_PAPER)


def draw(
    reading: Reading, theme: Theme, stage: str, highlight: tuple[str, ...] = (), part: int | None = None
) -> go.Figure:
    """Return the strips, or for a stage about one item that statement with its groups or its change."""
    if stage.startswith("groups:"):
        return scale_groups.draw(reading, theme, stage.partition(":")[2])
    if stage.startswith(change.STAGE):
        return change.draw(reading, theme, stage.partition(":")[2])
    if stage.startswith(stacked.STAGE):
        return stacked.draw(reading, theme, stage, by_median(reading))
    if reading.form == "turnout":
        return only_words(_instead_of_all(reading), theme)
    shown = ("whole",) if stage == "whole" else ("whole", "spread")
    items = ranked = by_median(reading)
    if part is not None:
        items = rows.sheet(items, part, ON_PAPER)
    left_out = 0 if theme.complete else max(0, len(items) - STATEMENTS)
    strips, height = _strips(reading, theme, items[: len(items) - left_out], left_out)
    low, high = ends(reading)
    canvas = Canvas(theme, height, shown, (low - 0.5, high + 0.5))
    packed = ranked if theme.complete else [strip.item for strip in strips]
    packing = packing_of(reading, theme, packed, canvas, strips[0])
    identity.legend(canvas, reading)
    for order, strip in enumerate(strips):
        _strip(canvas, reading, strip, strip.item in highlight)
        dots(canvas, reading, strip.item, strip.base - theme.thin, packing, order)
    _figures(canvas, reading, strips)
    _axis(canvas, reading, strips[-1].base, packing.unit, left_out)
    return canvas.done(alt_text(reading))


def by_median(reading: Reading) -> list[str]:
    """Return the statements' keys, highest median first, those without one last, else in ballot order."""
    medians = {item.key: reading.value("median", item.key) for item in reading.question.items}
    return sorted(medians, key=lambda key: -(medians[key] if medians[key] is not None else -1e9))  # type: ignore[operator]


def _strips(reading: Reading, theme: Theme, items: list[str], left_out: int) -> tuple[list[Strip], float]:
    """Return where each statement stands, and the height of the chart."""
    room = theme.plot - theme.left - theme.small * 0.6
    sizes = (theme.label,) if theme.complete else (theme.label, 32, theme.small)
    foot = theme.axis * 2.5 + (
        theme.small * 1.3 if left_out or reading.form != "full" or stands_for(reading.n) > 1 else 0
    )
    y = identity.legend_height(reading, theme)
    even = (theme.height - foot - y) / max(1, len(items)) if theme.height else 0
    words = [reading.item(item).text for item in items]
    row = min(theme.row * 1.7, even) if theme.height else theme.row
    texts, size = (
        alike(words, room, row - 6, sizes)
        if theme.height
        else ([wrap(one, room, theme.label, LINES) for one in words], theme.label)
    )
    strips: list[Strip] = []
    for item, lines in zip(items, texts, strict=True):
        row = row if theme.height else max(theme.row, len(lines) * size * LEADING + 8)
        strips.append(Strip(item, y + theme.thin * 2, y + row, lines, size))
        y += row
    return strips, theme.height or y + foot


def _strip(canvas: Canvas, reading: Reading, strip: Strip, talked: bool) -> None:
    theme = canvas.theme
    if talked:
        canvas.rect((0, strip.top - theme.thin, theme.width, strip.base), theme.talk, layer="spread")
    low, high = reading.value("q25", strip.item), reading.value("q75", strip.item)
    if low is not None and high is not None:
        wash = theme.talk_wash if talked else theme.wash
        canvas.rect((canvas.at(low), strip.top, canvas.at(high), strip.base), wash, layer="spread")
    median = reading.value("median", strip.item)
    if median is not None:
        x = canvas.at(median)
        canvas.line((x, strip.top, x, strip.base), theme.median, theme.thick, layer="spread")
    canvas.line((canvas.left, strip.base, canvas.right, strip.base), theme.ink, theme.thin)
    canvas.text(theme.left, strip.middle, strip.lines, strip.size, bold=True)
    words = _instead(reading, strip.item)
    if words:
        lines, size = fit(
            words, canvas.right - canvas.left, strip.base - strip.top, (theme.label, theme.small)
        )
        canvas.text(canvas.left, strip.middle, lines, size, colour=theme.second)


def _instead(reading: Reading, item: str) -> str:
    """Return what is said where dots would have stood, or nothing."""
    levels = [str(row["level"]) for row in reading.each("nearly_all") if row["item"] == item]
    if levels and not is_step(levels[0]):
        return reading.t("nearly_all_unsure" if levels[0] == "dont_know" else "nearly_all_skipped")
    if levels or sum(reading.levels("count", item).values()):
        return ""
    if reading.form != "full":
        return ""
    return reading.why_hidden(item) or reading.t("no_answers")


def _instead_of_all(reading: Reading) -> str:
    """Return what is said once about the whole question, or nothing."""
    if reading.form == "small":
        return reading.t("only_median")
    if reading.form == "turnout" and reading.round.used:
        return reading.t("only_turnout", k=reading.k)
    return reading.t("no_answers") if reading.form == "turnout" else ""


def _figures(canvas: Canvas, reading: Reading, strips: list[Strip]) -> None:
    """Write the medians at the right and the don't-knows below them, all in one size.

    Where rows are too low for that, the don't-knows stand beside the median.
    """
    theme, small = canvas.theme, canvas.theme.small
    unsure = {strip.item: _unsure(reading, strip.item, theme.edge - theme.number, small) for strip in strips}
    low = min((strip.base - strip.top for strip in strips), default=0)
    under = max((len(lines) for lines in unsure.values()), default=0) * small * 1.25
    named = theme.figure * 1.1 + small * 1.25 + under <= low
    stacked = named or theme.figure * 1.1 + under <= low
    size = theme.figure if stacked else theme.label * 1.1
    for strip in strips:
        median = reading.value("median", strip.item)
        number = "" if median is None else reading.number(median)
        lines = ([reading.t("median")] if named and number else []) + unsure[strip.item]
        x, y = theme.number, strip.middle
        if stacked:
            y -= (len(lines) * small * 1.25 + (size * 1.1 if number else 0)) / 2
            canvas.text(x, y, number, size, bold=True, stand="top", layer="spread")
            canvas.text(x, y + (size * 1.1 if number else 0), lines, small, stand="top", layer="spread")
            continue
        canvas.text(x, y, number, size, bold=True, layer="spread")
        x += width("10", size) + small * 0.3 if number else 0
        lines = _unsure(reading, strip.item, theme.edge - x, small)
        canvas.text(x, y, lines, small, layer="spread")


def _unsure(reading: Reading, item: str, room: float, size: float) -> list[str]:
    count = reading.count("dont_know", item)
    return wrap(reading.t("unsure_count", n=count), room, size, 2) if count else []


def _axis(canvas: Canvas, reading: Reading, base: float, unit: int, left_out: int) -> None:
    theme = canvas.theme
    low, high = ends(reading)
    every = max(1, round((high - low) / 12))
    y = base + theme.axis * 0.85
    for step in range(low, high + 1, every):
        canvas.text(canvas.at(step), y, str(step), theme.axis, bold=True, anchor="center")
    room = theme.plot - theme.left - theme.small
    lines = [shorten(clean(words), room, theme.small) for words in end_words(reading)]
    if width(joined := ", ".join(lines), theme.small) <= room:
        lines = [joined]
    canvas.text(theme.left, base + theme.small * 0.3, lines, theme.small, colour=theme.second, stand="top")
    parts = [_instead_of_all(reading)] if reading.form == "small" else []
    parts += [reading.t("dot_stands_for", n=unit) + "."] if unit > 1 else []
    parts += [reading.t("statements_left_out", n=left_out)] if left_out else []
    words = shorten(" ".join(parts), theme.edge - canvas.left, theme.small)
    canvas.text(canvas.left, base + theme.axis * 2.3, words, theme.small, colour=theme.second)


def end_words(reading: Reading) -> list[str]:
    """Return what each end of the scale means; nothing for an end without words."""
    low, high = ends(reading)
    settings = reading.question.settings
    return [f"{end} {settings[name]}" for end, name in ((low, "low"), (high, "high")) if settings.get(name)]


def _has_groups(reading: Reading, item: str) -> bool:
    if len(reading.voting) < 2:  # the one group is everybody
        return False
    return any(reading.value("median", item, group.key) is not None for group in reading.voting)


def caption(reading: Reading) -> str:
    """Return what a mark is, in a sentence; nothing where no answer is drawn."""
    if not any(row["value"] > 0 for row in reading.each("count") if not row["hidden"]):
        return ""
    unit = stands_for(reading.n)
    return reading.t("dot_stands_for", n=unit) + "." if unit > 1 else reading.t("dot_is_answer")


def alt_text(reading: Reading) -> str:
    """Return the chart in sentences: what is drawn, then each statement's figures."""
    t = reading.t
    low, high = ends(reading)
    parts = [headed(reading.question.title, t("alt_scale", low=str(low), high=str(high))), caption(reading)]
    for key in by_median(reading):
        median = reading.value("median", key)
        low_quartile, high_quartile = reading.value("q25", key), reading.value("q75", key)
        name = reading.item(key).text
        if median is not None and low_quartile is not None and high_quartile is not None:
            said = t("alt_scale_item", median=median, low=low_quartile, high=high_quartile)
        elif median is not None:
            said = t("alt_scale_median", median=median)
        else:
            level = _level(reading, key)
            said = _instead(reading, key) or (t("nearly_all_on", level=level) if level else t("hidden"))
        parts.append(headed(name, sentence(said)))
        if change.has_change(reading, key):
            parts.append(change.in_short(reading, key))
    return " ".join(filter(None, parts))


def _level(reading: Reading, item: str) -> str:
    return next((str(row["level"]) for row in reading.each("nearly_all") if row["item"] == item), "")


def in_short(reading: Reading) -> str:
    """Return the chart in one sentence: the highest and the lowest median."""
    shown = [key for key in by_median(reading) if reading.value("median", key) is not None]
    if not shown:
        return _instead_of_all(reading) or reading.t("hidden")
    ends_ = dict.fromkeys((shown[0], shown[-1]))
    parts = [
        reading.t("summary_scale", item=reading.item(key).text, median=reading.value("median", key))
        for key in ends_
    ]
    return " ".join(parts)


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows of the table behind the chart; a group with a median has a column."""
    t = reading.t
    groups = [
        g
        for g in reading.voting
        if any(reading.value("median", i.key, g.key) is not None for i in reading.question.items)
    ]
    measures = ("dont_know", "skipped", "q25", "median", "q75", "gmd")
    heads = [
        t("statement"),
        t("answers"),
        *(t(f"head_{name}") for name in measures),
        *change.heads(reading),
        *(g.name for g in groups),
    ]
    rows = []
    for key in by_median(reading):
        answers = sum(reading.levels("count", key).values())
        row = [reading.item(key).text, reading.number(answers) if answers else t("not_shown")]
        row += [_cell(reading, name, key) for name in measures]
        row += change.cells(reading, key)
        rows.append(row + [_cell(reading, "median", key, group.key) for group in groups])
    return heads, rows


def _cell(reading: Reading, measure: str, item: str, group: str = "") -> str:
    value = reading.value(measure, item, group)
    return reading.t("not_shown") if value is None else reading.number(value)

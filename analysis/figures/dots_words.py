"""A dot vote in words: caption, sentences and table of what the bars show."""

from __future__ import annotations

from analysis import ranking
from analysis.figures import change, change_dots
from analysis.language import headed, sentence
from analysis.ranking import places
from analysis.reading import Reading

MEASURES = (
    "dots",
    "supporters",
    "dots_per_supporter",
    "breadth",
    "against",
    "swap_margin",
    "groups_reached",
)


def nothing_shown(reading: Reading) -> str:
    """Return why there are no bars to see."""
    if reading.form == "turnout" and reading.round.used:
        return reading.t("only_turnout", k=reading.k)
    whys = (reading.why_hidden(item.key) for item in reading.question.items) if reading.n else ()
    return next(filter(None, whys), "") or reading.t("no_answers")


def caption(reading: Reading) -> str:
    """Return how many dots each had, in a sentence."""
    settings = reading.question.settings
    budget, cap = int(settings.get("dots", 0)), int(settings.get("cap", 0))
    if not budget:
        return ""
    return reading.t("dots_caption" if cap and cap < budget else "dots_caption_free", n=budget, cap=cap)


def alt_text(reading: Reading) -> str:
    """Return the bars in sentences, in rank order."""
    ranked = places(reading)
    if not ranked:
        return nothing_shown(reading)
    parts = [headed(reading.question.title, reading.t("alt_dots"))]
    for place in ranked:
        name = f"{place.rank} {reading.item(place.item).text}"
        if place.dots is None:
            parts.append(headed(name, sentence(ranking.instead(reading, place))))
            continue
        dots = reading.t("dots_count", n=place.dots)
        parts.append(headed(name, f"{dots} {ranking.people(reading, place)}."))
        if change.has_change(reading, place.item):
            parts.append(change_dots.in_short(reading, place.item))
    return " ".join(parts)


def in_short(reading: Reading) -> str:
    """Return the bars in one sentence: the first three places and what is too close to call with them."""
    ranked = places(reading)
    if not ranked:
        return nothing_shown(reading)
    runs = {place.run for place in ranked[:3]}
    first = [place for place in ranked if place.run in runs][:8]
    named = (f"{place.rank} {reading.item(place.item).text}" for place in first)
    return reading.t("summary_dots", items="; ".join(named))


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows: rank, dots, people and measures per option; cells that may be shown."""
    t = reading.t
    shown = [m for m in MEASURES if any(not row["hidden"] for row in reading.each(m))]
    ranges = [t("head_rank_range")] if any(reading.each("rank_best")) else []
    keys = [item.key for item in reading.question.items]
    groups = [g for g in reading.voting if any(reading.value("dots", key, g.key) is not None for key in keys)]
    heads = [
        t("option"),
        t("rank"),
        *(t(f"head_{m}") for m in shown),
        *ranges,
        *change.heads(reading),
        *(g.name for g in groups),
    ]
    rows = []
    for place in places(reading):
        row = [reading.item(place.item).text, place.rank, *(_cell(reading, m, place.item) for m in shown)]
        if ranges:
            row.append(f"{place.best}–{place.worst}" if place.best else t("not_shown"))
        row += change.cells(reading, place.item)
        rows.append(row + [_cell(reading, "dots", place.item, group.key) for group in groups])
    return heads, rows


def _cell(reading: Reading, measure: str, item: str, group: str = "") -> str:
    value = reading.value(measure, item, group)
    return reading.t("not_shown") if value is None else reading.number(value)

"""Sorting in words: which bucket, how many, in how many groups; caption, sentences and table of the bars."""

from __future__ import annotations

from analysis.language import headed, sentence
from analysis.reading import Reading

UNSURE = "unsure"


def buckets(reading: Reading) -> list[tuple[str, str]]:
    """Return keys and words of the buckets in the question's order."""
    return [(key, str(words)) for key, words in reading.question.levels.items()]


def ordered(reading: Reading) -> list[str]:
    """Return the items, most answers in the first bucket first, those without a count last."""
    first = next((key for key, _ in buckets(reading)), "")
    counts = {item.key: reading.value("count", item.key, level=first) for item in reading.question.items}
    return sorted(counts, key=lambda key: -(counts[key] if counts[key] is not None else -1.0))  # type: ignore[operator]


def count_of(reading: Reading, item: str, key: str) -> float | None:
    """Return how many put an item in a bucket, or are unsure (`UNSURE`); None where it is not shown."""
    is_bucket = key in reading.question.levels
    return reading.value("count", item, level=key) if is_bucket else reading.value(UNSURE, item)


def majority(reading: Reading, item: str) -> str:
    """Return in how many groups the first bucket has more than half, in words; nothing where not shown."""
    first, words = next(iter(buckets(reading)), ("", ""))
    groups, of = reading.value("majority_groups", item, level=first), reading.value("groups_counted")
    if groups is None or not of:
        return ""
    return reading.t("figure_sort_groups", n=round(groups), of=round(of), bucket=words)


def instead(reading: Reading, item: str) -> str:
    """Return what is said where a bar would have stood, or nothing."""
    level = nearly_all(reading, item)
    if level:
        return _nearly_words(reading, level)
    if reading.form == "small":
        return _first(reading, item)
    if sum(count_of(reading, item, key) or 0 for key in (*reading.question.levels, UNSURE)):
        return ""
    return reading.why_hidden(item) or reading.t("no_answers")


def nearly_all(reading: Reading, item: str) -> str:
    """Return the bucket that nearly all chose, `.unsure` or `.skipped` where it is none; or nothing."""
    for row in reading.each("nearly_all"):
        if row["item"] == item:
            return f".{row['text']}" if row["text"] else str(row["level"])
    return ""


def _nearly_words(reading: Reading, level: str) -> str:
    if level.startswith("."):
        return reading.t("nearly_all_unsure" if level == f".{UNSURE}" else "nearly_all_skipped")
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
    key = "figure_sort_first" if len(names) == 1 else "figure_sort_tied"
    return reading.t(key, bucket=", ".join(names))


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
    parts = [sentence(reading.question.title)]
    for item in ordered(reading):
        said = instead(reading, item)
        if not said:
            named = [*buckets(reading), (UNSURE, reading.t("figure_unsure"))]
            counts = ((words, count_of(reading, item, key)) for key, words in named)
            said = ", ".join(
                f"{words} {reading.number(count)}" for words, count in counts if count is not None
            )
            said = "; ".join(filter(None, (said, majority(reading, item))))
        parts.append(_sentence(reading, item, said))
    return " ".join(parts)


def _sentence(reading: Reading, item: str, said: str) -> str:
    return headed(reading.item(item).text, sentence(said))


def in_short(reading: Reading) -> str:
    """Return the bars in short: what most put in the first bucket, and what fewest did.

    Where there is no bar at all, what is said of the first item and of the last.
    """
    items = ordered(reading)
    if reading.form == "turnout" or not items:
        return nothing_shown(reading)
    named = [item for item in items if not instead(reading, item)] or items
    return " ".join(_short(reading, item) for item in dict.fromkeys((named[0], named[-1])))


def _short(reading: Reading, item: str) -> str:
    said = instead(reading, item)
    if said:
        return _sentence(reading, item, said)
    first, words = next(iter(buckets(reading)), ("", ""))
    count = reading.count("count", item, level=first)
    return _sentence(reading, item, reading.t("figure_sort_short", n=count, bucket=words))


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows: every bucket, the unsure, the skipped, and groups with a majority."""
    t, named = reading.t, buckets(reading)
    heads = [t("figure_item"), *(words for _, words in named), t("figure_unsure"), t("head_skipped")]
    first = next(iter(named), ("", ""))
    groups = any(majority(reading, item) for item in ordered(reading))
    heads += [t("figure_sort_groups_head", bucket=first[1])] if groups else []
    found = []
    for item in ordered(reading):
        said = instead(reading, item)
        row = [reading.item(item).text]
        row += [_cell(reading, count_of(reading, item, key)) for key in (*reading.question.levels, UNSURE)]
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

"""The order of the options in a dot vote, with ties as ties and runs that are too close to call."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.reading import Reading


@dataclass(frozen=True)
class Place:
    """An option's place: `rank` as it is written (`2` or `2–4`), `dots` or None where no count is shown.

    `run` is the same for options too close to call; `best` and `worst` are places without one of the groups.
    """

    item: str
    rank: str
    dots: int | None
    run: int
    best: int | None = None
    worst: int | None = None


def places(reading: Reading) -> list[Place]:
    """Return the options in order of rank; in a small plenary only those with a published place.

    What nearly all support comes first and what may not be told last, both without a rank.
    """
    if not reading.n:
        return []
    ranks = {item.key: reading.value("rank", item.key) for item in reading.question.items}
    if all(rank is None for rank in ranks.values()):
        ranks = {item.key: reading.value("place", item.key) for item in reading.question.items}
    known = sorted(
        (round(rank), order, key) for order, (key, rank) in enumerate(ranks.items()) if rank is not None
    )
    counts = [reading.value("dots", key) for _, _, key in known]
    runs = _runs([rank for rank, _, _ in known], counts, reading.published.policy.close_swap)
    hidden = [key for key, rank in ranks.items() if rank is None and reading.form == "full"]
    without = {key: Place(key, "–", None, -order) for order, key in enumerate(hidden, start=1)}
    found = [place for key, place in without.items() if nearly_all(reading, key) == ""]
    for (rank, _, key), count, run in zip(known, counts, runs, strict=True):
        alike = [other for (other, _, _), its in zip(known, runs, strict=True) if its == run]
        first, last = min(alike), max(alike) + alike.count(max(alike)) - 1
        written = f"{first}–{last}" if last > first else str(rank)
        best, worst = reading.value("rank_best", key), reading.value("rank_worst", key)
        found.append(
            Place(
                key,
                written,
                None if count is None else round(count),
                run,
                None if best is None else round(best),
                None if worst is None else round(worst),
            )
        )
    return found + [place for place in without.values() if place not in found]


def _runs(ranks: list[int], counts: list[float | None], close_swap: int) -> list[int]:
    """Return a run number for each: the next belongs to the run when few dots part it from the run's first.

    Dots that must move from a to b before b is ahead: the smallest whole number above (a - b) / 2.
    """
    runs: list[int] = []
    first = 0
    for place, (rank, count) in enumerate(zip(ranks, counts, strict=True)):
        top = counts[first]
        close = (
            count is not None and top is not None and count > 0 and int(top - count) // 2 + 1 <= close_swap
        )
        if place and not close and rank != ranks[place - 1]:
            first = place
        runs.append(first)
    return runs


def outer(place: Place) -> str:
    """Return the places without one of the groups, where they go beyond the written ones; else nothing.

    Options without dots are all alike last; that others catch up with them says nothing.
    """
    if not place.dots or place.best is None or place.worst is None or place.best == place.worst:
        return ""
    low, _, high = place.rank.partition("–")
    if int(low) <= place.best and place.worst <= int(high or low):
        return ""
    return f"{place.best}–{place.worst}"


def people(reading: Reading, place: Place) -> str:
    """Return how many people stand behind the dots, and how many are against where that was asked."""
    supporters = reading.value("supporters", place.item)
    if supporters is not None:
        words = reading.t("from_people", s=round(supporters), of=reading.round.used)
    else:
        words = ""
    against = reading.value("against", place.item)
    return f"{words}, {reading.t('against_count', n=round(against))}" if against else words


def instead(reading: Reading, place: Place) -> str:
    """Return what is said where an option's dots would have stood."""
    if reading.form == "small":
        return reading.t("only_places")
    if (level := nearly_all(reading, place.item)) is not None:
        return reading.t("nearly_all_against" if level else "from_nearly_all_nobody")
    return reading.why_hidden(place.item) or reading.t("hidden")


def nearly_all(reading: Reading, item: str) -> str | None:
    """Return the level of the row "nearly all": nothing for support, or `against`; None without a row."""
    return next((str(row["level"]) for row in reading.each("nearly_all") if row["item"] == item), None)

"""Findings: what the published numbers show, and the open question for the room that goes with each.

Start with what can be seen, a count and not a judgement; name no group; ask both ends and the silent (ORID;
What? So what? Now what?). Everything is read from `Published`, so nothing that is hidden can be talked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from analysis import reflection_lists
from analysis.disclosure.published import Published
from analysis.finding import Finding, finding, silent
from analysis.ranking import places
from analysis.reading import Reading, reading

# What is most worth talking about comes first; a kind of finding has one entry before any has two.
ORDER = (
    "moved", "camps", "close", "asymmetry", "narrow", "between", "selfgap", "carried", "inside", "broad",
    "unsure", "spread", "gathered",
)  # fmt: skip


def findings(
    published: Published, question: str, round_number: int | None = None, language: str | None = None
) -> list[Finding]:
    """Return the findings of a question's round, what is most worth talking about first.

    At most three go on a screen. The triggers are those of method.md section 13. Raises KeyError
    for an unknown question or round.
    """
    found = reading(published, question, round_number, language)
    kept = sorted(FINDERS[found.question.kind](found), key=lambda one: (ORDER.index(one.key), -one.weight))
    seen: dict[str, int] = {}
    turns = []
    for one in kept:
        seen[one.key] = seen.get(one.key, 0) + 1
        turns.append((seen[one.key], one))
    return [one for _, one in sorted(turns, key=lambda turn: turn[0])]


def _of_scale(found: Reading) -> Iterator[Finding]:
    shapes = {"gathered": _gathered, "two camps": _camps, "spread": _spread}
    unsure = {item.key: found.count("dont_know", item.key) for item in found.question.items}
    for item in found.question.items:
        word = found.text("shape", item.key)
        if word in shapes:
            yield from shapes[word](found, item.key)
        reading_, within, between = (
            found.text("reading", item.key),
            found.value("within", item.key),
            found.value("between", item.key),
        )
        if reading_ in ("inside", "between"):
            gap = (between or 0) - (within or 0)
            yield finding(found, reading_, (item.key,), weight=gap if reading_ == "between" else -gap)
    yield from _moved(found, "moved")
    yield from silent(found, unsure)


def _moved(found: Reading, what: str) -> Iterator[Finding]:
    """What the two rounds' pairs say, most movement first; the figure of change shows the same."""
    if found.compared is None:
        return
    for item in (item.key for item in found.question.items):
        up, same, down = (found.value(name, item) for name in ("up", "same", "down"))
        if up is not None and same is not None and down is not None:
            share = (up + down) / (up + same + down)
            yield finding(found, "moved", (item,), f"{what}_counts", share, up=up, same=same, down=down)
    for row in found.each("nearly_all_moved"):
        key = f"{what}_{row['level']}_nearly_all"
        yield finding(found, "moved", (str(row["item"]),), key, float(row["level"] != "same"))


def _gathered(found: Reading, item: str) -> Iterator[Finding]:
    low, high = found.value("q25", item), found.value("q75", item)
    if low is not None and high is not None:
        ends = _step(low), _step(high)
        what = "gathered_point_what" if ends[0] == ends[1] else "gathered_what"
        yield finding(found, "gathered", (item,), what, low - high, low=str(ends[0]), high=str(ends[1]))


def _camps(found: Reading, item: str) -> Iterator[Finding]:
    low, middle, high = (found.value(zone, item) for zone in ("low", "mid", "high"))
    if low is not None and middle is not None and high is not None:
        of = low + middle + high
        yield finding(found, "camps", (item,), weight=min(low, high) / of, low=low, high=high, of=of)


def _spread(found: Reading, item: str) -> Iterator[Finding]:
    """The 10th and 90th percentile (type 7) of the published counts, rounded to scale steps."""
    counts = {float(level): count for level, count in found.levels("count", item).items() if level.isdigit()}
    if counts:
        values = np.repeat(list(counts), [round(count) for count in counts.values()])
        low, high = np.quantile(values, (0.1, 0.9))
        yield finding(
            found, "spread", (item,), weight=float(high - low), low=str(_step(low)), high=str(_step(high))
        )


def _of_trust(found: Reading) -> Iterator[Finding]:
    settings = found.question.settings
    arrows = [row for row in found.each("asymmetry") if not row["hidden"]]
    if arrows:
        yield finding(found, "asymmetry")
    gap = found.value("self_gap")
    if gap is not None and abs(gap) >= found.published.policy.selfgap_min(
        settings.get("min", 0), settings.get("max", 10)
    ):
        what = "selfgap_what" if gap > 0 else "selfgap_low_what"
        yield finding(found, "selfgap", what=what, gap=round(abs(gap), 1))
    unsure, of = found.count("dont_know"), found.n * len(found.question.items)
    if of and unsure >= found.published.policy.unsure_share * of:
        what = "unsure_answers_what" if found.round.unused else "unsure_answers_only_what"
        yield finding(found, "unsure", what=what, unsure=unsure, of=of, silent=found.round.unused)
    else:
        yield from silent(found, {})


def _of_dots(found: Reading) -> Iterator[Finding]:
    whole = found.value("dots_per_supporter")
    for item in (item.key for item in found.question.items):
        each, people = found.value("dots_per_supporter", item), found.value("supporters", item)
        breadth, given = found.value("breadth", item), found.value("dots", item)
        if None in (whole, each, people, breadth, given):
            continue
        whole_, each_, people_, breadth_, given_ = (
            float(v or 0) for v in (whole, each, people, breadth, given)
        )
        if breadth_ >= found.published.policy.broad_share and each_ <= whole_:
            yield finding(found, "broad", (item,), weight=breadth_, s=people_, of=found.round.used)
        if (
            breadth_ <= found.published.policy.narrow_share
            and people_ >= 3
            and each_ >= found.published.policy.intense_factor * whole_
        ):
            yield finding(found, "narrow", (item,), weight=given_, s=people_, d=given_)
    yield from _moved(found, "dots_moved")
    yield from _carried(found)
    yield from _close(found)
    yield from silent(found, {})


def _carried(found: Reading) -> Iterator[Finding]:
    for item in (item.key for item in found.question.items):
        rank, worst, tops = (found.value(name, item) for name in ("rank", "rank_worst", "top_groups"))
        if rank is None or worst is None or tops is None:
            continue
        if rank <= found.published.policy.top_k < worst and tops <= 1:
            yield finding(found, "carried", (item,), weight=-rank)


def _close(found: Reading) -> Iterator[Finding]:
    """Runs of options that few dots part; the figure draws a bracket around the same ones."""
    ranked = [place for place in places(found) if place.dots]
    for run in sorted({place.run for place in ranked}):
        members = [place for place in ranked if place.run == run]
        if len(members) < 2:
            continue
        apart = (members[0].dots or 0) - (members[-1].dots or 0)
        many = "_many" if len(members) > 2 else ""
        what = f"close{many}_tie_what" if apart == 0 else f"close{many}_what"
        items = tuple(place.item for place in members)
        yield finding(found, "close", items, what, -run, n=apart, many=_in_words(found, len(members)))


def _in_words(found: Reading, many: int) -> str:
    names = found.t("numbers").split(",")
    return names[many] if many < len(names) else str(many)


def _step(value: float) -> int:
    return int(np.floor(value + 0.5))


FINDERS: dict[str, Callable[[Reading], Iterator[Finding]]] = {
    "scale": _of_scale,
    "trust": _of_trust,
    "dots": _of_dots,
    "sort": reflection_lists.of_sort,
    "collect": reflection_lists.of_collect,
    "marks": reflection_lists.of_marks,
}

"""The strip that a statement's answers stand on: stacked dots on the scale's own steps."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.figures import identity
from analysis.figures.canvas import Canvas
from analysis.figures.stacks import Packing, by_hand, pack, spread_out, stack, stands_for
from analysis.figures.theme import Theme
from analysis.reading import Reading

LARGEST = 1.5  # times the theme's dot, where there is room


@dataclass(frozen=True)
class Strip:
    """Where a statement is drawn: rows of pixels from `top` to `base`, and the lines of its words."""

    item: str
    top: float
    base: float
    lines: list[str]
    size: float

    @property
    def middle(self) -> float:
        return (self.top + self.base) / 2


def ends(reading: Reading) -> tuple[int, int]:
    """Return the scale's lowest and highest step."""
    settings = reading.question.settings
    return int(settings.get("min", 0)), int(settings.get("max", 10))


def packing_of(reading: Reading, theme: Theme, items: list[str], canvas: Canvas, strip: Strip) -> Packing:
    """Return one packing for all strips of a chart, so that a dot is a dot everywhere."""
    counts = [count for item in items for count in reading.levels("count", item).values()]
    unit = stands_for(reading.n)
    step = canvas.at(1) - canvas.at(0)
    room = strip.base - strip.top - theme.thin * 3
    return pack(round(max(counts, default=1)), step, room, theme.dot * LARGEST, theme.dot_least, unit)


def dots(canvas: Canvas, reading: Reading, item: str, base: float, packing: Packing, seed: int) -> None:
    """Draw a statement's dots on a base line: grey, or in the groups' colours where the question was open."""
    step = canvas.at(1) - canvas.at(0)
    xs: list[float] = []
    ys: list[float] = []
    colours: list[str] = []
    symbols: list[str] = []
    for level, count in reading.levels("count", item).items():
        value = middle_of(level)
        places = by_hand(stack(count, packing), packing.size, 1000 * seed + round(value * 2) % 1000)
        xs += [value + x / step for x in places[:, 0]]
        ys += [base - y for y in places[:, 1]]
        own = _own(reading, item, level, packing.unit)
        some = identity.dealt(reading, own, len(places), canvas.theme.mark)
        colours, symbols = colours + some[0], symbols + some[1]
    canvas.marks(xs, ys, packing.size, reading.item(item).text, colours, symbol=symbols)
    for row in reading.each("nearly_all"):
        if row["item"] == item and is_step(str(row["level"])):
            _nearly_all(canvas, reading, middle_of(str(row["level"])), base)


def is_step(level: str) -> bool:
    """Return whether a level is on the scale (`4`, `2-4`), and not don't know or skipped."""
    return all(part.isdigit() for part in level.split("-"))


def middle_of(level: str) -> float:
    """Return where a level stands on the scale; `2-4`, steps counted together, in its middle."""
    low, _, high = level.partition("-")
    return (float(low) + float(high)) / 2 if low and high else float(level)


def _own(reading: Reading, item: str, level: str, unit: int) -> list[str]:
    """Return whose each dot on a step is, group by group; nobody's where dots carry no colour."""
    if not identity.coloured(reading):
        return []
    groups = reading.published.meeting.groups
    return spread_out({g.key: reading.value("count", item, g.key, level) or 0 for g in groups}, unit)


def _nearly_all(canvas: Canvas, reading: Reading, value: float, base: float) -> None:
    """Draw a block instead of dots: nearly all, and nobody can count who is not in it."""
    theme = canvas.theme
    half = (canvas.at(1) - canvas.at(0)) * 0.44
    x, high = canvas.at(value), theme.row * 0.5 if theme.complete else min(theme.row, base) * 0.5
    box = (x - half, base - high, x + half, base)
    canvas.rect(box, theme.mark, theme.ink, theme.thin * 0.8)
    words = reading.t("nearly_all")
    right = canvas.at(sum(canvas.span) / 2) < x
    edge = box[0] - theme.small / 2 if right else box[2] + theme.small / 2
    canvas.text(edge, base - high / 2, words, theme.label, bold=True, anchor="right" if right else "left")

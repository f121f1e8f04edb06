"""Broad or loud: every option by how many people support it and how many dots each of them gave."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from analysis import ranking
from analysis.figures import labels, rows
from analysis.figures.canvas import Canvas
from analysis.figures.lettering import LEADING, width, wrap
from analysis.figures.matrix import Box
from analysis.figures.theme import Theme
from analysis.language import headed, sentence
from analysis.reading import Reading

STAGE = "breadth:"
LEAST = 4  # options; fewer are seen as well in the bars
NAMED = 8  # options with their words on a screen
ON_PAPER = 10
LINES = 3  # of an option on paper, where there are few
SIDE_BY_SIDE = 5  # options in one place before a new row
CORNERS = ("few_strong", "many_strong", "few_mild", "many_mild")


@dataclass(frozen=True)
class Option:
    """An option on the chart: people behind it, and dots from each of them."""

    item: str
    people: int
    each: float


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stage, or none where too few options have both figures."""
    return (STAGE,) if len(options(reading)) >= LEAST else ()


def options(reading: Reading) -> list[Option]:
    """Return the options that somebody supports and whose figures are out, in order of rank."""
    found = []
    for place in ranking.places(reading):
        people = reading.value("supporters", place.item)
        each = reading.value("dots_per_supporter", place.item)
        if people and each is not None:
            found.append(Option(place.item, round(people), each))
    return found


def draw(reading: Reading, theme: Theme, highlight: tuple[str, ...] = ()) -> go.Figure:
    """Return the scatter; on a screen the first eight options have their words, on paper ten."""
    found = options(reading)
    height = theme.height or theme.width * 0.58
    sides = (theme.left + theme.axis * 1.8, theme.edge - theme.axis * 0.4)
    span = (0.0, max((one.people for one in found), default=1) * 1.06 + 0.5)
    canvas = Canvas(theme, height, ("whole", "spread"), span, sides)
    head = theme.label * 1.7
    box = (sides[0], head + theme.small * 1.9, sides[1], height - theme.axis * 1.7 - theme.small * 1.5)
    tall = _levels(found)
    size = theme.dot * (0.9 if len(found) <= NAMED * 2 else 0.7)
    points = _points(canvas, found, box, tall, size)
    rows.headed(canvas, reading.t("figure_breadth"))
    _axes(canvas, reading, box, tall)
    corners = _corners(canvas, reading, found, box, tall)
    _labels(canvas, reading, found, (points, size, corners), box, highlight)
    left = len(found) - (ON_PAPER if theme.complete else NAMED)
    if left > 0:
        words = reading.t("figure_without_words", n=left)
        canvas.text(theme.left, height - theme.small * 0.75, words, theme.small, colour=theme.second)
    xs = [_back(canvas, x) for x, _ in points]
    canvas.marks(xs, [y for _, y in points], size, "options")
    return canvas.done(alt_text(reading))


def _back(canvas: Canvas, pixel: float) -> float:
    low, high = canvas.span
    return low + (pixel - canvas.left) / (canvas.right - canvas.left) * (high - low)


def _levels(found: list[Option]) -> tuple[float, float]:
    """Return the ends of the upright axis: from one dot each to the most that anything got."""
    most = max((one.each for one in found), default=2.0)
    top = max(1.5, most)
    return 1 - (top - 1) * 0.16, top + (top - 1) * 0.1


def _height(box: Box, tall: tuple[float, float], each: float) -> float:
    return box[3] - (each - tall[0]) / (tall[1] - tall[0]) * (box[3] - box[1])


def _points(
    canvas: Canvas, found: list[Option], box: Box, tall: tuple[float, float], size: float
) -> list[tuple[float, float]]:
    """Return each option's place; those with the same figures lie side by side."""
    same: dict[tuple[int, float], list[int]] = {}
    for at, one in enumerate(found):
        same.setdefault((one.people, one.each), []).append(at)
    places = [(0.0, 0.0)] * len(found)
    for (people, each), members in same.items():
        x, y = canvas.at(people), _height(box, tall, each)
        wide = min(SIDE_BY_SIDE, len(members))
        for turn, at in enumerate(members):
            across, down = turn % wide - (wide - 1) / 2, turn // wide
            places[at] = (x + across * size * 1.1, y + down * size * 1.1)
    return places


def _axes(canvas: Canvas, reading: Reading, box: Box, tall: tuple[float, float]) -> None:
    theme, (left, top, right, bottom) = canvas.theme, box
    canvas.line((left, bottom, right, bottom), theme.ink, theme.thin)
    canvas.line((left, top, left, bottom), theme.rule, theme.thin * 0.7)
    y = theme.label * 1.7 + theme.small * 0.7
    canvas.text(theme.left, y, reading.t("figure_each"), theme.small, colour=theme.second)
    most = int(canvas.span[1])
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if most / step <= 10)
    for people in range(0, most + 1, every):
        x = canvas.at(people)
        canvas.text(x, bottom + theme.axis * 0.8, str(people), theme.axis, bold=True, anchor="center")
    words = reading.t("figure_people", of=reading.round.used)
    y = bottom + theme.axis * 1.5 + theme.small * 0.6
    canvas.text(right, y, words, theme.small, colour=theme.second, anchor="right")
    gap = 0.5 if tall[1] < 3 else max(1, int(tall[1]) // 6)
    for turn in range(int((tall[1] - 1) / gap) + 1):
        each = 1 + turn * gap
        y = _height(box, tall, each)
        canvas.text(left - theme.axis * 0.3, y, reading.number(each), theme.axis, bold=True, anchor="right")


def _corners(
    canvas: Canvas, reading: Reading, found: list[Option], box: Box, tall: tuple[float, float]
) -> list[Box]:
    """Write a question in each corner, divided at the means; return what they take."""
    theme, (left, top, right, bottom) = canvas.theme, box
    each = reading.value("dots_per_supporter")
    if each is None or not tall[0] < each < tall[1]:
        return []
    across = canvas.at(sum(one.people for one in found) / len(found))
    down = _height(box, tall, each)
    canvas.line((across, top, across, bottom), theme.line, theme.thin, dash="dash")
    canvas.line((left, down, right, down), theme.line, theme.thin, dash="dash")
    taken = []
    for place, name in enumerate(CORNERS):
        is_right, is_low = place % 2 == 1, place > 1
        room = (right - across if is_right else across - left) - theme.small
        words = reading.t(f"figure_{name}")
        if width(words, theme.small) > room:
            continue
        wide, high = width(words, theme.small), theme.small * 1.2
        x = right - wide if is_right else left + theme.small * 0.5
        y = bottom - high * 1.1 if is_low else top
        canvas.text(x, y + high / 2, words, theme.small, colour=theme.second)
        taken.append((x, y, x + wide, y + high))
    return taken


def _labels(
    canvas: Canvas,
    reading: Reading,
    found: list[Option],
    laid: tuple[list[tuple[float, float]], float, list[Box]],
    box: Box,
    highlight: tuple[str, ...],
) -> None:
    """Write the options' words beside their dots."""
    theme, (points, size, corners) = canvas.theme, laid
    named = found[: ON_PAPER if theme.complete else NAMED]
    taken = [*corners, *_dots(points, size)]
    for letter in (32, theme.small) if theme.height else (theme.small,):
        room = letter * (9.5 if len(named) <= NAMED else 8)
        most = LINES if theme.complete and len(named) <= NAMED else 2
        texts = [wrap(reading.item(one.item).text, room, letter, most) for one in named]
        sizes = [(max(width(line, letter) for line in text), len(text) * letter * LEADING) for text in texts]
        boxes = labels.placed(points[: len(named)], sizes, size, box, taken)
        if None not in boxes:
            break
    for one, text, place, point in zip(named, texts, boxes, points, strict=False):
        if place is None:
            continue
        x, y = labels.nearest(place, point)
        if abs(x - point[0]) + abs(y - point[1]) > size * 1.3:
            canvas.line((point[0], point[1], x, y), theme.rule, theme.thin * 0.5)
        if one.item in highlight:
            canvas.rect(place, theme.talk)
        canvas.text(place[0], (place[1] + place[3]) / 2, text, letter)


def _dots(points: list[tuple[float, float]], size: float) -> list[Box]:
    half = size / 2
    return [(x - half, y - half, x + half, y + half) for x, y in points]


def alt_text(reading: Reading) -> str:
    """Return every option's people and dots each in sentences."""
    parts = [sentence(reading.t("figure_breadth"))]
    for one in options(reading):
        said = reading.t("alt_breadth", of=reading.round.used, people=one.people, each=one.each)
        parts.append(headed(reading.item(one.item).text, said))
    return " ".join(parts)

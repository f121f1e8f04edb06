"""The look of every chart: tokens, sizes and the one configuration of plotly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

FONT = '"Atkinson Hyperlegible Next", "Atkinson Hyperlegible", system-ui, "Segoe UI", "Noto Sans", sans-serif'

CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "staticPlot": True,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": False,
}

# From paper to ink, leaving out the greys on which neither ink nor white reads: (share of the scale, colour).
_RAMP = (
    (0.0, "#FBF8F1"),
    (0.4, "#E6DECF"),
    (0.5, "#D0C7B6"),
    (0.625, "#A9A091"),
    (0.625001, "#777066"),
    (0.7, "#605A51"),
    (0.8, "#3F3B35"),
    (1.0, "#1C1A17"),
)


@dataclass(frozen=True)
class Theme:
    """Colours, and sizes in pixels. `height` is 0 where the chart grows with what it holds.

    `left`, `plot`, `right`, `number` and `edge` are the columns from the left: words, marks, figures, end.
    """

    name: str
    width: int
    height: int
    left: float
    plot: float
    right: float
    number: float
    edge: float
    title: float
    figure: float
    label: float
    axis: float
    small: float
    row: float
    dot: float
    dot_least: float
    thick: float
    thin: float
    complete: bool
    paper: str = "#FBF8F1"
    sheet: str = "#FFFFFF"
    wash: str = "#EEE8DA"
    ink: str = "#1C1A17"
    second: str = "#55504A"
    rule: str = "#857E72"
    line: str = "#D5CDBD"
    talk: str = "#FFEBA1"
    talk_wash: str = "#F3D568"
    mark: str = "#C8BEAC"
    median: str = "#1C1A17"
    reversed_ramp: bool = False

    def ramp(self, share: float) -> str:
        """Return the cell colour for a share 0 ... 1 of the scale: more is more ink, in the dark light."""
        share = min(1.0, max(0.0, 1 - share if self.reversed_ramp else share))
        for (low, first), (high, last) in zip(_RAMP, _RAMP[1:], strict=False):
            if share <= high:
                return _between(first, last, (share - low) / (high - low))
        return _RAMP[-1][1]


def reads_on(background: str) -> str:
    """Return ink or white, whichever has more contrast against `background`."""
    return max("#1C1A17", "#FFFFFF", key=lambda colour: contrast(colour, background))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two `#rrggbb` colours, 1 ... 21 (WCAG 2.1)."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _parts(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (p / 255 for p in _parts(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _between(first: str, last: str, share: float) -> str:
    mixed = (round(a + (b - a) * share) for a, b in zip(_parts(first), _parts(last), strict=True))
    return "#" + "".join(f"{part:02X}" for part in mixed)


_SCREEN = Theme(
    "screen",
    width=1440,
    height=840,
    left=72,
    plot=464,
    right=1234,
    number=1262,
    edge=1424,
    title=60,
    figure=58,
    label=36,
    axis=36,
    small=28,
    row=200,
    dot=31,
    dot_least=15,
    thick=7,
    thin=3,
    complete=False,
)
_REPORT = Theme(
    "report",
    width=680,
    height=0,
    left=0,
    plot=222,
    right=568,
    number=584,
    edge=676,
    title=20,
    figure=20,
    label=13.5,
    axis=13.5,
    small=12,
    row=76,
    dot=12,
    dot_least=6.5,
    thick=3,
    thin=1.4,
    complete=True,
    paper="#FFFFFF",
)

THEMES = {
    "screen": _SCREEN,
    "dark": replace(
        _SCREEN,
        name="dark",
        paper="#14130F",
        sheet="#1E1C17",
        wash="#35312A",
        ink="#F7F2E6",
        second="#C9C2B2",
        rule="#8F887A",
        line="#3B372F",
        talk="#3A3010",
        talk_wash="#6B5718",
        mark="#7E776A",
        median="#FFD84D",
        reversed_ramp=True,
    ),
    "report": _REPORT,
    "print": replace(
        _REPORT,
        name="print",
        wash="#E6E6E6",
        ink="#000000",
        second="#3A3A3A",
        mark="#D0D0D0",
        median="#000000",
    ),
    "notebook": replace(
        _REPORT,
        name="notebook",
        paper="#FBF8F1",
        width=960,
        left=24,
        plot=330,
        right=790,
        number=812,
        edge=940,
        title=26,
        figure=26,
        label=17,
        axis=17,
        small=14,
        row=110,
        dot=18,
        dot_least=8,
        thick=4,
        thin=2,
    ),
}

"""The sheet a chart is drawn on: pixels from the upper left, and layers that appear one after the other.

Every stage of a chart is laid out in full and then only the layers up to that stage are drawn, so that
nothing moves between stages. Marks lie on a true axis (`x` in the question's own units); everything else is
placed in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analysis.figures.lettering import plain, wrap
from analysis.figures.theme import FONT, Theme

# Marks that are not round: corners in halves of the size from the middle, y downwards.
CORNERS = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    "triangle-up": ((0, -1.1), (1.15, 0.9), (-1.15, 0.9)),
}


class Canvas:
    """A figure of `theme.width` x `height` pixels whose marks run over `span` (axis units).

    `shown` names the layers that are drawn; an element of another layer is laid out by the caller and left
    out here. `sides` are the pixel columns of the span's ends.
    """

    def __init__(
        self,
        theme: Theme,
        height: float,
        shown: Sequence[str],
        span: tuple[float, float] = (0.0, 1.0),
        sides: tuple[float, float] | None = None,
    ) -> None:
        self.theme, self.height, self.shown, self.span = theme, height, tuple(shown), span
        self.left, self.right = sides or (theme.plot, theme.right)
        self.figure = go.Figure()
        self._shapes: list[dict[str, object]] = []
        self._notes: list[dict[str, object]] = []

    def at(self, value: float) -> float:
        """Return the pixel column of an axis value."""
        low, high = self.span
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def text(
        self,
        x: float,
        y: float,
        lines: str | Sequence[str],
        size: float,
        *,
        bold: bool = False,
        colour: str = "",
        anchor: str = "left",
        stand: str = "middle",
        layer: str = "whole",
    ) -> None:
        """Write lines at (x, y): `anchor` left, center or right; `stand` top, middle or bottom.

        What starts outside the sheet starts at its edge: plotly would leave it out.
        """
        lines = [lines] if isinstance(lines, str) else list(lines)
        if layer not in self.shown or not any(lines):
            return
        self._notes.append(
            {
                "x": x / self.theme.width,
                "y": min(max(y, 0.0), self.height),
                "xref": "paper",
                "yref": "y",
                "text": "<br>".join(plain(line) for line in lines),
                "showarrow": False,
                "xanchor": anchor,
                "yanchor": stand,
                "align": anchor,
                "borderpad": 0,
                "font": {"size": size, "color": colour or self.theme.ink, "weight": 700 if bold else 400},
            }
        )

    def rect(
        self,
        box: tuple[float, float, float, float],
        fill: str = "",
        outline: str = "",
        weight: float = 0,
        layer: str = "whole",
    ) -> None:
        """Draw a rectangle (x0, y0, x1, y1) under the marks."""
        self._shape(layer, box, type="rect", fillcolor=fill or "rgba(0,0,0,0)", line=_line(outline, weight))

    def line(
        self,
        box: tuple[float, float, float, float],
        colour: str = "",
        weight: float = 1,
        layer: str = "whole",
        above: bool = False,
        dash: str = "solid",
    ) -> None:
        """Draw a straight line from (x0, y0) to (x1, y1), under the marks unless `above`."""
        line = {"color": colour or self.theme.ink, "width": weight, "dash": dash}
        self._shape(layer, box, type="line", line=line, layer="above" if above else "below")

    def hatch(
        self, box: tuple[float, float, float, float], colour: str, weight: float, layer: str = "whole"
    ) -> None:
        """Fill a rectangle with slanting lines."""
        x0, y0, x1, y1 = box
        wide, high, step = x1 - x0, y1 - y0, max(7.0, (y1 - y0) / 5)
        offset, path = step, ""
        while offset < wide + high:
            start = (x0 + max(0.0, offset - high), y0 + min(offset, high))
            end = (x0 + min(offset, wide), y0 + max(0.0, offset - wide))
            for sign, (x, y) in (("M", start), ("L", end)):
                path += f"{sign}{x / self.theme.width:.5f},{y:.1f}"
            offset += step
        if layer in self.shown:
            line = {"color": colour, "width": weight}
            self._shapes.append(
                {"type": "path", "xref": "paper", "yref": "y", "path": path, "line": line, "layer": "below"}
            )

    def marks(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        size: float,
        name: str = "",
        colour: str | Sequence[str] = "",
        layer: str = "whole",
        symbol: str | Sequence[str] = "circle",
    ) -> None:
        """Draw dots: `xs` in axis units, `ys` in pixels from the top, `size` their diameter with outline."""
        if layer not in self.shown or not len(xs):
            return
        outline = min(5.0, max(size / 12, 0.0 if size < 4 else 1.0))
        fill = colour or self.theme.mark
        self.figure.add_scatter(
            x=list(xs),
            y=list(ys),
            mode="markers",
            name=plain(name),
            cliponaxis=False,
            marker={
                "symbol": symbol if isinstance(symbol, str) else list(symbol),
                "size": size - outline,
                "opacity": 1,
                "color": fill if isinstance(fill, str) else list(fill),
                "line": {"color": self.theme.ink, "width": outline},
            },
        )

    def spot(
        self,
        x: float,
        y: float,
        size: float,
        colour: str,
        layer: str = "whole",
        symbol: str = "circle",
    ) -> None:
        """Draw one outlined mark at a pixel place: a group's colour and symbol before its name."""
        half = size / 2
        line = _line(self.theme.ink, max(1.0, size / 12))
        kind: dict[str, object] = {"type": "circle"}
        if symbol in CORNERS:
            half *= 0.9
            kind = {"type": "path", "path": self._path(x, y, half, CORNERS[symbol])}
        box = (x - half, y - half, x + half, y + half)
        self._shape(layer, box, **{**kind, "fillcolor": colour, "line": line, "layer": "above"})

    def _path(self, x: float, y: float, half: float, corners: Sequence[tuple[float, float]]) -> str:
        points = (f"{(x + a * half) / self.theme.width:.5f},{y + b * half:.1f}" for a, b in corners)
        return "M" + "L".join(points) + "Z"

    def done(self, description: str) -> go.Figure:
        """Return the figure; `description` is kept in its metadata for whoever cannot see it."""
        theme = self.theme
        hidden = {
            "visible": False,
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "automargin": False,
        }
        self.figure.update_layout(
            width=theme.width,
            height=self.height,
            template=go.layout.Template(),  # plotly's own look would add ten kilobytes to every figure
            autosize=False,
            margin={"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
            paper_bgcolor=theme.paper,
            plot_bgcolor="rgba(0,0,0,0)",
            font={"family": FONT, "color": theme.ink, "size": theme.label},
            showlegend=False,
            hovermode=False,
            dragmode=False,
            shapes=self._shapes,
            annotations=self._notes,
            meta={"description": description},
            xaxis={
                **hidden,
                "domain": [self.left / theme.width, self.right / theme.width],
                "range": list(self.span),
            },
            yaxis={**hidden, "domain": [0, 1], "range": [self.height, 0]},
        )
        if not self.figure.data:  # without a trace plotly draws no axes, and what hangs on them moves
            self.figure.add_scatter(
                x=[self.span[0]], y=[0], mode="markers", marker={"opacity": 0, "size": 1}, name=""
            )
        return self.figure

    def _shape(self, stage: str, box: tuple[float, float, float, float], **rest: object) -> None:
        if stage not in self.shown:
            return
        x0, y0, x1, y1 = box
        wide = self.theme.width
        place: dict[str, object] = {"xref": "paper", "yref": "y"}
        if "path" not in rest:
            place |= {"x0": x0 / wide, "x1": x1 / wide, "y0": y0, "y1": y1}
        self._shapes.append({"layer": "below", **place, **rest})


def _line(colour: str, weight: float) -> dict[str, object]:
    return {"color": colour or "rgba(0,0,0,0)", "width": weight if colour else 0}


def only_words(sentence: str, theme: Theme) -> go.Figure:
    """Return a figure that holds nothing but a sentence: why there is nothing to see."""
    canvas = Canvas(theme, theme.height or theme.label * 5, ("whole",))
    lines = wrap(sentence, theme.edge - theme.left, theme.label)
    canvas.text(theme.left, theme.label, lines, theme.label, stand="top")
    return canvas.done(sentence)

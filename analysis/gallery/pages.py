"""The gallery's pages: each case as it stands on the wall, then on paper, with its sentences and table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis import assets, figures
from analysis.chapter import change_tables, tables
from analysis.disclosure import Published
from analysis.gallery.cases import Case
from analysis.reading import reading
from analysis.reflection import findings

CHANGES = 2  # pictures of change on paper


@dataclass(frozen=True)
class Sheet:
    """A chart on a page: where, which stage, its JSON, its height in pixels, and what is said of it."""

    name: str
    stage: str
    chart: Markup
    height: int
    said: str
    theme: str


def page(case: Case) -> tuple[str, int]:
    """Return a case's page and how many walls stand above one another on it."""
    published = case.published
    found = reading(published, "q")
    first = next(iter(findings(published, "q")), None)
    walls = list(_walls(published, first.items if first else ()))
    html = _template("page.html").render(
        case=case,
        t=found.t,
        question=found.question,
        language=found.language,
        caption=figures.caption(published, "q"),
        walls=walls,
        papers=list(_papers(published)),
        finding=first,
        tables=[*tables(found), *change_tables(found)],
        alt=figures.alt_text(published, "q"),
        config=as_json(figures.CONFIG),
    )
    return html, len(walls)


def index(grid: Sequence[Case], pictures: bool) -> str:
    """Return the page that leads to every case; `pictures` says whether there are any."""
    return _template("index.html").render(cases=grid, pictures=pictures)


def style() -> str:
    """Return the pages' style sheet with the fonts in it."""
    return _template("gallery.css").render(fonts=assets.fonts())


def _walls(published: Published, talked: tuple[str, ...]) -> Iterator[Sheet]:
    stages = figures.stages(published, "q")
    general = [stage for stage in stages if ":" not in stage]
    chosen = list(general)
    for kind in dict.fromkeys(stage.partition(":")[0] for stage in stages if stage not in general):
        own = [stage for stage in stages if stage.startswith(f"{kind}:")]
        chosen += list(dict.fromkeys((own[0], own[-1])))
    for place, stage in enumerate(chosen):
        yield _sheet(published, f"wall-{place}", stage, "screen", highlight=talked)
    yield _sheet(published, "wall-dark", general[-1], "dark", highlight=talked)


def _papers(published: Published) -> Iterator[Sheet]:
    for part in range(figures.parts(published, "q")):
        yield _sheet(published, f"paper-{part}", "all", "print", part=part)
    for place, stage in enumerate(
        (*figures.extras(published, "q"), *figures.changes(published, "q")[:CHANGES])
    ):
        yield _sheet(published, f"paper-{place}-more", stage, "report")


def _sheet(published: Published, name: str, stage: str, theme: str, **rest: Any) -> Sheet:
    drawn = figures.figure(published, "q", stage=stage, theme=theme, **rest)
    said = str(drawn.layout.meta["description"])
    return Sheet(name, stage, as_json(drawn.to_plotly_json()), round(drawn.layout.height), said, theme)


def as_json(value: Any) -> Markup:
    """Return JSON that can stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _template(name: str) -> Any:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template(name)

"""Made-up meetings as the gate would release them: rows by the contract, written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.disclosure.published import COLUMNS, Published, released
from analysis.responses import Group, Item, Meeting, Question, Round

COLOURS = ("#332288", "#CC6677", "#88CCEE", "#DDCC77", "#117733", "#999933", "#661100")
NAMES = (
    "Hol",
    "Ål",
    "Hemsedal",
    "Gol",
    "Nes",
    "Flå",
    "Krødsherad",
    "Sigdal",
    "Modum",
    "Nore og Uvdal",
    "Rollag",
    "Ringerike",
)
STATEMENTS = {
    "Vi held det vi lovar kvarandre": "0,0,1,2,2,4,3,9,8,4,1",
    "Vi unner kvarandre nye arbeidsplassar": "1,3,5,4,1,2,1,3,7,4,2",
    "Eg kan seie kva eg meiner i Hallingtinget": "0,1,1,2,3,5,8,8,3,3,1",
    "Når vi er usamde, finn vi ei løysing": "1,2,5,8,9,6,3,2,1,0,0",
}
OPTIONS = {
    "Breiband og mobildekning": (21, 14),
    "Ringeriksbanen": (16, 12),
    "Reiseliv som éin region": (15, 9),
    "Lærlingplassar i alle kommunane": (14, 12),
    "Hallingdal sjukestugu": (10, 8),
    "Buss på kveld og helg": (9, 8),
    "Høgskuletilbod i dalen": (7, 5),
    "Felles byggesak": (5, 4),
    "Kulturskule på tvers": (4, 4),
    "Ladestasjonar": (4, 3),
    "Stidata og kart": (2, 2),
    "Innkjøp saman": (1, 1),
}


def groups(many: int = 6) -> tuple[Group, ...]:
    return tuple(Group(f"g{n}", NAMES[n], COLOURS[n % len(COLOURS)]) for n in range(many))


def a_round(number: int = 1, used: int = 36, issued: int = 38, blank: int = 0, **rest: Any) -> Round:
    shares = {
        f"g{n}": {"issued": len(part), "used": len(part)}
        for n, part in enumerate(np.array_split(np.arange(issued), 6))
    }
    return Round(
        number,
        issued=issued,
        used=used,
        unused=issued - used,
        counted=used - blank,
        blank=blank,
        by_group=shares,
        **rest,
    )


def row(question: Question, measure: str, item: str = "", value: Any = None, **rest: Any) -> dict[str, Any]:
    blank = dict.fromkeys(COLUMNS, "")
    return {
        **blank,
        "meeting": "m",
        "question": question.key,
        "kind": question.kind,
        "round": 1,
        "item": item,
        "measure": measure,
        "value": value,
        "n": 36,
        **rest,
    }


def publish_by_hand(
    meeting: Meeting, rows: Sequence[Mapping[str, Any]], notes: pd.DataFrame | None = None
) -> Published:
    return released(meeting, pd.DataFrame(list(rows), columns=list(COLUMNS)), notes)


def scale(
    counts: Mapping[str, Sequence[int]],
    many_groups: int = 6,
    secrecy: str = "sealed",
    top: int = 10,
    number: int = 1,
) -> tuple[Question, list[dict[str, Any]]]:
    items = tuple(Item(f"i{n}", text) for n, text in enumerate(counts))
    low = 0 if top == 10 else 1
    n = max(sum(one) for one in counts.values())
    question = Question(
        "tillit",
        "scale",
        "Tillit mellom oss",
        secrecy,
        items=items,
        rounds=(a_round(number, n, n + 2),),
        settings={"min": low, "max": top, "low": "slett ikkje", "high": "heilt og fullt"},
    )
    rows = [row(question, "released", text="full", round=number)]
    for item, one in zip(items, counts.values(), strict=True):
        values = np.repeat(np.arange(low, top + 1), one)
        for level, count in enumerate(one, start=low):
            rows.append(row(question, "count", item.key, float(count), level=str(level)))
            if secrecy == "open":
                rows += [
                    row(question, "count", item.key, float(len(part)), level=str(level), group=f"g{g}")
                    for g, part in enumerate(np.array_split(np.arange(count), many_groups))
                ]
        rows += [
            row(question, "dont_know", item.key, float(n - sum(one))),
            row(question, "skipped", item.key, 0.0),
        ]
        if len(values):
            rows += [
                row(question, name, item.key, float(np.quantile(values, q)))
                for name, q in (("q25", 0.25), ("median", 0.5), ("q75", 0.75))
            ]
            rows.append(row(question, "gmd", item.key, 2.123456789))
        if secrecy == "sealed" and len(values):
            rows += [
                row(
                    question,
                    "median",
                    item.key,
                    min(top - 0.5, float(np.median(values)) + (g % 5 - 2) / 2),
                    group=f"g{g}",
                )
                for g in range(many_groups - 1)
            ]
            rows.append(
                row(question, "median", item.key, None, group=f"g{many_groups - 1}", hidden="few_ballots")
            )
    return question, rows


def trust(many: int = 6, hidden: int = 0) -> tuple[Question, list[dict[str, Any]]]:
    who = groups(many)
    question = Question(
        "gjensidig",
        "trust",
        "Kven har tillit til kven?",
        items=tuple(Item(g.key, g.name) for g in who),
        settings={"min": 0, "max": 10},
        rounds=(a_round(),),
    )
    rows = [row(question, "released", text="full")]
    for g, giver in enumerate(who):
        for h, taker in enumerate(who):
            value = 4 + ((g * 7 + h * 5) % 9) / 2
            away = g >= many - hidden
            name = "believed" if g == h else "median"
            rows.append(
                row(
                    question,
                    name,
                    taker.key,
                    None if away else value,
                    group=giver.key,
                    hidden="few_ballots" if away else "",
                )
            )
    if many > 1:
        rows.append(row(question, "asymmetry", "g0", 2.5, group="g1"))
        rows.append(row(question, "self_gap", "", 1.25))
    return question, rows


def dots(
    options: Mapping[str, tuple[int, int]], secrecy: str = "sealed", many_groups: int = 6, used: int = 36
) -> tuple[Question, list[dict[str, Any]]]:
    items = tuple(Item(f"o{n}", text) for n, text in enumerate(options))
    question = Question(
        "forst",
        "dots",
        "Kva bør vi gjere saman først?",
        secrecy,
        items=items,
        settings={"dots": 3, "cap": 2},
        rounds=(a_round(used=used, issued=used + 2),),
    )
    totals = [dots for dots, _ in options.values()]
    rows = [
        row(question, "released", text="full"),
        row(question, "total_dots", "", float(sum(totals))),
        row(question, "dots_per_supporter", "", 1.4),
        row(question, "eno", "", 4.4),
    ]
    for item, (count, people) in zip(items, options.values(), strict=True):
        rank = 1 + sum(other > count for other in totals)
        below = [other for other in totals if other < count] or [0]
        figures = {
            "dots": count,
            "supporters": people,
            "dots_per_supporter": count / people if people else None,
            "breadth": people / used if used else None,
            "rank": rank,
            "rank_best": max(1, rank - 1),
            "rank_worst": rank + 2,
            "swap_margin": (count - max(below) + 2) // 2,
            "groups_reached": min(many_groups, people),
        }
        rows += [
            row(question, name, item.key, None if v is None else float(v)) for name, v in figures.items()
        ]
        if secrecy == "open":
            rows += [
                row(question, "dots", item.key, float(len(part)), group=f"g{g}")
                for g, part in enumerate(np.array_split(np.arange(count), many_groups))
            ]
    return question, rows


def meeting(
    *parts: tuple[Question, list[dict[str, Any]]], many_groups: int = 6, language: str = "nn", **rest: Any
) -> Published:
    questions = tuple(question for question, _ in parts)
    codebook = Meeting(
        "m",
        "Tillit og samarbeid mellom kommunane i Hallingdal",
        language,
        "Hallingtinget",
        "2027-11-03",
        groups=groups(many_groups),
        questions=questions,
        **rest,
    )
    return publish_by_hand(codebook, [one for _, rows in parts for one in rows])


def counted(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def hallingdal(language: str = "nn", **rest: Any) -> Published:
    return meeting(
        scale({k: counted(v) for k, v in STATEMENTS.items()}),
        trust(),
        dots(OPTIONS),
        language=language,
        **rest,
    )

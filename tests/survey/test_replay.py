"""Replaying elections over HTTP: totals equal the file's own, and a difference is found."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from survey import starting
from survey.meetings import plans
from survey.rehearsal import pabulib
from survey.rehearsal.drivers import Facilitator
from survey.rehearsal.replay import Differs, check, plan, replay

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "pabulib"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Facilitator]]:
    with starting.temporary_server() as (base, link), Facilitator(base) as facilitator:
        facilitator.sign_in_link(link, "Kari", "fire ville hestar i hagen")
        yield base, facilitator


@pytest.fixture
def link(server: tuple[str, Facilitator]) -> str:
    """A new one-time link: each replay spends one."""
    return server[1].invite(f"Per {random.random()}")


def made_up(folder: Path, budget: int | None, ballots: int = 25) -> pabulib.Election:
    """Write and read a file with unused budgets, zeros, blank votes, look-alike names and odd columns."""
    chance, budgeted = random.Random(7), budget or 9
    names = ["Sti", "Benk", 'Lys; til "alle"', "Sti", "Long " * 90, "#strong[x] <b>&amp;"]
    lines = ["META", "key;value", "description;Made up", "vote_type;cumulative", "language;nn"]
    lines += [f"max_sum_points;{budget}"] if budget else []
    lines += ["PROJECTS", "project_id;name;cost"]
    lines += [f'P/{place};"{name.replace(chr(34), chr(34) * 2)}";1' for place, name in enumerate(names)]
    lines += ["VOTES", "voter_id;points;vote;district;odd"]
    for voter in range(ballots):
        chosen, left, points = chance.sample(range(len(names)), chance.randint(0, 4)), budgeted, []
        for _ in chosen:
            points.append(chance.randint(0, left))
            left -= points[-1]
        vote = ",".join(f"P/{place}" for place in chosen)
        lines.append(f'{voter};{",".join(map(str, points))};{vote};{"NS"[voter % 2]};"a;b"')
    file = folder / "made-up.pb"
    file.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    return pabulib.read(file)


@pytest.mark.parametrize("budget", [9, 40, None])
def test_totals_of_a_made_up_election_equal_the_files(
    server: tuple[str, Facilitator], tmp_path: Path, budget: int | None, link: str
) -> None:
    election = made_up(tmp_path, budget)
    assert replay(server[0], link, election) == "25 ballots, 6 options: totals equal the file's"


@pytest.mark.skipif(not REAL.exists(), reason="the real elections are not beside this checkout")
def test_totals_of_a_real_election_with_zeros_equal_the_files(
    server: tuple[str, Facilitator], link: str
) -> None:
    election = pabulib.read(REAL / "Switzerland_Zurich_S5D10.pb")
    assert replay(server[0], link, election) == "180 ballots, 24 options: totals equal the file's"


def test_the_plan_of_any_election_is_in_order(tmp_path: Path) -> None:
    election = made_up(tmp_path, 9)
    read = plans.read(plan(election))
    (question,) = read.questions
    assert (question.secrecy, question.settings["dots"], question.settings["cap"]) == ("open", 9, 9)
    assert len({item.text for item in question.items}) == 6
    assert {group.name: group.cards for group in read.groups} == {"N": 13, "S": 12}
    assert tomllib.loads(plan(replace(election, title='Kva? "no" \\ \u2028')))["title"]


def test_a_difference_is_told(tmp_path: Path) -> None:
    election = made_up(tmp_path, 9)
    keys = {option.id: f"o{place}" for place, option in enumerate(election.options)}
    blank = sum(not any(vote.points.values()) for vote in election.votes)
    rows = [("used", "", 25), ("blank", "", blank)]
    for option, (points, supporters) in election.totals().items():
        rows += [("dots", keys[option], points), ("supporters", keys[option], supporters)]
    published = [
        {"question": "dots", "measure": measure, "item": item, "group": "", "level": "", "value": str(value)}
        for measure, item, value in rows
    ]
    check(election, keys, published)
    for place in range(len(rows)):
        wrong = [dict(row) for row in published]
        wrong[place]["value"] = str(int(wrong[place]["value"]) + 1)
        with pytest.raises(Differs):
            check(election, keys, wrong)
    with pytest.raises(Differs):
        check(election, keys, published[:-1])

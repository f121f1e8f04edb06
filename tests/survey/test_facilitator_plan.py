"""A meeting is made from a ready plan, a file, or in the browser; and changed as far as it may be."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from consoles import Console, Forms
from rooms import Room, a_room

from survey.kinds import KINDS
from survey.meetings import plans

BROKEN = """
title = "A board"
language = "sv"
[[groups]]
name = "Hol"
cards = "six"
[[questions]]
kind = "dots"
title = "First?"
items = ["one", "one"]
"""
ITEMS = {"scale": 2, "trust": 0, "dots": 4}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return a_room(tmp_path)


def _plan(room: Room, key: str) -> plans.Plan:
    number = Console(room)
    found: plans.Plan = plans.read(number.get(f"/meetings/{key}/plan.toml").text)
    return found


def _own(console: Console, answer: Any) -> str:
    assert answer.status_code == 303
    key: str = answer.headers["Location"].split("/")[2].split("?")[0]
    return key


@pytest.mark.parametrize("ready", [one.name for one in plans.ready_plans()])
def test_every_ready_plan_becomes_a_meeting(room: Room, ready: str) -> None:
    console = Console(room)
    key = _own(console, console.post("/meetings/new/ready", name=ready))
    text = console.get(f"/meetings/{key}/plan.toml").text
    assert plans.read(text).questions == plans.ready_plan(ready).questions
    assert console.get(f"/meetings/{key}").status_code == 200
    for question in plans.ready_plan(ready).questions:
        assert console.get(f"/meetings/{key}/plan/questions/{question.key}").status_code == 200


def test_an_exported_plan_makes_an_equal_meeting_by_upload_and_by_pasting(room: Room) -> None:
    console = Console(room)
    text = console.get("/meetings/meeting/plan.toml").text
    token = console.token()
    sent = {"csrf_token": token, "file": (io.BytesIO(text.encode()), "plan.toml")}
    uploaded = _own(console, console.client.post("/meetings/new/file", data=sent))
    pasted = _own(console, console.post("/meetings/new/file", text=text))
    for key in (uploaded, pasted):
        copy = plans.read(console.get(f"/meetings/{key}/plan.toml").text)
        assert copy.model_copy(update={"key": "meeting"}) == plans.read(text)


def test_every_mistake_of_a_file_is_told_at_once_and_nothing_is_made(room: Room) -> None:
    console = Console(room)
    before = console.get("/meetings").text.count("<li>")
    answer = console.post("/meetings/new/file", text=BROKEN)
    assert answer.status_code == 422
    main = answer.text.split("<main")[1]
    assert all(f"line {line}" in main for line in (3, 6, 10))
    assert "A board" in main, "what was pasted stays in its field"
    assert console.get("/meetings").text.count("<li>") == before


@pytest.mark.parametrize("text", ["", "   ", "title = ", "\x00", "[[questions]]", "x = 1"])
def test_what_is_no_plan_gets_a_sentence(room: Room, text: str) -> None:
    answer = Console(room).post("/meetings/new/file", text=text)
    assert answer.status_code == 422
    assert 'id="mistakes"' in answer.text


def _scratch(room: Room) -> tuple[Console, str]:
    console = Console(room)
    key = _own(console, console.press("/meetings/new", "Make it", title="Styret", language="nb"))
    rows = {}
    for place, name in enumerate(("Hol", "Gol")):
        rows |= {f"groups-{place}-name": name, f"groups-{place}-cards": "6", f"groups-{place}-votes": "y"}
    path = f"/meetings/{key}/plan"
    assert console.press(path, "Save", **rows, tables="1, 2").status_code == 303
    return console, key


@pytest.mark.parametrize("kind", KINDS)
def test_a_meeting_from_scratch_with_a_question_of_each_kind(room: Room, kind: str) -> None:
    console, key = _scratch(room)
    items = {f"items-{place}-text": f"Sak {place}" for place in range(min(3, ITEMS[kind]))}
    pasted = "\n".join(f"Sak {place}" for place in range(3, ITEMS[kind]))
    path = f"/meetings/{key}/plan/questions/new?kind={kind}"
    answer = console.press(path, "Save the question", title="Hva nå?", **items, pasted=pasted)
    assert answer.status_code == 303
    plan = plans.read(console.get(f"/meetings/{key}/plan.toml").text)
    assert [group.name for group in plan.groups] == ["Hol", "Gol"]
    assert plan.tables == ("1", "2")
    assert (plan.questions[0].kind, plan.questions[0].title) == (kind, "Hva nå?")
    assert len(plan.questions[0].items) == ITEMS[kind]


def test_rows_are_added_and_removed_without_a_script(room: Room) -> None:
    console, key = _scratch(room)
    path = f"/meetings/{key}/plan"
    more = console.press(path, "Save", add="groups")
    assert more.status_code == 200
    fields = next(fields for _action, fields, label in Forms(more.text).found if "Save" in label)
    assert "groups-2-name" in fields
    fewer = console.press(path, "Save", remove="groups-0")
    assert 'value="Gol"' in fewer.text
    assert 'value="Hol"' not in fewer.text
    assert len(plans.read(console.get(f"{path}.toml").text).groups) == 2, "nothing is stored before saving"


def test_a_wrong_plan_in_the_browser_keeps_what_was_typed(room: Room) -> None:
    console, key = _scratch(room)
    path = f"/meetings/{key}/plan/questions/new?kind=dots"
    answer = console.press(path, "Save the question", title="Only one", **{"items-0-text": "Alone"})
    assert answer.status_code == 422
    assert 'value="Alone"' in answer.text
    assert not plans.read(console.get(f"/meetings/{key}/plan.toml").text).questions


def test_trust_cannot_be_declared_open(room: Room) -> None:
    console, key = _scratch(room)
    path = f"/meetings/{key}/plan/questions/new?kind=trust"
    assert "disabled" in console.get(path).text
    assert console.press(path, "Save the question", title="Trust?", secrecy="open").status_code == 422


def test_questions_are_moved_changed_and_deleted(room: Room) -> None:
    console = Console(room)
    path = f"{console.home}/plan/questions"
    assert console.press(f"{path}/dots", "Move it up").status_code == 303
    assert console.press(f"{path}/scale", "Save the question", title="Another title").status_code == 303
    assert console.press(f"{path}/trust", "delete it").status_code == 303
    plan = _plan(room, "meeting")
    assert [one.key for one in plan.questions] == ["scale", "dots"]
    assert plan.questions[0].title == "Another title"


def test_once_begun_questions_come_at_the_end_and_what_was_opened_stays(room: Room) -> None:
    console = Console(room)
    room.open("scale")
    path = f"{console.home}/plan/questions"
    added = {"title": "Late", "items-0-text": "a", "items-1-text": "b"}
    assert console.press(f"{path}/new?kind=scale", "Save the question", **added).status_code == 303
    values = {"title": "Changed", "items-0-text": "a", "version": console.version()}
    assert console.post(f"{path}/scale", **values).status_code == 422
    assert console.post(f"{path}/scale/delete", version=console.version()).status_code == 303
    assert console.press(f"{path}/dots", "Save the question", title="Still free").status_code == 303
    titles = [one.title for one in _plan(room, "meeting").questions]
    assert titles == ["About scale", "About trust", "Still free", "Late"]
    refused = console.press(f"{console.home}/plan", "Save", **{"groups-2-name": "New", "groups-2-cards": "6"})
    assert refused.status_code == 422


def test_two_who_edit_at_once_are_told(room: Room) -> None:
    console = Console(room)
    path, version = f"{console.home}/plan/questions/scale", console.version()
    assert console.press(path, "Save the question", title="First").status_code == 303
    late = console.press(path, "Save the question", title="Second", version=version)
    assert late.status_code == 422
    assert "Somebody else" in late.text
    assert 'value="Second"' in late.text
    assert _plan(room, "meeting").questions[0].title == "First"

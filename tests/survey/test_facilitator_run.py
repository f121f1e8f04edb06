"""Running a meeting: one step at a time, each once, and nothing of a sealed question before it is closed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from consoles import Console
from factories import an_answer, log_of
from rooms import Room, a_room

from survey.ballots import rounds
from survey.kinds import KINDS
from survey.meetings import agenda
from survey.storage import schema


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return a_room(tmp_path)


def _state(room: Room) -> agenda.MeetingState:
    found: agenda.MeetingState = room.meeting.read(lambda c: agenda.state(c, room.meeting.id))
    return found


def _round(room: Room) -> int:
    current = _state(room).current
    assert current is not None and current.last is not None
    return current.last.id


def _types(room: Room) -> list[str]:
    return [row.type for row in log_of(room.meeting) if row.type not in ("issue", "cast")]


def test_the_black_button_leads_through_the_whole_agenda(tmp_path: Path) -> None:
    room = a_room(tmp_path, questions=("scale", {"kind": "dots", "rounds": 1}))
    console, pressed = Console(room), []
    for _ in range(60):
        page = console.get(console.home).text
        if "#end" in re.findall(r'class="next" href="([^"]*)', page + 'class="next" href=""')[0]:
            break
        pressed.append(console.next())
        if pressed[-1].startswith(("Open", "Put")):
            current = _state(room).current
            assert current is not None
            room.everybody_casts(current.key, _round(room))
    kinds_of_step = [one for one in pressed if not one.startswith("Show the next picture")]
    one_question = ["Open question {n}", "Close the vote", "Show the result of question {n}"]
    again = ["Put question {n} again", *one_question[1:]]
    wanted = [one.format(n=1) for one in one_question + again] + [one.format(n=2) for one in one_question]
    assert kinds_of_step == wanted
    assert console.step("end").status_code == 303
    assert _state(room).ended
    assert not _state(room).unfinished
    assert "The meeting is over." in console.get(console.home).text


def test_a_step_from_an_old_page_does_nothing_and_shows_how_it_stands(room: Room) -> None:
    console, other = Console(room), Console(room)
    version = console.version()
    values = {"verb": "open", "version": version}
    question = room.meeting.questions
    assert console.post(f"{console.home}/step", question=question["scale"], **values).status_code == 303
    late = other.post(f"{console.home}/step", question=question["trust"], **values)
    assert late.status_code == 303
    assert "Somebody else has just done something" in other.get(late.headers["Location"]).text
    assert len([one for one in _types(room) if one == "open"]) == 1


def test_two_presses_of_the_same_button_are_one_step(room: Room) -> None:
    console = Console(room)
    page = console.get(console.home).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    version = console.version()
    for _ in range(3):
        data = {"csrf_token": token, "verb": "next", "version": version}
        assert console.client.post(f"{console.home}/step", data=data).status_code == 303
    assert _types(room) == ["open"]


@pytest.mark.parametrize(
    "fields",
    [
        {"verb": "open"},
        {"verb": "open", "question": "999"},
        {"verb": "close", "round": "1"},
        {"verb": "nonsense"},
        {"verb": ""},
        {"verb": "show", "view": "result"},
        {"verb": "show", "view": "elsewhere"},
        {"verb": "show", "light": "purple"},
        {"verb": "stage"},
        {"verb": "finish", "question": "1"},
        {"verb": "reveal", "round": "x"},
    ],
)
def test_a_step_that_does_not_fit_changes_nothing(room: Room, fields: dict[str, str]) -> None:
    console = Console(room)
    before = _state(room)
    answer = console.post(f"{console.home}/step", json=True, version=before.version, **fields)
    assert answer.status_code in (404, 409)
    assert _state(room) == before


def test_json_for_the_keys_of_the_screen(room: Room) -> None:
    console = Console(room)
    version = console.version()
    good = console.post(f"{console.home}/step", json=True, verb="next", version=version)
    assert (good.status_code, good.json) == (200, {"version": version + 1})
    stale = console.post(f"{console.home}/step", json=True, verb="next", version=version)
    assert stale.status_code == 409
    assert stale.json["version"] == version + 1


@pytest.mark.parametrize("kind", KINDS)
def test_before_it_is_closed_the_console_says_the_same_whatever_is_answered(
    tmp_path: Path, kind: str
) -> None:
    pages = []
    for number in (0, 1):
        room = a_room(tmp_path / str(number))
        round_id = room.open(kind)
        question = room.meeting.question(kind)
        for _group, card in room.meeting.everybody():
            room.meeting.cast(round_id, card, an_answer(question, number))
        text = Console(room).get(f"/meetings/{room.meeting.key}").text
        pages.append(re.sub(r'name="csrf_token" value="[^"]+"', "", text))
    assert pages[0] == pages[1]
    assert "12</span> of 12" in pages[0]


def test_the_wrong_button_has_a_way_back(room: Room) -> None:
    console = Console(room)
    console.next()
    room.everybody_casts("scale", _round(room))
    console.next()
    assert console.press(console.home, "Open the vote again").status_code == 303
    assert _state(room).open is not None
    console.next()
    console.next()
    first = _round(room)
    console.press(console.home, "put it aside")
    assert rounds.state(room.meeting.read(lambda c: rounds.the_round(c, first))) == "annulled"
    console.step("open", question=room.meeting.questions["scale"])
    assert _round(room) != first
    assert _types(room) == ["open", "close", "reopen", "close", "reveal", "annul", "open"]


def test_finish_and_end_are_never_one_press_away(room: Room) -> None:
    room.revealed("scale")
    page = Console(room).get(f"/meetings/{room.meeting.key}").text
    for verb in ("finish", "end", "annul"):
        before = page[: page.index(f'name="verb" value="{verb}"')]
        assert before.rindex("<details") > before.rindex("</details>"), verb


def test_pictures_and_prompts_go_forward_and_back(room: Room) -> None:
    console = Console(room)
    room.revealed("scale")
    stages = len(_state(room).stages)
    assert stages > 1
    while console.step("forward", json=True).status_code == 200:
        pass
    assert _state(room).screen["stage"] == stages - 1
    console.step("back")
    assert _state(room).screen["stage"] == stages - 2
    console.step("show", view="join")
    assert console.step("back", json=True).status_code == 409
    console.step("show", light="off")
    assert _state(room).screen["light"] == "off"


def test_what_is_said_is_written_down_and_removed(room: Room) -> None:
    console = Console(room)
    room.revealed("scale")
    said = "<b>Dei nye</b> kjenner ikkje avtalane"
    assert console.press(console.home, "Add", text=said).status_code == 303
    page = console.get(console.home).text
    assert "&lt;b&gt;Dei nye&lt;/b&gt;" in page
    assert "<b>Dei nye" not in page
    console.press(console.home, "Dei nye")
    assert "Dei nye" not in console.get(console.home).text


def test_a_prompt_is_changed_skipped_and_used_again(room: Room) -> None:
    console = Console(room)
    room.revealed("scale")
    page = console.get(console.home).text
    assert "In your own words" in page
    console.press(console.home, "In your own words", text="Kva no?", do="change")
    assert "Kva no?" in console.get(console.home).text
    console.press(console.home, "In your own words", do="skip")
    assert "Skipped:" in console.get(console.home).text
    console.press(console.home, "In your own words", do="use")
    assert "Skipped:" not in console.get(console.home).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_ballot_on_paper_is_that_cards_ballot_and_logged_as_paper(tmp_path: Path, kind: str) -> None:
    room = a_room(tmp_path)
    console, meeting = Console(room), room.meeting
    round_id = room.open(kind)
    code = meeting.cards["hol"][0].code
    page = console.press(f"{console.home}/paper", "Show its ballot", code=code.lower())
    assert page.status_code == 200
    assert code not in page.text
    question = meeting.question(kind)
    marks = KINDS[kind].posted(question, an_answer(question))
    for _ in range(2):
        done = console.press_on(page.text, "ballot box", **marks)
        assert done.status_code == 303, done.text
    assert [row.type for row in log_of(meeting) if row.type in ("cast", "paper")] == ["paper"]
    assert _state(room).turnout == 1
    assert meeting.read(lambda c: rounds.the_round(c, round_id)).id == round_id


def test_a_wrong_paper_ballot_is_told_and_not_stored(room: Room) -> None:
    console, code = Console(room), room.meeting.cards["hol"][0].code
    room.open("dots")
    page = console.press(f"{console.home}/paper", "Show its ballot", code=code).text
    answer = console.press_on(page, "ballot box", **{"item-roads": "99"})
    assert answer.status_code == 422
    assert 'id="mistakes"' in answer.text
    assert _state(room).turnout == 0
    unknown = console.press(f"{console.home}/paper", "Show its ballot", code="0000-0000-0000")
    assert unknown.status_code == 404


def test_a_lost_card_is_void_and_the_new_one_is_shown_once(room: Room) -> None:
    console, meeting = Console(room), room.meeting
    round_id = room.open("scale")
    lost = meeting.cards["hol"][0]
    meeting.cast(round_id, lost.id, an_answer(meeting.question("scale")))
    answer = console.press(console.home, "Void it", code=lost.code)
    code = re.findall(r'class="code">([0-9A-Z-]{14})<', answer.text)[0]
    assert answer.status_code == 200
    assert code not in (answer.headers.get("Location") or "")
    assert code not in console.get(console.home).text
    assert _state(room).turnout == 0
    assert console.press(console.home, "Void it", code=lost.code).status_code == 303
    spare = console.press(console.home, "Show a new card", group="gol")
    assert re.findall(r'class="code">([0-9A-Z-]{14})<', spare.text)[0] != code


@pytest.mark.parametrize("number", ["0", "301", "-1", "many", ""])
def test_simulated_voters_are_bounded(room: Room, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr("survey.audiences.facilitator.simulated.start", started.append)
    assert Console(room).post(f"/meetings/{room.meeting.key}/simulated", number=number).status_code == 303
    assert not started
    assert not _state(room).rehearsal


def test_simulated_voters_mark_the_meeting_and_go_by_one_button(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[dict[str, str]]] = []
    monkeypatch.setattr("survey.audiences.facilitator.simulated.start", started.append)
    console = Console(room)
    cards_before = _state(room).cards
    console.press(console.home, "Invented people", number="9")
    assert sorted(one["group"] for one in started[0]) == ["gol"] * 4 + ["hol"] * 5
    page = console.get(console.home).text
    assert "Rehearsal: all answers are invented." in page
    assert not any(one["code"] in page for one in started[0])
    console.next()
    console.press(console.home, "remove the rehearsal")
    state = _state(room)
    assert (state.rehearsal, state.has_begun, state.cards) == (False, False, cards_before)


def test_nothing_is_rehearsed_once_the_meeting_has_begun(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr("survey.audiences.facilitator.simulated.start", started.append)
    room.open("scale")
    console = Console(room)
    assert "Invented people" not in console.get(console.home).text
    assert console.post(f"{console.home}/simulated", number="5").status_code == 303
    assert not started
    assert not _state(room).rehearsal


def test_another_address_than_the_printed_one_is_said_with_two_ways_out(room: Room) -> None:
    console = Console(room)
    room.set(base_url="http://10.9.8.7:8000")
    page = console.get(console.home).text
    assert "http://10.9.8.7:8000" in page
    assert "http://prikk.test:8000" in page
    assert "print afresh" in page
    room.set(base_url="http://prikk.test:8000")
    assert "print afresh" not in console.get(console.home).text


def test_unfinished_questions_are_named_when_all_is_done(room: Room) -> None:
    for key in ("scale", "trust", "dots"):
        room.revealed(key)
    assert "3 questions are not finished" in Console(room).get(f"/meetings/{room.meeting.key}").text


def test_the_tables_of_the_room_hold_no_code(room: Room) -> None:
    columns = {column.name for table in schema.metadata.tables.values() for column in table.columns}
    assert "code" not in columns

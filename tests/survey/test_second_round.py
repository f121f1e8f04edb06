"""A question put twice: the wall, the phone and the records show how the room moved."""

from __future__ import annotations

from typing import Any

import pytest
from rooms import Room, a_room

import analysis
from survey.ballots import count
from survey.meetings import agenda, charts, ending, prompts, publishing
from survey.storage import schema

CARDS = {"hol": 8, "gol": 8, "nes": 8}


@pytest.fixture
def room(tmp_path):
    return a_room(tmp_path, groups=CARDS, questions=("scale", "dots"))


def put(room: Room, question: str, answers: list[Any]) -> int:
    round_id = room.open(question)
    for (_, card), answer in zip(room.meeting.everybody(), answers, strict=False):
        room.meeting.cast(round_id, card, answer)
    room.close(round_id)
    room.reveal(round_id)
    return round_id


def scales(moved: int = 0) -> list[dict[str, Any]]:
    values = [(place * 7) % 9 for place in range(24)]
    return [{"values": {"agree": v + (at < moved), "know": (v + 3) % 9}} for at, v in enumerate(values)]


def dots(moved: int = 0) -> list[dict[str, Any]]:
    options = ("roads", "schools", "buses", "rinks")
    return [
        {"dots": {options[at % 4]: 1 + (at < moved), options[(at // 4 + 1 + at % 4) % 4]: 1}}
        if (at // 4 + 1) % 4
        else {"dots": {options[at % 4]: 1 + (at < moved)}}
        for at in range(24)
    ]


def row_of(room: Room, round_id: int) -> Any:
    return room.meeting.read(lambda c: publishing._shown_rows(c, schema.round_.c.id == round_id))[0]


def value(published: Any, measure: str, item: str = "agree") -> float | None:
    rows = published.rows
    rows = rows[(rows["round"] == 2) & (rows["measure"] == measure) & (rows["item"] == item)]
    return None if rows.empty or rows.iloc[0]["hidden"] else float(rows.iloc[0]["value"])


def test_the_second_reveal_has_a_picture_of_the_change(room):
    put(room, "scale", scales())
    second = put(room, "scale", scales(moved=9))
    row = row_of(room, second)
    assert "change:agree" in row.published["stages"]
    published = analysis.published_from_dict(row.published)
    assert [value(published, name) for name in ("up", "same", "down")] == [9, 15, 0]
    figure = room.get(f"/screen/meeting/figure/{second}?stage=change:agree").get_json()
    assert figure["stage"] == "change:agree"
    assert "9 went up, 15 stayed, 0 went down." in figure["layout"]["meta"]["description"]


def test_the_first_reveal_has_none(room):
    row = row_of(room, put(room, "scale", scales()))
    assert not [one for one in row.published["stages"] if one.startswith("change")]


def test_the_prompt_is_about_who_moved_and_its_picture_comes_with_it(room):
    put(room, "scale", scales())
    second = put(room, "scale", scales(moved=9))
    found = room.meeting.read(lambda c: prompts.of_round(c, row_of(room, second), "en"))
    assert (found[0].finding, found[0].what) == ("moved:agree", "9 went up, 15 stayed, 0 went down.")
    room.show(view="result", round=second, stage=0, finding=1)
    assert "stage=change%3Aagree" in room.get("/screen/meeting").text.replace(
        "change:agree", "change%3Aagree"
    )


def test_dots_show_the_change_of_all_options_in_one_picture(room):
    put(room, "dots", dots())
    second = put(room, "dots", dots(moved=7))
    stages = row_of(room, second).published["stages"]
    assert [one for one in stages if one.startswith("change")] == ["change:"]


def test_a_round_put_aside_is_not_compared_any_more(room):
    first = put(room, "scale", scales())
    second = put(room, "scale", scales(moved=9))
    room.meeting.write(lambda c: agenda.annul_round(c, room.meeting.id, first, None))
    row = row_of(room, second)
    assert not [one for one in row.published["stages"] if one.startswith("change")]
    assert not [one for one in charts.words(charts.of(row, "en")).stages if one.startswith("change")]
    everything = room.meeting.read(lambda c: publishing.revealed(c, room.meeting.id))
    assert not [one for one in analysis.findings(everything, "scale") if one.key == "moved"]


def test_a_round_put_aside_before_the_second_is_skipped(room):
    first = put(room, "scale", scales())
    room.meeting.write(lambda c: agenda.annul_round(c, room.meeting.id, first, None))
    put(room, "scale", scales())
    third = put(room, "scale", scales(moved=9))
    published = analysis.published_from_dict(row_of(room, third).published)
    rows = published.of("scale", 3)
    assert list(rows[rows["measure"] == "compared_with"]["value"]) == [2]


def test_after_the_question_is_finished_the_rounds_still_pair(room):
    put(room, "scale", scales())
    second = put(room, "scale", scales(moved=9))
    before = analysis.published_from_dict(row_of(room, second).published)
    meeting, question = room.meeting, room.meeting.questions["scale"]
    ending.finish_question(meeting.database, meeting.keys, meeting.id, question, None)
    again = meeting.read(lambda c: count.responses(c, meeting.keys, question))
    assert analysis.publish(again).of("scale", 2).equals(before.of("scale", 2))


def test_the_report_shows_the_change_under_the_second_round(room):
    put(room, "scale", scales())
    put(room, "scale", scales(moved=9))
    html = analysis.report(room.meeting.read(lambda c: publishing.revealed(c, room.meeting.id)))
    assert html.count("Since the last round") >= 2
    assert "9 went up, 15 stayed, 0 went down." in html

"""Streams: everybody hears at once, nobody hears what is sealed, and streams hold nothing that pages need."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import contextmanager

import gevent
import pytest
from factories import an_answer
from phones import Phone, with_card
from rooms import a_room
from sqlalchemy import select

from survey.audiences import feeds
from survey.storage import schema
from survey.storage.database import Database


@pytest.fixture
def room(tmp_path, fresh_database):
    shutil.copy(fresh_database, tmp_path / "prikk.sqlite")
    found = a_room(tmp_path, questions=[{"kind": "scale", "secrecy": "open"}, "dots"])
    yield found
    found.meeting.database.close()


class Stream:
    """An open stream, read event by event."""

    def __init__(self, phone, path="/live/meeting"):
        self.answer = phone.client.get(path, headers={"Accept-Encoding": "gzip, br"})
        self.texts = iter(self.answer.response)

    def raw(self):
        return next(self.texts)

    def state(self):
        text = self.raw()
        assert text.startswith(b"data: ") and text.endswith(b"\n\n")
        return json.loads(text[6:])

    def close(self):
        self.answer.close()


@pytest.fixture
def stream(room):
    opened = []

    def begin(phone=None, path="/live/meeting"):
        opened.append(Stream(phone or Phone(room), path))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


def poll(room, audience="phone"):
    return room.get(f"/live/meeting?poll=1&for={audience}").json


def test_a_stream_begins_with_a_time_to_come_back_and_where_things_stand(room, stream):
    one = stream()
    assert one.answer.mimetype == "text/event-stream"
    assert "Content-Encoding" not in one.answer.headers
    assert one.answer.headers["Cache-Control"] == "no-store"
    assert 1_000 <= int(re.fullmatch(rb"retry: (\d+)\n\n", one.raw())[1]) <= 6_000
    assert one.state() == poll(room)


def test_times_to_come_back_are_spread(stream):
    assert len({stream().raw() for _ in range(12)}) > 1


def test_phones_hear_of_opening_and_closing(room, stream):
    one = stream(with_card(room))
    one.raw()
    assert one.state()["state"] == "waiting"
    round_id = room.open("dots")
    heard = one.state()
    assert (heard["open"], heard["state"]) == (round_id, "open")
    room.close(round_id)
    heard = one.state()
    assert (heard["open"], heard["state"]) == (None, "closed")
    room.reveal(round_id)
    assert one.state()["state"] == "revealed"


def test_the_mark_changes_exactly_when_a_phone_has_something_else_to_show(room):
    marks = [poll(room)["mark"]]
    round_id = room.open("dots")
    marks.append(poll(room)["mark"])
    room.everybody_casts("dots", round_id)
    assert poll(room)["mark"] == marks[-1]
    room.close(round_id)
    marks.append(poll(room)["mark"])
    room.reveal(round_id)
    marks.append(poll(room)["mark"])
    assert len(set(marks)) == 4


@pytest.mark.parametrize("audience", ["phone", "screen"])
def test_a_sealed_question_tells_turnout_and_nothing_else(room, audience):
    round_id = room.open("dots")
    cards = room.meeting.everybody()
    question = room.meeting.question("dots")
    room.meeting.cast(round_id, cards[0][1], an_answer(question, 0))
    before = poll(room, audience)
    room.meeting.cast(round_id, cards[0][1], an_answer(question, 1))
    after = poll(room, audience)
    assert before == after
    assert after["turnout"] == 1
    assert "wall" not in after
    expected = {"version", "open", "state", "mark", "turnout"}
    assert set(after) == expected | ({"taken", "entitled"} if audience == "screen" else set())


def test_an_open_question_goes_on_the_wall_but_not_to_phones(room):
    round_id = room.open("scale")
    (group, card) = room.meeting.everybody()[0]
    room.meeting.cast(round_id, card, {"values": {"agree": 7, "know": None}})
    assert poll(room, "screen")["wall"] == [{"item": "agree", "group": group, "level": 7, "n": 1}]
    assert "wall" not in poll(room)


def test_as_many_as_last_time_are_counted_anew(room, stream, monkeypatch):
    monkeypatch.setattr(feeds, "_HEARTBEAT", 0.5)
    one = stream(path="/live/meeting?for=screen")
    one.raw()
    for asked in ("scale", "dots"):
        round_id = room.open(asked)
        while (heard := one.state())["open"] != round_id:
            pass
        assert heard["turnout"] == 0
        # All between two looks, of which the second sees the very number that the question before had.
        room.everybody_casts(asked, round_id)
        assert len(room.meeting.everybody()) in [one.state()["turnout"] for _ in range(3)]
        room.close(round_id)


@pytest.mark.parametrize("path", ["/live/meeting", "/live/meeting?for=screen"])
def test_who_comes_is_told_nothing_older_than_the_page_it_came_from(room, stream, path):
    round_id = room.open("dots")
    first = stream()
    first.raw()
    assert first.state()["state"] == "open"
    room.close(round_id)
    later = stream(path=path)
    later.raw()
    assert later.state()["state"] == "closed"
    room.reveal(round_id)
    assert room.get(f"{path}{'&' if '?' in path else '?'}poll=1").json["state"] == "revealed"


def test_who_votes_again_moves_a_dot_though_the_turnout_stays(room, stream):
    round_id = room.open("scale")
    (_, card) = room.meeting.everybody()[0]
    room.meeting.cast(round_id, card, {"values": {"agree": 7, "know": None}})
    one = stream(path="/live/meeting?for=screen")
    one.raw()
    assert [dot["level"] for dot in one.state()["wall"]] == [7]
    for level in (2, 5):
        room.meeting.cast(round_id, card, {"values": {"agree": level, "know": None}})
        heard = one.state()
        assert (heard["turnout"], [dot["level"] for dot in heard["wall"]]) == (1, [level])


def test_open_dots_are_counted_as_dots(tmp_path):
    room = a_room(tmp_path, questions=[{"kind": "dots", "secrecy": "open"}])
    try:
        round_id = room.open("dots")
        for _, card in room.meeting.everybody()[:2]:
            room.meeting.cast(round_id, card, {"dots": {"roads": 2, "buses": 1}})
        wall = poll(room, "screen")["wall"]
        assert {one["item"]: one["n"] for one in wall} == {"roads": 4, "buses": 2}
        assert {one["level"] for one in wall} == {None}
    finally:
        room.meeting.database.close()


def test_the_wall_leaves_when_the_round_is_closed(room):
    round_id = room.open("scale")
    room.everybody_casts("scale", round_id)
    room.close(round_id)
    assert "wall" not in poll(room, "screen")


def test_silence_is_broken(room, stream, monkeypatch):
    monkeypatch.setattr(feeds, "_HEARTBEAT", 0.01)
    one = stream()
    one.raw()
    assert one.state() == one.state()


def test_streams_outlive_whatever_goes_wrong_with_a_look(room, stream, monkeypatch, caplog):
    one = stream()
    one.raw()
    one.state()
    look, fails = feeds.Feed.look, ["once"]

    def fail_once(feed, connection):
        if fails:
            raise ZeroDivisionError(fails.pop())
        look(feed, connection)

    monkeypatch.setattr(feeds.Feed, "look", fail_once)
    round_id = room.open("dots")
    assert one.state()["open"] == round_id
    assert "once" in caplog.text


def test_the_phone_whose_card_was_taken_over_is_called(room, stream):
    phone = with_card(room)
    one = stream(phone)
    one.raw()
    one.state()
    Phone(room).take(room.meeting.cards["hol"][0].code)
    assert one.state()["again"] is True
    assert phone.state() == "moved"


def test_who_was_asleep_when_the_card_was_taken_over_hears_of_it_on_waking(room, stream):
    phone = with_card(room)
    room.open("dots")
    stream(phone).close()
    Phone(room).take(room.meeting.cards["hol"][0].code)
    one = stream(phone)
    one.raw()
    assert one.state()["again"] is True


@pytest.fixture
def feed(room):
    room.open("dots")
    found = feeds.Feed(room.meeting.id)
    look(room, found)
    return found


def look(room, feed):
    with room.meeting.database.reading() as connection:
        feed.look(connection)


def test_a_look_that_began_before_a_step_does_not_put_it_back(room, feed, monkeypatch):
    cards, others = feeds.Feed._cards, []

    def meanwhile(own, connection):
        found = cards(own, connection)
        if not others:
            room.close(1)
            others.append(gevent.spawn(look, room, feed))
            gevent.sleep(0.05)
        return found

    monkeypatch.setattr(feeds.Feed, "_cards", meanwhile)
    monkeypatch.setattr(feeds, "_NUMBERS_EVERY", {"screen": 0, "phone": 0})
    feed._count_cards_at = 0
    look(room, feed)
    gevent.joinall(others, raise_error=True)
    for _ in range(3):
        look(room, feed)
    assert [feed.states[one]["state"] for one in ("screen", "phone")] == ["closed", "closed"]


def test_an_older_state_of_the_database_is_not_told(room, feed):
    with room.meeting.database.reading() as connection:
        connection.execute(select(schema.meeting.c.version)).all()
        room.close(1)
        look(room, feed)
        feed.look(connection)
    assert feed.states["screen"]["state"] == "closed"


def test_whoever_joins_as_the_last_other_leaves_is_told_what_comes(room, stream, monkeypatch):
    first = stream()
    first.raw()
    first.state()
    once = feeds.Feed.look

    def as_the_other_leaves(feed, connection):
        once(feed, connection)
        monkeypatch.setattr(feeds.Feed, "look", once)
        first.close()

    round_id = room.open("dots")
    monkeypatch.setattr(feeds.Feed, "look", as_the_other_leaves)
    second = stream()
    second.raw()
    second.state()
    room.close(round_id)
    with gevent.Timeout(10):
        assert second.state()["state"] == "closed"


def test_a_stream_begins_with_one_connection(room, stream, monkeypatch):
    reading, held, most = Database.reading, [], []

    @contextmanager
    def counted(database):
        with reading(database) as connection:
            held.append(connection)
            most.append(len(held))
            yield connection
            held.pop()

    monkeypatch.setattr(Database, "reading", counted)
    stream().raw()
    assert set(most) == {1}
    assert not held


def test_streams_hold_no_connection_to_the_database(room, stream):
    for _ in range(40):
        stream().raw()
    assert room.get("/").status_code == 200
    assert poll(room)["state"] == "waiting"


def test_one_phone_has_a_few_streams_and_gets_them_back(room, stream):
    phone = with_card(room)
    held = [stream(phone) for _ in range(8)]
    refused = phone.get("/live/meeting")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    held[0].close()
    assert phone.get("/live/meeting?poll=1").status_code == 200
    assert stream(phone).answer.status_code == 200


def test_a_meeting_that_is_not_there_has_no_stream(room):
    assert room.get("/live/nowhere").status_code == 404
    assert room.get("/live/nowhere?poll=1").status_code == 404


def test_messages_stay_small(room):
    round_id = room.open("dots")
    room.everybody_casts("dots", round_id)
    assert len(json.dumps(poll(room))) < 200
    assert len(json.dumps(poll(room, "screen"))) < 2_048

"""The phone's pages: coming in with a card, voting in every kind, what is shown and what never is."""

from __future__ import annotations

import gzip
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from factories import an_answer
from phones import Phone, state_of, with_card
from rooms import a_room
from sqlalchemy import delete, select, update

from survey.audiences import forms
from survey.ballots import cards, codes, count, seal
from survey.kinds import KINDS
from survey.meetings import agenda, ending
from survey.storage import schema

KEYS = sorted(KINDS)


@pytest.fixture
def room(tmp_path, fresh_database):
    shutil.copy(fresh_database, tmp_path / "prikk.sqlite")
    found = a_room(tmp_path, tables=2)
    yield found
    found.meeting.database.close()


def turnout(room, round_id):
    return room.meeting.read(lambda c: count.turnout(c, round_id))


def stored(room):
    return room.meeting.read(lambda c: len(c.execute(select(schema.content.c.id)).all()))


# ---- coming in ----


@pytest.mark.parametrize(
    "written",
    [
        str.lower,
        codes.pretty,
        lambda code: " ".join(code),
        lambda code: f"  {code[:4]}–{code[4:8]}\u00a0{code[8:]} ",
        lambda code: code.replace("0", "O").replace("1", "l"),
    ],
)
def test_a_code_is_found_however_it_is_typed(room, written):
    card = room.meeting.cards["gol"][0]
    page = Phone(room).type(written(card.code))
    assert (page.status_code, state_of(page)) == (200, "confirm")
    assert "Gol" in page.text and "Table" in page.text and codes.pretty(card.code) in page.text


def test_before_a_yes_the_card_page_says_what_is_secret(room):
    page = Phone(room).type(room.meeting.cards["gol"][0].code).text
    assert "fewer than 5 answers" in page
    assert "not a formal vote" in page
    assert "never what you answer" in page
    assert "can be paired" in page


def test_a_wrong_code_is_told_the_same_way_whether_it_could_exist_or_not(room):
    possible, broken = codes.new_code(), "0" * 11 + "Z"
    first, second = Phone(room).type(possible), Phone(room).type(broken)
    assert first.status_code == second.status_code == 404
    assert "8 and B, 5 and S" in first.text

    def neutral(answer, code):
        return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text).replace(code, "")

    assert neutral(first, possible) == neutral(second, broken)


@pytest.mark.parametrize("typed", ["", "æøå", "<script>alert(1)</script>", "1" * 5_000, "\x00", "ß" * 12])
def test_what_is_no_code_gets_a_page_and_no_harm(room, typed):
    answer = Phone(room).type(typed)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_guessing_is_held_back_but_a_valid_code_always_passes(room):
    guesser = Phone(room)
    token = guesser.token()
    answers = [guesser.post("/b", {"csrf_token": token, "code": "0" * 12}) for _ in range(70)]
    held = [answer for answer in answers if answer.status_code == 429]
    assert held and held[0].headers["Retry-After"]
    assert Phone(room).type(room.meeting.cards["gol"][0].code).status_code == 200


def test_the_code_is_in_no_address_and_no_cookie(room):
    phone, code = Phone(room), room.meeting.cards["hol"][0].code
    answers = [phone.type(code), phone.take(code), phone.get("/vote")]
    for answer in answers:
        heads = " ".join(f"{name}: {value}" for name, value in answer.headers)
        assert code not in heads and codes.pretty(code) not in heads
    assert code not in answers[2].text and codes.pretty(code) not in answers[2].text


def test_a_void_card_is_refused(room):
    card = room.meeting.cards["hol"][0]
    room.meeting.write(lambda c: cards.void(c, room.meeting.keys, room.meeting.id, card.id))
    assert Phone(room).type(card.code).status_code == 410
    assert Phone(room).take(card.code).status_code == 410


def test_a_phone_whose_card_is_voided_is_told(room):
    phone, card = with_card(room), room.meeting.cards["hol"][0]
    room.open("scale")
    fields = phone.fields("scale", an_answer(room.meeting.question("scale")))
    room.meeting.write(lambda c: cards.void(c, room.meeting.keys, room.meeting.id, card.id))
    assert "no longer valid" in phone.get("/vote").text
    assert phone.post("/vote", fields).status_code in (409, 410)
    assert stored(room) == 0


def test_scanning_again_returns_to_the_vote(room):
    phone = with_card(room)
    answer = phone.type(room.meeting.cards["hol"][0].code)
    assert (answer.status_code, answer.location) == (303, "/vote")


def test_without_a_card_the_vote_asks_for_the_code(room):
    phone = Phone(room)
    assert phone.get("/vote").location == phone.get("/receipt").location == "/"
    assert state_of(phone.post("/vote", {"csrf_token": phone.token(), "round": "1"})) == "code"


# ---- one card, several phones; one phone, several cards ----


def test_another_phone_takes_over_and_the_first_is_told(room):
    first, code = with_card(room), room.meeting.cards["hol"][0].code
    second = Phone(room)
    assert "in use on another phone" in second.type(code).text
    second.take(code)
    assert (first.state(), second.state()) == ("moved", "waiting")
    back = first.post("/card/back", {"csrf_token": first.token()})
    assert back.location == "/vote"
    assert (first.state(), second.state()) == ("waiting", "moved")


def test_after_a_vote_no_other_phone_takes_over_while_the_round_is_open(room):
    first, code = with_card(room), room.meeting.cards["hol"][0].code
    round_id = room.open("scale")
    first.cast("scale", an_answer(room.meeting.question("scale")))
    second = Phone(room)
    assert second.take(code).status_code == 409
    assert (first.state(), second.get("/vote").location) == ("receipt", "/")
    room.close(round_id)
    assert second.take(code).status_code == 303


def test_a_phone_that_lost_its_card_cannot_cast(room):
    first, code = with_card(room), room.meeting.cards["hol"][0].code
    room.open("scale")
    fields = first.fields("scale", an_answer(room.meeting.question("scale")))
    Phone(room).take(code)
    answer = first.post("/vote", fields)
    assert (answer.status_code, state_of(answer)) == (409, "moved")
    assert stored(room) == 0


@pytest.mark.parametrize("change", ["void", "taken", "closed", "finished", "session gone"])
def test_who_has_voted_before_is_asked_for_anew_each_time(room, change):
    phone, card = with_card(room), room.meeting.cards["hol"][0]
    meeting, keys, round_id = room.meeting, room.meeting.keys, room.open("scale")
    answer = an_answer(meeting.question("scale"))
    assert phone.cast("scale", answer).status_code == 303
    fields = phone.fields("scale", answer)
    held, session = update(schema.card).where(schema.card.c.id == card.id), schema.session
    expected = "moved" if change in ("void", "taken") else "late"
    if change == "void":
        meeting.write(lambda c: cards.void(c, keys, meeting.id, card.id))
    elif change == "taken":
        meeting.write(lambda c: c.execute(held.values(holder="f" * 64)))
    elif change == "session gone":
        meeting.write(lambda c: c.execute(held.values(holder=None)))
        meeting.write(lambda c: c.execute(delete(session).where(session.c.card_id == card.id)))
        expected = "code"
    else:
        room.close(round_id)
    if change == "finished":
        seal.finish(meeting.database, keys, meeting.questions["scale"])
    before = stored(room)
    refused = phone.post("/vote", fields)
    assert refused.status_code in (404, 409, 410)
    assert state_of(refused) == expected
    assert stored(room) == before


def test_one_phone_serves_two_people_in_turn(room):
    tablet = with_card(room, "hol")
    round_id = room.open("scale")
    answer = an_answer(room.meeting.question("scale"))
    tablet.cast("scale", answer)
    assert "Use this card instead?" in tablet.type(room.meeting.cards["gol"][0].code).text
    tablet.take(room.meeting.cards["gol"][0].code)
    assert tablet.state() == "ballot"
    tablet.cast("scale", answer)
    assert turnout(room, round_id) == 2
    assert tablet.take(room.meeting.cards["hol"][0].code).status_code == 303
    assert tablet.state() == "receipt"


# ---- voting ----


@pytest.mark.parametrize("kind", KEYS)
def test_a_ballot_is_cast_changed_and_then_no_longer_shown(room, kind):
    phone, question = with_card(room), room.meeting.question(kind)
    assert phone.state() == "waiting"
    round_id = room.open(kind)
    assert phone.state() == "ballot"
    answer = phone.cast(kind, an_answer(question, 1))
    assert (answer.status_code, answer.location) == (303, "/receipt")
    shown = phone.get("/receipt").text
    assert re.search(r"<dd>[0-9A-Z]{5}-[0-9A-Z]{5}</dd>", shown)
    before = [field for field in phone.form().fields if field[0].startswith("item-")]
    assert phone.cast(kind, an_answer(question, 2)).status_code == 303
    after = [field for field in phone.form().fields if field[0].startswith("item-")]
    assert before != after
    assert turnout(room, round_id) == 1
    room.close(round_id)
    for path in ("/vote", "/vote?change=1", "/receipt"):
        page = phone.get(path)
        assert state_of(page) == "closed"
        assert "item-" not in page.text and "checked" not in page.text
        assert "one of" in page.text or "One answer" in page.text


@pytest.mark.parametrize("kind", KEYS)
def test_the_ballot_offers_every_item_and_a_blank(room, kind):
    phone, question = with_card(room), room.meeting.question(kind)
    round_id = room.open(kind)
    form = phone.form()
    assert {name for name in form.choices if name.startswith("item-")} == {
        f"item-{item.key}" for item in question.items
    }
    assert 'name="blank"' in phone.get("/vote").text
    assert phone.cast(kind, {}).status_code == 303
    assert turnout(room, round_id) == 1


@pytest.mark.parametrize("kind", KEYS)
def test_nothing_chosen_is_asked_about_and_not_stored(room, kind):
    phone = with_card(room)
    room.open(kind)
    answer = phone.post("/vote", {name: value for name, value in phone.form().fields if "-" not in name})
    assert (answer.status_code, state_of(answer)) == (422, "ballot")
    assert 'role="alert"' in answer.text
    assert stored(room) == 0


def test_too_many_dots_are_shown_again_as_they_were(room):
    phone = with_card(room)
    room.open("dots")
    fields = phone.fields("dots", {"dots": {"roads": 2, "schools": 2, "buses": 2}})
    answer = phone.post("/vote", fields)
    assert answer.status_code == 422
    assert answer.text.count(" checked") == 6
    assert stored(room) == 0


@pytest.mark.parametrize(
    "broken",
    [
        {"round": ""},
        {"round": "99999"},
        {"round": "x" * 300},
        {"round": "１"},
        {"key": ""},
        {"key": "Z" * 32},
        {"item-agree": "11"},
        {"item-agree": "nan"},
        {"item-unknown": "3"},
    ],
)
def test_bad_fields_get_a_sentence_and_nothing_is_stored(room, broken):
    phone = with_card(room)
    room.open("scale")
    fields = phone.fields("scale", an_answer(room.meeting.question("scale")))
    answer = phone.post("/vote", {**fields, **broken})
    assert answer.status_code in (409, 422)
    assert 'class="error"' in answer.text
    assert stored(room) == 0


def test_the_same_sending_twice_counts_once_even_after_closing(room):
    phone = with_card(room)
    round_id = room.open("dots")
    fields = phone.fields("dots", an_answer(room.meeting.question("dots")))
    phone.post("/vote", fields)
    room.close(round_id)
    again = phone.post("/vote", fields)
    assert (again.status_code, again.location) == (303, "/receipt")
    assert turnout(room, round_id) == stored(room) == 1


def test_a_sending_with_another_answer_is_refused(room):
    phone, question = with_card(room), room.meeting.question("scale")
    room.open("scale")
    key = "ab" * 16
    phone.cast("scale", an_answer(question, 1), key)
    answer = phone.cast("scale", an_answer(question, 2), key)
    assert (answer.status_code, state_of(answer)) == (422, "ballot")
    assert dict(phone.form().fields)["key"] != key


def test_too_late_is_not_counted_and_says_so(room):
    phone, question = with_card(room), room.meeting.question("scale")
    round_id = room.open("scale")
    fields = phone.fields("scale", an_answer(question))
    room.close(round_id)
    answer = phone.post("/vote", fields)
    assert (answer.status_code, state_of(answer)) == (409, "late")
    assert "not counted" in answer.text
    assert stored(room) == 0
    assert "No answer from this card" in phone.get("/vote").text


def main_of(answer):
    return answer.text[answer.text.index("<main") : answer.text.index("</main")]


def test_a_ballot_that_was_counted_is_not_said_not_to_be(room):
    phone, question = with_card(room), room.meeting.question("scale")
    round_id = room.open("scale")
    fields = phone.fields("scale", an_answer(question), "ab" * 16)
    assert phone.post("/vote", fields).status_code == 303, "of which the phone never hears"
    room.close(round_id)
    seal.finish(room.meeting.database, room.meeting.keys, question.id)
    answer = phone.post("/vote", fields)
    assert (answer.status_code, state_of(answer)) == (409, "late")
    assert "can no longer be told" in main_of(answer) and "next question" in main_of(answer)
    for page in (answer, phone.get("/vote")):
        assert not re.search("not counted|No answer from this card|dot none", main_of(page))
    ending.end_meeting(room.meeting.database, room.meeting.keys, room.meeting.id, None)
    assert "next question" not in main_of(phone.post("/vote", fields))


def test_a_ballot_for_a_round_put_aside_is_told_nothing_of_the_one_before(room):
    phone = with_card(room)
    first = room.open("scale")
    phone.cast("scale", an_answer(room.meeting.question("scale")))
    room.close(first)
    room.reveal(first)
    second = room.open("dots")
    fields = phone.fields("dots", an_answer(room.meeting.question("dots")))
    room.close(second)
    room.meeting.write(lambda c: agenda.annul_round(c, room.meeting.id, second, None))
    answer = phone.post("/vote", fields)
    assert (answer.status_code, state_of(answer)) == (409, "late")
    assert "not counted" in main_of(answer)
    assert not re.search("Your answer is|: yours|Receipt", main_of(answer))


def test_a_late_ballot_never_falls_into_the_next_round(room):
    phone = with_card(room)
    first = room.open("scale")
    fields = phone.fields("scale", an_answer(room.meeting.question("scale")))
    room.close(first)
    room.reveal(first)
    room.open("dots")
    answer = phone.post("/vote", fields)
    assert (answer.status_code, state_of(answer)) == (409, "late")
    assert stored(room) == 0


def test_a_ballot_for_another_meeting_is_refused(room, tmp_path):
    other = a_room(tmp_path, key="other")
    try:
        phone = with_card(room)
        room.open("scale")
        fields = phone.fields("scale", an_answer(room.meeting.question("scale")))
        foreign = other.open("scale")
        assert phone.post("/vote", {**fields, "round": str(foreign)}).status_code == 409
        assert stored(room) == 0
    finally:
        other.meeting.database.close()


def test_a_stale_page_keeps_the_vote(room):
    phone = with_card(room)
    room.open("scale")
    fields = phone.fields("scale", an_answer(room.meeting.question("scale"), 3))
    answer = phone.post("/vote", {**fields, "csrf_token": "old"})
    assert (answer.status_code, state_of(answer)) == (400, "ballot")
    assert stored(room) == 0
    assert answer.text.count(" checked") == 2


@pytest.mark.parametrize("path", ["/b", "/card", "/card/back", "/vote", "/join/meeting"])
def test_no_post_passes_without_a_token_or_from_another_site(room, path):
    phone = with_card(room)
    data = {"code": room.meeting.cards["gol"][0].code, "group": "gol"}
    assert phone.post(path, data).status_code == 400
    data["csrf_token"] = phone.token()
    assert phone.post(path, data, Origin="http://elsewhere.test").status_code == 403
    assert phone.post(path, data, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_guests_look_on(tmp_path):
    room = a_room(tmp_path, groups={"hol": 3, "guests": 2}, guests=["guests"])
    try:
        voter, guest = with_card(room, "hol"), with_card(room, "guests")
        room.open("scale")
        fields = voter.fields("scale", an_answer(room.meeting.question("scale")))
        assert "does not vote" in guest.get("/vote").text
        seat = forms.seat(room.meeting.card("guests"))
        own = {**fields, "csrf_token": guest.token(), "seat": seat}
        assert guest.post("/vote", own).status_code == 403
        assert stored(room) == 0
    finally:
        room.meeting.database.close()


def test_the_order_is_the_phones_own_and_stays(tmp_path):
    items = tuple(f"option-{number}" for number in range(12))
    room = a_room(tmp_path, questions=[{"kind": "dots", "items": items, "settings": {}}])
    try:
        room.open("dots")
        orders = []
        for number in range(3):
            phone = with_card(room, "hol", number)
            orders.append([list(phone.form().choices), list(phone.form().choices)])
        assert all(first == second for first, second in orders)
        assert len({tuple(first) for first, _ in orders}) > 1
        assert len({frozenset(first) for first, _ in orders}) == 1
    finally:
        room.meeting.database.close()


def test_many_dots_are_numbers(tmp_path):
    asked = {"kind": "dots", "settings": {"dots": 100, "cap": 100}}
    room = a_room(tmp_path, questions=[asked])
    try:
        round_id = room.open("dots")
        phone = with_card(room)
        assert phone.get("/vote").text.count('type="number"') == 4
        assert phone.cast("dots", {"dots": {"roads": 63, "buses": 37}}).status_code == 303
        assert sorted(value for name, value in phone.form().fields if value and name.startswith("item-")) == [
            "37",
            "63",
        ]
        assert turnout(room, round_id) == 1
    finally:
        room.meeting.database.close()


# ---- what is said, and when ----


@pytest.mark.parametrize("kind", KEYS)
def test_the_result_comes_only_when_it_is_revealed(room, kind):
    phone = with_card(room)
    round_id = room.open(kind)
    room.everybody_casts(kind, round_id)
    room.close(round_id)
    assert "<table" not in phone.get("/vote").text
    room.reveal(round_id)
    page = phone.get("/vote")
    assert state_of(page) == "revealed"
    assert page.text.count('scope="row"') >= 2


def test_an_open_question_says_so(tmp_path):
    room = a_room(tmp_path, questions=[{"kind": "scale", "secrecy": "open"}, "dots"])
    try:
        phone = with_card(room)
        opened = room.open("scale")
        assert "Every answer goes on the screen at once" in phone.get("/vote").text
        room.close(opened)
        room.open("dots")
        page = phone.get("/vote").text
        assert "Nobody sees any answer before the vote is closed" in page
        assert "can be paired" in page
    finally:
        room.meeting.database.close()


def test_after_the_end_the_phone_says_goodbye(room):
    phone = with_card(room)
    room.set(ended_at=schema.now())
    assert "The meeting is over" in phone.get("/vote").text


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("", "nb"),
        ("de", "nb"),
        ("en-US,en;q=0.5", "en"),
        ("nn-NO", "nn"),
        ("no", "nb"),
        ("de,nn;q=0.3", "nn"),
    ],
)
def test_the_phone_speaks_the_browsers_language_or_else_the_meetings(room, asked, spoken):
    room.set(language="nb")
    phone = with_card(room, language=asked)
    assert f'<html lang="{spoken}">' in phone.get("/vote").text


def test_a_chosen_language_stays(room):
    phone = Phone(room, "en")
    assert 'lang="nn"' in phone.get("/?language=nn").text
    assert '<html lang="nn">' in phone.get("/").text
    assert '<html lang="nn">' in phone.get("/b?language=xx").text


# ---- latecomers ----


def joined(phone, group="hol"):
    return phone.post("/join/meeting", {"csrf_token": phone.token(), "group": group})


def test_a_latecomer_gets_one_card_and_sees_its_code_once(room):
    phone = Phone(room)
    assert "Gol" in phone.get("/join/meeting").text
    shown = joined(phone)
    assert state_of(shown) == "joined"
    code = re.search(r"<b>(\S{4}-\S{4}-\S{4})</b>", shown.text)[1]
    assert phone.state() == "waiting"
    assert phone.get("/join/meeting").location == joined(phone).location == "/vote"
    origins = room.meeting.read(lambda c: list(c.scalars(select(schema.card.c.origin))))
    assert origins.count("room") == 1
    assert state_of(Phone(room).type(code)) == "confirm"


def test_seats_run_out(room):
    table = schema.card
    room.meeting.write(
        lambda c: c.execute(
            update(table).where(table.c.group_id == room.meeting.groups["hol"]).values(taken=True)
        )
    )
    answers = [joined(Phone(room)) for _ in range(3)]
    # Six people are expected and one spare card is allowed for.
    assert [answer.status_code for answer in answers] == [200, 409, 409]
    assert "Ask the facilitator" in answers[1].text
    assert joined(Phone(room), "gol").status_code == 200


def test_many_who_ask_at_once_get_no_more_cards_than_there_are_seats(room):
    table = schema.card
    mine = table.c.group_id == room.meeting.groups["hol"]
    room.meeting.write(lambda c: c.execute(update(table).where(mine).values(taken=True)))
    phones = [Phone(room) for _ in range(8)]
    asked = [{"csrf_token": phone.token(), "group": "hol"} for phone in phones]
    together = Barrier(len(phones))

    def join(phone, fields):
        together.wait()
        return phone.post("/join/meeting", fields).status_code

    with ThreadPoolExecutor(len(phones)) as pool:
        assert sorted(pool.map(join, phones, asked)) == [200] + [409] * 7


def test_joining_needs_a_known_group_and_a_meeting_that_is_not_over(room):
    assert joined(Phone(room), "nowhere").status_code == 422
    assert Phone(room).get("/join/nowhere").status_code == 404


def test_two_taps_make_one_card(room):
    # One browser, as the server sees it before its first answer has brought the new cookie.
    taps = [Phone(room) for _ in range(3)]
    form = {"csrf_token": taps[0].token(), "group": "gol"}
    cookie = taps[0].client.get_cookie("prikk")
    for tap in taps[1:]:
        tap.client.set_cookie("prikk", cookie.value, domain=cookie.domain)
    together = Barrier(2)

    def join(tap):
        together.wait()
        return tap.post("/join/meeting", form)

    with ThreadPoolExecutor(2) as pool:
        answers = [*pool.map(join, taps[:2]), taps[2].post("/join/meeting", form)]
    assert len({re.search("codeline.*?</b>", one.text)[0] for one in answers}) == 1
    assert taps[2].state() == "waiting"
    joined_here = select(schema.card.c.id).where(schema.card.c.origin == "room")
    assert room.meeting.read(lambda c: len(c.execute(joined_here).all())) == 1


def test_a_form_that_was_refused_a_card_may_ask_again(room):
    phone = Phone(room)
    form = {"csrf_token": phone.token(), "group": "gol"}
    room.set(ended_at=schema.now())
    assert phone.post("/join/meeting", form).status_code == 409
    room.set(ended_at=None)
    assert state_of(phone.post("/join/meeting", form)) == "joined"
    room.set(ended_at=schema.now())
    assert joined(Phone(room)).status_code == 409


# ---- weight and colours ----


@pytest.mark.parametrize("kind", KEYS)
def test_the_first_ballot_page_weighs_at_most_14_kilobytes(tmp_path, kind):
    options = tuple(f"An option that needs a line or two number {number}" for number in range(12))
    asked = {"kind": kind, "settings": {}, "items": () if KINDS[kind].items_are_groups else options}
    groups = dict.fromkeys(("hol", "ål", "hemsedal", "gol", "nes", "flå"), 6)
    room = a_room(tmp_path, groups=groups, questions=[asked], wifi_name="Hallingtinget")
    try:
        phone = with_card(room)
        room.open(kind)
        page = phone.get("/vote")
        assert state_of(page) == "ballot"
        found = re.findall(r'<(?:link[^>]*href|script[^>]*src|img[^>]*src)="([^"]+)"', page.text)
        assert len(found) == 5
        loaded = [page.data, *(phone.get(address).data for address in found)]
        assert sum(len(gzip.compress(one, 6)) for one in loaded) <= 14 * 1024
    finally:
        room.meeting.database.close()


@pytest.mark.parametrize(
    ("colour", "text"), [("332288", "#FFF"), ("DDCC77", "#1C1A17"), ("cc6677", "#1C1A17")]
)
def test_a_colour_comes_with_a_text_that_can_be_read_on_it(room, colour, text):
    answer = room.get(f"/colour/{colour}.css")
    assert answer.mimetype == "text/css"
    assert f"--mine:#{colour};--on-mine:{text}" in answer.text
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("colour", ["12345", "1234567", "12345g", "}body{"])
def test_what_is_no_colour_is_not_found(room, colour):
    assert room.get(f"/colour/{colour}.css").status_code == 404


def test_a_page_made_for_one_card_is_never_cast_with_another(room):
    tablet = with_card(room, "hol")
    round_id = room.open("scale")
    fields = tablet.fields("scale", an_answer(room.meeting.question("scale")))
    tablet.take(room.meeting.cards["gol"][0].code)
    answer = tablet.post("/vote", {**fields, "csrf_token": tablet.token()})
    assert (answer.status_code, state_of(answer)) == (409, "late")
    assert turnout(room, round_id) == 0

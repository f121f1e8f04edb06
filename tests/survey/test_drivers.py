"""What people can do, by the drivers, on a real server: the verbs that a meeting's evening does not need."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from survey import starting
from survey.rehearsal.drivers import Facilitator, Participant, Refused
from survey.rehearsal.minds import Mind
from survey.rehearsal.voters import Crowd

PLAN = """
title = "Prøve"
language = "nn"
spares = 0
k = 3
[[groups]]
name = "Hol"
cards = 4
[[groups]]
name = "Gol"
cards = 4
[[groups]]
name = "Gjester"
cards = 1
votes = false
[[questions]]
key = "skala"
kind = "scale"
title = "Kor samd er du?"
items = [{ key = "a", text = "Vi held det vi lovar" }, { key = "b", text = "Vi deler godt" }]
[[questions]]
key = "prikkar"
kind = "dots"
title = "Kva er viktigast?"
dots = 4
cap = 3
items = [{ key = "x", text = "Vegar" }, { key = "y", text = "Skular" }, { key = "z", text = "Natur" }]
"""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, str]]:
    with starting.temporary_server() as found:
        yield found


@pytest.fixture(scope="module")
def facilitator(server: tuple[str, str]) -> Iterator[Facilitator]:
    with Facilitator(server[0]) as found:
        found.sign_in_link(server[1])
        yield found


@pytest.fixture
def meeting(facilitator: Facilitator) -> str:
    return facilitator.import_plan(PLAN)


@pytest.fixture
def codes(facilitator: Facilitator, meeting: str) -> dict[str, list[str]]:
    return facilitator.issue_cards(meeting)


@pytest.fixture
def phone(server: tuple[str, str]) -> Iterator[Callable[..., Participant]]:
    made: list[Participant] = []

    def take(code: str = "") -> Participant:
        made.append(Participant(server[0]))
        if code:
            made[-1].enter_code(code)
        return made[-1]

    yield take
    for one in made:
        one.close()


SCALE = {"values": {"a": 7, "b": None}}


def test_a_card_votes_changes_and_gets_a_receipt_each_time(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    one = phone(codes["hol"][0])
    assert one.state() == "waiting" and one.question() is None
    facilitator.open(meeting, "skala")
    ballot = one.question()
    assert ballot is not None and dict(ballot.scales) == {"a": (0, 10), "b": (0, 10)}
    first = one.cast(SCALE)
    assert one.state() == "receipt" and one.receipt() == first
    assert one.cast({"values": {"a": 0}}) != first
    assert one.cast({}, blank=True) != first


def test_a_key_used_twice_counts_once(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    facilitator.open(meeting, "skala")
    one, key = phone(codes["hol"][0]), "0" * 31 + "1"
    first = one.cast(SCALE, key=key)
    assert one.cast(SCALE, key=key) == first
    with pytest.raises(Refused) as refusal:
        one.cast({"values": {"a": 1}}, key=key)
    assert refusal.value.status == 422


def test_dots_are_read_with_budget_and_caps_and_held_to_them(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    facilitator.open(meeting, "prikkar")
    one = phone(codes["gol"][0])
    ballot = one.question()
    assert ballot is not None
    assert (ballot.budget, dict(ballot.caps), ballot.against) == (4, {"x": 3, "y": 3, "z": 3}, False)
    for answer in ({"dots": {"x": 4}}, {"dots": {"x": 3, "y": 2}}, {"dots": {"nothing": 1}}):
        with pytest.raises(Refused) as refusal:
            one.cast(answer)
        assert refusal.value.status == 422
    assert one.cast({"dots": {"x": 3, "y": 1}})


def test_the_wrong_button_has_a_way_back(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    facilitator.open(meeting, "skala")
    one = phone(codes["hol"][0])
    one.cast(SCALE)
    ballot = one.question()
    facilitator.close_round(meeting)
    with pytest.raises(Refused) as refusal:
        one.cast(SCALE, ballot=ballot)
    assert refusal.value.status == 409
    facilitator.reopen(meeting)
    one.cast({"values": {"a": 1}})
    facilitator.close_round(meeting)
    facilitator.reveal(meeting)
    with pytest.raises(Refused):
        facilitator.reopen(meeting)
    facilitator.annul(meeting)
    facilitator.open(meeting, "skala")
    assert one.question() is not None


def test_a_step_taken_by_somebody_else_meanwhile_is_refused(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]]
) -> None:
    before = facilitator.run_page(meeting, "skala")
    form = next(one for one in before.forms if "verb" in one.names and one.value("verb") == "open")
    facilitator.open(meeting, "skala")
    with pytest.raises(Refused) as refusal:
        facilitator.browser.post(form.action, dict(form.filled), accept="application/json")
    assert refusal.value.status == 409


def test_a_lost_card_is_replaced_and_a_spare_is_given(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    lost = codes["hol"][0]
    fresh = facilitator.void(meeting, lost)
    with pytest.raises(Refused) as refusal:
        phone(lost)
    assert refusal.value.status == 410
    facilitator.open(meeting, "skala")
    for code in (fresh, facilitator.issue_spare(meeting, "gol")):
        assert phone(code).cast(SCALE)


def test_who_has_no_phone_votes_on_paper_and_who_has_no_card_joins_by_the_room(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    facilitator.open(meeting, "skala")
    facilitator.paper_ballot(meeting, codes["hol"][0], SCALE)
    facilitator.paper_ballot(meeting, codes["hol"][1], {})
    with pytest.raises(Refused):
        facilitator.paper_ballot(meeting, codes["hol"][2], {"values": {"a": 11}})
    late = phone()
    assert late.join_room(meeting, "gol")
    assert late.cast(SCALE)
    for code in (*codes["hol"][2:], *codes["gol"]):
        phone(code).cast(SCALE)
    facilitator.close_round(meeting)
    facilitator.reveal(meeting)
    books = {
        row["measure"]: float(row["value"])
        for row in facilitator.results(meeting)
        if not row["item"] and not row["group"] and row["measure"] in ("used", "blank", "paper", "counted")
    }
    assert books == {"used": 9, "blank": 1, "paper": 2, "counted": 8}


def test_guests_see_that_they_do_not_vote(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    facilitator.open(meeting, "skala")
    assert phone(codes["gjester"][0]).question() is None


def test_a_stream_tells_a_phone_that_a_question_was_opened(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    stream = phone(codes["hol"][0]).stream()
    before = next(stream)
    facilitator.open(meeting, "skala")
    after = next(told for told in stream if told != before)
    stream.close()
    assert after["open"] and not before["open"]


def test_wrong_codes_and_strangers_are_refused(
    facilitator: Facilitator, server: tuple[str, str], meeting: str, phone: Callable[..., Participant]
) -> None:
    with pytest.raises(Refused) as refusal:
        phone("0000-0000-0001")
    assert refusal.value.status == 404
    with Facilitator(server[0]) as stranger, pytest.raises(Refused) as refusal:
        stranger.plan(meeting)
    assert refusal.value.status in (401, 403)


def test_simulated_people_vote_when_a_question_is_opened_and_go_when_the_rehearsal_is_removed(
    facilitator: Facilitator, meeting: str
) -> None:
    facilitator.add_simulated(meeting, 9)
    facilitator.open(meeting, "skala")
    until = time.monotonic() + 90
    while "data-turnout-number>8<" not in facilitator.run_page(meeting).text:
        assert time.monotonic() < until, "nobody voted"
        time.sleep(0.5)
    facilitator.close_round(meeting)
    facilitator.reveal(meeting)
    facilitator.clear_rehearsal(meeting)
    with pytest.raises(Refused):
        facilitator.results(meeting)
    assert {group: len(found) for group, found in facilitator.issue_cards(meeting).items()} == {
        "hol": 4,
        "gol": 4,
        "gjester": 1,
    }


def test_simulated_people_go_home_when_the_meeting_is_over(facilitator: Facilitator, meeting: str) -> None:
    cards = facilitator.rehearsal_cards(meeting, 9)
    with Crowd(facilitator.browser.base, cards, pace=0) as crowd:
        assert crowd.come_in() == 9
        facilitator.open(meeting, "prikkar")
        assert crowd.vote() == 8
        facilitator.end(meeting)
        crowd.follow(minutes=2)
    with Participant(facilitator.browser.base) as phone:
        assert phone.enter_code(cards[0][0]).is_over


def test_the_same_seed_gives_the_same_mind_and_groups_differ(
    facilitator: Facilitator, meeting: str, codes: dict[str, list[str]], phone: Callable[..., Participant]
) -> None:
    facilitator.open(meeting, "skala")
    ballot = phone(codes["hol"][0]).question()
    assert ballot is not None
    crowd = [(group, number) for group in ("hol", "gol") for number in range(20)]
    first = [Mind(1, group, number).answer(ballot) for group, number in crowd]
    assert first == [Mind(1, group, number).answer(ballot) for group, number in crowd]
    assert first != [Mind(2, group, number).answer(ballot) for group, number in crowd]
    means = [
        [answer["values"]["a"] for answer in part if answer.get("values", {}).get("a") is not None]
        for part in (first[:20], first[20:])
    ]
    assert sum(means[0]) / len(means[0]) != sum(means[1]) / len(means[1])

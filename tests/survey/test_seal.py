"""Finish: counted answers stay, links go, in the tables and in every byte on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from factories import a_meeting, an_answer, log_of
from sqlalchemy import select, text

from survey.ballots import audit, box, cards, count, receipts, seal
from survey.errors import KeyGone, NotAllowedNow, NotFound
from survey.kinds import KINDS
from survey.storage import schema

EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def contents(meeting):
    """Return the rows of contents in the order in which they are stored."""
    return meeting.read(lambda c: c.execute(select(schema.content)).all())


def two_rounds(meeting, kind):
    """Hold two rounds in which everybody changes once; returns their ids."""
    question, rounds = meeting.question(kind), []
    for number in (0, 1):
        opened = meeting.open(kind)
        for place, (_group, card) in enumerate(meeting.everybody()):
            meeting.cast(opened, card, an_answer(question, place + number + 1))
            meeting.cast(opened, card, an_answer(question, place + number) if place else {})
        meeting.close(opened)
        rounds.append(opened)
    return rounds


@EVERY_KIND
def test_what_counted_stays_and_can_be_paired_within_the_question_only(database, keys, kind):
    meeting = a_meeting(database, keys, {"hol": 5, "gol": 5}, [kind, {"kind": kind, "key": "other"}])
    rounds = two_rounds(meeting, kind)
    before = meeting.read(lambda c: count.responses(c, keys, meeting.questions[kind]))
    books = [meeting.read(lambda c, one=one: count.books(c, one)) for one in rounds]
    chain, raw = log_of(meeting), contents(meeting)
    assert seal.finish(database, keys, meeting.questions[kind])
    after = meeting.read(lambda c: count.responses(c, keys, meeting.questions[kind]))
    columns = ["round", "group", "item", "value", "text"]
    assert sorted(map(str, before.frame[columns].values)) == sorted(map(str, after.frame[columns].values))
    assert [meeting.read(lambda c, one=one: count.books(c, one)) for one in rounds] == books
    rows = contents(meeting)
    assert len(raw) == 40 and len(rows) == 20
    assert {(row.nonce, row.commitment) for row in rows} == {(None, None)}
    assert len({row.ballot for row in rows}) == 10
    known = {value for row in raw for value in (row.id, row.nonce, row.commitment)}
    known |= {row.pseudonym for row in chain} | {row.commitment for row in chain}
    assert not known & {value for row in rows for value in (row.id, row.ballot)}
    assert log_of(meeting)[:-1] == chain
    meeting.read(lambda c: audit.check(c, meeting.id))
    assert [meeting.read(lambda c, one=one: count.turnout(c, one)) for one in rounds] == [10, 10]


def test_pairs_are_pairs_of_one_person(database, keys):
    meeting = a_meeting(database, keys, {"hol": 8}, ["scale"])
    for shift in (0, 1):
        opened = meeting.open("scale")
        for place, (_group, card) in enumerate(meeting.everybody()):
            meeting.cast(opened, card, {"values": {"agree": place + shift}})
        meeting.close(opened)
    seal.finish(database, keys, meeting.questions["scale"])
    pairs: dict[str, list[int]] = {}
    for row in contents(meeting):
        pairs.setdefault(row.ballot, []).append(json.loads(row.answer)["values"]["agree"])
    assert sorted(tuple(sorted(pair)) for pair in pairs.values()) == [(n, n + 1) for n in range(8)]


@pytest.mark.sqlite
def test_nothing_that_links_is_left_on_disk(database, keys, tmp_path):
    meeting = a_meeting(database, keys, {"hol": 20}, ["dots"])
    two_rounds(meeting, "dots")
    key_file = tmp_path / "keys" / f"question-{meeting.questions['dots']}"
    key = key_file.read_bytes()
    raw = contents(meeting)
    secret = {value for row in raw for value in (row.nonce, row.id)}
    secret |= {row.body_hash for row in meeting.read(lambda c: c.execute(select(schema.cast_key)).all())}
    everything = all_bytes(tmp_path)
    assert all(value.encode() in everything for value in secret) and key in everything
    assert seal.finish(database, keys, meeting.questions["dots"])
    everything = all_bytes(tmp_path)
    assert not [value for value in secret if value.encode() in everything]
    assert key not in everything and not key_file.exists()
    assert meeting.read(lambda c: c.scalar(text("PRAGMA freelist_count"))) == 0
    assert not meeting.has_key("dots")
    with pytest.raises(KeyGone):
        meeting.read(lambda c: keys.pseudonym(c, meeting.questions["dots"], meeting.card("hol")))


@pytest.mark.sqlite
def test_a_key_left_half_way_into_its_place_goes_with_finish(database, keys, tmp_path):
    meeting = a_meeting(database, keys, questions=["dots"])
    meeting.close(meeting.open("dots"))
    key_file = tmp_path / "keys" / f"question-{meeting.questions['dots']}"
    left, other = tmp_path / "keys" / f"{key_file.name}.ab12", tmp_path / "keys" / f"{key_file.name}0"
    for one in (left, other):
        one.write_bytes(key_file.read_bytes())
    assert seal.finish(database, keys, meeting.questions["dots"])
    assert not left.exists() and not key_file.exists() and other.exists()


def all_bytes(folder: Path) -> bytes:
    """Return every byte below a folder: database, its log, keys."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_the_order_of_casting_is_not_in_the_order_of_storing(database, keys):
    meeting = a_meeting(
        database, keys, {"hol": 120}, [{"kind": "dots", "settings": {"dots": 120, "cap": 120}}]
    )
    opened = meeting.open("dots")
    for place, (_group, card) in enumerate(meeting.everybody(), start=1):
        meeting.cast(opened, card, {"dots": {"roads": place}})
    meeting.close(opened)
    if not database.is_sqlite:
        # There rows lie as they came until finish, beside a log that has the same order anyway.
        seal.finish(database, keys, meeting.questions["dots"])
    for _ in range(2):
        order = [json.loads(row.answer)["dots"]["roads"] for row in contents(meeting)]
        size = len(order)
        spread = sum((place - rank) ** 2 for place, rank in enumerate(order, start=1))
        assert abs(1 - 6 * spread / (size * (size**2 - 1))) < 0.5
        seal.finish(database, keys, meeting.questions["dots"])


def test_receipts_outlive_finish(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    given = meeting.cast(opened, meeting.card("hol"), {}).receipt
    meeting.close(opened)
    seal.finish(database, keys, meeting.questions["dots"])
    assert [one.receipt for one in meeting.read(lambda c: receipts.public_list(c, meeting.id))] == [given]


def test_void_ballots_disappear(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    for number, group in enumerate(("hol", "gol")):
        meeting.cast(opened, meeting.card(group), {"dots": {"roads": number + 1}})
    meeting.write(lambda c: cards.void(c, keys, meeting.id, meeting.card("gol")))
    meeting.close(opened)
    seal.finish(database, keys, meeting.questions["dots"])
    assert [row.answer for row in contents(meeting)] == ['{"dots":{"roads":1}}']


def test_finish_waits_for_its_own_round_and_happens_once(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    meeting.cast(opened, meeting.card("hol"), {})
    with pytest.raises(NotAllowedNow):
        seal.finish(database, keys, meeting.questions["dots"])
    assert meeting.has_key("dots")
    meeting.close(opened)
    assert seal.finish(database, keys, meeting.questions["dots"])
    chain, rows = log_of(meeting), contents(meeting)
    assert seal.finish(database, keys, meeting.questions["dots"])
    assert (log_of(meeting), contents(meeting)) == (chain, rows)
    with pytest.raises(NotAllowedNow):
        meeting.open("dots")
    with pytest.raises(NotAllowedNow):
        meeting.write(lambda c: box.reopen_round(c, keys, opened))
    with pytest.raises(NotFound):
        seal.finish(database, keys, 999)


def test_wiping_waits_while_a_round_is_open_anywhere(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    other = a_meeting(database, keys, key="other", questions=["scale"])
    opened = meeting.open("dots")
    meeting.cast(opened, meeting.card("hol"), {})
    meeting.close(opened)
    running = other.open("scale")
    assert not seal.finish(database, keys, meeting.questions["dots"])
    assert [row.id for row in meeting.read(seal.pending)] == [meeting.questions["dots"]]
    assert not meeting.has_key("dots")
    other.close(running)
    assert seal.wipe(database)
    assert meeting.read(seal.pending) == []
    assert seal.wipe(database)


@pytest.mark.sqlite
def test_wiping_says_when_a_reader_kept_it_from_being_done(database, keys, monkeypatch):
    meeting = a_meeting(database, keys, questions=["dots"])
    meeting.close(meeting.open("dots"))
    with database.reading() as connection:
        connection.execute(text("SELECT count(*) FROM log")).scalar()
        database.outside_transaction(lambda c: c.execute(text("PRAGMA busy_timeout=1")))
        monkeypatch.setattr(seal, "_vacuum", _impatient(seal._vacuum))
        assert not seal.finish(database, keys, meeting.questions["dots"])
    assert seal.wipe(database)


def _impatient(vacuum):
    def run(connection):
        connection.execute(text("PRAGMA busy_timeout=1"))
        return vacuum(connection)

    return run


@pytest.mark.sqlite
def test_a_finish_cut_short_is_mended_at_the_next_start(database, keys):
    meeting = a_meeting(database, keys, questions=["dots", "scale"])
    for kind in ("dots", "scale"):
        opened = meeting.open(kind)
        meeting.cast(opened, meeting.card("hol"), {})
        meeting.close(opened)
    meeting.write(lambda c: seal.rewrite(c, meeting.questions["dots"]))
    assert meeting.has_key("dots")
    seal.mend(database, keys)
    assert not meeting.has_key("dots")
    assert meeting.has_key("scale")
    assert meeting.read(seal.pending) == []

"""The log: chained, append-only, and checked before a round opens."""

from __future__ import annotations

import secrets

import pytest
from factories import a_meeting, an_answer, log_of
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from survey.ballots import audit, box, log, receipts
from survey.errors import BrokenChain
from survey.storage import schema


@pytest.fixture
def meeting(database, keys):
    """A meeting with one closed round of three ballots."""
    found = a_meeting(database, keys, questions=["dots"])
    opened = found.open("dots")
    for number, (_group, card) in enumerate(found.everybody()[:3]):
        found.cast(opened, card, an_answer(found.question("dots"), number))
    found.close(opened)
    return found


def meddle(meeting, *statements):
    """Change the tables as somebody with the file in hand could."""

    def work(connection):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER IF EXISTS log_is_never_changed"))
            connection.execute(text("DROP TRIGGER IF EXISTS log_is_never_deleted"))
        for statement in statements:
            connection.execute(statement)

    meeting.write(work)


def test_entries_are_numbered_chained_and_found_again(meeting):
    rows = log_of(meeting)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.type for row in rows] == ["issue", "issue", "open", "cast", "cast", "cast", "close"]
    assert [row.prev for row in rows] == [log.START, *(row.hash for row in rows[:-1])]
    assert meeting.read(lambda c: log.head(c, meeting.id)) == (len(rows), rows[-1].hash)
    assert meeting.read(lambda c: log.entries(c, meeting.id, after=5)) == rows[5:]
    meeting.read(lambda c: log.check(c, meeting.id))
    meeting.read(lambda c: audit.check(c, meeting.id))


def test_each_meeting_has_a_chain_of_its_own(database, keys, meeting):
    other = a_meeting(database, keys, key="other", groups={"hol": 1})
    assert [row.seq for row in log_of(other)] == [1]
    assert meeting.read(lambda c: log.head(c, 999)) == (0, log.START)


@pytest.mark.parametrize(
    "statement",
    [update(schema.log).values(type="cast"), update(schema.log).values(data="{}"), delete(schema.log)],
)
def test_the_database_refuses_to_change_the_log(meeting, statement):
    before = log_of(meeting)
    with pytest.raises(IntegrityError, match="append-only"):
        meeting.write(lambda c: c.execute(statement))
    assert log_of(meeting) == before


def test_a_rehearsal_may_be_removed_but_not_changed(meeting):
    meeting.write(lambda c: c.execute(update(schema.meeting).values(rehearsal=True)))
    with pytest.raises(IntegrityError, match="append-only"):
        meeting.write(lambda c: c.execute(update(schema.log).values(type="cast")))
    meeting.write(lambda c: c.execute(delete(schema.log)))
    assert log_of(meeting) == []


LOG = schema.log.c
MEDDLING = {
    "edit the type": [update(schema.log).where(LOG.seq == 4).values(type="paper")],
    "edit the owner": [update(schema.log).where(LOG.seq == 4).values(pseudonym="0" * 32)],
    "edit the commitment": [update(schema.log).where(LOG.seq == 4).values(commitment="0" * 64)],
    "edit the data": [update(schema.log).where(LOG.seq == 3).values(data='{"k":3}')],
    "edit the round": [update(schema.log).where(LOG.seq == 4).values(round_id=99)],
    "edit the hash": [update(schema.log).where(LOG.seq == 4).values(hash="0" * 64)],
    "delete": [delete(schema.log).where(LOG.seq == 4)],
    "delete the first": [delete(schema.log).where(LOG.seq == 1)],
    "swap": [
        update(schema.log).where(LOG.seq == 4).values(seq=99),
        update(schema.log).where(LOG.seq == 5).values(seq=4),
        update(schema.log).where(LOG.seq == 99).values(seq=5),
    ],
    "insert": [
        insert(schema.log).values(meeting_id=1, seq=8, type="void", prev="0" * 64, hash=secrets.token_hex(32))
    ],
    "change an answer": [update(schema.content).values(answer="{}")],
    "remove an answer": [delete(schema.content)],
    "move an answer to another group": [update(schema.content).values(group_id=2)],
    "cut the tail": [delete(schema.log).where(LOG.seq == 7)],
}


@pytest.mark.parametrize("how", MEDDLING)
def test_meddling_is_found_and_no_round_opens(meeting, how):
    meddle(meeting, *MEDDLING[how])
    with pytest.raises(BrokenChain):
        meeting.read(lambda c: audit.check(c, meeting.id))
    with pytest.raises(BrokenChain):
        meeting.open("dots")


@pytest.mark.parametrize("statement", [update(schema.content).values(answer="{}"), delete(schema.content)])
def test_meddling_with_an_answer_is_found_while_its_round_is_open(database, keys, statement):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    seq = meeting.cast(opened, meeting.card("hol"), {"dots": {"roads": 1}}).seq
    meddle(meeting, statement)
    with pytest.raises(BrokenChain) as found:
        meeting.read(lambda c: audit.check(c, meeting.id))
    assert found.value.values == {"seq": seq}


def test_the_first_entry_that_does_not_fit_is_named(meeting):
    meddle(meeting, *MEDDLING["edit the owner"])
    with pytest.raises(BrokenChain) as found:
        meeting.read(lambda c: log.check(c, meeting.id))
    assert found.value.values == {"seq": 4}


def test_receipts_are_in_the_public_list_and_say_nothing_but_presence(meeting):
    cast = [row for row in log_of(meeting) if row.type == "cast"]
    listed = meeting.read(lambda c: receipts.public_list(c, meeting.id))
    assert [(one.seq, one.question, one.round, one.type) for one in listed] == [
        (row.seq, "dots", 1, "cast") for row in cast
    ]
    assert [one.receipt for one in listed] == [receipts.receipt(row.hash) for row in cast]
    assert {len(one.receipt) for one in listed} == {11}


@pytest.mark.parametrize(
    ("hash", "receipt"),
    [
        ("0" * 64, "00000-00000"),
        ("f" * 64, "ZZZZZ-ZZZZZ"),
        ("08" + "0" * 62, "10000-00000"),
        ("00443214c7424" + "f" * 51, "01234-56789"),
    ],
)
def test_a_receipt_is_the_first_fifty_bits(hash, receipt):
    assert receipts.receipt(hash) == receipt


def test_a_failed_write_leaves_no_gap(meeting):
    before = meeting.read(lambda c: log.head(c, meeting.id))

    def fails(connection):
        log.append(connection, meeting.id, "void")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        meeting.write(fails)
    assert meeting.read(lambda c: log.head(c, meeting.id)) == before
    opened = meeting.open("dots")
    meeting.close(opened)
    meeting.write(lambda c: box.reveal_round(c, opened))
    meeting.read(lambda c: audit.check(c, meeting.id))

"""The log: chained, append-only, and checked before a round opens."""

from __future__ import annotations

import secrets

import pytest
from factories import a_meeting, an_answer, log_of
from sqlalchemy import delete, func, insert, literal, select, text, update
from sqlalchemy.exc import IntegrityError

from survey.ballots import audit, box, log, receipts
from survey.ballots.hashing import commitment
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


ROUND, CONTENT, USED = schema.round_.c, schema.content.c, schema.cast_key.c
# What the chain's hashes do not cover, but what is counted or shown rests on. Round 1 is shown, 2 is open.
AN_OPEN_ONE = CONTENT.id == select(func.min(CONTENT.id)).where(CONTENT.round_id == 2).scalar_subquery()
A_KEY = USED.seq == select(func.min(USED.seq)).where(USED.round_id == 2).scalar_subquery()
COPIED = [column for column in CONTENT if column.name != "id"]
ON_THE_DISK = {
    "a ballot in another round": update(schema.content).where(AN_OPEN_ONE).values(round_id=1),
    "a ballot in another group": update(schema.content)
    .where(AN_OPEN_ONE)
    .values(group_id=3 - CONTENT.group_id),
    "a smaller k": update(schema.round_).where(ROUND.id == 2).values(k=1),
    "a smaller k, afterwards": update(schema.round_).where(ROUND.id == 1).values(k=3),
    "another number": update(schema.round_).where(ROUND.id == 1).values(number=7),
    "another question": update(schema.round_).where(ROUND.id == 2).values(question_id=1, number=9),
    "another turnout": update(schema.round_).where(ROUND.id == 2).values(turnout=2),
    "another turnout, afterwards": update(schema.round_).where(ROUND.id == 1).values(turnout=2),
    "not shown": update(schema.round_).where(ROUND.id == 1).values(revealed_at=None),
    "not closed": update(schema.round_).where(ROUND.id == 1).values(closed_at=None, revealed_at=None),
    "closed": update(schema.round_).where(ROUND.id == 2).values(closed_at=ROUND.opened_at),
    "put aside": update(schema.round_).where(ROUND.id == 1).values(annulled_at=ROUND.opened_at),
    "no salt": update(schema.round_).where(ROUND.id == 1).values(salt=None),
    "finished": update(schema.question).where(schema.question.c.id == 1).values(finished_at=func.now()),
    "over": update(schema.meeting).values(ended_at=func.now()),
    "erased": update(schema.meeting).values(erased_at=func.now()),
    "a retry of somebody else": update(schema.cast_key).where(A_KEY).values(seq=USED.seq + 1),
    "a key of nobody": update(schema.cast_key).where(A_KEY).values(pseudonym="0" * 32),
    "a key less": delete(schema.cast_key).where(A_KEY),
    "a key more": insert(schema.cast_key).from_select(
        [*(column.name for column in USED)],
        select(
            USED.round_id, USED.pseudonym, literal("f" * 32), USED.body_hash, USED.seq, literal("f" * 32)
        ).where(A_KEY),
    ),
    "an answer of somebody else": update(schema.cast_key)
    .where(A_KEY)
    .values(content_id=select(func.max(CONTENT.id)).where(CONTENT.round_id == 1).scalar_subquery()),
    "a ballot twice": insert(schema.content).from_select(
        ["id", *(column.name for column in COPIED)],
        select(literal("f" * 32), *COPIED).where(AN_OPEN_ONE),
    ),
}


@pytest.fixture
def voting(database, keys):
    """A meeting with one round shown and three ballots in the next question's open one."""
    found = a_meeting(database, keys, questions=["dots", "scale"])
    for kind in ("dots", "scale"):
        opened = found.open(kind)
        for number, (_group, card) in enumerate(found.everybody()[:3]):
            found.cast(opened, card, an_answer(found.question(kind), number))
        if kind == "dots":
            found.close(opened)
            found.reveal(opened)
    found.read(lambda c: audit.check(c, found.id))
    return found


@pytest.mark.parametrize("how", ON_THE_DISK)
def test_columns_that_no_longer_say_what_the_log_says_are_found(voting, how):
    meddle(voting, ON_THE_DISK[how])
    with pytest.raises(BrokenChain):
        voting.read(lambda c: audit.check(c, voting.id))


@pytest.mark.parametrize("how", ["a ballot in another round", "a ballot in another group", "a ballot twice"])
def test_what_is_not_as_it_was_cast_is_not_counted(voting, how):
    meddle(voting, ON_THE_DISK[how])
    with pytest.raises(BrokenChain):
        voting.close(2)


def test_a_question_that_changed_under_its_answers_is_not_counted(voting):
    item = schema.item.c
    meddle(voting, update(schema.item).where(item.key == "agree").values(key="agref"))
    with pytest.raises(BrokenChain) as found:
        voting.close(2)
    assert found.value.values["seq"] > 0


def test_ballots_of_the_first_release_committed_to_their_answer_alone_and_still_fit(voting):
    old = []
    for row in voting.read(lambda c: c.execute(select(schema.content).where(CONTENT.round_id == 2)).all()):
        old.append((row.commitment, commitment(row.nonce, row.answer)))
    last = log_of(voting)[-1]
    entries = {one.commitment: one for one in log_of(voting)}
    before, after = old[[new for new, _ in old].index(last.commitment)]
    hash = log.entry_hash(*(after if value == before else value for value in last[1:-1]))
    meddle(
        voting,
        update(schema.content).where(CONTENT.commitment == before).values(commitment=after),
        update(schema.log).where(LOG.seq == entries[before].seq).values(commitment=after, hash=hash),
    )
    voting.read(lambda c: audit.check(c, voting.id))
    voting.close(2)

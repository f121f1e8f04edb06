"""Cards: codes that typing cannot mix up, tables that mix groups, one holder at a time."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter

import pytest
from factories import a_meeting, log_of
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from survey.ballots import box, cards, cast, codes, count
from survey.ballots.guesses import Bucket
from survey.errors import CardTaken, CardVoid, NotFound, TooManyGuesses, UnknownCode
from survey.storage import schema


@pytest.mark.parametrize(
    ("symbols", "check"), [("0123456789A", "K"), ("00000000000", "0"), ("RKNJ8W8TEPA", "M")]
)
def test_check_symbols_are_those_of_the_published_vectors(symbols, check):
    assert codes.check_symbol(symbols) == check


def test_every_single_wrong_symbol_and_every_swap_is_caught():
    for _ in range(40):
        code = codes.new_code()
        for place, right in enumerate(code):
            for wrong in codes.SYMBOLS.replace(right, ""):
                with pytest.raises(UnknownCode):
                    codes.normalise(code[:place] + wrong + code[place + 1 :])
            for other in range(place):
                if code[other] != right:
                    swapped = list(code)
                    swapped[place], swapped[other] = code[other], right
                    with pytest.raises(UnknownCode):
                        codes.normalise("".join(swapped))


def test_codes_are_all_different_and_use_every_symbol():
    found = {codes.new_code() for _ in range(500)}
    assert len(found) == 500
    assert set("".join(found)) == set(codes.SYMBOLS)


@pytest.mark.parametrize(
    "spoil",
    [
        str.lower,
        codes.pretty,
        lambda code: f"  {code} \n",
        lambda code: " ".join(code),
        lambda code: "\u2013".join((code[:6], code[6:])),
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: code.replace("0", "o").replace("1", "I"),
        lambda code: "\u00a0".join((code[:4], code[4:])),
    ],
)
def test_a_code_is_read_tolerantly(spoil):
    for _ in range(20):
        code = codes.new_code()
        assert codes.normalise(spoil(code)) == code


@given(typed=st.text(max_size=300))
def test_anything_typed_is_a_code_or_unknown(typed):
    try:
        found = codes.normalise(typed)
    except UnknownCode:
        return
    assert codes.check_symbol(found[:11]) == found[11]


def test_signs_that_only_look_like_a_code_are_unknown():
    code = "0123456789AK"
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    assert unicodedata.normalize("NFKC", full_width) == code
    for typed in (full_width, "U" * 12, code + "0", code[:-1], "", "٠" * 12):
        with pytest.raises(UnknownCode):
            codes.normalise(typed)


def test_a_card_is_found_by_its_code_and_the_code_is_nowhere_in_the_file(database, keys, tmp_path):
    meeting = a_meeting(database, keys)
    for group, issued in meeting.cards.items():
        for card in issued:
            row = meeting.read(lambda c, code=card.code: cards.find(c, keys, codes.pretty(code).lower()))
            assert (row.id, row.group_id) == (card.id, meeting.groups[group])
    raw = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for card in (card for issued in meeting.cards.values() for card in issued):
        assert card.code.encode() not in raw
    with pytest.raises(UnknownCode):
        meeting.read(lambda c: cards.find(c, keys, codes.new_code()))


def test_issuing_says_how_many_but_not_which(database, keys):
    meeting = a_meeting(database, keys, groups={"hol": 2})
    assert meeting.write(lambda c: cards.issue(c, keys, meeting.id, meeting.groups["hol"], 0, "spare")) == []
    (entry,) = log_of(meeting)
    assert (entry.type, entry.data) == ("issue", '{"group":"hol","number":2,"origin":"printed"}')
    with pytest.raises(NotFound):
        meeting.write(lambda c: cards.issue(c, keys, meeting.id + 1, meeting.groups["hol"], 1, "spare"))


@pytest.mark.parametrize("tables", [2, 3, 5, 6, 9])
def test_tables_mix_the_groups_and_fill_evenly(database, keys, tables):
    sizes = {"hol": 6, "gol": 5, "nes": 7, "al": 1}
    meeting = a_meeting(database, keys, groups=sizes, tables=tables)
    seated = meeting.read(lambda c: c.execute(select(schema.card.c.group_id, schema.card.c.table_id)).all())
    per_table = Counter(row.table_id for row in seated)
    assert max(per_table.values()) - min(per_table.get(table, 0) for table in per_table) <= 1
    assert sum(per_table.values()) == sum(sizes.values())
    for name, size in sizes.items():
        own = Counter(row.table_id for row in seated if row.group_id == meeting.groups[name])
        assert max(own.values()) <= -(-size // tables)


def held(meeting, code):
    """Return the card of a code as it is now."""
    return meeting.read(lambda c: cards.find(c, meeting.keys, code))


def take(meeting, code, session):
    """Take a card with a session."""
    row = held(meeting, code)
    meeting.write(lambda c: cards.take(c, meeting.keys, row, session))


def test_another_phone_takes_over_until_the_card_has_cast(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    issued = meeting.cards["hol"][0]
    take(meeting, issued.code, "first")
    take(meeting, issued.code, "second")
    assert (held(meeting, issued.code).holder, held(meeting, issued.code).taken) == ("second", True)
    opened = meeting.open("dots")
    take(meeting, issued.code, "third")
    meeting.cast(opened, issued.id, {})
    take(meeting, issued.code, "third")
    with pytest.raises(CardTaken):
        take(meeting, issued.code, "fourth")
    assert held(meeting, issued.code).holder == "third"
    meeting.close(opened)
    take(meeting, issued.code, "fourth")
    meeting.open("dots")
    take(meeting, issued.code, "fifth")
    assert held(meeting, issued.code).holder == "fifth"


def test_a_void_card_is_out_and_its_ballot_leaves_the_open_round(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    issued = meeting.cards["hol"][0]
    opened = meeting.open("dots")
    take(meeting, issued.code, "first")
    row = held(meeting, issued.code)
    meeting.cast(opened, issued.id, {})
    meeting.cast(opened, meeting.card("gol"), {})
    for _ in range(2):
        meeting.write(lambda c: cards.void(c, keys, meeting.id, issued.id))
    assert [entry.type for entry in log_of(meeting)].count("void") == 1
    assert meeting.read(lambda c: count.turnout(c, opened)) == 1
    with pytest.raises(CardVoid):
        held(meeting, issued.code)
    with pytest.raises(CardVoid):
        meeting.write(lambda c: cards.take(c, keys, row, "first"))
    with pytest.raises(CardVoid):
        meeting.cast(opened, issued.id, {})
    with pytest.raises(NotFound):
        meeting.write(lambda c: cards.void(c, keys, meeting.id + 1, meeting.card("gol")))
    counts = meeting.read(lambda c: cards.counts(c, meeting.id))
    assert counts[meeting.groups["hol"]] == (3, 1, 1)
    assert counts[meeting.groups["gol"]] == (3, 1, 0)


def test_a_card_voided_after_closing_counts_until_the_round_is_opened_again(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    for group in ("hol", "gol"):
        meeting.cast(opened, meeting.card(group), {"dots": {"roads": 1}})
    meeting.close(opened)
    meeting.write(lambda c: cards.void(c, keys, meeting.id, meeting.card("hol")))
    assert meeting.read(lambda c: count.books(c, opened)).used == 2
    meeting.write(lambda c: box.reopen_round(c, keys, opened))
    assert meeting.read(lambda c: count.turnout(c, opened)) == 1
    meeting.close(opened)
    books = meeting.read(lambda c: count.books(c, opened))
    assert (books.issued, books.used, books.unused, books.void) == (6, 1, 4, 1)


def test_unused_cards_are_voided_together(database, keys):
    meeting = a_meeting(database, keys)
    used = meeting.cards["hol"][0]
    take(meeting, used.code, "phone")
    assert meeting.write(lambda c: cards.void_unused(c, meeting.id)) == 5
    assert meeting.write(lambda c: cards.void_unused(c, meeting.id)) == 0
    assert held(meeting, used.code).holder == "phone"
    with pytest.raises(CardVoid):
        held(meeting, meeting.cards["gol"][0].code)


def test_a_paper_ballot_makes_a_card_a_used_one(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    meeting.cast(opened, meeting.card("hol"), {}, paper=True)
    assert meeting.write(lambda c: cards.void_unused(c, meeting.id)) == 5
    assert meeting.read(lambda c: cast.has_cast(c, keys, opened, meeting.card("hol")))
    assert meeting.read(lambda c: count.turnout(c, opened)) == 1


def test_the_bucket_holds_back_guessers_and_fills_again():
    moment = 0.0
    bucket = Bucket(rate=5, burst=60, clock=lambda: moment)
    for _ in range(60):
        bucket.spend()
    with pytest.raises(TooManyGuesses):
        bucket.spend()
    passed, chance = 0, random.Random(1)
    for _ in range(1_000):
        moment += chance.random() / 25
        try:
            bucket.spend()
        except TooManyGuesses:
            continue
        passed += 1
    assert passed <= moment * 5 + 1
    assert passed >= moment * 5 - 2
    moment += 3_600
    for _ in range(60):
        bucket.spend()
    with pytest.raises(TooManyGuesses):
        bucket.spend()

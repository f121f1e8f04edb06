"""Facilitators: one-time links, passwords, and whose meeting it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from survey.errors import LinkSpent, NotAllowedNow, SignInRefused, TooManySignIns, WeakPassword
from survey.meetings import accounts, passwords, plans
from survey.storage import schema
from survey.storage.database import Database

GOOD = "four words make one"


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def kari(database: Database) -> int:
    """A facilitator with a password."""
    token = database.write(lambda c: accounts.invite(c, "Kari"))
    who: int = database.write(lambda c: accounts.accept(c, token))
    passwords.choose(database, who, GOOD)
    return who


def test_a_link_signs_in_once(database: Database) -> None:
    token = database.write(lambda c: accounts.invite(c, "Kari"))
    with database.reading() as connection:
        assert accounts.is_good(connection, token) and accounts.is_good(connection, token)
    database.write(lambda c: accounts.accept(c, token))
    with pytest.raises(LinkSpent):
        database.write(lambda c: accounts.accept(c, token))


def test_a_link_dies_after_a_day_and_by_the_next_one(database: Database) -> None:
    first = database.write(lambda c: accounts.invite(c, "Kari"))
    second = database.write(lambda c: accounts.invite(c, "kari"))
    table = schema.invitation
    database.write(lambda c: c.execute(update(table).values(expires_at=schema.now() - timedelta(seconds=1))))
    for token in (first, second, "", "nonsense"):
        with pytest.raises(LinkSpent):
            database.write(lambda c, token=token: accounts.accept(c, token))


def test_neither_link_nor_password_is_stored(database: Database, kari: int) -> None:
    token = database.write(lambda c: accounts.invite(c, "Ola"))
    with database.reading() as connection:
        stored = [
            str(row) for table in schema.metadata.sorted_tables for row in connection.execute(select(table))
        ]
    assert not any(token in row or GOOD in row for row in stored)
    assert any("$argon2id$" in row for row in stored)


@pytest.mark.parametrize("password", ["", "elevensigns", "x" * 201, "abababababab"])
def test_weak_passwords_are_refused(database: Database, kari: int, password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.choose(database, kari, password)


def test_signing_in_takes_name_and_password(database: Database, kari: int) -> None:
    database.write(lambda c: accounts.invite(c, "Without"))
    assert passwords.sign_in(database, "kari ", GOOD) == kari
    refusals = []
    for name, password in (("Kari", "wrong password"), ("Nobody", GOOD), ("Without", GOOD), ("", "")):
        with pytest.raises(SignInRefused) as refusal:
            passwords.sign_in(database, name, password)
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1


def test_an_unknown_name_is_hashed_like_a_known_one(
    database: Database, kari: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = passwords._verified
    monkeypatch.setattr(
        passwords, "_verified", lambda stored, given: seen.append(stored) or real(stored, given)
    )
    for name in ("Kari", "Nobody"):
        with pytest.raises(SignInRefused):
            passwords.sign_in(database, name, "wrong password")
    assert [stored.rpartition("$")[0].rpartition("$")[0] for stored in seen] == [
        "$argon2id$v=19$m=19456,t=2,p=1"
    ] * 2


def test_guessing_one_account_is_slowed_and_others_go_free(database: Database, kari: int) -> None:
    clock = Clock()
    throttle = passwords.Throttle(clock)
    with pytest.raises(TooManySignIns):
        for _ in range(20):
            try:
                passwords.sign_in(database, "Kari", "wrong password", throttle)
            except SignInRefused:
                continue
    with pytest.raises(SignInRefused):
        passwords.sign_in(database, "Ola", "wrong password", throttle)
    clock.now += 10
    assert passwords.sign_in(database, "KARI", GOOD, throttle) == kari


def test_guessing_over_many_accounts_is_slowed_as_a_whole() -> None:
    clock = Clock()
    throttle = passwords.Throttle(clock)
    with pytest.raises(TooManySignIns):
        for number in range(200):
            throttle.spend(f"name {number}")
    clock.now += 1
    throttle.spend("somebody")


def test_a_new_password_ends_every_session(database: Database, kari: int) -> None:
    row = {"id_hash": "0" * 64, "facilitator_id": kari, "expires_at": schema.now() + timedelta(hours=1)}
    database.write(lambda c: c.execute(insert(schema.session).values(row)))
    passwords.check(database, kari, GOOD)
    passwords.choose(database, kari, "another four words")
    with database.reading() as connection:
        assert connection.execute(select(schema.session)).first() is None
    with pytest.raises(SignInRefused):
        passwords.check(database, kari, GOOD)


def test_two_facilitators_have_two_names(database: Database, kari: int) -> None:
    database.write(lambda c: accounts.invite(c, "Ola"))
    for wrong in ("OLA", "Ola\u200b", ""):
        with pytest.raises(NotAllowedNow):
            database.write(lambda c, wrong=wrong: accounts.rename(c, kari, wrong))
    database.write(lambda c: accounts.rename(c, kari, "Kari Nordmann"))
    assert passwords.sign_in(database, "Kari Nordmann", GOOD) == kari


def test_a_meeting_is_shared_and_keeps_one_facilitator(database: Database, kari: int) -> None:
    meeting_id = database.write(lambda c: plans.store(c, plans.ready_plan(plans.DEMO), kari))
    token = database.write(lambda c: accounts.share(c, meeting_id, "Ola"))
    ola = database.write(lambda c: accounts.accept(c, token or ""))
    assert database.write(lambda c: accounts.share(c, meeting_id, "Kari")) is None
    with database.reading() as connection:
        assert [row.name for row in accounts.runners(connection, meeting_id)] == ["Kari", "Ola"]
        assert [row.key for row in accounts.meetings_of(connection, ola)] == ["hallingtinget"]
    database.write(lambda c: accounts.remove_runner(c, meeting_id, kari))
    with pytest.raises(NotAllowedNow):
        database.write(lambda c: accounts.remove_runner(c, meeting_id, ola))

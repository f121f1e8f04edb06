"""Passwords: their hashes, checked in equal time whether there is one or not, and a brake on guessing."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, select, update

from survey.errors import SignInRefused, TooManySignIns, WeakPassword
from survey.meetings import accounts, labels
from survey.meetings.apart import apart
from survey.storage import schema
from survey.storage.database import Database

LEAST, MOST = 12, 200
_WHO = schema.facilitator
# OWASP's choice for Argon2id: kinder to a laptop that also serves the room than the 64 MiB of RFC 9106.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Throttle:
    """Buckets of sign-in attempts: one for each account (by name, known or not) and one for the whole house.

    There is none for an address: a venue is one address. An account is held back for seconds, never locked.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, name: str) -> None:
        """Count an attempt; raises TooManySignIns where the account's or the house's bucket is empty."""
        self._spend("", rate=2.0, burst=60)
        self._spend(f"name {labels.fold(name)}", rate=0.1, burst=10)

    def forget(self, name: str) -> None:
        """Fill the account's bucket again, after a right password."""
        self._buckets.pop(f"name {labels.fold(name)}", None)

    def _spend(self, bucket: str, rate: float, burst: float) -> None:
        now = self._clock()
        left, seen = self._buckets.get(bucket, (burst, now))
        left = min(burst, left + (now - seen) * rate)
        if left < 1:
            raise TooManySignIns
        if len(self._buckets) > 10_000:
            self._buckets.clear()
        self._buckets[bucket] = (left - 1, now)


_throttle = Throttle()


def sign_in(database: Database, name: str, password: str, throttle: Throttle = _throttle) -> int:
    """Return the facilitator's id; raises SignInRefused or TooManySignIns.

    An unknown name costs the same time as a wrong password: something is hashed either way.
    """
    throttle.spend(name)
    with database.reading() as connection:
        found = accounts.named(connection, name)
    stored = found.password_hash if found is not None else None
    right = apart(_verified, stored or _nobodys(), password[: MOST + 1])
    if found is None or stored is None or not right:
        raise SignInRefused
    throttle.forget(name)
    facilitator_id: int = found.id
    return facilitator_id


def check(database: Database, facilitator_id: int, password: str, throttle: Throttle = _throttle) -> None:
    """Raise SignInRefused unless this is the facilitator's password (asked before it is changed)."""
    with database.reading() as connection:
        name = connection.scalar(select(_WHO.c.name).where(_WHO.c.id == facilitator_id))
    sign_in(database, name or "", password, throttle)


def choose(database: Database, facilitator_id: int, password: str) -> None:
    """Set a password of 12 to 200 signs, five of them different; every session of the facilitator ends.

    Raises WeakPassword.
    """
    if not LEAST <= len(password) <= MOST or len(set(password.casefold())) < 5:
        raise WeakPassword
    hashed = apart(_HASHER.hash, password)

    def work(connection: Connection) -> None:
        session = schema.session
        connection.execute(update(_WHO).where(_WHO.c.id == facilitator_id).values(password_hash=hashed))
        connection.execute(delete(session).where(session.c.facilitator_id == facilitator_id))

    database.write(work)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


def _verified(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False

"""Passwords: their hashes, checked in equal time whether there is one or not, and a brake on guessing."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import gevent
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey.errors import TooManySignIns, WeakPassword
from survey.meetings import labels

T = TypeVar("T")
LEAST, MOST = 12, 200
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


def refuse_weak(password: str) -> None:
    """Raise WeakPassword unless the password has 12 to 200 signs, five of them different."""
    if not LEAST <= len(password) <= MOST or len(set(password.casefold())) < 5:
        raise WeakPassword


def hash_of(password: str) -> str:
    """Return the Argon2id hash to store. Takes tens of milliseconds in a native thread."""
    return _apart(_HASHER.hash, password)


def matches(stored: str | None, password: str) -> bool:
    """Say whether the password belongs to the stored hash; None costs the same time and is never right."""
    right = _apart(_verified, stored or _nobodys(), password[: MOST + 1])
    return right and stored is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


def _verified(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _apart(work: Callable[..., T], *given: str) -> T:
    # Pages and streams go on meanwhile.
    result: T = gevent.get_hub().threadpool.apply(work, given)
    return result

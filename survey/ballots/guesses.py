"""A brake on guessing codes: one bucket for the whole house, which only wrong codes empty."""

from __future__ import annotations

import time
from collections.abc import Callable

from survey.errors import TooManyGuesses


class Bucket:
    """Holds `burst` guesses and gains `rate` a second. Nobody is locked out: a valid code never asks it."""

    def __init__(
        self, rate: float = 5.0, burst: int = 60, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, float(burst), clock
        self._left, self._seen = float(burst), clock()

    def spend(self) -> None:
        """Count a wrong code; raises TooManyGuesses while the bucket is empty."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._seen) * self._rate)
        self._seen = now
        if self._left < 1:
            raise TooManyGuesses
        self._left -= 1

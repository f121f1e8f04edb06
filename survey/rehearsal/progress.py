"""A progress bar on a terminal; elsewhere (a file, a pipe) a line now and then."""

from __future__ import annotations

import sys
import threading
import time

_WIDTH = 30


class Progress:
    """Steps of a known number, told on standard error."""

    def __init__(self, what: str, number: int) -> None:
        self._what, self._number, self._done = what, number, 0
        self._terminal = sys.stderr.isatty()
        self._told = 0.0
        self._lock = threading.Lock()

    def step(self, _result: object = None) -> None:
        """Count one more as done."""
        with self._lock:
            self._done += 1
            now = time.monotonic()
            if self._done == self._number or now - self._told > (0.1 if self._terminal else 5.0):
                self._told = now
                self._tell()

    def _tell(self) -> None:
        if self._terminal:
            full = _WIDTH * self._done // max(1, self._number)
            bar = "#" * full + "." * (_WIDTH - full)
            end = "\n" if self._done == self._number else ""
            print(
                f"\r{self._what} [{bar}] {self._done} of {self._number}", end=end, file=sys.stderr, flush=True
            )
        else:
            print(f"{self._what}: {self._done} of {self._number}", file=sys.stderr, flush=True)

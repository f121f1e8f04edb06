"""One Chromium that draws many pages: started once, steered through a pipe, no port and no net.

Messages are those of the DevTools protocol (chromedevtools.github.io/devtools-protocol), JSON ended by a
zero byte: to the browser's file descriptor 3, back on its 4.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import signal
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from analysis.chromium import SECONDS, ChromiumError, found, options

_ABOVE = 10  # the pipes' ends lie above 3 and 4, which the browser is given
_READ = 1 << 20


class Browser:
    """A Chromium with one page; a context manager. Raises ChromiumError where it does not do as asked."""

    def __enter__(self) -> Self:
        self._program = found()
        self._home = tempfile.TemporaryDirectory(prefix="prikk-", ignore_cleanup_errors=True)
        self._ends: tuple[int, ...] = ()
        self._process = 0
        try:
            self._start()
            target = self._ask("Target.createTarget", url="about:blank")["targetId"]
            self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self._ask("Page.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for end in self._ends:
            os.close(end)
        if self._process:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        self._home.cleanup()

    def open(self, page: Path) -> None:
        """Load a page on disk and wait until it has drawn: until `document.body.dataset.drawn` is there."""
        self._ask("Page.navigate", url=page.resolve().as_uri())
        until = time.monotonic() + SECONDS
        while not self._value("document.body !== null && 'drawn' in document.body.dataset"):
            if time.monotonic() > until:
                raise ChromiumError(f"{self._program} did not finish {page.name}.")
            time.sleep(0.02)

    def screenshot(self, target: Path, size: tuple[int, int]) -> None:
        """Write the upper left `size` (width, height, CSS pixels) of the page as a PNG."""
        wide, high = size
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=wide,
            height=high,
            deviceScaleFactor=1,
            mobile=False,
        )
        # Two frames on, the page has fitted its charts to the new width.
        self._value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        target.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"]))

    def sheets(self, target: Path) -> None:
        """Print the page to an A4 PDF."""
        printed = self._ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
        target.write_bytes(base64.b64decode(printed))

    def _start(self) -> None:
        out_of, self._to = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for end in _closing(os.pipe()))
        self._from, into = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for end in _closing(os.pipe()))
        self._ends = (self._to, self._from)
        flags = [*options(Path(self._home.name)), "--remote-debugging-pipe"]
        quiet = [(os.POSIX_SPAWN_OPEN, end, os.devnull, os.O_RDWR, 0) for end in (1, 2)]
        given = [(os.POSIX_SPAWN_DUP2, out_of, 3), (os.POSIX_SPAWN_DUP2, into, 4)]
        self._said, self._sent, self._session = b"", 0, ""
        try:
            self._process = os.posix_spawn(
                self._program, [self._program, *flags], os.environ, file_actions=[*quiet, *given]
            )
        except OSError as error:
            raise ChromiumError(f"{self._program} did not start ({error.strerror}).") from None
        finally:
            os.close(out_of)
            os.close(into)

    def _value(self, expression: str) -> Any:
        asked = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        return self._ask("Runtime.evaluate", **asked)["result"].get("value")

    def _ask(self, method: str, **params: Any) -> Any:
        """Send a message and return what comes back for it; what the browser tells unasked is passed over."""
        self._sent += 1
        message: dict[str, Any] = {"id": self._sent, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        rest = json.dumps(message).encode() + b"\0"
        try:
            while rest:
                rest = rest[os.write(self._to, rest) :]
        except OSError as error:
            raise ChromiumError(f"{self._program} is gone ({error.strerror}).") from None
        until = time.monotonic() + SECONDS
        while True:
            answer = self._next(until)
            if answer.get("id") == self._sent:
                break
        if "error" in answer:
            raise ChromiumError(f"{self._program} refused {method}: {answer['error'].get('message', '')}")
        return answer["result"]

    def _next(self, until: float) -> Any:
        pieces = [self._said]
        while b"\0" not in pieces[-1]:
            ready, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self._from, _READ) if ready else b""
            if not piece:
                raise ChromiumError(f"{self._program} did not answer.")
            pieces.append(piece)
        answer, _, self._said = b"".join(pieces).partition(b"\0")
        return json.loads(answer)


def _closing(ends: tuple[int, int]) -> Any:
    """Yield each end of a pipe and close it once it has been used."""
    for end in ends:
        yield end
        os.close(end)

"""HTTP by hand: a test decides over each byte that is sent, and may cut the line anywhere."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

T = TypeVar("T")
LARGEST = 8 * 1024 * 1024
# What a line that was cut, or a server that is not there, shows itself as.
CUT = (OSError, EOFError, asyncio.TimeoutError, asyncio.LimitOverrunError)


@dataclass(frozen=True)
class Message:
    """A request or an answer: its first line, headers (lower case) and body, and all its bytes."""

    first: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    @property
    def status(self) -> int:
        """The status of an answer."""
        return int(self.first.split(" ")[1])

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


def request(
    host: str,
    cookie: str,
    path: str,
    fields: Mapping[str, Sequence[str]] | None = None,
    accept: str = "text/html",
) -> bytes:
    """Return the bytes of a GET, or with `fields` of the POST of a form, as a phone's browser sends them."""
    head = [f"Host: {host}", f"Cookie: {cookie}", f"Accept: {accept}", "Accept-Language: nn"]
    if fields is None:
        return "\r\n".join([f"GET {path} HTTP/1.1", *head, "", ""]).encode()
    body = urlencode([(name, one) for name, values in fields.items() for one in values])
    head += [f"Origin: http://{host}", "Content-Type: application/x-www-form-urlencoded"]
    return "\r\n".join([f"POST {path} HTTP/1.1", *head, f"Content-Length: {len(body)}", "", body]).encode()


async def read(reader: asyncio.StreamReader) -> Message:
    """Read one message whose length its headers tell; raises EOFError where the line was cut."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Message(first, headers, body, head + body)


def run(talk: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, in a thread of its own: a browser's driver keeps this one's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, talk).result()


class Line:
    """A phone's connection, kept open between requests and opened again when it was lost."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._where = (host, port)
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, raw: bytes, seconds: float) -> Message:
        """Send a request and return its answer; raises one of CUT when there is none in time."""
        try:
            async with asyncio.timeout(seconds):
                if self._ends is None:
                    self._ends = await asyncio.open_connection(*self._where, limit=LARGEST)
                reader, writer = self._ends
                writer.write(raw)
                await writer.drain()
                answer = await read(reader)
        except CUT:
            self.close()
            raise
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        """Let go of the connection."""
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None


class Background:
    """An event loop in a thread of its own, so that a test can do plain blocking things meanwhile."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any], seconds: float = 120) -> Any:
        """Run a coroutine there and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def close(self) -> None:
        """Cancel what still runs there and end the thread."""
        self.run(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _cancel_all(self) -> None:
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # Closed lines say so at the loop's next turns; left over, they would complain as garbage.
        for _ in range(3):
            await asyncio.sleep(0)

"""A proxy between phones and server that loses, cuts, doubles, delays and trickles what is posted; seeded."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import wire

_Writer = asyncio.StreamWriter
_Fault = Callable[[wire.Message, _Writer], Coroutine[Any, Any, None]]


class Proxy:
    """Listens on `port` of loopback and hands everything on to the server's `upstream` port.

    `chances` maps a fault's name (see `_faults`) to how often it hits a ballot, 0 to 1; what is left over
    passes untouched. `hits` counts the faults that really took place. A context manager.
    """

    def __init__(self, upstream: int, chances: Mapping[str, float], seed: int = 1) -> None:
        self.upstream, self.chances, self.hits = upstream, dict(chances), Counter[str]()
        self.port = 0
        self._random = random.Random(seed)
        self._background = wire.Background()
        self._later: set[asyncio.Task[Any]] = set()
        self._faults: dict[str, _Fault] = {
            "eaten": self._eaten,
            "doubled": self._doubled,
            "late": self._late,
            "delayed": self._delayed,
            "cut answer": self._cut_answer,
            "cut request": self._cut_request,
            "trickled": self._trickled,
        }

    def __enter__(self) -> Proxy:
        self.port = self._background.run(self._listen())
        return self

    def __exit__(self, *_error: object) -> None:
        self._background.run(self._stop())
        self._background.close()

    def settle(self, seconds: float = 90) -> None:
        """Wait until all that was kept back has been handed on."""
        self._background.run(self._wait(), seconds)

    def calm(self) -> None:
        """Harm nothing from now on."""
        self.chances = {}

    async def _wait(self) -> None:
        while self._later:
            await asyncio.wait(self._later)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=wire.LARGEST)
        return int(self._server.sockets[0].getsockname()[1])

    async def _stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: _Writer) -> None:
        try:
            while not writer.is_closing():
                asked = await wire.read(reader)
                fault = self._draw() if asked.first.startswith("POST /vote ") else None
                if fault is None:
                    writer.write((await self._hand_on(asked)).raw)
                else:
                    await self._faults[fault](asked, writer)
                    self.hits[fault] += 1
                await writer.drain()
        except wire.CUT:
            pass
        finally:
            writer.close()

    def _draw(self) -> str | None:
        draw = self._random.random()
        for name, chance in self.chances.items():
            draw -= chance
            if draw < 0:
                return name
        return None

    async def _hand_on(self, asked: wire.Message) -> wire.Message:
        line = wire.Line(self.upstream)
        try:
            return await line.ask(asked.raw, 90)
        finally:
            line.close()

    def _afterwards(self, seconds: float, asked: wire.Message) -> None:
        async def send() -> None:
            await asyncio.sleep(seconds)
            try:
                await self._hand_on(asked)
            except wire.CUT:
                # The server is away just now: then this copy never comes.
                return

        task = asyncio.get_running_loop().create_task(send())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _eaten(self, asked: wire.Message, writer: _Writer) -> None:
        """Hand the request on and keep the answer."""
        await self._hand_on(asked)
        writer.close()

    async def _doubled(self, asked: wire.Message, writer: _Writer) -> None:
        """Send the request twice at the same time; either answer comes back."""
        answers = await asyncio.gather(self._hand_on(asked), self._hand_on(asked))
        writer.write(self._random.choice(answers).raw)

    async def _late(self, asked: wire.Message, writer: _Writer) -> None:
        """Lose the line at once and hand the request on later, when its retries have long come through."""
        self._afterwards(self._random.uniform(0.2, 2.0), asked)
        writer.close()

    async def _delayed(self, asked: wire.Message, writer: _Writer) -> None:
        """Keep request and answer back, each for a while, and send one more copy later."""
        await asyncio.sleep(self._random.uniform(0.0, 0.3))
        answer = await self._hand_on(asked)
        self._afterwards(self._random.uniform(0.2, 2.0), asked)
        await asyncio.sleep(self._random.uniform(0.0, 0.3))
        writer.write(answer.raw)

    async def _cut_answer(self, asked: wire.Message, writer: _Writer) -> None:
        """Reset the line half-way through the answer."""
        raw = (await self._hand_on(asked)).raw
        writer.write(raw[: len(raw) // 2])
        await writer.drain()
        _reset(writer)

    async def _cut_request(self, asked: wire.Message, writer: _Writer) -> None:
        """Reset both lines half-way through the request."""
        _, upstream = await asyncio.open_connection("127.0.0.1", self.upstream)
        upstream.write(asked.raw[: -1 - self._random.randrange(len(asked.body))])
        await upstream.drain()
        _reset(upstream)
        _reset(writer)

    async def _trickled(self, asked: wire.Message, writer: _Writer) -> None:
        """Hand the request on a few bytes at a time."""
        reader, upstream = await asyncio.open_connection("127.0.0.1", self.upstream, limit=wire.LARGEST)
        for start in range(0, len(asked.raw), 100):
            upstream.write(asked.raw[start : start + 100])
            await upstream.drain()
            await asyncio.sleep(0.01)
        answer = await wire.read(reader)
        upstream.close()
        writer.write(answer.raw)


def _reset(writer: _Writer) -> None:
    raw: socket.socket = writer.get_extra_info("socket")
    # With nothing lingering, closing sends RST in place of FIN.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

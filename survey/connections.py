"""Connections with deadlines: whoever is slow to ask, or to take the answer, is let go."""

from __future__ import annotations

import contextlib
import socket
import time
from http.client import HTTPException
from typing import Any

import gevent
from gevent.pywsgi import WSGIHandler

# Seconds that a connection may lie idle between two requests, that a request's head may take, its body, and
# the answer on its way. A phone gives up after 15. The program itself may take its time.
IDLE, HEAD, BODY, ANSWER = 75.0, 15.0, 30.0, 60.0
_NEVER = float("inf")
# Bytes read ahead of a request; the usual 8 kB is a third of what a stream costs.
_BUFFER = 1024


class Handler(WSGIHandler):
    """Serves one connection. `due` is the moment by which the next thing must have happened."""

    due = _NEVER
    # Whether somebody waits for an answer that has an end.
    is_answering = False
    # Of the request that is being answered, until its answer begins.
    _body: Any = None
    _hanging_up: Any = None

    def __init__(self, sock: Any, address: Any, server: Any, rfile: Any = None) -> None:
        # A stream keeps its buffer for hours and reads nothing more with it.
        super().__init__(sock, address, server, rfile or sock.makefile("rb", _BUFFER))
        self.greenlet = gevent.getcurrent()

    def handle(self) -> None:
        """Serve requests until the connection ends."""
        handlers = self.server.handlers
        handlers.add(self)
        try:
            super().handle()
        finally:
            handlers.discard(self)
            if self._hanging_up is not None:
                self._hanging_up.stop()
                self._hanging_up.close()

    def read_requestline(self) -> str:
        """Wait for a request's first line."""
        self.due, self._body, self.is_answering = time.monotonic() + IDLE, None, False
        line: str = super().read_requestline()
        self.due = time.monotonic() + HEAD
        return line

    def read_request(self, raw_requestline: str) -> bool:
        """Read a request's head; raises ValueError for one that is none."""
        try:
            return bool(super().read_request(raw_requestline))
        except HTTPException as error:
            # More lines than a head may have: the client's mistake too, not one to log with its traceback.
            raise ValueError(str(error)) from None

    def get_environ(self) -> dict[str, Any]:
        """Return the request: its head has been read, and its body may still be on the way."""
        # Not in a method around the whole answer: its frame takes a stream one more page of memory, 4 kB.
        self.due, self.is_answering = time.monotonic() + BODY, True
        found: dict[str, Any] = super().get_environ()
        self._body = self.wsgi_input
        return found

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Begin the answer. A stream has no end that it could be late for."""
        self._body = None
        is_stream = any(name == "Content-Type" and "event-stream" in value for name, value in headers)
        self.due = _NEVER if is_stream else time.monotonic() + ANSWER
        if is_stream:
            self.is_answering = False
            self._end_with_the_client()
        return super().start_response(status, headers, exc_info)

    def _end_with_the_client(self) -> None:
        """End when the client hangs up, which else shows only at the second text that it does not take.

        Whatever comes on the line of one who follows is its end: there is nothing to be said on it.
        """
        here = gevent.getcurrent()
        self._hanging_up = here.loop.io(self.socket.fileno(), 1)
        self._hanging_up.start(here.kill, gevent.GreenletExit, False)

    def log_error(self, _message: str, *_args: Any) -> None:
        """Log nothing of requests that are none: the line would hold an address, and perhaps a code."""

    def is_late(self) -> bool:
        """Say whether the client is; while the program works on a request that is here whole, it is not."""
        return self.due < time.monotonic() and (self._body is None or _is_on_its_way(self._body))

    def let_go(self) -> None:
        """Cut the connection; whatever waits for it learns so at once."""
        self.due = _NEVER
        with contextlib.suppress(OSError, AttributeError):
            self.socket.shutdown(socket.SHUT_RDWR)


def watch(handlers: set[Handler]) -> None:
    """Let go of connections that are late, for ever."""
    while True:
        gevent.sleep(1.0)
        for handler in [one for one in handlers if one.is_late()]:
            handler.let_go()


def end(handlers: set[Handler], seconds: float) -> None:
    """Let go of all: who waits for an answer has it first, or so many seconds."""
    last = time.monotonic() + seconds
    while handlers and time.monotonic() < last:
        for handler in list(handlers):
            handler.close_connection = True
            if not handler.is_answering:
                handler.let_go()
        gevent.sleep(0.01)
    # Cut first: a phone that hears nothing sends again.
    for handler in handlers:
        handler.let_go()
    gevent.killall([handler.greenlet for handler in handlers])


def _is_on_its_way(body: Any) -> bool:
    if body.chunked_input:
        return bool(body.chunk_length != 0)
    return bool(body.position < (body.content_length or 0))

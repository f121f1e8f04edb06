"""Deadlines are for clients: who is slow is let go, who waits for the program is not, also at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator

import gevent
import gevent.socket
import pytest
from flask import Flask, Response, request

from survey import connections, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[serving.Server]:
    """A server whose first page reads what is sent and then works for longer than a body may take."""
    monkeypatch.setattr(connections, "BODY", 0.2)
    app = Flask(__name__)

    @app.route("/", methods=["GET", "POST"])
    def _page() -> str:
        read = request.get_data()
        gevent.sleep(2.5)
        return f"done with {len(read)}"

    @app.get("/live")
    def _live() -> Response:
        def lines() -> Iterator[str]:
            yield "data: 1\n\n"
            gevent.sleep(30)

        return Response(lines(), mimetype="text/event-stream")

    server = serving.Server(app, "127.0.0.1", 0)
    server.start()
    watch = gevent.spawn(connections.watch, server.handlers)
    yield server
    watch.kill()
    server.stop()


HOST = b" / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"GET" + HOST + b"\r\n", b"done with 0"),
        (b"POST" + HOST + b"Content-Length: 3\r\n\r\nabc", b"done with 3"),
        (b"POST" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"done with 3"),
        (b"POST" + HOST + b"Content-Length: 3\r\n\r\nab", b""),
        (b"POST" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b""),
    ],
)
def test_only_who_is_slow_to_send_is_cut_off(server: serving.Server, sent: bytes, answered: bytes) -> None:
    with gevent.Timeout(20):
        assert asked(server.server_port, sent).partition(b"\r\n\r\n")[2] == answered


def test_at_the_end_who_waits_has_the_answer_and_who_listens_is_let_go(server: serving.Server) -> None:
    begun = time.monotonic()
    keeping = HOST.replace(b"Connection: close\r\n", b"")
    idle = gevent.spawn(asked, server.server_port, b"")
    listening = gevent.spawn(asked, server.server_port, b"GET /live" + keeping[2:] + b"\r\n")
    waiting = gevent.spawn(asked, server.server_port, b"GET" + keeping + b"\r\n")
    gevent.sleep(0.2)
    server.stop()
    connections.end(server.handlers, 20)
    ended = time.monotonic() - begun
    assert waiting.get(timeout=20).endswith(b"done with 0")
    assert idle.get(timeout=20) == b"" and b"data: 1" in listening.get(timeout=20)
    assert not server.handlers and 2.5 < ended < 20


def test_at_the_end_nobody_is_waited_for_for_ever(server: serving.Server) -> None:
    waiting = gevent.spawn(asked, server.server_port, b"GET" + HOST + b"\r\n")
    gevent.sleep(0.2)
    server.stop()
    connections.end(server.handlers, 0.1)
    assert not server.handlers and waiting.get(timeout=20) == b""


def asked(port: int, sent: bytes) -> bytes:
    """Send this and return all that is heard until the line is closed."""
    heard = b""
    with gevent.socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(sent)
        while more := client.recv(4096):
            heard += more
    return heard

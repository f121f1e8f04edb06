"""Deadlines are for clients: whoever is slow is let go, whoever waits for the program is not."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import gevent.socket
import pytest
from flask import Flask, request

from survey import connections, serving


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server whose only page reads what is sent and then works for longer than a body may take."""
    monkeypatch.setattr(connections, "BODY", 0.2)
    app = Flask(__name__)

    @app.route("/", methods=["GET", "POST"])
    def _page() -> str:
        read = request.get_data()
        gevent.sleep(2.5)
        return f"done with {len(read)}"

    server = serving.Server(app, "127.0.0.1", 0)
    server.start()
    watch = gevent.spawn(connections.watch, server.handlers)
    yield server.server_port
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
def test_only_who_is_slow_to_send_is_cut_off(port: int, sent: bytes, answered: bytes) -> None:
    with gevent.Timeout(20), gevent.socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(sent)
        heard = b""
        while more := client.recv(4096):
            heard += more
    assert heard.partition(b"\r\n\r\n")[2] == answered

"""A phone that goes gives its stream back at once: a hall that loads its page anew must find room."""

from __future__ import annotations

import socket
import time

STREAMS = 40


def listening(port, meeting):
    """Return a line on which a phone follows the meeting."""
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.sendall(f"GET /live/{meeting} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    heard = b""
    while b"data: " not in heard:
        heard += line.recv(65536)
    return line


def test_streams_end_when_phones_hang_up_though_nothing_is_told(hall):
    with hall.serving() as server:
        before = server.open_files()
        lines = [listening(server.port, hall.meeting) for _ in range(STREAMS)]
        assert server.open_files() >= before + STREAMS
        for line in lines:
            line.close()
        # Nothing is written on the streams before 15 s are over.
        end = time.monotonic() + 10
        while server.open_files() > before + 5 and time.monotonic() < end:
            time.sleep(0.05)
        assert server.open_files() <= before + 5

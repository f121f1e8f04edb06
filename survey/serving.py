"""The server: gevent's WSGI server in one process, quiet, and stopping with care."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import gevent.event
from flask import Flask
from gevent.pywsgi import WSGIServer

from survey import connections, network
from survey.ballots import seal
from survey.meetings import ending, erasing
from survey.meetings.steps import on_its_own
from survey.storage import folder

_STOP_SECONDS = 3
_TICK_SECONDS = 5.0


class Server(WSGIServer):
    """A WSGI server without an access log and without Nagle's delay, which cost every answer 44 ms."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        # No line per request: addresses beside the times of ballots would be traces of people.
        super().__init__((host, port), app, log=None, handler_class=connections.Handler)
        self.handlers: set[connections.Handler] = set()

    def handle(self, client: socket.socket, address: Any) -> None:
        """Serve one connection."""
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle(client, address)


def start(app: Flask, host: str, port: int, tick: Callable[[], None] | None = None) -> Server:
    """Begin to serve and return the server; port 0 takes a free one (`server.server_port`).

    `tick` runs every few seconds. Raises OSError when the address cannot be listened on, InUse while a backup
    is restored into the folder.
    """
    network.raise_open_files()
    _hold_folder(app)
    _look_for_garbage_less_often()
    server = Server(app, host, port)
    server.start()
    app.extensions["prikk.database"].hire_scribe()
    gevent.spawn(connections.watch, server.handlers)
    if tick is not None:
        gevent.spawn(_tick_for_ever, tick)
    return server


def keep(app: Flask) -> None:
    """Do what is done regularly, beside the requests of a server that is not ours."""
    _hold_folder(app)
    _look_for_garbage_less_often()
    gevent.spawn(_tick_for_ever, regular(app))


def _hold_folder(app: Flask) -> None:
    # Kept for as long as the process runs.
    app.extensions["prikk.folder"] = folder.hold(Path(app.config["PRIKK_INSTANCE"]))


def _look_for_garbage_less_often() -> None:
    # Ballots that wait for the disk are no garbage, and were looked through all the time, for a twentieth of
    # a ballot's cost.
    gc.set_threshold(20_000, 20, 20)


def asked_to_stop() -> gevent.event.Event:
    """Return what is set by SIGINT or SIGTERM, from now on."""
    stopped = gevent.event.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(name, stopped.set)
    return stopped


def serve_until(stopped: gevent.event.Event, server: Server) -> None:
    """Serve until it is set, then finish what has begun and close the database."""
    stopped.wait()
    server.stop()
    connections.end(server.handlers, _STOP_SECONDS)
    server.application.extensions["prikk.database"].close()
    if server.application.extensions["prikk.folder"] is not None:
        server.application.extensions["prikk.folder"].close()


def _tick_for_ever(tick: Callable[[], None]) -> None:
    while True:
        on_its_own(tick)
        gevent.sleep(_TICK_SECONDS)


def regular(app: Flask) -> Callable[[], None]:
    """Return what is done at the start and every few seconds.

    Meetings whose time is up end, those whose date has come are erased; what a crash has left undone is done.
    """
    database, keys = app.extensions["prikk.database"], app.extensions["prikk.keys"]
    seal.mend(database, keys)
    erase_due = erasing.patiently(database, keys)

    def tick() -> None:
        if database.health.trouble():
            # Nobody may be voting just now, and the console must hear that it is over.
            database.probe()
        keys.forget()
        with database.watch() as mine:
            if mine:
                on_its_own(ending.end_due, database, keys)
                on_its_own(erase_due)
                on_its_own(seal.wipe, database)

    return tick

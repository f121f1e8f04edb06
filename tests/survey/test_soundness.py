"""What is damaged is told whatever its bytes are: a name that is no text any more must not hide it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from survey.meetings import soundness

# An index whose name is "i" and a byte that begins no letter.
_NAME = b"i\xc7"


def damaged(file: Path) -> None:
    """Make a database with a row that is missing from an index of that name."""
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a); INSERT INTO t VALUES ('x')")
    connection.execute("PRAGMA writable_schema = ON")
    asked = "UPDATE sqlite_master SET name = CAST(? AS TEXT), sql = CAST(? AS TEXT) WHERE name = 'i'"
    connection.execute(asked, (_NAME, b"CREATE INDEX " + _NAME + b" ON t (a)"))
    connection.commit()
    connection.close()
    raw = bytearray(file.read_bytes())
    page = int.from_bytes(raw[16:18], "big")
    raw[raw.rindex(b"x", 2 * page, 3 * page)] = ord("y")
    file.write_bytes(raw)


def unreadable(file: Path) -> None:
    """Make a database with an index of that name which is no index."""
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a)")
    connection.execute("PRAGMA writable_schema = ON")
    asked = "UPDATE sqlite_master SET name = CAST(? AS TEXT), sql = 'CREATE INDEX' WHERE name = 'i'"
    connection.execute(asked, (_NAME,))
    connection.commit()
    connection.close()


def test_damage_is_told_whatever_its_bytes_are(tmp_path: Path) -> None:
    damaged(tmp_path / "prikk.sqlite")
    with pytest.raises(soundness.Damaged, match="missing from index"):
        soundness.check_file(tmp_path / "prikk.sqlite")
    unreadable(tmp_path / "another.sqlite")
    with pytest.raises(soundness.Damaged):
        soundness.check_file(tmp_path / "another.sqlite")

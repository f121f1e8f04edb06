"""A database with very many ballots in one open round, filled straight into its tables."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.ballots import log
from survey.ballots.hashing import commitment

_AT_ONCE = 50_000
_ANSWER = '{"dots":{"fleire-arbeidsplassar":1}}'
_TRIGGERS = "SELECT type, name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'log'"
_LOG = "meeting_id, seq, type, round_id, pseudonym, commitment, data, prev, hash"


def only_log(file: Path, meeting: int, round_: int, ballots: int) -> None:
    """Fill the log with ballots of as many cards. Its hashes are made up: what is measured reads none."""
    with _filling(file) as connection:
        first = _head(connection, meeting)[0] + 1
        connection.execute(
            f"""WITH RECURSIVE place(seq) AS
            (SELECT :first UNION ALL SELECT seq + 1 FROM place WHERE seq < :first + :ballots - 1)
            INSERT INTO log ({_LOG}) SELECT :meeting, seq, 'cast', :round, lower(hex(randomblob(16))),
            lower(hex(randomblob(32))), NULL, lower(hex(randomblob(32))), lower(hex(randomblob(32)))
            FROM place""",
            {"first": first, "ballots": ballots, "meeting": meeting, "round": round_},
        )
        connection.execute("UPDATE round SET turnout = ? WHERE id = ?", (ballots, round_))


def whole(file: Path, meeting: int, round_: int, ballots: int) -> None:
    """Fill log, contents, keys and cards with ballots that verify."""
    with _filling(file) as connection:
        group = connection.execute("SELECT min(id) FROM groups WHERE meeting_id = ?", (meeting,)).fetchone()[
            0
        ]
        for some in _batches(meeting, round_, ballots, *_head(connection, meeting)):
            connection.executemany(
                "INSERT INTO card (id, meeting_id, group_id, code_digest, origin, taken, void) "
                "VALUES (?, ?, ?, ?, 'printed', 1, 0)",
                [(secrets.token_hex(16), meeting, group, secrets.token_hex(32)) for _ in some],
            )
            contents = [secrets.token_hex(16) for _ in some]
            connection.executemany(
                "INSERT INTO content (id, round_id, group_id, answer, nonce, commitment) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                sorted(
                    (one, round_, group, _ANSWER, nonce, row[5])
                    for one, (nonce, row) in zip(contents, some, strict=True)
                ),
            )
            connection.executemany(
                "INSERT INTO cast_key (round_id, pseudonym, key, body_hash, seq, content_id) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                sorted(
                    (round_, row[4], secrets.token_hex(16), row[5], row[1], one)
                    for one, (_, row) in zip(contents, some, strict=True)
                ),
            )
            marks = ", ".join("?" * 9)
            connection.executemany(f"INSERT INTO log ({_LOG}) VALUES ({marks})", [row for _, row in some])
        connection.execute("UPDATE round SET turnout = turnout + ? WHERE id = ?", (ballots, round_))


def _batches(
    meeting: int, round_: int, ballots: int, seq: int, last: str
) -> Iterator[list[tuple[str, tuple[int, int, str, int, str, str, None, str, str]]]]:
    some = []
    for place in range(seq + 1, seq + ballots + 1):
        nonce, pseudonym = secrets.token_hex(16), secrets.token_hex(16)
        committed = commitment(nonce, _ANSWER)
        values = (place, "cast", round_, pseudonym, committed, None, last)
        previous, last = last, log.entry_hash(*values)
        some.append((nonce, (meeting, place, "cast", round_, pseudonym, committed, None, previous, last)))
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _head(connection: sqlite3.Connection, meeting: int) -> tuple[int, str]:
    asked = "SELECT seq, hash FROM log WHERE meeting_id = ? ORDER BY seq DESC LIMIT 1"
    return connection.execute(asked, (meeting,)).fetchone() or (0, log.START)


@contextmanager
def _filling(file: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection without the log's triggers: they would count each row by itself."""
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    off = connection.execute(_TRIGGERS).fetchall()
    for type, name, _ in off:
        connection.execute(f"DROP {type} {name}")
    connection.execute("BEGIN")
    yield connection
    connection.execute("COMMIT")
    for _, _, written in off:
        connection.execute(written)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()

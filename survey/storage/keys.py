"""The secret and what is made from it and from the questions' keys."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, insert, select

from survey.errors import KeyGone, WrongSecret
from survey.storage import schema
from survey.storage.question_keys import InFiles, InRows, QuestionKeys, read_or_make


class Keys:
    """The secret, a small file of mode 0600 outside the database: the session key, the codes' pepper.

    Each question has a key of its own, which makes the pseudonyms of its ballots and is destroyed at finish;
    nobody can make them again. It is a file beside the secret or, on PostgreSQL, a row wrapped under it:
    there all hosts have the same secret.
    """

    def __init__(self, secret_file: str | Path) -> None:
        file = Path(secret_file)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._secret = read_or_make(file)
        self._in_files, self._in_rows = InFiles(file.parent), InRows(self.derived("questions' keys"))
        self._of_rounds: dict[int, tuple[int, bytes]] = {}

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes derived from the secret for one purpose ("session", "codes", ...)."""
        return self.derive(self._secret, purpose)

    @staticmethod
    def derive(secret: bytes, purpose: str) -> bytes:
        """Return what `derived` would, were this the secret."""
        return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()

    def code_digest(self, code: str) -> str:
        """Return the keyed hash under which a card's code (normalised) is stored: 64 hex digits."""
        return hmac.new(self.derived("codes"), code.encode(), hashlib.sha256).hexdigest()

    def make_question(self, connection: Connection, question_id: int) -> None:
        """Make the question's key unless it is there."""
        self._forget_question(question_id)
        self._where(connection).make(connection, question_id)

    def pseudonym(self, connection: Connection, question_id: int, card_id: str) -> str:
        """Return the card's pseudonym in this question: 32 hex digits. Raises KeyGone after finish."""
        return self.keyed_hash(connection, question_id, card_id)[:32]

    def keyed_hash(self, connection: Connection, question_id: int, text: str) -> str:
        """Return the text's hash under the question's key: 64 hex digits. Raises KeyGone after finish."""
        return hashed(self._where(connection).read(connection, question_id), text)

    def of_round(self, reading: Callable[[], Connection], round_id: int, question_id: int) -> bytes:
        """Return the question's key for casting in its round, from memory where it is there; raises KeyGone.

        Kept by the round: a question may get another key (a rehearsal is cleared), even in another process,
        but then its rounds are gone, and no other has their ids. `reading` gives a connection if need be.
        """
        found = self._of_rounds.get(round_id)
        if found is None:
            connection = reading()
            found = question_id, self._where(connection).read(connection, question_id)
            self._of_rounds[round_id] = found
        return found[1]

    def has_question(self, connection: Connection, question_id: int) -> bool:
        """Say whether the question's key still exists."""
        return self._where(connection).exists(connection, question_id)

    @property
    def secret(self) -> bytes:
        """The secret itself: for the file of keys that goes with a backup, and nothing else."""
        return self._secret

    def question(self, connection: Connection, question_id: int) -> bytes | None:
        """Return the question's key for such a file; None before its first opening and after finish."""
        try:
            return self._where(connection).read(connection, question_id)
        except KeyGone:
            return None

    def put_question(self, connection: Connection, question_id: int, key: bytes) -> None:
        """Put a restored key there, in place of any other."""
        self._forget_question(question_id)
        self._where(connection).put(connection, question_id, key)

    def destroy_question(self, question_id: int) -> None:
        """Destroy what of the question's key is outside the database; gone already: nothing happens."""
        self._forget_question(question_id)
        self._in_files.destroy(question_id)

    def check(self, connection: Connection) -> None:
        """Let a database on PostgreSQL remember this secret; raises WrongSecret where it has another.

        Two hosts with secrets of their own would each refuse the other's cards and sessions.
        """
        if connection.dialect.name == "sqlite":
            return
        own = self.derived("fingerprint").hex()
        known = set(connection.scalars(select(schema.secret_check.c.fingerprint)))
        if not known:
            connection.execute(insert(schema.secret_check).values(fingerprint=own))
        elif own not in known:
            raise WrongSecret

    def forget(self) -> None:
        """Forget the questions' keys in memory: another process may have finished a question."""
        self._of_rounds.clear()

    def _forget_question(self, question_id: int) -> None:
        self._of_rounds = {id: one for id, one in self._of_rounds.items() if one[0] != question_id}

    def _where(self, connection: Connection) -> QuestionKeys:
        return self._in_files if connection.dialect.name == "sqlite" else self._in_rows


def hashed(key: bytes, text: str) -> str:
    """Return the text's hash under a question's key: 64 hex digits."""
    return hmac.digest(key, text.encode(), "sha256").hex()

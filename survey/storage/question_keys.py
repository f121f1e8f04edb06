"""Where the questions' keys are: side files for a database in a file, wrapped rows for PostgreSQL."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select

from survey.errors import KeyGone, WrongSecret
from survey.storage import schema

_ROW = schema.question_key
_NONCE = 12


class QuestionKeys(Protocol):
    """One random key of 32 bytes per question, made at its first opening and gone after its finish."""

    def make(self, connection: Connection, question_id: int) -> None:
        """Make the question's key unless it is there."""

    def read(self, connection: Connection, question_id: int) -> bytes:
        """Return the question's key; raises KeyGone."""

    def put(self, connection: Connection, question_id: int, key: bytes) -> None:
        """Put the question's key there, in place of any other: a restored one."""

    def exists(self, connection: Connection, question_id: int) -> bool:
        """Say whether the question's key is there."""

    def destroy(self, question_id: int) -> None:
        """Destroy what of the key is outside the database."""


class InFiles:
    """A file of mode 0600 for each key, outside the database and its backups."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, _connection: Connection, question_id: int) -> None:
        """See QuestionKeys."""
        read_or_make(self._file(question_id))

    def read(self, _connection: Connection, question_id: int) -> bytes:
        """See QuestionKeys."""
        try:
            return self._file(question_id).read_bytes()
        except FileNotFoundError:
            raise KeyGone(question=question_id) from None

    def put(self, _connection: Connection, question_id: int, key: bytes) -> None:
        """See QuestionKeys."""
        put_file(self._file(question_id), key)

    def exists(self, _connection: Connection, question_id: int) -> bool:
        """See QuestionKeys."""
        return self._file(question_id).exists()

    def destroy(self, question_id: int) -> None:
        """Overwrite and remove the file; nothing happens if it is gone already."""
        file = self._file(question_id)
        # Beside it may lie what a crash has left of the moment when it was put there.
        for one in (file, *self._folder.glob(f"{file.name}.*")):
            if one.exists():
                _write_through(one, secrets.token_bytes(32))
                one.unlink()
                _sync_folder(self._folder)

    def _file(self, question_id: int) -> Path:
        return self._folder / f"question-{question_id}"


class InRows:
    """A row for each key, wrapped by AES-256-GCM under the secret's file, since several hosts must read it.

    The row is deleted in the transaction that finishes the question (`seal.rewrite`). What a backup of the
    database or its write-ahead log still holds can be opened by whoever has the secret's file as well.
    """

    def __init__(self, wrapping_key: bytes) -> None:
        self._cipher = AESGCM(wrapping_key)

    def make(self, connection: Connection, question_id: int) -> None:
        """See QuestionKeys. The meeting's lock keeps two processes from doing it at once."""
        if not self.exists(connection, question_id):
            self.put(connection, question_id, secrets.token_bytes(32))

    def put(self, connection: Connection, question_id: int, key: bytes) -> None:
        """See QuestionKeys."""
        nonce = secrets.token_bytes(_NONCE)
        wrapped = nonce + self._cipher.encrypt(nonce, key, _belongs_to(question_id))
        connection.execute(delete(_ROW).where(_ROW.c.question_id == question_id))
        connection.execute(insert(_ROW).values(question_id=question_id, wrapped=wrapped))

    def read(self, connection: Connection, question_id: int) -> bytes:
        """See QuestionKeys. Raises WrongSecret where the row was wrapped under another secret."""
        wrapped = connection.scalar(select(_ROW.c.wrapped).where(_ROW.c.question_id == question_id))
        if wrapped is None:
            raise KeyGone(question=question_id)
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _belongs_to(question_id))
        except InvalidTag:
            raise WrongSecret from None

    def exists(self, connection: Connection, question_id: int) -> bool:
        """See QuestionKeys."""
        asked = select(_ROW.c.question_id).where(_ROW.c.question_id == question_id)
        return connection.execute(asked).first() is not None

    def destroy(self, question_id: int) -> None:
        """See QuestionKeys: nothing is outside the database."""


def _belongs_to(question_id: int) -> bytes:
    # A wrapped key put beside another question does not open.
    return f"prikk/1 question {question_id}".encode()


def read_or_make(file: Path) -> bytes:
    """Return the 32 random bytes in a file of mode 0600, made if need be; safe in several processes."""
    if not file.exists():
        fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        _write_through(fresh, secrets.token_bytes(32))
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        _sync_folder(file.parent)
    return file.read_bytes()


def put_file(file: Path, content: bytes) -> None:
    """Write a file of mode 0600 through to the disk, whole or not at all, in place of what is there."""
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    _write_through(fresh, content)
    fresh.replace(file)
    _sync_folder(file.parent)


def _write_through(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The secret and the questions' keys: small files of mode 0600 outside the database."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path


class Keys:
    """The folder of keys. The secret gives the session key and the codes' pepper.

    Each question has a key of its own, which makes the pseudonyms of its ballots and is destroyed at finish;
    nobody can make them again.
    """

    def __init__(self, secret_file: str | Path) -> None:
        self._file = Path(secret_file)
        self._folder = self._file.parent
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._secret = self._read_or_make(self._file)

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes derived from the secret for one purpose ("session", "codes", ...)."""
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()

    def code_digest(self, code: str) -> str:
        """Return the keyed hash under which a card's code (normalised) is stored: 64 hex digits."""
        return hmac.new(self.derived("codes"), code.encode(), hashlib.sha256).hexdigest()

    def make_question(self, question_id: int) -> None:
        """Make the question's key unless it is there."""
        self._read_or_make(self._question_file(question_id))

    def pseudonym(self, question_id: int, card_id: str) -> str:
        """Return the card's pseudonym in this question: 32 hex digits. FileNotFoundError after finish."""
        return self.keyed_hash(question_id, card_id)[:32]

    def keyed_hash(self, question_id: int, text: str) -> str:
        """Return the text's hash under the question's key: 64 hex digits. FileNotFoundError after finish."""
        key = self._question_file(question_id).read_bytes()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def has_question(self, question_id: int) -> bool:
        """Say whether the question's key still exists."""
        return self._question_file(question_id).exists()

    def destroy_question(self, question_id: int) -> None:
        """Overwrite and remove the question's key; nothing happens if it is gone already."""
        file = self._question_file(question_id)
        if file.exists():
            _write_through(file, secrets.token_bytes(32))
            file.unlink()
            _sync_folder(self._folder)

    def _question_file(self, question_id: int) -> Path:
        return self._folder / f"question-{question_id}"

    def _read_or_make(self, file: Path) -> bytes:
        if not file.exists():
            fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
            _write_through(fresh, secrets.token_bytes(32))
            try:
                os.link(fresh, file)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
            _sync_folder(self._folder)
        return file.read_bytes()


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

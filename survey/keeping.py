"""The commands that keep a meeting safe and let it go: backup, restore, erase."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Row

from survey.meetings import backups, erasing, restoring
from survey.storage import folder
from survey.storage.database import Database
from survey.storage.keys import Keys


def backup(database: Database, keys: Keys, output: str, keys_file: str | None) -> str:
    """Write a backup (and its keys where a file is named) and return what to tell."""
    entries = backups.make(database, keys, Path(output), Path(keys_file) if keys_file else None)
    told = f"{output}: {entries} entries of the log, {_size(Path(output))}. "
    if keys_file:
        return told + f"{keys_file}: the keys. Keep them in another place: together they open the links."
    return (
        told + "Without its keys (--keys KEYS) it restores finished questions, and all cards are issued anew."
    )


def restore(database: Database, config: dict[str, Any], file: str, keys_file: str | None) -> str:
    """Restore a backup into an empty instance and return what to tell."""
    secret = Path(config["PRIKK_SECRET_FILE"])
    with folder.have_alone(Path(config["PRIKK_INSTANCE"])):
        found = restoring.restore(database, secret, Path(file), Path(keys_file) if keys_file else None)
    told = f"Restored and verified: {', '.join(found.meetings) or 'no meetings'}; {found.entries} entries."
    if found.earlier_secret:
        told += f" The secret that was there is kept as {found.earlier_secret}."
    if keys_file:
        return f"{told} {found.going_on} unfinished questions go on. Start: python -m survey serve"
    return (
        f"{told} Without keys: {found.aside} open votes were put aside, and the console offers to issue "
        "all cards anew. Start: python -m survey serve"
    )


def erase(database: Database, keys: Keys, meeting: Row[Any]) -> str:
    """Erase a meeting and return what to tell: what is kept, and which backups still hold it."""
    wiped = erasing.erase(database, keys, meeting.id)
    lines = [
        f"{meeting.key}: texts and votes are erased. The log (hashes and short keys) and the counts of each "
        "round are kept, and verify as before.",
    ]
    if not wiped:
        lines.append("Erasure pending: free space in the file is wiped as soon as no vote is open anywhere.")
    if not database.is_sqlite:
        lines.append(
            "The database server's own write-ahead log and backups may hold them until they are gone."
        )
    with database.reading() as connection:
        known = backups.holding(connection, meeting.id)
    if known:
        lines.append("These backups still hold them. Delete them, and copies of them elsewhere:")
        lines += [f"  {where(one)}" for one in known]
    lines.append("Reports, packages and card sheets that were saved elsewhere are yours to delete.")
    return "\n".join(lines)


def where(backup: Row[Any]) -> str:
    """Return where a known backup is and when it was made."""
    files = " and ".join(one for one in (backup.path, backup.keys_path) if one)
    return f"{files} on {backup.host}, {backup.made_at.astimezone():%Y-%m-%d %H:%M}"


def _size(file: Path) -> str:
    size = file.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"

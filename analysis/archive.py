"""Reading a data package from a zip or a folder that may be broken, wrong or malicious."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import codebook, schema
from analysis.cells import unguard
from analysis.disclosure import Policy, Published
from analysis.disclosure.gate import KINDS
from analysis.disclosure.published import released
from analysis.responses import Meeting

# No meeting is near these: they keep a zip bomb from filling the memory.
MOST_BYTES = 64 * 1024 * 1024
LONGEST_CELL = 1_000_000
Opener = Callable[[str], bytes]


class PackageError(ValueError):
    """A data package that cannot be read or written: one sentence with file, place and what was expected."""


def published(path: Path, descriptor: str) -> Published:
    """Return what the package at `path` has published; raises PackageError."""
    opened = _zip(path) if path.is_file() else _folder(path)
    raw = _json(path, descriptor, opened(descriptor))
    book = raw.get("prikk")
    if not isinstance(book, Mapping):
        raise PackageError(f"{path}, {descriptor}: expected the codebook under the key prikk.")
    try:
        meeting = codebook.checked(book.get("meeting"), tuple(KINDS))
        policy = _policy(book.get("policy", {}))
    except codebook.CodebookError as error:
        raise PackageError(f"{path}, {descriptor}: {error}.") from None
    paths = _paths(path, descriptor, raw)
    rows = _table(path, paths["published"], opened, "published")
    notes = _table(path, paths["notes"], opened, "notes")
    _known(path, paths["published"], rows, meeting)
    return released(meeting, rows, notes, policy)


def _zip(path: Path) -> Opener:
    def opened(name: str) -> bytes:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(name) as member:
                content = member.read(MOST_BYTES + 1)
        except KeyError:
            raise PackageError(f"{path}: expected the file {name} in it, found none.") from None
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise PackageError(f"{path}, {name}: expected a whole zip file ({error}).") from None
        except OSError as error:
            raise PackageError(f"{path} cannot be read: {error.strerror or error}.") from None
        return _bounded(path, name, content)

    return opened


def _folder(path: Path) -> Opener:
    if not path.is_dir():
        raise PackageError(
            f"{path}: expected a data package, a zip or a folder; there is nothing of that name."
        )

    def opened(name: str) -> bytes:
        try:
            with (path / name).open("rb") as member:
                content = member.read(MOST_BYTES + 1)
        except FileNotFoundError:
            raise PackageError(f"{path}: expected the file {name} in it, found none.") from None
        except OSError as error:
            raise PackageError(f"{path}, {name}: cannot be read: {error.strerror or error}.") from None
        return _bounded(path, name, content)

    return opened


def _bounded(path: Path, name: str, content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise PackageError(f"{path}, {name}: expected at most {MOST_BYTES // 1024**2} MB.")
    return content


def _text(path: Path, name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackageError(f"{path}, {name}, byte {error.start}: expected UTF-8 text.") from None


def _json(path: Path, name: str, content: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(_text(path, name, content))
    except json.JSONDecodeError as error:
        raise PackageError(f"{path}, {name}, line {error.lineno}: expected JSON ({error.msg}).") from None
    except (RecursionError, ValueError):
        raise PackageError(
            f"{path}, {name}: expected a plain codebook, found something far too large."
        ) from None
    if not isinstance(raw, dict):
        raise PackageError(f"{path}, {name}: expected a JSON object.")
    return raw


def _policy(raw: object) -> Policy:
    if not isinstance(raw, Mapping) or not all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        for value in raw.values()
    ):
        raise codebook.CodebookError("policy: expected an object of numbers")
    return Policy.from_dict(raw)


def _paths(path: Path, descriptor: str, raw: Mapping[str, Any]) -> dict[str, str]:
    """Return the file of each table; only plain names beside the descriptor are followed."""
    found = raw.get("resources")
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise PackageError(f"{path}, {descriptor}: expected a list of resources.")
    paths = {str(one.get("name")): str(one.get("path")) for one in found}
    for name in ("published", "notes"):
        if not re.fullmatch(r"[A-Za-z0-9_-]+\.csv", paths.get(name, "")):
            raise PackageError(f"{path}, {descriptor}: expected a resource {name} with the path {name}.csv.")
    return paths


def _table(path: Path, file: str, opened: Opener, name: str) -> pd.DataFrame:
    columns = schema.TABLES[name]
    names = [column.name for column in columns]
    text = _text(path, file, opened(file))
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[Any]] = []
    try:
        header = next(reader, [])
        if header != names:
            raise PackageError(f"{path}, {file}, line 1: expected the columns {', '.join(names)}.")
        for cells in reader:
            if len(cells) != len(names):
                raise PackageError(
                    f"{path}, {file}, line {reader.line_num}: expected {len(names)} cells, not {len(cells)}."
                )
            rows.append([_read(column, cell) for column, cell in zip(columns, cells, strict=True)])
    except csv.Error as error:
        raise PackageError(f"{path}, {file}, line {reader.line_num}: expected CSV ({error}).") from None
    except CellError as error:
        raise PackageError(f"{path}, {file}, line {reader.line_num}: {error}.") from None
    return pd.DataFrame(rows, columns=names, dtype="object")


class CellError(ValueError):
    """A cell that is not what its column says."""


def _read(column: schema.Column, cell: str) -> Any:
    if column.needed and not cell:
        raise CellError(f"column {column.name}: expected a value, found an empty cell")
    if column.type == "string":
        return unguard(cell)
    if not cell:
        return None
    if column.type == "integer":
        if not re.fullmatch(r"-?\d{1,15}", cell, re.ASCII):
            raise CellError(f"column {column.name}: expected a whole number, found {cell[:40]!r}")
        return int(cell)
    if not re.fullmatch(r"-?\d{1,300}(\.\d{1,30})?([eE][+-]?\d{1,3})?", cell, re.ASCII):
        raise CellError(f"column {column.name}: expected a number, found {cell[:40]!r}")
    value = float(cell)
    if not math.isfinite(value):
        raise CellError(f"column {column.name}: expected a finite number, found {cell[:40]!r}")
    return value


def _known(path: Path, file: str, rows: pd.DataFrame, meeting: Meeting) -> None:
    """Hold rows to the codebook: questions, kinds, rounds, items and groups must stand there."""
    groups = {"", *(group.key for group in meeting.groups)}
    rounds = {(one.key, one.kind, book.number) for one in meeting.questions for book in one.rounds}
    items = {(one.key, item.key) for one in meeting.questions for item in one.items}
    items |= {(one.key, "") for one in meeting.questions}
    keys = zip(rows["question"], rows["kind"], rows["round"], rows["item"], rows["group"], strict=True)
    for line, (question, kind, number, item, group) in enumerate(keys, start=2):
        wrong = ""
        if (question, kind, number) not in rounds:
            wrong = f"question {question!r} of kind {kind!r}, round {number}"
        elif (question, item) not in items:
            wrong = f"item {item!r} of question {question!r}"
        elif group not in groups:
            wrong = f"group {group!r}"
        if wrong:
            raise PackageError(f"{path}, {file}, row {line}: {wrong[:120]} is not in the codebook.")

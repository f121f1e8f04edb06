"""The data package of a meeting: a Frictionless tabular data package, as a zip or a folder.

`datapackage.json` is the codebook, `published.csv` every released number, `notes.csv` what was said, and
`responses.csv` the ballots, only where the plan said so. Text cells are guarded against spreadsheets and
come back as they were.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import archive, schema
from analysis.archive import PackageError
from analysis.cells import guard_both_ways, plain, table
from analysis.disclosure import Published
from analysis.disclosure.ballot_rows import ballot_rows
from analysis.responses import Responses
from analysis.sheets import csv_for_excel, xlsx

__all__ = ["PackageError", "csv_for_excel", "files", "read", "write", "xlsx"]

FORMAT = 1
LICENCE = (
    "The organiser of the meeting decides on licence and further use. The figures are released by "
    "disclosure rules; do not try to find out what single people answered."
)
# A fixed date in the zip: the same figures give the same file.
DATE = (1980, 1, 1, 0, 0, 0)
DESCRIPTOR = "datapackage.json"


def files(published: Published, responses: Responses | None = None) -> dict[str, bytes]:
    """Return the files of the package by name.

    With `responses`, ballot rows are added. Raises PackageError where the codebook does not allow them.
    """
    tables = {"published": published.rows, "notes": published.notes}
    if responses is not None:
        if not published.meeting.ballot_rows:
            raise PackageError("The plan of this meeting does not allow ballot rows (ballot_rows is false).")
        tables["responses"] = ballot_rows(responses, published)
    written = {f"{name}.csv": _csv(frame, schema.TABLES[name]) for name, frame in tables.items()}
    resources = [_resource(name, written[f"{name}.csv"]) for name in tables]
    text = json.dumps(_descriptor(published, resources), ensure_ascii=False, indent=2)
    return {DESCRIPTOR: text.encode(), **written}


def write(published: Published, path: str | Path, responses: Responses | None = None) -> None:
    """Write the package to `path`: a zip where the name ends in .zip, otherwise a folder.

    Raises PackageError when it cannot be written or ballot rows are not allowed.
    """
    path, contents = Path(path), files(published, responses)
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path, "w") as archived:
                for name, content in contents.items():
                    entry = zipfile.ZipInfo(name, DATE)
                    entry.external_attr = 0o644 << 16
                    archived.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
            return
        path.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (path / name).write_bytes(content)
    except OSError as error:
        raise PackageError(f"{path} cannot be written: {error.strerror or error}.") from None


def read(path: str | Path) -> Published:
    """Return what a package has published.

    Raises PackageError with one sentence that names file, place and what was expected.
    """
    return archive.published(Path(path), DESCRIPTOR)


def _csv(frame: pd.DataFrame, columns: Sequence[schema.Column]) -> bytes:
    cells = [[column.name for column in columns]]
    parts = [frame[column.name].tolist() for column in columns]
    cells += [[_cell(value) for value in row] for row in zip(*parts, strict=True)]
    return table(cells).encode()


def _cell(value: object) -> str:
    if isinstance(value, str):
        return guard_both_ways(value)
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    return plain(float(value))  # type: ignore[arg-type]


def _resource(name: str, content: bytes) -> dict[str, Any]:
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
        },
        "schema": {
            "fields": [column.as_field() for column in schema.TABLES[name]],
            "missingValues": [""],
        },
    }


def _descriptor(published: Published, resources: list[dict[str, Any]]) -> dict[str, Any]:
    meeting = published.meeting
    return {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", meeting.key.lower()).strip("-") or "meeting",
        "title": meeting.title,
        "resources": resources,
        "prikk": {
            "format": FORMAT,
            "meeting": meeting.as_dict(),
            "policy": published.policy.as_dict(),
            "head": meeting.head,
            "licence_note": LICENCE,
        },
    }

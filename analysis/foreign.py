"""Answers that come from other programs: what every reader of them gives, and how it refuses."""

from __future__ import annotations

import csv
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.responses import Responses

MOST_BYTES = 256 * 1024 * 1024
NOBODYS = "?"


class ForeignError(ValueError):
    """Answers that cannot be read: one sentence that names the place and what was expected."""


@dataclass(frozen=True)
class Foreign:
    """Responses made of another program's answers, and sentences on what was repaired or assumed."""

    responses: Responses
    remarks: tuple[str, ...] = ()


def table(path: Path, delimiters: str = ",") -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file by column, each with its line.

    Of several `delimiters` the one that splits the first line most often is taken. Short rows are filled
    up. Raises ForeignError for a file that is missing, too large, not UTF-8 or with rows too long.
    """
    text = whole_text(path, ForeignError)
    first = text.partition("\n")[0]
    delimiter = max(delimiters, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        twice = next((name for at, name in enumerate(header) if name and name in header[:at]), None)
        if twice is not None:
            raise ForeignError(f"{path.name}, line 1: the column {twice!r} stands twice.")
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                raise ForeignError(
                    f"{path.name}, line {reader.line_num}: expected {len(header)} cells, not {len(cells)}."
                )
            filled = cells + [""] * (len(header) - len(cells))
            rows.append((reader.line_num, dict(zip(header, filled, strict=True))))
    except csv.Error as error:
        raise ForeignError(f"{path.name}, line {reader.line_num}: expected CSV ({error}).") from None
    return rows


def categories(path: Path, delimiters: str = ",") -> pd.DataFrame:
    """Return a CSV file as a frame of categories, every cell as it is written, short rows filled up.

    Of several `delimiters` the one that splits the first line most often is taken. Raises ForeignError for
    a file that is missing, too large, not UTF-8 or with rows too long.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ForeignError(f"{path.name} is larger than {MOST_BYTES // 1024**2} MB; that is not read.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
        delimiter = max(delimiters, key=first.count)
        header = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
        twice = next((name for at, name in enumerate(header) if name and name in header[:at]), None)
        if twice is not None:
            raise ForeignError(f"{path.name}, line 1: the column {twice!r} stands twice.")
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
                sep=delimiter,
                dtype="object",
                keep_default_na=False,
                index_col=False,
                encoding="utf-8-sig",
                encoding_errors="strict",
            )
    except OSError as error:
        raise ForeignError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise ForeignError(f"{path.name}, byte {error.start}: expected UTF-8 text.") from None
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        why = str(error).strip()  # it ends in a line break
        raise ForeignError(f"{path.name}: expected CSV with {len(header)} cells a line ({why}).") from None
    for name in frame.columns:
        codes, names = pd.factorize(frame[name])  # a short row has nothing there: -1
        frame[name] = pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype="object"))
    return frame


def whole_text(path: Path, refusal: type[ValueError]) -> str:
    """Return a file's text (UTF-8, at most 256 MB); raises `refusal` with a sentence that says why not."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise refusal(f"{path.name} is larger than {MOST_BYTES // 1024**2} MB; that is not read.")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise refusal(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise refusal(f"{path.name}, byte {error.start}: expected UTF-8 text.") from None

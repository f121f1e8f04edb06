"""Published figures for other programs: JSON that comes back whole, and Parquet where pyarrow is there."""

from __future__ import annotations

import io
import json
from typing import Any

from analysis.archive import PackageError
from analysis.disclosure import Published, published_from_dict

FORMAT = 1


def as_json(published: Published) -> str:
    """Return codebook, policy, released rows and notes as JSON; numbers that are not shown are null."""
    return json.dumps({"format": FORMAT, **published.as_dict()}, ensure_ascii=False, allow_nan=False)


def from_json(text: str) -> Published:
    """Return what `as_json` wrote; raises PackageError for anything else."""
    try:
        raw: Any = json.loads(text)
        return published_from_dict(raw)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise PackageError(f"Expected the JSON of a published meeting ({error}).") from None


def parquet(published: Published) -> bytes:
    """Return the released rows as a Parquet file; raises PackageError where pyarrow is not installed."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise PackageError(
            "Parquet needs pyarrow, which is not installed; CSV, XLSX and JSON hold the same figures."
        ) from None
    out = io.BytesIO()
    published.rows.astype({"n": "Int64"}).to_parquet(out, engine="pyarrow", index=False)
    return out.getvalue()

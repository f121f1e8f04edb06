"""What tables are made of: times in UTC, JSON as text, numbers and references."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, Integer, MetaData, Text, TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UTCTime(TypeDecorator[datetime]):
    """A moment in UTC; naive on disk, aware in Python, so that no time zone of a laptop gets in."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A value as JSON text, the same on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Any) -> str | None:
        return (
            None
            if value is None
            else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        )

    def process_result_value(self, value: str | None, _dialect: Any) -> Any:
        return None if value is None else json.loads(value)


def number() -> Column[int]:
    return Column("id", Integer, primary_key=True, comment="number of the row")


def of(table: str, comment: str, nullable: bool = False, name: str | None = None) -> Column[int]:
    return Column(
        name or f"{table}_id", ForeignKey(f"{table}.id"), nullable=nullable, index=True, comment=comment
    )

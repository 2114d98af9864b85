"""How columns are typed: aware datetimes, enums by value, named constraints."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, ForeignKey, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from advisor.types import Clock, Endpoint, FailureKind, JobPhase, Json, Kind, Lane, Message, Preference, Role, Status

Member = TypeVar("Member", bound=StrEnum)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes, kept as UTC: SQLite itself knows no time zone. Naive ones are refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To naive UTC for the database; raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Naive datetime {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class MessageText(TypeDecorator[Message]):
    """A message as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Message | None, dialect: Dialect) -> str | None:
        """To JSON."""
        return None if value is None else json.dumps({"code": value.code, "values": value.values})

    def process_result_value(self, value: str | None, dialect: Dialect) -> Message | None:
        """From JSON."""
        return None if value is None else Message(**json.loads(value))


def _enum(members: type[Member]) -> Enum:
    return Enum(members, values_callable=lambda e: [m.value for m in e], native_enum=False, length=32)


Id = Annotated[int, mapped_column(primary_key=True)]


class ClockText(TypeDecorator[Mapping[str, list[str]]]):
    """Names of models by clock, as JSON; what an earlier version wrote in words is of ``Clock.OTHER``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, list[str]] | None, dialect: Dialect) -> str | None:
        """To JSON."""
        return json.dumps(value) if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, list[str]]:
        """From JSON."""
        if not value:
            return {}
        found: dict[str, list[str]] = json.loads(value) if value.startswith("{") else {Clock.OTHER: [value]}
        return found


LongText = Annotated[str, mapped_column(Text)]


def owned_by(target: str, *, index: bool = True) -> Any:
    return mapped_column(ForeignKey(target, ondelete="CASCADE"), index=index)


class Base(DeclarativeBase):
    """Naming and type rules of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime,
        Json: JSON(none_as_null=False),
        Message: MessageText,
        **{
            members: _enum(members)
            for members in (Endpoint, FailureKind, JobPhase, Kind, Lane, Preference, Role, Status)
        },
    }

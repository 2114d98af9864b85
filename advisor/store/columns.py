"""How columns are typed: aware datetimes, enums by value, named constraints."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, ForeignKey, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from advisor.types import (
    Clock,
    ControlKind,
    Endpoint,
    FailureKind,
    JobPhase,
    Json,
    Kind,
    Lane,
    Message,
    Preference,
    Role,
    Status,
)
from advisor.types.enums import About

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")
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


class ControlText(TypeDecorator[ControlKind]):
    """A kind of control pair; none is empty: in a unique key NULL differs from NULL."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: ControlKind | None, dialect: Dialect) -> str:
        """To its word."""
        return value or ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> ControlKind | None:
        """From its word."""
        return ControlKind(value) if value else None


LongText = Annotated[str, mapped_column(Text)]


@cache
def adapter(kind: Any) -> "TypeAdapter[Any]":
    """What turns values of a type into JSON and back."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def typed(kind: Any, stored: Json) -> Any:
    """A value of this type from JSON."""
    return adapter(kind).validate_python(stored)


def value_of(kind: Callable[..., Value], row: Any, **other: Any) -> Value:
    """A value with the columns of a row that are called as its fields, and with ``other`` fields."""
    fields: Any = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**{name: getattr(row, name) for name in fields if name not in other and hasattr(row, name)}, **other)


def owned_by(target: str) -> Any:
    return mapped_column(ForeignKey(target, ondelete="CASCADE"), index=True)


ACTIVE = [status for status in Status if status.is_active]
"""Of runs and jobs that wait or run."""


CALL_KEY = (
    "sample_id", "lane", "model_id", "epoch",
    "about", "about_model_id", "candidate_first", "rubric", "control", "task", "prompt",
)  # fmt: skip
"""What makes a call within a run unique."""


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
            for members in (About, Endpoint, FailureKind, JobPhase, Kind, Lane, Preference, Role, Status)
        },
    }

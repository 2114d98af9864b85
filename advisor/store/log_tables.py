"""The tables of logs and of what they are made of: samples, groups, use cases, traffic."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.columns import Base, Id, LongText, owned_by
from advisor.types import Endpoint, Json, Kind


class LogRow(Base):
    __tablename__ = "log"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's; no import writes into another's log
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    name: Mapped[str]
    format: Mapped[str]
    redacted: Mapped[bool]
    rows: Mapped[int]
    accepted: Mapped[int]
    duplicates: Mapped[int]
    not_replayable: Mapped[int]
    rejected: Mapped[int]
    redactions: Mapped[Json] = mapped_column(JSON)
    imported_at: Mapped[datetime]
    complete: Mapped[bool] = mapped_column(default=False)
    """Whether its import came to the end; until then nobody sees it."""
    fingerprint: Mapped[str] = mapped_column(default="")
    """Of the file and the choices it was read with: the same import goes on where it was interrupted."""


class RejectionRow(Base):
    __tablename__ = "rejection"
    id: Mapped[Id]
    log_id: Mapped[int] = owned_by("log.id")
    row: Mapped[int]
    reason: Mapped[LongText]


class UseCaseRow(Base):
    __tablename__ = "use_case"
    __table_args__ = (UniqueConstraint("study_id", "name"),)
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    name: Mapped[str]
    description: Mapped[LongText] = mapped_column(default="")
    kind: Mapped[Kind]
    endpoint: Mapped[Endpoint | None]
    margin: Mapped[float | None]
    ignored: Mapped[bool] = mapped_column(default=False)
    match: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)
    """How answers are compared with right ones, as a person chose it: see Match."""
    checks: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)
    """The team's own checks: a list of Check."""


class RubricRow(Base):
    """What judges check the answers of a use case against, in every version that a person made."""

    __tablename__ = "rubric"
    __table_args__ = (UniqueConstraint("use_case_id", "version"),)
    id: Mapped[Id]
    use_case_id: Mapped[int] = owned_by("use_case.id")
    version: Mapped[int]
    questions: Mapped[Json] = mapped_column(JSON)
    created_at: Mapped[datetime]


class GroupRow(Base):
    """Samples that the log itself treats alike. Use cases are made of groups, and the next log's rows find theirs."""

    __tablename__ = "sample_group"
    __table_args__ = (UniqueConstraint("study_id", "key"),)
    id: Mapped[Id]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    use_case_id: Mapped[int | None] = owned_by("use_case.id")
    """None until the import that found it is complete."""
    key: Mapped[str]
    label: Mapped[str | None]
    template: Mapped[LongText]
    """The constant start of the system prompt; empty where it says nothing."""
    shape: Mapped[Kind]
    """What the parameters alone tell: tool use, extraction (structured output) or chat."""


class UseCaseEditRow(Base):
    """A change of use cases that can be undone."""

    __tablename__ = "use_case_edit"
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    at: Mapped[datetime]
    what: Mapped[LongText]
    before: Mapped[Json] = mapped_column(JSON)
    """The use cases and the groups of each as they were."""


class PresetRow(Base):
    """What the columns of a kind of file mean, as a person said once."""

    __tablename__ = "preset"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    headers: Mapped[Json] = mapped_column(JSON)
    columns: Mapped[Json] = mapped_column(JSON)


class SampleRow(Base):
    __tablename__ = "sample"
    __table_args__ = (UniqueConstraint("study_id", "digest"),)
    id: Mapped[Id]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    log_id: Mapped[int] = owned_by("log.id")
    group_id: Mapped[int] = owned_by("sample_group.id")
    digest: Mapped[str]
    request_digest: Mapped[str]
    """The same for requests with the same messages, tools and other parameters."""
    near_digest: Mapped[str]
    """The same for requests that differ in case, digits, spaces and punctuation only."""
    external_id: Mapped[str | None]
    session: Mapped[str | None]
    model: Mapped[str | None]
    input_tokens: Mapped[int | None]
    cache_read_tokens: Mapped[int | None]
    cache_write_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    logged_cost_usd: Mapped[float | None]
    cost_usd: Mapped[float | None]
    price_source: Mapped[str | None]
    latency_s: Mapped[float | None]
    ttft_s: Mapped[float | None]
    at: Mapped[datetime | None]
    has_answer: Mapped[bool]
    has_target: Mapped[bool]
    error: Mapped[LongText | None]
    not_replayable: Mapped[LongText | None]


IS_COUNTED = and_(SampleRow.input_tokens.is_not(None), SampleRow.output_tokens.is_not(None))
"""Whether a log tells the tokens of both sides of a call; those of one side alone say nothing about its cost."""


class TrafficRow(Base):
    """Counts and sums of the calls of one log by hour, group and model, written when its import is complete."""

    __tablename__ = "traffic"
    id: Mapped[Id]
    log_id: Mapped[int] = owned_by("log.id")
    hour: Mapped[datetime | None]
    """The hour a call began in; None where the log has no times."""
    group_id: Mapped[int] = owned_by("sample_group.id")
    model: Mapped[str | None]
    first_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    calls: Mapped[int]
    failed: Mapped[int]
    not_replayable: Mapped[int]
    with_answer: Mapped[int]
    with_target: Mapped[int]
    with_usage: Mapped[int]
    input_tokens: Mapped[int]
    cache_read_tokens: Mapped[int]
    cache_write_tokens: Mapped[int]
    output_tokens: Mapped[int]
    reasoning_tokens: Mapped[int]
    priced: Mapped[int]
    cost_usd: Mapped[float]


class TotalRow(Base):
    """What a provider's export of usage or cost has for a day and a model; see Total."""

    __tablename__ = "total"
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    requests: Mapped[float | None]
    input_tokens: Mapped[float | None]
    output_tokens: Mapped[float | None]
    usd: Mapped[float | None]


class SampleTextRow(Base):
    __tablename__ = "sample_text"
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True)
    request: Mapped[Json] = mapped_column(JSON)
    answer: Mapped[Json] = mapped_column(JSON)
    target: Mapped[Json] = mapped_column(JSON)

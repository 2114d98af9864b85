"""The tables, one per word of the design. Long texts stand in tables of their own so that counting stays fast."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.columns import Base, Id, LongText, owned_by
from advisor.types import Endpoint, FailureKind, Json, Kind, Lane, Preference, Role, Status


class StudyRow(Base):
    __tablename__ = "study"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    is_sample: Mapped[bool] = mapped_column(default=False)
    traffic_share: Mapped[float] = mapped_column(default=1.0)
    margin: Mapped[float | None]
    confidence: Mapped[float] = mapped_column(default=0.95)
    max_latency_p95_s: Mapped[float | None]
    max_ttft_p95_s: Mapped[float | None]


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


class SampleTextRow(Base):
    __tablename__ = "sample_text"
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True)
    request: Mapped[Json] = mapped_column(JSON)
    answer: Mapped[Json] = mapped_column(JSON)
    target: Mapped[Json] = mapped_column(JSON)


class ModelRow(Base):
    __tablename__ = "model"
    __table_args__ = (UniqueConstraint("study_id", "name"),)
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    name: Mapped[str]
    role: Mapped[Role]
    litellm_id: Mapped[str]
    api_base: Mapped[str | None]
    key_env: Mapped[str | None]
    input_price_usd_per_mtok: Mapped[float | None]
    output_price_usd_per_mtok: Mapped[float | None]
    params: Mapped[Json] = mapped_column(JSON)
    licence: Mapped[str | None]
    illustrative: Mapped[bool] = mapped_column(default=False)
    max_samples: Mapped[int | None]
    probe: Mapped[Json] = mapped_column(JSON)


class RunRow(Base):
    __tablename__ = "run"
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    status: Mapped[Status]
    wanted: Mapped[Status | None]
    """What a person asked for: paused or cancelled; the engine obeys and clears it."""
    seed: Mapped[int]
    epochs: Mapped[int]
    sample_size: Mapped[int]
    baseline_lane: Mapped[Lane]
    baseline: Mapped[str]
    concurrency: Mapped[int]
    stream: Mapped[bool]
    judged: Mapped[bool]
    budget_usd: Mapped[float | None]
    planned: Mapped[int]
    planned_judge: Mapped[int] = mapped_column(default=0)
    models: Mapped[Json] = mapped_column(JSON)
    """Ids of the models frozen into the run."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    wall_s: Mapped[float | None]
    heartbeat_at: Mapped[datetime | None]
    owner: Mapped[str | None]
    error: Mapped[LongText | None]
    loop_lag_p99_s: Mapped[float | None]
    asked_again: Mapped[int] = mapped_column(default=0)


class RunSampleRow(Base):
    __tablename__ = "run_sample"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True)


class GenerationRow(Base):
    __tablename__ = "generation"
    __table_args__ = (
        UniqueConstraint("run_id", "sample_id", "lane", "model_id", "epoch", "subject"),
        Index(None, "run_id", "lane", "model_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    sample_id: Mapped[int] = owned_by("sample.id")
    lane: Mapped[Lane]
    model_id: Mapped[int] = owned_by("model.id")
    epoch: Mapped[int]
    subject: Mapped[str]
    """Of a judge's call: which candidate in which order ("7:candidate" or "7:baseline"); else empty."""
    input_tokens: Mapped[int | None]
    cache_read_tokens: Mapped[int | None]
    cache_write_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    cost_usd: Mapped[float | None]
    price_source: Mapped[str | None]
    ttft_s: Mapped[float | None]
    latency_s: Mapped[float | None]
    waited_s: Mapped[float]
    attempts: Mapped[int]
    failure: Mapped[FailureKind | None]
    error: Mapped[LongText | None]
    finish_reason: Mapped[str | None]
    dropped_params: Mapped[str | None]
    at: Mapped[datetime]


class GenerationTextRow(Base):
    __tablename__ = "generation_text"
    generation_id: Mapped[int] = mapped_column(ForeignKey("generation.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[LongText | None]
    tool_calls: Mapped[Json] = mapped_column(JSON)


class ScoreRow(Base):
    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("run_id", "sample_id", "model_id", "scorer"),)
    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    sample_id: Mapped[int] = owned_by("sample.id")
    model_id: Mapped[int] = mapped_column(default=0)
    """The model judged; 0 is the recorded answer."""
    scorer: Mapped[str]
    value: Mapped[float | None]
    passed: Mapped[bool | None]
    explanation: Mapped[LongText]


class JudgementRow(Base):
    __tablename__ = "judgement"
    __table_args__ = (UniqueConstraint("run_id", "sample_id", "model_id", "judge_id", "candidate_first"),)
    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    sample_id: Mapped[int] = owned_by("sample.id")
    model_id: Mapped[int] = owned_by("model.id")
    judge_id: Mapped[int] = owned_by("model.id")
    candidate_first: Mapped[bool]
    preference: Mapped[Preference]
    reason: Mapped[LongText]
    parsed: Mapped[bool]
    prompt_version: Mapped[str]


class ReviewRow(Base):
    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("run_id", "sample_id", "model_id", "reviewer"),)
    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    sample_id: Mapped[int] = owned_by("sample.id")
    model_id: Mapped[int] = owned_by("model.id")
    preference: Mapped[Preference]
    reviewer: Mapped[str]
    at: Mapped[datetime]


class RecommendationRow(Base):
    __tablename__ = "recommendation"
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    run_id: Mapped[int] = owned_by("run.id")
    created_at: Mapped[datetime]
    report: Mapped[Json] = mapped_column(JSON)
    """The Report value, from which page and PDF are both drawn."""


class JobRow(Base):
    __tablename__ = "job"
    id: Mapped[Id]
    study_id: Mapped[int | None] = owned_by("study.id")
    kind: Mapped[str]
    status: Mapped[Status]
    wanted: Mapped[Status | None]
    """What a person asked for: cancelled."""
    arguments: Mapped[Json] = mapped_column(JSON)
    progress: Mapped[str] = mapped_column(default="")
    error: Mapped[LongText | None]
    result: Mapped[Json] = mapped_column(JSON)
    owner: Mapped[str | None]
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

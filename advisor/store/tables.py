"""The tables, one per word of the design; those of logs stand in ``log_tables``.

Long texts stand in tables of their own so that counting stays fast.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.columns import CALL_KEY, Base, ClockText, ControlText, Id, LongText, owned_by
from advisor.types import ControlKind, FailureKind, JobPhase, Json, Lane, Message, Preference, Role, Status
from advisor.types.enums import About


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
    shared_at: Mapped[datetime | None]
    """When a file of its report was last downloaded."""
    name_prices: Mapped[Json | None] = mapped_column(JSON)
    """Name of a model in the log that no price list has -> what a person said that it costs (see NamePrice)."""
    deleted: Mapped[bool | None]
    """Whether nobody sees it any more, while its rows are removed."""
    revision: Mapped[int] = mapped_column(server_default=text("0"))
    """Raised by every change of what belongs to it."""
    answers_revision: Mapped[int] = mapped_column(server_default=text("0"))
    """Not raised by reviews, decisions, jobs and load tests."""
    setup_revision: Mapped[int] = mapped_column(server_default=text("0"))
    """Nor by what runs bring: only when its log, use cases, models or limits change."""


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
    confirmed_key: Mapped[str | None]
    input_price_usd_per_mtok: Mapped[float | None]
    output_price_usd_per_mtok: Mapped[float | None]
    cache_read_price_usd_per_mtok: Mapped[float | None]
    cache_write_price_usd_per_mtok: Mapped[float | None]
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
    """Ids of the models frozen into the run; below zero: deleted since, as SQLite gives their ids again."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    wall_s: Mapped[float | None]
    heartbeat_at: Mapped[datetime | None]
    owner: Mapped[str | None]
    error: Mapped[LongText | None]
    loop_lag_p99_s: Mapped[float | None]
    asked_again: Mapped[int] = mapped_column(default=0)
    repeated: Mapped[int | None] = mapped_column(default=0)
    """Samples that a live baseline is asked twice for the noise floor."""
    fresh: Mapped[bool | None] = mapped_column(default=False)
    """Whether answers of earlier runs are not used again."""
    clocks: Mapped[Mapping[str, list[str]] | None] = mapped_column("clock", ClockText)
    notices: Mapped[Json] = mapped_column(JSON, default=list, nullable=True)
    """What holds calls back right now: one object per provider, see Notice."""
    early_stop: Mapped[bool | None] = mapped_column(default=False)
    audited: Mapped[int | None] = mapped_column(default=0)
    """Answers of each model, by use case, that a judge reads alone."""
    settled: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)
    """What was decided early: a list of Settled."""
    resting: Mapped[Status | None]
    """The status that a run goes to once it is scored, or goes back to once judges have been asked again."""
    spared: Mapped[int | None]
    """Planned calls that were not made because of that."""
    frozen: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)
    """What the run was planned with; null in runs of versions that did not keep it."""
    scored_with: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)
    """Versions of what the stored scores were made with."""
    quoted: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)
    """What it was to cost before it began: a list of LaneQuote; null in runs of versions that did not keep it."""
    removed_usd: Mapped[float | None]
    """What calls of models cost that were deleted since; judges' apart. Null: none was."""
    removed_judge_usd: Mapped[float | None]


class RunSampleRow(Base):
    __tablename__ = "run_sample"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True, index=True)
    input_tokens: Mapped[int | None]
    """Expected of one call; null in runs of versions that did not keep it."""
    output_tokens: Mapped[int | None]


class GenerationRow(Base):
    __tablename__ = "generation"
    __table_args__ = (
        UniqueConstraint("run_id", *CALL_KEY, name="uq_generation_call"),
        Index(None, "run_id", "lane", "model_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    sample_id: Mapped[int] = owned_by("sample.id")
    lane: Mapped[Lane]
    model_id: Mapped[int] = owned_by("model.id")
    epoch: Mapped[int]
    about: Mapped[About]
    about_model_id: Mapped[int]
    """This and what follows up to the version of the prompt: see Subject."""
    candidate_first: Mapped[bool]
    rubric: Mapped[int]
    control: Mapped[ControlKind | None] = mapped_column(ControlText(32), nullable=False)
    task: Mapped[int]
    prompt: Mapped[str]
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
    call_digest: Mapped[str | None] = mapped_column(index=True)
    """Equal for calls that ask the same of the same model; null in rows of versions that did not keep it."""
    reused: Mapped[bool | None]
    """Whether the answer was taken from an earlier run of the study, so that it was not paid again."""


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
    reason: Mapped[LongText]
    code: Mapped[str | None]
    """The chief finding."""
    details: Mapped[Json] = mapped_column(JSON(none_as_null=True), nullable=True)
    """Every finding as [code, details, how many more]; NULL where there is none."""


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
    picked: Mapped[bool | None]
    """Whether the pair was picked because it tells much: it isn't part of the random subset that estimates rest on."""


class JobRow(Base):
    __tablename__ = "job"
    id: Mapped[Id]
    study_id: Mapped[int | None] = owned_by("study.id")
    kind: Mapped[str]
    status: Mapped[Status]
    wanted: Mapped[Status | None]
    arguments: Mapped[Json] = mapped_column(JSON)
    phase: Mapped[JobPhase | None]
    subject: Mapped[str | None]
    done: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    error: Mapped[LongText | None]
    result: Mapped[Json] = mapped_column(JSON)
    owner: Mapped[str | None]
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class LoadTestRow(Base):
    __tablename__ = "load_test"
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    model_id: Mapped[int] = owned_by("model.id")
    status: Mapped[Status]
    wanted: Mapped[Status | None]
    stream: Mapped[bool]
    max_ttft_p95_s: Mapped[float | None]
    max_latency_p95_s: Mapped[float | None]
    budget_usd: Mapped[float | None]
    cost_usd: Mapped[float | None]
    ended_because: Mapped[Message | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class LoadStepRow(Base):
    __tablename__ = "load_step"
    load_test_id: Mapped[int] = mapped_column(ForeignKey("load_test.id", ondelete="CASCADE"), primary_key=True)
    concurrency: Mapped[int] = mapped_column(primary_key=True)
    calls: Mapped[int]
    failed: Mapped[int]
    wall_s: Mapped[float]
    requests_per_s: Mapped[float]
    output_tokens_per_s: Mapped[float | None]
    goodput_per_s: Mapped[float]
    """Calls a second that kept within the limits."""
    ttft_p50_s: Mapped[float | None]
    ttft_p95_s: Mapped[float | None]
    tpot_p50_s: Mapped[float | None]
    latency_p50_s: Mapped[float | None]
    latency_p95_s: Mapped[float | None]
    loop_lag_p99_s: Mapped[float | None]
    within_limits: Mapped[bool]


class WorkerRow(Base):
    __tablename__ = "worker"
    owner: Mapped[str] = mapped_column(primary_key=True)
    """Host and process id."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    """The run whose calls it makes."""
    outstanding_usd: Mapped[float]
    """What it may still spend of the run's budget, beside what is stored."""
    beat_at: Mapped[datetime]


class ProviderRow(Base):
    __tablename__ = "provider"
    name: Mapped[str] = mapped_column(primary_key=True)
    held_until: Mapped[datetime | None]
    """No worker calls it before."""

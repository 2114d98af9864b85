"""Tables of what people choose and write down, of decisions, and of what they were made by."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.columns import Base, Id, LongText, owned_by
from advisor.types import Json


class ScenarioRow(Base):
    """Limits and assumptions that were saved under a name, to be compared and reported."""

    __tablename__ = "scenario"
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    settings: Mapped[Json] = mapped_column(JSON)
    created_at: Mapped[datetime]


class PlanStepRow(Base):
    """Who owns a step of a use case's roll-out, when it starts, and whether it may."""

    __tablename__ = "plan_step"
    use_case_id: Mapped[int] = mapped_column(ForeignKey("use_case.id", ondelete="CASCADE"), primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True)
    """Of the traffic; 0: the shadow."""
    owner: Mapped[str | None]
    starts_on: Mapped[date | None]
    go: Mapped[bool | None]


class PlanTaskRow(Base):
    """Who owns a task of a study's plan that isn't a step of a move."""

    __tablename__ = "plan_task"
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]


class NoteRow(Base):
    """What a person wrote about a pair of answers; one note of each author."""

    __tablename__ = "note"
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("model.id", ondelete="CASCADE"), primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[LongText]
    at: Mapped[datetime]


class CompanyRow(Base):
    """An answer about the company, for licenses; of the whole installation."""

    __tablename__ = "company"
    fact: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[Json] = mapped_column(JSON)


class CaseInputsRow(Base):
    """What was entered for the business case of a study."""

    __tablename__ = "case_inputs"
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    entered: Mapped[Json] = mapped_column(JSON)
    """CaseInput -> number."""
    unit: Mapped[str]


class NarrativeRow(Base):
    """The executive summary that a model wrote about one decision."""

    __tablename__ = "narrative"
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"), primary_key=True)
    decided_at: Mapped[datetime]
    model: Mapped[str]
    text: Mapped[LongText]
    cost_usd: Mapped[float | None]


class RecommendationRow(Base):
    __tablename__ = "recommendation"
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    run_id: Mapped[int] = owned_by("run.id")
    created_at: Mapped[datetime]
    report: Mapped[Json] = mapped_column(JSON)
    """The Report value, from which page and PDF are both drawn."""


class GroundsRow(Base):
    """What the newest decision on a run was made by."""

    __tablename__ = "grounds"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    basis: Mapped[str]
    """Of that decision."""
    facts: Mapped[Json] = mapped_column(JSON)
    pairs: Mapped[bytes]

"""What leaves the building: the decision with its business case and all that a board asks about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum, auto
from typing import TypeAlias

from advisor.types.business import BusinessCase
from advisor.types.licences import Fit
from advisor.types.messages import Message
from advisor.types.questions import Outlook
from advisor.types.reports import Example, PlanTask, Report, Stint


class Audience(StrEnum):
    """For whom a report is set."""

    BOARD = auto()
    """Page one alone."""
    VP = auto()
    """With evidence, money, examples, risks and the plan."""
    FULL = auto()
    """With all of it by use case, and the method."""


class Paper(StrEnum):
    """What it is printed on."""

    A4 = "a4"
    LETTER = "us-letter"


class Texts(StrEnum):
    """What a report shows of the log's prompts and answers."""

    FULL = auto()
    REDACTED = auto()
    """Personal data replaced as at import."""
    NONE = auto()
    """Nothing of them, and no names of files: safe to share."""


class Export(StrEnum):
    """A file that leaves the program, besides the PDF."""

    RESULTS = auto()
    """A row for each answer."""
    STUDY = auto()
    """What repeats the study."""
    LABELS = auto()
    """People's reviews."""
    COSTS = auto()
    """What the log cost, in FOCUS columns."""
    WORKBOOK = auto()
    PAGE = auto()
    """The report as a web page."""
    SUMMARY = auto()
    """Page one as Markdown."""
    FIGURES = auto()
    PLAN = auto()
    TASKS = auto()
    CALENDAR = auto()
    LITELLM = auto()
    """Configuration of a LiteLLM proxy and other gateways."""
    DEPLOY = auto()
    """Commands that serve the models on GPUs of one's own."""
    TRACE = auto()
    """The traffic for load tools, without texts."""
    FINETUNE = auto()
    """Chats of the log to train a model on, with recipes."""
    DPO = auto()
    """The same with pairs of a good and a failing answer."""


class Ask(StrEnum):
    """What a report asks its reader to approve."""

    NOTHING = auto()
    """The study has none to decide on."""
    MOVE = auto()
    MORE_EVIDENCE = auto()
    STAY = auto()
    SUCCESSOR = auto()
    """To test what the provider offers next, since the move doesn't pay against it."""
    NOT_WORTH = auto()


class Confidence(StrEnum):
    """How far a decision can be relied on."""

    HIGH = auto()
    MEDIUM = auto()
    LOW = auto()


class Doubt(StrEnum):
    """Why a decision can't be relied on further."""

    COPIED = auto()
    """A candidate's answers are nearly the recorded ones."""
    ILLUSTRATIVE = auto()
    PRICE = auto()
    """Of a chosen model: illustrative, or entered by hand."""
    PARTIAL = auto()
    PROVISIONAL = auto()
    STALE = auto()
    FEW_SAMPLES = auto()
    RECORDED_BASELINE = auto()
    """The baseline wasn't called along with the candidates."""
    SHORT_LOG = auto()
    INPUT_TOKENS = auto()
    """Of a chosen model, far from the log's."""


GRAVE = frozenset((Doubt.COPIED, Doubt.ILLUSTRATIVE, Doubt.PARTIAL, Doubt.PROVISIONAL))


class Danger(StrEnum):
    """What can go wrong, with what is done about it; the gravest first."""

    ILLUSTRATIVE = auto()
    PARTIAL = auto()
    PROVISIONAL = auto()
    REGRESSION = auto()
    NO_HOST = auto()
    RETIRES = auto()
    SUCCESSOR = auto()
    """What follows a model that ends isn't tested yet where calls could go to it."""
    PERSONAL_DATA = auto()
    """More answers with it than today, and no limit is set."""
    NEW_PROCESSOR = auto()
    LICENCE = auto()
    NO_LICENCE = auto()
    UNSURE_SAVING = auto()
    NOT_PROBED = auto()


@dataclass(frozen=True, kw_only=True)
class Processor:
    """Who handles the prompts of a model. None: not known."""

    model: str
    is_own: bool = False
    """A server whose address the study names; it stays inside."""
    name: str | None = None
    regions: str | None = None
    retention: str | None = None
    trains_on_data: str | None = None
    checked_on: str | None = None
    licence: str | None = None
    conditions: str = ""
    """What the license asks for; empty: nothing but keeping its notices."""
    fit: Fit | None = None
    """What it says to this company; None: nothing was answered about it."""


@dataclass(frozen=True, kw_only=True)
class DataFlow:
    """Where the prompts of the use cases that move go, before and after."""

    use_cases: tuple[str, ...]
    before: Processor
    after: Processor


Marked: TypeAlias = tuple[tuple[str, bool], ...]
"""A text in parts, each with whether the other text lacks it."""


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """A pair of answers that shows what users will notice."""

    example: Example
    baseline: Marked
    candidate: Marked


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The worst, the best and a typical pair, as far as they may be shown."""

    shown: tuple[Noticed, ...]
    texts: Texts = Texts.FULL


@dataclass(frozen=True, kw_only=True)
class Narrative:
    """An executive summary that a model wrote, every number of which is one of the facts."""

    model: str
    text: str
    cost_usd: float | None = None
    """None: unpriced."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The plan in the calendar."""

    stints: tuple[Stint, ...] = ()
    tasks: tuple[PlanTask, ...] = ()
    """What comes before the first of them, or is done besides."""
    ends_on: date | None = None
    """When the first model that use cases leave is switched off."""
    decide_by: date | None = None
    """None: nothing moves."""
    stop: Message | None = None
    """What ends a roll-out that is too late; code is a Task."""
    owners: Mapping[str, str] = field(default_factory=dict)
    """Of tasks by their keys, as they were entered."""


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """All that is in a report."""

    report: Report
    case: BusinessCase
    ask: Message
    """Code is an Ask."""
    why_now: tuple[Message, ...]
    """Codes are FlagCodes."""
    confidence: Confidence
    doubts: tuple[Message, ...]
    """Codes are Doubts, the gravest first."""
    dangers: tuple[Message, ...]
    """Codes are Dangers, the gravest first."""
    data_flows: tuple[DataFlow, ...]
    schedule: Schedule
    pairs: Pairs
    outlook: Outlook
    narrative: Narrative | None = None

"""What a model is trained on and with, from the calls of a log. None: not known."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import NamedTuple

from advisor.types.assessments import Money
from advisor.types.enums import Json
from advisor.types.messages import Message

REACH = 0.10
"""A difference at most so far beyond the accepted drop is within reach of training."""


class TrainGap(StrEnum):
    """What a training set lacks, or why there is none."""

    NONE_SHORT = auto()
    """No use case is just short of a move."""
    ALL_TESTED = auto()
    """Every call with a good answer decided the verdict, or is near one that did."""
    NO_PAIRS = auto()
    """No failing answer of the candidate is on a call that decided nothing."""
    FEW = auto()
    """So few examples teach little."""
    ILLUSTRATIVE = auto()
    """The candidate is part of the sample."""
    CLOSED = auto()
    """No open model of the catalog: there are no weights to train."""
    TOO_LARGE = auto()
    NO_SIZE = auto()


class Split(StrEnum):
    """What a row is for."""

    TRAIN = auto()
    VALID = auto()
    TEST = auto()


class Tuned(StrEnum):
    """How a model is trained."""

    LORA = auto()
    QLORA = auto()
    DPO = auto()


class Side(StrEnum):
    """Whose terms they are."""

    ANSWERS = auto()
    """Of whoever gave the answers that are trained on."""
    MODEL = auto()
    """Of the model that is trained."""


class Terms(NamedTuple):
    """What one side says to training, as the catalog has it."""

    side: Side
    model: str
    by: str | None
    """The name of the terms or of the license; None: unknown."""
    rule: str | None
    """None: the catalog doesn't have it; empty: nothing is restricted."""
    limits: str | None = None
    """Of the model that is trained, on what it will answer; None: none were found."""
    source: str | None = None
    checked_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One example of a training file."""

    sample_id: int
    split: Split
    messages: list[dict[str, Json]]
    """The last one is the answer to learn."""
    tools: list[Json]
    rejected: dict[str, Json] | None = None
    """Of a pair the candidate's failing answer."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What became of the calls of a use case."""

    calls: int
    """Looked at."""
    tested: int
    """Of them those that decided the verdict."""
    not_text: int
    """With images or other parts that aren't text."""
    no_answer: int
    """Without an approved or passing answer."""
    repeated: int
    """With nearly the same request as one that is in."""
    near_tested: int
    """Near a call that decided the verdict, or of its conversation."""
    not_lost: int = 0
    """Of pairs: the candidate's answer didn't lose."""
    masked: int = 0
    """With an answer that names a host out of an address that its prompt has a placeholder for."""


class Point(NamedTuple):
    """One point of the learning curve."""

    examples: int
    score: float
    """Of the test split: how often the reference answer of the nearest example is right."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What one way of training takes, as a rough estimate."""

    how: Tuned
    memory_gb: float
    gpus: int
    """Of 80 GB."""
    tokens: int | None
    """Of one epoch, as logged."""
    epochs: int
    hours: tuple[float, float] | None
    usd: Money | None


class Trainee(NamedTuple):
    """The candidate to train."""

    name: str
    repository: str | None
    """At Hugging Face; None: not known."""
    total_b: float | None
    active_b: float | None


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """Examples of one use case, for the candidate that is just short there."""

    use_case: str
    alias: str
    trainee: Trainee
    delta: float
    margin: float
    rows: tuple[Row, ...]
    looked: Looked
    curve: tuple[Point, ...]
    """Empty: none can be drawn."""
    needs: tuple[Needs, ...]
    terms: tuple[Terms, ...]
    gaps: tuple[Message, ...]
    """Codes are TrainGaps."""

    def of(self, split: Split) -> tuple[Row, ...]:
        """The rows for one purpose."""
        return tuple(row for row in self.rows if row.split is split)


@dataclass(frozen=True, kw_only=True)
class Training:
    """All use cases that are just short."""

    study: str
    is_pairs: bool
    """Pairs for DPO, not chats."""
    with_tested: bool
    """Calls that decided the verdict are split too, and so are spent for the next one."""
    seed: int
    sample_size: int
    """Of the run that decided."""
    names_redacted: bool
    """Names of people too: a model that finds them is installed."""
    sets: tuple[TrainingSet, ...]
    gaps: tuple[Message, ...] = ()

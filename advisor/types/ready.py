"""What a model is trained on and with, and what makes a self-hosted one cheaper. None: not known."""

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
    TESTED_TOO = auto()
    """Nothing but tested calls to train on: a fifth of all is held out instead."""
    FEW = auto()
    """So few examples teach little."""
    FEW_PAIRS = auto()
    """So few pairs teach nothing: no price is given for training on them."""
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

    @property
    def is_trainable(self) -> bool:
        """Whether there is anything to train on."""
        return any(each.of(Split.TRAIN) for each in self.sets)


class Lever(StrEnum):
    """What is turned."""

    QUANTIZATION = auto()
    SMALLER = auto()
    """A smaller model that learns from the larger one."""


class Copy(NamedTuple):
    """One copy of a model on the cheapest GPUs to rent that hold it under the log's load, all month."""

    weights_gb: float
    gpus: int | None
    """None: no machine with up to 8 holds it."""
    gpu: str | None
    usd_a_month: float | None


class Tried(NamedTuple):
    """How good a variant was as a candidate of the study."""

    candidate: str
    deltas: tuple[tuple[str, float], ...]
    """(use case, difference from today's model as a fraction)."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The same model in fewer bits, or a smaller one."""

    lever: Lever
    what: str
    """The precision, or the name of the smaller model."""
    copy: Copy
    tried: Tried | None
    """None: no candidate is this variant."""


@dataclass(frozen=True, kw_only=True)
class Optimized:
    """One self-hosted model."""

    model: str
    today: Copy | None
    """As its commands run it."""
    variants: tuple[Variant, ...]
    """Empty: none is known that takes less memory."""


@dataclass(frozen=True, kw_only=True)
class Optimization:
    """All of a study."""

    models: tuple[Optimized, ...]
    repeated: float | None
    """The share of input tokens that came before, in blocks of 64 from the beginning of a prompt."""
    in_bulk: float | None
    """The share of calls that nobody waits for, at least."""

"""What is to be said, before it is worded, and the codes by which a decision warns."""

from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Message:
    """A finding as a code with the numbers and names in it; advisor.text puts it into words.

    The code is a value of the StrEnum of its family, such as NoteCode; values are what JSON can hold.
    """

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the code as it is stored."""
        object.__setattr__(self, "code", str(self.code))

    @classmethod
    def of(cls, code: str, **values: Any) -> "Message":
        """A message with its values by name."""
        return cls(code=code, values=values)


class WarningCode(StrEnum):
    """What limits a decision."""

    NOISE_UNKNOWN = auto()
    """The baseline wasn't called twice."""
    NOISE_DIFFERS = auto()
    """Called twice, it differs from itself."""
    NOISE_SAME = auto()
    NO_MONTH = auto()
    """The log has no times to project a month from."""
    SHORT_LOG = auto()
    RECORDED_BASELINE = auto()
    MIXED_ANSWERS = auto()
    """Several models gave the recorded answers of a use case."""
    ILLUSTRATIVE = auto()
    BUSY = auto()
    """The machine was overloaded while some answers were timed."""
    ENDED_EARLY = auto()
    UNCHECKED = auto()
    """A scorer couldn't check some answers."""
    STALE = auto()
    CHANGED = auto()
    """The decision rests on settings that the run was not planned with; each is a Change."""
    OTHER_BILL = auto()
    """Today's bill is of other models than the answers are compared with."""
    ASSUMED_COSTS = auto()
    INPUT_TOKENS = auto()
    """A candidate's server counts far more or fewer input tokens than the log has of the same calls."""
    LONG_PROMPTS = auto()
    """The list asks more for long prompts; contract prices are used unchanged."""
    BESIDE_TEXT = auto()
    """The provider bills more than tokens of text."""
    LACKS_BILL = auto()
    JUDGE_UNREADABLE = auto()
    JUDGE_TIES = auto()
    JUDGE_KIN = auto()
    """A judge is of the family of a model it compares."""


class FlagCode(StrEnum):
    """What a reader must know beside the decision."""

    RETIRES = auto()
    """Today's model is switched off soon, or was: ``days`` are below 0 then."""
    PARTIAL = auto()
    """The run is incomplete."""
    JUDGE_NOT_PROVEN = auto()
    JUDGE_CONTRADICTED = auto()
    STALE = auto()
    """The answers are old."""
    UNTESTED = auto()
    """A cheaper model of the same family that nothing has compared might save more."""
    UNPROVEN = auto()
    """Candidates that need more data would save more."""
    CONSTANT = auto()
    """A candidate gives one answer to everything."""
    COPIED = auto()
    """A candidate's answers are nearly the recorded ones."""


class Change(StrEnum):
    """What a decision rests on that its run was not planned with."""

    CONFIDENCE = auto()
    LATENCY = auto()
    TTFT = auto()
    IGNORED = auto()
    ENDPOINT = auto()
    MARGIN = auto()
    RUBRIC = auto()
    KIND = auto()
    MATCH = auto()
    CHECKS = auto()
    USE_CASES = auto()


class VersionCode(StrEnum):
    """What scores were made with, where a person could have chosen it."""

    JUDGE_PROMPT = auto()
    RUBRIC = auto()
    CHECKS = auto()
    MATCH = auto()


class LeftOut(StrEnum):
    """Why calls of the log don't count."""

    NOT_REPLAYABLE = auto()
    UNREADABLE = auto()
    UNCHECKED = auto()
    """The answer counts, but not in the check that couldn't read it."""

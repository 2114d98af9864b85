"""What a decision is made from: one pair per sample and candidate, gathered by use case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from advisor.analysis.statistics.noise import NoiseFloor
from advisor.types import Endpoint, Evidence, Exam, FailureKind, Kind, Refusal


def margin_of(endpoint: Endpoint, own: float | None, study: float | None) -> float:
    """How much worse is acceptable in a use case: its own margin, else the study's, else the endpoint's default."""
    return next(margin for margin in (own, study, endpoint.usual_margin) if margin is not None)


# There may be millions of pairs, hence the slots.


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What one call cost and took."""

    cost_usd: float | None = None
    latency_s: float | None = None
    ttft_s: float | None = None
    failure: FailureKind | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One model's answer to a sample, and what was found in it."""

    y: float | None = None
    """Target and agreement: 1 right, 0 wrong. Pairwise: of the candidate 1 win, 0.5 tie, 0 loss. None: not scored."""
    call: Call = Call()
    valid: bool | None = None
    """None: there was nothing to check."""
    truncated: bool = False
    refusal: Refusal | None = None
    """None: no judge read the answer, and the rule, which misses most, found no refusal."""
    instructs: bool = False
    """It tells a judge what to say."""
    text_digest: str | None = None
    """Equal digests are equal answers."""
    unneeded: bool | None = None
    """It called a tool where none was right; None where a call was right or no tool was offered."""
    checked: bool | None = None
    """Whether it passes the team's own checks; None: there are none, or one of them could not look."""
    unsupported: float | None = None
    """Share of its claims that the prompt does not support, as a judge reads it; None: not read."""
    personal: bool | None = None
    """It holds personal data, taken from the prompt or not."""
    length: int = 0
    """Characters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Logged:
    """What the log knows of a sample."""

    session: str | None = None
    request: str | None = None
    """Equal for repeats of one request; None: not known, so one of its own."""
    texts: tuple[int, ...] = ()
    """The codes of the texts in its prompt that other samples of the use case hold too."""
    at: float | None = None
    """When the call was logged, in seconds since 1970; where the log has no times, its place in the log."""
    klass: int = -1
    """Which of the use case's ``classes`` its right answer is of; -1: none."""
    recorded_cost_usd: float | None = None
    """What the call cost in the log, where the baseline is live; None: it isn't, or the cost is unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Votes:
    """What people and judges say of two answers."""

    reviewed_y: float | None = None
    """What people of the random subset say: 1 the candidate is better, 0.5, 0. None: not reviewed."""
    voted_y: float | None = None
    """Agreement: the judge's vote on two answers that differ: 1 the candidate is better, 0.5, 0."""
    flips: int = 0
    """Judges whose vote turned with the order of the answers ..."""
    judges: int = 0
    """... of those that judged both orders."""
    decided: bool = False
    """In at least one order the judges' mean vote names a winner."""
    agreed: bool = False
    """Both orders say the same."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """One sample's evidence for one candidate next to the baseline."""

    sample_id: int
    logged: Logged = Logged()
    baseline: Side = Side()
    candidate: Side = Side()
    votes: Votes = Votes()
    differs: bool | None = None
    """Agreement: the candidate's answer is not the live baseline's; None: one of the two is not there."""
    refusals_read: bool = False
    """A judge read both answers for refusals, or the one that a filter didn't block."""
    missing: bool = False
    """No generation is stored yet."""

    @property
    def is_same_text(self) -> bool:
        """Whether both answers are there and the same."""
        return self.candidate.text_digest is not None and self.candidate.text_digest == self.baseline.text_digest


class Alike(NamedTuple):
    """Pairs whose long answers were looked at, and how many of each side's are suspiciously alike."""

    n: int
    candidate: int
    baseline: int
    only_candidate: int
    only_baseline: int


class NeverRight(NamedTuple):
    """A class or a field in which the candidate is never right."""

    name: str
    n: int
    """Samples ..."""
    baseline_right: int
    """... and those in which the baseline is right."""
    units: int
    """The same by what is independent: a conversation or a request counts once ..."""
    units_right: int
    """... and as right where the baseline is right in it anywhere."""


class Fields(NamedTuple):
    """The fields of right answers, over all samples that have them."""

    looked: int
    """Fields of enough samples."""
    never: tuple[NeverRight, ...]


@dataclass(frozen=True, kw_only=True)
class JudgeAgreement:
    """How far a judge agrees with people."""

    kappa: float
    """Cohen's, on the candidate's own pairs, else on all of the run."""
    high: float | None
    """The upper end of its 95% interval."""
    reviews: int
    """Pairs that it rests on."""


@dataclass(frozen=True, kw_only=True)
class CandidateEvidence:
    """Everything known about one candidate in one use case."""

    source: Evidence = Evidence.NONE
    pairs: Sequence[Pair] = ()
    reviews: int = 0
    """Pairs that people have reviewed by hand ..."""
    written_reviews: int = 0
    """... and those of them with reviews that were written for the sample study."""
    agreement: JudgeAgreement | None = None
    """None: no judge decides, or too few pairs have both."""
    flips: tuple[int, int] | None = None
    """(samples on which it changed its mind, samples asked repeatedly)."""
    fields: Fields | None = None
    """Fields in which it is never right."""
    near_constant: Alike | None = None
    """Answers that are mostly a text that answers to other requests hold too."""
    copied: Alike | None = None
    """Answers that are the recorded ones, nearly or to the letter."""
    exam: Exam | None = None
    """Of the judges that voted in the use case."""
    same_texts: int = 0
    """Pairs of two answers with the same text."""


@dataclass(frozen=True, kw_only=True)
class UseCaseLog:
    """What the log says of one use case."""

    samples: int
    """Replayable or not."""
    monthly_calls: float | None = None
    monthly_baseline_usd: float | None = None
    billed: tuple[str, ...] = ()
    """Models that answered in the log, and that the bill is for, where the live baseline is another one."""
    is_timed: bool = True
    classes: tuple[str, ...] = ()
    """Kinds of right answers: labels, tools."""
    prompts: Mapping[int, str] = field(default_factory=dict)
    """Sample -> how its prompt begins, where the request is drawn more than once."""
    later_turns: bool = False
    """Some of the samples hold earlier answers of the same conversation."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a person accepts in one use case."""

    margin: float | None = None
    """The use case's own; None: see :func:`margin_of`."""
    max_latency_p95_s: float | None = None
    max_ttft_p95_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class UseCaseEvidence:
    """Everything known about one use case."""

    name: str
    kind: Kind
    endpoint: Endpoint
    candidates: Mapping[str, CandidateEvidence]
    log: UseCaseLog
    limits: Limits = Limits()
    price: float = 1.0
    """What candidates cost, times their price."""
    baseline: str = ""
    """What the model that gave most of the answers compared with is called; empty: as that of the whole run."""
    baseline_model: str = ""
    """The same without a word on where its answers are from; empty: it is not known, or called so."""
    baseline_flips: tuple[int, int] | None = None
    """As those of a candidate, by the same measure; None: not known."""
    judge_reviews: int = 0
    """Pairs of all use cases that the judge decides and that people reviewed too: together they check the judge."""
    is_judge_by_chance: bool = False
    """Enough reviews, but they agree with the judge no more often than chance would."""
    is_sequential: bool = False
    """The run stopped early where it was decided: only what holds at any look counts; pairs are in order of asking."""
    noise: NoiseFloor | None = None
    """The baseline against itself in this use case; None: not known."""

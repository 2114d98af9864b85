"""What a decision is made from: one pair per sample and candidate, gathered by use case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from advisor.types import Endpoint, Evidence, FailureKind, Kind, Refusal

if TYPE_CHECKING:
    from advisor.analysis.noise import NoiseFloor

DEFAULT_MARGINS = {Endpoint.TARGET: 0.05, Endpoint.AGREEMENT: 0.05, Endpoint.PAIRWISE: 0.10}
"""How much worse is acceptable unless the product manager says otherwise (METHOD 1.6)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """One sample's evidence for one candidate beside the baseline. There may be millions, hence the slots."""

    sample_id: int
    use_case: str
    session: str | None = None
    request: str | None = None
    """Equal for repeats of one request; None: not known, so one of its own."""
    texts: tuple[int, ...] = ()
    """The codes of the texts in its prompt that other samples of the use case hold too."""
    at: float | None = None
    """When the call was logged, in seconds since 1970; where the log has no times, its place in the log."""
    klass: int = -1
    """Which of the use case's ``classes`` its right answer is of; -1: none."""
    baseline_y: float | None = None
    """Target and agreement: 1 right, 0 wrong. Pairwise: None."""
    candidate_y: float | None = None
    """Target and agreement: 1 right, 0 wrong. Pairwise: 1 win, 0.5 tie, 0 loss. None: not scored."""
    baseline_cost_usd: float | None = None
    candidate_cost_usd: float | None = None
    recorded_cost_usd: float | None = None
    """What the call cost in the log, where the baseline is live; None: it isn't, or the cost is unknown."""
    baseline_latency_s: float | None = None
    candidate_latency_s: float | None = None
    baseline_ttft_s: float | None = None
    candidate_ttft_s: float | None = None
    baseline_failure: FailureKind | None = None
    candidate_failure: FailureKind | None = None
    baseline_valid: bool | None = None
    """None: there was nothing to check."""
    candidate_valid: bool | None = None
    baseline_truncated: bool = False
    candidate_truncated: bool = False
    baseline_refusal: Refusal | None = None
    """None: no judge read the answer, and the rule, which misses most, found no refusal."""
    candidate_refusal: Refusal | None = None
    refusals_read: bool = False
    """A judge read both answers for refusals, or the one that a filter didn't block."""
    baseline_instructs: bool = False
    """It tells a judge what to say."""
    candidate_instructs: bool = False
    baseline_text_digest: str | None = None
    """Equal digests are equal answers."""
    candidate_text_digest: str | None = None
    baseline_unneeded: bool | None = None
    """It called a tool where none was right; None where a call was right or no tool was offered."""
    candidate_unneeded: bool | None = None
    baseline_checked: bool | None = None
    """Whether it passes the team's own checks; None: there are none, or one of them could not look."""
    candidate_checked: bool | None = None
    baseline_unsupported: float | None = None
    """Share of its claims that the prompt does not support, as a judge reads it; None: not read."""
    candidate_unsupported: float | None = None
    baseline_personal: bool | None = None
    """It holds personal data, taken from the prompt or not."""
    candidate_personal: bool | None = None
    baseline_length: int = 0
    """Characters."""
    candidate_length: int = 0
    reviewed_y: float | None = None
    """What people of the random subset say: 1 the candidate is better, 0.5, 0. None: not reviewed."""
    differs: bool | None = None
    """Agreement: the candidate's answer is not the live baseline's; None: one of the two is not there."""
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
    missing: bool = False
    """No generation is stored yet."""


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
class UseCaseEvidence:
    """Everything known about one use case."""

    name: str
    kind: Kind
    endpoint: Endpoint
    evidence: Mapping[str, Evidence]
    """Candidate -> ``target``, ``agreement``, ``judge``, ``reviews`` or ``none``."""
    samples: int
    """In the log, replayable or not."""
    baseline: str = ""
    """The model that gave most of the answers compared with; empty: the one of the whole run."""
    billed: tuple[str, ...] = ()
    """Models that answered in the log, and whose bill it is, where the live baseline is another one."""
    monthly_calls: float | None = None
    monthly_baseline_usd: float | None = None
    pairs: Mapping[str, list[Pair]] = field(default_factory=dict)
    """Candidate -> its pairs."""
    reviews: Mapping[str, int] = field(default_factory=dict)
    """Candidate -> pairs that people have reviewed."""
    written_reviews: Mapping[str, int] = field(default_factory=dict)
    """Candidate -> of these the pairs whose reviews were written for the sample study."""
    margin: float | None = None
    """None: the default of the endpoint."""
    max_latency_p95_s: float | None = None
    max_ttft_p95_s: float | None = None
    judge_reviews: int = 0
    """Pairs of all use cases of the study that both people and the judge compared: together they check the judge."""
    kappa: Mapping[str, float] = field(default_factory=dict)
    """Candidate -> agreement of the judge with the reviews (Cohen): on its own pairs, else on all of the run."""
    kappa_high: Mapping[str, float] = field(default_factory=dict)
    """Candidate -> the upper end of that kappa's 95 % interval."""
    kappa_reviews: Mapping[str, int] = field(default_factory=dict)
    """Candidate -> the reviews that this rests on, where they are not its own."""
    flips: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Candidate -> (samples on which it changed its mind, samples asked repeatedly)."""
    baseline_flips: tuple[int, int] | None = None
    """The same of the baseline, by the same measure; None: not known."""
    is_timed: bool = True
    """Its log has times."""
    classes: tuple[str, ...] = ()
    """Kinds of right answers: labels, tools."""
    fields: Mapping[str, Fields] = field(default_factory=dict)
    """Candidate -> fields in which it is never right."""
    near_constant: Mapping[str, Alike] = field(default_factory=dict)
    """Candidate -> answers that are mostly a text that answers to other requests hold too."""
    copied: Mapping[str, Alike] = field(default_factory=dict)
    """Candidate -> answers that are the recorded ones, nearly or to the letter."""
    prompts: Mapping[int, str] = field(default_factory=dict)
    """Sample -> how its prompt begins, where the request is drawn more than once."""
    later_turns: bool = False
    """Some of the samples hold earlier answers of the same conversation."""
    is_sequential: bool = False
    """The run stopped early where it was decided: only what holds at any look counts; pairs are in order of asking."""
    noise: "NoiseFloor | None" = None
    """The baseline against itself in this use case; None: not known."""

    @property
    def candidates(self) -> list[str]:
        """All candidates, with pairs or not yet."""
        return list(dict.fromkeys([*self.pairs, *self.evidence]))

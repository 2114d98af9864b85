"""What a run would cost, before anything is spent."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from advisor.catalog.prices import price_call
from advisor.measure.replay.calls import Obstacle
from advisor.store.run.tallies import LaneKey, LaneTally
from advisor.types import LaneQuote, Money, Role, StoredModel, Usage

ENOUGH = 20
"""Calls of one model after which what they took says more than any expectation."""
JUDGE_PROMPT_TOKENS = 300
"""The instructions and the questions."""
JUDGEMENT_TOKENS = 80
"""Two or three sentences and the verdict."""


class Size(NamedTuple):
    """Tokens that one call is expected to take."""

    input_tokens: int
    output_tokens: int


class Range(NamedTuple):
    """By how much what is expected is multiplied."""

    low: float
    point: float
    high: float


ANSWER_INPUT, ANSWER_OUTPUT = Range(0.7, 1.0, 1.4), Range(0.3, 1.0, 2.5)
"""Another tokenizer than the log's; an answer that is terser or wordier than the recorded one."""
JUDGE_INPUT, JUDGE_OUTPUT = Range(0.55, 1.0, 1.6), Range(0.2, 1.0, 2.5)
MEASURED = Range(0.75, 1.0, 1.35)
"""Of what the same model took before: other samples of the same log."""


def pair_size(sample: Size) -> Size:
    """Of a judge's call about a sample: most compare two answers, those that read one list its claims."""
    return Size(sample.input_tokens + 2 * sample.output_tokens + JUDGE_PROMPT_TOKENS, JUDGEMENT_TOKENS)


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Calls, tokens and dollars of a run."""

    samples: int
    """Calls of the log that are drawn."""
    calls: int
    """To models but judges, without those that an earlier run has the answer to."""
    judge_calls: int
    """About pairs of answers, without those that an earlier run has the answer to."""
    unpriced: tuple[str, ...]
    """Models without a price."""
    by_model: tuple[tuple[str, int, float | None], ...]
    """(model, calls to be made, dollars)."""
    not_sent: tuple[tuple[str, str, int], ...]
    """(model, reason, calls) of what a model is known not to take: they cost nothing and count against it."""
    lanes: tuple[LaneQuote, ...]
    unaskable: tuple[tuple[str, str, int], ...] = ()
    """(model, reason, calls) of models and judges that can't be asked from here, such as for want of a key.

    Their calls would fail, so the price leaves them out; where no candidate can be asked it is that of all.
    """
    lost: int = 0
    """Of the calls those that would fail for that reason."""
    control_calls: int = 0
    """What judges are asked besides, at most: control pairs, the baseline against itself, single answers."""
    reused: int = 0
    """Calls to models but judges that are not made, since an earlier run has the answer: they cost nothing."""
    judge_reused: int = 0
    """The same of the judges' calls about pairs."""

    @property
    def input_tokens(self) -> int:
        return sum(lane.input_tokens for lane in self.lanes)

    @property
    def output_tokens(self) -> int:
        return sum(lane.output_tokens for lane in self.lanes)

    @property
    def cost_usd(self) -> Money | None:
        """None while a model has no price."""
        costs = [lane.cost_usd for lane in self.lanes if lane.cost_usd is not None]
        if len(costs) < len(self.lanes):
            return None
        return Money(
            low=sum(cost.low for cost in costs),
            point=sum(cost.point for cost in costs),
            high=sum(cost.high for cost in costs),
        )

    @property
    def to_make(self) -> int:
        """Calls to models but judges that will be sent."""
        return self.calls - self.lost - sum(calls for _, _, calls in self.not_sent)

    @property
    def asks_anything(self) -> bool:
        """Whether any call is left to make."""
        return bool(self.to_make or self.judge_calls or self.control_calls)


class Bill:
    """Adds up calls that are planned but not made.

    A model with ENOUGH calls in ``measured`` is priced by what those took, any other by what the log lets expect.
    """

    def __init__(self, measured: Mapping[LaneKey, LaneTally] | None = None) -> None:
        self._now = datetime.now(UTC)
        self._measured = measured or {}
        self._lanes: dict[LaneKey, _Lane] = {}
        self._not_sent: Counter[tuple[str, str]] = Counter()
        self._unaskable: Counter[tuple[str, str]] = Counter()

    def add(self, model: StoredModel, size: Size, *, limit: int | None = None, besides: bool = False) -> None:
        """One call; ``limit`` is the most output it may have, ``besides`` a judge's that is about no pair."""
        key = LaneKey(model.id, besides)
        if key not in self._lanes:
            known = (self._measured.get(each) for each in (key, LaneKey(key.model_id)))
            enough = next(
                (
                    tally
                    for tally in known
                    if tally and tally.with_usage.answers >= ENOUGH and tally.with_usage.expected_input
                ),
                None,
            )
            self._lanes[key] = _Lane(model, _taken_by(model, enough))
        lane = self._lanes[key]
        lane.calls += 1
        lane.input_tokens += size.input_tokens
        lane.output_tokens += size.output_tokens
        for name in Range._fields:
            taken = getattr(lane.taken.input, name) * size.input_tokens
            output = int(getattr(lane.taken.output, name) * size.output_tokens) + 1
            usage = Usage(
                input_tokens=int(taken * (1 - lane.taken.cache_read - lane.taken.cache_write)),
                cache_read_tokens=int(taken * lane.taken.cache_read),
                cache_write_tokens=int(taken * lane.taken.cache_write),
                output_tokens=min(output, limit) if limit else output,
            )
            priced = price_call(model, usage, self._now)
            if priced is None:
                lane.is_priced = False
                return
            lane.cost_usd[name] += priced[0]

    def leave_out(self, model: StoredModel, obstacle: Obstacle) -> None:
        """One call that is not sent."""
        self._not_sent[model.name, obstacle.reason] += 1

    def shut_out(self, model: StoredModel, why: str, calls: int = 1) -> None:
        """Calls to a model that can't be asked."""
        self._unaskable[model.name, why] += calls

    def count(self, model: StoredModel) -> int:
        """Calls of a model that were added."""
        return sum(lane.calls for key, lane in self._lanes.items() if key.model_id == model.id)

    def quote(self, *, samples: int, calls: int, judge_calls: int) -> Quote:
        """The sum of what was added, where nothing is reused or lost."""
        lanes = list(self._lanes.items())
        unpriced = tuple(sorted({lane.model.name for _, lane in lanes if not lane.is_priced}))
        counts: Counter[str] = Counter()
        spend: dict[str, float | None] = {}
        for _, lane in lanes:
            name = lane.model.name
            counts[name] += lane.calls
            spend[name] = None if name in unpriced else (spend.get(name) or 0.0) + lane.cost_usd["point"]
        return Quote(
            samples=samples,
            calls=calls,
            judge_calls=judge_calls,
            unpriced=unpriced,
            by_model=tuple((name, count, spend[name]) for name, count in counts.items()),
            not_sent=tuple((name, reason, count) for (name, reason), count in self._not_sent.items()),
            unaskable=tuple((name, why, count) for (name, why), count in sorted(self._unaskable.items()) if count),
            lanes=tuple(
                LaneQuote(
                    model_id=key.model_id,
                    besides=key.besides,
                    is_judge=lane.model.role is Role.JUDGE,
                    calls=lane.calls,
                    input_tokens=lane.input_tokens,
                    output_tokens=lane.output_tokens,
                    cost_usd=Money(**lane.cost_usd) if lane.is_priced else None,
                )
                for key, lane in lanes
            ),
        )


class _Taken(NamedTuple):
    """What a model's calls take of what is expected."""

    input: Range
    output: Range
    cache_read: float = 0.0
    """Share of the input."""
    cache_write: float = 0.0


@dataclass
class _Lane:
    model: StoredModel
    taken: _Taken
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: dict[str, float] = field(default_factory=lambda: dict.fromkeys(Range._fields, 0.0))
    is_priced: bool = True


def _taken_by(model: StoredModel, tally: LaneTally | None) -> _Taken:
    is_judge = model.role is Role.JUDGE
    if tally is None:
        return _Taken(JUDGE_INPUT, JUDGE_OUTPUT) if is_judge else _Taken(ANSWER_INPUT, ANSWER_OUTPUT)
    told = tally.with_usage
    expected = expected_of(told.answers, Size(told.expected_input, told.expected_output), is_judge=is_judge)
    cached = max(told.input_tokens, 1)
    return _Taken(
        _scaled(MEASURED, told.input_tokens / expected.input_tokens),
        _scaled(MEASURED, told.output_tokens / max(expected.output_tokens, 1)),
        told.cache_read_tokens / cached,
        told.cache_write_tokens / cached,
    )


def expected_of(calls: int, samples: Size, *, is_judge: bool) -> Size:
    """Of so many calls about samples with these sums of expected tokens."""
    if not is_judge:
        return samples
    return Size(
        samples.input_tokens + 2 * samples.output_tokens + calls * JUDGE_PROMPT_TOKENS, calls * JUDGEMENT_TOKENS
    )


def _scaled(by: Range, factor: float) -> Range:
    return Range(*(factor * each for each in by))

"""What a run would cost, before anything is spent."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import sqrt
from typing import NamedTuple

from advisor.catalog.prices import price_call
from advisor.measure.replay.calls import Obstacle
from advisor.store.run.tallies import LaneKey, LaneTally, WithUsage
from advisor.types import LaneQuote, Money, Role, StoredModel, Usage

ENOUGH = 20
"""Calls of one model after which what they took says more than any expectation."""
JUDGE_PROMPT_TOKENS = 300
"""The instructions and the questions."""
JUDGEMENT_TOKENS = 60
"""Two or three sentences and the verdict, where neither answers nor a connection test tell more."""


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
TESTED = Range(0.5, 1.0, 2.0)
"""Of the output in the connection test, where tasks are short."""
MEASURED, ELSEWHERE = Range(0.75, 1.0, 1.35), Range(0.6, 1.0, 1.7)
"""Of what the same model took before: other samples of the same log; another log."""
SURE, IF_THEY_DIFFER = Range(1.0, 1.0, 1.0), Range(0.05, 0.2, 1.0)
"""How likely a call is made: of answers that should agree, judges compare those that differ."""


def judge_size(judge: StoredModel, sample: Size, *, reads: bool = False) -> Size:
    """Of a judge's call about a sample: most compare two answers, those that read one list its claims."""
    told = (judge.probe.reading_tokens if reads else judge.probe.output_tokens) if judge.probe else None
    return judged(1, sample, told or JUDGEMENT_TOKENS)


def judged(calls: int, samples: Size, each: float) -> Size:
    """Of so many judge's calls with ``each`` output tokens, about samples with these sums of expected tokens."""
    return Size(
        samples.input_tokens + 2 * samples.output_tokens + calls * JUDGE_PROMPT_TOKENS, max(round(calls * each), 1)
    )


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
        return price_of(self.lanes)

    @property
    def to_make(self) -> int:
        """Calls to models but judges that will be sent."""
        return self.calls - self.lost - sum(calls for _, _, calls in self.not_sent)

    @property
    def asks_anything(self) -> bool:
        """Whether any call is left to make."""
        return bool(self.to_make or self.judge_calls or self.control_calls)


def price_of(lanes: Iterable[LaneQuote]) -> Money | None:
    """Of planned calls; None while a model has no price."""
    low = point = high = 0.0
    for lane in lanes:
        if lane.cost_usd is None:
            return None
        low, point, high = low + lane.cost_usd.low, point + lane.cost_usd.point, high + lane.cost_usd.high
    return Money(low=low, point=point, high=high)


class Bill:
    """Adds up calls that are planned but not made.

    A model with ENOUGH calls in ``measured`` is priced by what those took, else by as many ``elsewhere``; any other by
    its connection test and what the log lets expect.
    """

    def __init__(
        self,
        measured: Mapping[LaneKey, LaneTally] | None = None,
        elsewhere: Mapping[LaneKey, LaneTally] | None = None,
    ) -> None:
        self._now = datetime.now(UTC)
        self._measured = ((MEASURED, measured or {}), (ELSEWHERE, elsewhere or {}))
        self._lanes: dict[LaneKey, _Lane] = {}
        self._not_sent: Counter[tuple[str, str]] = Counter()
        self._unaskable: Counter[tuple[str, str]] = Counter()

    def add(
        self,
        model: StoredModel,
        size: Size,
        *,
        limit: int | None = None,
        besides: bool = False,
        chance: Range = SURE,
    ) -> None:
        """One call that is made with this ``chance``.

        ``limit`` is the most output it may have, ``besides`` a judge's that is about no pair.
        """
        key = LaneKey(model.id, besides)
        if key not in self._lanes:
            self._lanes[key] = _Lane(model, self._taken(model, key))
        lane = self._lanes[key]
        lane.calls += 1
        lane.input_tokens += size.input_tokens
        lane.output_tokens += size.output_tokens
        for name in Range._fields:
            taken = getattr(lane.taken.input, name) * size.input_tokens
            output = int(getattr(lane.taken.output, name) * size.output_tokens + getattr(lane.taken.each, name)) + 1
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
            lane.cost_usd[name] += priced[0] * getattr(chance, name)

    def _taken(self, model: StoredModel, key: LaneKey) -> "_Taken":
        for spread, tallies in self._measured:
            for tally in filter(None, map(tallies.get, (key, LaneKey(key.model_id)))):
                if tally.with_usage.answers >= ENOUGH and tally.with_usage.expected_input:
                    return _measured(model, tally.with_usage, spread)
        return _untried(model)

    def leave_out(self, model: StoredModel, obstacle: Obstacle) -> None:
        """One call that is not sent."""
        self._not_sent[model.name, obstacle.reason] += 1

    def shut_out(self, model: StoredModel, why: str, calls: int = 1) -> None:
        """Calls to a model that can't be asked."""
        self._unaskable[model.name, why] += calls

    def count(self, model: StoredModel) -> int:
        """Calls of a model that were added."""
        return sum(lane.calls for key, lane in self._lanes.items() if key.model_id == model.id)

    def quote(self, *, samples: int, calls: int, judge_calls: int, least: float = 1.0) -> Quote:
        """The sum of what was added, where nothing is reused or lost.

        ``least``: the share of the calls that are surely made. How many are can't be told before, so the point is the
        geometric mean of that and all.
        """
        lanes = list(self._lanes.items())
        for key, lane in lanes:
            lane.cost_usd["low"] *= least
            lane.cost_usd["point"] *= 1.0 if key.besides else sqrt(least)
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
    each: Range = Range(0.0, 0.0, 0.0)
    """Output tokens of every call besides."""
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


def _untried(model: StoredModel) -> _Taken:
    tested = model.probe.output_tokens if model.probe else None
    if model.role is Role.JUDGE:
        return _Taken(JUDGE_INPUT, JUDGE_OUTPUT if tested is None else TESTED)
    return _Taken(ANSWER_INPUT, ANSWER_OUTPUT, each=_scaled(TESTED, tested or 0.0))


def _measured(model: StoredModel, told: WithUsage, spread: Range) -> _Taken:
    samples = Size(told.expected_input, told.expected_output)
    cached = max(told.input_tokens, 1)
    if model.role is Role.JUDGE:
        expected, slope, each = judged(told.answers, samples, 0.0), 0.0, told.output_tokens / told.answers
    else:
        expected, (slope, each) = samples, _line(told)
    return _Taken(
        _scaled(spread, told.input_tokens / expected.input_tokens),
        _scaled(spread, slope),
        _scaled(spread, each),
        told.cache_read_tokens / cached,
        told.cache_write_tokens / cached,
    )


def _line(told: WithUsage) -> tuple[float, float]:
    """Output tokens by each that is expected, and besides by each answer: a model that thinks does so for any answer.

    Least squares, neither below 0.
    """
    ratio = told.output_tokens / max(told.expected_output, 1)
    spread = told.answers * told.squared - told.expected_output**2
    slope = (told.answers * told.crossed - told.expected_output * told.output_tokens) / spread if spread > 0 else ratio
    slope = min(max(slope, 0.0), ratio)
    return slope, max(told.output_tokens - slope * told.expected_output, 0.0) / told.answers


def _scaled(by: Range, factor: float) -> Range:
    return Range(*(factor * each for each in by))

"""What a run at work will have cost and when it will be done, by what its calls took so far."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import isnan
from statistics import median

from advisor.measure.replay.planned_cost import ENOUGH, Size, judged
from advisor.measure.replay.track import slots_of
from advisor.store.engine import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.models import list_models, list_models_of
from advisor.store.run.tallies import LaneKey, LaneTally, tally_lanes, tally_lanes_of_study, tally_run
from advisor.types import LaneQuote, Money, Probe, Role, Run, RunOptions, Study, Tally

OUTPUT_WEIGHT = 4
"""An output token costs about so many times what an input token costs."""
TIMED = 8
"""Calls of a model before its pace tells anything."""
FIRST_TOKEN_S, TOKENS_PER_S = 0.6, 70
"""What a host of open models usually needs."""
HASTE = 0.3
"""How far a time left that was told goes towards a new one at once."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The end of a run, as of now."""

    cost_usd: Money | None
    """Of the whole run, judges included; None where a model has no price or the run kept no quote."""
    is_measured: bool
    """Whether every model has had ENOUGH calls, or all of its calls: ``cost_usd`` is then one figure."""
    left_s: float | None
    """None while the pace is not known, or nothing is left."""
    done: int = 0
    """Calls made of all that the run makes itself, judges' included ..."""
    planned: int = 0
    """... at most so many."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left but to score the answers."""
        return 0 < self.planned <= self.done


def forecast(
    run: Run,
    tally: Tally,
    made: Mapping[LaneKey, LaneTally],
    earlier: Mapping[LaneKey, LaneTally],
    slots: Mapping[int, int],
    usual: Callable[[LaneQuote], float | None] = lambda _: None,
) -> Forecast:
    """By what was ``made`` in the run.

    ``earlier`` calls of the study tell the pace at first, else ``usual``, what a call of a lane takes by other sources;
    a judge without either is taken to be as fast as the models that it judges. ``slots`` are the calls in flight at a
    time by model id; a model without any answers at once.
    """
    left = {lane: _left(run, tally, lane, made.get(_key(lane))) for lane in run.plan.quoted}
    low = point = high = 0.0
    is_measured, is_priced = True, bool(run.plan.quoted) and not tally.unpriced
    for lane, calls in left.items():
        done = made.get(_key(lane))
        spent = done.cost_usd if done else 0.0
        low, point, high = low + spent, point + spent, high + spent
        if not calls:
            continue
        if done is not None and done.made >= ENOUGH:
            samples = Size(done.expected_input, done.expected_output)
            if lane.is_judge:
                samples = judged(done.made, samples, _tokens(lane))
            each = done.cost_usd / _weight(samples)
            rest = each * _weight(Size(lane.input_tokens, lane.output_tokens)) * calls / lane.calls
            low, point, high = low + rest, point + rest, high + rest
        elif lane.cost_usd is None:
            is_priced = False
        else:
            share = calls / lane.calls
            is_measured = is_measured and lane.besides
            low, point, high = (
                low + lane.cost_usd.low * share,
                point + lane.cost_usd.point * share,
                high + lane.cost_usd.high * share,
            )
    return Forecast(
        cost_usd=Money(low=low, point=point, high=high) if is_priced else None,
        is_measured=is_measured,
        left_s=_left_s(left, made, earlier, slots, usual),
        done=sum(done.made for done in made.values()),
        planned=sum(done.made for done in made.values()) + sum(left.values()),
    )


def _key(lane: LaneQuote) -> LaneKey:
    return LaneKey(lane.model_id, lane.besides)


def _left(run: Run, tally: Tally, lane: LaneQuote, done: LaneTally | None) -> int:
    """Calls that are still to be made, at most."""
    left = max(lane.calls - (done.made if done else 0), 0)
    judged = tally.judge.succeeded + tally.judge.failed
    if (
        lane.is_judge and not lane.besides and judged and not run.options.early_stop
    ):  # how many pairs there are is known by now
        judges = sum(each.is_judge and not each.besides for each in run.plan.quoted)
        left = min(left, -(-max(run.plan.planned_judge - judged, 0) // judges))
    return left


def _weight(expected: Size) -> float:
    """What this should cost, in input tokens."""
    return max(expected.input_tokens + OUTPUT_WEIGHT * expected.output_tokens, 1)


def _left_s(
    left: Mapping[LaneQuote, int],
    made: Mapping[LaneKey, LaneTally],
    earlier: Mapping[LaneKey, LaneTally],
    slots: Mapping[int, int],
    usual: Callable[[LaneQuote], float | None],
) -> float | None:
    asked = (lane.model_id for lane in left if not lane.is_judge and lane.model_id in slots)
    paces = [pace for id_ in asked if (pace := _pace_s(made.get(LaneKey(id_)))) is not None]

    def pace_of(lane: LaneQuote) -> float | None:
        before, calls = _pace_s(earlier.get(LaneKey(lane.model_id))), ENOUGH
        if before is None:
            before, calls = usual(lane), TIMED
        if before is None and lane.is_judge and paces:
            before, calls = median(paces), ENOUGH
        done = made.get(LaneKey(lane.model_id))
        return _pace_s(done) if before is None else _blended_s(done, before, calls)

    return _slowest_s(left, pace_of, slots)


def _slowest_s(
    left: Mapping[LaneQuote, int], pace_of: Callable[[LaneQuote], float | None], slots: Mapping[int, int]
) -> float | None:
    """Models are asked side by side, and the judges after them: the slowest of each decides."""
    answers: dict[int, float] = {}
    judges: dict[int, float] = {}
    for lane, calls in left.items():
        if not calls or lane.model_id not in slots:
            continue
        pace = pace_of(lane)
        if pace is None:
            return None
        phase = judges if lane.is_judge else answers
        phase[lane.model_id] = phase.get(lane.model_id, 0.0) + calls * pace / slots[lane.model_id]
    return max(answers.values(), default=0.0) + max(judges.values(), default=0.0) or None


def steady(told_s: float | None, passed_s: float, left_s: float | None) -> float | None:
    """The time left to tell, ``passed_s`` after ``told_s`` was: it goes down as time does and nears ``left_s`` slowly.

    While ``left_s`` is not known, time alone counts.
    """
    if told_s is None:
        return left_s
    expected = max(told_s - passed_s, 0.0)
    return expected if left_s is None else expected + HASTE * (left_s - expected)


def planned_s(store: Store, study: Study, setup: RunOptions, lanes: Iterable[LaneQuote]) -> float | None:
    """How long a quoted run will take; None: no time at all.

    By earlier calls of each model, of today's model else by the log; else by its connection test, else by what hosts
    usually need.
    """
    earlier = tally_lanes_of_study(store, study.id)
    models = {model.id: model for model in list_models(store, study.id)}
    slots = {id_: slots_of(model, setup) for id_, model in models.items() if not model.illustrative}

    @cache
    def logged_s() -> float | None:
        found = load_sample_facts(store, study.id, ("latency_s",))["latency_s"].median()
        return None if isnan(found) else float(found)

    def pace_of(lane: LaneQuote) -> float:
        known = _pace_s(earlier.get(LaneKey(lane.model_id)))
        if known is None and models[lane.model_id].role is Role.BASELINE:
            known = logged_s()
        if known is None:
            known = _tested_s(models[lane.model_id].probe, lane)
        return FIRST_TOKEN_S + _tokens(lane) / TOKENS_PER_S if known is None else known

    return _slowest_s({lane: lane.calls for lane in lanes}, pace_of, slots)


def _tested_s(probe: Probe | None, lane: LaneQuote) -> float | None:
    """What a call takes by the connection test of its model; None where that tells no time."""
    if probe is None or probe.ttft_s is None:
        return None
    tokens = _tokens(lane) + (0.0 if lane.is_judge else probe.output_tokens or 0.0)
    return probe.ttft_s + tokens * (1 / TOKENS_PER_S if probe.token_s is None else probe.token_s)


def _tokens(lane: LaneQuote) -> float:
    """Of one answer."""
    return lane.output_tokens / max(lane.calls, 1)


def _blended_s(done: LaneTally | None, before: float, calls: int) -> float:
    """What a call takes, where so many took ``before`` on average: the first to come back are the shortest."""
    busy_s, timed = (done.busy_s, done.timed) if done is not None else (0.0, 0)
    return (busy_s + calls * before) / (timed + calls)


def _pace_s(done: LaneTally | None) -> float | None:
    return done.busy_s / done.timed if done is not None and done.timed >= TIMED else None


def tally_before(store: Store, run: Run) -> dict[LaneKey, LaneTally]:
    """What the calls of earlier runs of the study took; the same as long as the run goes on."""
    return tally_lanes_of_study(store, run.study_id, before=run.id)


def forecast_run(store: Store, run: Run, earlier: Mapping[LaneKey, LaneTally] | None = None) -> Forecast:
    """From what is stored of a run by now; ``earlier`` as :func:`tally_before` gives it."""
    models = list_models_of(store, run)
    slots = {model.id: slots_of(model, run.options) for model in models if not model.illustrative}
    earlier = tally_before(store, run) if earlier is None else earlier
    probes = {model.id: model.probe for model in models}
    made = tally_lanes(store, run.id)
    return forecast(
        run, tally_run(store, run.id), made, earlier, slots, lambda lane: _tested_s(probes.get(lane.model_id), lane)
    )

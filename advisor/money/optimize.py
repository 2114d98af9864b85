"""Staying with today's models and paying less: each option measured on the log, in dollars a month.

The options overlap (a call that a response cache spares needs no batch), so they must not be added up. What the log or
the price list does not say is None with the reason, never a number.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from advisor.analysis.money.cost import certain
from advisor.analysis.money.spend import LEAST_PAIRS
from advisor.analysis.money.stay import over_quantile, repeats
from advisor.analysis.money.traffic import BURST_CALLS, SERIES_CALLS, in_bursts, in_series
from advisor.analysis.quality.columns import Array
from advisor.money.closed_models import batch_discount, price_siblings
from advisor.money.logged_calls import (
    LoggedCalls,
    codes,
    is_tier_priced,
    not_free,
    priced_answers,
    read_calls,
    seconds_of,
    times_of,
)
from advisor.money.profile import BATCH_FORMATS
from advisor.money.prompt_caching import Caching, measure_caching
from advisor.store import Store
from advisor.types import Message, Money, OptionKind, OptionStep, Study, Usage

DAY_S = 86_400.0
LONG, FEW_PROMPTS = 0.9, 10
"""A prompt is long beyond this quantile of its use case, which so many prompts at least can have."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One way to pay less without moving."""

    kind: OptionKind
    monthly: Money | None
    """Dollars a month; None: not known."""
    calls: int
    """That it concerns, in the log ..."""
    of: int
    """... of so many that were looked at."""
    how: tuple[Message, ...]
    """How it was computed, one step after the other."""
    unknown: tuple[Message, ...]
    """Why the dollars are not known; empty where they are."""

    @property
    def is_saving(self) -> bool:
        """False: an upper bound; whether answers stay good enough is not measured."""
        return self.kind not in (OptionKind.SIBLING, OptionKind.LONG_ANSWERS, OptionKind.LONG_PROMPTS)


class _InLog(NamedTuple):
    """An option before its dollars are taken to the month."""

    kind: OptionKind
    calls: int
    of: int
    usd: Money | None
    how: tuple[Message, ...]
    lacks: tuple[Message, ...] = (Message.of(OptionStep.NO_PRICE),)
    """Why the dollars are not known, if they are not."""


def stay_options(store: Store, study: Study, log: LoggedCalls | None = None) -> tuple[Option, ...]:
    """Every option, those that save the most first, information last. Reads the texts of some prompts: cache it.

    ``log`` are the calls of the study, if they are at hand.
    """
    log = log or read_calls(store, study)
    caching = measure_caching(store, not_free(log.calls), log.given)
    found = (
        _caching(caching, log),
        _same_answers(log),
        _near_answers(log),
        _batch(log),
        _sibling(log, study.confidence),
        _long_answers(log),
        _long_prompts(caching, log),
    )
    options = [_a_month(one, log) for one in found]
    return tuple(
        sorted(options, key=lambda o: (not o.is_saving, o.monthly is None, -(o.monthly.high if o.monthly else 0)))
    )


def _a_month(found: _InLog, log: LoggedCalls) -> Option:
    no_times = (Message.of(OptionStep.NO_TIMES),) if log.a_month is None else ()
    return Option(
        kind=found.kind,
        monthly=None if found.usd is None or log.a_month is None else found.usd.times(log.a_month),
        calls=found.calls,
        of=found.of,
        how=(*found.how, log.times()) if found.how else (),
        unknown=found.lacks if found.usd is None else no_times,
    )


def _caching(found: Caching, log: LoggedCalls) -> _InLog:
    return _InLog(
        OptionKind.PROMPT_CACHING,
        found.sharing,
        found.read,
        found.usd and found.usd.times(found.scale),
        (
            Message.of(OptionStep.PROMPTS_READ, read=found.read, of=found.of),
            Message.of(OptionStep.SHARED, calls=found.sharing, tokens=found.shared_tokens, cached=found.cached_tokens),
            Message.of(OptionStep.CACHE_SAVING),
            *found.rules,
            *found.unknown,
            *log.part(),
        ),
        found.unknown if found.read else (Message.of(OptionStep.NO_PROMPTS),),
    )


def _same_answers(log: LoggedCalls) -> _InLog:
    calls = log.calls[log.calls["error"].isna() & log.calls["not_replayable"].isna()]
    keys = calls.groupby(["model", "request_digest"], dropna=False).ngroup().to_numpy()
    at = seconds_of(calls)
    cost = calls["cost_usd"].to_numpy(dtype=float)
    ever, soon = repeats(keys, at), repeats(keys, at, DAY_S)
    high, low = float(np.nansum(cost[ever])), float(np.nansum(cost[soon]))
    n, untold = int(ever.sum()), int(np.isnan(cost[ever]).sum())
    priced = untold < n or bool((~np.isnan(cost)).any() and not n)
    return _InLog(
        OptionKind.RESPONSE_CACHE,
        n,
        len(calls),
        Money(low=low, point=(low + high) / 2, high=high) if priced else None,
        (
            Message.of(OptionStep.REPEATS, calls=n, of=len(calls), in_a_day=int(soon.sum())),
            Message.of(OptionStep.REPEATS_COST, high=high, low=low),
            *([Message.of(OptionStep.REPEATS_WITHOUT_COST, calls=untold)] if untold else []),
            Message.of(OptionStep.SOME_FRESH),
            *log.part(),
        ),
    )


def _near_answers(log: LoggedCalls) -> _InLog:
    cost = log.calls["cost_usd"][log.calls["error"].isna() & log.calls["not_replayable"].isna()]
    average = float(cost.sum() / len(cost)) if cost.notna().any() else None
    most = None if average is None else log.near * average
    return _InLog(
        OptionKind.NEAR_RESPONSE_CACHE,
        log.near,
        log.replayable,
        None if most is None else Money(low=0.0, point=most / 2, high=most),
        (
            Message.of(OptionStep.NEAR_REPEATS, calls=log.near, of=log.replayable),
            Message.of(OptionStep.NEAR_COST, average=average),
            *log.part(),
        ),
    )


def _batch(log: LoggedCalls) -> _InLog:
    calls = log.calls
    batches = [format in BATCH_FORMATS for format in log.formats]
    if any(batches):
        why = (Message.of(OptionStep.ALL_BATCHED if all(batches) else OptionStep.SOME_BATCHED),)
        return _InLog(OptionKind.BATCH, 0, len(calls), None, (), why)
    at, latency = times_of(calls), calls["latency_s"].to_numpy(dtype=float)
    group, session = codes(calls["use_case"]), codes(calls["session"])
    bulk = in_bursts(at, group) | in_series(at, latency, group, session)
    tiered = bulk & is_tier_priced(calls)
    bulk = bulk & ~tiered
    n = int(bulk.sum())
    models = calls["model"].to_numpy(dtype=object)[bulk]
    shares = {name: batch_discount(name) for name in sorted({model for model in models if isinstance(model, str)})}
    off = np.array([shares.get(model) or np.nan for model in models], dtype=float)
    saved = calls["cost_usd"].to_numpy(dtype=float)[bulk] * off
    usd = float(np.nansum(saved))
    known = not n or not np.isnan(saved).all()
    return _InLog(
        OptionKind.BATCH,
        n,
        len(calls),
        certain(usd) if known and calls["cost_usd"].notna().any() else None,
        (
            Message.of(OptionStep.BULK, calls=n, of=len(calls), burst=BURST_CALLS, series=SERIES_CALLS),
            Message.of(OptionStep.STEADY_PACE),
            Message.of(OptionStep.BULK_COST, usd=usd),
            *([Message.of(OptionStep.OTHER_TIERS, calls=int(tiered.sum()))] if tiered.any() else []),
            *(Message.of(OptionStep.DISCOUNT, model=model, share=share) for model, share in shares.items() if share),
            *(Message.of(OptionStep.NO_DISCOUNT, model=model) for model, share in shares.items() if not share),
        ),
        (Message.of(OptionStep.NO_PRICE if known else OptionStep.NO_BATCH_PRICE),),
    )


def _long_answers(log: LoggedCalls) -> _InLog:
    calls, rates = priced_answers(log)
    over = over_quantile(calls["output_tokens"].to_numpy(dtype=float), codes(calls["use_case"]), 0.5)
    usd = _total(over * rates[:, -1], rates)
    n = int((over > 0).sum())
    return _InLog(
        OptionKind.LONG_ANSWERS,
        n,
        len(calls),
        None if usd is None else certain(usd),
        (
            Message.of(OptionStep.LONG_ANSWERS, calls=n, of=len(calls), tokens=float(over.sum())),
            Message.of(OptionStep.OUTPUT_COST, usd=usd),
        ),
    )


def _long_prompts(caching: Caching, log: LoggedCalls) -> _InLog:
    calls, rates = priced_answers(log)
    tokens = calls[list(Usage.INPUT)].to_numpy(dtype=float)
    prompts = tokens.sum(axis=1)
    over = over_quantile(prompts, codes(calls["use_case"]), LONG, FEW_PROMPTS)
    known = bool(calls["use_case"].value_counts().ge(FEW_PROMPTS).any())
    each = (tokens * rates[:, :-1]).sum(axis=1) / np.maximum(prompts, 1.0)
    usd = _total(over * each, rates) if known else None
    n = int((over > 0).sum())
    return _InLog(
        OptionKind.LONG_PROMPTS,
        n,
        len(calls),
        None if usd is None else certain(usd),
        (
            Message.of(OptionStep.LONG_PROMPTS, calls=n, of=len(calls), tokens=float(over.sum()), few=FEW_PROMPTS),
            Message.of(OptionStep.PROMPT_COST, usd=usd),
            Message.of(OptionStep.INSTRUCTIONS, usd=caching.kept_usd * caching.scale)
            if caching.usd
            else Message.of(OptionStep.INSTRUCTIONS_UNKNOWN),
        ),
        (Message.of(OptionStep.NO_PRICE) if known else Message.of(OptionStep.FEW_PROMPTS, few=FEW_PROMPTS),),
    )


def _sibling(log: LoggedCalls, confidence: float) -> _InLog:
    saved, concerned, told = price_siblings(log.calls, confidence)
    return _InLog(
        OptionKind.SIBLING,
        concerned,
        len(log.calls),
        saved if concerned else None,
        (
            Message.of(OptionStep.SIBLING_COST),
            Message.of(OptionStep.SIBLING_RANGE, confidence=confidence)
            if saved.low < saved.high
            else Message.of(OptionStep.SIBLING_NO_RANGE, few=LEAST_PAIRS),
            *told,
        ),
        (Message.of(OptionStep.NONE_CHEAPER),),
    )


def _total(usd: Array, rates: Array) -> float | None:
    """Dollars of all answers whose model has a price; None where none has."""
    return float(np.nansum(usd)) if (~np.isnan(rates)).any() else None

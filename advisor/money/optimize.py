"""Staying with today's models and paying less: each option measured on the log, in dollars a month.

The options overlap (a call that a response cache spares needs no batch), so they must not be added up. What the log or
the price list does not say is None with the reason, never a number.
"""

from dataclasses import dataclass

import numpy as np

from advisor.analysis.money.spend import LEAST_PAIRS
from advisor.analysis.money.stay import over_quantile, repeats
from advisor.analysis.money.traffic import BURST_CALLS, SERIES_CALLS, in_bursts, in_series
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
    why_unknown,
)
from advisor.money.profile import BATCH_FORMATS
from advisor.money.prompt_caching import Caching, measure_caching
from advisor.store import Store
from advisor.types import INPUT_TOKENS, Message, Money, OptionKind, OptionStep, Study

DAY_S = 86_400.0
LONG, FEW_PROMPTS = 0.9, 10
"""A prompt is long beyond this quantile of its use case, which so many prompts at least can have."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One way to pay less without moving."""

    kind: OptionKind
    monthly: Money | None
    """Dollars a month; None: not known."""
    is_saving: bool
    """False: an upper bound; whether answers stay good enough is not measured."""
    calls: int
    """That it concerns, in the log ..."""
    of: int
    """... of so many that were looked at."""
    how: tuple[Message, ...]
    """How it was computed, one step after the other."""
    unknown: tuple[Message, ...]
    """Why the dollars are not known; empty where they are."""


def stay_options(store: Store, study: Study, log: LoggedCalls | None = None) -> tuple[Option, ...]:
    """Every option, those that save the most first, information last. Reads the texts of some prompts: cache it.

    ``log`` are the calls of the study, if they are at hand.
    """
    log = log or read_calls(store, study)
    caching = measure_caching(store, not_free(log.calls), log.given)
    options = [
        _caching(caching, log),
        _same_answers(log),
        _near_answers(log),
        _batch(log),
        _sibling(log, study.confidence),
        _long_answers(log),
        _long_prompts(caching, log),
    ]
    return tuple(
        sorted(options, key=lambda o: (not o.is_saving, o.monthly is None, -(o.monthly.high if o.monthly else 0)))
    )


def _caching(found: Caching, log: LoggedCalls) -> Option:
    usd = found.usd and found.usd.times(found.scale)
    lacks = found.unknown if found.read else (Message.of(OptionStep.NO_PROMPTS),)
    return Option(
        kind=OptionKind.PROMPT_CACHING,
        monthly=log.monthly(usd.low, usd.high) if usd else None,
        is_saving=True,
        calls=found.sharing,
        of=found.read,
        how=(
            Message.of(OptionStep.PROMPTS_READ, read=found.read, of=found.of),
            Message.of(OptionStep.SHARED, calls=found.sharing, tokens=found.shared_tokens, cached=found.cached_tokens),
            Message.of(OptionStep.CACHE_SAVING),
            *found.rules,
            *found.unknown,
            *log.part(),
            log.times(),
        ),
        unknown=why_unknown(True, log) if usd else lacks,
    )


def _same_answers(log: LoggedCalls) -> Option:
    calls = log.calls[log.calls["error"].isna() & log.calls["not_replayable"].isna()]
    keys = calls.groupby(["model", "request_digest"], dropna=False).ngroup().to_numpy()
    at = seconds_of(calls)
    cost = calls["cost_usd"].to_numpy(dtype=float)
    ever, soon = repeats(keys, at), repeats(keys, at, DAY_S)
    high, low = float(np.nansum(cost[ever])), float(np.nansum(cost[soon]))
    untold = int(np.isnan(cost[ever]).sum())
    priced = untold < ever.sum() or bool((~np.isnan(cost)).any() and not ever.any())
    return Option(
        kind=OptionKind.RESPONSE_CACHE,
        monthly=log.monthly(low, high) if priced else None,
        is_saving=True,
        calls=int(ever.sum()),
        of=len(calls),
        how=(
            Message.of(OptionStep.REPEATS, calls=int(ever.sum()), of=len(calls), in_a_day=int(soon.sum())),
            Message.of(OptionStep.REPEATS_COST, high=high, low=low),
            *([Message.of(OptionStep.REPEATS_WITHOUT_COST, calls=untold)] if untold else []),
            Message.of(OptionStep.SOME_FRESH),
            *log.part(),
            log.times(),
        ),
        unknown=why_unknown(priced, log),
    )


def _near_answers(log: LoggedCalls) -> Option:
    cost = log.calls["cost_usd"][log.calls["error"].isna() & log.calls["not_replayable"].isna()]
    average = float(cost.sum() / len(cost)) if cost.notna().any() else None
    return Option(
        kind=OptionKind.NEAR_RESPONSE_CACHE,
        monthly=log.monthly(0.0, log.near * average) if average is not None else None,
        is_saving=True,
        calls=log.near,
        of=log.replayable,
        how=(
            Message.of(OptionStep.NEAR_REPEATS, calls=log.near, of=log.replayable),
            Message.of(OptionStep.NEAR_COST, average=average),
            *log.part(),
            log.times(),
        ),
        unknown=why_unknown(average is not None, log),
    )


def _batch(log: LoggedCalls) -> Option:
    calls = log.calls
    batches = [format in BATCH_FORMATS for format in log.formats]
    if any(batches):
        why = (Message.of(OptionStep.ALL_BATCHED if all(batches) else OptionStep.SOME_BATCHED),)
        return Option(kind=OptionKind.BATCH, monthly=None, is_saving=True, calls=0, of=len(calls), how=(), unknown=why)
    at, latency = times_of(calls), calls["latency_s"].to_numpy(dtype=float)
    group, session = codes(calls["use_case"]), codes(calls["session"])
    bulk = in_bursts(at, group) | in_series(at, latency, group, session)
    tiered = bulk & is_tier_priced(calls)
    bulk = bulk & ~tiered
    n = int(bulk.sum())
    models = calls["model"].to_numpy(dtype=object)
    shares = {name: batch_discount(name) for name in {model for model in models[bulk] if isinstance(model, str)}}
    cost = calls["cost_usd"].to_numpy(dtype=float)
    off = np.array([shares.get(model) or np.nan for model in models[bulk]], dtype=float)
    saved = float(np.nansum(cost[bulk] * off))
    known = not bulk.any() or bool((~np.isnan(cost[bulk] * off)).any())
    priced = bool(calls["cost_usd"].notna().any()) and known
    return Option(
        kind=OptionKind.BATCH,
        monthly=log.monthly(saved, saved) if priced else None,
        is_saving=True,
        calls=n,
        of=len(calls),
        how=(
            Message.of(OptionStep.BULK, calls=n, of=len(calls), burst=BURST_CALLS, series=SERIES_CALLS),
            Message.of(OptionStep.STEADY_PACE),
            Message.of(OptionStep.BULK_COST, usd=saved),
            *([Message.of(OptionStep.OTHER_TIERS, calls=int(tiered.sum()))] if tiered.any() else []),
            *(
                Message.of(OptionStep.DISCOUNT, model=model, share=share)
                for model, share in sorted(shares.items())
                if share
            ),
            *(Message.of(OptionStep.NO_DISCOUNT, model=model) for model, share in sorted(shares.items()) if not share),
            log.times(),
        ),
        unknown=why_unknown(priced, log) if known else (Message.of(OptionStep.NO_BATCH_PRICE),),
    )


def _long_answers(log: LoggedCalls) -> Option:
    calls, rates = priced_answers(log)
    over = over_quantile(calls["output_tokens"].to_numpy(dtype=float), codes(calls["use_case"]), 0.5)
    price = rates[:, -1]
    usd = float(np.nansum(over * price))
    priced = bool((~np.isnan(price)).any())
    n = int((over > 0).sum())
    return Option(
        kind=OptionKind.LONG_ANSWERS,
        monthly=log.monthly(usd, usd) if priced else None,
        is_saving=False,
        calls=n,
        of=len(calls),
        how=(
            Message.of(OptionStep.LONG_ANSWERS, calls=n, of=len(calls), tokens=float(over.sum())),
            Message.of(OptionStep.OUTPUT_COST, usd=usd if priced else None),
            log.times(),
        ),
        unknown=why_unknown(priced, log),
    )


def _long_prompts(caching: Caching, log: LoggedCalls) -> Option:
    calls, rates = priced_answers(log)
    tokens = calls[list(INPUT_TOKENS)].to_numpy(dtype=float)
    prompts = tokens.sum(axis=1)
    over = over_quantile(prompts, codes(calls["use_case"]), LONG, FEW_PROMPTS)
    price = (tokens * rates[:, :-1]).sum(axis=1) / np.maximum(prompts, 1.0)
    usd = float(np.nansum(over * price))
    known = bool(calls["use_case"].value_counts().ge(FEW_PROMPTS).any())
    priced = bool((~np.isnan(price)).any())
    n = int((over > 0).sum())
    return Option(
        kind=OptionKind.LONG_PROMPTS,
        monthly=log.monthly(usd, usd) if priced and known else None,
        is_saving=False,
        calls=n,
        of=len(calls),
        how=(
            Message.of(OptionStep.LONG_PROMPTS, calls=n, of=len(calls), tokens=float(over.sum()), few=FEW_PROMPTS),
            Message.of(OptionStep.PROMPT_COST, usd=usd if priced and known else None),
            Message.of(OptionStep.INSTRUCTIONS, usd=caching.kept_usd * caching.scale)
            if caching.usd
            else Message.of(OptionStep.INSTRUCTIONS_UNKNOWN),
            log.times(),
        ),
        unknown=why_unknown(priced, log) if known else (Message.of(OptionStep.FEW_PROMPTS, few=FEW_PROMPTS),),
    )


def _sibling(log: LoggedCalls, confidence: float) -> Option:
    saved, concerned, told = price_siblings(log.calls, confidence)
    return Option(
        kind=OptionKind.SIBLING,
        monthly=log.monthly(saved.low, saved.high, saved.point) if concerned else None,
        is_saving=False,
        calls=concerned,
        of=len(log.calls),
        how=(
            Message.of(OptionStep.SIBLING_COST),
            Message.of(OptionStep.SIBLING_RANGE, confidence=confidence)
            if saved.low < saved.high
            else Message.of(OptionStep.SIBLING_NO_RANGE, few=LEAST_PAIRS),
            *told,
            log.times(),
        ),
        unknown=why_unknown(True, log) if concerned else (Message.of(OptionStep.NONE_CHEAPER),),
    )

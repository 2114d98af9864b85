"""Staying with today's models and paying less: each option measured on the log, in dollars a month.

The options overlap (a call that an answer cache spares needs no batch), so that they must not be added up. What the log
or the price list does not tell is None with the reason, never a number.
"""

from dataclasses import dataclass

import numpy as np

from advisor.analysis.spend import LEAST_PAIRS
from advisor.analysis.stay import over_quantile, repeats
from advisor.analysis.traffic import BURST_CALLS, SERIES_CALLS, in_bursts, in_series
from advisor.catalog.terms import is_tier_price
from advisor.store import Store
from advisor.study.closed_models import LIST, batch_discount, price_siblings
from advisor.study.logged_calls import (
    INPUT,
    LoggedCalls,
    codes,
    not_free,
    priced_answers,
    read_calls,
    seconds_of,
    times_of,
    why_unknown,
)
from advisor.study.profile import BATCH_FORMATS
from advisor.study.prompt_caching import Caching, measure_caching
from advisor.types import Money, Study

DAY_S = 86_400.0
LONG, FEW_PROMPTS = 0.9, 10
"""A prompt is long beyond this quantile of its use case, which so many prompts at least can have."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One way to pay less without moving."""

    name: str
    what: str
    """What would have to be done, in one sentence."""
    monthly: Money | None
    """Dollars a month; None: not known."""
    is_saving: bool
    """False: what it comes to; nobody has measured that answers stay good enough without it."""
    calls: int
    """That it concerns, in the log ..."""
    of: int
    """... of so many that were looked at."""
    how: tuple[str, ...]
    """How it was computed, one step after the other."""
    unknown: str = ""
    """Why the dollars are not known."""


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
    scale = found.scale
    usd = found.usd and Money(low=found.usd.low * scale, point=found.usd.point * scale, high=found.usd.high * scale)
    lacks = "no call has a time, a model and a number of tokens" if not found.read else "; ".join(found.unknown)
    return Option(
        name="Prompt caching",
        what="Let the provider keep the beginnings that prompts share: what is the same first, what varies last.",
        monthly=log.monthly(usd.low, usd.high) if usd else None,
        is_saving=True,
        calls=found.sharing,
        of=found.read,
        how=(
            f"Read were the texts of {found.read:,} of {found.of:,} calls with a time and a number of tokens, in "
            "unbroken stretches.",
            f"{found.sharing:,} of them begin as an earlier call of the same model does, long enough and soon enough "
            f"for the provider's rules: {found.shared_tokens:,} tokens in all. The log says that "
            f"{found.cached_tokens:,} tokens of the prompts read came from a cache already; they count once.",
            "Saved: these tokens × (price of input − price from the cache), less the surcharge for writing to it. High "
            "end: only what is read again is written. Low end: every prompt is written whole; where the provider "
            "caches by itself, that the bill has it in already.",
            *found.rules,
            *found.unknown,
            *log.part(),
            log.times(),
        ),
        unknown="" if usd and log.a_month else (lacks if not usd else log.times()),
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
        name="An answer cache, same question",
        what="Keep answers and give them again when the same model gets the same request.",
        monthly=log.monthly(low, high) if priced else None,
        is_saving=True,
        calls=int(ever.sum()),
        of=len(calls),
        how=(
            f"{int(ever.sum()):,} of {len(calls):,} calls send the same model the same request as an earlier one; "
            f"{int(soon.sum()):,} within a day of it.",
            f"They cost ${high:,.4g} in the log, those within a day ${low:,.4g}: the range is from one to the other.",
            *([f"Of {untold:,} of them nobody knows the cost: they are not in it."] if untold else []),
            "Some repeats want a new answer: look before you cache.",
            *log.part(),
            log.times(),
        ),
        unknown=why_unknown(priced, log),
    )


def _near_answers(log: LoggedCalls) -> Option:
    cost = log.calls["cost_usd"][log.calls["error"].isna() & log.calls["not_replayable"].isna()]
    average = float(cost.sum() / len(cost)) if cost.notna().any() else None
    return Option(
        name="An answer cache, nearly the same question",
        what="Give a kept answer also where only case, digits, spaces or punctuation differ.",
        monthly=log.monthly(0.0, log.near * average) if average is not None else None,
        is_saving=True,
        calls=log.near,
        of=log.replayable,
        how=(
            f"{log.near:,} further calls of {log.replayable:,} that were answered differ from an earlier one in case, "
            "digits, spaces and punctuation only.",
            "High end: all of them, at the average cost of an answer"
            + (f", ${average:,.4g} (what nobody knows the cost of counts as nothing)." if average is not None else ".")
            + " Low end: none, since where digits matter (amounts, dates) the right answers differ.",
            *log.part(),
            log.times(),
        ),
        unknown=why_unknown(average is not None, log),
    )


def _batch(log: LoggedCalls) -> Option:
    calls = log.calls
    name, what = "Batch prices", "Send what nobody waits for through the provider's batch interface (within a day)."
    batches = [format in BATCH_FORMATS for format in log.formats]
    if any(batches):
        why = (
            "All calls were made in batches already." if all(batches) else "The log mixes batch files with other calls."
        )
        return Option(
            name=name, what=what, monthly=None, is_saving=True, calls=0, of=len(calls), how=(why,), unknown=why
        )
    at, latency = times_of(calls), calls["latency_s"].to_numpy(dtype=float)
    group, session = codes(calls["use_case"]), codes(calls["session"])
    bulk = in_bursts(at, group) | in_series(at, latency, group, session)
    of_a_tier = {source: is_tier_price(source) for source in calls["price_source"].unique()}
    tiered = bulk & calls["price_source"].map(of_a_tier).to_numpy(dtype=bool)
    bulk = bulk & ~tiered
    models = calls["model"].to_numpy(dtype=object)
    shares = {name: batch_discount(name) for name in {model for model in models[bulk] if isinstance(model, str)}}
    cost = calls["cost_usd"].to_numpy(dtype=float)
    off = np.array([shares.get(model) or np.nan for model in models[bulk]], dtype=float)
    saved = float(np.nansum(cost[bulk] * off))
    known = not bulk.any() or bool((~np.isnan(cost[bulk] * off)).any())
    priced = bool(calls["cost_usd"].notna().any()) and known
    listed = [f"{model}: {share:.0%} off ({LIST})" for model, share in sorted(shares.items()) if share]
    missing = [f"{model}: no batch price in {LIST}" for model, share in sorted(shares.items()) if not share]
    left_out = [f"{tiered.sum():,} more have the price of a batch or another tier already."] if tiered.any() else []
    return Option(
        name=name,
        what=what,
        monthly=log.monthly(saved, saved) if priced else None,
        is_saving=True,
        calls=int(bulk.sum()),
        of=len(calls),
        how=(
            f"{int(bulk.sum()):,} of {len(calls):,} calls come in bursts ({BURST_CALLS} or more of one use case in a "
            f"minute, ten times a quiet minute) or in series ({SERIES_CALLS} or more, each right after the last one).",
            "Programs that call at a steady pace look like people, so that there may be more.",
            f"What these calls cost in the log × the discount: ${saved:,.4g}.",
            *left_out,
            *listed,
            *missing,
            log.times(),
        ),
        unknown=why_unknown(priced, log) if known else "no batch price is known for the models of these calls",
    )


def _long_answers(log: LoggedCalls) -> Option:
    calls, rates = priced_answers(log)
    over = over_quantile(calls["output_tokens"].to_numpy(dtype=float), codes(calls["use_case"]), 0.5)
    price = rates[:, -1]
    usd = float(np.nansum(over * price))
    priced = bool((~np.isnan(price)).any())
    return Option(
        name="Long answers",
        what="What answers cost beyond the median length of their use case; some questions need a long one.",
        monthly=log.monthly(usd, usd) if priced else None,
        is_saving=False,
        calls=int((over > 0).sum()),
        of=len(calls),
        how=(
            f"{int((over > 0).sum()):,} of {len(calls):,} answers are longer than the median of their use case, by "
            f"{over.sum():,.0f} tokens in all.",
            f"At today's price of output (the list's, or the one given for this study): {_in_log(usd, priced)}.",
            log.times(),
        ),
        unknown=why_unknown(priced, log),
    )


def _long_prompts(caching: Caching, log: LoggedCalls) -> Option:
    calls, rates = priced_answers(log)
    tokens = calls[list(INPUT)].to_numpy(dtype=float)
    prompts = tokens.sum(axis=1)
    over = over_quantile(prompts, codes(calls["use_case"]), LONG, FEW_PROMPTS)
    price = (tokens * rates[:, :-1]).sum(axis=1) / np.maximum(prompts, 1.0)
    usd = float(np.nansum(over * price))
    known = bool(calls["use_case"].value_counts().ge(FEW_PROMPTS).any())
    priced = bool((~np.isnan(price)).any())
    repeated = (
        f"Instructions that calls repeat are not in it. Where prompts begin alike, as by the rules of prompt caching, "
        f"these beginnings would still cost ${caching.kept_usd * caching.scale:,.4g} in the log if all of them came "
        "from the cache: shorter ones save a part of that."
        if caching.usd
        else "What instructions cost that calls repeat is not known: no rule or price of a cache is."
    )
    return Option(
        name="Long prompts",
        what="What the longest tenth of the prompts of a use case costs beyond the length that nine of ten keep to. It "
        "is an upper bound: what cutting them does to quality has to be tried.",
        monthly=log.monthly(usd, usd) if priced and known else None,
        is_saving=False,
        calls=int((over > 0).sum()),
        of=len(calls),
        how=(
            f"{int((over > 0).sum()):,} of {len(calls):,} prompts are longer than nine of ten of their use case, by "
            f"{over.sum():,.0f} tokens in all. Use cases with fewer than {FEW_PROMPTS} prompts are left out.",
            "Each such token costs what the prompt's tokens do on average, those from a cache at its price; at today's "
            f"prices (the list's, or those given for this study): {_in_log(usd, priced and known)}.",
            repeated,
            log.times(),
        ),
        unknown=why_unknown(priced, log) if known else f"no use case has {FEW_PROMPTS} prompts with tokens and a model",
    )


def _sibling(log: LoggedCalls, confidence: float) -> Option:
    saved, concerned, told = price_siblings(log.calls, confidence)
    is_range = saved.low < saved.high
    return Option(
        name="A cheaper model of the same family",
        what="Add it as a candidate: whether it is good enough, and how many tokens it takes, is not measured here.",
        monthly=log.monthly(saved.low, saved.high, saved.point) if concerned else None,
        is_saving=False,
        calls=concerned,
        of=len(log.calls),
        how=(
            "Each answer's cost × the sibling's list price of today ÷ its model's, both with the tokens that the log "
            "says. Assumed is that the sibling counts as many tokens and writes as long an answer: how many it takes "
            "is not known before a replay.",
            f"The range is that of the log's calls ({confidence:.0%} sure, by resampling them): other tokens are not "
            "in it."
            if is_range
            else f"No range: fewer than {LEAST_PAIRS} calls, or calls that are all alike.",
            *told,
            log.times(),
        ),
        unknown=why_unknown(True, log) if concerned else "the price list knows no cheaper sibling",
    )


def _in_log(usd: float, known: bool) -> str:
    return f"${usd:,.4g} in the log" if known else "not known"

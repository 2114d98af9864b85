"""The bill, prices, and ways to pay less without moving."""

from datetime import date, datetime
from typing import Any

from advisor.text.messages import Words, worded
from advisor.text.numbers import aged, count, day, listing, price, projected, to_the_cent
from advisor.text.results import NO_TIMES
from advisor.types import (
    BillGap,
    CacheRuleSource,
    Message,
    OptionKind,
    OptionStep,
    PartKind,
    PriceOrigin,
    PriceSource,
    Role,
)

PARTS = {
    PartKind.FIRST: "first answers",
    PartKind.REPEATS: "repeats",
    PartKind.FAILED: "failed calls",
    PartKind.REUSED: "answers from earlier runs",
}
_GAPS: Words = {
    BillGap.NO_TIMES: NO_TIMES,
    BillGap.ONE_MOMENT: "all logged calls have the same time",
    BillGap.NO_PRICE: "no answer has a price",
    BillGap.USE_CASES_MISSING: lambda use_cases: f"cost of {listing(use_cases)}, not in this line",
}


def use_case(name: str) -> str:
    """A use case's name; all of them where there is none."""
    return name or "All use cases"


def bill_gap(gap: Message | None) -> str:
    """Why the dollars are not known; empty where they are."""
    return worded(_GAPS, gap) if gap else ""


_LISTS = {
    PriceOrigin.LOG: "as logged",
    PriceOrigin.CONTRACT: "contract price",
    PriceOrigin.GENAI_PRICES: "genai-prices {version}",
    PriceOrigin.LITELLM: "litellm price list {version}",
    PriceOrigin.OVERRIDE: "our own price list, checked {version} ({note})",
    PriceOrigin.BUILTIN: "runs on this machine",
    PriceOrigin.MODEL_PRICES: "model-prices {version}",
    PriceOrigin.OTHER: "{note}",
}


def price_source(source: PriceSource) -> str:
    """The list with its version, then what is special about the price."""
    special = (
        source.tier,
        source.geography,
        "current price" if source.origin is PriceOrigin.LITELLM else None,
        "1-hour cache" if source.cache_1h else None,
        "text tokens only" if source.text_only else None,
    )
    return ", ".join([price_list(source), *filter(None, special)])


def price_list(source: PriceSource) -> str:
    """The list with its version."""
    if source.origin is PriceOrigin.CONTRACT and source.note:
        return f"price of {source.note}"
    return _LISTS[source.origin].format(version=source.version, note=source.note)


def applied_prices(source: PriceSource) -> str:
    """Which list the calls of a run are priced by."""
    return f"{price_list(source)}, applied at the date of each call"


def fetched_prices(as_of: datetime, days: int) -> str:
    """The age of a list that was fetched."""
    return f"prices of {aged(as_of, days)}"


def installed_prices(as_of: datetime | None, days: int | None, unused: str | None) -> str:
    """The age of a list that came with the program; ``unused``: the package whose fetched list is not used."""
    age = f"latest price of {aged(as_of, days)}" if as_of and days is not None else "undated"
    note = f"installed with the app, {age}"
    return f"{note}; the list fetched for {unused} needs another version of it: refresh again" if unused else note


_LIST = "litellm price list"
_OPENAI = "OpenAI's prompt caching guide, read 5 Mar 2026"
_CLAUDE = "Anthropic's table of minimum lengths as docs.orq.ai repeats it, read 26 Nov 2026"
_SOURCES = {
    CacheRuleSource.OPENAI: _OPENAI,
    CacheRuleSource.CLAUDE: _CLAUDE,
    CacheRuleSource.CLAUDE_LARGEST: f"{_CLAUDE}; this model isn't listed, so its largest length counts",
}
OPTIONS = {
    OptionKind.PROMPT_CACHING: (
        "Prompt caching",
        "Put what repeats first and what varies last, so the provider can cache the start of each prompt.",
    ),
    OptionKind.RESPONSE_CACHE: (
        "Response cache, exact match",
        "Cache answers and reuse them when the same model gets the same request.",
    ),
    OptionKind.NEAR_RESPONSE_CACHE: (
        "Response cache, near match",
        "Also reuse a cached answer when only case, digits, spaces or punctuation differ.",
    ),
    OptionKind.BATCH: (
        "Batch API",
        "Send non-interactive calls through the provider's batch API (answers within a day).",
    ),
    OptionKind.SIBLING: (
        "Cheaper model of the same provider",
        "Add it as a candidate: its quality and token use aren't measured here.",
    ),
    OptionKind.LONG_ANSWERS: (
        "Long answers",
        "What answers cost beyond the median length of their use case. Some questions need a long one.",
    ),
    OptionKind.LONG_PROMPTS: (
        "Long prompts",
        "What the longest 10% of prompts in a use case cost beyond the 90th percentile. It's an upper bound: "
        "test what shorter prompts do to quality.",
    ),
}
"""(name, what to do) of every option."""


def option_step(step: Message) -> str:
    """One step of how an option was computed, or why its dollars are not known."""
    return worded(_STEPS, step)


def used_as(role: Role | None, name: str) -> str:
    """What a model that is switched off is to the study."""
    return f"{role.value}: {name}" if role else "in the log"


def end_words(on: date | None, today: date) -> str:
    """When a model is switched off."""
    if on is None:
        return "unknown"
    days = (on - today).days
    return f"{day(on)}, {count(-days, 'day')} ago" if days < 0 else f"{day(on)}, in {count(days, 'day')}"


def switch_off_source(provider: str | None) -> str:
    """Who says when a model is switched off."""
    return f"{_LIST}, from {provider}" if provider else f"unknown: no date in the {_LIST}"


def _price_source(code: str) -> str:
    return price_source(PriceSource.of(code))


def _in_log(usd: float | None) -> str:
    return "unknown" if usd is None else f"{to_the_cent(usd)} in the log"


def _rule(**v: Any) -> str:
    asked = "automatic" if v["automatic"] else "on request"
    return (
        f"{v['model']}: caches {v['tokens']:,} tokens or more for {v['minutes']:g} minutes, {asked} "
        f"({_SOURCES[CacheRuleSource(v['rule'])]}). Per million tokens: input {price(v['input'])}, "
        f"cache read {price(v['read'])}, cache write {price(v['write'])} ({_price_source(v['source'])})."
    )


def _near_cost(average: float | None) -> str:
    each = "" if average is None else f", {to_the_cent(average)} (unknown costs count as $0)"
    return (
        f"High end: all of them at the average cost of an answer{each}. "
        "Low end: none, because different amounts or dates need different answers."
    )


_STEPS: Words = {
    OptionStep.PART_OF_TRAFFIC: (
        "The log covers part of the traffic. Overlap with the rest isn't visible, so the real figure is higher."
    ),
    OptionStep.A_MONTH: lambda calls: (
        f"Each logged call stands for {projected(calls) if calls >= 100 else f'{calls:.3g}'} a month."
    ),
    OptionStep.NO_MONTH: "The log has no times, so monthly figures are unknown.",
    OptionStep.NO_TIMES: "the log has no times",
    OptionStep.NO_PRICE: "none of these calls has a price",
    OptionStep.PROMPTS_READ: "Read {read:,} of the {of:,} prompts with a time and token counts, in unbroken stretches.",
    OptionStep.SHARED: (
        "{calls:,} of them start like an earlier prompt to the same model, within the provider's cache rules: "
        "{tokens:,} tokens. The log shows {cached:,} tokens already read from the cache; they count once."
    ),
    OptionStep.CACHE_SAVING: (
        "Saved: these tokens × (input price − cache read price), less the cache write surcharge. High end: only "
        "reused tokens are written. Low end: whole prompts are written. Where caching is automatic, the low end "
        "is $0: the bill may already include it."
    ),
    OptionStep.CACHE_RULE: _rule,
    OptionStep.NO_CACHE_RULE: "{model}: cache rules unknown",
    OptionStep.NO_MODEL_PRICE: "{model}: no price",
    OptionStep.NO_CACHE_PRICE: lambda model, source: (
        f"{model}: no lower price for cached input ({_price_source(source)})"
    ),
    OptionStep.NO_PROMPTS: "no call has a time, a model and token counts",
    OptionStep.REPEATS: (
        "{calls:,} of {of:,} calls repeat an earlier request to the same model, {in_a_day:,} of them within a day."
    ),
    OptionStep.REPEATS_COST: lambda high, low: (
        f"High end: all of them, {to_the_cent(high)} in the log. Low end: those within a day, {to_the_cent(low)}."
    ),
    OptionStep.REPEATS_WITHOUT_COST: "{calls:,} of them have no known cost and aren't counted.",
    OptionStep.SOME_FRESH: "Some repeats need a fresh answer, so check before you cache.",
    OptionStep.NEAR_REPEATS: (
        "{calls:,} more of {of:,} answered calls differ from an earlier one only in case, digits, spaces or "
        "punctuation."
    ),
    OptionStep.NEAR_COST: _near_cost,
    OptionStep.ALL_BATCHED: "all calls already use a batch API",
    OptionStep.SOME_BATCHED: "the log mixes batch files with other calls",
    OptionStep.BULK: (
        "{calls:,} of {of:,} calls come in bursts ({burst} or more a minute in one use case, ten times a quiet "
        "minute) or in series ({series} or more, back to back)."
    ),
    OptionStep.STEADY_PACE: "There may be more: programs that call at a steady pace look like people.",
    OptionStep.BULK_COST: lambda usd: f"Their cost in the log × the batch discount: {to_the_cent(usd)}.",
    OptionStep.OTHER_TIERS: "{calls:,} more already have a batch or other tier price.",
    OptionStep.DISCOUNT: f"{{model}}: {{share:.0%}} off ({_LIST}).",
    OptionStep.NO_DISCOUNT: f"{{model}}: no batch price in the {_LIST}.",
    OptionStep.NO_BATCH_PRICE: "no batch price is known for these models",
    OptionStep.LONG_ANSWERS: (
        "{calls:,} of {of:,} answers are longer than the median of their use case, by {tokens:,.0f} tokens in all."
    ),
    OptionStep.OUTPUT_COST: lambda usd: f"At today's output price (contract or list): {_in_log(usd)}.",
    OptionStep.LONG_PROMPTS: (
        "{calls:,} of {of:,} prompts are longer than the 90th percentile of their use case, by {tokens:,.0f} tokens "
        "in all. Use cases with fewer than {few} prompts are left out."
    ),
    OptionStep.PROMPT_COST: lambda usd: (
        "Each of these tokens costs the average of its prompt, cached tokens included. "
        f"At today's prices (contract or list): {_in_log(usd)}."
    ),
    OptionStep.INSTRUCTIONS: lambda usd: (
        f"Not included: shared prompt starts. They would cost {to_the_cent(usd)} in the log even if all came from "
        "the cache. Shorter instructions save part of that."
    ),
    OptionStep.INSTRUCTIONS_UNKNOWN: (
        "Not included: repeated instructions. Their cost is unknown without a cache rule and price."
    ),
    OptionStep.FEW_PROMPTS: "no use case has {few} prompts with tokens and a model",
    OptionStep.SIBLING_COST: (
        "Each answer's cost × the cheaper model's list price ÷ its own model's, both today and for the logged tokens. "
        "A replay shows how many tokens the cheaper model really uses."
    ),
    OptionStep.SIBLING_RANGE: (
        "The range is a {confidence:.0%} confidence interval over the logged calls. It doesn't cover different token "
        "counts."
    ),
    OptionStep.SIBLING_NO_RANGE: "No range: fewer than {few} calls, or all calls are alike.",
    OptionStep.SIBLING: lambda model, sibling, usd, sibling_usd, source: (
        f"{model} → {sibling}: {to_the_cent(usd)} in the log, {to_the_cent(sibling_usd)} at its price "
        f"({_price_source(source)})."
    ),
    OptionStep.NO_SIBLING: "{model}: no cheaper model of the same name and generation in the price list.",
    OptionStep.SIBLING_LEFT_OUT: (
        "{calls:,} of {of:,} calls are left out: failed, free (cache hits), at another tier, or without model, tokens "
        "or cost."
    ),
    OptionStep.NONE_CHEAPER: "no cheaper model of the same provider in the price list",
}

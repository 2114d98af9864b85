"""What prompt caching could save, measured on the beginnings that the prompts of a log share.

Of a long log some unbroken stretches are read. The first prompts of each find an empty cache, so that a little more is
saved than is told.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from advisor.analysis.money.stay import CacheRule, Prompt, blocks_of, shared_prefixes, stretches
from advisor.catalog.identity import family_of
from advisor.catalog.prices import price_logged
from advisor.catalog.rates import Rates, flat_rates
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.types import CacheRuleSource, Message, Money, OptionStep, Request, Sample, Usage

if TYPE_CHECKING:
    import pandas as pd

MOST_READ = 3000
"""Prompts whose texts are read."""
PIECES = 6
_CLAUDE_LEAST = (
    (r"opus-4-[56]|haiku-4-5", 4096),
    (r"sonnet-4-6|haiku-3|3-haiku|3-5-haiku", 2048),
    (r"sonnet-4(-5)?(-\d{8})?$|opus-4(-1)?(-\d{8})?$|3-7-sonnet", 1024),
)
"""How the name of a model goes -> its least length in tokens."""
_MINUTES_5 = 300.0


@dataclass(frozen=True, kw_only=True)
class Caching:
    """What caching could save in the calls that were read, before anything is taken to the month."""

    read: int
    """Prompts that were read."""
    of: int
    """That could have been."""
    sharing: int
    """Of those read, how many begin as an earlier one within the provider's rules."""
    shared_tokens: int
    cached_tokens: int
    """Of the same prompts, what the log says came from the cache."""
    usd: Money | None
    """None: none of the models has a known rule and price."""
    kept_usd: float
    """What the shared beginnings of these models would still cost if all of them came from the cache."""
    rules: tuple[Message, ...]
    """One for each model."""
    unknown: tuple[Message, ...]
    """Models that are left out, with the reason."""

    @property
    def scale(self) -> float:
        """From the prompts that were read to all."""
        return self.of / self.read if self.read else 0.0


def cache_rule(model: str) -> CacheRule | None:
    """The provider's rule for a model; None: not known here."""
    family = family_of(model)
    if family == "OpenAI":
        return CacheRule(
            least_tokens=1024, step_tokens=128, window_s=_MINUTES_5, automatic=True, source=CacheRuleSource.OPENAI
        )
    if family == "Claude":
        name = model.lower().rpartition("/")[2].replace(".", "-")
        least = next((tokens for pattern, tokens in _CLAUDE_LEAST if re.search(pattern, name)), None)
        return CacheRule(
            least_tokens=least or 4096,
            step_tokens=1,
            window_s=_MINUTES_5,
            automatic=False,
            source=CacheRuleSource.CLAUDE if least else CacheRuleSource.CLAUDE_LARGEST,
        )
    return None


def rates_of(model: str, at: datetime | None) -> Rates | None:
    """What short calls of a logged model cost by the token at ``at`` (aware; None: now); None: it has no price."""
    return flat_rates(lambda usage: price_logged(model, usage, at))


def measure_caching(store: Store, calls: "pd.DataFrame", given: Mapping[str, Rates]) -> Caching:
    """Read prompts of ``calls`` (rows of ``load_sample_facts``) and see what they share.

    ``given`` are prices by the model as the log names it, which come before those of a list.
    """
    fit = calls[calls["at"].notna() & calls["input_tokens"].notna() & calls["model"].notna() & calls["error"].isna()]
    fit = fit.sort_values("at", kind="stable")
    chosen = fit.iloc[stretches(len(fit), MOST_READ, PIECES)]
    prompts = _read(load_samples(store, chosen["id"].tolist()))
    low = high = kept = 0.0
    sharing = shared = known = 0
    rules, unknown = [], []
    for model in sorted(prompts):
        rule = cache_rule(model)
        last = max(prompt.at_s for prompt, _ in prompts[model])
        rates = given.get(model) or rates_of(model, datetime.fromtimestamp(last, UTC))
        if rule is None or rates is None:
            lacks = OptionStep.NO_CACHE_RULE if rule is None else OptionStep.NO_MODEL_PRICE
            unknown.append(Message.of(lacks, model=model))
            continue
        if rates.cache_read >= rates.input:
            unknown.append(Message.of(OptionStep.NO_CACHE_PRICE, model=model, source=rates.source.code))
            continue
        known += 1
        rules.append(_rule_message(model, rule, rates))
        ordered = sorted(prompts[model], key=lambda pair: pair[0].at_s)
        found = shared_prefixes([prompt for prompt, _ in ordered], rule)
        for prefix, (_, usage) in zip(found, ordered, strict=True):
            more = max(prefix.read - usage.cache_read_tokens, 0)
            least, most = (
                max(tokens - usage.cache_write_tokens, 0) for tokens in (prefix.write_least, prefix.write_most)
            )
            sharing += prefix.read > 0
            shared += prefix.read
            kept += prefix.read * rates.cache_read
            won = more * (rates.input - rates.cache_read)
            surcharge = max(rates.cache_write - rates.input, 0.0)
            high += won - least * surcharge
            low += 0.0 if rule.automatic else won - most * surcharge
    return Caching(
        read=sum(map(len, prompts.values())),
        of=len(fit),
        sharing=sharing,
        shared_tokens=shared,
        cached_tokens=sum(usage.cache_read_tokens for read in prompts.values() for _, usage in read),
        usd=Money(low=min(low, high), point=(low + high) / 2, high=max(low, high)) if known else None,
        kept_usd=kept,
        rules=tuple(rules),
        unknown=tuple(unknown),
    )


def _rule_message(model: str, rule: CacheRule, rates: Rates) -> Message:
    """A provider's rule with its prices, dollars per million tokens, and sources."""
    return Message(
        code=OptionStep.CACHE_RULE,
        values={
            "model": model,
            "tokens": rule.least_tokens,
            "minutes": rule.window_s / 60,
            "automatic": rule.automatic,
            "rule": rule.source,
            "input": rates.input * 1e6,
            "read": rates.cache_read * 1e6,
            "write": rates.cache_write * 1e6,
            "source": rates.source.code,
        },
    )


def prompt_text(request: Request) -> str:
    """A request as the cache sees it: tools first, then the messages in their order."""
    tools = request.params.get("tools")
    parts = [orjson.dumps(part).decode() for part in ([tools] if tools else []) + request.messages]
    return "\n".join(parts)


def _read(samples: Iterable[Sample]) -> dict[str, list[tuple[Prompt, Usage]]]:
    """Prompts with what the log says of their tokens, by model. Only marks are kept: texts may be large."""
    prompts: dict[str, list[tuple[Prompt, Usage]]] = defaultdict(list)
    for sample in samples:
        if sample.metered.at is None or sample.metered.usage is None or sample.model is None:
            continue
        text, usage = prompt_text(sample.request), sample.metered.usage
        prompt = Prompt(sample.metered.at.timestamp(), usage.total_input_tokens, len(text), blocks_of(text))
        prompts[sample.model].append((prompt, usage))
    return prompts

"""What the list of models says of closed ones: batch prices, a cheaper model, and the day they are switched off.

Names join exactly: money is never guessed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from advisor.analysis.money.cost import certain, range_of, savings_draws
from advisor.analysis.money.spend import LEAST_PAIRS
from advisor.catalog.hosts import day_of
from advisor.catalog.identity import canonical_name, without_ending
from advisor.catalog.list_copies import copies
from advisor.catalog.listed_models import listed_entry
from advisor.catalog.prices import place_of, price_call, price_logged
from advisor.catalog.rates import costs_of
from advisor.collect.contract_prices import given_costs
from advisor.collect.volume import logged_bill
from advisor.money.logged_calls import calls_a_month, is_tier_priced
from advisor.money.prompt_caching import rates_of
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.log.traffic import TOKENS, load_traffic
from advisor.store.models import list_models
from advisor.types import Message, Model, Money, OptionStep, Role, Study, Usage

if TYPE_CHECKING:
    import pandas as pd

SIBLINGS = (("opus", "sonnet"), ("sonnet", "haiku"), ("pro", "flash"), ("sol", "luna"))
"""How the next cheaper model of a family is called: a part of the name and what stands there instead."""
COST_COLUMNS = ("model", "error", "cost_usd", "price_source", *Usage.__dataclass_fields__)
"""What the price of a sibling is made from."""
SEED = 1
"""Of the resamples: the same log tells the same range."""


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """When a model is switched off."""

    model: str
    role: Role | None
    """None: it stands in the log."""
    name: str
    """That the model is registered by; empty for one of the log."""
    calls: int | None
    """In the log; None for a registered model."""
    on: date | None
    """None: not known."""
    successor: str | None
    provider: str | None
    """That names the date; None: not known."""

    @property
    def successor_id(self) -> str:
        """As it is asked for; empty: not known."""
        return f"{PROVIDERS.get(self.provider or '', '')}/{self.successor}" if self.successor else ""


def deadlines(store: Store, study: Study) -> tuple[Deadline, ...]:
    """When the models of the log and the candidates' hosts end, the nearest first, those without a date last."""
    used = load_traffic(store, study.id).groupby("model")["calls"].sum()
    found = [_deadline(str(name), None, "", int(calls)) for name, calls in used.items()]
    found += [
        _deadline(model.plain_id, model.role, model.name, None)
        for model in list_models(store, study.id)
        if not model.illustrative and not model.api_base and place_of(model) is not None
    ]
    return tuple(sorted(found, key=lambda one: one.on or date.max))


def successor_usd(store: Store, study: Study, ended: Deadline) -> float | None:
    """Dollars a month of the calls of a model with its successor, at list prices of now; None: not known."""
    name, a_month, total = canonical_name(ended.model), calls_a_month(store, study), 0.0
    traffic = load_traffic(store, study.id, given_costs(store, study))
    if a_month is None or ended.successor is None:
        return None
    mine = traffic[traffic["model"].notna() & traffic["calls"].gt(0)]
    for (model, _), calls in mine.groupby(["model", "use_case"]):
        if canonical_name(str(model)) != name:
            continue
        sums = calls.drop(columns=["hour", "use_case", "model"]).sum().to_dict()
        usd, used = logged_bill(sums), int(sums["with_usage"])
        usage = Usage.of({kind: round(sums[kind] / used) for kind in TOKENS}) if used else None
        factor = price_factor(str(model), ended.successor_id, usage) if usage else None
        if usd is None or factor is None:
            return None
        total += usd * factor
    return total * a_month or None


def price_factor(logged: str, model: str, usage: Usage) -> float | None:
    """What a call costs with another model, as a share of what it costs with that of the log; None: not known."""
    now = datetime.now(UTC)
    before, after = price_logged(logged, usage, now), price_call(Model(name=model, litellm_id=model), usage, now)
    return after[0] / before[0] if before and before[0] and after else None


def cheaper_model(model: str) -> str | None:
    """A cheaper model of the same provider, of its family or its successor's.

    The next of the family and generation, the successor that the list names, or the next of that one's: one that
    outlives ``model`` goes before one that is switched off with it, then the cheapest. None: no list has one.
    """
    name, mine = without_ending(model), rates_of(model, None)
    successor = str(_entry(model).get("successor_model"))
    known = {}
    for other in (*_smaller(name), successor, *_smaller(successor)):
        its = rates_of(other, None) if other != name and other in copies().litellm else None
        if mine and its and its.input < mine.input and its.output < mine.output:
            known[other] = its.input + its.output
    today = datetime.now(UTC).date()
    end = max(switch_off(model) or today, today)
    return min(known, key=lambda other: ((switch_off(other) or date.max) <= end, known[other]), default=None)


def _smaller(name: str) -> list[str]:
    """How the next cheaper model of the family may be called."""
    return [*(re.sub(rf"(?<=-){part}(?=-|$)", instead, name) for part, instead in SIBLINGS), f"{name}-mini"]


class Siblings(NamedTuple):
    """What calls of the log would cost less if ``cheaper_model`` of each answered with the same tokens."""

    saved: Money
    """Dollars in the log. Its range is of the calls alone: how much others like them may differ (METHOD 2)."""
    calls: int
    """That were compared."""
    told: tuple[Message, ...]
    """Each step."""


def price_siblings(calls: "pd.DataFrame", confidence: float) -> Siblings:
    """What every call of ``calls``, rows of ``load_sample_facts``, cost, taken down to its cheaper model's price.

    Both models are priced at their lists of now, so that what a contract takes off is taken off the sibling's too.
    Calls that no list prices as they were served are left out: failed ones, answers from a cache, batches, other tiers.
    """
    known = calls[
        calls["error"].isna()
        & (calls["cost_usd"].astype(float) > 0)
        & ~is_tier_priced(calls)
        & calls["output_tokens"].notna()
        & calls["model"].notna()
    ]
    before, after, told = [np.empty(0)], [np.empty(0)], []
    for model, mine in known.groupby("model"):
        sibling = cheaper_model(str(model))
        rates = rates_of(sibling, None) if sibling else None
        if sibling is None or rates is None:
            told.append(Message.of(OptionStep.NO_SIBLING, model=str(model)))
            continue
        listed, its = (costs_of(partial(price_logged, name, at=None), mine) for name in (str(model), sibling))
        there = ~np.isnan(its) & (listed > 0)
        now = mine["cost_usd"].to_numpy(dtype=float)[there]
        then = now * its[there] / listed[there]
        before.append(now)
        after.append(then)
        sums = {"usd": float(now.sum()), "sibling_usd": float(then.sum()), "source": rates.source.code}
        told.append(Message.of(OptionStep.SIBLING, model=str(model), sibling=sibling, **sums))
    if left := len(calls) - len(known):
        told.append(Message.of(OptionStep.SIBLING_LEFT_OUT, calls=left, of=len(calls)))
    paid, sibling_usd = np.concatenate(before), np.concatenate(after)
    saved = certain(float((paid - sibling_usd).sum()))
    if len(paid) >= LEAST_PAIRS:
        saved = range_of(savings_draws(paid, sibling_usd, len(paid), SEED), saved.point, confidence)
    return Siblings(saved, len(paid), tuple(told))


def batch_discount(model: str) -> float | None:
    """The share that a batch saves, the smaller of input's and output's; None: not listed."""
    entry = _entry(model)
    shares = []
    for kind in ("input", "output"):
        full, batch = entry.get(f"{kind}_cost_per_token"), entry.get(f"{kind}_cost_per_token_batches")
        if not full or batch is None:
            return None
        shares.append(1 - batch / full)
    return float(min(shares))


def _deadline(model: str, role: Role | None, name: str, calls: int | None) -> Deadline:
    entry = _entry(model)
    on = switch_off(model)
    return Deadline(
        model=model,
        role=role,
        name=name,
        calls=calls,
        on=on,
        successor=entry.get("successor_model"),
        provider=entry["litellm_provider"] if on else None,
    )


def switch_off(model: str) -> date | None:
    """When a model is switched off; None: no list says."""
    return day_of(_entry(model).get("deprecation_date"))


def _entry(model: str) -> dict[str, Any]:
    """What the list says of a model, by its exact name."""
    name = model.strip()
    return listed_entry(name) or listed_entry(name.lower()) or {}


PROVIDERS = {
    "anthropic": "anthropic",
    "mistral": "mistral",
    "openai": "openai",
    "vertex_ai-language-models": "gemini",
    "xai": "xai",
}
"""Whose model it is, as the list has it -> by whom it is asked."""


def control_of(store: Store, study: Study) -> Model | None:
    """A candidate that shows whether staying with a cheaper closed model would do.

    None where the log names no model with a cheaper one of its provider that still answers. Use cases that are
    ignored don't count.
    """
    today = datetime.now(UTC).date()
    used = load_traffic(store, study.id).groupby("model")["calls"].sum()
    for logged in used.sort_values(ascending=False, kind="stable").index:
        sibling = cheaper_model(str(logged))
        provider = PROVIDERS.get(str(copies().litellm[sibling].get("litellm_provider"))) if sibling else None
        if sibling and provider and (switch_off(sibling) or today) >= today:
            return Model(name=sibling, litellm_id=f"{provider}/{sibling}")
    return None


class LiveBaseline(NamedTuple):
    """Today's model, to be asked again."""

    model: Model
    usd: float | None
    """About what it costs to ask it a run's samples once more: what the log paid for them; None: that is not known."""


def live_baseline(store: Store, study: Study, run_id: int) -> LiveBaseline | None:
    """The model that answered most of a run's samples; None where no list says who serves it."""
    calls = load_sample_facts(store, study.id, ("model", "cost_usd"), run_id=run_id, given=given_costs(store, study))
    used = calls["model"].value_counts()
    entry = listed_entry(str(used.index[0])) if len(used) else None
    provider = PROVIDERS.get(str(entry["litellm_provider"])) if entry else None
    if provider is None:
        return None
    name, costs = str(used.index[0]), calls["cost_usd"].dropna()
    model = Model(name=name, litellm_id=f"{provider}/{name}", role=Role.BASELINE)
    return LiveBaseline(model, float(costs.mean()) * len(calls) if len(costs) else None)


def offered_control(store: Store, study: Study, registered: Sequence[Model]) -> Model | None:
    """The same; None where it is registered already."""
    control = control_of(store, study)
    names = {canonical_name(model.plain_id) for model in registered}
    return None if control and canonical_name(control.plain_id) in names else control


class Alternative(NamedTuple):
    """A cheaper model of the provider that the log uses most."""

    model: Model
    saved: Money
    """Dollars a month that it might save on the calls of the models it would replace."""


def cheaper_alternative(store: Store, study: Study) -> Alternative | None:
    """None: there is none, or the log has no times. Reads what every logged call cost: cache it."""
    control, a_month = control_of(store, study), calls_a_month(store, study)
    if control is None or a_month is None:
        return None
    calls = load_sample_facts(store, study.id, COST_COLUMNS, given=given_costs(store, study))
    name = canonical_name(control.plain_id)
    replaced = [
        model for model in calls["model"].dropna().unique() if canonical_name(cheaper_model(model) or "") == name
    ]
    saved = price_siblings(calls[calls["model"].isin(replaced)], study.confidence).saved
    return Alternative(control, saved.times(a_month))

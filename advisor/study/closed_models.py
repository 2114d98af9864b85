"""What the list of models says of closed ones: batch prices, a cheaper sibling, and the day they are switched off.

Names join exactly: money is never guessed.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from advisor.catalog.identity import without_ending
from advisor.catalog.prices import price_logged
from advisor.catalog.refresh_used import listed_models
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.traffic import load_traffic
from advisor.study.prompt_caching import rates_of
from advisor.types import Study, Usage

if TYPE_CHECKING:
    import pandas as pd

LIST = "litellm's list of models"
SIBLINGS = (("opus", "sonnet"), ("sonnet", "haiku"), ("pro", "flash"), ("sol", "luna"))
"""How the next cheaper model of a family is called: a part of the name and what stands there instead."""
OWN = ("builtin/", "written/", "hosted_vllm/", "ollama/", "ollama_chat/", "lm_studio/")
"""Nobody switches these off."""


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """When a model is switched off."""

    model: str
    used_as: str
    calls: int | None
    """In the log; None for a candidate."""
    on: date | None
    """None: not known."""
    successor: str | None
    source: str


def deadlines(store: Store, study: Study) -> tuple[Deadline, ...]:
    """When the models of the log and the candidates' hosts end, the nearest first, those without a date last."""
    used = load_traffic(store, study.id).groupby("model")["calls"].sum()
    found = [_deadline(str(name), "in the log", int(calls)) for name, calls in used.items()]
    found += [
        _deadline(model.plain_id, f"{model.role.value}: {model.name}", None)
        for model in list_models(store, study.id)
        if not model.illustrative and not model.api_base and not model.plain_id.startswith(OWN)
    ]
    return tuple(sorted(found, key=lambda one: one.on or date.max))


def cheaper_sibling(model: str) -> str | None:
    """The next cheaper model of the same family and generation that the list of models knows; None: it knows none."""
    name = without_ending(model)
    siblings = [re.sub(rf"(?<=-){part}(?=-|$)", instead, name) for part, instead in SIBLINGS]
    for sibling in (*siblings, f"{name}-mini"):
        if sibling != name and sibling in listed_models():
            mine, its = rates_of(model, None), rates_of(sibling, None)
            if mine and its and its.input < mine.input and its.output < mine.output:
                return sibling
    return None


def price_siblings(calls: "pd.DataFrame") -> tuple[float, int, list[str]]:
    """(dollars less in the log, calls concerned, each step in words) if every model's next cheaper sibling answered.

    ``calls`` are rows of ``load_sample_facts``.
    """
    known = calls[calls["output_tokens"].notna() & calls["cost_usd"].notna() & calls["model"].notna()]
    saved, concerned, told = 0.0, 0, []
    for model, mine in known.groupby("model"):
        sibling = cheaper_sibling(str(model))
        average = Usage(**{kind: round(mine[kind].mean()) for kind in Usage.__dataclass_fields__})
        found = price_logged(sibling, average, None) if sibling else None
        if found is None:
            told.append(f"{model}: the price list knows no cheaper one of the same name and generation.")
            continue
        before, after = float(mine["cost_usd"].sum()), found[0] * len(mine)
        saved, concerned = saved + before - after, concerned + len(mine)
        told.append(f"{model} → {sibling}: ${before:,.4g} in the log, ${after:,.4g} at its list price ({found[1]}).")
    return saved, concerned, told


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


def _deadline(model: str, used_as: str, calls: int | None) -> Deadline:
    entry = _entry(model)
    found = re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(entry.get("deprecation_date") or ""))
    return Deadline(
        model=model,
        used_as=used_as,
        calls=calls,
        on=date.fromisoformat(found.group()) if found else None,
        successor=entry.get("successor_model"),
        source=f"{LIST}, as of {entry['litellm_provider']}" if found else f"not known: no date in {LIST}",
    )


def _entry(model: str) -> dict[str, Any]:
    """What the list says of a model, by its exact name; its maker's name before it may be left out."""
    name = model.strip().lower()
    listed = listed_models()
    return listed.get(name) or listed.get(re.sub(r"^(openai|anthropic)/", "", name)) or {}

"""Configuration of a LiteLLM proxy for each step of the roll-out.

A client asks for a use case's alias. Today's models keep a group under their own names: the fallback, and what clients
that haven't changed ask for. The names of settings are those of litellm 1.110.
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from advisor.catalog.listed_models import listed_entry
from advisor.types import Json
from advisor.types.deployment import Deployment, Ramp, Route, Upstream

STEPS = {"shadow.yaml": 0.0, "5.yaml": 0.05, "25.yaml": 0.25, "100.yaml": 1.0}
"""File -> the share of the traffic that the new models serve at that step."""
END, ONLY = "end.yaml", "gateway.yaml"
"""The file after the fallback's end, and the one where nothing moves."""
MASTER_KEY = "LITELLM_MASTER_KEY"
PATIENCE, LEAST_S, UNMEASURED_S = 3, 5, 60
"""An answer that takes so many times the measured p95, and at least so many seconds, counts as failed.

The last: seconds where no p95 was measured.
"""
SLACK = 1.2
"""A budget is so many times the expected bill, as the cost criterion of each step."""
ROUTER = {
    "routing_strategy": "simple-shuffle",  # the one that keeps to weights
    "num_retries": 1,
    "allowed_fails": 3,
    "cooldown_time": 30,
}
"""A failed call is tried once more, then falls back; more than so many failures a minute pause a model, in seconds."""
PAIRS = "pairs.py"


def file_of(share: float) -> str:
    """The file in which the new model has this share of the traffic."""
    return next(name for name, step in STEPS.items() if step == share)


def proxy_files(deployment: Deployment) -> dict[str, str]:
    """A configuration per step, and what logs mirrored calls; one step where nothing moves."""
    steps = STEPS if deployment.moves else {ONLY: 0.0}
    configs = {name: proxy_config(deployment, step) for name, step in steps.items()}
    if deployment.moves:
        configs[END] = end_config(deployment)
    files = {
        name: yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=120) for name, config in configs.items()
    }
    if deployment.moves:
        files[PAIRS] = Path(__file__).with_name(f"{PAIRS}.txt").read_text(encoding="utf-8")
    return files


def proxy_config(deployment: Deployment, step: float) -> dict[str, Any]:
    """What `litellm --config` reads, with the steps up to ``step`` done."""
    models = [entry for route in deployment.routes for entry in _entries(route, step)]
    todays = {route.today.name: route.today for route in deployment.routes}
    models += [_entry(name, name, today) for name, today in todays.items()]
    served = [route for route in deployment.moves if route.ramp and route.ramp.share_at(step)]
    fallbacks = [{route.alias: [route.today.name]} for route in served]
    return {
        "model_list": models,
        "router_settings": {**ROUTER, **({"fallbacks": fallbacks} if fallbacks else {})},
        "litellm_settings": {"drop_params": True, **({"callbacks": "pairs.log"} if deployment.moves else {})},
        "general_settings": {"master_key": f"os.environ/{MASTER_KEY}"},
    }


def end_config(deployment: Deployment) -> dict[str, Any]:
    """The last step without a fallback, and so without what hands calls to it: budgets, timeouts, and mirrors."""
    routes = tuple(
        replace(each, ramp=each.ramp and replace(each.ramp, kept=0.0, usd_a_month=None)) for each in deployment.routes
    )
    config = proxy_config(replace(deployment, routes=routes), 1.0)
    for each in config["model_list"]:
        each["litellm_params"].pop("timeout", None)
    del config["router_settings"]["fallbacks"], config["litellm_settings"]["callbacks"]
    return config


def _entries(route: Route, step: float) -> list[dict[str, Any]]:
    """The deployments of one alias, one more for mirrored calls, and in the shadow the candidate's own group."""
    today = f"{route.alias}-today"
    if route.ramp is None:
        return [_entry(route.alias, today, route.today)]
    share = route.ramp.share_at(step)
    if not share:
        candidate = candidate_of(route)
        percent = _percent(route.ramp.mirrored)
        entries = [_entry(route.alias, f"{today}-mirrored", route.today, weight=percent, silent_model=candidate)]
        if rest := 100 - percent:
            entries.append(_entry(route.alias, today, route.today, weight=rest))
        return [*entries, _candidate(candidate, route, route.ramp, route.ramp.mirrored)]
    kept = route.ramp.kept if share == 1 else 0.0
    entries = []
    if _percent(share - kept):
        entries.append(_candidate(route.alias, route, route.ramp, share - kept, weight=_percent(share - kept)))
    if _percent(kept):
        mirrored = _candidate(
            route.alias, route, route.ramp, kept, weight=_percent(kept), silent_model=route.today.name
        )
        mirrored["model_info"]["id"] += "-mirrored"
        entries.append(mirrored)
    if rest := 100 - _percent(share):
        entries.append(_entry(route.alias, today, route.today, weight=rest))
    return entries


def candidate_of(route: Route) -> str:
    """The id of the new model's deployment, which the proxy puts into each answer's headers."""
    return f"{route.alias}-candidate"


def _candidate(group: str, route: Route, ramp: Ramp, share: float, **more: Json) -> dict[str, Any]:
    """The new model with its timeout, and its budget as far as anything was measured."""
    p95 = ramp.latency_p95_s
    more["timeout"] = UNMEASURED_S if p95 is None else max(math.ceil(PATIENCE * p95), LEAST_S)
    usd = 0.0 if ramp.target.is_own else SLACK * share * (ramp.usd_a_month or 0.0)
    if usd >= 0.01 and (ramp.target.prices.output is not None or listed_entry(ramp.target.litellm_id)):
        more |= {"max_budget": round(usd, 2), "budget_duration": "30d"}
    return _entry(group, candidate_of(route), ramp.target, **more)


def _entry(group: str, id: str, model: Upstream, **more: Json) -> dict[str, Any]:
    params: dict[str, Json] = {"model": model.litellm_id}
    if model.api_base:
        params["api_base"] = model.api_base
    if model.key_env:
        params["api_key"] = f"os.environ/{model.key_env}"
    for name, usd in (("input", model.prices.input), ("output", model.prices.output)):
        if usd is not None:
            params[f"{name}_cost_per_token"] = float(f"{usd / 1e6:.12g}")
    return {"model_name": group, "litellm_params": {**params, **model.params, **more}, "model_info": {"id": id}}


def _percent(share: float) -> int:
    return round(100 * share)

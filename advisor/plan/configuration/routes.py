"""The stored decision as routes: the only place that knows which use case goes to which model."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from advisor.catalog.listed_models import listed_entry
from advisor.catalog.open_models import open_model
from advisor.catalog.prices import price_call
from advisor.llm.hosts import HOSTS, is_own_server
from advisor.llm.keys import HEADERS, SECRET, expected_names
from advisor.text.names import bare_id
from advisor.types import OWN_SERVERS, Json, Message, Model, Move, Report, Role, Usage, UseCaseDecision
from advisor.types.deployment import OWN_KEY, Deployment, Gap, Ramp, Route, Upstream
from advisor.types.scenarios import ASSUMED, CaseInput

OPENROUTER = "openrouter/"
MAKERS = frozenset({"anthropic", "openai"})
"""Makers whose names OpenRouter puts before their models."""


def make_deployment(report: Report, kept: float = ASSUMED[CaseInput.FALLBACK_SHARE]) -> Deployment:
    """The routes of a decision; ``kept``: the share of the calls that keeps today's model warm after the last step."""
    at = report.recommendation.created_at
    routes: list[Route] = []
    gaps: list[Message] = []
    for decision, move in report.moves:
        logged = decision.baseline_facts.model
        replaced = report.plan.replaced.get(decision.name)
        if replaced and replaced.kept:
            replaced = None  # under way: it goes on from today's model, as long as that is there
        follows = replaced.successor if replaced and not replaced.failed else ""
        today = todays(follows or logged, report)
        if today is None:
            gaps.append(Message.of(Gap.NO_PROVIDER, use_case=decision.name, model=logged))
            continue
        if replaced and follows:
            today = replace(today, name=replaced.name)
        elif replaced and move.phases:
            known = {
                "successor": bare_id(replaced.successor),
                "failed": [*replaced.failed],
                "by": replaced.by.isoformat(),
            }
            gaps.append(Message.of(Gap.NO_SUCCESSOR, use_case=decision.name, model=logged, **known))
        target = _target(decision, move, report)
        if isinstance(target, Gap):
            gaps.append(Message.of(target, use_case=decision.name, model=decision.chosen))
        ramp = replace(_ramp(decision, move, target, at), kept=kept) if isinstance(target, Model) else None
        taken = {route.alias for route in routes} | {route.today.name for route in routes} | {today.name}
        alias = alias_of(decision.name, taken)
        routes.append(
            Route(use_case=decision.name, alias=alias, today=upstream(today, at), ramp=ramp, decision=decision)
        )
        gaps += [gap for model in (today, target) if isinstance(model, Model) for gap in _left_out(model)]
    unlike = tuple(gap for place, gap in enumerate(gaps) if gap not in gaps[:place])
    return Deployment(study=report.recommendation.study, routes=tuple(routes), gaps=unlike)


def served_cases(report: Report) -> tuple[str, ...]:
    """The use cases that move to a server of one's own, else those that move; empty: none does."""
    moves = make_deployment(report).moves
    own = [each for each in moves if each.ramp and each.ramp.target.is_own]
    return tuple(each.use_case for each in own or moves)


LONGEST = 40
"""Characters of an alias."""
HANGING = re.compile(r"(-(a|an|and|at|by|for|from|in|of|on|or|our|the|their|to|with|your))+$")
"""Words that a shortened alias doesn't end with."""


def alias_of(name: str, taken: Collection[str] = ()) -> str:
    """A name in lower case, digits and hyphens, as every gateway accepts it, different from those ``taken``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    alias = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(alias) > LONGEST:
        alias = alias[: LONGEST + 1].rpartition("-")[0] or alias[:LONGEST]
        alias = HANGING.sub("", alias) or alias
    alias = alias or "unnamed"
    numbered = (alias if number == 1 else f"{alias}-{number}" for number in range(1, len(taken) + 2))
    return next(each for each in numbered if each not in taken)


def upstream(model: Model, at: datetime) -> Upstream:
    """How a model is reached; ``at``: the time of the prices."""
    keys = expected_names(model)
    return Upstream(
        name=model.name,
        litellm_id=model.plain_id,
        api_base=model.api_base,
        key_env=keys[0] if keys else OWN_KEY if model.api_base else None,
        params={name: _without_secrets(name, value) for name, value in model.params.items()},
        prices=model.prices,
        openrouter=_at_openrouter(model, at),
        is_own=is_own_server(model.plain_id.partition("/")[0], model.api_base),
    )


def _ramp(decision: UseCaseDecision, move: Move, model: Model, at: datetime) -> Ramp:
    target = decision.target
    assert target is not None
    return Ramp(
        target=upstream(model, at),
        shares=tuple(phase.traffic_share for phase in move.phases),
        mirrored=move.phases[0].mirrored,
        latency_p95_s=target.times.latency_p95_s,
        usd_a_month=decision.usd_a_month(target),
        move=move,
    )


def _target(decision: UseCaseDecision, move: Move, report: Report) -> Model | Gap | None:
    """The model to move to, or why no gateway reaches it; None where the use case stays."""
    if decision.target is None or not move.phases:
        return None
    model = next((model for model in report.models if model.name == decision.chosen), None)
    if model and model.illustrative:
        return Gap.ILLUSTRATIVE
    return Gap.NO_HOST if model is None or model.is_local else model


def todays(name: str, report: Report) -> Model | None:
    """The model that the log names: as it is registered, else at the provider that the list of models has for it."""
    registered = (model for model in report.models if model.role is Role.BASELINE and not model.is_local)
    model: Model = next(
        (model for model in registered if name in (model.name, model.plain_id, model.plain_id.rpartition("/")[2])),
        Model(name=name, litellm_id=name, role=Role.BASELINE),
    )
    if model.plain_id.partition("/")[0] in {*HOSTS, *OWN_SERVERS}:
        return model
    provider = str((listed_entry(model.plain_id) or {}).get("litellm_provider", "")).partition("-")[0]
    provider = provider.removesuffix("_converse")
    return replace(model, litellm_id=f"{provider}/{model.plain_id}") if provider in HOSTS else None


def _without_secrets(param: str, value: Json) -> Json:
    if param not in HEADERS or not isinstance(value, dict):
        return value
    return {header: sent for header, sent in value.items() if not SECRET.search(header)}


def _left_out(model: Model) -> Iterator[Message]:
    for param in HEADERS:
        headers = model.params.get(param)
        for header in headers if isinstance(headers, dict) else ():
            if SECRET.search(header):
                yield Message.of(Gap.SECRET_HEADER, model=model.name, header=header)


def _at_openrouter(model: Model, at: datetime) -> str | None:
    """A model's name at OpenRouter, where a list has a price for just this name; a server of one's own isn't there."""
    if model.plain_id.startswith(OPENROUTER):
        return model.plain_id.removeprefix(OPENROUTER)
    maker, _, name = model.plain_id.partition("/")
    if is_own_server(maker, model.api_base):
        return None
    known = open_model(model.plain_id)
    names = (model.plain_id if maker in MAKERS else name, (known and known.hf_repo) or "")
    return next((each.lower() for each in names if "/" in each and _is_sold(each.lower(), at)), None)


def _is_sold(name: str, at: datetime) -> bool:
    return bool(price_call(Model(name=name, litellm_id=OPENROUTER + name), Usage(input_tokens=1), at))

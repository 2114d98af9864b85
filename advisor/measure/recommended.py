"""Open models at a study's own traffic: the host to ask, the cost of a month there, and which models to try first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from advisor.measure.open_models import Edition, Row, Served
from advisor.measure.registration import has_key
from advisor.money.profile import Profile
from advisor.types import Kind, Model, Usage, UseCase
from advisor.types.licences import Fit

LONGEST = 4
"""A call may be this many times longer than the average one of its use case."""
TYPICAL = Usage(input_tokens=3_000_000, output_tokens=1_000_000)
"""Compares prices where nothing is known of the traffic."""
USABLE = (Fit.ALLOWED, Fit.CONDITIONS)


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a log asks of a model; as it stands, nothing."""

    monthly: Usage | None = None
    """Tokens of a month; None: not known."""
    context_tokens: float = 0.0
    tools: bool = False


class Choice(NamedTuple):
    """The host of a model to take: one with a key that is set, else the cheapest."""

    served: Served
    usd: float
    """Dollars of a month, or of ``TYPICAL`` where no traffic is known."""
    has_key: bool


class PickKind(StrEnum):
    """Why a model is recommended."""

    CHEAPEST = "cheapest"
    BALANCED = "balanced"
    """The strongest of the cheaper half."""
    STRONGEST = "strongest"


class Pick(NamedTuple):
    """A recommended model."""

    kind: PickKind
    row: Row
    choice: Choice
    edition: Edition | None
    """The state of a leaderboard that strength was read from; None: size alone."""


def monthly_usage(profile: Profile) -> Usage | None:
    """Tokens of a month of all calls, by kind; None: not known."""
    usage, monthly = profile.tokens.usage, profile.tokens.monthly_tokens
    if usage is None or not monthly:
        return None
    scale = monthly / (usage.total_input_tokens + usage.output_tokens)
    return Usage(**{kind: round(count * scale) for kind, count in vars(usage).items()})


def needs_of(profile: Profile, use_cases: Iterable[UseCase]) -> Needs:
    """What the log of a study asks of a model."""
    longest = max((found.tokens.input_tokens_per_call or 0.0 for found in profile.use_cases), default=0.0)
    return Needs(
        monthly=monthly_usage(profile),
        context_tokens=longest * LONGEST,
        tools=any(case.kind is Kind.TOOL_USE and not case.ignored for case in use_cases),
    )


def choose_hosts(rows: Iterable[Row], needs: Needs) -> dict[str, Choice]:
    """Id of a model -> where to ask it; models without a host that suits and has a price are left out."""
    rows, usage = list(rows), needs.monthly or TYPICAL
    ids = {served.offer.litellm_id for row in rows for served in row.served}
    by_provider = {litellm_id.partition("/")[0]: litellm_id for litellm_id in ids}
    ready = {name: has_key(Model(name=name, litellm_id=litellm_id)) for name, litellm_id in by_provider.items()}
    chosen = {}
    for row in rows:
        choices = [
            Choice(served, served.rates.cost_of(usage), ready[served.offer.litellm_id.partition("/")[0]])
            for served in row.served
            if served.rates is not None and _suits(served, needs)
        ]
        if choices:
            chosen[row.model.id] = min(choices, key=lambda choice: (not choice.has_key, choice.usd))
    return chosen


def recommend_models(rows: Iterable[Row], choices: Mapping[str, Choice], needs: Needs) -> tuple[Pick, ...]:
    """Up to three models that fit: the license allows them, a host sells them, and they can do what the log needs.

    Strength is the standing in the edition that holds most of them, then size: boards and days don't compare.
    """
    able = [row for row in rows if row.model.id in choices and _fits(row, needs)]
    fitting = [row for row in able if row.model.is_core]
    if not fitting:
        return ()
    editions = [one.edition for row in fitting for one in row.standings if one.not_of_this_model is None]
    edition = max(editions, key=lambda one: (editions.count(one), one.as_of), default=None)

    def usd(row: Row) -> float:
        return choices[row.model.id].usd

    def strength(row: Row) -> tuple[float, float]:
        values = (one.value for one in row.standings if one.edition == edition and one.not_of_this_model is None)
        return next(values, 0.0), row.model.size.total_b or 0.0

    middle = median(map(usd, fitting))
    picks = {
        PickKind.CHEAPEST: min(able, key=usd),
        PickKind.STRONGEST: max(fitting, key=strength),
        PickKind.BALANCED: max((row for row in fitting if usd(row) <= middle), key=strength),
    }
    kinds = {row.model.id: kind for kind, row in picks.items()}  # one that is several is named once
    return tuple(
        Pick(kind, picks[kind], choices[picks[kind].model.id], edition) for kind in PickKind if kind in kinds.values()
    )


def _fits(row: Row, needs: Needs) -> bool:
    can = row.model.can
    return (
        row.permission.fit in USABLE
        and (can.context_tokens or 0) >= needs.context_tokens
        and (can.tools is True or not needs.tools)
    )


def _suits(served: Served, needs: Needs) -> bool:
    """Whether a host goes on serving the model, and nothing is known against it."""
    offer = served.offer
    too_short = offer.context_tokens is not None and offer.context_tokens < needs.context_tokens
    return offer.ends_on is None and not too_short and not (needs.tools and offer.tools is False)

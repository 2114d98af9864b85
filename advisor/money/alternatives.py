"""The ways to pay less beside the plan, and what models that nobody tested would take for the same calls."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from advisor.analysis.money.cost import WORTH_USD, certain, summed
from advisor.catalog.identity import canonical_name
from advisor.catalog.open_models import candidates_catalog, open_model
from advisor.catalog.prices import price_call
from advisor.money.closed_models import control_of
from advisor.money.demand import hosted_price
from advisor.money.logged_calls import read_calls
from advisor.money.optimize import Option, stay_options
from advisor.money.projection import project
from advisor.store import Store
from advisor.store.log.traffic import TOKENS
from advisor.types import Evidence, Model, Money, OptionKind, Report, Study, Usage, Verdict
from advisor.types.money import Bridge, Untested, Way

if TYPE_CHECKING:
    import pandas as pd

KINDS = (OptionKind.SIBLING, OptionKind.PROMPT_CACHING, OptionKind.RESPONSE_CACHE, OptionKind.BATCH)
"""In their order. Long prompts and answers are upper bounds of something that nobody knows how to reach."""
MINOR = 0.01
"""Of today's bill: what saves less is only named."""


def bridge(
    today: Money | None, listed: Money | None, options: Sequence[Option], sibling: Model | None, report: Report | None
) -> Bridge | None:
    """From today's bill to the one after the moves; None where today's bill is not known.

    Args:
        today: The bill a month as the log has it, for where nothing is decided.
        listed: What open models would save a month at list prices, for the same.
        options: What staying for less would bring.
        sibling: The cheaper closed model of the provider in use.
        report: The decision.
    """
    monthly = report.recommendation.bill.monthly if report else None
    usd = monthly.baseline_usd if monthly else today.point if today else None
    if not usd:
        return None
    found = {one.kind: Way(kind=one.kind, saved=one.monthly, is_tested=one.is_saving) for one in options if one.monthly}
    if report and sibling and (measured := _measured(report, sibling)) is not None:
        found[OptionKind.SIBLING] = Way(kind=OptionKind.SIBLING, saved=measured, is_tested=True)
    known = [found[kind] for kind in KINDS if kind in found]
    ways = [way for way in known if way.saved.high > MINOR * usd]
    minor = tuple(way.kind for way in known if way.kind and way not in ways)
    saved = monthly.savings_usd if monthly else None
    better = max(ways, key=lambda way: way.saved.point, default=None)
    if better and (better.saved.high < WORTH_USD or better.saved.point <= (saved.point if saved else 0.0)):
        better = None
    if moved := saved or listed:
        ways.append(Way(kind=None, saved=moved, is_tested=saved is not None))
    return Bridge(today_usd=usd, ways=tuple(ways), minor=minor, saved=saved, sibling=sibling, better=better)


def bridge_of(store: Store, study: Study, report: Report) -> Bridge | None:
    """The same for a decided study, read from its log and its decision."""
    today = project(store, study, None, study.confidence).total.today
    options = stay_options(store, study, read_calls(store, study))
    return bridge(today, None, options, control_of(store, study), report)


def _measured(report: Report, sibling: Model) -> Money | None:
    """What the sibling saves a month where it is good enough, once per use case; None: it was not tested."""
    name = canonical_name(sibling.plain_id)
    names = {model.name for model in report.models if canonical_name(model.plain_id) == name}
    tested = [
        [a for a in decision.candidates if a.model in names and a.quality.evidence is not Evidence.NONE]
        for decision in report.recommendation.use_cases
    ]
    passing = (
        [a.costs.savings_usd for a in each if a.ruling.verdict is Verdict.SWITCH and a.costs.savings_usd]
        for each in tested
    )
    best = (max(each, key=lambda saved: saved.point) for each in passing if each)
    return summed((certain(0.0), *best)) if any(tested) else None


def untested(
    traffic: "pd.DataFrame", registered: Iterable[Model], sibling: Model | None, at: datetime
) -> tuple[Untested, ...]:
    """The open models of the catalog and the sibling with their price for an average call, the cheapest first.

    Without those that are registered, and without those that no host has a price for at ``at`` (aware).

    Args:
        traffic: Rows of ``load_traffic``: the calls that are priced.
        registered: The models of the study.
        sibling: As for ``bridge``.
        at: The day of the list prices.
    """
    used = int(traffic["with_usage"].sum())
    if not used:
        return ()
    usage = Usage.of({kind: round(traffic[kind].sum() / used) for kind in TOKENS})
    names = {canonical_name(model.plain_id) for model in registered}
    known = {found.id for model in registered if (found := open_model(model.plain_id))}
    models = []
    for one in candidates_catalog():
        if one.id not in known and (hosted := hosted_price(one, usage, at)):
            name = f"{one.name} at {hosted.litellm_id.partition('/')[0]}"
            model = Model(name=name, litellm_id=hosted.litellm_id, licence=one.licence)
            models.append(Untested(name=one.name, model=model, usd_per_call=hosted.usd_per_call))
    if sibling and canonical_name(sibling.plain_id) not in names and (priced := price_call(sibling, usage, at)):
        models.append(Untested(name=sibling.plain_id, model=sibling, usd_per_call=certain(priced[0])))
    return tuple(sorted(models, key=lambda one: one.usd_per_call.point))

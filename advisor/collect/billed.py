"""A provider's export of usage and cost next to the log: the share of the traffic, and the bill it should come to."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from advisor.catalog.identity import family_of, stem_of
from advisor.collect.contract_prices import given_costs
from advisor.collect.volume import logged_bill
from advisor.store import Store
from advisor.store.log.totals import list_totals, save_totals
from advisor.store.log.traffic import TOKENS, load_traffic
from advisor.store.studies import change_study, get_study
from advisor.types import Json, Study, Usage
from advisor.types.prices import BillCheck, Billed, ModelTotal, Share, ShareBasis, Total, TotalSource, add_totals

if TYPE_CHECKING:
    import pandas as pd

    from advisor.ingest.log import LogFile

_FAMILIES = {"openai": "OpenAI", "anthropic": "Claude"}
"""The models of a provider, where its export isn't split by model."""
_BASES = {
    ShareBasis.REQUESTS: (TotalSource.OPENAI_USAGE, TotalSource.GATEWAY_TOTALS),
    ShareBasis.TOKENS: (TotalSource.ANTHROPIC_USAGE, TotalSource.OPENAI_USAGE),
    ShareBasis.COST: (TotalSource.OPENAI_COSTS, TotalSource.ANTHROPIC_COSTS),
}
"""What a share is found by, the best first: Anthropic doesn't count requests."""


class Exports:
    """The exports among the files of one import."""

    def __init__(
        self, store: Store, study: Study, files: Sequence[tuple["LogFile", str]], check: Callable[[], None]
    ) -> None:
        """``study`` as it is before the import. Raises BadInput for a file that can't be counted."""
        from advisor.ingest.totals import read_totals

        self._store, self._study = store, study
        before = billed_of(store, study)
        self._is_free = study.traffic_share == 1 or (before is not None and before.is_used)
        given = [(log.path, log.container, name) for log, name in files if log.has_totals]
        self._totals = read_totals(given, check) if given else []

    def keep(self, entered: float | None) -> Billed | None:
        """Keep them, and set the share of the traffic by all of the study's, unless a person entered another."""
        if self._totals:
            save_totals(self._store, self._study.id, self._totals)
        found = billed_of(self._store, get_study(self._store, self._study.id))
        fraction = found.share.fraction if found and found.share else None
        if fraction is None or not self._is_free or entered not in (None, 1, self._study.traffic_share):
            return found
        change_study(self._store, self._study.id, traffic_share=fraction)
        return billed_of(self._store, get_study(self._store, self._study.id))


def billed_of(store: Store, study: Study) -> Billed | None:
    """What the exports of a study tell, next to its log; None: it has none."""
    totals = list_totals(store, study.id)
    if not totals:
        return None
    traffic = load_traffic(store, study.id, given_costs(store, study), with_ignored=True)
    has_log = not traffic.empty
    traffic = traffic[traffic["hour"].notna() & traffic["model"].notna()]
    traffic = traffic.assign(day=traffic["hour"].dt.date, key=traffic["model"].map(_key))
    share = _share(totals, traffic)
    is_used = share is not None and share.fraction is not None and abs(share.fraction - study.traffic_share) < 1e-9
    is_circular = is_used and share is not None and share.basis is ShareBasis.COST
    return Billed(
        days=(min(each.day for each in totals), max(each.day for each in totals)),
        sources=tuple(sorted({each.source for each in totals})),
        models=_by_model(totals, frozenset(traffic["key"])),
        share=share,
        is_used=is_used,
        check=None if is_circular else _check(totals, traffic, study.traffic_share),
        has_log=has_log,
        entered=study.traffic_share,
    )


def describe_billed(found: Billed | None) -> dict[str, Json] | None:
    """The same as JSON."""
    if found is None:
        return None
    share, check = found.share, found.check
    return {
        "first_day": found.days[0].isoformat(),
        "last_day": found.days[1].isoformat(),
        "exports": [source.value for source in found.sources],
        "billed_usd": found.usd,
        "models": [each._asdict() for each in found.models],
        "traffic_share": share
        and asdict(share)
        | {"days": [day.isoformat() for day in share.days], "fraction": share.fraction, "is_used": found.is_used},
        "bill": check and asdict(check) | {"days": [day.isoformat() for day in check.days], "off": check.off},
    }


class _Same(NamedTuple):
    """The part of an export and the part of a log that are of the same days and models."""

    totals: list[Total]
    others: list[Total]
    """Of the same days, for models that the log doesn't have."""
    rows: "pd.DataFrame"

    @property
    def days(self) -> tuple[date, date]:
        return min(each.day for each in self.totals), max(each.day for each in self.totals)

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.rows["model"])))


def _same(totals: Sequence[Total], traffic: "pd.DataFrame", source: TotalSource) -> _Same | None:
    """None: they have nothing in common, or an export that isn't split by model is of more models than the log."""
    if traffic.empty:
        return None
    first, last = traffic["day"].min(), traffic["day"].max()
    mine = [each for each in totals if each.source is source and first <= each.day <= last]
    rows = traffic[traffic["day"].isin({each.day for each in mine})]
    if any(not each.model for each in mine):
        provider = source.partition("_")[0]
        named = {_key(each.model) for each in totals if each.model and each.source.startswith(provider)}
        rows = rows[rows["model"].map(family_of) == _FAMILIES[provider]] if provider in _FAMILIES else rows
        return _Same(mine, [], rows) if len(rows) and named <= set(rows["key"]) else None
    keys = {_key(each.model) for each in mine} & set(rows["key"])
    rows = rows[rows["key"].isin(keys)]
    found = [each for each in mine if _key(each.model) in keys]
    others = [each for each in mine if _key(each.model) not in keys]
    return _Same(found, others, rows) if found else None


def _share(totals: Sequence[Total], traffic: "pd.DataFrame") -> Share | None:
    for basis, sources in _BASES.items():
        for source in sources:
            same = _same(totals, traffic, source)
            logged, counted = _amounts(basis, same) if same else (None, 0.0)
            if same and logged and counted:
                return Share(
                    basis=basis, source=source, days=same.days, logged=logged, counted=counted, models=same.models
                )
    return None


def _amounts(basis: ShareBasis, same: _Same) -> tuple[float | None, float]:
    """What the log has, and what the export has; calls that failed aren't counted by providers."""
    sums = same.rows.sum(numeric_only=True).to_dict()
    if basis is ShareBasis.REQUESTS:
        return float(sums["calls"] - sums["failed"]), sum(each.requests or 0 for each in same.totals)
    if basis is ShareBasis.COST:
        return logged_bill(sums), sum(each.usd or 0 for each in same.totals)
    answers = float(sums["calls"] - sums["failed"])
    told = answers - float(sums["untold_answers"])
    usage = Usage.of({kind: round(sums[kind]) for kind in TOKENS})
    tokens = (usage.total_input_tokens + usage.output_tokens) * answers / told if told else None
    return tokens, sum((each.input_tokens or 0) + (each.output_tokens or 0) for each in same.totals)


def _check(totals: Sequence[Total], traffic: "pd.DataFrame", share: float) -> BillCheck | None:
    found = [same for source in _BASES[ShareBasis.COST] if (same := _same(totals, traffic, source))]
    if not found and (same := _same(totals, traffic, TotalSource.GATEWAY_TOTALS)):
        found = [same] if any(each.usd for each in same.totals) else []
    amounts = [_amounts(ShareBasis.COST, same) for same in found]
    logged = [usd for usd, _ in amounts if usd]
    if not found or len(logged) < len(found):
        return None
    return BillCheck(
        days=(min(same.days[0] for same in found), max(same.days[1] for same in found)),
        providers=tuple(same.totals[0].source.partition("_")[0] for same in found),
        projected_usd=sum(logged) / share,
        billed_usd=sum(usd for _, usd in amounts),
        models=tuple(name for same in found for name in same.models),
        others_usd=sum(each.usd or 0 for same in found for each in same.others),
    )


def _by_model(totals: Sequence[Total], logged: frozenset[str]) -> tuple[ModelTotal, ...]:
    """Usage and cost of a model in one row, under the longest of its names, which has the date."""
    names: dict[str, str] = {}
    for each in totals:
        names[_key(each.model)] = max(names.get(_key(each.model), ""), each.model, key=len)
    found = []
    for key, name in names.items():
        mine = [each for each in totals if _key(each.model) == key]
        *counts, usd = add_totals(mine)
        requests, given, taken = (None if each is None else round(each) for each in counts)
        found.append(ModelTotal(name, requests, given, taken, usd, key in logged))
    return tuple(sorted(found, key=lambda each: (-(each.billed_usd or 0), -(each.requests or 0), each.model)))


@lru_cache(1024)
def _key(model: str) -> str:
    """The same for a model however it is named: with a date or without, "Claude Sonnet 3.7" or as the API has it."""
    return "-".join(sorted(stem_of(model).split("-")))

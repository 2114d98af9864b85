"""Exploring the open models of the catalog: which of them suit a company, its needs and its hardware."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median

from advisor.catalog.gpus import Accelerator, accelerators, holds
from advisor.catalog.hosts import Host, Offer, host_of, offers
from advisor.catalog.licences import Licence, Permission, licence, model_fit, permission_of
from advisor.catalog.list_copies import LicenceChange
from advisor.catalog.open_models import Edition, OpenModel, Standing, candidates_catalog, editions, standings
from advisor.catalog.prices import price_call
from advisor.catalog.rates import Rates, flat_rates, rates_of_short_calls
from advisor.types import Model
from advisor.types.licences import UNSAID, Company, Fit

__all__ = [
    "Accelerator",
    "Edition",
    "Host",
    "Licence",
    "OpenModel",
    "Permission",
    "Standing",
    "accelerators",
    "candidates_catalog",
    "editions",
    "host_of",
    "licence",
    "permission_of",
]

TRAINING_DATA = ("open", "partial", "undisclosed")


@dataclass(frozen=True, kw_only=True)
class Served:
    """A model at a host, with today's list price. None: no list has it."""

    offer: Offer
    rates: Rates | None

    @property
    def usd_per_mtok(self) -> tuple[float, float] | None:
        """Dollars per million input and output tokens."""
        return self.rates and (round(self.rates.input * 1e6, 9), round(self.rates.output * 1e6, 9))


ServedModels = Mapping[str, tuple[Served, ...]]
"""Id of a model in the catalog -> the hosts that serve it."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for; as it stands, everything."""

    company: Company = UNSAID
    fits: frozenset[Fit] = frozenset(Fit)
    context_tokens: int = 0
    """At least."""
    tools: bool = False
    json_schema: bool = False
    images: bool = False
    hosted: bool = False
    """Some host serves it today."""
    accelerator: str | None = None
    """The id of the hardware at hand."""
    accelerators: int = 1
    edition: Edition | None = None
    """Where standings are read; None: no limit on them."""
    at_least: float | None = None
    """The lowest standing in that edition."""
    training_data: frozenset[str] = frozenset(TRAINING_DATA)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One model that suits."""

    model: OpenModel
    permission: Permission
    served: tuple[Served, ...]
    standings: tuple[Standing, ...]
    """On every board and edition."""
    standing: Standing | None
    """In the edition that was asked for."""

    @property
    def hosts(self) -> int:
        """How many serve it."""
        return len({served.offer.host.name for served in self.served})

    @property
    def middle_price(self) -> tuple[float, float] | None:
        """Dollars per million input and output tokens in the middle of its hosts; None: no list has any."""
        prices = [served.usd_per_mtok for served in self.served if served.usd_per_mtok is not None]
        return (median(paid for paid, _ in prices), median(paid for _, paid in prices)) if prices else None


@dataclass(frozen=True, kw_only=True)
class Found:
    """What suits, and what was left out without anybody knowing that it does not."""

    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    """The models that do not, or of which that is not known."""
    models: int
    """In the catalog."""
    by_fit: Mapping[Fit, int]
    """Of all models, what their licences say to the company."""
    unanswered: int
    """Models that only an answer about the company is missing for."""
    not_known: Mapping[str, int]
    """What is not known -> how many models it left out that nothing else did."""


def served_models(now: datetime) -> dict[str, tuple[Served, ...]]:
    """Every model at every host that serves it at ``now`` (aware). Raises BadInput when the catalog is damaged."""
    return {
        model.id: tuple(_served(offer, now) for offer in offers(model, now.date())) for model in candidates_catalog()
    }


def browse(wanted: Wanted, served: ServedModels, *, changes: Sequence[LicenceChange] = ()) -> Found:
    """The models that suit, the best first: by standing where an edition is given, else by what may be used.

    A model of which something asked for is not known is left out and counted. ``changes`` are those of licences that
    wait for a review. Raises BadInput when the catalog is damaged.
    """
    by_model: dict[str, list[Standing]] = {}
    for standing in standings():
        by_model.setdefault(standing.model_id, []).append(standing)
    changed = {change.model: change for change in changes}
    memory_gb = _memory_gb(wanted)
    rows: list[Row] = []
    others: list[Row] = []
    not_known: dict[str, int] = {}
    by_fit, unanswered = dict.fromkeys(Fit, 0), 0
    for model in candidates_catalog():
        permission = model_fit(wanted.company, model, change=changed.get(model.id))
        by_fit[permission.fit] += 1
        unanswered += permission.is_unanswered
        row = Row(
            model=model,
            permission=permission,
            served=served.get(model.id, ()),
            standings=tuple(by_model.get(model.id, ())),
            standing=_standing_in(by_model.get(model.id, ()), wanted.edition),
        )
        answers = _answers(row, wanted, memory_gb)
        (rows if all(answers.values()) else others).append(row)
        if False not in answers.values():
            for name in (name for name, answer in answers.items() if answer is None):
                not_known[name] = not_known.get(name, 0) + 1
    return Found(
        rows=tuple(sorted(rows, key=_order)),
        others=tuple(sorted(others, key=_order)),
        models=sum(by_fit.values()),
        by_fit=by_fit,
        unanswered=unanswered,
        not_known=not_known,
    )


def _served(offer: Offer, now: datetime) -> Served:
    model = Model(name=offer.litellm_id, litellm_id=offer.litellm_id)
    price_of = partial(price_call, model, at=now)
    return Served(offer=offer, rates=flat_rates(price_of) or rates_of_short_calls(price_of))


def _answers(row: Row, wanted: Wanted, memory_gb: float | None) -> dict[str, bool | None]:
    """What was asked for -> whether the model has it; None: not known."""
    model = row.model
    answers: dict[str, bool | None] = {
        "licence": row.permission.fit in wanted.fits,
        "training data": model.remarks.training_data in wanted.training_data,
        "hosts": not wanted.hosted or bool(row.served),
        "images": not wanted.images or model.can.images,
    }
    if wanted.context_tokens:
        longest = model.can.context_tokens
        answers["context"] = None if longest is None else longest >= wanted.context_tokens
    if wanted.tools:
        answers["tools"] = model.can.tools
    if wanted.json_schema:
        answers["JSON schema"] = model.can.json_schema
    if memory_gb is not None:
        answers["memory"] = holds(model, memory_gb)
    if wanted.edition is not None:
        answers["standing"] = None if row.standing is None else row.standing.value >= (wanted.at_least or 0.0)
    return answers


def _memory_gb(wanted: Wanted) -> float | None:
    if wanted.accelerator is None:
        return None
    memory = {one.id: one.memory_gb for one in accelerators()}
    return memory[wanted.accelerator] * wanted.accelerators


def _standing_in(known: Sequence[Standing], edition: Edition | None) -> Standing | None:
    """The value of the model itself in one edition."""
    return next((one for one in known if one.edition == edition and one.not_of_this_model is None), None)


def _order(row: Row) -> tuple[float, int, bool]:
    """For the sort, which keeps the catalog's order among equals: the core ones first, then the newest."""
    standing = -row.standing.value if row.standing else 0.0
    return standing, list(Fit).index(row.permission.fit), not row.model.is_core

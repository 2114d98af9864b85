"""Refreshing the catalogue: as a job or a command, what it brought in words, and what it blocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from advisor.analysis.age import days_since, is_stale
from advisor.catalog.dated_prices import dated_list, newest_installed_price
from advisor.catalog.list_content import GENAI_PRICES, KINDS, LITELLM, MODELS_DEV, PriceChange
from advisor.catalog.list_copies import LicenceChange, copies, snapshot_folder, take_up_newest
from advisor.catalog.list_sources import Source, configured_sources
from advisor.catalog.listed_models import current_list
from advisor.catalog.open_models import open_model
from advisor.catalog.prices import forget_prices
from advisor.catalog.refresh import Outcome, Refreshed, refresh, review
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.jobs import file_job, list_active
from advisor.store.models import list_models
from advisor.text.money import fetched_prices, installed_prices, price_list
from advisor.types import Job, JobPhase, Json, Model, PriceSource, Progress, Role, Status, Study

KIND = "refresh"
SHOWN = 200
"""Changes of one list that are told one by one."""


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """One list of prices as it is used now."""

    name: str
    """With its version."""
    as_of: datetime | None
    """When it was fetched or last confirmed; of an installed one, its newest dated price. None: not known."""
    note: str
    """How old it is, in words."""
    is_stale: bool


def file_refresh(store: Store) -> Job:
    """Queue a refresh. Raises BadInput while one is under way."""
    if list_active(store, KIND):
        raise BadInput("A refresh is already running. Wait until it ends.")
    return file_job(store, KIND, None, {})


def do_refresh(*, reviewed: Sequence[str] = (), say: Callable[[Progress], None]) -> dict[str, Json]:
    """Review what is named, ask every source, and take up what came. Blocks.

    It failed where no list is as new as its source, and is partial where some list is not. Raises BadInput for a name
    that nothing waits for, AdvisorError when nothing can be kept.
    """
    sources = configured_sources()
    if reviewed:
        mark_reviewed(reviewed)
    at = datetime.now(UTC)
    done = refresh(
        sources,
        snapshot_folder(),
        now=at,
        say=lambda source: say(Progress(phase=JobPhase.FETCHING, subject=source.host)),
    )
    use_newest_lists()
    good = [each.outcome is not Outcome.FAILED for each in done]
    return {
        "at": at.isoformat(),
        "status": (Status.SUCCEEDED if any(good) else Status.FAILED).value,
        "partial": not all(good),
        "sources": [_described(each) for each in done],
        "blocked": [
            {name: value for name, value in vars(change).items() if name != "reviewed_on"}
            for change in blocking_changes()
        ],
        "prices": price_list(dated_list()),
    }


def mark_reviewed(names: Sequence[str]) -> None:
    """Note that a person has read the licences of these models. Raises BadInput for a name that nothing waits for."""
    unknown = review(names, snapshot_folder())
    use_newest_lists()
    if unknown:
        waiting = [change.model for change in blocking_changes()]
        raise BadInput(
            f"No license change to review for {', '.join(unknown)}. To review: {', '.join(waiting) or 'none'}."
        )


def use_newest_lists() -> bool:
    """Take up what was fetched since this process looked last; returns whether prices may differ now."""
    if not take_up_newest():
        return False
    forget_prices()
    return True


def price_lists(now: datetime) -> tuple[PriceList, ...]:
    """The lists that price calls, and how old they are: shown whether or not this machine is online."""
    return (
        _price_list(GENAI_PRICES, dated_list(), now),
        _price_list(LITELLM, current_list(), now),
    )


def lists_version() -> tuple[str, ...]:
    """Changes whenever a price, a new model or a blocked licence may be another than before."""
    new = copies().in_use.get(MODELS_DEV)
    return (dated_list().code, current_list().code, new.digest if new else "", repr(blocking_changes()))


def asked_hosts() -> tuple[Source, ...]:
    """Who a refresh asks, and for what. Raises BadInput when the variable with the addresses is wrong."""
    return configured_sources()


def trouble() -> str | None:
    """Why what was fetched is not used, where it cannot be read."""
    return copies().problem


def blocking_changes() -> tuple[LicenceChange, ...]:
    """The licences that changed and that nobody has reviewed."""
    return tuple(change for change in copies().index.licences if change.reviewed_on is None)


def blocked(model: Model) -> LicenceChange | None:
    """Why a model may not be a candidate: its licence changed and nobody has reviewed it. None: it may."""
    changes = {change.model: change for change in blocking_changes()}
    found = open_model(model.plain_id) if changes and not model.illustrative else None
    return changes.get(found.id) if found else None


def check_candidates(store: Store, study: Study) -> None:
    """Raises BadInput that names the candidates whose licence must be reviewed first."""
    use_newest_lists()
    for model in list_models(store, study.id):
        change = blocked(model) if model.role is Role.CANDIDATE else None
        if change:
            raise BadInput(
                f"The license of {model.name} changed from {change.before} to {change.after} ({change.repo}, seen on "
                f"{change.seen_on}). Read it, then mark it as reviewed on the page Settings or with `catalog refresh "
                f"--reviewed {change.model}`; or delete the candidate."
            )


def _price_list(name: str, source: PriceSource, now: datetime) -> PriceList:
    kept, unused = copies().in_use.get(name), copies().index.kept.get(name)
    as_of: datetime | None
    if kept:
        as_of = kept.checked_at
        note = fetched_prices(as_of, days_since(as_of, now))
    else:
        as_of = newest_installed_price(now) if name == GENAI_PRICES else None
        days = days_since(as_of, now) if as_of else None
        note = installed_prices(as_of, days, unused.package if unused else None)
    return PriceList(
        name=price_list(source), as_of=as_of, note=note, is_stale=as_of is not None and is_stale(as_of, now)
    )


def _described(each: Refreshed) -> dict[str, Json]:
    changes = each.changes
    return {
        "name": each.source.name,
        "host": each.source.host,
        "status": each.outcome.value,
        "why": each.why,
        "entries": each.kept.entries if each.kept else None,
        "kept_of": each.kept.fetched_at.isoformat() if each.kept else None,
        "checked_at": each.kept.checked_at.isoformat() if each.kept else None,
        "counts": {"prices": len(changes.prices), "new": len(changes.new), "gone": len(changes.gone)},
        "changes": {
            "prices": [_price(change) for change in changes.prices[:SHOWN]],
            "new": list(changes.new[:SHOWN]),
            "gone": list(changes.gone[:SHOWN]),
        },
    }


def _price(change: PriceChange) -> dict[str, Json]:
    """The standard price of every kind of token; None: there is none."""
    before, after = ({kind: prices.get(kind) for kind in KINDS} for prices in (change.before, change.after))
    return {"model": change.model, "before": before, "after": after}

"""How many samples each use case would need for a sure answer, beside what a run would ask, and what that costs."""

from collections import Counter
from dataclasses import dataclass

from advisor.analysis.evidence import DEFAULT_MARGINS
from advisor.analysis.samplesize import plan_table
from advisor.store import Store
from advisor.store.use_cases import list_use_cases
from advisor.study.decisions import latest_report
from advisor.study.draft import Setup, draft_run
from advisor.study.quoting import Quote
from advisor.types import Study, UseCase, Verdict


@dataclass(frozen=True, kw_only=True)
class Need:
    """One use case of a run that is planned."""

    use_case: str
    asked: int
    """Samples that the run would ask."""
    available: int
    """Samples that can be asked at all."""
    margin: float
    """How much worse is acceptable, a fraction."""
    seen: int | None
    """Samples needed at what the last run saw, for the candidate that is closest to passing; None: nothing seen."""
    guesses: tuple[tuple[float, int], ...]
    """(share of the samples on which the models differ, samples needed then), for two models equally good."""
    cost_usd: float | None
    """Of as many samples as are needed, at the price of this run; None where it has none."""


def plan_needs(store: Store, study: Study, setup: Setup, quote: Quote) -> list[Need]:
    """The use cases of a run in the order of their size. Raises BadInput when the run cannot be planned."""
    draft = draft_run(store, study, setup)
    asked = Counter(draft.use_cases.values())
    seen = _seen(store, study)
    each_usd = quote.cost_usd.point / len(draft.sample_ids) if quote.cost_usd and draft.sample_ids else None
    needs = []
    for use_case in list_use_cases(store, study.id):
        if use_case.ignored or use_case.name not in asked:
            continue
        endpoint = draft.decided.endpoints[use_case.name]
        margin = _margin(study, use_case, DEFAULT_MARGINS[endpoint])
        guesses = plan_table(None, margin, endpoint, study.confidence)
        wanted = seen.get(use_case.name) or guesses[len(guesses) // 2][1]
        needs.append(
            Need(
                use_case=use_case.name,
                asked=asked[use_case.name],
                available=use_case.replayable,
                margin=margin,
                seen=seen.get(use_case.name),
                guesses=guesses,
                cost_usd=None if each_usd is None else each_usd * wanted,
            )
        )
    return needs


def _margin(study: Study, use_case: UseCase, default: float) -> float:
    return next(margin for margin in (use_case.margin, study.margin, default) if margin is not None)


def _seen(store: Store, study: Study) -> dict[str, int]:
    report = latest_report(store, study)
    found = {}
    for decision in report.recommendation.use_cases if report else ():
        needed = [a.n_needed for a in decision.candidates if a.verdict is Verdict.NEED_MORE_DATA and a.n_needed]
        if needed:
            found[decision.name] = min(needed)
    return found

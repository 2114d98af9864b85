"""Before a run: how many samples each use case would need for a sure answer, and which of them cannot stop early."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from advisor.analysis.clusters import SHARED, Groups, groups_of
from advisor.analysis.columns import columns_of
from advisor.analysis.evidence import DEFAULT_MARGINS, Pair
from advisor.analysis.samplesize import plan_table
from advisor.analysis.wording import listing
from advisor.replay.sampling import share_of_model
from advisor.store import Store
from advisor.store.logs import load_samples
from advisor.store.models import list_models
from advisor.store.runs import map_run_samples
from advisor.store.use_cases import list_use_cases
from advisor.study.decisions import latest_report
from advisor.study.documents import shared_texts
from advisor.study.draft import Setup, draft_run
from advisor.study.quoting import Quote
from advisor.types import Model, Role, Run, Study, UseCase, Verdict


@dataclass(frozen=True, kw_only=True)
class Need:
    """One use case of a run that is planned."""

    use_case: str
    asked: int
    """Samples that the run would ask."""
    worth: int | None
    """Samples that share nothing with others, for so many of which those surely count; None: each stands alone."""
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

    @property
    def is_enough(self) -> bool | None:
        """Whether as many as are needed are asked; None where it depends on what is not known before."""
        return _is_enough(self, self.asked, self.asked if self.worth is None else self.worth)

    @property
    def can_be_enough(self) -> bool:
        """Whether the log may hold as many as are needed."""
        return _is_enough(self, self.available, 0) is not False


def _is_enough(need: Need, most: int, least: int) -> bool | None:
    """Of samples that count for so many, at most and at least."""
    needed = [n for _, n in need.guesses] if need.seen is None else [need.seen]
    return True if least >= max(needed) else False if most < min(needed) else None


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
                worth=_worth(groups_of(columns_of(_pairs(store, draft.use_cases, use_case.name)))),
                available=use_case.replayable,
                margin=margin,
                seen=seen.get(use_case.name),
                guesses=guesses,
                cost_usd=None if each_usd is None else each_usd * wanted,
            )
        )
    return needs


def asked_in_full(store: Store, study: Study, setup: Setup) -> str:
    """Which use cases of a run that is planned cannot stop early, and why, in words; empty where all can.

    Raises BadInput when the run cannot be planned.
    """
    draft = draft_run(store, study, setup)
    return _asked_in_full(store, draft.use_cases, draft.models, setup.seed)


def was_asked_in_full(store: Store, run: Run) -> str:
    """The same of a run that there is."""
    models = (model for model in list_models(store, run.study_id) if model.id in run.model_ids)
    return _asked_in_full(store, map_run_samples(store, run.id), models, run.seed)


def _asked_in_full(store: Store, use_cases: Mapping[int, str], models: Iterable[Model], seed: int) -> str:
    """By the rule of :func:`advisor.analysis.stopping.settled`: where some samples of a candidate go together."""
    limits = {model.max_samples for model in models if model.role is Role.CANDIDATE}
    shares = [set(share_of_model(use_cases, limit, seed)) for limit in limits]
    found = []
    for name in sorted(set(use_cases.values())):
        pairs = _pairs(store, use_cases, name)
        of_models = (groups_of(columns_of([pair for pair in pairs if pair.sample_id in share])) for share in shares)
        groups = next(filter(None, of_models), None)
        if groups:
            found.append(f"{name} (some of its samples share {SHARED[groups.of]})")
    if not found:
        return ""
    return (
        f"Not stopped early, but asked in full: {listing(found, len(found))}. The test that may stop at any time needs "
        "samples that have nothing to do with each other."
    )


def _pairs(store: Store, use_cases: Mapping[int, str], name: str) -> list[Pair]:
    """Of the samples of one use case, before any is asked: what they share."""
    samples = list(load_samples(store, [id_ for id_, other in use_cases.items() if other == name]))
    texts = shared_texts(samples)
    return [
        Pair(sample_id=s.id or 0, use_case=name, session=s.session, texts=texts.get(s.id or 0, ())) for s in samples
    ]


def _worth(groups: Groups | None) -> int | None:
    return round(groups.independent) if groups else None


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

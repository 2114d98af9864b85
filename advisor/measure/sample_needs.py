"""Before a run: how many samples each use case would need for a sure answer, and which of them cannot stop early."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from advisor.analysis.quality.clusters import groups_of
from advisor.analysis.quality.columns import columns_of
from advisor.analysis.quality.evidence import Logged, Pair, margin_of
from advisor.analysis.sampling import needs_of, share_of_model, share_places
from advisor.analysis.statistics.sample_size import plan_table
from advisor.collect.documents import shared_texts
from advisor.decide.decisions import latest_report
from advisor.measure.draft import draft_run
from advisor.measure.registration import why_not_asked
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models_of
from advisor.store.run.samples import map_run_samples
from advisor.types import (
    Endpoint,
    Message,
    Model,
    Report,
    Role,
    Run,
    RunNote,
    RunOptions,
    Step,
    Study,
    UseCase,
    Verdict,
)
from advisor.types.reports import NOT_BY_A_RUN, cases_of


@dataclass(frozen=True, kw_only=True)
class Need:
    """One use case of a run that is planned."""

    use_case: str
    asked: int
    """Samples that the run would ask."""
    worth: int | None
    """Samples that share nothing with others, for so many of which those surely count; None: each stands alone."""
    available: int
    """Calls of the log that can be asked at all."""
    margin: float
    """How much worse is acceptable, a fraction."""
    seen: int | None
    """Samples needed at what the last run saw, for the candidate that is closest to passing; None: nothing seen."""
    guesses: tuple[tuple[float, int], ...]
    """(share of the samples on which the models differ, samples needed then), for two models equally good."""
    is_decided: bool
    """Whether the last decision left no candidate of today open."""

    @property
    def needed(self) -> int:
        """At what the last run saw, else for models that differ as often as is usual."""
        return self.seen or _usual(self.guesses)

    @property
    def is_short(self) -> bool:
        """Whether fewer are asked than it surely takes."""
        return not self.is_decided and self.asked < self.needed

    @property
    def is_enough(self) -> bool | None:
        """Whether enough are asked; None where it depends on how much samples have in common."""
        if self.asked < self.needed:
            return False
        return True if self.worth is None or self.worth >= self.needed else None

    @property
    def can_be_enough(self) -> bool:
        """Whether the log has enough."""
        return self.available >= self.needed


class Sizes(NamedTuple):
    """Samples of a run that a person can choose from."""

    enough: int
    """The fewest with which each use case has what it needs, as far as the log has that many."""
    most: int
    """All that can be asked."""
    decides: bool
    """Whether the log has what each use case needs."""


def plan_sizes(store: Store, study: Study, setup: RunOptions) -> Sizes:
    """What a run with these settings should ask. Raises BadInput when it cannot be planned."""
    draft = draft_run(store, study, replace(setup, sample_size=1))
    available, endpoints, use_cases = draft.available, draft.decided.endpoints, list_use_cases(store, study.id)
    seen = _seen(latest_report(store, study))
    needed = {
        case.name: seen.get(case.name) or _usual(_guesses(study, case, endpoints[case.name]))
        for case in use_cases
        if case.name in available
    }
    share, most = needs_of(use_cases, endpoints), sum(available.values())

    def is_enough(size: int) -> bool:
        places = share_places(available, share, size)
        return all(places[name] >= min(count, available[name]) for name, count in needed.items())

    decides = all(available[name] >= count for name, count in needed.items())
    return Sizes(bisect_left(range(most), True, key=is_enough), most, decides)


def plan_needs(store: Store, study: Study, setup: RunOptions, *, weighed: bool = True) -> list[Need]:
    """The use cases of a run in the order of their size; without ``weighed`` quicker and without their worth.

    Raises BadInput when the run cannot be planned.
    """
    draft = draft_run(store, study, setup)
    asked = Counter(draft.use_cases.values())
    report = latest_report(store, study)
    seen, settled = _seen(report), _settled(report, draft.models)
    needs = []
    for use_case in list_use_cases(store, study.id):
        if use_case.ignored or use_case.name not in asked:
            continue
        groups = groups_of(columns_of(_pairs(store, draft.use_cases, use_case.name))) if weighed else None
        need = Need(
            use_case=use_case.name,
            asked=asked[use_case.name],
            worth=round(groups.independent) if groups else None,
            available=draft.available[use_case.name],
            margin=margin_of(draft.decided.endpoints[use_case.name], use_case.margin, study.margin),
            seen=seen.get(use_case.name),
            guesses=_guesses(study, use_case, draft.decided.endpoints[use_case.name]),
            is_decided=use_case.name in settled,
        )
        needs.append(need)
    return needs


def too_few_samples(store: Store, study: Study, setup: RunOptions) -> Message | None:
    """Which use cases a run asks too few samples of, and what is enough; None where it asks enough.

    Raises BadInput when the run cannot be planned.
    """
    report = latest_report(store, study)
    steps = report.plan.next_steps if report else ()
    blocked = {name for step in steps if step.code in NOT_BY_A_RUN for name in cases_of(step)}
    needs = plan_needs(store, study, setup, weighed=False)
    short = [need for need in needs if need.is_short and need.use_case not in blocked]
    if not short:
        return None
    return Message.of(
        RunNote.TOO_FEW_SAMPLES,
        short=[(need.use_case, need.asked, need.needed) for need in short],
        helped=[need.use_case for need in short if need.can_be_enough],
        enough=plan_sizes(store, study, setup).enough,
    )


def asked_in_full(store: Store, study: Study, setup: RunOptions) -> Message | None:
    """Which use cases of a run that is planned cannot stop early; None where all can.

    Raises BadInput when the run cannot be planned.
    """
    draft = draft_run(store, study, setup)
    return _asked_in_full(store, draft.use_cases, draft.models, setup.seed)


def was_asked_in_full(store: Store, run: Run) -> Message | None:
    """The same of a run that there is."""
    return _asked_in_full(store, map_run_samples(store, run.id), list_models_of(store, run), run.options.seed)


def _asked_in_full(store: Store, use_cases: Mapping[int, str], models: Iterable[Model], seed: int) -> Message | None:
    """By the rule of ``analysis.verdict.stopping.settled``: where some samples of a candidate go together."""
    limits = {model.max_samples for model in models if model.role is Role.CANDIDATE}
    shares = [set(share_of_model(use_cases, limit, seed)) for limit in limits]
    found = []
    for name in sorted(set(use_cases.values())):
        pairs = _pairs(store, use_cases, name)
        if any(groups_of(columns_of([pair for pair in pairs if pair.sample_id in share])) for share in shares):
            found.append(name)
    return Message.of(RunNote.NO_EARLY_STOP, use_cases=found) if found else None


def _pairs(store: Store, use_cases: Mapping[int, str], name: str) -> list[Pair]:
    """Of the samples of one use case, before any is asked: what they share."""
    samples = list(load_samples(store, [id_ for id_, other in use_cases.items() if other == name]))
    texts = shared_texts(samples)
    return [Pair(sample_id=s.id, logged=Logged(session=s.ids.session, texts=texts.get(s.id, ()))) for s in samples]


def _guesses(study: Study, use_case: UseCase, endpoint: Endpoint) -> tuple[tuple[float, int], ...]:
    return plan_table(margin_of(endpoint, use_case.margin, study.margin), endpoint, study.confidence)


def _usual(guesses: Sequence[tuple[float, int]]) -> int:
    return guesses[len(guesses) // 2][1]


def _seen(report: Report | None) -> dict[str, int]:
    """Samples needed by use case, as its next step has it."""
    steps = report.plan.next_steps if report else ()
    return {step.values["use_case"]: step.values["n"] for step in steps if step.code in (Step.REPLAY, Step.IMPORT)}


def _settled(report: Report | None, models: Iterable[Model]) -> set[str]:
    """The use cases in which the last decision left no candidate open that can be called today."""
    candidates = {m.name for m in models if m.role is Role.CANDIDATE and why_not_asked(m) is None}
    return {
        decision.name
        for decision in (report.recommendation.use_cases if report else ())
        if candidates <= {a.model for a in decision.candidates if a.ruling.verdict is not Verdict.NEED_MORE_DATA}
    }

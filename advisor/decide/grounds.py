"""What a decision is made by: gathered from a run, kept with the decision, and read back for what-ifs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.quality.packing import pack, unpack
from advisor.analysis.statistics.noise import NoiseFloor
from advisor.analysis.verdict.recommend import DecisionInput, columns_by_candidate
from advisor.bulk import without_cycle_search
from advisor.decide.evidence import gather_evidence
from advisor.decide.freshness import basis_of
from advisor.decide.noise import measure_noise
from advisor.judge.run_facts import RunFacts
from advisor.judge.trust import describe_judges, take_exam
from advisor.store import Store
from advisor.store.columns import adapter, typed
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models_of
from advisor.store.reports import load_grounds, save_grounds
from advisor.store.run.tallies import tally_run
from advisor.types import Exam, Json, JudgeFacts, Message, Run, Study


@dataclass(frozen=True, kw_only=True, eq=False)
class Grounds:
    """The evidence of a run, read once for any number of what-ifs."""

    given: DecisionInput
    use_cases: Mapping[str, int]
    """Name -> id."""


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What is kept besides the pairs, all of which takes long to find."""

    evidence: tuple[UseCaseEvidence, ...]
    noise: NoiseFloor | None
    judges: tuple[JudgeFacts, ...]
    exam: Exam | None


def decision_input(
    store: Store,
    facts: RunFacts,
    evidence: Sequence[UseCaseEvidence],
    *,
    at: datetime,
    warnings: Sequence[Message] = (),
) -> DecisionInput:
    """What a run is decided by; its pairs are in columns, which weigh far less."""
    columns = columns_by_candidate(evidence)
    return DecisionInput(
        study=facts.study,
        run=facts.run,
        created_at=at,
        evidence=[
            replace(item, candidates={name: replace(one, pairs=()) for name, one in item.candidates.items()})
            for item in evidence
        ],
        models={model.name: model for model in facts.models.values()},
        missing=tally_run(store, facts.run.id).missing,
        noise=measure_noise(facts),
        warnings=warnings,
        judges=describe_judges(store, facts),
        exam=take_exam(store, facts),
        columns=columns,
    )


@without_cycle_search()
def grounds_of(store: Store, study: Study, run: Run) -> Grounds:
    """As the decision on this evidence kept them, else gathered now."""
    kept = load_grounds(store, run.id, basis_of(store, study, run))
    if kept is None:
        facts = RunFacts(store, study, run)
        given = decision_input(store, facts, gather_evidence(facts), at=datetime.now(UTC))
    else:
        given = _restored(store, study, run, *kept)
    for pairs in (given.columns or {}).values():
        pairs.keep()
    return Grounds(given=given, use_cases={case.name: case.id for case in list_use_cases(store, study.id)})


def keep_grounds(store: Store, given: DecisionInput, basis: str) -> None:
    """Keep what a decision with this basis was made by."""
    if not given.columns:
        return
    facts = _Facts(evidence=tuple(given.evidence), noise=given.noise, judges=tuple(given.judges), exam=given.exam)
    kept = adapter(_Facts).dump_python(facts, mode="json")
    save_grounds(store, given.run, basis, kept, pack(list(given.columns.values())))


def _restored(store: Store, study: Study, run: Run, stored: Json, pairs: bytes) -> DecisionInput:
    facts: _Facts = typed(_Facts, stored)
    keys = [(item.name, name) for item in facts.evidence for name in item.candidates]
    return DecisionInput(
        study=study,
        run=run,
        created_at=datetime.now(UTC),
        evidence=facts.evidence,
        models={model.name: model for model in list_models_of(store, run)},
        missing=tally_run(store, run.id).missing,
        noise=facts.noise,
        judges=facts.judges,
        exam=facts.exam,
        columns=dict(zip(keys, unpack(pairs), strict=True)),
    )

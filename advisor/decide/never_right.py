"""Kinds and fields of right answers, by which a candidate may never be right although its mean is good."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from advisor.analysis.quality.evidence import Fields, NeverRight
from advisor.analysis.verdict.hidden import MIN_OF_CLASS
from advisor.judge.run_facts import RunFacts
from advisor.scoring.fields import right_fields
from advisor.scoring.matching import class_of, right_answers
from advisor.scoring.reading import json_in
from advisor.scoring.target import target_of_answer
from advisor.scoring.tools import calls_in, offered
from advisor.scoring.values import loosened
from advisor.types import Answer, Endpoint, Json, Kind, Reference, StoredModel, StoredSample, UseCase


def classes_of(
    facts: RunFacts, use_case: UseCase, samples: Sequence[StoredSample], endpoint: Endpoint
) -> dict[int, str]:
    """Sample id -> the class of its reference answer, for those that have one."""
    found = {}
    for sample in samples:
        reference = _reference(facts, sample, endpoint)
        if reference is None:
            continue
        if (name := class_of(use_case.kind, sample.request, reference.value, use_case.match)) is not None:
            found[sample.id] = name
    return found


def fields_of(
    facts: RunFacts, use_case: UseCase, samples: Sequence[StoredSample], model: StoredModel, endpoint: Endpoint
) -> Fields | None:
    """How a candidate does in every field of the reference answers; None where these have no fields."""
    sides: dict[str, list[tuple[str, bool, bool]]] = defaultdict(list)
    for sample in samples:
        reference = _reference(facts, sample, endpoint)
        candidate, baseline = facts.candidate(sample, model), facts.baseline(sample)
        fails = candidate.generation.failure if candidate.generation else None
        is_there = candidate.answer is not None or (fails is not None and fails.is_model_fault)
        wanted = _object(use_case, sample, reference.value) if reference else None
        if wanted is None or not is_there or baseline.answer is None:
            continue
        theirs = _right(facts, use_case, sample, wanted, candidate.answer, (model.id, endpoint))
        ours = _right(facts, use_case, sample, wanted, baseline.answer, (facts.baseline_id, endpoint))
        for name, is_right in theirs.items():
            sides[name].append((sample.ids.session or facts.requests[sample.id], is_right, ours[name]))
    enough = {name: seen for name, seen in sides.items() if len(seen) >= MIN_OF_CLASS}
    never = (
        NeverRight(
            name=name,
            n=len(seen),
            baseline_right=sum(ours for _, _, ours in seen),
            units=len({unit for unit, _, _ in seen}),
            units_right=len({unit for unit, _, ours in seen if ours}),
        )
        for name, seen in enough.items()
        if not any(theirs for _, theirs, _ in seen)
    )
    return Fields(len(enough), tuple(never)) if enough else None


def _reference(facts: RunFacts, sample: StoredSample, endpoint: Endpoint) -> Reference | None:
    """The answer that others could be compared with."""
    score = facts.score(sample, facts.baseline_id, endpoint.value)
    if score is None or score.value is None:
        return None
    if endpoint is Endpoint.TARGET:
        return sample.reference
    if endpoint is Endpoint.AGREEMENT and sample.answer is not None:
        return Reference(target_of_answer(sample.request, sample.answer))
    return None


def _object(use_case: UseCase, sample: StoredSample, target: Json) -> Json:
    """The only right object; None where there is none, or several, or where tools are to be called."""
    rights = right_answers(use_case.kind, target, use_case.match)
    value = rights[0]
    if isinstance(value, str) and ("{" in value or "[" in value):  # most are labels, and there are many
        value = _decoded(value)
    is_call = (use_case.kind is Kind.TOOL_USE or offered(sample.request)) and calls_in(value) is not None
    return value if len(rights) == 1 and isinstance(value, dict | list) and not is_call else None


def _right(
    facts: RunFacts,
    use_case: UseCase,
    sample: StoredSample,
    wanted: Json,
    answer: Answer | None,
    by: tuple[int, Endpoint],
) -> Mapping[str, bool]:
    """Which fields are right in an answer; all of them where its score says so."""
    score = facts.score(sample, by[0], by[1].value)
    given = wanted if score is not None and score.value == 1 else _decoded(answer.text or "") if answer else None
    if use_case.match is not None and use_case.match.loose:
        wanted, given = loosened(wanted), loosened(given)
    return right_fields(wanted, given)


def _decoded(text: str) -> Json:
    found = json_in(text)
    return found.value if found else None

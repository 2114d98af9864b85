"""Scoring the stored answers of a run: right answers, agreement, checks, judges' words. No model is called."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from advisor.bulk import without_cycle_search
from advisor.ingest.redaction.finds import find_spans
from advisor.judge.agreement import PairKey
from advisor.judge.endpoints import Decided, as_planned, decided, decided_for
from advisor.judge.exam import Panel
from advisor.judge.pairs import SAME_ANSWER, guarded, same_answer, score_against
from advisor.judge.scored_with import PERSONAL_DATA, find_unchecked, keep_scored_with, unchecked_warnings
from advisor.scoring.audit import parse_audit, score_audit
from advisor.scoring.instructing import instructs_judge
from advisor.scoring.judge import PROMPT_VERSION, parse_judgement, score_panel
from advisor.scoring.matching import right_answers
from advisor.scoring.own_checks import CHECKS, Checker
from advisor.scoring.reading import find_labels
from advisor.scoring.validity import VALIDITY, is_refusal, validity
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.generations import CallKey, list_pair_calls, load_generations
from advisor.store.run.runs import change_run
from advisor.store.run.samples import list_run_samples, map_run_samples
from advisor.store.run.scores import RECORDED, Vote, save_judgements, save_scores
from advisor.types import (
    Answer,
    Endpoint,
    FailureKind,
    Finding,
    Frozen,
    Generation,
    Judgement,
    Kind,
    Lane,
    Message,
    Run,
    Sample,
    Score,
    ScoreCode,
    UseCase,
)
from advisor.types.enums import About

BATCH = 500
"""Samples scored at a time: a long run stays small in memory."""
ENOUGH_ANSWERS = 30
"""Right and recorded answers together from which on a set of labels is taken as known."""
NEARLY_ALL = 0.9
"""Of the pairs that were judged at all: a new rubric does not count before judges were asked about so many by it."""
REFUSED_BY_RULE = "refusal_rule"
"""Stored only of answers that the rule calls a refusal: those are few."""
INSTRUCTS_BY_RULE = "instructs_judge"
"""As for refusals."""
VOTES_BY_RULE = "judge_votes"
"""Which judges count where: the exam of each use case says."""
RULE_VERSIONS = {REFUSED_BY_RULE: 3, INSTRUCTS_BY_RULE: 2, VOTES_BY_RULE: 2}
"""A change of a rule makes what is stored worthless: the next decision scores the run again."""
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """How much there was to score."""

    scores: int
    warnings: tuple[Message, ...] = ()
    """What could not be checked, where the whole run was scored."""


@dataclass(frozen=True, kw_only=True)
class Measures:
    """What the answers of each use case, by name, are measured with."""

    use_cases: Mapping[str, UseCase]
    endpoints: Mapping[str, frozenset[Endpoint]]
    """What decides, and what the run was planned to be decided on."""
    labels: Mapping[str, tuple[str, ...]]
    rubrics: Mapping[str, int]
    """Version of the rubric whose judgements count."""
    checkers: Mapping[str, Checker]
    """Of the use cases that have checks; they remember what took too long in this scoring."""


@without_cycle_search()
def score_run(store: Store, run: Run, sample_ids: Sequence[int] | None = None, *, planned: bool = False) -> Scored:
    """Score the stored answers of a run again, some samples at a time, replacing earlier scores.

    ``sample_ids`` narrows it to some samples of the run; ``planned``: as the run was planned, else as it is set now.
    """
    measures, panel = measures_of(store, run, run.plan.frozen if planned else None), Panel(store, run)
    every = list_run_samples(store, run.id)
    sample_ids = every if sample_ids is None else sample_ids
    scored = 0
    for start in range(0, len(sample_ids), BATCH):
        batch = sample_ids[start : start + BATCH]
        votes, scores = score_batch(store, run, batch, measures, panel)
        save_judgements(store, run.id, batch, votes, prompt_version=PROMPT_VERSION)
        scored += save_scores(store, run.id, batch, scores)
    versions = keep_scored_with(measures.use_cases.values(), measures.rubrics)
    if sample_ids == every:
        versions |= RULE_VERSIONS
        versions["unchecked"] = [list(each) for each in find_unchecked(store, run.id)]
        for use_case, scorer, answers, _ in versions["unchecked"]:
            _logger.warning(
                "Run id %s: answers in %r that could not be checked (%s): %s", run.id, use_case, scorer, answers
            )
    change_run(store, run.id, scored_with={**versions, "at": datetime.now(UTC).isoformat()})
    return Scored(scores=scored, warnings=tuple(unchecked_warnings(versions)))


def score_batch(
    store: Store, run: Run, sample_ids: Sequence[int], measures: Measures, panel: Panel
) -> tuple[list[Vote], list[tuple[int, int, Score]]]:
    """What judges voted on these samples, and (sample id, model id, score) of all answers to them; stores nothing."""
    samples = {sample.id: sample for sample in load_samples(store, sample_ids)}
    votes, audits = _read_judges(store, run, samples, measures)
    use_cases = {sample.id: sample.use_case or "" for sample in samples.values()}
    counted = _score_votes(panel.counting(votes, use_cases))
    return votes, [*_score_answers(store, run, samples, measures), *counted, *audits]


def knows(run: Run, rule: str) -> bool:
    """Whether what a rule says of every answer of a run is stored: it was scored as a whole since its last answer."""
    scored, ended = run.scored_with, run.state.finished_at
    if scored.get(rule) != RULE_VERSIONS[rule] or ended is None:
        return False
    return datetime.fromisoformat(scored["at"]) >= ended


def is_outdated(run: Run) -> bool:
    """Whether the scores of a run were made by rules that have changed since."""
    return bool(run.scored_with) and any(run.scored_with.get(rule) != now for rule, now in RULE_VERSIONS.items())


def labels_by_use_case(samples: Iterable[Sample], kinds: Mapping[str, Kind]) -> dict[str, tuple[str, ...]]:
    """The allowed labels of every classification use case, as far as its right and recorded answers show them.

    A use case with few answers has no known set: a label that is right but rare must not count as invalid.
    """
    answers: dict[str, list[str]] = {}
    for sample in samples:
        name = sample.use_case or ""
        if kinds.get(name) is Kind.CLASSIFICATION:
            rights = right_answers(Kind.CLASSIFICATION, sample.reference.value) if sample.reference else []
            known = [*rights, sample.answer and sample.answer.text]
            answers.setdefault(name, []).extend(text for text in known if isinstance(text, str) and text)
    found = {name: find_labels(texts) for name, texts in answers.items() if len(texts) >= ENOUGH_ANSWERS}
    return {name: labels for name, labels in found.items() if labels and len(labels) > 1}


def measures_of(store: Store, run: Run, frozen: Frozen | None) -> Measures:
    """As the run was planned, by what is ``frozen``; None: as it is set now."""
    use_cases = {case.name: case for case in as_planned(list_use_cases(store, run.study_id), frozen)}
    choice = decided(store, run.study_id, run.baseline_lane, frozen)
    planned = decided_for(store, run)
    names = map_run_samples(store, run.id)
    classified = [id_ for id_, name in names.items() if choice.kinds.get(name) is Kind.CLASSIFICATION]
    return Measures(
        use_cases=use_cases,
        endpoints={name: frozenset({choice.endpoints[name], planned.endpoints[name]}) for name in use_cases},
        labels=labels_by_use_case(load_samples(store, classified), choice.kinds),
        rubrics=_rubrics_in_use(store, run, names, choice),
        checkers={name: Checker(case.checks) for name, case in use_cases.items() if case.checks},
    )


def _rubrics_in_use(store: Store, run: Run, names: Mapping[int, str], choice: Decided) -> dict[str, int]:
    """By use case the rubric in force where judges answered nearly all pairs by it, else the one they mostly did."""
    return {
        name: in_use(versions, choice.rubrics[name][0].version)
        for name, versions in judged_by(list_pair_calls(store, run.id), names).items()
        if name in choice.rubrics
    }


def in_use(versions: Mapping[int, Collection[PairKey]], in_force: int) -> int:
    """The version whose judgements count; ``versions`` holds the pairs that were judged by each."""
    most = max(map(len, versions.values()))
    if len(versions.get(in_force, ())) >= NEARLY_ALL * most:
        return in_force
    return max(versions, key=lambda version: (len(versions[version]), version))


def judged_by(pair_calls: Iterable[CallKey], names: Mapping[int, str]) -> dict[str, dict[int, set[PairKey]]]:
    """Use case -> version of the rubric -> pairs (sample id, candidate's id) that any judge was asked about by it.

    ``names``: the use case of every sample.
    """
    asked: dict[str, dict[int, set[PairKey]]] = {}
    for sample_id, *_, subject in pair_calls:
        if sample_id in names:
            pairs = asked.setdefault(names[sample_id], {}).setdefault(subject.rubric, set())
            pairs.add((sample_id, subject.model_id))
    return asked


def _score_answers(
    store: Store, run: Run, samples: Mapping[int, Sample], measures: Measures
) -> Iterator[tuple[int, int, Score]]:
    lanes = [Lane.CANDIDATE, Lane.BASELINE]
    generations = dict(load_generations(store, run.id, lanes=lanes, sample_ids=list(samples)))
    baselines = {
        key.sample_id: (key.model_id, generation.answer)
        for key, generation in generations.items()
        if key.lane is Lane.BASELINE and key.epoch == 1
    }
    for sample_id, model_id, answer in _answers(samples, generations, run):
        sample = samples[sample_id]
        use_case = measures.use_cases.get(sample.use_case or "")
        if use_case is None:
            continue
        labels, checker = measures.labels.get(use_case.name), measures.checkers.get(use_case.name)
        yield sample_id, model_id, guarded(VALIDITY, partial(validity, sample.request, answer, labels))
        for endpoint in measures.endpoints[use_case.name]:
            score = score_against(endpoint, use_case, sample, answer)
            if score is not None:
                yield sample_id, model_id, score
        baseline_id, baseline = baselines.get(sample_id, (0, None))
        agree = Endpoint.AGREEMENT in measures.endpoints[use_case.name] and baseline_id != model_id
        if agree and baseline is not None and answer is not None:
            yield sample_id, model_id, guarded(SAME_ANSWER, partial(same_answer, use_case, sample, baseline, answer))
        if checker is not None:
            yield sample_id, model_id, guarded(CHECKS, partial(checker.score, sample.request, answer))
        if answer is not None and answer.text:
            yield sample_id, model_id, guarded(PERSONAL_DATA, partial(personal_data, answer.text))
        if is_refusal(answer):
            yield sample_id, model_id, Score(scorer=REFUSED_BY_RULE, value=0.0, passed=False)
        if instructs_judge(sample.request, answer):
            yield sample_id, model_id, Score(scorer=INSTRUCTS_BY_RULE, value=0.0, passed=False)


def personal_data(text: str) -> Score:
    """1 where the answer holds personal data or secrets; which kinds, never the data."""
    kinds = sorted({span.label for span in find_spans(text)})
    found = (Finding(ScoreCode.PERSONAL_DATA, tuple(kind.lower() for kind in kinds)),) if kinds else ()
    return Score(scorer=PERSONAL_DATA, value=float(bool(kinds)), passed=not kinds, findings=found)


def _score_votes(votes: Sequence[Vote]) -> Iterator[tuple[int, int, Score]]:
    for (sample_id, model_id), by_judge in by_pair(votes).items():
        score = score_panel(list(by_judge.values()))
        if score.value is not None:
            yield sample_id, model_id, score


def by_pair(votes: Iterable[Vote]) -> dict[tuple[int, int], dict[int, list[Judgement]]]:
    """(sample id, model id) -> judge id -> its judgements."""
    pairs: dict[tuple[int, int], dict[int, list[Judgement]]] = {}
    for vote in votes:
        by_judge = pairs.setdefault((vote.sample_id, vote.model_id), {})
        by_judge.setdefault(vote.judge_id, []).append(vote.judgement)
    return pairs


def _read_judges(
    store: Store, run: Run, samples: Mapping[int, Sample], measures: Measures
) -> tuple[list[Vote], list[tuple[int, int, Score]]]:
    """What the judges' stored answers say: votes on pairs, and scores of single answers."""
    votes: list[Vote] = []
    audits: dict[tuple[int, int, str], Score] = {}
    for key, generation in load_generations(store, run.id, lanes=[Lane.JUDGE], sample_ids=list(samples)):
        is_unread = generation.failure is FailureKind.UNREADABLE
        if not is_unread and (generation.failure is not None or generation.answer is None):
            continue
        subject, text = key.subject, generation.answer.text if generation.answer else None
        name = samples[key.sample_id].use_case or ""
        if subject.about is About.PAIR and subject.rubric == measures.rubrics.get(name):
            judgement = parse_judgement(text, candidate_first=subject.candidate_first)
            votes.append(Vote(key.sample_id, subject.model_id, judgement, key.model_id))
        elif subject.about is About.AUDIT and (audit := parse_audit(text)) is not None:
            audits |= {(key.sample_id, subject.model_id, score.scorer): score for score in score_audit(audit)}
    return votes, [(sample_id, model_id, score) for (sample_id, model_id, _), score in audits.items()]


def _answers(
    samples: Mapping[int, Sample], generations: Mapping[CallKey, Generation], run: Run
) -> Iterator[tuple[int, int, Answer | None]]:
    """(sample id, model id, answer) of all that is scored: first epochs, and the recorded answers."""
    for key, generation in generations.items():
        if key.epoch == 1 and generation.failure is None and key.sample_id in samples:
            yield key.sample_id, key.model_id, generation.answer
    for sample_id, sample in samples.items():
        if sample.answer is not None and run.baseline_lane is Lane.RECORDED:
            yield sample_id, RECORDED, sample.answer

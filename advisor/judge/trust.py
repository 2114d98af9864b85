"""How far each judge of a run can be trusted: what it couldn't say, its position bias, its exam on control pairs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from advisor.analysis.statistics.agreement import length_lean
from advisor.analysis.verdict.exam import MOST_TIES, exam_result
from advisor.catalog.identity import family_of
from advisor.judge.agreement import WIN, Agreement, agreement_with_judge
from advisor.judge.exam import answered_controls, exam_of, results_of
from advisor.judge.run_facts import RunFacts
from advisor.judge.scores import by_pair
from advisor.scoring.judge import did_turn, score_pair
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.run.replies import count_unread
from advisor.store.run.scores import Vote, load_votes
from advisor.types import (
    Exam,
    JudgeFacts,
    Lane,
    Message,
    Preference,
    Role,
    Run,
    StoredModel,
    WarningCode,
)
from advisor.types.assessments import MIN_REVIEWS
from advisor.types.codes import JudgeState
from advisor.types.reports import judge_state
from advisor.types.scores import FEW_REPLIES, is_readable

MIN_PAIRS = 20


def describe_judges(store: Store, facts: RunFacts) -> tuple[JudgeFacts, ...]:
    """One for each judge that voted on a pair of the run."""
    models = {model.id: model for model in list_models(store, facts.study.id)}
    votes: dict[int, list[Vote]] = defaultdict(list)
    for vote in load_votes(store, facts.run.id):
        votes[vote.judge_id].append(vote)
    return tuple(
        _describe(facts, models[id_], own, results_of(answered_controls(store, facts.study.id, id_)))
        for id_, own in sorted(votes.items())
        if id_ in models
    )


def take_exam(store: Store, facts: RunFacts) -> Exam | None:
    """How the judges that voted in the run did on the control pairs of the study; None where nobody voted."""
    exam = exam_of(store, facts.run, facts.judge_ids)
    reviews = agreement_with_people(facts, exam)
    return exam and replace(exam, reviews=reviews.n, is_by_chance=reviews.is_by_chance, is_tied=reviews.is_tied)


def agreement_with_people(facts: RunFacts, exam: Exam | None) -> Agreement:
    """People and the judges of an exam, over all use cases and candidates whose votes are theirs.

    Few reviews of each may do together; those of pairs that other judges read say nothing of these.
    """
    judges = exam.judges if exam else ()
    theirs = {name for name, each in facts.exams.items() if each.judges == judges}
    pairs = [pair for pair in facts.by_hand if facts.samples[pair[0]].use_case in theirs]
    return agreement_with_judge(facts.scores, facts.reviews, pairs)


def agreements_with_people(facts: RunFacts) -> dict[str, Agreement]:
    """By use case; of no pair where no judge voted."""
    judges = {name: exam.judges for name, exam in facts.exams.items()}
    found = {exam.judges: agreement_with_people(facts, exam) for exam in facts.exams.values()}
    return {case.name: found.get(judges.get(case.name, ()), Agreement(n=0, same=0)) for case in facts.use_cases}


class FailedJudge(NamedTuple):
    """A judge of a run whose votes don't count, or who reads nothing for refusals, while it goes on too."""

    name: str
    state: JudgeState
    """FAILED or UNREADABLE."""
    exam: Message
    """How its exam went; the code is an ExamResult."""
    unread: tuple[int, int]
    """Replies that can't be read, of so many: votes, else answers to be read for refusals."""
    example: str
    """One of them."""


def failed_judges_of(store: Store, run: Run) -> list[FailedJudge]:
    """The judges of a run that fail by what they have replied so far."""
    found = []
    for id_, replies in count_unread(store, run.id).items():
        exam = exam_of(store, run, [id_])
        if exam is None:  # deleted since
            continue
        unreadable = [part for part in (replies.votes, replies.audits) if part[1] >= FEW_REPLIES]
        unread = next((part for part in unreadable if not is_readable(*part)), None)
        result = exam_result(exam if replies.votes == unread else replace(exam, unread=(0, 0)))
        state = JudgeState.UNREADABLE if unread else judge_state(result)
        if unread or state is JudgeState.FAILED:
            found.append(FailedJudge(exam.judges[0], state, result, unread or replies.votes, replies.example))
    return found


def related(judge: StoredModel, others: Sequence[StoredModel]) -> list[str]:
    """Names of the models that are of the judge's family, which it may prefer."""
    family = family_of(judge.plain_id)
    return [model.name for model in others if family is not None and family_of(model.plain_id) == family]


def _describe(
    facts: RunFacts, judge: StoredModel, votes: Sequence[Vote], anchors: Mapping[str, tuple[int, int]]
) -> JudgeFacts:
    judged = {pair: said[judge.id] for pair, said in by_pair(votes).items()}
    read = {pair: [one for one in said if one.parsed] for pair, said in judged.items()}
    both = {pair: said for pair, said in read.items() if len({one.candidate_first for one in said}) == 2}
    lengths = [(score_pair(said).value, *_lengths(facts, *pair)) for pair, said in both.items()]
    known = [(y, candidate, baseline) for y, candidate, baseline in lengths if y is not None]
    longer_won, longer_of = length_lean(*zip(*known, strict=True)) if known else (None, 0)
    turns = [turned for said in judged.values() if (turned := did_turn(said)) is not None]
    found = JudgeFacts(
        judge=judge.name,
        judged=len(votes),
        unparsed=sum(not vote.judgement.parsed for vote in votes),
        pairs=len(turns),
        flipped=sum(turns),
        tied=sum(value == WIN[Preference.TIE] for value, *_ in lengths),
        anchors=dict(anchors),
        longer_won=longer_won,
        longer_of=longer_of,
    )
    warnings = _warnings(facts, judge, found)
    return replace(found, warnings=tuple(each for each in warnings if not _is_answered(facts, judge, each)))


def _is_answered(facts: RunFacts, judge: StoredModel, warning: Message) -> bool:
    """Whether enough people have looked whether answers are as close as the judge says, and agree beyond chance."""
    if warning.code != WarningCode.JUDGE_TIES:
        return False
    theirs = {exam.judges: exam for exam in facts.exams.values() if judge.name in exam.judges}
    found = [agreement_with_people(facts, exam) for exam in theirs.values()]
    return any(each.n >= MIN_REVIEWS and not each.is_by_chance for each in found)


def _warnings(facts: RunFacts, judge: StoredModel, found: JudgeFacts) -> Iterator[Message]:
    if not is_readable(found.unparsed, found.judged):
        votes = {"unparsed": found.unparsed, "judged": found.judged}
        yield Message.of(WarningCode.JUDGE_UNREADABLE, judge=judge.name, **votes)
    if found.pairs >= MIN_PAIRS and found.tied > MOST_TIES * found.pairs:
        yield Message.of(WarningCode.JUDGE_TIES, judge=judge.name, tied=found.tied, pairs=found.pairs)
    compared = [model for model in facts.models.values() if model.role is not Role.JUDGE and not model.illustrative]
    kin = related(judge, compared)
    family = family_of(judge.plain_id)
    if facts.run.baseline_lane is Lane.RECORDED and family is not None and family_of(facts.run.baseline) == family:
        kin.append(facts.run.baseline)
    if kin:
        yield Message.of(WarningCode.JUDGE_KIN, judge=judge.name, models=kin)


def _lengths(facts: RunFacts, sample_id: int, model_id: int) -> tuple[int, int]:
    sample, model = facts.samples.get(sample_id), facts.models.get(model_id)
    if sample is None or model is None:
        return 0, 0
    answers = facts.candidate(sample, model).answer, facts.baseline(sample).answer
    candidate, baseline = (len(answer.text or "") if answer else 0 for answer in answers)
    return candidate, baseline

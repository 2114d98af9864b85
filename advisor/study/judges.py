"""How far each judge of a run can be trusted: what it could not say, how it turns, what it sees of planted pairs."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from advisor.analysis.judging import length_lean
from advisor.analysis.trust import MOST_TIES, missed
from advisor.catalog.families import family_of
from advisor.replay.subject import read_subject
from advisor.scoring.anchors import Anchor, is_seen
from advisor.scoring.judge import did_turn, parse_judgement, score_pair
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.scores import Vote, load_votes
from advisor.study.facts import RunFacts
from advisor.study.scores import by_pair
from advisor.types import JudgeFacts, Judgement, Lane, Model, Preference, Role

MOST_UNPARSED = 0.02
MIN_PAIRS = 20


def describe_judges(store: Store, facts: RunFacts) -> tuple[JudgeFacts, ...]:
    """One for each judge that gave a word on a pair of the run."""
    models = {model.id or 0: model for model in list_models(store, facts.study.id)}
    votes: dict[int, list[Vote]] = defaultdict(list)
    for vote in load_votes(store, facts.run.id):
        votes[vote.judge_id].append(vote)
    anchors = _anchors(facts)
    return tuple(
        _describe(facts, models[id_], own, anchors.get(id_, {})) for id_, own in votes.items() if id_ in models
    )


def related(judge: Model, others: Sequence[Model]) -> list[str]:
    """Names of the models that are of the judge's family, which it may prefer."""
    family = family_of(judge.plain_id)
    return [model.name for model in others if family is not None and family_of(model.plain_id) == family]


def _describe(
    facts: RunFacts, judge: Model, votes: Sequence[Vote], anchors: Mapping[str, tuple[int, int]]
) -> JudgeFacts:
    judged = {pair: said[judge.id or 0] for pair, said in by_pair(votes).items()}
    both = {pair: said for pair, said in judged.items() if len({one.candidate_first for one in said}) == 2}
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
        tied=sum({one.preference for one in said} == {Preference.TIE} for said in both.values()),
        anchors=dict(anchors),
        longer_won=longer_won,
        longer_of=longer_of,
    )
    return replace(found, warnings=tuple(_warnings(facts, judge, found)))


def _warnings(facts: RunFacts, judge: Model, found: JudgeFacts) -> Iterator[str]:
    if found.unparsed > MOST_UNPARSED * found.judged:
        yield (
            f"{found.unparsed} of {found.judged} words of the judge {judge.name} could not be read and count as ties."
        )
    if found.pairs >= MIN_PAIRS and found.tied > MOST_TIES * found.pairs:
        yield (
            f"The judge {judge.name} called a tie in {found.tied} of {found.pairs} pairs: the answers are alike, or it "
            "does not look. Review some pairs yourself."
        )
    if not_seen := missed(found):
        yield (
            f"The judge {judge.name} does not see through planted pairs: {', '.join(not_seen)}. Use another judge, or "
            "have people review."
        )
    compared = [model for model in facts.models.values() if model.role is not Role.JUDGE and not model.illustrative]
    kin = related(judge, compared)
    family = family_of(judge.plain_id)
    if facts.run.baseline_lane is Lane.RECORDED and family is not None and family_of(facts.run.baseline) == family:
        kin.append(facts.run.baseline)
    if kin:
        yield f"The judge {judge.name} is of the same family as {', '.join(kin)}, which it may prefer."


def _lengths(facts: RunFacts, sample_id: int, model_id: int) -> tuple[int, int]:
    sample, model = facts.samples.get(sample_id), facts.models.get(model_id)
    if sample is None or model is None:
        return 0, 0
    answers = facts.candidate(sample, model).answer, facts.baseline(sample).answer
    candidate, baseline = (len(answer.text or "") if answer else 0 for answer in answers)
    return candidate, baseline


def _anchors(facts: RunFacts) -> dict[int, dict[str, tuple[int, int]]]:
    """Judge id -> kind of planted pair -> (seen, asked in both orders)."""
    said: dict[tuple[int, int, str], list[Judgement]] = defaultdict(list)
    for key, generation in facts.besides.items():
        subject = read_subject(key.subject)
        if subject.about in set(Anchor) and generation.answer is not None:
            judgement = parse_judgement(generation.answer.text, candidate_first=subject.candidate_first)
            said[key.model_id, key.sample_id, subject.about].append(judgement)
    seen: Counter[tuple[int, str]] = Counter()
    asked: Counter[tuple[int, str]] = Counter()
    for (judge_id, _, kind), judgements in said.items():
        if not all(judgement.parsed for judgement in judgements):
            continue
        found = is_seen(Anchor(kind), judgements)
        if found is not None:
            asked[judge_id, kind] += 1
            seen[judge_id, kind] += found
    result: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for judge_id, kind in sorted(asked):
        result[judge_id][kind] = (seen[judge_id, kind], asked[judge_id, kind])
    return result

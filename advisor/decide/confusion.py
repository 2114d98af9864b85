"""Which label was given for which right one: the confusion matrix of a classification, for one model."""

from collections import Counter
from dataclasses import dataclass

from advisor.analysis.statistics.agreement import Rates, rates
from advisor.judge.scores import labels_by_use_case
from advisor.scoring.matching import label_pair
from advisor.scoring.reading import read_label
from advisor.store import Store
from advisor.store.engine import in_parts
from advisor.store.log.logs import load_samples
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.generations import load_generations
from advisor.store.run.samples import map_run_samples
from advisor.store.run.scores import ScoreKey, load_scores
from advisor.types import Endpoint, Kind, Lane, Run

MOST_LABELS = 30
"""A larger table tells nobody anything."""


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Counts of (right label, given label); given None: no label, or none of the known ones."""

    labels: tuple[str, ...]
    """The right ones, the most frequent first; at most 30."""
    counts: dict[tuple[str, str | None], int]
    n: int
    is_logged: bool
    """The right labels are those that the log has as answers, as no sample has a reference answer."""
    scored: int
    """Answers of these that have a score beside their right answer."""
    right: int
    """Scored answers that count as right; in the table they stand at their right label, however they write it."""
    otherwise: int
    """Scored answers that name the right label in a form that does not count as right."""
    rates: Rates
    """Over all right labels alike: a model that only knows the most frequent one is seen by them."""


def confusion_of(store: Store, run: Run, use_case: str, model: str) -> Confusion | None:
    """How a candidate's first answers fall on the labels; None where the use case has neither right nor logged ones.

    Which answers are right is not decided here: it is what their stored scores say. Beside logged labels none has one.
    """
    case = next((case for case in list_use_cases(store, run.study_id) if case.name == use_case), None)
    if case is None or case.kind is not Kind.CLASSIFICATION:
        return None
    ids = [sample_id for sample_id, name in map_run_samples(store, run.id).items() if name == use_case]
    samples = {sample.id: sample for sample in load_samples(store, ids)}
    known = labels_by_use_case(samples.values(), {use_case: case.kind}).get(use_case, ())
    targets = {sample.id: sample.reference.value for sample in samples.values() if sample.reference}
    is_logged = not targets
    if is_logged:
        texts = {sample.id: sample.answer.text for sample in samples.values() if sample.answer}
        targets = {id_: label for id_, text in texts.items() if (label := read_label(text or "")) is not None}
    model_id = next((m.id for m in list_models(store, run.study_id) if m.name == model), 0)
    scorer = Endpoint.TARGET.value
    scores = load_scores(store, run.id, scorers=[scorer], model_ids=[model_id], sample_ids=targets, explained=False)
    counts: Counter[tuple[str, str | None]] = Counter()
    scored = right = otherwise = 0
    for some in in_parts(sorted(targets)):
        for key, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE], sample_ids=some):
            if key.model_id != model_id or key.epoch != 1 or generation.failure is not None:
                continue
            pair = label_pair(case.kind, targets[key.sample_id], generation.answer, known)
            if pair is None:
                continue
            if is_logged:
                scored, right = scored + 1, right + (pair[0] == pair[1])
            score = scores.get(ScoreKey(key.sample_id, model_id, scorer))
            if score is not None and score.passed is not None:
                scored += 1
                right += score.passed
                otherwise += pair[0] == pair[1] and not score.passed
                pair = (pair[0], pair[0]) if score.passed else pair
            counts[pair] += 1
    if not counts:
        return None
    frequent = Counter[str]()
    for (wanted, _), n in counts.items():
        frequent[wanted] += n
    return Confusion(
        labels=tuple(label for label, _ in frequent.most_common(MOST_LABELS)),
        counts=dict(counts),
        n=counts.total(),
        is_logged=is_logged,
        scored=scored,
        right=right,
        otherwise=otherwise,
        rates=rates(
            [wanted for wanted, _ in counts.elements()],
            ["" if given is None else given for _, given in counts.elements()],
            labels=list(frequent),
        ),
    )

"""Between two rounds of a run that may stop early: what is decided by now."""

from advisor.decide.evidence import gather_evidence
from advisor.decide.limits import as_frozen
from advisor.judge.run_facts import RunFacts
from advisor.judge.scores import score_run
from advisor.judge.trust import take_exam
from advisor.measure.replay.asking import Settle
from advisor.store import Store
from advisor.store.run.generations import CallKey, list_answered, list_asked
from advisor.store.run.runs import get_run
from advisor.store.studies import get_study
from advisor.types import Run, Settled


def settling(store: Store, run: Run) -> Settle:
    """What the engine asks between two rounds: scores the answers that are new and looks at the evidence again."""
    scored: set[int] = set()
    answered: set[CallKey] = set()

    def settle() -> list[Settled]:
        from advisor.analysis.verdict.stopping import settled

        now = get_run(store, run.id)
        study = as_frozen(get_study(store, run.study_id), run)
        new_answers = list_answered(store, run.id) - answered  # to calls that an earlier round had lost, too
        fresh = sorted({key.sample_id for key in new_answers} | (list_asked(store, run.id) - scored))
        score_run(store, now, fresh, planned=True)
        scored.update(fresh)
        answered.update(new_answers)
        facts = RunFacts(store, study, now, planned=True)
        ids = {model.name: model.id for model in facts.candidates}
        found = settled(
            gather_evidence(facts),
            confidence=study.confidence,
            margin=study.margin,
            exam=take_exam(store, facts),
        )
        cases = {use_case.name: use_case.id for use_case in facts.use_cases}
        kept = {(each.use_case_id, each.model_id) for each in now.settled}
        new = [Settled(cases[name], ids[model], verdict, n) for name, model, verdict, n in found]
        return [*now.settled, *(each for each in new if (each.use_case_id, each.model_id) not in kept)]

    return settle

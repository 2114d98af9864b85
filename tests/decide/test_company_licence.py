"""What makes a decision outdated: an answer about the company, and no candidate that no run has asked."""

from pathlib import Path

from advisor.decide.decisions import decide
from advisor.decide.freshness import is_current
from advisor.store import Store
from advisor.store.company import save_company
from advisor.store.models import add_model, list_models, set_probe
from advisor.types import Lane, Model, Probe, Role
from advisor.types.licences import Company
from tests.made.log import call
from tests.made.run import replayed


def test_an_answer_makes_the_decision_outdated(store: Store, tmp_path: Path) -> None:
    rows = [call(n, answer="right", target="right", metadata={"use_case": "a"}) for n in range(20)]
    study, run, _ = replayed(
        store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda body: "right"}, baseline=Lane.RECORDED
    )
    before = decide(store, study, run=run)
    assert is_current(store, study, before, run)
    save_company(store, Company(eu=False))
    assert not is_current(store, study, before, run)
    assert is_current(store, study, decide(store, study, run=run), run)


def test_a_candidate_that_is_added_or_tested_does_not(store: Store, tmp_path: Path) -> None:
    rows = [call(n, answer="right", target="right", metadata={"use_case": "a"}) for n in range(20)]
    roles = {"open": Role.CANDIDATE}
    study, run, _ = replayed(store, tmp_path, rows, roles, {"open": lambda body: "right"}, baseline=Lane.RECORDED)
    before = decide(store, study, run=run)
    add_model(store, study.id, Model(name="new", litellm_id="openai/gpt-6-luna"))
    for model in reversed(list_models(store, study.id)):
        set_probe(store, model.id, Probe(reachable=True, streams=False))
        assert is_current(store, study, before, run) == (model.name == "new"), "a test of what decided may change it"

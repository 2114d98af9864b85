"""An answer about the company makes the decisions before it outdated: their plans say what licenses mean for it."""

from pathlib import Path

from advisor.decide.decisions import decide
from advisor.decide.freshness import is_current
from advisor.store import Store
from advisor.store.company import save_company
from advisor.types import Lane, Role
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

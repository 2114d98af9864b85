"""What if: the verdicts of a decision by these limits, a bill that scales, and what a choice changes and undoes."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from itertools import product
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

from advisor.analysis.quality.columns import PATHS
from advisor.analysis.verdict.recommend import recommend
from advisor.decide.decisions import decide, latest_report
from advisor.decide.evidence import gather_evidence
from advisor.decide.freshness import is_current
from advisor.decide.grounds import Grounds, decision_input, grounds_of
from advisor.decide.limits import chosen_scenario, planned_limits, study_limits
from advisor.decide.scenarios import (
    frontier,
    undo,
    use_scenario,
    what_if,
)
from advisor.errors import BadInput
from advisor.judge.run_facts import RunFacts, newest_answered
from advisor.report.front import front
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.scenarios import delete_scenario, list_scenarios, save_scenario
from advisor.store.studies import change_study, create_study, get_study, list_studies, revision_of
from advisor.text.numbers import dollars, pts
from advisor.text.scenarios import changed_words, frontier_title, scenario_words, usual_drop
from advisor.types import Endpoint, Recommendation, Study
from advisor.types.scenarios import Assumptions, Limits, Scenario
from tests.pages.decided_study import sample_database
from tests.report.made_report import dossier

AS_IT_IS = Assumptions()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenarios") / "advisor.db"
    sample_database(path)
    return path


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{database}")
    yield opened
    for each in list_scenarios(opened, 1):
        delete_scenario(opened, 1, each.name)
    opened.close()


@pytest.fixture
def study(store: Store) -> Study:
    return list_studies(store)[0]


@pytest.fixture
def grounds(store: Store, study: Study) -> Grounds:
    return grounds_of(store, study, newest_answered(store, study))


def _verdicts(recommendation: Recommendation) -> list[object]:
    return [(d.name, d.verdict, d.chosen, d.candidates) for d in recommendation.use_cases]


@pytest.mark.parametrize("margin", [None, 0.02, 0.15])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_a_what_if_is_what_a_decision_by_these_limits_says(
    store: Store, study: Study, grounds: Grounds, margin: float | None, confidence: float
) -> None:
    decided = decide(store, replace(study, margin=margin, confidence=confidence)).recommendation
    asked = what_if(grounds, Limits(margin=margin, confidence=confidence), AS_IT_IS)
    assert _verdicts(asked) == _verdicts(decided)
    assert asked.bill == decided.bill


def test_limits_on_time_and_of_a_use_case_count(grounds: Grounds) -> None:
    wide = what_if(grounds, Limits(margin=0.2), AS_IT_IS)
    moved = [d.name for d in wide.use_cases if d.chosen]
    assert len(moved) > 1
    timed = what_if(grounds, Limits(margin=0.2, max_latency_p95_s=1.0), AS_IT_IS)
    assert [d.name for d in timed.use_cases if d.chosen] == []
    own = what_if(grounds, Limits(margin=0.2, use_cases={grounds.use_cases[moved[0]]: 0.001}), AS_IT_IS)
    assert [d.name for d in own.use_cases if d.chosen] == moved[1:]


def test_traffic_scales_the_bill_and_a_price_that_is_too_high_takes_moves_back(grounds: Grounds) -> None:
    limits = Limits(margin=0.2)
    once, twice = (what_if(grounds, limits, Assumptions(traffic=traffic)) for traffic in (1.0, 2.0))
    assert [d.verdict for d in once.use_cases] == [d.verdict for d in twice.use_cases]
    assert once.bill.monthly is not None
    assert twice.bill.monthly is not None
    assert twice.bill.monthly.savings_usd.point == pytest.approx(2 * once.bill.monthly.savings_usd.point)
    dear = what_if(grounds, limits, Assumptions(price=100.0))
    assert [d.name for d in dear.use_cases if d.chosen] == []
    cheaper = what_if(grounds, limits, Assumptions(price=0.5))
    assert cheaper.bill.monthly is not None
    assert cheaper.bill.monthly.savings_usd.point > once.bill.monthly.savings_usd.point


def test_what_a_decision_kept_is_what_is_gathered(store: Store, study: Study) -> None:
    decide(store, study)
    run = newest_answered(store, study)
    kept = grounds_of(store, study, run).given
    facts = RunFacts(store, study, run)
    gathered = decision_input(store, facts, gather_evidence(facts), at=kept.created_at)
    assert isinstance(kept.evidence, tuple), "read from the store"
    ours, theirs = gathered.columns or {}, kept.columns or {}
    assert [*ours] == [*theirs]
    for key, path in product(ours, PATHS):
        one, other = (attrgetter(path)(columns[key]) for columns in (ours, theirs))
        assert one.dtype == other.dtype
        if one.dtype == object:
            assert one.tolist() == other.tolist()
        else:
            np.testing.assert_array_equal(one, other)
    assert recommend(replace(gathered, warnings=())) == recommend(kept)


def test_the_frontier_is_what_each_drop_decides(grounds: Grounds) -> None:
    found = frontier(grounds, Limits(), 1.0, (0.03, 0.15))
    for crossing, traffic in product(found, (1.0, 3.0)):
        decided = what_if(grounds, Limits(margin=crossing.margin), Assumptions(traffic=traffic))
        assert crossing.moves == tuple(d.name for d in decided.use_cases if d.chosen)
        assert decided.bill.monthly is not None
        saved, expected = crossing.at(traffic).savings_usd, decided.bill.monthly.savings_usd
        assert saved is not None
        assert astuple(saved) == pytest.approx(astuple(expected))
    assert set(found[0].moves) < set(found[1].moves)
    who, saved = f"{len(found[1].moves)} use cases can move from a drop of 15 pts on", found[1].savings_usd
    assert saved is not None
    assert frontier_title(found, 0) == f"{who} and save {dollars(saved.point)} a month"
    assert frontier_title(found, len(found[1].moves)) == f"{who}, no more up to {pts(found[-1].margin)}"


def test_a_what_if_is_quick(grounds: Grounds) -> None:
    began = time.process_time()
    what_if(grounds, Limits(margin=0.07), AS_IT_IS)
    assert time.process_time() - began < 0.15


def test_a_scenario_in_use_sets_the_limits_and_an_undo_restores_them(store: Store, study: Study) -> None:
    case = next(case for case in list_use_cases(store, study.id) if case.name == "Ticket triage")
    before = study_limits(store, study)
    bold = Limits(margin=0.12, confidence=0.9, max_latency_p95_s=9.0, use_cases={case.id: 0.03})
    bill = Assumptions(traffic=2.0, one_off_usd=500.0)
    use_scenario(store, study, Scenario(name="Bold", limits=bold, assumed=bill))
    changed = get_study(store, study.id)
    assert study_limits(store, changed) == bold
    assert list_scenarios(store, study.id) == [Scenario(name="Bold", limits=bold, assumed=bill, chosen=True)]
    undo(store, changed)
    assert study_limits(store, get_study(store, study.id)) == before
    assert list_scenarios(store, study.id) == []
    undo(store, changed)  # nothing is left to undo
    planned = planned_limits(newest_answered(store, study))
    assert planned == before


def test_the_report_shows_the_scenario_in_use_next_to_what_was_planned(store: Store, study: Study) -> None:
    bold = Scenario(name="Bold", limits=Limits(margin=0.12), assumed=Assumptions(traffic=2.0), chosen=True)
    assert decide(store, study).scenario is None
    use_scenario(store, study, bold)
    used = get_study(store, study.id)
    report = decide(store, used)
    assert (report.scenario, report.planned) == (bold, study_limits(store, study))
    assert latest_report(store, used) == report
    assert "scenario Bold" in front(dossier(report))["facts"]
    stored = newest_answered(store, used)
    assert is_current(store, used, report, stored)
    use_scenario(store, used, replace(bold, assumed=AS_IT_IS))
    assert not is_current(store, used, report, stored), "it assumes another traffic"
    change_study(store, study.id, margin=0.1)
    assert decide(store, get_study(store, study.id)).scenario is None, "a limit was changed since"
    change_study(store, study.id, margin=None)


def test_saving_and_deleting_is_undone_and_raises_the_revision(store: Store, study: Study) -> None:
    limits = study_limits(store, study)
    first = revision_of(store, study.id)
    save_scenario(store, study.id, Scenario(name="A", limits=limits))
    save_scenario(store, study.id, Scenario(name="B", limits=limits))
    save_scenario(store, study.id, Scenario(name="A", limits=replace(limits, margin=0.2)))
    assert [(each.name, each.limits.margin) for each in list_scenarios(store, study.id)] == [("A", 0.2), ("B", None)]
    delete_scenario(store, study.id, "A")
    assert [each.name for each in list_scenarios(store, study.id)] == ["B"]
    undo(store, study)
    assert [each.name for each in list_scenarios(store, study.id)] == ["A", "B"]
    assert first is not None
    now = revision_of(store, study.id)
    assert now is not None
    assert now[1] >= first[1] + 5


def test_undoing_a_save_leaves_limits_that_were_set_meanwhile(store: Store, study: Study) -> None:
    save_scenario(store, study.id, Scenario(name="A", limits=Limits(margin=0.2)))
    change_study(store, study.id, margin=0.1)
    undo(store, study)
    assert get_study(store, study.id).margin == 0.1
    use_scenario(store, study, Scenario(name="A", limits=Limits(margin=0.2)))
    change_study(store, study.id, margin=0.15)
    undo(store, study)
    assert (get_study(store, study.id).margin, list_scenarios(store, study.id)) == (0.15, [])
    change_study(store, study.id, margin=None)


@pytest.mark.parametrize(
    "scenario", [Scenario(name=" ", limits=Limits(margin=0.2)), Scenario(name="A", limits=Limits(margin=2.0))]
)
def test_a_scenario_that_makes_no_sense_changes_nothing(store: Store, study: Study, scenario: Scenario) -> None:
    before = revision_of(store, study.id)
    with pytest.raises(BadInput):
        use_scenario(store, study, scenario)
    assert (revision_of(store, study.id), list_scenarios(store, study.id)) == (before, [])


def test_a_scenario_stays_in_use_while_its_limits_are_the_same(store: Store, study: Study) -> None:
    bold = Scenario(name="Bold", limits=Limits(margin=0.12, use_cases={10_000: 0.1}))
    use_scenario(store, study, bold)
    used = get_study(store, study.id)
    assert chosen_scenario(store, used) == replace(bold, chosen=True), "a use case that is gone has no margin"
    dearer = replace(bold, assumed=Assumptions(price=1.2))
    save_scenario(store, study.id, dearer)
    assert chosen_scenario(store, used) == replace(dearer, chosen=True)
    save_scenario(store, study.id, replace(dearer, limits=Limits(margin=0.3)))
    assert [each.chosen for each in list_scenarios(store, study.id)] == [False]
    change_study(store, study.id, margin=None)


def test_scenarios_saved_at_the_same_moment_are_all_kept(any_store: Store) -> None:
    study = create_study(any_store, "Tickets")
    names = [f"Case {number}" for number in range(8)]

    def save(name: str) -> None:
        save_scenario(any_store, study.id, Scenario(name=name, limits=Limits()))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(save, names))
    assert sorted(each.name for each in list_scenarios(any_store, study.id)) == names
    undo(any_store, study)
    assert len(list_scenarios(any_store, study.id)) == len(names) - 1


def test_the_report_says_what_its_business_case_assumes() -> None:
    bold = Scenario(name="Bold", limits=Limits(margin=0.12), assumed=Assumptions(traffic=2.0, price=1.2))
    assert "In the business case: Traffic: x2; Candidate prices: +20%." in scenario_words(bold, None, "10")
    assert "business case" not in scenario_words(replace(bold, assumed=AS_IT_IS), None, "10")
    assert changed_words(Limits(margin=0.1), Limits(), "10") == "", "the usual drop, chosen"
    assert changed_words(Limits(margin=0.05), Limits(), "10").endswith("acceptable drop 5 pts (planned: 10 pts)")


def test_the_default_drop_is_that_of_the_use_cases() -> None:
    judged = [Endpoint.PAIRWISE, Endpoint.PAIRWISE]
    assert usual_drop(judged) == "10"
    assert usual_drop([*judged, Endpoint.TARGET]) == "5 or 10"
    assert usual_drop([Endpoint.TARGET, Endpoint.AGREEMENT]) == "5"

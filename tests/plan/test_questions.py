"""The six questions: answered from facts, and what isn't known is said to be unknown."""

from dataclasses import replace

from advisor.analysis.migration_plan import plan
from advisor.plan.dossier import make_dossier
from advisor.plan.questions import hardware_of, outlook_of
from advisor.text.business_case.questions import Answer, answers, hardware_words
from advisor.types import FailureKindName, Prices, Report, StoredModel, Verdict
from advisor.types.questions import Potential
from tests.nested import changed
from tests.report.made_report import SOLAR, dossier, large_report, small_report

OPEN = StoredModel(
    id=1, name=SOLAR, litellm_id="groq/openai/gpt-oss-120b", licence="apache-2.0", prices=Prices(input=0.2, output=0.6)
)


def with_known_model() -> Report:
    report = large_report()
    return replace(report, models=(OPEN, *(model for model in report.models if model.name != SOLAR)))


def words(answer: Answer) -> str:
    return " ".join([*answer.lines, *(cell for row in answer.rows for cell in row)])


def test_contenders_agree_with_the_decision() -> None:
    report = large_report()
    outlook = dossier(report).outlook
    for each in outlook.contenders:
        mine = {
            case.name: a.ruling.verdict
            for case in report.recommendation.use_cases
            for a in case.candidates
            if a.model == each.model
        }
        assert set(each.good) == {name for name, verdict in mine.items() if verdict is Verdict.SWITCH}
        assert set(each.worse) == {name for name, verdict in mine.items() if verdict is Verdict.KEEP}
        assert len(each.good + each.partly + each.worse + each.undecided) == len(mine)
    assert outlook.contenders[0].model == SOLAR


def test_hardware_is_the_cheapest_that_holds_the_model() -> None:
    known = dossier(with_known_model()).outlook.contenders[0]
    assert known.weights
    assert known.weights.licence == "Apache License 2.0"
    assert known.weights.gpu
    assert known.weights.gpus
    assert known.weights.usd_a_month
    assert known.potential in (Potential.GOOD, Potential.LARGE)


def test_unknown_is_said() -> None:
    told = {answer.question: words(answer) for answer in answers(dossier(small_report()))}
    assert len(told) == 6
    text = " ".join(told.values())
    assert "share of the bill is unknown" in text
    assert "not in the catalog" in text
    assert "saving unknown; training cost unknown" in text
    assert "$" not in text.replace("$ per", "")


def test_no_answer_says_that_something_moves_where_nothing_does() -> None:
    report = large_report()
    models = {model.name: model for model in report.models}
    good = tuple(case for case in report.recommendation.use_cases if case.target)
    decided = changed(report.recommendation, use_cases=good, worth=False)
    told = [
        words(each)
        for each in answers(dossier(replace(report, recommendation=decided, plan=plan(decided, models, {}))))
    ]
    assert told[1].startswith(f"Yes: {len(good)} of {len(good)} use cases can run on open models.")
    assert told[3].startswith("No use case moves yet.")
    assert told[5] == "Not needed: every use case has a good enough candidate."


def test_failures_that_examples_mend_are_counted() -> None:
    report = large_report()
    lost = ((FailureKindName.WRONG_LABEL, 7), (FailureKindName.JUDGED_WORSE, 5))
    made = dossier(report)
    made = make_dossier(report, made.case, (), made.schedule, lambda *_: lost)
    assert made.outlook.tuning
    assert made.outlook.tuning.failures == lost
    assert "7 of 12 are errors of form, label, field or tool call" in words(answers(made)[-1])


def test_without_candidates_everything_is_unknown() -> None:
    report = small_report()
    cases = tuple(replace(case, candidates=(), reported=None) for case in report.recommendation.use_cases)
    bare = replace(report, recommendation=replace(report.recommendation, use_cases=cases))
    outlook = outlook_of(bare, dossier(report).case, lambda *_: ())
    assert outlook.contenders == ()
    assert outlook.tuning is None


def test_hardware_is_named_where_the_target_runs_on_a_server_of_ones_own() -> None:
    report = with_known_model()
    decision = next(each for each in report.recommendation.use_cases if each.chosen == SOLAR)
    assert hardware_of(report, decision) is None, "a host runs it"
    own = replace(OPEN, api_base="http://gpu.example:8000/v1")
    found = hardware_of(replace(report, models=(own, *report.models[1:])), decision)
    assert found is not None
    assert f"{found.gpus} × {found.gpu}" in hardware_words(found)
    assert "estimated" in hardware_words(found)

"""An executive summary by a model: a text with a number that isn't a fact is refused, whatever its form."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import BadInput
from advisor.jobs.sample import SAMPLE_STUDY, load_sample
from advisor.plan.dossier import dossier_of
from advisor.plan.narrative import can_write, expected_usd, with_narrative, write_narrative
from advisor.store import Store
from advisor.store.studies import find_study
from advisor.text.business_case.narrative import wrong_numbers
from advisor.text.business_case.number_check import Figure, Unit, unsupported
from advisor.text.numbers import dollars, percent, pts
from advisor.types import Model, Prices, StoredModel, Study, Verdict
from advisor.types.dossier import Dossier
from tests.report.made_report import dossier, large_report
from tests.server import MisbehavingServer, completion

RIGHT = (
    "Moving two use cases saves $330 a month.",
    "The saving is $327.60 a month, more than half of the bill.",
    "It saves $328 of $612 a month, or 54%.",
    "It saves 53.5% of the bill.",
    "Today's bill is USD 610 a month.",
    "Today's bill is 612 dollars a month.",
    "It costs $4,500 once and pays back in month 16.",
    "It costs $4.5k once.",
    "The one-off cost is $4,488.",
    "The net is -$1,000 in 12 months and $6,800 in 36 months.",
    "The 12-month net is -$1,044.",
    "After 36 months $6,820 has been saved.",
    "We ask to move 2 of 8 use cases.",
    "The other 6 use cases stay for now.",
    "The shadow test starts on 7 Dec 2026.",
    "All traffic moves by January 11, 2027.",
    "All traffic moves by 2027-01-11.",
    "The move ends in Jan 2027.",
    "The move ends in 2027.",
    "The test begins on 7 December and ends on 11 January.",
    "Solar Pro 3 32B Instruct replaces gpt-4.1 in two use cases.",
    "Roll back to gpt-4.1 if quality drops 5 pts or 5% of calls fail.",
    "A drop of 5 percentage points, or 5 percent of failed calls, ends the test.",
    "Each use case has at least 396 samples.",
    "17 planned calls have no answer.",
    "The decision rests on 1,725 samples.",
    "The decision rests on 1,730 samples.",
    "Extract invoice fields saves $230 a month, Classify support tickets $100.",
    "The intervals hold with 95% confidence.",
    "The saving is about a third of what three teams spend, and half of it comes soon.",
    "Nothing can be said of p95 latency. Confidence is low.",
)
WRONG = {
    "Moving two use cases saves $340 a month.": "$340",
    "It saves $330 a day and $3,300 a year.": "$3,300",
    "It saves $300 a month.": "$300",
    "It saves $330k a month.": "$330k",
    "It saves $3.3 million.": "$3.3 million",
    "It saves €330 a month.": "330",
    "It saves 55%.": "55%",
    "It saves 53.6% of the bill.": "53.6%",
    "It saves 54 points.": "54 points",
    "Today's bill is USD 620 a month.": "USD 620",
    "Today's bill is 621 dollars a month.": "621 dollars",
    "It costs $3,500 once.": "$3,500",
    "It costs $4,489 once.": "$4,489",
    "It costs $4k once.": "$4k",
    "It pays back in month 11.": "11",
    "The net is -$1,044 in 25 months.": "25",
    "The 25-month net is $80.": "25",
    "Net savings are -$80 in 12 months.": "-$80",
    "We ask to move 3 of 8 use cases.": "3",
    "We ask to move 2 of 9 use cases.": "9",
    "The other 12 use cases stay.": "12",
    "The shadow test starts on 25 Nov 2026.": "25 Nov 2026",
    "All traffic moves by December 15, 2027.": "December 15, 2027",
    "All traffic moves by 2026-12-16.": "2026-12-16",
    "The move ends in Feb 2027.": "Feb 2027",
    "The move ends in 2031.": "2031",
    "Roll back to gpt-4.1 if quality drops 6 pts.": "6 pts",
    "Each use case has at least 369 samples.": "369",
    "The decision rests on 1,752 samples.": "1,752",
    "It's 3x cheaper than gpt-4.1.": "3",
    "It saves \u00bd of the bill, ３４０ dollars.": "1",
    "Solar Pro 4 32B Instruct replaces gpt-4.1.": "4",
    "It answers in 900 ms.": "900 ms",
}


@pytest.fixture(scope="module")
def made() -> Dossier:
    return dossier(large_report())


@pytest.mark.parametrize("text", RIGHT)
def test_right_numbers_are_accepted(made: Dossier, text: str) -> None:
    assert wrong_numbers(text, made) == []


@pytest.mark.parametrize("text", WRONG)
def test_wrong_numbers_are_named(made: Dossier, text: str) -> None:
    assert WRONG[text] in wrong_numbers(text, made)


@given(value=st.floats(0.05, 5e6), other=st.floats(0.05, 5e6))
def test_our_own_forms_are_accepted_and_other_amounts_refused(value: float, other: float) -> None:
    facts = [Figure(unit=Unit.USD, value=value)]
    assert unsupported(f"It saves {dollars(value)} a month.", facts) == []
    is_near = abs(other - value) <= 0.06 * value or dollars(other) == dollars(value)
    assert is_near or unsupported(f"It saves {dollars(other)} a month.", facts) == [dollars(other)]


@given(fraction=st.floats(0.001, 1.0))
def test_shares_and_points_as_they_are_shown(fraction: float) -> None:
    facts = [Figure(unit=Unit.SHARE, value=100 * fraction), Figure(unit=Unit.POINTS, value=-100 * fraction)]
    assert unsupported(f"Up {percent(fraction)}, down -{pts(fraction)}.", facts) == []


@given(text=st.text(alphabet=st.characters(exclude_characters="p")))  # p95 is a name
def test_any_text_is_read_and_no_digit_is_lost(text: str) -> None:
    assert bool(unsupported(text, [])) or not any(each in "0123456789" for each in text)


@contextmanager
def writing(said: str | dict[str, Any]) -> Iterator[StoredModel]:
    with MisbehavingServer(answers={"writer": lambda _: said}) as server:
        yield StoredModel(
            id=0,
            name="Writer 9000",
            litellm_id="openai/writer",
            api_base=server.url,
            prices=Prices(input=1.0, output=2.0),
        )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Study]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('narrative') / 'sample.db'}")
    load_sample(store)
    study = find_study(store, SAMPLE_STUDY)
    assert study
    return store, study


def test_a_summary_is_kept_with_its_decision_only(sample: tuple[Store, Study]) -> None:
    store, study = sample
    before = dossier_of(store, study)
    assert before.narrative is None
    with writing("Larch 30B saves $3,200 a month in 2 of 6 use cases.") as model:
        assert expected_usd(before, model)
        write_narrative(store, study, before, model)
    kept = dossier_of(store, study).narrative
    assert kept
    assert (kept.model, kept.text) == ("Writer 9000", "Larch 30B saves $3,200 a month in 2 of 6 use cases.")
    assert kept.cost_usd

    decision = before.report.recommendation
    later = replace(decision, created_at=decision.created_at.replace(year=2040))
    assert (
        with_narrative(store, study, replace(before, report=replace(before.report, recommendation=later))).narrative
        is None
    )
    halved = replace(decision, bill=replace(decision.bill, monthly=None), use_cases=decision.use_cases[:3])
    ask = replace(before.ask, values=before.ask.values | {"all": 3})
    plan = replace(before.report.plan, moves=before.report.plan.moves[:3])
    fewer = replace(before, report=replace(before.report, recommendation=halved, plan=plan), ask=ask)
    assert with_narrative(store, study, fewer).narrative is None


def test_a_wrong_number_is_refused_and_said(sample: tuple[Store, Study]) -> None:
    store, study = sample
    before = dossier_of(store, study)
    with (
        writing("It saves $3,300 a month.") as model,
        pytest.raises(BadInput, match=r"\$3,300, which no fact supports"),
    ):
        write_narrative(store, study, before, model)
    cut = completion("It saves $3,200 a", finish_reason="length")
    with writing(cut) as model, pytest.raises(BadInput, match="no complete text"):
        write_narrative(store, study, before, model)
    assert dossier_of(store, study).narrative == before.narrative


def test_what_failed_may_not_write() -> None:
    report = large_report()
    ruled = [(a.model, a.ruling.verdict) for case in report.recommendation.use_cases for a in case.candidates]
    failed = {name for name, verdict in ruled if verdict is Verdict.KEEP} - {
        name for name, verdict in ruled if verdict is Verdict.SWITCH
    }
    fresh = Model(name="new", litellm_id="openai/new")
    assert can_write(fresh, report.recommendation)
    assert failed
    assert not any(can_write(replace(fresh, name=name), report.recommendation) for name in failed)

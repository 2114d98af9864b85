"""Answers about the company are kept once, without a study."""

from advisor.store import Store
from advisor.store.company import read_company, save_company
from advisor.types.licences import UNSAID, Company


def test_answers_come_back_as_they_were_given(any_store: Store) -> None:
    assert read_company(any_store) == UNSAID
    save_company(any_store, Company(revenue_usd=5e6, monthly_users=0, eu=False))
    assert read_company(any_store) == Company(revenue_usd=5e6, monthly_users=0, eu=False)


def test_an_answer_can_be_taken_back(any_store: Store) -> None:
    save_company(any_store, Company(eu=True, assistant=True))
    save_company(any_store, Company(assistant=False))
    assert read_company(any_store) == Company(assistant=False)

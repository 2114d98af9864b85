"""The answers about the company: one set for the installation, whatever the study."""

from dataclasses import asdict

from sqlalchemy import delete, select

from advisor.store.choice_tables import CompanyRow
from advisor.store.engine import Store
from advisor.types.licences import Company


def read_company(store: Store) -> Company:
    """What was answered so far."""
    rows = store.rows(select(CompanyRow.fact, CompanyRow.answer))
    return Company(**{row.fact: row.answer for row in rows})


def save_company(store: Store, company: Company) -> None:
    """Keep these answers instead of all earlier ones."""
    with store.write(None) as session:
        session.execute(delete(CompanyRow))
        session.add_all(CompanyRow(fact=fact, answer=a) for fact, a in asdict(company).items() if a is not None)

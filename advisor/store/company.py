"""The answers about the company: one set for the installation, whatever the study."""

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

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
        for fact, answer in asdict(company).items():
            if answer is None:
                session.execute(delete(CompanyRow).where(CompanyRow.fact == fact))
                continue
            said = insert(CompanyRow).values(fact=fact, answer=answer)
            session.execute(said.on_conflict_do_update(index_elements=["fact"], set_={"answer": said.excluded.answer}))

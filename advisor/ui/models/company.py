"""What licenses ask about the company: stored once for the installation, on whichever page it is answered."""

import streamlit as st

from advisor.store.company import read_company, save_company
from advisor.types.licences import Company
from advisor.ui.components.errors import say_errors
from advisor.ui.server import store

REVENUE, USERS, EU, THIRD_PARTIES, ASSISTANT = (
    f"company_{name}" for name in ("revenue", "users", "eu", "third_parties", "assistant")
)
YES, NO = "Yes", "No"
MILLION = 1e6


def answers() -> Company:
    """What was answered so far."""
    return read_company(store())


def ask_company() -> None:
    """The five questions; each answer is stored at once."""
    company = answers()
    st.session_state[REVENUE] = None if company.revenue_usd is None else company.revenue_usd / MILLION
    st.session_state[USERS] = company.monthly_users
    for key, answer in ((EU, company.eu), (THIRD_PARTIES, company.third_parties), (ASSISTANT, company.assistant)):
        st.session_state[key] = None if answer is None else YES if answer else NO
    left, right = st.columns(2)
    left.number_input(
        "Annual revenue, $M",
        0.0,
        None,
        step=10.0,
        format="%.1f",
        key=REVENUE,
        placeholder="not answered",
        help="Of the whole group, including affiliates.",
        on_change=_save,
    )
    right.number_input(
        "Monthly users of your products", 0, None, step=1000, key=USERS, placeholder="not answered", on_change=_save
    )
    choices = {
        EU: ("Is your company in the EU?", None),
        THIRD_PARTIES: (
            "Do you offer the model itself to others?",
            "As an API or model service. Answer no for a feature inside your product.",
        ),
        ASSISTANT: ("Do you sell a coding or office assistant?", "As a product of its own."),
    }
    for key, (label, note) in choices.items():
        st.segmented_control(label, [YES, NO], key=key, help=note, on_change=_save)
    st.caption("Stored for this installation and used for license checks in every study. Unanswered means unknown.")


def show_company() -> None:
    """The questions under a heading of their own."""
    st.header("Your company")
    ask_company()


@say_errors(st.toast)
def _save() -> None:
    millions = st.session_state[REVENUE]
    yes = {
        key: None if (said := st.session_state[key]) is None else said == YES for key in (EU, THIRD_PARTIES, ASSISTANT)
    }
    save_company(
        store(),
        Company(
            revenue_usd=None if millions is None else millions * MILLION,
            monthly_users=st.session_state[USERS],
            eu=yes[EU],
            third_parties=yes[THIRD_PARTIES],
            assistant=yes[ASSISTANT],
        ),
    )

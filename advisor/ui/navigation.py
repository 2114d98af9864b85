"""The pages by section, as the sidebar lists them."""

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

SUMMARY = "pages/summary/summary.py"
PROMPT_LOG = "pages/log/prompt_log.py"
USE_CASES = "pages/log/use_cases.py"
CATALOG = "pages/models/catalog.py"
CANDIDATES = "pages/models/candidates.py"
RUN = "pages/evidence/run.py"
QUALITY = "pages/evidence/quality.py"
COST = "pages/evidence/cost.py"
LATENCY = "pages/evidence/latency.py"
REVIEW = "pages/evidence/review.py"
SCENARIOS = "pages/decision/scenarios.py"
BUSINESS_CASE = "pages/decision/business_case.py"
PLAN = "pages/decision/plan.py"
REPORT = "pages/decision/report.py"
FILES = "pages/decision/files.py"
SETTINGS = "pages/settings/settings.py"

PAGES: dict[str, list[tuple[str, str, str]]] = {
    "": [(SUMMARY, "Summary", "home")],
    "Log": [(PROMPT_LOG, "Prompt log", "upload_file"), (USE_CASES, "Use cases", "category")],
    "Models": [(CATALOG, "Catalog", "library_books"), (CANDIDATES, "Candidates", "memory")],
    "Evidence": [
        (RUN, "Run", "play_circle"),
        (QUALITY, "Quality", "balance"),
        (COST, "Cost", "payments"),
        (LATENCY, "Latency", "timer"),
        (REVIEW, "Review", "rate_review"),
    ],
    "Decision": [
        (SCENARIOS, "Scenarios", "tune"),
        (BUSINESS_CASE, "Business case", "savings"),
        (PLAN, "Plan", "checklist"),
        (REPORT, "Report", "picture_as_pdf"),
        (FILES, "Files", "deployed_code"),
    ],
    "Installation": [(SETTINGS, "Settings", "settings")],
}
"""Section -> (address, title, Material icon)."""


def sections() -> dict[str, list[st.Page]]:
    """The pages for st.navigation; the first one is the start page."""
    return {
        section: [
            st.Page(page, title=title, icon=f":material/{icon}:", default=page == SUMMARY)
            for page, title, icon in pages
        ]
        for section, pages in PAGES.items()
    }


def prepare() -> None:
    """Once, when the server starts: keep Streamlit from taking the folders in pages/ for pages.

    Without this, the first visitor of a new server who follows a link to a page reads "Page not found" over it.
    """
    PagesManager.uses_pages_directory = False


def go_to(page: str, query: Mapping[str, str] | None = None) -> None:
    """Show another page; the study stays chosen. ``query``: what its address says besides.

    Left to itself Streamlit clears what is bound to the address, the study's name, and then refuses to.
    """
    st.switch_page(page, query_params=query or {})

"""The pages by section, as the sidebar lists them."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

OVERVIEW = "pages/start/overview.py"
PROMPT_LOG = "pages/collect/prompt_log.py"
CATALOG = "pages/measure/catalog.py"
CANDIDATES = "pages/measure/candidates.py"
REPLAY = "pages/measure/replay.py"
QUALITY = "pages/compare/quality.py"
REVIEW = "pages/measure/review.py"
REPORT = "pages/decide/report.py"

PAGES: dict[str, list[tuple[str, str, str]]] = {
    "Start": [(OVERVIEW, "Overview", "home")],
    "Collect": [
        (PROMPT_LOG, "Prompt log", "upload_file"),
        ("pages/collect/use_cases.py", "Use cases", "category"),
    ],
    "Measure": [
        (CATALOG, "Catalog", "library_books"),
        (CANDIDATES, "Candidates", "memory"),
        (REPLAY, "Replay", "play_circle"),
        (REVIEW, "Review", "rate_review"),
    ],
    "Compare": [
        (QUALITY, "Quality", "balance"),
        ("pages/compare/cost.py", "Cost", "payments"),
        ("pages/compare/latency.py", "Latency", "timer"),
    ],
    "Decide": [
        ("pages/decide/routing.py", "Routing", "alt_route"),
        ("pages/decide/plan.py", "Plan", "checklist"),
        (REPORT, "Report", "picture_as_pdf"),
    ],
    "Set up": [("pages/setup/settings.py", "Settings", "settings")],
}
"""Section -> (address, title, Material icon)."""


def sections() -> dict[str, list[st.Page]]:
    """The pages for st.navigation; the first one is the start page."""
    return {
        section: [
            st.Page(page, title=title, icon=f":material/{icon}:", default=page == OVERVIEW)
            for page, title, icon in pages
        ]
        for section, pages in PAGES.items()
    }


def prepare() -> None:
    """Once, when the server starts: keep Streamlit from taking the folders in pages/ for pages.

    Without this, the first visitor of a new server who follows a link to a page reads "Page not found" over it.
    """
    PagesManager.uses_pages_directory = False


def go_to(page: str) -> None:
    """Show another page; the study stays chosen.

    Left to itself Streamlit clears what is bound to the address, the study's name, and then refuses to.
    """
    st.switch_page(page, query_params={})

"""The pages by section, as the sidebar lists them."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

PAGES: dict[str, list[tuple[str, str, str]]] = {
    "Start": [("start/overview.py", "Overview", "home")],
    "Collect": [
        ("collect/prompt_log.py", "Prompt log", "upload_file"),
        ("collect/use_cases.py", "Use cases", "category"),
    ],
    "Measure": [
        ("measure/catalog.py", "Catalog", "library_books"),
        ("measure/candidates.py", "Candidates", "memory"),
        ("measure/replay.py", "Replay", "play_circle"),
        ("measure/review.py", "Review", "rate_review"),
    ],
    "Compare": [
        ("compare/quality.py", "Quality", "balance"),
        ("compare/cost.py", "Cost", "payments"),
        ("compare/latency.py", "Latency", "timer"),
    ],
    "Decide": [
        ("decide/routing.py", "Routing", "alt_route"),
        ("decide/plan.py", "Plan", "checklist"),
        ("decide/report.py", "Report", "picture_as_pdf"),
    ],
    "Set up": [("setup/settings.py", "Settings", "settings")],
}
"""Section -> (file under pages/, title, Material icon)."""


def sections() -> dict[str, list[st.Page]]:
    """The pages for st.navigation; the first one is the start page."""
    return {
        section: [
            st.Page(f"pages/{file}", title=title, icon=f":material/{icon}:", default=file == "start/overview.py")
            for file, title, icon in pages
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

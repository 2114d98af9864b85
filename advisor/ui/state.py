"""Every key of the session's state, and the study a visitor looks at. Ids and choices only."""

from typing import cast

import streamlit as st

from advisor.types import Study
from advisor.ui import navigation, queries

STUDY = "study"
"""What the address of the page calls the study (see address_of)."""
OPEN_PAGE = "open_page"
"""Title of the page that is shown."""
PICKED = "study_picked"
"""The picker's value: an address."""
WANTED = "study_wanted"
"""The study to show from the next run of the script on, by address or name: a widget's value can't be set once it is
drawn. Empty: the newest."""
IN_ADDRESS = "study_in_address"
"""Whether the address of the page follows STUDY by itself."""
USE_CASE, CANDIDATE, SAMPLE, SCENARIO, TAB = "use_case", "candidate", "sample", "scenario", "tab"
"""What the address names, besides the study: ids; of scenarios and tabs the name."""
PAIRS = "Review pairs"
"""The tab of Review where pairs are judged."""
SHOW, LEAST, CLUSTER, DETAIL, FIND = "show", "delta", "cluster", "detail", "find"
"""Which pairs of answers are listed, in the address too."""
COMPARED = "compare"
"""Models of the catalog side by side, in the address too: their ids."""
ROLE = "role"
"""What a model is added as on Candidates, in the address too."""
PART, ADD, MORE = "part", "add", "more"
"""What Prompt log and Files show, in the address too: on Prompt log the traffic, or ``ADD``, another log to add;
``MORE``: one that this study lacks."""
OF_STUDY = (USE_CASE, CANDIDATE, SAMPLE, SCENARIO, SHOW, LEAST, CLUSTER, DETAIL, FIND)
"""What the address says about one study only."""
REVIEWER = "reviewer"
"""With a study's id and time after it: who judges its pairs, once they have said so."""
SUGGESTED_NAME = "import_name_suggested"
"""The name that was filled in for a new study."""
IMPORT_JOB = "import_job"
"""Id of the import a visitor started last."""
IMPORT_SHOWN = "import_shown"
"""Id of the import with the study that was opened once it had ended."""
IMPORT_TOLD = "import_told"
"""The same once a page was left or another log chosen since: how it ended was told."""
CHOSEN_FOR = "import_chosen_for"
"""The files, study and form that personal data and the share of traffic were asked for last."""
DELETING = "deleting"
"""What a visitor is asked to confirm the deletion of, such as ``study:3``."""
STARTS = "run_starts"
"""Id of the study whose next run a visitor just started: filed with what the fields say by then, once."""
SAW_END = "run_ended_in_sight"
"""Id of the run that ended while its page was open: the result is shown next, once."""
RUN_AGAIN = "run_again"
"""Id of the ended run next to which another one is planned."""
LANE = "run_baseline_"
"""With a study's id after it: what its next run compares candidates with."""
REVIEWED = "last_review"
"""What a reviewer said in this session, the latest last, each with who had written which answer."""
REVEALED = "revealed_reviews"
"""The choices of a reviewer who has finished: shown with the models' names."""
SKIPPED = "skipped_pairs"
"""The pairs that a reviewer skipped."""
DIFFERENCES = "review_differences_shown"
"""Whether a reviewer wants to see where two answers differ."""
TOLD = "review_told"
"""What is said once about the last review."""
DECIDED = "decided_again"
"""What deciding again changed or why it failed: words that are said once, and whether it failed."""
SCENARIOS_OF = "scenarios_of"
"""Id of the study and name of the scenario that the sliders of Scenarios were set for."""
IN_SIGHT = "review_in_sight"
"""What a reviewer looks at and may still judge, with the moment it came into sight; None once it is judged."""


def address_of(study: Study) -> str:
    """What an address calls a study: its id, and when it was made, since SQLite gives a deleted study's id away."""
    return f"{study.id}-{int(study.created_at.timestamp() * 1000) % 0x100000:05x}"


def study_at(address: str) -> Study | None:
    """The study at an address; its name and its id alone are understood too. None: no study is there."""
    studies = queries.studies()
    spellings = (address_of, lambda study: study.name, lambda study: str(study.id))
    return next((study for spell in spellings for study in studies if spell(study) == address), None)


def pick_study() -> str | None:
    """Show the picker in the sidebar; returns the address that was asked for where it names no study.

    The address of the page names the study from the first view on, so a copied link always shows the same one.
    """
    studies = queries.studies()
    wanted = st.session_state.pop(WANTED, None)
    asked = (st.session_state.get(STUDY) or st.query_params.get(STUDY)) if wanted is None else wanted
    shown = study_at(asked) if asked else next(iter(studies), None)
    address = asked or "" if shown is None else address_of(shown)
    in_address = st.session_state.get(IN_ADDRESS, False)
    # Bound in the first view of an address with an empty name, the field would remove what is set here.
    bound = in_address or st.query_params.get(STUDY) != ""
    st.session_state[STUDY] = address
    if address and not in_address:
        st.query_params[STUDY] = address
    with st.sidebar:
        with st.container(key="address"):  # the theme hides it: the picker's own value in an address would be the name
            st.text_input("Address", key=STUDY, bind="query-params" if bound and address else None)
        if studies:
            st.session_state[PICKED] = shown and address
            names = {address_of(study): study.name for study in studies}
            st.selectbox(
                "Study",
                list(names),
                index=None,
                required=shown is not None,
                key=PICKED,
                format_func=names.__getitem__,
                on_change=_choose,
                label_visibility="collapsed",
            )
    st.session_state[IN_ADDRESS] = bound and bool(address)
    return address if shown is None and address else None


def _choose() -> None:
    st.query_params.update(dict.fromkeys(OF_STUDY, ()))
    st.session_state[WANTED] = st.session_state[PICKED]


def current_study() -> Study | None:
    """The study that was picked, else the newest, else None."""
    chosen = st.session_state.get(WANTED) or st.session_state.get(STUDY)
    studies = queries.studies()
    return (study_at(chosen) if chosen else None) or next(iter(studies), None)


def is_open(page: str) -> bool:
    """Whether this page is the one that is shown."""
    return any(
        (page, recall(OPEN_PAGE)) == (path, title) for pages in navigation.PAGES.values() for path, title, _ in pages
    )


def arrive() -> None:
    """Forget what was shown at the end of something when a page was left."""
    take(REVEALED)
    take(STARTS)
    end_telling()


def end_telling() -> None:
    """How the last import ended isn't shown any longer."""
    remember(IMPORT_TOLD, recall(IMPORT_SHOWN))


def is_study_gone() -> bool:
    """Whether the study that is shown was deleted since."""
    shown = st.session_state.get(STUDY)
    return bool(shown) and study_at(str(shown)) is None


def select_study(name: str) -> None:
    """Show this study from the next run of the script on."""
    st.session_state[WANTED] = name


def leave_study() -> None:
    """Show the newest study from the next run of the script on, if the one that is shown was deleted."""
    if is_study_gone():
        st.session_state[WANTED] = ""


def remember(key: str, value: object) -> None:
    """Keep a choice under one of the keys above."""
    st.session_state[key] = value


def recall(key: str) -> object | None:
    """A choice kept under one of the keys above, or None."""
    return cast(object | None, st.session_state.get(key))


def take(key: str) -> object | None:
    """The same, and forget it: what is said once."""
    return cast(object | None, st.session_state.pop(key, None))

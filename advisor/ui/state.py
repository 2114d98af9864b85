"""Every key of the session's state, and the study a visitor looks at. Ids and choices only."""

from typing import cast

import streamlit as st

from advisor.types import Study
from advisor.ui import queries

STUDY = "study"
"""The study's name: the picker's value, always in the address of the page."""
WANTED = "study_wanted"
"""The study to show from the next run of the script on: a widget's own value cannot be set once it is drawn. Empty: the
newest."""
IN_ADDRESS = "study_in_address"
"""Whether the picker was drawn and so keeps its study in the address by itself."""
MISSING = "study_missing"
"""The name that the address or this visitor asked for and no study has."""
USE_CASE = "use_case"
"""Id of the use case that a visitor looks at: the picker's value."""
USE_CASE_WANTED = "use_case_wanted"
"""Id of the use case to show from the next run of the script on."""
REVIEWER = "reviewer"
"""Who judges pairs, once they have said so."""
SUGGESTED_NAME = "import_name_suggested"
"""The name that was filled in for a new study."""
IMPORT_JOB = "import_job"
"""Id of the import a visitor started last."""
DELETING = "deleting"
"""What a visitor is asked to confirm the deletion of, such as ``study:3``."""
REFUSED = "start_refused"
"""Why the last start of a replay was refused, said once."""
REVIEWED = "last_review"
"""What a reviewer said in this session, the latest last, each with who had written which answer."""
REVEALED = "revealed_reviews"
"""The choices of a reviewer who has finished: shown with the models' names."""
SKIPPED = "skipped_pairs"
"""The pairs that a reviewer skipped."""
TOLD = "review_told"
"""What is said once about the last review."""
DECIDED = "decided_again"
"""What deciding again changed or why it failed: words that are said once, and whether it failed."""
IN_SIGHT = "review_in_sight"
"""What a reviewer looks at and may still judge, with the moment it came into sight; None once it is judged."""


def pick_study() -> str | None:
    """Show the picker in the sidebar; returns the name that was asked for where no study has it.

    The address names the study from the first view on, so a copied link always shows the same one.
    """
    names = [study.name for study in queries.studies()]
    wanted = st.session_state.pop(WANTED, None)
    if wanted == "":
        wanted = names[0] if names else None
    else:
        asked = (wanted, st.session_state.get(STUDY), st.query_params.get(STUDY), st.session_state.get(MISSING))
        missing = next((str(name) for name in asked if name), None)
        if missing is not None and missing not in names:
            st.session_state[MISSING] = missing
            # Bound as below, the address would lose a name that no option has.
            st.session_state[STUDY] = None
            st.sidebar.selectbox("Study", names, index=None, key=STUDY, label_visibility="collapsed", on_change=_choose)
            st.query_params[STUDY] = missing
            st.session_state[IN_ADDRESS] = False
            return missing
    st.session_state.pop(MISSING, None)
    if not names:
        return None
    in_address = st.session_state.get(IN_ADDRESS, False)
    if wanted is None and not (in_address and st.session_state.get(STUDY)):
        wanted = st.session_state.get(STUDY) or st.query_params.get(STUDY) or names[0]
    # Bound in the first view of an address with an empty name, the picker would remove what is set here.
    bound = in_address or st.query_params.get(STUDY) != ""
    if wanted is not None:
        st.session_state[STUDY] = wanted
        if not in_address:
            st.query_params[STUDY] = wanted
    # No default: Streamlit would leave it out of the address.
    st.sidebar.selectbox(
        "Study",
        names,
        index=None,
        required=True,
        key=STUDY,
        bind="query-params" if bound else None,
        label_visibility="collapsed",
    )
    st.session_state[IN_ADDRESS] = bound
    return None


def _choose() -> None:
    select_study(st.session_state[STUDY])


def current_study() -> Study | None:
    """The study that was picked, else the newest, else None."""
    studies = queries.studies()
    chosen = st.session_state.get(WANTED) or st.session_state.get(STUDY)
    return next((study for study in studies if study.name == chosen), studies[0] if studies else None)


def is_study_gone() -> bool:
    """Whether the study that is shown was deleted since."""
    shown = st.session_state.get(STUDY)
    return shown is not None and all(study.name != shown for study in queries.studies())


def select_study(name: str) -> None:
    """Show this study from the next run of the script on."""
    st.session_state[WANTED] = name


def leave_study(name: str) -> None:
    """Show the newest study from the next run of the script on, if this one is shown."""
    if st.session_state.get(STUDY) == name or st.session_state.get(MISSING) == name:
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

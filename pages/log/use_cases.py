"""Use cases: the groups of calls in the log; one at a time is looked into, changed, and told how it is scored."""

import streamlit as st

from advisor.ui import address, navigation, page, queries
from advisor.ui.log import checks, rubric, use_case_edits, use_cases

study = page.open_page()
cases = queries.use_cases(study.id)

if not cases:
    page.empty_state(
        "Use cases appear once a log is imported.", page=navigation.PROMPT_LOG, action="Import a prompt log"
    )
    raise page.PageEnds

use_cases.headline(study, cases)
use_case_edits.offer_undo(study)
use_cases.show_cases(study, cases)
use_case_edits.offer_topics(study, cases)

case = use_cases.pick(cases)
if case is not None:
    with st.container(border=True, key="drawer"):
        use_cases.describe(study, case)
        for part, tab in checks.parts_of(case).items():
            if tab.open:
                with tab:
                    if part == checks.OVERVIEW:
                        example, edits = st.columns(2)
                        with example:
                            use_cases.show_example(study, case)
                        with edits:
                            use_case_edits.mend(study, case, cases)
                    elif part == checks.RIGHT:
                        checks.show_matching(study, case)
                    elif part == checks.OWN:
                        checks.show_checks(study, case)
                    else:
                        rubric.show(study, case)
        if use_cases.scorable_run(study) is not None:
            address.link(navigation.QUALITY, "See the quality", icon="balance", use_case=str(case.id))
use_cases.warn_unscored(study)

"""Review: compare pairs of answers blind."""

import streamlit as st

from advisor.ui import address, navigation, page, stage
from advisor.ui.evidence.review import agreement, review, standing
from advisor.ui.evidence.review.reviewer import ask_reviewer
from advisor.ui.state import PAIRS

study = page.open_page()
run = stage.answered_run(study.id)
if run is None:
    page.empty_state("No answers to compare yet.", page=navigation.RUN, action="Start a replay")
    raise page.PageEnds
names = standing.judged_by_people(study, run)

judging, agreeing, files = address.tabs([PAIRS, "Agreement", "Files"])
if judging.open:
    with judging:
        if not names:
            standing.show_unneeded()
            raise page.PageEnds
        above = st.container()
        with st.container(horizontal=True):
            reviewer = ask_reviewer(study.id)
            use_case = review.choose_use_case(study, names)
            kind = review.choose_queue()
        purpose = standing.purpose_of(study, run, use_case)
        if not reviewer:
            with above:
                standing.show_purpose(purpose, names)
        if reviewer:
            review.judge_pairs(purpose, reviewer, kind)
        else:
            st.caption("Enter your name to start.")
if agreeing.open:
    with agreeing:
        agreement.show(study, run)
if files.open:
    with files:
        agreement.offer_files(study)
        agreement.take_file(study, run)

"""Review: judge pairs of answers without knowing whose they are."""

import streamlit as st

from advisor.ui import stage
from advisor.ui.components import page
from advisor.ui.views import review

study = page.open_page()
run = stage.answered_run(study.id)
if run is None:
    page.empty_state("There are no answers to compare yet.", page=stage.REPLAY, action="Start a replay")
    st.stop()
names = review.judged_by_people(study, run)
if not names:
    st.success("Every use case is judged against right answers or today's answers; nothing is left for people.")
    st.stop()

st.markdown("Say which answer you would rather send. Whose it was is told only after your choice is saved.")
who, what = st.columns(2)
with who:
    reviewer = review.ask_reviewer()
with what:
    use_case = review.choose_use_case(names)
if not reviewer:
    st.caption("Give your name to begin.")
    st.stop()

review.show_last()
pair = review.next_pair(study, run, reviewer, use_case)
if pair is None:
    st.success("You have judged every pair there is here.", icon=":material/done_all:")
else:
    review.judge(run, pair, reviewer, names)
review.offer_decision(study)

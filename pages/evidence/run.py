"""Replay: see the price and where data goes, start, watch, pause, resume."""

import streamlit as st

from advisor.ui import page, queries
from advisor.ui.evidence.run import new_run, notices, replay

study = page.open_page(tells_partial=False)
runs = queries.runs(study.id)
active = bool(runs) and runs[0].state.status.is_active

notices.show_refused()
if runs:
    replay.show_run(study, runs[0])
    notices.show_notes(study, runs[0])
if not active and new_run.can_start(study):
    st.header("New replay")
    st.markdown("Nothing is called or spent until you start.")
    setup = new_run.choose(study)
    quote = new_run.show_quote(study, setup)
    if quote is not None:
        notices.show_needs(study, setup, quote)
        new_run.start(study, setup, quote)
ended = runs[1:] if active else runs
if ended:
    st.header("Earlier replays")
    replay.show_history(ended)

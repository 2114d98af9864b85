"""Run: see the price and where data goes, start, watch the result fill in, pause, resume."""

from advisor.ui import page, queries, state
from advisor.ui.evidence.run import new_run, replay

study = page.open_page(tells_partial=False)
runs = queries.runs(study.id)
starts = state.take(state.STARTS) == study.id
active = bool(runs) and runs[0].state.status.is_active

if active:
    replay.show_active(study, runs[0])
elif runs:
    replay.go_to_result(runs[0])
    replay.show_ended(study, runs[0])
if not active and new_run.is_wanted(study, runs) and new_run.can_start(study):
    new_run.show(study, starts=starts)
replay.show_earlier(study, runs[1:] if active else runs)

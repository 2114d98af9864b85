"""A run at work as it fills in: differences so far, and the first regressions."""

import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

import streamlit as st

from advisor.charts.live import live_figure
from advisor.collect.readable import split_prompt
from advisor.errors import AdvisorError
from advisor.judge.pairs import SideBySide, load_texts
from advisor.measure.live import Live, LiveRun, Worse
from advisor.text.numbers import shorten
from advisor.text.scores import score_words
from advisor.types import Role, Run
from advisor.ui import queries
from advisor.ui.components import chart
from advisor.ui.components.text import inline, plain
from advisor.ui.server import store

PATIENCE_S = 0.1
"""A visitor waits this long for a look that is short."""
REST, LONGEST_REST_S = 3, 10.0
"""A look takes a core: the next one starts after so many times what it took."""
LONGEST = 1_500
"""Characters of a text that are shown."""
REASON = 300
"""Characters of a reason."""


class _Watch:
    """One run that visitors watch: looked at in a thread of its own, for all of them together."""

    def __init__(self, run: Run) -> None:
        self._live, self._pool = LiveRun(store(), run), ThreadPoolExecutor(1)
        self._latest = Live()
        self._look: Future[Live] | None = None
        self._next_at = 0.0

    def latest(self) -> Live:
        """The last look that is done; starts the next one where it is time."""
        if self._look is None and time.monotonic() >= self._next_at:
            self._look = self._pool.submit(self._timed)
        if self._look is not None:
            wait([self._look], PATIENCE_S)
            if self._look.done():
                look, self._look = self._look, None
                with suppress(AdvisorError):  # a locked database: the next look may fare better
                    self._latest = look.result()
        return self._latest

    def _timed(self) -> Live:
        begin = time.monotonic()
        try:
            return self._live.look()
        finally:
            now = time.monotonic()
            self._next_at = now + min(REST * (now - begin), LONGEST_REST_S)


def _which(run: Run) -> tuple[object, ...]:
    return run.id, run.state.created_at  # SQLite gives the id of a deleted run again


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs={Run: _which})
def _watch(run: Run) -> _Watch:
    return _Watch(run)


def show(run: Run) -> None:
    """The chart of a run at work, and its worst pairs in a closed box; nothing before the first pair counts."""
    if not queries.tally(run.id).succeeded:
        return
    live = _watch(run).latest()
    if not live.rows:
        return
    models = [each for each in queries.models(run.study_id) if each.role is Role.CANDIDATE]
    chart.show(live_figure(live.rows, [model.name for model in models]), key="live")
    ends = "" if run.options.early_stop else " The final, narrower ones come when the run ends."
    st.caption(f"Look whenever you like: these intervals stay valid.{ends}")
    if live.worst:
        texts = load_texts(store(), run, [worse.key for worse in live.worst])
        with st.expander("First regressions", icon=":material/compare:", key="live_worst", expanded=True):
            for place, worse in enumerate(live.worst):
                if worse.key in texts:
                    _show_pair(worse, texts[worse.key], key=f"live_{place}")


def _show_pair(worse: Worse, text: SideBySide, *, key: str) -> None:
    why = shorten(score_words(worse.found), REASON) if worse.found else ""
    st.markdown(f"**{inline(worse.use_case)}** · {inline(worse.model)}{f' · {inline(why)}' if why else ''}")
    columns = st.columns(3)
    sides = ("Prompt", split_prompt(text.sample.request.messages)[1]), ("Baseline", text.baseline)
    for place, (label, body) in enumerate((*sides, ("Candidate", text.candidate))):
        with columns[place]:
            st.caption(label)
            plain(body[:LONGEST] or "(no answer)", height=120, key=f"{key}_{place}")

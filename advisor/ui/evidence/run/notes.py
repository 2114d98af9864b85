"""How a run deviated from its settings: parameters left out, answers reused."""

import streamlit as st

from advisor.judge.unchecked import unchecked_warnings
from advisor.text import numbers
from advisor.text.warnings import warning
from advisor.types import Run, Study, Verdict
from advisor.ui import queries
from advisor.ui.components.text import inline

ENDS = {Verdict.SWITCH: "good enough", Verdict.KEEP: "not good enough"}


def settled_words(study: Study, run: Run, names: dict[int | None, str]) -> list[str]:
    """What the early-stopping test decided, in the order in which it did."""
    cases = {case.id: case.name for case in queries.use_cases(study.id)}
    return [
        f"{names.get(each.model_id, 'a deleted model')} in {cases.get(each.use_case_id, 'a deleted use case')} "
        f"({ENDS.get(each.verdict, each.verdict)}, after {numbers.count(each.n, 'sample')})"
        for each in run.settled
    ]


def show_notes(study: Study, run: Run) -> None:
    """A line for each incomplete check, each model that ignores parameters, and each run with reused answers."""
    for each in unchecked_warnings(run.scored_with):
        st.warning(inline(warning(each)), icon=":material/rule:")
    names: dict[int | None, str] = {model.id: model.name for model in queries.models(study.id)}
    ignored: dict[str, list[str]] = {}
    for model_id, name, calls in queries.dropped_params(run.id):
        model = names.get(model_id, "A deleted model")
        ignored.setdefault(model, []).append(f"{name} ({numbers.count(calls, 'call')})")
    for model, params in ignored.items():
        st.caption(f"{inline(model)} ignores: {inline(', '.join(params))}. They weren't sent.")
    if run.settled:
        spared = queries.tally(run.id).spared
        note = f" ({numbers.count(spared, 'call')} saved)" if spared else ""
        st.caption(f"Decided early{note}: {inline('; '.join(settled_words(study, run, names)))}.")
    places = {each.id: each.number for each in queries.runs(study.id)}
    for asked_in, answers in queries.reused_answers(run):
        source = f"run {places[asked_in]}" if asked_in in places else "an earlier run"
        st.caption(f"{numbers.count(answers, 'answer')} reused from {source}, free and with their measured latency.")

"""What an address says besides the study: one meaning on every page.

Use cases, candidates and samples go by id, which survives a new name; scenarios and tabs by name.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_tab_container import TabContainer

from advisor.text.messages import not_found
from advisor.text.numbers import listing
from advisor.ui.components.text import inline
from advisor.ui.queries import case_ids
from advisor.ui.state import CANDIDATE, CLUSTER, COMPARED, DETAIL, FIND, LEAST, SAMPLE, SHOW, TAB, USE_CASE

WHAT = {USE_CASE: "use case", SHOW: "list of answers", LEAST: "difference", CLUSTER: "filter", COMPARED: "model"}
"""What a reader calls it, where the name isn't that already."""
_OF_CELL = (SAMPLE, LEAST, CLUSTER, DETAIL, FIND)
BELONGS = {
    USE_CASE: (CANDIDATE, *_OF_CELL),
    CANDIDATE: _OF_CELL,
    SHOW: _OF_CELL,
    CLUSTER: (DETAIL, SAMPLE),
} | dict.fromkeys((LEAST, DETAIL, FIND), (SAMPLE,))
"""What makes no sense any more once another one is chosen."""


def say(values: Mapping[str, str | Sequence[str]]) -> None:
    """Put these into the address, in one step back; an empty value takes one out, a list says a name several times."""
    gone = [each for name in values for each in BELONGS.get(name, ()) if each not in values]
    st.query_params.update(dict.fromkeys(gone, ()) | {name: value or () for name, value in values.items()})


def link(page: str, label: str, *, icon: str, use_case: str) -> None:
    """A link to what another page says about a use case; an empty one: about all."""
    query = {USE_CASE: use_case} if use_case else None
    st.page_link(page, label=label, icon=f":material/{icon}:", query_params=query, width="content")


def of_cases(study_id: int, names: Collection[str]) -> dict[str, str]:
    """What a link says to a page about these use cases: the only one, else none."""
    found = [case_id for name, case_id in case_ids(study_id).items() if name in names]
    return {USE_CASE: found[0]} if len(found) == 1 else {}


def read(name: str, known: Collection[str], *, instead: str) -> str | None:
    """What the address says, if it is one of those ``known``; else None, and a line says what is shown instead."""
    values = st.query_params.get_all(name)
    if not values:
        return None
    if len(values) == 1 and values[0] and values[0] in known:
        return values[0]
    _say_missing(name, instead)
    return None


def _say_missing(name: str, instead: str) -> None:
    st.caption(f":material/link_off: {inline(not_found(WHAT.get(name, name), instead))}")


def pick(
    name: str,
    label: str,
    options: Mapping[str, str],
    *,
    default: str | None = None,
    widget: Callable[..., str | None] = st.selectbox,
    **more: Any,
) -> str:
    """Ask for one of ``options`` (value in the address -> label), at first the ``default`` or the first of them.

    A widget bound by Streamlit would put its label there.
    """
    first = next(iter(options)) if default is None else default
    there = read(name, options, instead=options.get(first, "all"))
    st.session_state[name] = there or (first if first in options else None)
    draw = {"format_func": options.__getitem__, "key": name, "on_change": _keep, "args": (name,)}
    return widget(label, list(options), **draw, **more) or ""


def pick_some(name: str, label: str, options: Mapping[str, str], *, most: int, place: DeltaGenerator) -> list[str]:
    """Ask for up to ``most`` of ``options`` (value in the address -> label)."""
    asked = list(dict.fromkeys(st.query_params.get_all(name)))
    there = [value for value in asked if value in options][:most]
    if len(there) < len(asked):
        _say_missing(name, listing([options[value] for value in there]) if there else "none")
    st.session_state[name] = there
    draw: dict[str, Any] = {"format_func": options.__getitem__, "key": name, "on_change": _keep, "args": (name,)}
    words = "Choose models, or tick rows"
    return place.multiselect(label, list(options), max_selections=most, placeholder=words, select_all=False, **draw)


def words(name: str) -> str:
    """Free words in the address."""
    return st.query_params.get(name, "").strip()


def ask(name: str, label: str, *, icon: str) -> None:
    """Ask for words."""
    st.session_state[name] = st.query_params.get(name, "")
    draw: dict[str, Any] = {"icon": icon, "placeholder": label, "label_visibility": "collapsed", "width": 240}
    st.text_input(label, key=name, on_change=_keep, args=(name,), **draw)


def _keep(name: str) -> None:
    say({name: st.session_state[name] or ""})


def tabs(names: Sequence[str], *, known: Collection[str] = ()) -> Sequence[TabContainer]:
    """Tabs of which the open one is in the address; ``known``: names of those that are missing just now."""
    read(TAB, {*names, *known}, instead=names[0])
    return st.tabs(names, key=TAB, on_change="rerun", bind="query-params")

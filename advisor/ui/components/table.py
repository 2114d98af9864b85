"""Tables, lists, and boxes that open."""

import html
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from advisor.text import numbers
from advisor.text.names import TERMS
from advisor.types.texts import spell_out
from advisor.ui.components.text import inline

MOST_ROWS = 40
"""Longer tables scroll."""
_CARDS, _MANY, _TALL = 3, 8, 14
"""Columns from which a row becomes a card on a phone, and from which cells are narrow; rows from which it scrolls."""
_DAY = r"\d{1,2} [A-Z][a-z]{2}\b(?: \d{4})?"
_NUMBER = re.compile(rf"(?!{_DAY})(?:[✓✗] )?[+−-]?\$?\d[\d,.]*(?:%|[kMBshx]|ms)?(?![A-Za-z]|-[A-Za-z]).{{,20}}")
"""An amount or a range with its unit, which stays on one line; "3rd line" and "4o-mini" are names."""
_WHOLE = re.compile(rf"(?<!\S)(?:(?=\S{{3,20}}(?!\S))\S*\w-\w\S*|{_DAY})")
"""A day, or a short word with a hyphen, such as a model's name: each stays on one line."""
_MARKS = {"✓": "good", "⇄": "partly", "✗": "bad", "!": "review", "?": "unknown"}
_MARKS |= dict.fromkeys(("unknown", numbers.UNKNOWN), "unknown")
"""First sign of a cell, or all of it -> its class in style.css."""
_MARKED = 24
"""Characters of a verdict that stays on one line."""


class _Column(NamedTuple):
    name: str
    kind: str
    """``text``, ``number`` or ``share``, as style.css has it."""
    note: str | None


def show_table(
    rows: Any, *, key: str, alt: str, notes: Mapping[str, str] | None = None, shares: Collection[str] = ()
) -> None:
    """Show rows as a table; ``notes``: what a heading means, ``shares``: columns of fractions, drawn as bars.

    Text from a log is shown as it is; columns with empty text only are left out.
    """
    frame = pd.DataFrame(rows).rename(columns=spell_out)
    frame = frame.loc[:, ~(frame == "").all()] if len(frame) else frame
    columns = [
        _Column(
            heading, "share" if heading in shares else _kind(frame[heading]), {**TERMS, **(notes or {})}.get(heading)
        )
        for heading in map(str, frame)
    ]
    if columns and any(isinstance(value, str) for value in frame.iloc[:, 0]):
        columns[0] = columns[0]._replace(kind="text")  # names of rows, also those that begin with a digit
    if len(frame) <= MOST_ROWS:
        st.html(_table(frame, columns, alt))
        return
    config = {
        heading: st.column_config.ProgressColumn(format="percent", max_value=1.0)
        if kind == "share"
        else st.column_config.Column(alignment="right" if kind == "number" else "left", help=note)
        for heading, kind, note in columns
    }
    st.dataframe(frame, hide_index=True, key=key, alt=alt, placeholder=numbers.UNKNOWN, column_config=config)


def _kind(column: "pd.Series[Any]") -> str:
    """Whether all that is known in it are numbers, with or without a unit."""
    known = [value for value in map(_text, column) if value not in ("", numbers.UNKNOWN)]
    return "number" if known and all(_NUMBER.fullmatch(value) for value in known) else "text"


def _text(value: Any) -> str:
    if pd.isna(value):
        return numbers.UNKNOWN
    if isinstance(value, str):
        return spell_out(value)
    if isinstance(value, date):
        return numbers.day(value)
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return f"{value:,}"


def _table(frame: pd.DataFrame, columns: list[_Column], alt: str) -> str:
    heads = "".join(f'<th scope="col" class="{column.kind}">{_heading(column)}</th>' for column in columns)
    tags = ['th scope="row"', *["td"] * (len(columns) - 1)]
    body = "".join(f"<tr>{''.join(map(_cell, columns, row, tags))}</tr>" for row in frame.itertuples(index=False))
    shapes = {"cards": len(columns) >= _CARDS, "many": len(columns) >= _MANY, "tall": len(frame) >= _TALL}
    shape = "".join(f" {name}" for name, has_it in shapes.items() if has_it)
    return (
        f'<div class="advisor-table{shape}"><table><caption>{html.escape(spell_out(alt))}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _heading(column: _Column) -> str:
    text = html.escape(column.name)
    return f'<abbr title="{html.escape(column.note)}">{text}</abbr>' if column.note else text


def _cell(column: _Column, value: Any, tag: str) -> str:
    """One cell with its heading, which a card shows; the first one, a ``th``, names the row."""
    text, style = _text(value), ""
    if column.kind == "share" and not pd.isna(value):
        text, style = numbers.percent(value), f' style="--share:{value:.3f}"'
    shown = _WHOLE.sub(r'<span class="whole">\g<0></span>', html.escape(text))
    mark = _MARKS.get(text[:1]) or _MARKS.get(text)
    if mark and len(text) <= _MARKED:
        mark += " whole"
    shown = f'<span class="{mark}">{shown}</span>' if mark else f"<span>{shown}</span>"  # one child, as a card lays out
    label = html.escape(column.name)
    return f'<{tag} class="{column.kind}" data-label="{label}"{style}>{shown}</{tag[:2]}>'


def opened(title: str, *, icon: str, key: str) -> DeltaGenerator | None:
    """A box that is closed at first, for what is made when it is opened; None while it is closed."""
    box = st.expander(title, icon=f":material/{icon}:", key=key, on_change="rerun", expanded=False)
    return box if box.open else None


def show_list(lines: Iterable[str]) -> None:
    """Show each line as a bullet point, as plain text."""
    st.markdown("\n".join(f"- {inline(line)}" for line in lines))

"""The tables of a page, whichever way they're drawn."""

from xml.etree import ElementTree

import pandas as pd
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Dataframe


def tables(app: AppTest) -> list[pd.DataFrame]:
    """In the order of the page; what is drawn as HTML holds text, and whole numbers."""
    found = []
    for node in app.main:
        if isinstance(node, Dataframe):
            found.append(node.value)
        elif node.type == "html" and node.proto.body.startswith('<div class="advisor-table'):
            found.append(read(node.proto.body))
    return found


def read(html: str) -> pd.DataFrame:
    """A table as it was before it was drawn."""
    head, *rows = ElementTree.fromstring(html).iter("tr")
    frame = pd.DataFrame([_cells(row) for row in rows], columns=_cells(head))
    for name in frame:
        if len(frame) and frame[name].str.fullmatch(r"-?[\d,]+").all():
            frame[name] = frame[name].str.replace(",", "").astype(int)
    return frame


def _cells(row: ElementTree.Element) -> list[str]:
    return ["".join(cell.itertext()) for cell in row]

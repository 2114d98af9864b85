"""Catalog: open models by licence, needs, hardware and standing; compare three; add one as a candidate."""

import streamlit as st

from advisor.ui import page, queries
from advisor.ui.models import catalog, catalog_add, catalog_compare

# Never st.stop here: after it the server keeps what was chosen in a form that the browser has cleared.
study = page.open_page() if queries.studies() else None
answer = st.container(key="catalog_answer")

wanted = catalog.ask()
found = catalog.browse(wanted)
with answer:
    catalog.headline(found)
catalog.show_models(found, wanted.edition)

compared = catalog_compare.choose(found)
catalog_compare.show(compared)
catalog_add.offer_adding(study, compared)

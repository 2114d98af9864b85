"""Catalog: three models to try first, then all open models by license, needs and cost; compare three; add one."""

import streamlit as st

from advisor.ui import page, queries
from advisor.ui.models import catalog, catalog_compare, recommended

# Never st.stop here: after it the server keeps what was chosen in a form that the browser has cleared.
study = page.open_page() if queries.studies() else None

market = recommended.look(study)
recommended.show(study, market)
st.header("All open models")
bar = st.container(horizontal=True, vertical_alignment="bottom")
wanted = catalog.ask(bar)
found = catalog.browse(wanted)
order = catalog.ask_order(bar, market, wanted.edition)
compared = catalog.choose(bar, found)
catalog.show_models(found, market, wanted.edition, order)
catalog_compare.show(study, compared, market)

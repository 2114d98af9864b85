"""Use cases: the groups of calls in the log: rename, merge, split, ignore, and choose how each is judged."""

import streamlit as st

from advisor.ui import navigation, page, queries
from advisor.ui.log import checks, rubric, use_case_edits, use_cases

study = page.open_page()
cases = queries.use_cases(study.id)

if not cases:
    page.empty_state(
        "Use cases appear once a log is imported.", page=navigation.PROMPT_LOG, action="Import a prompt log"
    )
    st.stop()

use_cases.headline(cases)
use_cases.show_cases(study, cases)
use_cases.offer_scoring(study)

st.header("Use case details")
case = use_cases.pick(cases)
use_cases.describe(study, case)
examples, edits = st.columns(2)
with examples:
    use_cases.show_examples(study, case)
with edits:
    use_case_edits.offer_undo(study)
    use_case_edits.mend(study, case, cases)

st.header("Judging")
part = checks.choose_part(case)
if part == checks.RIGHT:
    checks.show_matching(study, case)
elif part == checks.OWN:
    checks.show_checks(study, case)
else:
    rubric.show(study, case)
use_cases.warn_unscored(study)

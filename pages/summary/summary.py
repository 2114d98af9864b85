"""Summary: the decision on the current study, what speaks against it, and the next step."""

from advisor.ui import page, queries, stage, state
from advisor.ui.decision import watch
from advisor.ui.summary import card, summary

current = state.current_study()

if current is None:
    summary.welcome()
    raise page.PageEnds

watch.take_up_lists()
standing = stage.standing(current)
page.header(current, standing)
card.show_card(current, standing)
summary.show_studies(queries.studies(), current)
watch.show_watch(current)

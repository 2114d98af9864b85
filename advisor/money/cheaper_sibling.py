"""The control that every study is offered: a cheaper closed model.

It is the next cheaper one of the family of the most used model of the log that has one.
"""

from collections.abc import Sequence

from advisor.catalog.identity import canonical_name
from advisor.catalog.list_copies import copies
from advisor.money.closed_models import cheaper_sibling
from advisor.store import Store
from advisor.store.traffic import load_traffic
from advisor.types import Model, Study

PROVIDERS = {
    "anthropic": "anthropic",
    "mistral": "mistral",
    "openai": "openai",
    "vertex_ai-language-models": "gemini",
    "xai": "xai",
}
"""Whose model it is, as the list has it -> by whom it is asked."""


def offered_control(store: Store, study: Study, registered: Sequence[Model]) -> Model | None:
    """A candidate that shows whether staying with a cheaper closed model would do.

    None where the log names no model with a cheaper one of its family, or it is registered already. Use cases that are
    ignored do not count.
    """
    names = {canonical_name(model.plain_id) for model in registered}
    used = load_traffic(store, study.id).groupby("model")["calls"].sum()
    for logged in used.sort_values(ascending=False, kind="stable").index:
        sibling = cheaper_sibling(str(logged))
        provider = PROVIDERS.get(str(copies().litellm[sibling].get("litellm_provider"))) if sibling else None
        if sibling and provider:
            control = Model(name=f"{sibling} (control)", litellm_id=f"{provider}/{sibling}")
            return None if canonical_name(control.plain_id) in names else control
    return None

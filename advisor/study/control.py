"""The control that every study is offered: the next cheaper closed model of the family that writes most of the log."""

from collections.abc import Sequence

from advisor.catalog.identity import canonical_name
from advisor.catalog.refresh_used import listed_models
from advisor.store import Store
from advisor.store.logs import list_logs
from advisor.store.traffic import sum_by_model
from advisor.study.closed_models import cheaper_sibling
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

    None where the log names no model with a cheaper one of its family, or it is registered already.
    """
    names = {canonical_name(model.plain_id) for model in registered}
    for logged in sum_by_model(store, [log.id for log in list_logs(store, study.id)]):
        sibling = cheaper_sibling(logged)
        provider = PROVIDERS.get(str(listed_models()[sibling].get("litellm_provider"))) if sibling else None
        if sibling and provider:
            control = Model(name=f"{sibling} (control)", litellm_id=f"{provider}/{sibling}")
            return None if canonical_name(control.plain_id) in names else control
    return None

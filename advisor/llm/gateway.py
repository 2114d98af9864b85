"""The only place where litellm is imported: lazily, offline and quiet."""

import contextlib
import functools
import importlib
import logging
import os
import warnings
from collections.abc import Callable
from typing import Any

from advisor.bulk import without_cycle_search
from advisor.errors import BadInput
from advisor.llm.http_bodies import cap

ID_HINT = (
    "A model id is provider/model as litellm spells it: openai/gpt-4o-mini, together_ai/openai/gpt-oss-20b, "
    "anthropic/claude-haiku-4-5; or openai/NAME with an API base for any OpenAI-compatible server."
)


@functools.cache
def load() -> Any:
    """The litellm module. The first call takes seconds and 200 MB: make it before anything is timed."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it fetches a price map while it is imported
    # Its own type annotations make pydantic complain, some at once and some in the middle of a call.
    warnings.filterwarnings("ignore", message=".*TypedDict.*ReadOnly")
    with without_cycle_search():
        import litellm

    _bound_clients()
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    for name in ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)
    return litellm


def _bound_clients() -> None:
    """Follow no redirect: a prompt and a key go to the host that was named. And read no answer without end."""
    for library in ("httpx", "httpx2"):  # litellm's own calls, and those through the openai SDK
        with contextlib.suppress(ImportError):
            client = importlib.import_module(library).AsyncClient
            client.__init__ = _bounded(client.__init__)


def _bounded(begin: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(begin)
    def bounded(self: Any, **options: Any) -> None:
        begin(self, **{**options, "follow_redirects": False})
        hooks = self.event_hooks
        self.event_hooks = {**hooks, "response": [cap, *hooks["response"]]}

    return bounded


def leave_out_bookkeeping() -> None:
    """Have litellm neither price nor log calls in this process: we do both, and it takes two fifths of its time."""
    load()
    from litellm.litellm_core_utils.litellm_logging import Logging

    def no_cost(*_: object, **__: object) -> None: ...
    async def no_log(*_: object, **__: object) -> None: ...

    Logging.response_cost_calculator = no_cost
    Logging.async_success_handler = no_log


def split_id(litellm_id: str, api_base: str | None = None) -> tuple[str, str, str | None, str | None]:
    """(model as the provider calls it, provider, key that litellm found, API base) of an id.

    Raises BadInput for an id whose provider is unknown.
    """
    provider, _, model = litellm_id.partition("/")
    key, base = None, api_base
    if provider != "openai":  # which litellm splits likewise, after an import of seconds
        try:
            model, provider, key, base = load().get_llm_provider(litellm_id, api_base=api_base)
        except Exception:
            raise BadInput(f"{litellm_id!r} has no known provider. {ID_HINT}") from None
    if not model:
        raise BadInput(f"{litellm_id!r} has no model name. {ID_HINT}")
    return model, provider, None if key == "fake-api-key" else key, base


def missing_variables(litellm_id: str) -> list[str]:
    """Names of the environment variables that litellm says a provider needs and that are not set."""
    found: dict[str, Any] = load().validate_environment(litellm_id)
    return [] if found["keys_in_environment"] else list(found["missing_keys"])

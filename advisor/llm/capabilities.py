"""What a model is known to take, before it is asked.

Known means written down for exactly this id in the list inside litellm's wheel, which is read as a file because pages
ask too and importing litellm takes seconds. Whatever is not known counts as taken: a provider that refuses a call says
so itself, but a call that was wrongly held back would be a loss that nobody sees. A probe in which no tool was called
is no knowledge: the next prompt may do better.
"""

import functools
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.llm.builtin import BUILTIN_ID, CONTEXT_TOKENS
from advisor.llm.clients import plain_id
from advisor.types import Model

LIST = "model_prices_and_context_window_backup.json"
MAKERS = {"bedrock": frozenset({"bedrock", "bedrock_converse"})}
"""Providers whose bare ids stand in the list under several names."""
OWN_SERVERS = frozenset({"azure", "hosted_vllm", "litellm_proxy", "llamafile", "lm_studio", "ollama", "ollama_chat"})
"""Where a name is what somebody called it, and its context window what the server was started with."""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a model takes. None: not known."""

    context_tokens: int | None = None
    """The longest input."""
    images: bool | None = None
    tools: bool | None = None


def capabilities_of(model: Model) -> Capabilities:
    """What is known of a model by its id."""
    if model.litellm_id == BUILTIN_ID:
        return Capabilities(context_tokens=CONTEXT_TOKENS, images=False)
    entry = _entry(model)
    return Capabilities(
        context_tokens=_whole(entry.get("max_input_tokens")),
        images=entry.get("supports_vision"),
        tools=entry.get("supports_function_calling"),
    )


def is_on_own_server(model: Model) -> bool:
    """Whether a team serves the model under a name of its choice, so that no list can know it."""
    provider = plain_id(model).partition("/")[0]
    return provider in OWN_SERVERS or (provider == "openai" and model.api_base is not None)


def _entry(model: Model) -> dict[str, Any]:
    if is_on_own_server(model):
        return {}
    litellm_id = plain_id(model)
    provider, slash, name = litellm_id.partition("/")
    if litellm_id in _list():
        return _list()[litellm_id]
    entry = _list().get(name, {}) if slash else {}
    return entry if entry.get("litellm_provider") in MAKERS.get(provider, {provider}) else {}


def _whole(tokens: Any) -> int | None:
    return tokens if isinstance(tokens, int) and tokens > 0 else None


@functools.cache
def _list() -> dict[str, dict[str, Any]]:
    spec = importlib.util.find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / LIST
        if path.is_file():
            listed: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
            return listed
    return {}

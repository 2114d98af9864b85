"""What a model is known to take, before it is asked.

Known means written down for exactly this id in litellm's list. Whatever is not known counts as taken: a provider that
refuses a call says so itself, but a call that was wrongly held back would be a loss that nobody sees. A probe in which
no tool was called proves nothing: the next prompt may do better.
"""

from dataclasses import dataclass
from typing import Any

from advisor.catalog.refresh_used import listed_entry
from advisor.types import OWN_SERVERS, Model

OWN_NAMES = OWN_SERVERS | {"azure"}
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
    entry = {} if is_on_own_server(model) else listed_entry(model.plain_id) or {}
    return Capabilities(
        context_tokens=_whole(entry.get("max_input_tokens")),
        images=entry.get("supports_vision"),
        tools=entry.get("supports_function_calling"),
    )


def is_on_own_server(model: Model) -> bool:
    """Whether a team serves the model under a name of its choice, so that no list can know it."""
    provider = model.plain_id.partition("/")[0]
    return provider in OWN_NAMES or (provider == "openai" and model.api_base is not None)


def _whole(tokens: Any) -> int | None:
    return tokens if isinstance(tokens, int) and tokens > 0 else None

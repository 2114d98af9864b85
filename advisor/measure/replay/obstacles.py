"""Why a call need not be sent: its model is known not to take it, so that asking would only cost time or money."""

from dataclasses import replace

from advisor.catalog.listed_models import Capabilities, capabilities_of, is_on_own_server
from advisor.catalog.open_models import open_model
from advisor.llm.builtin import BUILTIN_ID, CONTEXT_TOKENS
from advisor.measure.replay.calls import Call, Obstacle, count_characters, count_images
from advisor.types import FailureKind, Json, Model, Request

SLACK = 1.1
"""How far an estimated length must be over what a model takes."""
MOST_CHARACTERS_PER_TOKEN = 5.0
"""Plain English prose has 4.6, everything else less: a prompt has at least this many tokens, whoever counts them."""


def known_of(model: Model) -> Capabilities:
    """What a model is known to take; on a server of one's own at most what the open model of that name takes."""
    if model.litellm_id == BUILTIN_ID:
        return Capabilities(context_tokens=CONTEXT_TOKENS, images=False)
    known = capabilities_of(model)
    found = open_model(model.litellm_id) if is_on_own_server(model) else None
    return replace(known, context_tokens=found.context_tokens) if found else known


def obstacle_of(call: Call, known: Capabilities) -> Obstacle | None:
    """Why a call is not sent; None: it is."""
    if known.images is False and count_images(call.request.messages):
        return _unsupported("images")
    if known.tools is False and _uses_tools(call.request):
        return _unsupported("tools")
    window = known.context_tokens
    least = min(call.input_tokens, count_characters(call.request.messages) / MOST_CHARACTERS_PER_TOKEN)
    if window is None or least <= window * SLACK:
        return None
    return Obstacle(
        FailureKind.CONTEXT_OVERFLOW,
        "the prompt is too long for it",
        f"Not sent: about {round(call.input_tokens, -2):,} tokens, and the model takes {window:,}.",
    )


def _unsupported(what: str) -> Obstacle:
    words = {"images": "it holds images", "tools": "it needs tools"}[what]
    return Obstacle(
        FailureKind.UNSUPPORTED, f"it takes no {what}", f"Not sent: {words}, and the model is known to take none."
    )


def _uses_tools(request: Request) -> bool:
    offered: Json = request.params.get("tools") or request.params.get("functions")
    return bool(offered) or any(message.get("tool_calls") for message in request.messages)

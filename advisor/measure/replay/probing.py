"""What a model can do: probing it once, and the calls that it is known not to take."""

import asyncio
from dataclasses import replace
from pathlib import Path

from advisor.catalog.listed_models import Capabilities, capabilities_of, is_on_own_server
from advisor.catalog.open_models import open_model
from advisor.errors import BadInput
from advisor.llm.builtin import CONTEXT_TOKENS
from advisor.llm.opening import open_client
from advisor.llm.probe import probe
from advisor.measure.replay.calls import Call, Obstacle, count_characters, count_images
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.types import FailureKind, Json, Model, Probe, Request, StoredModel


def probe_model(store: Store, model: StoredModel, data_dir: Path, builtin_base: str | None) -> Probe:
    """Talk to a model shortly, keep and return what it can do. Never raises for a model that does not answer.

    ``builtin_base`` is the address of the running server of the built-in model.
    """
    try:
        result = asyncio.run(_probe(model, data_dir, builtin_base))
    except BadInput as error:
        result = Probe(reachable=False, detail=str(error))
    set_probe(store, model.id, result)
    return result


async def _probe(model: StoredModel, data_dir: Path, builtin_base: str | None) -> Probe:
    base = builtin_base if model.is_builtin else None
    client = open_client(model, data_dir=data_dir, api_base=base)
    try:
        return await probe(model, client)
    finally:
        await client.close()


SLACK = 1.1
"""How far an estimated length must be over what a model takes."""
MOST_CHARACTERS_PER_TOKEN = 5.0
"""Plain English prose has 4.6, everything else less: a prompt has at least this many tokens, whoever counts them."""


def known_of(model: Model) -> Capabilities:
    """What a model is known to take; on a server of one's own at most what the open model of that name takes."""
    if model.is_builtin:
        return Capabilities(context_tokens=CONTEXT_TOKENS, images=False)
    known = capabilities_of(model)
    found = open_model(model.litellm_id) if is_on_own_server(model) else None
    return replace(known, context_tokens=found.can.context_tokens) if found else known


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

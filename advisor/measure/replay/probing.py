"""What a model can do: probing it once, and the calls that it is known not to take."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from advisor.catalog.listed_models import Capabilities, capabilities_of, is_on_own_server
from advisor.catalog.open_models import open_model
from advisor.errors import BadInput
from advisor.llm.builtin import CONTEXT_TOKENS
from advisor.llm.client import Client
from advisor.llm.opening import open_client
from advisor.llm.probe import probe
from advisor.measure.replay.calls import CHARACTERS_PER_TOKEN, Call, Obstacle, count_characters, count_images
from advisor.scoring.audit import audit_request
from advisor.scoring.controls import control_set, spoil
from advisor.scoring.judge import judge_request, suggested_rubric
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.types import ControlKind, FailureKind, Generation, Json, Model, Probe, Request, Role, StoredModel


def probe_model(store: Store, model: StoredModel, builtin_base: str | None) -> Probe:
    """Talk to a model shortly, keep and return what it can do. Never raises for a model that does not answer.

    ``builtin_base`` is the address of the running server of the built-in model.
    """
    try:
        result = asyncio.run(_probe(model, builtin_base))
    except BadInput as error:
        result = Probe(reachable=False, detail=str(error))
    set_probe(store, model.id, result)
    return result


async def _probe(model: StoredModel, builtin_base: str | None) -> Probe:
    base = builtin_base if model.is_builtin else None
    client = open_client(model, api_base=base)
    try:
        result = await probe(model, client)
        return result if model.is_builtin or not result.answered else await _with_lengths(result, model, client)
    finally:
        await client.close()


TRIED = 2
"""Tasks of the shipped set that a new model is asked, for a first quote to know how long its answers are."""
TRIED_S, TRIED_TOKENS = 60.0, 2000


async def _with_lengths(result: Probe, model: StoredModel, client: Client) -> Probe:
    """With the output tokens that answers took; None where none came."""
    tasks = control_set()[:TRIED]
    if model.role is not Role.JUDGE:
        asked = [replace(task.request, params={"max_tokens": TRIED_TOKENS}) for task in tasks]
        answers = await _answers(client, result, asked)
        return replace(result, output_tokens=_mean(map(_thought_tokens, answers)))
    pairs = ((task, spoil(ControlKind.CLAIM, task.request, task.answer, seed=0) or task.answer) for task in tasks)
    votes = [
        judge_request(task.request, task.answer, bad, suggested_rubric(task.kind).questions) for task, bad in pairs
    ]
    readings = [audit_request(task.request, task.answer) for task in tasks]
    return replace(
        result,
        output_tokens=_mean(map(_tokens, await _answers(client, result, votes))),
        reading_tokens=_mean(map(_tokens, await _answers(client, result, readings))),
    )


async def _answers(client: Client, result: Probe, requests: Iterable[Request]) -> list[Generation]:
    calls = (client.complete(request, stream=bool(result.streams), timeout_s=TRIED_S) for request in requests)
    found = await asyncio.gather(*calls, return_exceptions=True)
    return [each for each in found if isinstance(each, Generation)]


def _said_tokens(answer: Generation) -> float:
    return len((answer.answer.text if answer.answer else None) or "") / CHARACTERS_PER_TOKEN


def _tokens(answer: Generation) -> float:
    return answer.usage.output_tokens if answer.usage else _said_tokens(answer)


def _thought_tokens(answer: Generation) -> float:
    """What an answer took in addition to its text; less than the text itself may be its tokenizer."""
    more = _tokens(answer) - _said_tokens(answer)
    return more if more > _said_tokens(answer) else 0.0


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return sum(values) / len(values) if values else None


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

"""A short conversation with a model that shows what it can do, before a run is paid for."""

import json
from collections.abc import Iterable

from advisor.errors import CallError
from advisor.llm.client import Client
from advisor.llm.direct import DirectClient
from advisor.types import Answer, FailureKind, Generation, Json, Model, Probe, Request

TIMEOUT_S = 30.0
FEW_TOKENS = 5
SLACK_TOKENS = 3
"""Servers differ by an end token or two."""
ENOUGH_TOKENS = 400
"""Room for models that think before they answer."""
LEAST_TOKENS = 16
"""An answer with fewer says little about the time of a token: what else it took would be taken for it."""
NAMED = 10
"""Models of a server that are named at most."""
LONG_TEXT = "Count from 1 to 200 in words, one number a line, and leave none out."
HELLO_TEXT = "Say hello."
JSON_TEXT = 'Answer with a JSON object that has one key, "city", with the capital of France.'
TOOL_TEXT = "What is the weather in Paris right now? Use the tool."
TOOL: dict[str, Json] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city right now",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
REMEDIES = {
    FailureKind.AUTH: "Check the key: is it right for this address, is it active, does the account have credit?",
    FailureKind.NOT_FOUND: "Check the model id and the API base: the provider knows no such model at this address.",
    FailureKind.NETWORK: "Check the API base and that the server is running and can be reached from here.",
    FailureKind.TIMEOUT: "The server is slow or overloaded; try again, or try with fewer calls at a time.",
    FailureKind.RATE_LIMIT: "The provider limits calls right now; wait a little and test again.",
    FailureKind.SERVER: "The provider has trouble; try again later.",
    FailureKind.INVALID_RESPONSE: "Check the API base: what listens there does not answer as a chat endpoint does.",
}
LISTING_S = 10.0


async def probe(model: Model, client: Client) -> Probe:
    """A few tiny calls: reachable, authorised, streams, reports usage, keeps to a token limit, JSON mode, tools.

    Never raises for a model that fails: ``detail`` says in plain words what went wrong and what to do about it.
    What could not be tested stays None.
    """
    try:
        first = await _ask(client, LONG_TEXT, {"max_tokens": FEW_TOKENS}, stream=True)
    except CallError as error:
        return await _failed(model, client, error)
    streams = first.ttft_s is not None
    if not streams and first.answer and first.answer.is_empty:  # it thought first, and had no tokens left to answer
        longer = await _try(client, HELLO_TEXT, {"max_tokens": ENOUGH_TOKENS}, stream=True)
        streams = bool(longer and longer.ttft_s is not None)
    json_mode, json_note, as_json = await _json_mode(client)
    tools, tools_note, with_tools = await _tools(client)
    notes = [json_note, tools_note]
    if first.dropped_params:
        notes.append(f"The provider takes no {', '.join(first.dropped_params)}.")
    return Probe(
        reachable=True,
        authorised=True,
        streams=streams,
        reports_usage=first.usage is not None,
        honours_max_tokens=_is_short(first),
        json_mode=json_mode,
        tools=tools,
        detail=" ".join(filter(None, notes)),
        ttft_s=first.latency_s if first.ttft_s is None else first.ttft_s,
        token_s=_token_s(first.ttft_s or 0.0, filter(None, (as_json, with_tools))),
    )


def _token_s(ttft_s: float, answers: Iterable[Generation]) -> float | None:
    """Seconds a token, by the longest of these answers; None: none says how many it has."""
    known = [(each.usage.output_tokens, each.latency_s) for each in answers if each.usage and each.latency_s]
    tokens, latency_s = max(known, default=(0, 0.0))
    return max(latency_s - ttft_s, 0.0) / max(tokens, LEAST_TOKENS) if tokens else None


async def _failed(model: Model, client: Client, error: CallError) -> Probe:
    kind = FailureKind(error.kind)
    detail = f"{model.litellm_id} did not answer: {str(error).rstrip('.?')}. {REMEDIES.get(kind, '')}".strip()
    if kind in (FailureKind.NETWORK, FailureKind.TIMEOUT):
        return Probe(reachable=False, detail=detail)
    if kind is FailureKind.AUTH:
        return Probe(reachable=True, authorised=False, detail=detail)
    if kind in (FailureKind.BAD_REQUEST, FailureKind.INVALID_RESPONSE):
        whole = await _try(client, LONG_TEXT, {"max_tokens": FEW_TOKENS})
        if whole is not None:
            return Probe(
                reachable=True,
                authorised=True,
                streams=False,
                reports_usage=whole.usage is not None,
                honours_max_tokens=_is_short(whole),
                detail=f"It answers, but not as a stream: {error}. Replay without streaming.",
                ttft_s=whole.latency_s,
            )
    if kind is FailureKind.NOT_FOUND and (names := await _offered(client)):
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        detail += f" It offers: {', '.join(names[:NAMED])}{more}."
    known = kind in (FailureKind.NOT_FOUND, FailureKind.BAD_REQUEST, FailureKind.RATE_LIMIT)
    return Probe(reachable=True, authorised=True if known else None, detail=detail)


async def _json_mode(client: Client) -> tuple[bool | None, str, Generation | None]:
    params = {"max_tokens": ENOUGH_TOKENS, "response_format": {"type": "json_object"}}
    try:
        generation = await _ask(client, JSON_TEXT, params)
    except CallError as error:
        refused = error.kind in (FailureKind.BAD_REQUEST, FailureKind.INVALID_RESPONSE)
        return (False if refused else None), f"JSON mode: {error}.", None
    if "response_format" in generation.dropped_params:
        return False, "", generation
    answer = generation.answer or Answer()
    try:
        return isinstance(json.loads(answer.text or ""), dict), "", generation
    except ValueError:
        if answer.finish_reason == "length":
            note = f"JSON mode: the answer was not complete after {ENOUGH_TOKENS} tokens, so nothing is known."
            return None, note, generation
        return False, "", generation


async def _tools(client: Client) -> tuple[bool | None, str, Generation | None]:
    try:
        generation = await _ask(client, TOOL_TEXT, {"max_tokens": ENOUGH_TOKENS, "tools": [TOOL]})
    except CallError as error:
        refused = error.kind in (FailureKind.BAD_REQUEST, FailureKind.INVALID_RESPONSE)
        return (False if refused else None), f"Tools: {error}.", None
    return bool(generation.answer and generation.answer.tool_calls), "", generation


def _is_short(generation: Generation | None) -> bool | None:
    if generation is None or generation.answer is None:
        return None
    if {"max_tokens", "max_completion_tokens"} & set(generation.dropped_params):
        return False
    if generation.usage is not None:
        return generation.usage.output_tokens <= FEW_TOKENS + SLACK_TOKENS
    return len((generation.answer.text or "").split()) <= FEW_TOKENS + SLACK_TOKENS


async def _try(client: Client, text: str, params: dict[str, Json], *, stream: bool = False) -> Generation | None:
    try:
        return await _ask(client, text, params, stream=stream)
    except CallError:
        return None


async def _ask(client: Client, text: str, params: dict[str, Json], *, stream: bool = False) -> Generation:
    request = Request(messages=[{"role": "user", "content": text}], params=params)
    return await client.complete(request, stream=stream, timeout_s=TIMEOUT_S)


async def _offered(client: Client) -> list[str]:
    return await client.list_models(LISTING_S) if isinstance(client, DirectClient) else []

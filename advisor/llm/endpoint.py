"""Where an OpenAI-compatible model listens and how a request must look there.

litellm knows the providers' addresses, headers and parameter names; it is asked once per model, and once per
distinct set of parameters, never on the way of a call. A model that it has no rules for is sent what OpenAI's API
takes, without it: its import takes longer than all else before the first call.
"""

import json
import re
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import Any

import orjson

from advisor.errors import BadInput
from advisor.llm.gateway import load, split_id
from advisor.llm.hosts import API_BASES
from advisor.llm.keys import find_key, mask_for
from advisor.llm.masking import Mask
from advisor.types import Answer, Json, Model, Request

# fmt: off
DIRECT = frozenset({
    "openai", "hosted_vllm", "ollama", "ollama_chat", "lm_studio", "llamafile", "litellm_proxy", "together_ai", "groq",
    "fireworks_ai", "openrouter", "deepseek", "mistral", "deepinfra", "nebius", "novita", "xai", "cerebras",
    "sambanova", "moonshot", "zai", "baseten", "perplexity", "nvidia_nim", "hyperbolic", "lambda_ai", "nscale",
    "dashscope", "wandb", "featherless_ai", "friendliai", "meta_llama", "vercel_ai_gateway",
})
# fmt: on
"""Providers whose chat endpoint is OpenAI's, so that we transmit ourselves."""
OLLAMA = "http://127.0.0.1:11434"
OURS = frozenset({"model", "messages", "stream", "stream_options", "n"})
"""Set by us: every call asks for one answer."""
INTERNAL = frozenset({"extra_body", "extra_headers", "fake_stream", "json_mode", "max_retries", "stream"})
"""What litellm leaves in a body for its own use."""
RENAMED = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
    "functions": "tools",
    "function_call": "tool_choice",
    "seed": "random_seed",
}
# fmt: off
TAKEN = frozenset({
    "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
    "max_tokens", "modalities", "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key",
    "prompt_cache_retention", "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier",
    "stop", "store", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "web_search_options",
})
# fmt: on
"""What OpenAI's API takes of a model without rules."""
TAKEN_HERE = frozenset({"chat_template_kwargs", "min_p", "repetition_penalty", "top_k"})
"""What servers of one's own take besides, where the model has it among its own parameters."""
RULED = re.compile(r"gpt-(?!oss)|claude|responses/|(^|/)(ft:|o\d|chat|computer-use|babbage|davinci|daybreak|codex)")
"""Names that litellm has rules for, or may have."""
SCHEMA_TOOL = "json_tool_call"
"""The tool as which litellm sends a JSON schema to a model that knows tools but no schemas."""
PARAMS_REMEMBERED = 256
JSON_HEADERS = {"Content-Type": "application/json"}

Fit = Callable[[Request, bool], tuple[dict[str, Json], tuple[str, ...]]]
"""(request, stream) to (body, names of the parameters that had to go)."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One model behind an OpenAI-compatible chat endpoint."""

    url: str
    headers: dict[str, str]
    fit: Fit
    key: str | None = None
    """For listing models; it is in the headers already."""
    mask: Mask = field(default_factory=Mask)
    keep_alive: bool = True


def resolve(model: Model, provider: str) -> Endpoint:
    """The endpoint of a model of one of the ``DIRECT`` providers.

    Raises BadInput when a key or an address is missing.
    """
    name, _, found, base = split_id(model.litellm_id, model.api_base)
    is_ollama = provider.startswith("ollama")
    base = model.api_base or base or (OLLAMA if is_ollama else API_BASES.get(provider))  # litellm leaves some open
    if not base:
        raise BadInput(f"{model.litellm_id} is self-hosted. Give its address as API base (--api-base).")
    key = find_key(model, provider, found)
    if is_ollama:
        provider = "hosted_vllm"  # Ollama's own API has no usage in OpenAI's terms; its /v1 has
        base = base.rstrip("/").removesuffix("/v1") + "/v1"
    if is_plain(model):
        return Endpoint(
            url=_chat_url(base),
            headers=JSON_HEADERS | ({"Authorization": f"Bearer {key}"} if key else {}),
            fit=plain_fitting(model, name, TAKEN | model.params.keys()),
            key=key,
            mask=mask_for(model, key),
        )
    config = _config(name, provider)
    url = config.get_complete_url(
        api_base=base, api_key=key, model=name, optional_params={}, litellm_params={}, stream=False
    )
    headers = dict(JSON_HEADERS)
    if key:
        headers |= config.validate_environment({}, name, [], {}, {}, api_key=key, api_base=base)
    return Endpoint(
        url=url, headers=headers, fit=_fitting(model, name, provider, config), key=key, mask=mask_for(model, key)
    )


def is_plain(model: Model) -> bool:
    """Whether litellm has no rules for it: ``openai/NAME`` with an API base, where NAME is none of OpenAI's."""
    provider, _, name = model.litellm_id.partition("/")
    is_own = provider == "openai" and model.api_base is not None
    return is_own and not RULED.search(name) and model.params.keys() <= TAKEN | TAKEN_HERE


def _chat_url(base: str) -> str:
    base = base.rstrip("/")
    return base if "chat/completions" in base else f"{base}/chat/completions"


def plain_fitting(model: Model, name: str, takes: Set[str]) -> Fit:
    """A call goes out as it was logged, with the parameters in ``takes``."""

    def fit(request: Request, stream: bool) -> tuple[dict[str, Json], tuple[str, ...]]:
        given, gone = given_params(request, model)
        body = {param: value for param, value in given.items() if param in takes}
        gone += [param for param in given if param not in takes]
        if not body.get("tools") and not body.get("functions"):
            body.pop("tool_choice", None)
        body |= {"model": name, "messages": [_plain_message(message) for message in request.messages]}
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return body, tuple(gone)

    return fit


def _plain_message(message: dict[str, Json]) -> dict[str, Json]:
    """As servers know it: instructions of a developer are those of a system, an image's address is an object."""
    if message["role"] == "developer":
        return {"role": "system", "content": message["content"]}
    kept = {name: value for name, value in message.items() if value is not None}
    if message["role"] == "user" and isinstance(kept.get("content"), list):
        kept["content"] = [_plain_part(part) for part in kept["content"]]
    return kept


def _plain_part(part: dict[str, Json]) -> dict[str, Json]:
    if part.get("type") == "image_url" and isinstance(part["image_url"], str):
        return {**part, "image_url": {"url": part["image_url"]}}
    return part


def given_params(request: Request, model: Model) -> tuple[dict[str, Json], list[str]]:
    """The parameters of a call, the model's own over the logged ones, and the names of those that only we may set."""
    given = {name: value for name, value in {**request.params, **model.params}.items() if value is not None}
    ours = [name for name in ("n",) if given.get(name, 1) != 1]
    return {name: value for name, value in given.items() if name not in OURS}, ours


def supported_params(name: str, provider: str) -> frozenset[str]:
    """The OpenAI parameters that a provider takes."""
    return frozenset(load().get_supported_openai_params(name, provider) or ())


def _config(name: str, provider: str) -> Any:
    litellm = load()
    from litellm.utils import ProviderConfigManager

    return ProviderConfigManager.get_provider_chat_config(name, litellm.LlmProviders(provider))


def _fitting(model: Model, name: str, provider: str, config: Any) -> Fit:
    from litellm.utils import get_optional_params

    supported = supported_params(name, provider)
    asks_usage = "stream_options" in supported
    remembered: dict[bytes, tuple[dict[str, Json], tuple[str, ...]]] = {}
    frames: dict[tuple[bytes, tuple[str, ...]], dict[str, Json]] = {}
    """Bodies without their messages, for plain messages that litellm was seen to leave as they are: asking it every
    time would take as long as all the rest of a call."""

    def mapped(given: dict[str, Json]) -> tuple[dict[str, Json], tuple[str, ...]]:
        wanted = {param: value for param, value in given.items() if param in supported or param in model.params}
        kept: dict[str, Json] = get_optional_params(
            model=name, custom_llm_provider=provider, drop_params=True, **wanted
        )
        sent = {*kept, *kept.get("extra_body", {})}
        if SCHEMA_TOOL in _tool_names(kept):
            sent |= {"response_format"}
        gone = [param for param in given if param not in sent and RENAMED.get(param) not in sent]
        return kept, tuple(gone)

    def translated(request: Request, kept: dict[str, Json]) -> dict[str, Json]:
        body: dict[str, Json] = config.transform_request(
            model=name,
            messages=list(
                config.translate_developer_role_to_system_role(
                    messages=_plain_messages(request),
                    model=name,
                    custom_llm_provider=provider,
                    api_base=model.api_base,
                    model_info=None,
                )
            ),
            optional_params=dict(kept),
            litellm_params={},
            headers={},
        )
        body |= body.get("extra_body") or {}
        return {param: value for param, value in body.items() if param not in INTERNAL}

    def fit(request: Request, stream: bool) -> tuple[dict[str, Json], tuple[str, ...]]:
        given, ours = given_params(request, model)
        mark = encode(given)
        if mark not in remembered:
            if len(remembered) >= PARAMS_REMEMBERED:
                remembered.clear()
            remembered[mark] = mapped(given)
        kept, gone = remembered[mark]
        roles = _plain_roles(request)
        frame = frames.get((mark, roles)) if roles else None
        if frame is None:
            body = translated(request, kept)
            if roles and body.get("messages") == request.messages:
                if len(frames) >= PARAMS_REMEMBERED:
                    frames.clear()
                frames[mark, roles] = {**body, "messages": []}
        else:
            body = {**frame, "messages": request.messages}
        if stream:
            body["stream"] = True
            if asks_usage:
                body["stream_options"] = {"include_usage": True}
        return body, (*ours, *gone)

    return fit


def unwrap(answer: Answer, body: dict[str, Json]) -> Answer:
    """The answer to a body whose JSON schema was sent as a tool: what the tool was called with is the text."""
    if not answer.tool_calls or answer.tool_calls[0].name != SCHEMA_TOOL or SCHEMA_TOOL not in _tool_names(body):
        return answer
    return Answer(text=answer.tool_calls[0].arguments, finish_reason="stop")


def _tool_names(body: dict[str, Json]) -> list[Json]:
    functions = [tool.get("function") for tool in body.get("tools") or () if isinstance(tool, dict)]
    return [function.get("name") for function in functions if isinstance(function, dict)]


def _plain_roles(request: Request) -> tuple[str, ...]:
    """The roles of messages that hold nothing but text; empty where any holds more."""
    roles = []
    for message in request.messages:
        if len(message) != 2 or not isinstance(message.get("content"), str) or not message["content"]:
            return ()
        roles.append(str(message.get("role")))
    return tuple(roles)


def _plain_messages(request: Request) -> list[dict[str, Json]]:
    """A deep copy, because litellm may write into it; without nulls, as litellm sends it."""
    messages = orjson.loads(encode(request.messages))
    return [{name: value for name, value in message.items() if value is not None} for message in messages]


def encode(value: Json) -> bytes:
    """JSON bytes; half an emoji, as logs cut by length hold it, becomes a question mark."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")

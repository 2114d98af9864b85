"""The client for every provider that does not speak OpenAI's language: litellm translates and transmits."""

import ast
import asyncio
import contextlib
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from advisor.errors import BadInput, CallError
from advisor.llm.answers import StreamedAnswer, read_completion
from advisor.llm.client import Client, longest_s, too_late
from advisor.llm.endpoint import PARAMS_REMEMBERED, RENAMED, encode, given_params, supported_params
from advisor.llm.failures import invalid, kind_of, read_allowance, read_error, retry_after_s, scrub
from advisor.llm.gateway import load, split_id
from advisor.llm.hosts import check_resolved
from advisor.llm.http_bodies import MAX_CHUNKS
from advisor.llm.keys import SECRET, find_credentials, mask_for
from advisor.llm.parameters import MOST_PARTS, Unwanted, unfolds_too_far
from advisor.types import Allowance, Answer, Clock, FailureKind, Generation, Json, Model, Request, Usage

KINDS = {
    "AuthenticationError": FailureKind.AUTH,
    "NotFoundError": FailureKind.NOT_FOUND,
    "Timeout": FailureKind.TIMEOUT,
    "ContextWindowExceededError": FailureKind.CONTEXT_OVERFLOW,
    "ContentPolicyViolationError": FailureKind.CONTENT_FILTER,
    "APIConnectionError": FailureKind.NETWORK,
    "APIResponseValidationError": FailureKind.INVALID_RESPONSE,
    "MidStreamFallbackError": FailureKind.INVALID_RESPONSE,
    "JSONSchemaValidationError": FailureKind.INVALID_RESPONSE,
}
"""litellm's exceptions that say it all; the others are read by status and words."""
NETWORK_WORDS = re.compile(r"connection error|cannot connect|server disconnected", re.IGNORECASE)
INVALID_WORDS = re.compile(r"empty or invalid response|\(char \d+\)|unable to parse|validation error", re.IGNORECASE)
"""litellm reports both as status 500, which no server said."""
WRAPPING = re.compile(r"^((litellm\.)?\w+(Error|Exception)( - |: ))+")
PASSED_ON = "llm_provider-"
"""What litellm puts before the names of a provider's headers."""


def litellm_client(model: Model) -> "LitellmClient":
    """A client in this process. Raises BadInput for an unknown provider, or a key that is not set."""
    name, provider, _, _ = split_id(model.litellm_id, model.api_base)
    return LitellmClient(model, name, provider, credentials=find_credentials(model, provider))


class LitellmClient(Client):
    """Any model that litellm knows, which keeps the connections of all models together.

    Where a provider streams no usage, litellm counts the tokens itself.
    """

    clock = Clock.LITELLM

    def __init__(self, model: Model, name: str, provider: str, *, credentials: dict[str, str]) -> None:
        self._model, self._credentials = model, credentials
        self._mask = mask_for(model, *(value for name, value in credentials.items() if SECRET.search(name)))
        self._name, self._provider = name, provider
        self._remembered: dict[bytes, tuple[str, ...]] = {}
        self._supported = supported_params(name, provider)
        self._unwanted = Unwanted()
        self._api_base = {"api_base": model.api_base} if model.api_base else {}

    async def complete(self, request: Request, *, stream: bool, timeout_s: float) -> Generation:
        """One attempt; see :class:`advisor.llm.client.Client`. Again at once without a parameter that was refused."""
        params, dropped = self._fit(request)
        return await self._unwanted.ask(
            params, lambda gone: self._ask(request, params, (*dropped, *gone), stream=stream, timeout_s=timeout_s)
        )

    def _fit(self, request: Request) -> tuple[dict[str, Json], tuple[str, ...]]:
        """The parameters that litellm takes, and the names of the others."""
        given, gone = given_params(request, self._model)
        params = {
            param: value for param, value in given.items() if param in self._supported or param in self._model.params
        }
        gone += [param for param in given if param not in params]
        return params, (*gone, *self._unused(params))

    async def _ask(
        self, request: Request, params: dict[str, Json], dropped: tuple[str, ...], *, stream: bool, timeout_s: float
    ) -> Generation:
        litellm = load()
        await self._check_address()
        clock = _Clock()
        at = datetime.now(UTC)
        try:
            async with asyncio.timeout(longest_s(timeout_s, stream=stream)):  # litellm's own is for a silence
                response = await litellm.acompletion(
                    model=self._model.litellm_id,
                    messages=_copy(request.messages),
                    timeout=timeout_s,
                    max_retries=0,
                    num_retries=0,
                    drop_params=True,
                    **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
                    **params,
                    **self._credentials,
                    **self._api_base,
                )
                answer, usage = await clock.read(response, stream)
        except CallError as error:
            raise self._failed(str(error), error.kind) from None
        except TimeoutError:
            raise self._failed(too_late(timeout_s, stream=stream), FailureKind.TIMEOUT) from None
        except Exception as error:
            raise self._translated(error) from None
        return Generation(
            answer=self._mask.answer(answer),
            usage=usage,
            ttft_s=clock.ttft_s,
            latency_s=clock.ended - clock.sent,
            dropped_params=dropped,
            at=at,
            allowance=read_allowance(_headers_of(response)),
        )

    async def open(self) -> None:
        """Have litellm import what it imports at its first call, without calling anybody."""
        ask, id_ = load().acompletion, self._model.litellm_id
        hello = [{"role": "user", "content": "Hello"}]
        with contextlib.suppress(Exception):  # what cannot be asked says so when it is asked
            await ask(id_, hello, mock_response="Hello")
            async for _ in await ask(id_, hello, mock_response="Hello", stream=True):
                pass

    async def _check_address(self) -> None:
        try:
            if self._model.api_base:
                await check_resolved(urlsplit(self._model.api_base).hostname or "")
        except BadInput as error:
            raise self._failed(str(error), FailureKind.NETWORK) from None

    def _unused(self, params: dict[str, Json]) -> tuple[str, ...]:
        """Names of the parameters that litellm knows and still leaves out: those that make no difference."""
        mark = encode(params)
        if mark not in self._remembered:
            if unfolds_too_far(params):
                words = f"not sent: its JSON schema unfolds to more than {MOST_PARTS:,} parts"
                raise CallError(words, kind=FailureKind.BAD_REQUEST)
            if len(self._remembered) >= PARAMS_REMEMBERED:
                self._remembered.clear()
            mapped = self._mapped(params)
            self._remembered[mark] = tuple(
                param
                for param in params
                if not {param, RENAMED.get(param)} & mapped.keys()
                and mapped == self._mapped({name: value for name, value in params.items() if name != param})
            )
        return self._remembered[mark]

    def _mapped(self, params: dict[str, Json]) -> dict[str, Json]:
        from litellm.utils import get_optional_params

        try:
            mapped: dict[str, Json] = get_optional_params(
                model=self._name, custom_llm_provider=self._provider, drop_params=True, **_copy(params)
            )
        except Exception:
            return {}  # the call says what is wrong
        return {**mapped, **(mapped.get("extra_body") or {})}

    def _translated(self, error: Exception) -> CallError:
        if (ours := _raised_here(error)) is not None:
            return self._failed(str(ours), ours.kind)
        message = str(getattr(error, "message", "") or error or type(error).__name__)
        status = getattr(error, "status_code", None)
        kind = KINDS.get(type(error).__name__)
        if kind is None and status in (None, 500):
            by_words = ((NETWORK_WORDS, FailureKind.NETWORK), (INVALID_WORDS, FailureKind.INVALID_RESPONSE))
            kind = next((kind for words, kind in by_words if words.search(message)), None)
        if kind is None:
            kind = kind_of(status, message) if isinstance(status, int) else FailureKind.INVALID_RESPONSE
        headers = _headers_of(error)
        wait = retry_after_s(headers) if kind in (FailureKind.RATE_LIMIT, FailureKind.SERVER) else None
        return self._failed(provider_words(message), kind, wait, read_allowance(headers))

    def _failed(
        self, message: str, kind: str, wait: float | None = None, allowance: Allowance | None = None
    ) -> CallError:
        return CallError(scrub(message, self._mask), kind=kind, retry_after_s=wait, allowance=allowance)


class _Clock:
    """Times one call and reads its answer."""

    def __init__(self) -> None:
        self.sent = self.ended = time.perf_counter()
        self.ttft_s: float | None = None

    async def read(self, response: Any, stream: bool) -> tuple[Answer, Usage | None]:
        if not stream:
            self.ended = time.perf_counter()
            return read_completion(response.model_dump())
        answer = StreamedAnswer()
        count = 0
        async for chunk in response:
            count += 1
            if count > MAX_CHUNKS:
                raise invalid(f"the stream has more than {MAX_CHUNKS:,} chunks, so the rest wasn't read")
            if answer.add(chunk.model_dump()) and self.ttft_s is None:
                self.ttft_s = time.perf_counter() - self.sent
        self.ended = time.perf_counter()
        whole, usage = answer.finish()
        if whole.is_empty and usage is None:  # what litellm makes of a page of HTML or of broken JSON
            raise invalid("the stream brought nothing; if the server sends no streams, replay without streaming")
        return whole, usage


def _raised_here(error: BaseException | None) -> CallError | None:
    """Our own failure that litellm, or the SDK below it, has wrapped in one of theirs."""
    while error is not None and not isinstance(error, CallError):
        error = error.__cause__ or error.__context__
    return error


def _headers_of(outcome: Any) -> Mapping[str, str]:
    """What the provider sent along with an answer, a stream or a failure, with names in small letters."""
    hidden = getattr(outcome, "_hidden_params", None) or {}
    sent = [
        hidden.get("additional_headers"),
        hidden.get("headers"),
        getattr(getattr(outcome, "response", None), "headers", None),
        getattr(outcome, "litellm_response_headers", None),
    ]
    return {
        name.lower().removeprefix(PASSED_ON): value for headers in sent if headers for name, value in headers.items()
    }


def provider_words(message: str) -> str:
    """What the provider said, out of litellm's message: some hold the whole body, as Python shows bytes."""
    words = WRAPPING.sub("", message)
    with contextlib.suppress(ValueError, SyntaxError):
        body = ast.literal_eval(words) if words.startswith(("b'", 'b"')) else words.encode("utf-8", "replace")
        if body.startswith(b"{"):
            return read_error(body)[0]
    return words


def _copy(value: Any) -> Any:
    """A deep copy, because litellm may write into what it is given."""
    return orjson.loads(encode(value))

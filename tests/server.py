"""A real HTTP server that speaks OpenAI's chat API and misbehaves on purpose.

What it does is chosen by the model's name, or by a key ``behaviour`` in the body; see ``BEHAVIOURS``. Names may carry
a number: ``flaky-2`` fails twice and then answers, ``until-9`` answers nine times and then hangs, ``slow-0.1`` waits
0.1 s before each token.
"""

import asyncio
import base64
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self
from urllib.parse import quote

from aiohttp import web

Body = dict[str, Any]
USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 5,
    "total_tokens": 25,
    "prompt_tokens_details": {"cached_tokens": 8},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
TEXT = "The answer is 42."
ENDLESS_BYTES = 3 * 2**30
UNICODE_TEXT = "Zażółć 🐈‍⬛ 漢字"


class MisbehavingServer:
    """``with MisbehavingServer() as server:`` then ask ``server.url``.

    ``requests`` holds every body received, ``headers`` the headers that came with them, in order. ``delay_s`` is
    waited before every answer. ``answers`` says for models, by name, what they answer to a body: a text, or a whole
    completion.
    """

    def __init__(
        self, *, delay_s: float = 0.0, answers: Mapping[str, Callable[[Body], str | Body]] | None = None
    ) -> None:
        self.delay_s = delay_s
        self._answers = dict(answers or {})
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self._failed: dict[str, int] = {}
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="misbehaving-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60), "the test server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(60)

    def count(self, model: str) -> int:
        """How often a model was asked."""
        return sum(body.get("model") == model for body in self.requests)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())
        self._loop.close()

    async def _run(self) -> None:
        self._over = asyncio.Event()
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._answer)
        app.router.add_get("/v1/models", _models)
        app.router.add_get("/health", _healthy)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/v1"
        self._ready.set()
        await self._over.wait()
        await runner.cleanup()
        hanging = asyncio.all_tasks() - {asyncio.current_task()}
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        name, _, number = str(body.get("behaviour") or body.get("model")).partition("-")
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if name == "flaky":
            failed = self._failed.get(body["model"], 0)
            if failed < int(number or 1):
                self._failed[body["model"]] = failed + 1
                return _error(500, "a passing trouble")
            name = "ok"
        if name == "until":
            name = "ok" if self.count(body["model"]) <= int(number) else "hang"
        if body.get("model") in self._answers:
            said = self._answers[body["model"]](body)
            if isinstance(said, str):
                return web.json_response(completion(said))
            return web.json_response(said, status=400 if "error" in said else 200)
        behave = BEHAVIOURS.get(name, BEHAVIOURS["ok"])
        return await behave(request, body, number)


async def _models(request: web.Request) -> web.Response:
    names = ["ok", "echo"]
    if _key_of(request).startswith(ECHOED):
        names += [_key_of(request), f"team-{_key_of(request)[:12]}"]
    return web.json_response({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


ECHOED = "sk-echo-"
"""A key that begins so stands among the names of the models, too."""


def _key_of(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def _shapes(key: str) -> list[str]:
    """A key as providers and gateways echo it."""
    basic = base64.b64encode(f"user:{key}".encode()).decode()
    return [key, f"Bearer {key}", basic, quote(key, safe=""), json.dumps({"k": key})]


async def _healthy(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def completion(
    content: str | None = TEXT, *, finish_reason: str = "stop", tool_calls: list[Body] | None = None, **more: Any
) -> Body:
    """A whole chat completion."""
    message: Body = {"role": "assistant", "content": content}
    if tool_calls:
        message["tool_calls"] = tool_calls
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "test",
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": message}],
        "usage": USAGE,
        **more,
    }


def chunk(delta: Body | None, finish_reason: str | None = None, **more: Any) -> bytes:
    """One event of a streamed chat completion."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "test", "choices": choices}
    return b"data: " + json.dumps({**data, **more}, ensure_ascii=False).encode() + b"\n\n"


LAST = chunk(None, usage=USAGE)
DONE = b"data: [DONE]\n\n"


async def stream(request: web.Request, pieces: list[bytes], pause_s: float = 0.0) -> web.StreamResponse:
    """Send raw pieces as an event stream, each in a packet of its own if there is a pause."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for piece in pieces:
        if pause_s:
            await asyncio.sleep(pause_s)
        await response.write(piece)
    await response.write_eof()
    return response


def _words(text: str) -> list[bytes]:
    head = chunk({"role": "assistant", "content": ""})
    return [head, *(chunk({"content": f"{word} "}) for word in text.split()[:-1]), chunk({"content": text.split()[-1]})]


async def _say(request: web.Request, body: Body, text: str, pause_s: float = 0.0) -> web.StreamResponse:
    if body.get("stream"):
        return await stream(request, [*_words(text), chunk({}, "stop"), LAST, DONE], pause_s)
    if pause_s:
        await asyncio.sleep(pause_s * len(text.split()))
    return web.json_response(completion(text))


def _error(status: int, message: str, code: str | None = None, **headers: str) -> web.Response:
    error = {"message": message, "type": "test_error", "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)


async def _ok(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    if body.get("tools"):
        return await _call_tool(request, body)
    if (body.get("response_format") or {}).get("type") in ("json_object", "json_schema"):
        return await _say(request, body, '{"city": "Paris"}')
    limit = body.get("max_tokens") or body.get("max_completion_tokens")
    return await _say(request, body, " ".join(TEXT.split()[:limit]))


async def _call_tool(request: web.Request, body: Body) -> web.StreamResponse:
    function = body["tools"][0]["function"]
    calls = [(function["name"], '{"city": "Paris"}'), (function["name"], '{"city": "Rome"}')]
    if not body.get("stream"):
        whole = [
            {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(calls)
        ]
        return web.json_response(completion(None, finish_reason="tool_calls", tool_calls=whole))
    pieces = [chunk({"role": "assistant", "content": None})]
    for number, (name, arguments) in enumerate(calls):
        first = {
            "index": number,
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": name, "arguments": ""},
        }
        pieces.append(chunk({"tool_calls": [first]}))
        for part in (arguments[:5], arguments[5:]):
            pieces.append(chunk({"tool_calls": [{"index": number, "function": {"arguments": part}}]}))
    return await stream(request, [*pieces, chunk({}, "tool_calls"), LAST, DONE])


async def _hang(_request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError("nobody waits that long")


async def _stays_open(request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
    """A whole answer, and then neither [DONE] nor an end."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for piece in [*_words(TEXT), chunk({}, "stop"), LAST]:
        await response.write(piece)
    await asyncio.sleep(60)
    return response


async def _picky(request: web.Request, body: Body, number: str) -> web.StreamResponse:
    """Takes no temperature, and a limit of tokens only under its new name."""
    for name, advice in (("temperature", "Only the default is."), ("max_tokens", "Use 'max_completion_tokens'.")):
        if name in body:
            return _error(400, f"Unsupported parameter: '{name}' is not supported with this model. {advice}")
    return await _ok(request, body, number)


async def _cut(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    """The connection breaks in the middle of the answer."""
    if not body.get("stream"):
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"choices": [{"mess')
    else:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"".join(_words(TEXT)[:3]))
    assert request.transport is not None
    request.transport.close()
    return response


async def _ends_early(request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
    """The stream ends in good order, but before the answer does."""
    return await stream(request, _words(TEXT)[:3])


async def _reset(request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _slow(request: web.Request, body: Body, number: str) -> web.StreamResponse:
    return await _say(request, body, TEXT, float(number or 0.05))


async def _drips(request: web.Request, _body: Body, number: str) -> web.StreamResponse:
    """A stream that always goes on, with a word in so many seconds."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    while True:
        await response.write(chunk({"content": "on "}))
        await asyncio.sleep(float(number))


async def _endless(request: web.Request, body: Body, number: str) -> web.StreamResponse:
    """``ENDLESS_BYTES`` of tokens (1), one event (2), a whole answer (3, packed 4), a refusal (5), or comments (6)."""
    whole = b"data: " if body.get("stream") and number == "2" else b'{"choices": [{"message": {"content": "'
    kind = "text/event-stream" if number in "126" else "application/json"
    response = web.StreamResponse(headers={"Content-Type": kind}, status=400 if number == "5" else 200)
    if number == "4":
        response.enable_compression(web.ContentCoding.gzip)
    await response.prepare(request)
    if number not in "16":
        await response.write(whole)
    tokens = b"".join(chunk({"content": f"on and on {turn} " * 400}) for turn in range(20))
    piece = {"1": tokens, "6": b": still there\n\n" * 2**12}.get(number, b"x" * 2**16)
    for _ in range(ENDLESS_BYTES // len(piece)):
        await response.write(piece)
    return response


async def _error_in_stream(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    error = {"error": {"message": "the engine died", "type": "server_error", "code": 500}}
    if not body.get("stream"):
        return web.json_response(error)
    return await stream(request, [*_words(TEXT)[:3], b"data: " + json.dumps(error).encode() + b"\n\n"])


async def _unicode(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    """Every byte in a packet of its own, CRLF line ends, comments between, no [DONE]."""
    if not body.get("stream"):
        return web.json_response(completion(UNICODE_TEXT))
    whole = b": a comment\r\n\r\n" + b"".join([*_words(UNICODE_TEXT), chunk({}, "stop"), LAST])
    whole = whole.replace(b"\n\n", b"\r\n\r\n")
    return await stream(request, [bytes([byte]) for byte in whole])


async def _judge(request: web.Request, body: Body, number: str) -> web.StreamResponse:
    return await _say(request, body, json.dumps({"reason": "It is right.", "verdict": number or "A"}))


async def _parrot(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    return await _say(request, body, f"You sent {request.headers.get('Authorization')}.")


async def _echo(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    return await _say(request, body, json.dumps(body))


async def _wait(_request: web.Request, _body: Body, number: str) -> web.StreamResponse:
    return _error(429, "Rate limit reached.", "rate_limit_exceeded", **{"Retry-After": number})


async def _no_usage(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    if body.get("stream"):
        return await stream(request, [*_words(TEXT), chunk({}, "stop"), DONE])
    return web.json_response(completion(usage=None))


async def _wordy(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    """Keeps to no limit of tokens."""
    usage = {"prompt_tokens": 20, "completion_tokens": 80, "total_tokens": 100}
    if body.get("stream"):
        return await stream(request, [*_words("and so on " * 20), chunk({}, "stop"), chunk(None, usage=usage), DONE])
    return web.json_response(completion("and so on " * 20, usage=usage))


async def _whole(_request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
    """Answers whole even when a stream was asked for."""
    return web.json_response(completion())


async def _leak(request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
    return _error(401, f"Incorrect API key provided: {request.headers.get('Authorization', '')}", "invalid_api_key")


async def _tells(request: web.Request, body: Body, number: str) -> web.StreamResponse:
    """A refusal that holds the key in every shape, and in part."""
    key = _key_of(request)
    return _error(int(number), " ".join([*_shapes(key), f"{key[:14]}...", f"...{key[-9:]}", "is wrong"]), key)


async def _head(request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
    """The key where the head of an answer belongs."""
    assert request.transport is not None
    request.transport.write(f"{_key_of(request)} is wrong\r\n\r\n".encode())
    return web.Response()


async def _repeats(request: web.Request, body: Body, _number: str) -> web.StreamResponse:
    """An answer that holds the key everywhere."""
    key = _key_of(request)
    calls = [
        {"index": 0, "id": "c", "type": "function", "function": {"name": f"f_{key}", "arguments": f'{{"k": "{key}"}}'}}
    ]
    text = " ".join(_shapes(key))
    if not body.get("stream"):
        return web.json_response(completion(text, finish_reason=f"stop {key}", tool_calls=calls))
    pieces = [chunk({"content": text[:20]}), chunk({"content": text[20:]}), chunk({"tool_calls": calls})]
    return await stream(request, [*pieces, chunk({}, f"stop {key[:15]}"), LAST, DONE])


def _fails(status: int, message: str, code: str | None = None, **headers: str) -> "Behaviour":
    async def fail(_request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
        return _error(status, message, code, **headers)

    return fail


def _sends(text: str, content_type: str = "application/json") -> "Behaviour":
    async def send(_request: web.Request, _body: Body, _number: str) -> web.StreamResponse:
        return web.Response(text=text, content_type=content_type)

    return send


Behaviour = Callable[[web.Request, Body, str], Awaitable[web.StreamResponse]]
BEHAVIOURS: dict[str, Behaviour] = {
    "ok": _ok,
    "echo": _echo,
    "judge": _judge,
    "hang": _hang,
    "slow": _slow,
    "drips": _drips,
    "endless": _endless,
    "cut": _cut,
    "ends_early": _ends_early,
    "reset": _reset,
    "unicode": _unicode,
    "error_in_stream": _error_in_stream,
    "no_usage": _no_usage,
    "wordy": _wordy,
    "wait": _wait,
    "whole": _whole,
    "leak": _leak,
    "parrot": _parrot,
    "tells": _tells,
    "head": _head,
    "repeats": _repeats,
    "invalid_json": _sends('{"choices": [{'),
    "empty_choices": _sends(json.dumps({**completion(), "choices": []})),
    "html": _sends("<html><body>Welcome to nginx</body></html>", "text/html"),
    "misnamed": _sends(b"".join([*_words(TEXT), chunk({}, "stop"), LAST, DONE]).decode(), "application/octet-stream"),
    "plain": _sends(json.dumps(completion()), "text/plain"),
    "stays_open": _stays_open,
    "filtered": _sends(json.dumps(completion(None, finish_reason="content_filter"))),
    "400": _fails(400, "Unsupported parameter: 'temperature' is not taken by this model.", "unsupported_parameter"),
    "401": _fails(401, "Incorrect API key provided.", "invalid_api_key"),
    "picky": _picky,
    "moved": _fails(307, "Moved.", **{"Location": "http://127.0.0.1:9/v1/chat/completions"}),
    "403": _fails(403, "This key may not use the model."),
    "404": _fails(404, "The model does not exist.", "model_not_found"),
    "429": _fails(429, "Rate limit reached.", "rate_limit_exceeded", **{"Retry-After": "2"}),
    "quota": _fails(429, "You exceeded your current quota, please check your plan.", "insufficient_quota"),
    "500": _fails(500, "The server had an error."),
    "503": _fails(503, "Overloaded."),
    "context": _fails(
        400, "This model's maximum context length is 8192 tokens; the messages have 9021.", "context_length_exceeded"
    ),
    "flagged": _fails(403, "The model requires moderation and your input was flagged."),
    "policy": _fails(400, "The prompt was filtered by the content management policy.", "content_filter"),
}

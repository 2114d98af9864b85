"""Results of promptfoo: an evaluation as JSON of any version, or one result per line (promptfoo_csv has the table)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import is_altered, read_request
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.promptfoo_prompt import fill_in, messages_of
from advisor.ingest.records.envelope import assemble, find_label
from advisor.ingest.values.json_text import as_object, decode
from advisor.ingest.values.numbers import parse_number
from advisor.types import Answer, Json, Request, Sample, ToolCall, Usage

_PARAMS = (
    "temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens", "stop", "seed", "tools", "tool_choice",
    "response_format", "frequency_penalty", "presence_penalty", "functions", "function_call", "reasoning_effort",
    "parallel_tool_calls", "logit_bias",
)  # fmt: skip
_KINDS = frozenset({"chat", "completion", "responses", "messages", "converse", "text-generation", "live", "assistant"})
_OTHER_KINDS = frozenset({"embedding", "embeddings", "image", "moderation", "transcription", "tts", "video"})
_NO_VENDORS = ("file:", "http:", "https:", "python:", "exec:", "webhook", "package:", "ruby:", "golang:", "browser")
_ERROR = 2
"""promptfoo's failureReason: 0 none, 1 an assertion, 2 the call itself."""
_LABEL_CHARS = 60
_UNKNOWN = "the file holds only the name of the prompt"


@dataclass(frozen=True)
class Promptfoo:
    """Reads single results."""

    name: str = "promptfoo"
    rank: int = 12

    def matches(self, record: dict[str, Json]) -> bool:
        """A prompt with its raw text, and how the result was graded."""
        if not ("success" in record or "score" in record) or not ("vars" in record or "testCase" in record):
            return False
        prompt = decode(record.get("prompt"))
        return isinstance(prompt, dict) and "raw" in prompt

    def read(self, record: dict[str, Json]) -> Sample:
        """One call. A failed assertion is a valid call; an answer from promptfoo's cache has no latency and cost."""
        record = {key: decode(value) for key, value in record.items()}
        prompt, response = as_object(record.get("prompt")), as_object(record.get("response"))
        provider = _provider(record.get("provider"))
        request, reason = _request(prompt, record, provider)
        error = _error(record, response)
        is_paid = not response.get("cached") and not error
        sample = assemble(
            {
                "id": record.get("id"),
                "model": _model(provider),
                "error": error,
                "timestamp": record.get("timestamp"),
                "session_id": _metadata(record).get("sessionId") or _metadata(record).get("conversationId"),
            },
            request,
            Reply(answer=None if error else _answer(response)),
            not_replayable=reason,
        )
        has_target, target = _target(record)
        return replace(
            sample,
            use_case=find_label({"metadata": _metadata(record)}) or _label(prompt) or _text(record.get("description")),
            usage=_usage(record, response, provider),
            cost_usd=(_positive(response.get("cost")) or _positive(record.get("cost"))) if is_paid else None,
            latency_s=_seconds(record.get("latencyMs")) if is_paid else None,
            has_target=has_target,
            target=target,
        )


@dataclass(frozen=True)
class PromptfooFile:
    """Opens the file of an evaluation."""

    name: str = "promptfoo"

    def opens(self, keys: frozenset[str]) -> bool:
        """The file of any version, or what its library returns."""
        is_file = "results" in keys and not keys.isdisjoint({"evalId", "shareableUrl", "config"})
        return is_file or ({"results", "stats"} <= keys and not keys.isdisjoint({"table", "prompts", "version"}))

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """The results, each with the time of the evaluation and what the configuration says of its provider."""
        body = record["results"] if isinstance(record.get("results"), dict) else record
        results = body.get("results")
        if not isinstance(results, list) or not results:
            results = list(_of_table(body.get("table")))
        if not any(isinstance(result, dict) and isinstance(result.get("prompt"), dict) for result in results):
            return [record]
        config = as_object(record.get("config"))
        around = {"timestamp": body.get("timestamp"), "description": config.get("description")}
        return [
            around | {"providerConfig": _config_of(config, result.get("provider"))} | _without(result, "description")
            if isinstance(result, dict)
            else result
            for result in results
        ]


def _of_table(table: Json) -> Iterable[Json]:
    """Results out of the table that older versions wrote beside or instead of the list."""
    head, body = as_object(as_object(table).get("head")), as_object(table).get("body")
    names = _list(head.get("vars"))
    for row in body if isinstance(body, list) else []:
        values, outputs = as_object(row).get("vars"), as_object(row).get("outputs")
        variables = dict(zip(names, values, strict=False)) if isinstance(values, list) else {}
        for output in outputs if isinstance(outputs, list) else []:
            found = as_object(output)
            failed = found.get("failureReason") == _ERROR
            yield _without(found, "text", "pass") | {
                "prompt": {"raw": found.get("prompt")},
                "vars": variables,
                "testCase": as_object(row).get("test"),
                "success": found.get("pass"),
                "response": None if failed else {"output": found.get("text"), "tokenUsage": found.get("tokenUsage")},
                "error": found.get("text") if failed else None,
            }


def _config_of(config: dict[str, Json], provider: Json) -> Json:
    """The parameters that the evaluation's configuration gives this provider."""
    known = _provider(provider)
    listed = config.get("providers")
    listed = listed if isinstance(listed, list) else [listed]
    found = [entry for entry in listed if isinstance(entry, dict)]
    for entry in found:
        name, settings = next(iter(entry.items()), ("", None))
        if len(entry) == 1 and isinstance(settings, dict):  # {"openai:gpt-4o": {"config": ...}}
            entry = {"id": name, **settings}
        names = {entry.get("id"), entry.get("label")} - {None}
        if names & {known.get("id"), known.get("label")} or len(listed) == 1:
            return entry.get("config")
    return None


def _request(prompt: dict[str, Json], record: dict[str, Json], provider: dict[str, Json]) -> tuple[Request, str | None]:
    settings: dict[str, Json] = {}
    for source in (record.get("providerConfig"), provider.get("config"), prompt.get("config")):
        settings |= {key: value for key, value in as_object(source).items() if key in _PARAMS}
    elsewhere = [key for key, value in settings.items() if isinstance(value, str) and value.startswith("file://")]
    settings = {key: value for key, value in settings.items() if key not in elsewhere}
    raw = prompt.get("raw")
    if raw is None or raw == "":
        return Request(messages=[], params=settings), _UNKNOWN
    request, reason = read_request(settings | {"messages": messages_of(raw)})
    if isinstance(prompt.get("unknown"), str):
        return request, str(prompt["unknown"])
    return request, f"its {elsewhere[0].replace('_', ' ')} is in another file" if elsewhere else reason


def _error(record: dict[str, Json], response: dict[str, Json]) -> str | None:
    """Why the call failed; what an assertion says of the answer stands under the same key."""
    reason = record.get("failureReason")
    failed = response.get("error")
    if reason is None:
        is_failed = bool(failed) or (bool(record.get("error")) and not record.get("gradingResult") and not response)
    else:
        is_failed = parse_number(reason) == _ERROR
    if not is_failed:
        return None
    return str(failed or record.get("error") or "the call failed").partition("\n")[0]


def _answer(response: dict[str, Json]) -> Answer | None:
    output = response.get("output")
    if output is None or output == "":
        return None
    calls = tuple(call for item in _list(decode(output)) if (call := _tool_call(item)))
    reason = response.get("finishReason")
    text = output if isinstance(output, str) else orjson.dumps(output).decode()
    if is_altered(text):
        return None
    return Answer(
        text=None if calls else text, tool_calls=calls, finish_reason=reason if isinstance(reason, str) else None
    )


def _tool_call(item: Json) -> ToolCall | None:
    """The output is the bare list of tool calls where the model called some."""
    if not isinstance(item, dict):
        return None
    function = item.get("function") if item.get("type", "function") == "function" else None
    if item.get("type") == "tool_use":
        function = {"name": item.get("name"), "arguments": item.get("input")}
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return None
    arguments = function.get("arguments")
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments or {}).decode()
    return ToolCall(name=function["name"], arguments=text)


def _usage(record: dict[str, Json], response: dict[str, Json], provider: dict[str, Json]) -> Usage | None:
    for found in (as_object(response.get("tokenUsage")), as_object(record.get("tokenUsage"))):
        given, taken = parse_number(found.get("prompt")), parse_number(found.get("completion"))
        if not given and not taken:
            continue  # an error, or out of promptfoo's cache
        details = as_object(found.get("completionDetails"))
        read, written = details.get("cacheReadInputTokens"), details.get("cacheCreationInputTokens")
        if "anthropic" in str(provider.get("id")):
            usage = read_usage(
                {
                    "input_tokens": given,
                    "output_tokens": taken,
                    "cache_read_input_tokens": read,
                    "cache_creation_input_tokens": written,
                }
            )
        else:
            usage = read_usage(
                {
                    "prompt_tokens": given,
                    "completion_tokens": taken,
                    "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
                    "completion_tokens_details": {"reasoning_tokens": details.get("reasoning")},
                }
            )
        return usage
    return None


def _target(record: dict[str, Json]) -> tuple[bool, Json]:
    """The right answer, where an assertion says that the output must equal it."""
    case = as_object(record.get("testCase"))
    variables = as_object(record.get("vars")) or as_object(case.get("vars"))
    for assertion in _list(case.get("assert")):
        if not isinstance(assertion, dict) or assertion.get("type") != "equals":
            continue
        value = assertion.get("value")
        if isinstance(value, str):
            filled = fill_in(value, variables)
            value = None if filled is None or filled.startswith("file://") else filled
        if value is not None and value != "":
            return True, value
    return False, None


def _model(provider: dict[str, Json]) -> Json:
    """The model inside ``openai:chat:gpt-4o``; the label where the provider is a program of one's own."""
    identity, label = _text(provider.get("id")), _text(provider.get("label"))
    if identity is None or identity.startswith(_NO_VENDORS) or ":" not in identity:
        return label or identity
    kind, colon, rest = identity.partition(":")[2].partition(":")
    if kind in _OTHER_KINDS:
        raise RowRejected(f"a call of the kind {kind}, not of a chat model")
    return rest if colon and kind in _KINDS else identity.partition(":")[2]


def _provider(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {"id": value}


def _metadata(record: dict[str, Json]) -> dict[str, Json]:
    return as_object(as_object(record.get("testCase")).get("metadata")) | as_object(record.get("metadata"))


def _label(prompt: dict[str, Json]) -> str | None:
    """The prompt's name: its label, unless that is the prompt itself, or the file in front of it."""
    label = prompt.get("label") or prompt.get("display")
    if not isinstance(label, str) or label == prompt.get("raw"):
        return None
    label = re.split(r":\s", label, maxsplit=1)[0].strip()
    return label if label and len(label) <= _LABEL_CHARS and "\n" not in label and "{{" not in label else None


def _seconds(value: Json) -> float | None:
    found = parse_number(value)
    return found / 1000 if found else None


def _positive(value: Json) -> float | None:
    """A cost of 0 is written where promptfoo knows no price."""
    found = parse_number(value)
    return found if found and found > 0 else None


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def _without(record: dict[str, Json], *keys: str) -> dict[str, Json]:
    return {key: value for key, value in record.items() if key not in keys}


def _text(value: Json) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


READER = Promptfoo()
OPENER = PromptfooFile()

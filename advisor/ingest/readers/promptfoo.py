"""Results of promptfoo: an evaluation as JSON of any version, or one result a line (promptfoo_table has the table)."""

import re
from collections.abc import Iterable
from dataclasses import replace

from advisor.ingest.messages.reply import Reply, answer_of
from advisor.ingest.messages.request import COMMON_PARAMS, read_request
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import Opener, Reader, Record, RowRejected
from advisor.ingest.readers.promptfoo_table import fill_in, messages_of
from advisor.ingest.records.bodies import Call
from advisor.ingest.records.envelope import find_label
from advisor.ingest.values.json_text import as_list, as_name, as_object, as_text, at, decode, text_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.types import Answer, Json, Reference, Request, Sample, ToolCall, Usage

_KINDS = frozenset({"chat", "completion", "responses", "messages", "converse", "text-generation", "live", "assistant"})
_OTHER_KINDS = frozenset({"embedding", "embeddings", "image", "moderation", "transcription", "tts", "video"})
_NO_VENDORS = ("file:", "http:", "https:", "python:", "exec:", "webhook", "package:", "ruby:", "golang:", "browser")
_ERROR = 2
"""promptfoo's failureReason: 0 none, 1 an assertion, 2 the call itself."""
_LABEL_CHARS = 60
_UNKNOWN = "the file holds only the name of the prompt"


def _matches(record: Record) -> bool:
    """A prompt with its raw text, and how the result was graded."""
    if not ("success" in record or "score" in record) or not ("vars" in record or "testCase" in record):
        return False
    prompt = decode(record.get("prompt"))
    return isinstance(prompt, dict) and "raw" in prompt


def _read(record: Record) -> Sample:
    """One call. A failed assertion is a valid call; an answer from promptfoo's cache has no latency and cost."""
    record = {key: decode(value) for key, value in record.items()}
    prompt, response = as_object(record.get("prompt")), as_object(record.get("response"))
    provider = _provider(record.get("provider"))
    request, reason = _request(prompt, record, provider)
    error = _error(record, response)
    metadata = as_object(at(record, "testCase", "metadata")) | as_object(record.get("metadata"))
    is_paid = not response.get("cached") and not error
    around: Record = {
        "id": record.get("id"),
        "timestamp": record.get("timestamp"),
        "latency_s": (parse_seconds(record.get("latencyMs"), "ms") or None) if is_paid else None,
        "cost_usd": (_positive(response.get("cost")) or _positive(record.get("cost"))) if is_paid else None,
        "session_id": metadata.get("sessionId") or metadata.get("conversationId"),
        "use_case": find_label({"metadata": metadata}) or _label(prompt) or text_in(record.get("description")),
        "model": _model(provider),
        "error": error,
    }
    reply = Reply(answer=None if error else _answer(response), usage=_usage(record, response, provider))
    sample = Call(request=request, not_replayable=reason, reply=reply).sample(around)
    return replace(sample, reference=_reference(record))


def _request(prompt: Record, record: Record, provider: Record) -> tuple[Request, str | None]:
    settings: dict[str, Json] = {}
    for source in (record.get("providerConfig"), provider.get("config"), prompt.get("config")):
        settings |= {key: value for key, value in as_object(source).items() if key in COMMON_PARAMS}
    elsewhere = [key for key, value in settings.items() if isinstance(value, str) and value.startswith("file://")]
    settings = {key: value for key, value in settings.items() if key not in elsewhere}
    raw = prompt.get("raw")
    if raw is None or raw == "":
        return Request(messages=[], params=settings), _UNKNOWN
    request, reason = read_request(settings | {"messages": messages_of(raw)})
    if isinstance(prompt.get("unknown"), str):
        return request, prompt["unknown"]
    return request, f"its {elsewhere[0].replace('_', ' ')} is in another file" if elsewhere else reason


def _error(record: Record, response: Record) -> str | None:
    """Why the call failed; what an assertion says of the answer stands under the same key."""
    reason, failed, told = record.get("failureReason"), response.get("error"), record.get("error")
    is_failed = bool(failed) or (bool(told) and not record.get("gradingResult") and not response)
    if reason is not None:
        is_failed = parse_number(reason) == _ERROR
    return str(failed or told or "the call failed").partition("\n")[0] if is_failed else None


def _answer(response: Record) -> Answer | None:
    """The output is the bare list of tool calls where the model called some."""
    output = response.get("output")
    if output is None or output == "":
        return None
    decoded = decode(output)
    calls = [call for item in (as_list(decoded) or [decoded]) if (call := _tool_call(item))]
    return answer_of("" if calls else as_text(output), calls, as_name(response.get("finishReason")))


def _tool_call(item: Json) -> ToolCall | None:
    kind, function = at(item, "type"), at(item, "function")
    name, arguments = at(function, "name"), at(function, "arguments")
    if kind == "tool_use":
        name, arguments = at(item, "name"), at(item, "input")
    is_call = kind in (None, "function", "tool_use") and isinstance(name, str)
    return ToolCall(name=str(name), arguments=as_text(arguments or {})) if is_call else None


def _usage(record: Record, response: Record, provider: Record) -> Usage | None:
    """None where both counts are 0: an error, or out of promptfoo's cache."""
    for found in (as_object(response.get("tokenUsage")), as_object(record.get("tokenUsage"))):
        if not parse_number(found.get("prompt")) and not parse_number(found.get("completion")):
            continue
        details = as_object(found.get("completionDetails"))
        is_anthropic = "anthropic" in str(provider.get("id"))
        return Counts(
            given=found.get("prompt"),
            taken=found.get("completion"),
            read=details.get("cacheReadInputTokens"),
            written=details.get("cacheCreationInputTokens"),
            reasoning=None if is_anthropic else details.get("reasoning"),
            is_apart=is_anthropic,
        ).usage()
    return None


def _reference(record: Record) -> Reference | None:
    """The right answer, where an assertion says that the output must equal it."""
    case = as_object(record.get("testCase"))
    variables = as_object(record.get("vars")) or as_object(case.get("vars"))
    asserted = case.get("assert")
    for assertion in asserted if isinstance(asserted, list) else [asserted]:
        if at(assertion, "type") != "equals":
            continue
        value = at(assertion, "value")
        if isinstance(value, str):
            filled = fill_in(value, variables)
            value = None if filled is None or filled.startswith("file://") else filled
        if value is not None and value != "":
            return Reference(value)
    expected = record.get("expected")
    return Reference(expected) if expected not in (None, "") else None


def _model(provider: Record) -> Json:
    """The model inside ``openai:chat:gpt-4o``; the label where the provider is a program of one's own."""
    identity, label = text_in(provider.get("id")), text_in(provider.get("label"))
    if identity is None or identity.startswith(_NO_VENDORS) or ":" not in identity:
        return label or identity
    kind, colon, rest = identity.partition(":")[2].partition(":")
    if kind in _OTHER_KINDS:
        raise RowRejected(f"a call of the kind {kind}, not of a chat model")
    return rest if colon and kind in _KINDS else identity.partition(":")[2]


def _provider(value: Json) -> Record:
    return value if isinstance(value, dict) else {"id": value}


def _label(prompt: Record) -> str | None:
    """The prompt's name: its label, unless that is the prompt itself, or the file in front of it."""
    label = prompt.get("label") or prompt.get("display")
    if not isinstance(label, str) or label == prompt.get("raw"):
        return None
    label = re.split(r":\s", label, maxsplit=1)[0].strip()
    return label if label and len(label) <= _LABEL_CHARS and "\n" not in label and "{{" not in label else None


def _positive(value: Json) -> float | None:
    """A cost of 0 is written where promptfoo knows no price."""
    found = parse_number(value)
    return found if found and found > 0 else None


def _is_file(keys: frozenset[str]) -> bool:
    """The file of any version, or what its library returns."""
    is_file = "results" in keys and not keys.isdisjoint({"evalId", "shareableUrl", "config"})
    return is_file or ({"results", "stats"} <= keys and not keys.isdisjoint({"table", "prompts", "version"}))


def _open(record: Record) -> Iterable[Json]:
    """The results, each with the time of the evaluation and what the configuration says of its provider."""
    body = as_object(record["results"]) or record
    results = as_list(body.get("results")) or list(_of_table(body.get("table")))
    if not any(isinstance(at(result, "prompt"), dict) for result in results):
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
    names = as_list(at(table, "head", "vars"))
    for row in as_list(at(table, "body")):
        variables = dict(zip(names, as_list(at(row, "vars")), strict=False))
        for found in map(as_object, as_list(at(row, "outputs"))):
            failed = found.get("failureReason") == _ERROR
            yield _without(found, "text", "pass") | {
                "prompt": {"raw": found.get("prompt")},
                "vars": variables,
                "testCase": row.get("test"),
                "success": found.get("pass"),
                "response": None if failed else {"output": found.get("text"), "tokenUsage": found.get("tokenUsage")},
                "error": found.get("text") if failed else None,
            }


def _config_of(config: Record, provider: Json) -> Json:
    """The parameters that the evaluation's configuration gives this provider."""
    known = _provider(provider)
    listed = config.get("providers")
    listed = listed if isinstance(listed, list) else [listed]
    for entry in listed:
        if not isinstance(entry, dict):
            continue
        name, settings = next(iter(entry.items()), ("", None))
        if len(entry) == 1 and isinstance(settings, dict):  # {"openai:gpt-4o": {"config": ...}}
            entry = {"id": name, **settings}
        names = {entry.get("id"), entry.get("label")} - {None}
        if names & {known.get("id"), known.get("label")} or len(listed) == 1:
            return entry.get("config")
    return None


def _without(record: Record, *keys: str) -> Record:
    return {key: value for key, value in record.items() if key not in keys}


READER = Reader(name="promptfoo", rank=12, matches=_matches, read=_read)
OPENER = Opener(opens=_is_file, open=_open)

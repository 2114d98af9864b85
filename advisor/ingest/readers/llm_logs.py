"""Calls logged by the ``llm`` tool: rows of its database (see sqlite_log) and ``llm logs --json``."""

from dataclasses import dataclass, replace

import orjson

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import read_request
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import RowRejected
from advisor.ingest.records.earlier_turns import KEYS, own_turn, text_with_fragments
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.types import Answer, Json, Sample, ToolCall, Usage

_OPTIONS = {
    "temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "max_tokens": "max_tokens",
    "max_output_tokens": "max_tokens", "max_completion_tokens": "max_completion_tokens", "stop": "stop",
    "stop_sequences": "stop", "seed": "seed", "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty", "logit_bias": "logit_bias", "reasoning_effort": "reasoning_effort",
    "verbosity": "verbosity",
}  # fmt: skip
"""What the tool's plugins call an option -> OpenAI's name; the other options change nothing that is compared."""
_ORPHAN = "it begins with the result of a tool, and the call that asked for it is not in the log"


@dataclass(frozen=True)
class LlmLogs:
    """Reads records with the keys of the ``llm`` tool."""

    name: str = "llm_logs"
    rank: int = 15

    def matches(self, record: dict[str, Json]) -> bool:
        """The keys are those of the tool."""
        return record.keys() >= KEYS and ("model" in record or "resolved_model" in record)

    def read(self, record: dict[str, Json]) -> Sample:
        """One call with the conversation before it. The provider's id is left out: the tool keeps it only in part."""
        messages = record.get("messages")
        if not isinstance(messages, list):
            system = text_with_fragments(record, "system", "\n\n")
            messages = [*([{"role": "system", "content": system}] if system else []), *own_turn(record)]
        if not messages:
            raise RowRejected("no prompt was logged with this call")
        request, reason = read_request({"messages": messages, **_params(record)})
        if request.messages[0]["role"] == "tool":
            reason = reason or _ORPHAN
        logged = record.get("not_replayable")
        sample = assemble(
            {"timestamp": record.get("datetime_utc"), "latency_ms": record.get("duration_ms"), "id": record.get("id")},
            request,
            Reply(answer=_answer(record)),
            not_replayable=logged if isinstance(logged, str) else reason,
        )
        return replace(
            sample,
            model=_name(record.get("resolved_model")) or _name(record.get("model")),
            session=_name(record.get("conversation_id")),
            usage=_usage(record),
        )


def _params(record: dict[str, Json]) -> dict[str, Json]:
    options = decode(record.get("options_json"))
    options = options if isinstance(options, dict) else {}
    params = {_OPTIONS[key]: value for key, value in options.items() if key in _OPTIONS and value is not None}
    schema = decode(record.get("schema_json"))
    if isinstance(schema, dict):
        params["response_format"] = {"type": "json_schema", "json_schema": {"name": "output", "schema": schema}}
    elif options.get("json_object"):
        params["response_format"] = {"type": "json_object"}
    listed = decode(record.get("tools"))
    tools = [_tool(tool) for tool in listed if isinstance(tool, dict)] if isinstance(listed, list) else []
    return params | {"tools": tools} if tools else params


def _tool(tool: dict[str, Json]) -> Json:
    function: dict[str, Json] = {"name": tool.get("name"), "parameters": decode(tool.get("input_schema")) or {}}
    if tool.get("description"):
        function["description"] = tool["description"]
    return {"type": "function", "function": function}


def _answer(record: dict[str, Json]) -> Answer | None:
    listed = decode(record.get("tool_calls"))
    calls = tuple(
        ToolCall(name=call["name"], arguments=_arguments(call.get("arguments")))
        for call in (listed if isinstance(listed, list) else [])
        if isinstance(call, dict) and isinstance(call.get("name"), str)
    )
    text = record.get("response")
    if not calls and not (isinstance(text, str) and text):
        return None
    body = decode(record.get("response_json"))
    reason = body.get("finish_reason") if isinstance(body, dict) else None
    return Answer(
        text=text if isinstance(text, str) and text else None,
        tool_calls=calls,
        finish_reason=reason if isinstance(reason, str) else None,
    )


def _arguments(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value or {}).decode()


def _usage(record: dict[str, Json]) -> Usage | None:
    """Two counts and the provider's details, in the provider's own meaning of what the input includes."""
    given, taken = record.get("input_tokens"), record.get("output_tokens")
    if given in (None, "") and taken in (None, ""):
        return None
    details = decode(record.get("token_details"))
    details = details if isinstance(details, dict) else {}
    if "cache_read_input_tokens" in details or "cache_creation_input_tokens" in details:
        return read_usage({"input_tokens": given, "output_tokens": taken, **details})
    if "thoughtsTokenCount" in details or "cachedContentTokenCount" in details:  # the tool has put the thoughts in
        thoughts = details.get("thoughtsTokenCount")
        details = {
            "prompt_tokens_details": {"cached_tokens": details.get("cachedContentTokenCount")},
            "completion_tokens_details": {"reasoning_tokens": thoughts},
        }
    elif "input_tokens_details" in details or "output_tokens_details" in details:
        details = {
            "prompt_tokens_details": details.get("input_tokens_details"),
            "completion_tokens_details": details.get("output_tokens_details"),
        }
    return read_usage({"prompt_tokens": given or 0, "completion_tokens": taken or 0, **details})


def _name(value: Json) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


READER = LlmLogs()

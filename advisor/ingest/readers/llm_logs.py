"""Calls logged by the ``llm`` tool: rows of its database (see files.llm_database) and ``llm logs --json``."""

from advisor.ingest.messages.reply import Reply, answer_of
from advisor.ingest.messages.request import PARAM_NAMES, SAMPLING_PARAMS, read_request, schema_format
from advisor.ingest.messages.tools import tools_of
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.records.bodies import Call
from advisor.ingest.records.earlier_turns import KEYS, own_turn, text_with_fragments
from advisor.ingest.values.json_text import as_list, as_name, as_text, at, decode, object_in, objects_in, text_in
from advisor.types import Answer, Json, Sample, ToolCall, Usage

_OPTIONS = SAMPLING_PARAMS | {"verbosity"}
"""The tool's other options change nothing that is compared."""
_ORPHAN = "it begins with the result of a tool, and the call that asked for it is not in the log"


def _matches(record: Record) -> bool:
    """The keys are those of the tool."""
    return record.keys() >= KEYS and ("model" in record or "resolved_model" in record)


def _read(record: Record) -> Sample:
    """One call with the conversation before it. The provider's id is left out: the tool keeps it only in part."""
    messages = as_list(record.get("messages"))
    if not messages:
        system = text_with_fragments(record, "system", "\n\n")
        messages = [*([{"role": "system", "content": system}] if system else []), *own_turn(record)]
    if not messages:
        raise RowRejected("no prompt was logged with this call")
    request, reason = read_request({"messages": messages, **_params(record)})
    if request.messages[0]["role"] == "tool":
        reason = reason or _ORPHAN
    reason = as_name(record.get("not_replayable")) or reason
    around = {"timestamp": record.get("datetime_utc"), "latency_ms": record.get("duration_ms"), "id": record.get("id")}
    around |= {"session_id": record.get("conversation_id")}
    model = text_in(record.get("resolved_model")) or text_in(record.get("model"))
    reply = Reply(answer=_answer(record), usage=_usage(record), model=model)
    return Call(request=request, not_replayable=reason, reply=reply).sample(around)


def _params(record: Record) -> dict[str, Json]:
    options = object_in(record.get("options_json"))
    named = {PARAM_NAMES.get(key, key): value for key, value in options.items() if value is not None}
    params = {name: value for name, value in named.items() if name in _OPTIONS}
    schema = decode(record.get("schema_json"))
    if isinstance(schema, dict):
        params["response_format"] = schema_format("output", schema)
    elif options.get("json_object"):
        params["response_format"] = {"type": "json_object"}
    tools = tools_of(record.get("tools"))
    return params | ({"tools": tools} if tools else {})


def _answer(record: Record) -> Answer | None:
    calls = [
        ToolCall(name=call["name"], arguments=as_text(call.get("arguments") or {}))
        for call in objects_in(record.get("tool_calls"))
        if isinstance(call.get("name"), str)
    ]
    text = as_name(record.get("response"))
    if not calls and text is None:
        return None
    return answer_of(text or "", calls, as_name(at(decode(record.get("response_json")), "finish_reason")))


def _usage(record: Record) -> Usage | None:
    """Two counts and the provider's details, in the provider's own meaning of what the input includes."""
    given, taken = record.get("input_tokens"), record.get("output_tokens")
    if given in (None, "") and taken in (None, ""):
        return None
    details = object_in(record.get("token_details"))
    if "cache_read_input_tokens" in details or "cache_creation_input_tokens" in details:
        return read_usage({"input_tokens": given, "output_tokens": taken, **details})
    if "thoughtsTokenCount" in details or "cachedContentTokenCount" in details:  # the tool has put the thoughts in
        details = {
            "prompt_tokens_details": {"cached_tokens": details.get("cachedContentTokenCount")},
            "completion_tokens_details": {"reasoning_tokens": details.get("thoughtsTokenCount")},
        }
    return read_usage({"prompt_tokens": given or 0, "completion_tokens": taken or 0, **details})


READER = Reader(name="llm_logs", rank=15, matches=_matches, read=_read)

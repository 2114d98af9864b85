"""Sessions of Codex (``rollout-*.jsonl``): a line for each item of a response, each event, and each change of settings.

A response is what the model gives until a tool answers or the user speaks; the event ``token_count`` after it has its
tokens. The lines name no session: a file is one, read in its order. A file holds no tools.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from advisor.ingest.messages.tools import tool_call
from advisor.ingest.reader import Record
from advisor.ingest.readers.turns import Group, Turn, answer_after, rows_joiner, turns_reader
from advisor.ingest.values.json_text import as_name, as_object, as_objects, as_text, at, object_in
from advisor.types import Json

_NAME = "codex"
_NO_TOOLS = "a session of Codex holds no tools"
_KINDS = frozenset({"session_meta", "response_item", "event_msg", "turn_context", "compacted"})
_CALLS = frozenset({"function_call", "custom_tool_call", "local_shell_call"})
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})


def _call_of(record: Record) -> str | None:
    kind, payload = as_name(record.get("type")), object_in(record.get("payload"))
    is_event = kind != "event_msg" or as_name(payload.get("type")) is not None
    return "session" if kind in _KINDS and payload and is_event else None


@dataclass
class _Session:
    """A session as far as it has been read."""

    about: Record = field(default_factory=dict)
    before: list[Turn] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    at: Json = None
    usage: Json = None

    def close(self) -> Record | None:
        """The response that is open, where there is one."""
        if not self.texts and not self.calls:
            return None
        message: Record = {"role": "assistant", "content": "\n\n".join(self.texts) or None}
        message |= {"tool_calls": self.calls} if self.calls else {}
        facts: Record = self.about | {"timestamp": self.at, "usage": self.usage, "not_replayable": _NO_TOOLS}
        made = answer_after(_NAME, self.before, Turn(message, facts))
        self.before.append(Turn(message))
        self.texts, self.calls, self.usage = [], [], None
        return made


def _calls_in(rows: list[Record]) -> Iterable[Group]:
    session, latest = _Session(), {}
    waiting: list[Record] = []
    for row in rows:
        kind, payload = as_name(row.get("type")), object_in(row.get("payload"))
        inner = as_name(payload.get("type")) or ("message" if "role" in payload else None)
        if kind == "event_msg" and inner == "token_count":
            waiting.append(row)
            if session.texts or session.calls:
                session.usage = _usage(payload)
                latest = session.close() or {}
                yield waiting, latest
                waiting = []
            elif latest and not latest["facts"].get("usage"):  # a quick tool's result may come before it
                latest["facts"]["usage"] = _usage(payload)
            continue
        is_answer = kind == "response_item" and (inner in _CALLS or payload.get("role") == "assistant")
        is_asked = kind in ("session_meta", "compacted") or (
            kind == "response_item" and not is_answer and inner != "reasoning"
        )
        if is_asked and (made := session.close()):
            latest = made
            yield waiting, made
            waiting = []
        waiting.append(row)
        if kind == "session_meta":
            session, latest = _Session(about={"session_id": as_name(payload.get("id"))}), {}
            system = as_name(at(payload, "base_instructions", "text")) or as_name(payload.get("base_instructions"))
            system = system or as_name(payload.get("instructions"))
            session.before = [Turn({"role": "system", "content": system})] if system else []
        elif kind == "turn_context":
            session.about = session.about | {"model": as_name(payload.get("model"))}
        elif kind == "compacted":
            session.before = [Turn({"role": "user", "content": as_name(payload.get("message")) or ""})]
        elif kind == "response_item":
            session.at = row.get("timestamp") if not (session.texts or session.calls) else session.at
            _take(session, payload, inner)
    if made := session.close():
        yield waiting, made
        waiting = []
    if waiting:
        yield waiting, None


def _take(session: _Session, payload: Record, kind: str | None) -> None:
    if kind in _CALLS:
        given = payload.get("arguments") or payload.get("input") or payload.get("action") or {}
        session.calls.append(tool_call(payload.get("call_id"), payload.get("name") or "local_shell", given))
    elif kind in _RESULTS:
        output = payload.get("output")
        text = as_text(as_object(output).get("content") or output or "")
        session.before.append(Turn({"role": "tool", "tool_call_id": payload.get("call_id"), "content": text}))
    elif kind == "message":
        texts = [part["text"] for part in as_objects(payload.get("content")) if isinstance(part.get("text"), str)]
        if payload.get("role") == "assistant":
            session.texts += texts
        else:
            role = "system" if payload.get("role") in ("system", "developer") else "user"
            session.before.append(Turn({"role": role, "content": "\n".join(texts)}))


def _usage(payload: Record) -> Json:
    """OpenAI's counts of the last response; the event also sums them up."""
    told = as_object(at(payload, "info", "last_token_usage"))
    if not told:
        return None
    return {
        "input_tokens": told.get("input_tokens"),
        "input_tokens_details": {"cached_tokens": told.get("cached_input_tokens")},
        "output_tokens": told.get("output_tokens"),
        "output_tokens_details": {"reasoning_tokens": told.get("reasoning_output_tokens")},
    }


JOINER = rows_joiner(
    _NAME,
    joins=lambda keys: keys >= {"timestamp", "type", "payload"},
    call_of=_call_of,
    calls_in=_calls_in,
    is_per_file=True,
)
READER = turns_reader(_NAME)

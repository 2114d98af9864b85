"""Trajectories of OpenHands: its events, in files of their own or as the ``history`` of an evaluated run.

An action of the agent repeats the response that it came from; several actions of one response are one call. Events name
no session, so that they are read in their order.
"""

from collections.abc import Iterable

from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.turns import Group, Turn, answer_after, answers_of, rows_joiner, turns_reader
from advisor.ingest.values.json_text import as_list, as_name, as_object, as_objects, at, decode, object_in, objects_in
from advisor.ingest.values.numbers import parse_seconds
from advisor.types import Json

_NAME = "openhands"
_PUT_TOGETHER = "OpenHands adds to its prompts what its events do not hold"
_SOURCES = frozenset({"agent", "user", "environment"})


def _is_event(event: Record) -> bool:
    is_known = as_name(event.get("source")) in _SOURCES
    return is_known and isinstance(event.get("action", event.get("observation")), str)


def _call_of(event: Record) -> str | None:
    return "trajectory" if _is_event(event) else None


def _calls_in(events: list[Record], about: Record | None = None) -> Iterable[Group]:
    before: list[Turn] = []
    said: set[str] = set()
    called: dict[str, Json] = {}
    waiting: list[Record] = []
    for event in events:
        metadata = object_in(event.get("tool_call_metadata"))
        response = as_object(metadata.get("model_response"))
        if str(event.get("id")) == "0":  # another trajectory begins
            if waiting:
                yield waiting, None
            before, said, called, waiting = [], set(), {}, []
        waiting.append(event)
        answer = _answer(event, response)
        if "action" in event and metadata.get("tool_call_id"):
            called[str(event.get("id"))] = metadata["tool_call_id"]
        if answer is not None and (identity := as_name(response.get("id")) or f"event {event.get('id')}") not in said:
            said.add(identity)
            yield waiting, answer_after(_NAME, before, answer, about)
            waiting = []
            before = [*before, Turn(answer.message)]
        elif answer is None and (turn := _asked(event, called)) is not None:
            before = [*before, turn]
    if waiting:
        yield waiting, None


def _answer(event: Record, response: Record) -> Turn | None:
    """What the model said, where this is an action that it chose."""
    if event.get("source") != "agent" or "action" not in event or event["action"] == "system":
        return None
    message = as_object(at(next(iter(as_objects(response.get("choices"))), {}), "message"))
    text = at(object_in(event.get("args")), "content")
    if not message and (event["action"] != "message" or not as_name(text)):
        return None
    facts: Record = {
        "id": as_name(response.get("id")),
        "timestamp": event.get("timestamp"),
        "model": as_name(response.get("model")),
        "usage": as_object(response.get("usage")) or None,
        "not_replayable": _PUT_TOGETHER,
    }
    kept = {key: message[key] for key in ("content", "tool_calls") if message.get(key)}
    return Turn({"role": "assistant", "content": None} | (kept or {"content": text}), facts)


def _asked(event: Record, called: dict[str, Json]) -> Turn | None:
    """What an event adds to the prompt: instructions, what the user says, or what a tool gave back."""
    args = object_in(event.get("args"))
    text = as_name(args.get("content"))
    if event.get("action") == "system" and text:
        return Turn({"role": "system", "content": text})
    if event.get("action") == "message" and event.get("source") == "user" and text:
        return Turn({"role": "user", "content": text})
    cause = called.get(str(event.get("cause")))
    if "observation" in event and cause:
        return Turn({"role": "tool", "tool_call_id": cause, "content": as_name(event.get("content")) or ""})
    return None


def _open(record: Record) -> Iterable[Json]:
    """The answers of one run, with the latencies that its metrics tell by response."""
    events = [event for event in _flat(decode(record["history"])) if _is_event(event)]
    if not events:
        return [record]
    latencies = {
        str(each.get("response_id")): parse_seconds(each.get("latency"), "s")
        for each in objects_in(at(object_in(record.get("metrics")), "response_latencies"))
    }
    about: Record = {"session_id": as_name(record.get("instance_id"))}
    found = [answer for _, answer in _calls_in(events, about) if answer is not None]
    for answer in found:
        answer["facts"]["latency_s"] = latencies.get(str(answer["facts"].get("id")))
    return found or answers_of(_NAME, [])


def _flat(history: Json) -> list[Record]:
    """Events, which earlier versions keep in pairs of an action and its observation."""
    return [event for item in as_list(history) for event in as_objects(item if isinstance(item, list) else [item])]


OPENER = Opener(opens=lambda keys: keys >= {"instance_id", "history"}, open=_open)
JOINER = rows_joiner(
    _NAME,
    joins=lambda keys: keys >= {"id", "timestamp", "source"} and not keys.isdisjoint(("action", "observation")),
    call_of=_call_of,
    calls_in=_calls_in,
    is_per_file=True,
)
READER = turns_reader(_NAME)

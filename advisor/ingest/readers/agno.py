"""Sessions of Agno: rows of its tables ``agno_sessions`` and ``agent_sessions``, or runs as its API gives them.

Each answer in a run is a call. The definitions of the tools aren't kept, so calls with tools count for volume and cost.
"""

from collections.abc import Iterable, Iterator

from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.turns import Turn, answer_after, answers_of, turns_reader
from advisor.ingest.values.json_text import as_name, at, decode, object_in, objects_in
from advisor.types import Json

_NAME = "agno"
_WHOSE = frozenset({"agent_id", "agent_name", "agent_data", "team_id", "team_data", "workflow_id", "session_type"})
_OF_A_RUN = frozenset({"run_id", "messages", "content_type"})
_ROLES = {"model": "assistant", "CHATBOT": "assistant"}
_KEPT = ("tool_calls", "tool_call_id")
_WITHIN = ("member_responses", "step_executor_runs")
"""Runs of a team's members and of a workflow's agents."""


def _opens(keys: frozenset[str]) -> bool:
    is_session = "session_id" in keys and not keys.isdisjoint({"runs", "memory"})
    return not _WHOSE.isdisjoint(keys) and (is_session or keys >= _OF_A_RUN)


def _open(record: Record) -> Iterable[Json]:
    runs = [record]
    if not record.keys() >= _OF_A_RUN:
        stored = record.get("runs") or at(decode(record.get("memory")), "runs")
        runs = [object_in(each.get("run")) or each for each in objects_in(decode(decode(stored)))]
    if not any("messages" in run or {"run_id", "content"} <= run.keys() for run in runs):
        return [record]
    known = {as_name(run.get("run_id")) for run in runs}
    found = [call for run in runs for call in _calls_in(run, record, known)]
    return found or answers_of(_NAME, [])


def _calls_in(run: Record, session: Record, known: set[str | None]) -> Iterator[Json]:
    """A call for each answer of a run, and those of the runs within it that the session doesn't list as well."""
    about: Record = {
        "model": as_name(run.get("model")),
        "session_id": as_name(run.get("session_id")) or as_name(session.get("session_id")),
        "use_case": as_name(run.get("agent_name")) or as_name(run.get("team_name")),
    }
    messages = objects_in(run.get("messages"))
    own = [message for message in messages if _is_own(message)]
    if len(own) == 1:
        about["usage"] = run.get("usage")
    before: list[Turn] = []
    for message in messages:
        metrics = object_in(message.get("metrics")) or (object_in(run.get("metrics")) if len(own) == 1 else {})
        turn = _turn(message, metrics)
        if _is_own(message):
            yield answer_after(_NAME, before, turn, about)
        before.append(turn)
    if not own and run.get("status") == "ERROR":
        facts: Record = {
            "id": run.get("run_id"),
            "timestamp": run.get("created_at"),
            "error": as_name(run.get("content")),
        }
        yield answer_after(_NAME, before, Turn({"role": "assistant", "content": None}, facts), about)
    for inner in (inner for key in _WITHIN for inner in objects_in(run.get(key))):
        if as_name(inner.get("run_id")) not in known:
            yield from _calls_in(inner, about, known)


def _is_own(message: Record) -> bool:
    """Whether the run made it, rather than brought it along from an earlier one."""
    role = message.get("role")
    return _ROLES.get(str(role), role) == "assistant" and not message.get("from_history")


def _turn(message: Record, metrics: Record) -> Turn:
    role = str(message.get("role"))
    content: Json = message.get("content")
    images = objects_in(message.get("images"))
    if images:
        shown = [
            {"type": "image_url", "image_url": {"url": url}} for each in images if (url := as_name(each.get("url")))
        ]
        files = [{"type": "file"} for each in images if not as_name(each.get("url"))]
        content = [{"type": "text", "text": as_name(content) or ""}, *shown, *files]
    kept = {key: message[key] for key in _KEPT if message.get(key)}
    if _ROLES.get(role, role) != "assistant":
        return Turn({"role": role, "content": content} | kept)
    facts: Record = {
        "id": message.get("id"),
        "timestamp": message.get("created_at"),
        "usage": _usage(metrics),
        "latency_s": metrics.get("duration") or metrics.get("time"),
        "ttft_s": metrics.get("time_to_first_token"),
        "cost_usd": metrics.get("total_cost") or metrics.get("cost"),
    }
    return Turn({"role": "assistant", "content": content} | kept, facts)


def _usage(metrics: Record) -> Record | None:
    """None where nothing was counted."""
    sides = {side: metrics.get(side) for side in ("input_tokens", "output_tokens")}
    if not any(count is not None for count in sides.values()):
        return None
    return sides | {
        "total_tokens": metrics.get("total_tokens"),
        "input_tokens_details": {"cached_tokens": metrics.get("cache_read_tokens")},
        "output_tokens_details": {"reasoning_tokens": metrics.get("reasoning_tokens")},
    }


OPENER = Opener(opens=_opens, open=_open)
READER = turns_reader(_NAME)

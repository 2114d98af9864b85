"""Trajectories of SWE-agent (``.traj``): the history of a run, each message of the assistant a call.

Later versions keep what was sent for each step under ``query``; tokens and costs are told for the whole run only.
"""

from collections.abc import Iterable

from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.turns import Turn, answer_after, answers_of, turns_reader
from advisor.ingest.values.json_text import as_list, as_name, at, decode, object_in, objects_in
from advisor.types import Json

_NAME = "swe_agent"


def _open(record: Record) -> Iterable[Json]:
    history, steps = objects_in(record.get("history")), objects_in(record.get("trajectory"))
    config = object_in(record.get("replay_config"))
    about: Record = {
        "model": as_name(at(config, "agent", "model", "name")) or as_name(at(config, "agent", "model", "model_name")),
        "session_id": as_name(at(config, "problem_statement", "id")),
    }
    turns = [_turn(message) for message in history]
    asked = [message for message in history if message.get("role") == "assistant" and not message.get("is_demo")]
    is_paired = len(asked) == len(steps)
    before: list[Turn] = []
    found: list[Record] = []
    for message, turn in zip(history, turns, strict=True):
        if any(message is each for each in asked[len(found) : len(found) + 1]):
            sent = objects_in(steps[len(found)].get("query")) if is_paired else []
            found.append(answer_after(_NAME, [_turn(each) for each in sent] or before, turn, about))
        before.append(turn)
    return found or answers_of(_NAME, [])


def _turn(message: Record) -> Turn:
    kept = {key: message[key] for key in ("role", "content", "tool_calls", "tool_call_id") if message.get(key)}
    ids = as_list(decode(message.get("tool_call_ids")))
    if message.get("role") == "tool" and ids:
        kept["tool_call_id"] = ids[0]
    return Turn({"content": None} | kept)


OPENER = Opener(opens=lambda keys: {"trajectory", "history"} <= keys, open=_open)
READER = turns_reader(_NAME)

"""Conversations, tools and images reach a model as they were logged, each turn with its recorded history."""

from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.store.run.generations import load_generations
from advisor.types import PINNED, Generation, Lane, Model, Probe, Role, RunOptions
from tests.made.log import call, write_log
from tests.measure.replay.chat_rules import Body, broken_rules
from tests.server import MisbehavingServer

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*TypedDict.*ReadOnly"),
]
"""litellm's own use of pydantic."""
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def asked(number: str, city: str) -> Body:
    return {"id": number, "type": "function", "function": {"name": "get_weather", "arguments": f'{{"city":"{city}"}}'}}


TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": {"type": "object"}}}
WEATHER: list[Body] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Weather in Köln and Rome?"},
    {"role": "assistant", "content": None, "tool_calls": [asked("call_1", "Köln"), asked("call_2", "Rome")]},
    {"role": "tool", "tool_call_id": "call_2", "content": "sun"},
    {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    {"role": "assistant", "content": "Rain in Köln, sun in Rome."},
    {"role": "user", "content": "And tomorrow?"},
]
PICTURE = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}}]
LOGGED: dict[str, Body] = {
    "tools": {"messages": WEATHER, "tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": True},
    "image": {"messages": [{"role": "user", "content": PICTURE}]},
    "schema": {"messages": [{"role": "user", "content": "Where?"}], "response_format": SCHEMA},
}


def replay(
    store: Store, server: MisbehavingServer, name: str, files: list[Path], litellm_id: str = "openai/echo"
) -> list[Generation]:
    """Replay a whole log as a study of its own; returns the answers."""
    import_logs(store, name, files, ImportOptions(redact=False))
    study = find_study(store, name)
    for role in (Role.CANDIDATE, Role.BASELINE):
        model = Model(name=role.value, litellm_id=litellm_id, api_base=server.url, role=role)
        set_probe(store, register_model(store, study, model).id, Probe(reachable=True))
    setup = RunOptions(sample_size=10_000, baseline=Lane.BASELINE, judged=False, concurrency=1)
    run = finish_run(store, start_run(store, study, setup).id)
    return [generation for _, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE])]


@pytest.mark.slow
@pytest.mark.parametrize("kind", LOGGED)
@pytest.mark.parametrize("litellm_id", ["openai/echo", f"{PINNED}openai/echo"])
def test_what_was_logged_is_sent_unchanged(store: Store, tmp_path: Path, kind: str, litellm_id: str) -> None:
    row = call(1)
    row["request"] = {"model": "gpt-4o", **LOGGED[kind]}
    with MisbehavingServer() as server:
        (generation,) = replay(store, server, "S", [write_log(tmp_path / "log.jsonl", [row])], litellm_id)
        assert generation.failure is None, generation.error
        body = server.requests[-1]
    assert generation.dropped_params == ()
    messages = [{key: value for key, value in message.items() if value is not None} for message in body["messages"]]
    logged = [{key: value for key, value in m.items() if value is not None} for m in LOGGED[kind]["messages"]]
    assert messages == logged
    assert {name: body.get(name) for name in LOGGED[kind] if name != "messages"} == {
        name: value for name, value in LOGGED[kind].items() if name != "messages"
    }
    assert broken_rules(body) == []


def test_each_turn_is_asked_with_the_recorded_history(store: Store, tmp_path: Path) -> None:
    turns: list[Any] = []
    rows = []
    for n, (question, answer) in enumerate([("First?", "One."), ("Second?", "Two."), ("Third?", "Three.")]):
        turns = [*turns, {"role": "user", "content": question}]
        row = call(n, answer=answer)
        row["request"] = {"model": "gpt-4o", "messages": turns}
        rows.append(row)
        turns = [*turns, {"role": "assistant", "content": answer}]
    with MisbehavingServer() as server:
        generations = replay(store, server, "S", [write_log(tmp_path / "log.jsonl", rows)], "openai/ok")
        sent = {len(body["messages"]): body["messages"] for body in server.requests if len(body["messages"]) > 1}
    assert all(generation.answer and generation.answer.text == "The answer is 42." for generation in generations)
    assert sent == {3: turns[:3], 5: turns[:5]}, "the model's own answers are never put into the history"


def test_every_log_becomes_well_formed_requests(store: Store, logs: Path) -> None:
    wrong: list[str] = []
    replayed: list[str] = []
    bodies: list[Body] = []
    for path in sorted(filter(Path.is_file, (logs.parent / "samples").iterdir())):
        with MisbehavingServer() as server:
            try:
                generations = replay(store, server, path.name, [path])
            except BadInput:
                continue  # nothing that could be asked again
            replayed.append(path.name)
            bodies += server.requests
            wrong += [f"{path.name}: {rule}" for body in server.requests for rule in broken_rules(body)]
            wrong += [f"{path.name}: {generation.error}" for generation in generations if generation.failure]
    assert wrong == []
    assert len(replayed) > 40
    messages = [message for body in bodies for message in body["messages"]]
    assert {message["role"] for message in messages} >= {"system", "user", "assistant", "tool"}
    assert any(len(message.get("tool_calls") or ()) > 1 for message in messages)
    assert "data:image/" in str(messages)


FAULTS: dict[str, list[Body]] = {
    "role": [{"role": "human", "content": "Hi"}],
    "key": [{"role": "user", "content": "Hi", "cache_control": {"type": "ephemeral"}}],
    "block": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "x"}]}],
    "image": [{"role": "user", "content": [{"type": "image", "source": {"type": "base64", "data": "iVBO"}}]}],
    "no_content": [{"role": "user", "content": None}],
    "no_result": [WEATHER[1], WEATHER[2], WEATHER[3], WEATHER[6]],
    "no_call": [WEATHER[1], WEATHER[3]],
    "other_id": [WEATHER[1], {**WEATHER[2], "tool_calls": [asked("call_9", "Rome")]}, WEATHER[3]],
    "same_id": [WEATHER[1], {**WEATHER[2], "tool_calls": [asked("call_1", "Rome")] * 2}, WEATHER[4]],
    "arguments": [
        WEATHER[1],
        {**WEATHER[2], "tool_calls": [{**asked("call_1", ""), "function": {"name": "f", "arguments": {}}}]},
        WEATHER[4],
    ],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_malformed_request_is_found(fault: str) -> None:
    assert broken_rules({"messages": WEATHER}) == []
    assert broken_rules({"messages": FAULTS[fault]})

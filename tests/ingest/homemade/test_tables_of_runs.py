"""Tables of runs, of calls that failed, of pairs in cells and of calls named by when their conversation began."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.types import Json, Sample, Usage
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table, talk

Rows = list[dict[str, Any]]
TALKS = [PAIRS[:2], PAIRS[2:3], PAIRS[1:4]]


def lines(path: Path, rows: Rows) -> list[Sample]:
    return calls_in(path.with_suffix(".jsonl"), "\n".join(map(json.dumps, rows)))


def cells(path: Path, rows: Rows) -> list[Sample]:
    """As a table, whose cells hold objects and lists as JSON."""
    return table(
        path, [{key: json.dumps(v) if isinstance(v, dict | list) else v for key, v in row.items()} for row in rows]
    )


CONTAINERS = [lines, cells]
ASKED: list[Callable[[str], Json]] = [
    lambda text: {"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": text}]},
    lambda text: {"messages": [[{"role": "user", "content": text}]]},
    lambda text: {"question": text},
    lambda text: {"prompts": [text]},
]
ANSWERED: list[Callable[[str], Json]] = [
    lambda text: {"generations": [{"text": text}]},
    lambda text: {"generations": [[{"text": text}]]},
    lambda text: {"output": text},
    lambda text: {"message": {"role": "assistant", "content": text}},
    lambda text: {"choices": [{"message": {"role": "assistant", "content": text}}]},
    lambda text: {"content": text},
]


@pytest.mark.parametrize("write", CONTAINERS)
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("answered", ANSWERED)
@pytest.mark.parametrize("kind", ["llm", "chat_model", "LLM", "chat", "generation", "production"])
def test_runs_of_any_kind_that_a_model_answered(
    tmp_path: Path, write: Any, asked: Callable[[str], Json], answered: Callable[[str], Json], kind: str
) -> None:
    rows = [
        {
            "name": "ChatOpenAI",
            "run_type": kind,
            "inputs": asked(prompt),
            "outputs": answered(answer),
            "start_time": f"2026-06-23T14:4{place}:41.390Z",
            "latency_ms": 1153 + place,
        }
        for place, (prompt, answer) in enumerate(PAIRS)
    ]
    calls = write(tmp_path / "runs.csv", rows)
    assert [talk(call) for call in calls] == PAIRS
    assert [call.metered.latency_s for call in calls] == pytest.approx([1.153, 1.154, 1.155, 1.156])


@pytest.mark.parametrize("write", CONTAINERS)
@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        ("human_message", "ai_message"),
        ("humanMessage", "aiMessage"),
        ("human_text", "gpt_text"),
        ("human_turn", "ai_turn"),
        ("human_utterance", "model_utterance"),
        ("human", "ai"),
        ("user_msg", "bot_msg"),
        ("question", "answer"),
    ],
)
@pytest.mark.parametrize("name", ["turns", "conversation", "history", "exchanges"])
def test_pairs_of_a_person_and_a_model_are_a_conversation(
    tmp_path: Path, write: Any, asks: str, answers: str, name: str
) -> None:
    rows = [
        {
            "conversation_id": f"c{place}7f",
            name: [{asks: one, answers: other} for one, other in said],
            "ended": place % 2,
        }
        for place, said in enumerate(TALKS)
    ]
    calls = write(tmp_path / "log.csv", rows)
    wanted = [(2 * at + 1, *pair, f"c{n}7f") for n, said in enumerate(TALKS) for at, pair in enumerate(said)]
    assert sorted((len(call.request.messages), *talk(call), call.ids.session) for call in calls) == sorted(wanted)
    assert all(call.reference is None for call in calls)


@pytest.mark.parametrize(("right", "made"), [("human_answer", "ai_answer"), ("human_text", "ai_text")])
def test_beside_a_question_what_a_person_wrote_is_the_reference(tmp_path: Path, right: str, made: str) -> None:
    rows = [{"question": asked, right: f"{answer} Best regards", made: answer} for asked, answer in PAIRS]
    calls = table(tmp_path / "log.csv", rows)
    assert [talk(call) for call in calls] == PAIRS
    assert [call.reference and call.reference.value for call in calls] == [row[right] for row in rows]


MOMENTS = [f"2026-01-0{day}T10:0{day}:11Z" for day in (1, 2, 3)]
OF_SLACK = [f"17677{place:02}690.{865787 - place}" for place in range(12)]


@pytest.mark.parametrize("write", CONTAINERS)
@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.parametrize("has_time", [False, True])
@pytest.mark.parametrize(
    ("name", "values", "is_session"),
    [
        ("thread_ts", OF_SLACK, True),
        ("slackThreadTs", OF_SLACK, True),
        ("thread_ts", OF_SLACK[:3] * 4, True),
        ("session_start", MOMENTS * 4, True),
        ("conversation_created_at", MOMENTS * 4, True),
        ("chat_date", ["2026-01-01", "2026-01-02", "2026-01-03"] * 4, False),
        ("chat_date", ["2026-01-01 00:00:00", "2026-01-02 00:00:00", "2026-01-03 00:00:00"] * 4, False),
        ("session_created", ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"] * 6, False),
        ("chat_time", ["2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"] * 6, False),
        ("session_start", ["2026-01-01T10:00:00Z", "2026-01-01T11:30:00Z"] * 6, True),
        ("session_updated_at", MOMENTS * 4, False),
        ("ticket_created_at", MOMENTS[:1] * 12, False),
        ("chat_time", [f"2026-01-{day:02}T10:00:11Z" for day in range(1, 13)], False),
        ("message_ts", OF_SLACK, False),
    ],
)
def test_when_a_conversation_began_names_it(
    tmp_path: Path, write: Any, is_nested: bool, has_time: bool, name: str, values: list[str], is_session: bool
) -> None:
    rows: Rows = []
    for place, value in enumerate(values):
        asked, answered = (f"{text} {place}" for text in PAIRS[place % 4])
        said = {"user_message": asked, "bot_response": answered}
        nested = {"inputs": {"user_message": asked}, "outputs": {"bot_response": answered}}
        time = {"timestamp": f"2026-02-01 10:{place:02}:07"} if has_time else {}
        rows.append({"id": place + 5, name: value} | (nested if is_nested else said) | time)
    calls = write(tmp_path / "log.csv", rows)
    assert [call.ids.session for call in calls] == (values if is_session else [None] * 12)


@pytest.mark.parametrize("write", CONTAINERS)
@pytest.mark.parametrize(
    "names", [("prompt_tokens", "completion_tokens"), ("tokensIn", "tokensOut"), ("n_in", "n_out")]
)
@pytest.mark.parametrize("failed", [{"status": "error"}, {"error_message": "timed out"}, {"note": "retried"}])
@pytest.mark.parametrize("is_answered", [False, True])
def test_where_nothing_came_back_its_tokens_are_none(
    tmp_path: Path, write: Any, names: tuple[str, str], failed: dict[str, str], is_answered: bool
) -> None:
    rows: Rows = [
        {"query": asked, "response": answered, names[0]: 20 + place, names[1]: 6, "total_tokens": 26 + place}
        | dict.fromkeys(failed, "")
        for place, (asked, answered) in enumerate(PAIRS)
    ]
    rows[2] |= {names[1]: None, "total_tokens": None} | (failed if not is_answered else {})
    rows[2] |= {} if is_answered else {"response": None}
    calls = write(tmp_path / "log.csv", rows)
    usage = calls[2].metered.usage
    assert usage is not None
    assert (usage.input_tokens, type(usage) is Usage) == (22, not is_answered and "note" not in failed)
    assert [call.metered.usage for call in calls[:2]] == [
        Usage(input_tokens=20 + place, output_tokens=6) for place in range(2)
    ]

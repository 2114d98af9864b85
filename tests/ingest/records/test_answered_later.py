"""Requests and responses in rows of their own are joined by an id, and by no word that a few rows share."""

import json
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Json, Sample


def request(at: int, **more: Json) -> Json:
    return {"body": {"model": "gpt-4o", "messages": [{"role": "user", "content": f"Where is order {at}?"}]}, **more}


def response(at: int, **more: Json) -> Json:
    return {"reply": {"choices": [{"message": {"role": "assistant", "content": f"Order {at} is here."}}]}, **more}


def answers(path: Path, rows: Sequence[Json]) -> list[str]:
    path.write_text("\n".join(map(json.dumps, rows)))
    calls = [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]
    return sorted((call.answer.text or "" if call.answer else "") for call in calls)


@pytest.mark.parametrize("cut_off", [0, 1])
def test_the_id_of_both_joins_them(tmp_path: Path, cut_off: int) -> None:
    asked = [request(at, status="ok", call=f"c{at}") for at in range(4)]
    answered = [response(at, status="ok", call=f"c{at}") for at in range(4 - cut_off)]
    expected = sorted([*(f"Order {at} is here." for at in range(4 - cut_off)), *[""] * cut_off])
    assert answers(tmp_path / "log.jsonl", [*asked, *answered]) == expected


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_one_word_in_common_joins_nothing(tmp_path: Path, order: tuple[int, ...]) -> None:
    turn: Json = [{"role": "user", "content": "Is it late?"}]
    rows: list[Json] = [
        {"id": "a1", "run_type": "llm", "start_time": "2026-03-01T10:00:00", "inputs": {"messages": turn},
         "outputs": {"choices": [{"message": {"role": "assistant", "content": "Yes."}}]}, "status": "success"},
        {"id": "b1", "type": "llm", "name": "gpt-4o", "createdAt": "2026-03-01T10:00:00Z", "input": turn,
         "endedAt": "2026-03-01T10:00:01Z", "output": {"role": "assistant", "content": "No."}, "status": "success",
         "templateSlug": "sort", "tokens": {"completion": 4, "prompt": 21, "total": 25}, "isPublic": False},
        {"input": {"messages": turn}, "preferred_output": [{"role": "assistant", "content": "Maybe."}],
         "non_preferred_output": [{"role": "assistant", "content": "Never."}]},
        {"type": "user", "uuid": "c1", "parentUuid": None, "sessionId": "s1", "isSidechain": False,
         "timestamp": "2026-03-01T10:00:00Z", "message": {"role": "user", "content": "Where is it?"}},
    ]  # fmt: skip
    assert answers(tmp_path / "log.jsonl", [rows[at] for at in order]) == ["Maybe.", "No.", "Yes."]

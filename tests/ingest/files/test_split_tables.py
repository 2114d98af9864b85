"""Prompts in one table and answers in another: by which columns they are put together, and when they aren't."""

import json
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from advisor.ingest.files.split_tables import put_together
from tests.ingest.homemade.test_other_shapes import PAIRS

Rows = list[dict[str, Any]]
ASKED = [asked for asked, _ in PAIRS]
SAID = [said for _, said in PAIRS]
PROMPTS: Rows = [{"id": n, "question": asked} for n, asked in enumerate(ASKED, 1)]


def joined(folder: Path, prompts: Rows, answers: Rows) -> Rows | None:
    """The rows of the one table; None where there are two."""
    tables = []
    folder = Path(mkdtemp(dir=folder))
    for name, rows in (("prompts", prompts), ("answers", answers)):
        path = folder / f"{name}.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        tables.append((path, f"a.db/{name}"))
    found = put_together(tables, folder)
    return [json.loads(line) for line in found[0][0].read_text().splitlines()] if len(found) == 1 else None


def pairs(rows: Rows | None) -> set[tuple[str, str]]:
    return {(row["question"], row["answer"]) for row in rows or [] if "answer" in row}


def answers_backwards(name: str, times: int = 1) -> Rows:
    """Each with an id of its own, which is another prompt's."""
    said = [(n, said) for n, said in reversed(list(enumerate(SAID, 1))) for _ in range(times)]
    return [{"id": n, name: prompt, "answer": text} for n, (prompt, text) in enumerate(said, 1)]


@pytest.mark.parametrize("name", ["prompt_id", "question_id", "call_id", "question_no"])
@pytest.mark.parametrize("times", [1, 2])
def test_the_answers_own_id_is_not_the_prompts(tmp_path: Path, name: str, times: int) -> None:
    rows = joined(tmp_path, PROMPTS, answers_backwards(name, times))
    assert rows is not None
    assert pairs(rows) == set(PAIRS)
    assert len(rows) == times * len(PAIRS)


def test_a_prompt_may_have_the_id_of_its_answer(tmp_path: Path) -> None:
    prompts = [row | {"answer_id": len(PAIRS) + 1 - row["id"]} for row in PROMPTS]
    answers = [{"id": n, "answer": said} for n, said in enumerate(reversed(SAID), 1)]
    assert pairs(joined(tmp_path, prompts, answers)) == set(PAIRS)


def test_one_id_in_both_is_taken_where_there_is_no_other(tmp_path: Path) -> None:
    answers = [{"id": n, "answer": said, "model": "m"} for n, said in enumerate(SAID, 1)]
    assert pairs(joined(tmp_path, PROMPTS, answers)) == set(PAIRS)
    assert joined(tmp_path, PROMPTS, answers_backwards("reply_to")) is None


def test_every_answer_has_a_prompt_or_the_tables_stay_apart(tmp_path: Path) -> None:
    prompts = [{"id": n, "question": f"{ASKED[n % 4]} {n}"} for n in range(100, 200)]
    answers = [{"id": n, "prompt_id": n + 100, "answer": f"{SAID[n % 4]} {n}"} for n in range(90)]
    assert len(joined(tmp_path, prompts, answers) or []) == 100
    assert joined(tmp_path, prompts, [*answers, {"id": 90, "prompt_id": 7, "answer": SAID[0]}]) is None
    assert joined(tmp_path, prompts, [*answers, {"id": 90, "answer": SAID[0]}]) is None


def test_two_ids_that_fit_alike_are_no_id(tmp_path: Path) -> None:
    answers = [row | {"ticket_id": row["id"], "user_id": row["id"]} for row in answers_backwards("call_id")]
    assert joined(tmp_path, PROMPTS, answers) is None
    for row in answers:
        del row["ticket_id"]
    assert pairs(joined(tmp_path, PROMPTS, answers)) == set(PAIRS)


def test_prompts_without_an_id_have_no_answer(tmp_path: Path) -> None:
    prompts = [*PROMPTS, {"question": "Is there a discount for students?"}]
    rows = joined(tmp_path, prompts, answers_backwards("prompt_id"))
    assert pairs(rows) == set(PAIRS)
    assert (rows or [])[-1] == prompts[-1]

"""What an import says that it understood: shares, what is zero, what wasn't used, and --strict."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.accounting import findings_of, is_loud
from advisor.collect.import_jobs import summarise
from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.previews import look_at
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.studies import list_studies
from advisor.types.studies import Hints


def table(path: Path, header: str, *rows: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(line.split(",") for line in (header, *rows))
    return path


def lines(path: Path, *records: object) -> Path:
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


def understood(store: Store, path: Path, **options: Any) -> dict[str, Any]:
    report = import_logs(store, "Mine", [path], ImportOptions(**{"redact": False} | options))
    (one,) = summarise(report)["understood"]
    return dict(one)


def codes(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["code"], each.get("fact", "")) for each in told["findings"]]


WHOLE = "question,answer,model,created_at,input_tokens,output_tokens,latency_ms"
ROW = "q {0},a {0},gpt-4o,2026-03-0{0}T10:00:00Z,12,3,850"


def test_a_whole_log_has_nothing_to_be_said_first(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "log.csv", WHOLE, *(ROW.format(n) for n in range(1, 6)))
    told = understood(store, path, is_strict=True)
    assert (told["file"], told["format"], told["calls"]) == ("log.csv", "table", 5)
    assert all(told["share"][fact] == 1 for fact in ("prompt", "answer", "model", "tokens", "time", "latency"))
    assert codes(told) == [("also_none", "")]
    assert told["unused"] == {}


def test_columns_that_are_not_used_are_named_without_values_where_they_are_redacted(
    store: Store, tmp_path: Path
) -> None:
    path = table(tmp_path / "log.csv", WHOLE + ",staff_mail", *(ROW.format(n) + ",jane@corp.example" for n in (1, 2)))
    assert understood(store, path)["unused"] == {"staff_mail": "jane@corp.example"}
    told = understood(store, path, redact=True)
    assert told["unused"] == {"staff_mail": ""}
    assert "jane" not in json.dumps(told)


def test_lost_answers_are_said_first_with_the_columns_that_may_hold_them(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "log.csv", "question,reaction,tenant", "Where is it?,Shipped.,acme", "And mine?,No.,acme")
    told = understood(store, path)
    first = told["findings"][0]
    assert (first["code"], first["fact"], first["unused"]) == ("none", "answer", ["reaction", "tenant"])
    assert told["unused"] == {"reaction": "Shipped.", "tenant": "acme"}
    assert told["share"]["answer"] == 0
    assert [fact for _, fact in codes(told)[:4]] == ["answer", "tokens", "time", "model"]


@pytest.mark.parametrize(
    ("header", "row", "fails"),
    [
        ("question,answer", "q,a", False),
        ("question,reaction", "q,a", True),
        ("question,answer,created_at", "q,a,soon", True),
        ("question,answer,n_token_count", "q,a,12", True),
        ("question,answer,tenant", "q,a,acme", False),
    ],
)
def test_strict_refuses_what_lacks_something_that_it_should_hold(
    store: Store, tmp_path: Path, header: str, row: str, fails: bool
) -> None:
    path = table(tmp_path / "log.csv", header, row)
    if not fails:
        understood(store, path, is_strict=True)
        return
    with pytest.raises(BadInput):
        understood(store, path, is_strict=True)
    assert list_studies(store) == []


def test_what_rules_found_is_counted(store: Store, tmp_path: Path) -> None:
    user, answer = {"role": "user", "content": "Capital?"}, {"role": "assistant", "content": "Lima."}
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    path = lines(
        tmp_path / "log.jsonl",
        {"messages": [user, answer], "response": "Lima."},
        {"messages": [user], "response": {"role": "assistant", "content": None, "tool_calls": [call]}},
        {"messages": [{"role": "user", "content": "Hi"}, answer, user, answer]},
    )
    told = understood(store, path)
    found = {each["code"]: each["calls"] for each in told["findings"] if "calls" in each}
    assert {code: found[code] for code in ("answer_cut", "tools_missing", "earlier_answer")} == {
        "answer_cut": 1, "tools_missing": 1, "earlier_answer": 1,
    }  # fmt: skip
    assert told["calls"] == 4


def test_conversations_that_grow_from_record_to_record_count_once(store: Store, tmp_path: Path) -> None:
    turns = [{"role": role, "content": f"{role} {n}"} for n in range(5) for role in ("user", "assistant")]
    path = lines(tmp_path / "log.jsonl", *({"messages": turns[: 2 * n], "id": n} for n in range(1, 6)))
    told = understood(store, path)
    assert (told["calls"], told["share"]["answer"]) == (5, 1)
    assert "growing" in {found["code"] for found in told["findings"]}


def test_conversations_that_begin_alike_are_not_one_that_grows(store: Store, tmp_path: Path) -> None:
    talks = [[f"Question {n % 3}?", f"And {n}?", f"And then {n}?"][: 1 + n // 3 % 3] for n in range(12)]
    path = lines(
        tmp_path / "log.jsonl",
        *({"messages": [{"role": role, "content": f"{q} {role}"} for q in talk for role in ("user", "assistant")]}
          for talk in talks),
    )  # fmt: skip
    told = understood(store, path)
    assert told["calls"] == sum(map(len, talks))
    assert "growing" not in {found["code"] for found in told["findings"]}


def test_a_preview_tells_the_same_and_shows_what_would_be_sent(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "log.jsonl",
        *({"messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": f"q{n}"}],
           "response": "a", "duration": 2_000_000} for n in range(4)),
    )  # fmt: skip
    looks = look_at([path])
    (account,) = looks.accounts
    assert (account.unknown_durations, account.likely_unit) == (("duration",), "us")
    assert [call.sent for call in looks.files[0].first] == [
        (("system", "Be short."), ("user", f"q{n}")) for n in range(3)
    ]
    (account,) = look_at([path], hints=Hints(durations="us")).accounts
    assert (account.unknown_durations, account.tally.latencies) == ((), [2.0] * 4)


def test_only_prompts_answers_tokens_and_times_are_loud(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "log.csv", "question,answer", "q,a")
    (account,) = look_at([path]).accounts
    assert [found.values["fact"] for found in findings_of(account) if is_loud(found)] == ["tokens", "time"]


def test_a_zone_of_two_continents_is_said(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path / "log.csv", WHOLE, *(ROW.format(n).replace("T10:00:00Z", " 10:00:00 CST") for n in (1, 2)))
    assert codes(understood(store, path)) == [("time_zone", ""), ("also_none", "")]


TURNS = [
    f"{who},{said} {n},{{}}" for n in range(6) for who, said in (("user", "What about order"), ("bot", "It ships"))
]


@pytest.mark.parametrize(
    ("header", "cells", "told", "is_one"),
    [
        ("chat_id", [n // 2 for n in range(12)], "conversation: `chat_id`", False),
        ("chat_id", [7] * 12, "conversation: `chat_id`", True),
        ("new_chat", [int(n % 4 == 0) for n in range(12)], "conversation: from one start to the next", False),
        ("note", [""] * 12, "no column tells conversations apart", True),
    ],
)
def test_it_is_said_what_tells_conversations_apart(
    store: Store, tmp_path: Path, header: str, cells: list[int | str], told: str, is_one: bool
) -> None:
    path = table(tmp_path / "log.csv", f"who,msg,{header}", *map(str.format, TURNS, cells))
    report = import_logs(store, "s", [path], ImportOptions(redact=False))
    (account,) = report.accounts
    assert account.guess.startswith("one row per turn, text: `msg`, speaker: `who`")
    assert told in account.guess
    assert ("one_conversation" in {found.code for found in findings_of(account)}) == is_one


def test_a_conversation_without_a_column_is_told_in_words(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"turns": [{"message": f"Where is order {n}?", "response": "Here."} for n in range(6)]}))
    (account,) = import_logs(store, "s", [path], ImportOptions(redact=False)).accounts
    assert account.guess == "prompt: `message` (name), answer: `response` (name), each list is a conversation"

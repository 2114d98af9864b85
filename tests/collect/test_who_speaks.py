"""What an import says of a table of turns: who is taken for what, which answers are no calls, how many rows it has."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.accounting import findings_of, is_loud
from advisor.collect.import_jobs import summarise
from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.mapping import read_columns
from advisor.collect.previews import look_at
from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.money.profile import describe_profile
from advisor.store import Store
from advisor.store.studies import find_study
from advisor.text.import_findings import import_finding
from advisor.ui.log.import_job import outcome

WIDGET = """chat,time,from,message
1,2026-11-02T10:00:00Z,visitor,How do I return an item?
1,2026-11-02T10:00:09Z,bot,Go to Orders and choose the item.
1,2026-11-02T10:01:00Z,visitor,Can I talk to somebody about the label?
1,2026-11-02T10:01:30Z,agent:Jonas,"Sure, which order is it?"
2,2026-11-02T11:00:00Z,visitor,Do you ship to Norway?
2,2026-11-02T11:00:04Z,bot,"Yes, in 4 to 6 working days."
2,2026-11-02T11:01:00Z,visitor,And what does it cost?
2,2026-11-02T11:02:00Z,agent:Mia,It is 9.90 EUR to Oslo.
3,2026-11-02T12:00:00Z,visitor,Do you price match?
3,2026-11-02T12:00:03Z,bot,We don't match prices.
3,2026-11-02T12:00:05Z,survey,
"""
NAMES = """Time,From,Message
2026-11-02T10:00:00Z,Guest,How do I return an item?
2026-11-02T10:00:09Z,Emma,Go to Orders and choose the item.
2026-11-02T10:01:00Z,Guest,Can I talk to somebody about the label?
2026-11-02T10:01:30Z,Jonas (Support),"Sure, which order is it?"
2026-11-02T11:00:00Z,Guest,Do you ship to Norway?
2026-11-02T11:00:04Z,Emma,"Yes, in 4 to 6 working days."
"""


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def table(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def understood(store: Store, path: Path, **options: Any) -> dict[str, Any]:
    report = import_logs(store, "Mine", [path], ImportOptions(**{"redact": False} | options))
    (one,) = summarise(report)["understood"]
    return dict(one)


def said(told: dict[str, Any], code: str) -> list[str]:
    return [each["message"] for each in told["findings"] if each["code"] == code]


def test_it_names_who_is_taken_for_what_and_counts_what_is_no_call(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path / "widget.csv", WIDGET)
    told = understood(store, path)
    speakers = "speaker: `from` (user: visitor; assistant: bot; staff: agent:Jonas, agent:Mia; left out: survey)"
    assert speakers in told["columns"]
    assert (told["calls"], told["turns"]) == (3, 11)
    assert said(told, "staff_answers") == [
        "Left out: 2 answers written by staff (agent:Jonas and agent:Mia), not by the bot."
    ]
    assert said(told, "left_out") == ["Left out: events or internal notes (1)."]
    (account,) = look_at([path]).accounts
    assert speakers in account.guess, "and so before the import"
    assert import_finding(findings_of(account)[2]) == said(told, "staff_answers")[0]


def test_what_was_imported_are_calls_from_more_rows(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path / "widget.csv", WIDGET)
    told = outcome(summarise(import_logs(store, "Mine", [path], ImportOptions(redact=False))))
    assert told.startswith("Imported into Mine: 3 calls from 11 rows (rejected rows: 0, duplicates: 0). Left out")


def test_turns_in_lists_are_no_rows(store: Store, tmp_path: Path) -> None:
    turns = [dict(zip(("who", "said"), line.split(",")[2:4], strict=True)) for line in WIDGET.splitlines()[1:-1]]
    told = understood(store, written(tmp_path / "log.json", json.dumps([{"id": n, "turns": turns} for n in range(4)])))
    assert (told["turns"], "staff: agent:Jonas, agent:Mia" in told["columns"]) == (None, True)


def test_nobody_is_named_where_personal_data_is_replaced(store: Store, tmp_path: Path) -> None:
    told = understood(store, written(tmp_path / "widget.csv", WIDGET), redact=True)
    assert "speaker: `from`, conversation: `chat`" in told["columns"]
    assert said(told, "staff_answers") == ["Left out: 2 answers written by staff, not by the bot."]
    assert told["turns"] == 11


def test_who_speaks_is_said_of_a_column_that_a_person_chose(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path / "names.csv", NAMES)
    columns = {"prompt": "Message", "speaker": "From", "time": "Time"}
    told = understood(store, path, columns=columns)
    speakers = "speaker: `From` (user: Guest; assistant: Jonas (Support); staff: Emma)"
    assert speakers in told["columns"]
    assert speakers in look_at([path], columns=columns).files[0].guess
    assert said(told, "staff_answers") == ["Left out: 2 answers written by staff (Emma), not by the bot."]


def test_a_person_says_which_speaker_is_the_bot(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path / "names.csv", NAMES)
    columns = read_columns("prompt=Message,speaker=From,time=Time,bot=Emma")
    told = understood(store, path, columns=columns)
    assert "(user: Guest; assistant: Emma; staff: Jonas (Support))" in told["columns"]
    assert (told["calls"], said(told, "staff_answers")) == (
        2, ["Left out: 1 answer written by staff (Jonas (Support)), not by the bot."],
    )  # fmt: skip
    with pytest.raises(BadInput, match="No 'Ema' in the first rows"):
        understood(store, path, columns=columns | {"bot": "Ema"})
    with pytest.raises(BadInput, match="speaker=COLUMN"):
        understood(store, path, columns={"prompt": "Message", "bot": "Emma"})


def test_the_others_are_users_where_a_person_says_who_is_the_bot(store: Store, tmp_path: Path) -> None:
    rows = [["who", "said"]]
    for n in range(70):
        rows += [[f"Guest{n % 35}y", f"Where is order {n}? It should be here."], ["Luna", f"Order {n} is on its way."]]
    path = table(tmp_path / "names.csv", rows)
    told = understood(store, path, columns=read_columns("prompt=said,speaker=who,bot=Luna"))
    assert (told["calls"], told["share"]["answer"]) == (70, 1)
    two = written(tmp_path / "two.csv", NAMES.replace("Jonas (Support)", "Emma").replace("Guest", "Zoe"))
    told = understood(store, two, columns=read_columns("prompt=Message,speaker=From,time=Time,bot=Zoe"))
    assert "(user: Emma; assistant: Zoe)" in told["columns"]


def test_staff_beside_customers_are_no_users_where_a_person_says_who_is_the_bot(store: Store, tmp_path: Path) -> None:
    rows = ["chat,who,said"]
    for n in range(12):
        rows += [f"{n},Customer,Where is order {n}? It is late.", f"{n},Emma,Order {n} is on its way."]
        rows += [f"{n},Customer,May I talk to somebody?"] + [f"{n},Tom,Yes. I can look into order {n}."] * (n % 3 == 0)
    path = written(tmp_path / "desk.csv", "\n".join(rows))
    told = understood(store, path, columns=read_columns("prompt=said,speaker=who,session=chat,bot=Emma"))
    assert "(user: Customer; assistant: Emma; staff: Tom)" in told["columns"]


def test_a_user_who_comes_later_is_one_too(store: Store, tmp_path: Path) -> None:
    rows = [["who", "said"]]
    for n in range(70):
        rows += [[f"p{n}@corp.example", f"Where is order {n}? It is late."], ["bot", f"Order {n} is on its way."]]
    path = table(tmp_path / "names.csv", rows)
    told = understood(store, path)
    assert (told["calls"], told["share"]["answer"]) == (70, 1)


def test_a_best_guess_names_who_is_taken_for_what(tmp_path: Path) -> None:
    rows = "".join(f"{['Ann', 'jo@corp.example'][n % 2]},Where is order {n}? I can't see it.\n" for n in range(8))
    with pytest.raises(BadInput, match=r"speaker: `a` \(user: Ann; assistant: <EMAIL_1>\)"):
        open_log(written(tmp_path / "log.csv", f"a,b\n{rows}"))


def test_a_few_of_many_speakers_are_named(store: Store, tmp_path: Path) -> None:
    rows = [["id", "who", "said"]]
    for n in range(6):
        rows += [
            [str(n), f"customer {n}", f"Where is order {n}? It should be here."],
            [str(n), "bot", f"Order {n} is on its way."],
        ]
    told = understood(store, table(tmp_path / "log.csv", rows))
    assert "(user: customer 0, customer 1, customer 2 and 3 more; assistant: bot)" in told["columns"]


def test_tokens_of_one_side_are_said_as_such(store: Store, tmp_path: Path) -> None:
    call = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Sum this up."}]}
    path = written(tmp_path / "log.jsonl", "\n".join(json.dumps(call | {"prompt_tokens": n}) for n in range(60, 65)))
    told = understood(store, path)
    assert said(told, "none")[1] == "Only input token counts found. Today's cost stays unknown."
    assert not said(told, "half_of_tokens"), "once is enough"
    looks = look_at([path])
    assert [(call.input_tokens, call.output_tokens) for call in looks.files[0].first] == [
        (60, None),
        (61, None),
        (62, None),
    ]
    assert is_loud(findings_of(looks.accounts[0])[1])


def test_an_answer_of_no_tokens_has_none_that_are_told(store: Store, tmp_path: Path) -> None:
    call = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Sum this up."}], "response": "Fine."}
    path = written(tmp_path / "log.jsonl", "\n".join(json.dumps(call | {"prompt_tokens": n}) for n in range(60, 65)))
    told = understood(store, path)
    assert told["share"]["tokens"] == 0
    assert said(told, "none")[0] == "Only input token counts found. Today's cost stays unknown."
    described = describe_profile(store, find_study(store, "Mine"))
    assert (described["usage"], described["cost_usd"]) == (None, None)


def test_a_row_of_totals_is_no_call(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"2026-10-0{n},q {n},a {n}\n" for n in range(1, 9))
    path = written(tmp_path / "log.csv", f"date,question,answer\n{rows},Total: 8,\n")
    report = import_logs(store, "Mine", [path], ImportOptions(redact=False))
    assert (report.counts.accepted, report.counts.rejected) == (8, 1)
    described = describe_profile(store, find_study(store, "Mine"))
    assert (described["per_day"]["tokens"], described["per_day"]["cost_usd"]) == (None, None), "unknown isn't 0"


def test_some_calls_without_an_answer_are_counted(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"q {n},{'' if n == 3 else f'a {n}'}\n" for n in range(10))
    path = written(tmp_path / "log.csv", f"question,answer\n{rows}")
    assert said(understood(store, path), "unanswered") == ["No answer in 1 of 10 calls."]

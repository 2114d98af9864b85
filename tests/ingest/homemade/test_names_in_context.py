"""Columns whose names alone would mislead, and units, chats and system prompts where teams write them."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.messages.usage import counts_told
from advisor.ingest.reading import read_logs
from advisor.types import Rejection
from advisor.types.codes import CallNote
from advisor.types.prices import TotalSource
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table, talk

CHAT = "User says: Is it open?; Bot says: Yes: from ten.; User says: And on Sundays?; Bot says: Until four.;"
SQL = "SELECT name FROM orders WHERE town = 'Cork' AND state = 'sent' LIMIT {}"


def rows(asked: str, answered: str, **more: Any) -> list[dict[str, Any]]:
    return [{**more, asked: one, answered: other} for one, other in PAIRS]


@pytest.mark.parametrize(("name", "value"), [
    ("耗时", "4.2秒"), ("耗时(毫秒)", "4200"), ("所要時間", "4200ミリ秒"), ("응답시간", "4.2초"), ("Dauer", "4,2 Sek."),
    ("время обработки", "4,2 сек"), ("Bearbeitungszeit", "4.2 s"), ("tempo de processamento (s)", "4.2"),
    ("时长(秒)", "4.2"), ("attente", "4200 ms"),
])  # fmt: skip
def test_latencies_with_their_unit(tmp_path: Path, name: str, value: str) -> None:
    found = table(tmp_path / "a.csv", rows("prompt", "response", **{name: value}))
    assert [call.metered.latency_s for call in found] == [4.2] * len(PAIRS)


@pytest.mark.parametrize(
    "name", ["sys_prompt", "Systemprompt", "prompt de sistema", "系统提示词", "システムプロンプト"]
)
def test_system_prompts(tmp_path: Path, name: str) -> None:
    found = table(tmp_path / "a.csv", rows("user_prompt", "completion", **{name: "You are a helpful shop assistant."}))
    assert [call.request.messages[0]["role"] for call in found] == ["system"] * len(PAIRS)
    assert [talk(call) for call in found] == PAIRS


def test_an_agents_prompt_beside_its_chats(tmp_path: Path) -> None:
    chats = [f"Customer: {asked}\nAssistant: {answered}" for asked, answered in PAIRS]
    found = table(
        tmp_path / "a.csv", [{"Chat": chat, "Agent Prompt": "You help the guests of a shop."} for chat in chats]
    )
    assert [talk(call) for call in found] == PAIRS
    assert found[0].request.messages[0]["content"] == "You help the guests of a shop."


def test_chats_in_one_line_beside_what_they_begin_with(tmp_path: Path) -> None:
    row = {"SessionID": "c-1", "FirstUserMessage": "Is it open?", "Transcript": CHAT}
    found = table(tmp_path / "a.csv", [row | {"SessionID": f"c-{number}"} for number in range(3)])
    assert [talk(call) for call in found] == 3 * [("Is it open?", "Yes: from ten."), ("And on Sundays?", "Until four.")]


def test_texts_under_names_for_tokens(tmp_path: Path) -> None:
    more = {"model": "flan-t5-base", "time": 1752399523}
    found = table(tmp_path / "a.csv", rows("input_tokens", "output_tokens", **more))
    assert [talk(call) for call in found] == PAIRS
    assert found[0].metered.usage is None


@pytest.mark.parametrize(("asked", "answered"), [
    ("user", "lumina"), ("user_answers", "ai_response"), ("用户发送内容", "响应内容"), ("dati in entrada", "uscita"),
])  # fmt: skip
def test_names_of_both_sides(tmp_path: Path, asked: str, answered: str) -> None:
    assert [talk(call) for call in table(tmp_path / "a.csv", rows(asked, answered))] == PAIRS


def test_lines_with_bars(tmp_path: Path) -> None:
    lines = [
        f"2025-05-20 09:37:18 | gpt-4o-mini | 4.8s | Q: {asked} | A: {answered}\nand more" for asked, answered in PAIRS
    ]
    found = calls_in(tmp_path / "qa.log", "\n".join(lines))
    assert [talk(call) for call in found] == [(asked, f"{answered}\nand more") for asked, answered in PAIRS]
    assert (found[0].model, found[0].metered.latency_s) == ("gpt-4o-mini", 4.8)
    assert found[0].metered.at is not None


def test_bars_within_an_answer(tmp_path: Path) -> None:
    answer = "Run cat log | grep error\tand read it."
    lines = [f"09:37 | gpt-4o | Q: {asked} | A: {answer} | 4.8s" for asked, _ in PAIRS]
    found = calls_in(tmp_path / "qa.log", "\n".join(lines))
    assert [talk(call) for call in found] == [(asked, answer) for asked, _ in PAIRS]
    assert found[0].metered.latency_s == 4.8


@pytest.mark.parametrize("form", ["Customer: Ada Lim\nIssue: {}", "Question: {}\nContext: the manual, page 4."])
def test_a_form_is_no_chat(tmp_path: Path, form: str) -> None:
    made = [{"text": form.format(asked), "output": answered} for asked, answered in PAIRS]
    found = table(tmp_path / "a.csv", made)
    assert [talk(call) for call in found] == [(row["text"], row["output"]) for row in made]


@pytest.mark.parametrize("other", ["suggestion", "gen", "retorno", "建议"])
def test_what_is_called_an_answer_is_it(tmp_path: Path, other: str) -> None:
    made = [row | {other: "Please offer a voucher to this customer."} for row in rows("question", "answer")]
    assert [talk(call) for call in table(tmp_path / "a.csv", made)] == PAIRS


def test_a_models_summary_of_a_chat_is_its_answer(tmp_path: Path) -> None:
    chats = [
        [{"role": "user", "content": asked}, {"role": "assistant", "content": "One moment."}] for asked, _ in PAIRS
    ]
    made = [
        {"conversation": json.dumps(chat), "llm_summary": said} for chat, (_, said) in zip(chats, PAIRS, strict=True)
    ]
    assert [talk(call)[1] for call in table(tmp_path / "a.csv", made)] == [answered for _, answered in PAIRS]


def test_tables_with_json_between_tabs_and_logs_with_a_broken_line(tmp_path: Path) -> None:
    said = [json.dumps({"prompt": asked, "response": answered}) for asked, answered in PAIRS]
    lines = ["time\tmodel\tpayload", *(f"2025-05-07T10:53:1{n}Z\tgpt-4o\t{each}" for n, each in enumerate(said))]
    assert {call.model for call in calls_in(tmp_path / "a.txt", "\n".join(lines))} == {"gpt-4o"}
    logged = [f"2025-05-07T10:53:1{n}Z INFO call: {each}" for n, each in enumerate([*said, said[0][:-9]])]
    (tmp_path / "b.log").write_text("\n".join(logged))
    found = [each.item for each in read_logs([open_log(tmp_path / "b.log")])]
    assert [isinstance(item, Rejection) for item in found] == [False] * len(said) + [True]


def test_models_of_things_on_sale(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", rows("question", "assistant_answer", model="VX-200", serial="26a4d5f3"))
    assert [call.model for call in found] == [None] * len(PAIRS)
    found = table(tmp_path / "b.csv", rows("question", "assistant_answer", model="our-own-7", team="sales"))
    assert found[0].model == "our-own-7"


def test_statements_of_databases_are_no_prompts(tmp_path: Path) -> None:
    statements = [{"ts": "2025-03-17 09:00:11", "query": SQL.format(number)} for number in range(9)]
    with pytest.raises(BadInput):
        table(tmp_path / "a.csv", statements)
    explained = [row | {"answer": "Lists the names of orders that were sent."} for row in statements]
    assert len(table(tmp_path / "b.csv", explained)) == len(statements)


@pytest.mark.parametrize("beside", ["hold_seconds", "agent_name"])
def test_people_on_the_phone(tmp_path: Path, beside: str) -> None:
    turns = [
        {"call_id": f"CA{number}", "channel": who, "text": text, beside: "20"}
        for number, pair in enumerate(PAIRS)
        for who, text in zip(("customer", "agent"), pair, strict=True)
    ]
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", turns)


@pytest.mark.parametrize("names", [("answer_gpt4o", "answer_mistral_large"), ("model_a_response", "model_b_response")])
def test_answers_of_several_versions_are_asked_for(tmp_path: Path, names: tuple[str, str]) -> None:
    both = [row | {names[1]: "No idea, sorry about that."} for row in rows("prompt", names[0])]
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", both)


@pytest.mark.parametrize(("names", "models"), [
    (("gpt-4o output", "mistral-large output"), ("gpt-4o", "mistral-large")), (("ChatGPT", "Gemini"), None),
    (("Qwen output", "DeepSeek output"), ("Qwen", "DeepSeek")), (("gpt-4o", "claude-3-haiku"), None),
    (("GPT4_response", "Claude_response"), ("GPT4", "Claude")), (("gpt-4o", "gpt-4o-mini"), None),
])  # fmt: skip
def test_a_column_for_each_model(tmp_path: Path, names: tuple[str, str], models: tuple[str, str] | None) -> None:
    one, other = models or names
    took = {f"{one}_time_s": 1.5, f"{other.replace('-', ' ')}_time_s": 2.5}
    both = [row | {names[1]: "No idea, sorry about that."} | took for row in rows("prompt", names[0])]
    both[-1][names[1]] = ""
    found = table(tmp_path / "a.csv", both)
    assert [(*talk(call), call.model, call.metered.latency_s) for call in found[:3:2]] == [
        (*PAIRS[0], one, 1.5), (*PAIRS[1], one, 1.5)
    ]  # fmt: skip
    assert [(call.model, call.metered.latency_s) for call in found[1:3]] == [(other, 2.5), (one, 1.5)]
    assert len(found) == 2 * len(PAIRS) - 1


def test_totals_by_day_in_other_languages(tmp_path: Path) -> None:
    for number, head in enumerate(
        (
            "Tag;Modell;Anfragen;Tokens ein;Tokens aus;Kosten (USD)",
            "日付;モデル;リクエスト数;入力トークン;出力トークン;コスト",
        )
    ):
        path = tmp_path / f"{number}.csv"
        path.write_text(f"{head}\n2025-03-01;gpt-4o;120;41000;9000;1.20\n2025-03-02;gpt-4o;127;41313;9097;1.27\n")
        assert open_log(path).format == TotalSource.GATEWAY_TOTALS


def test_sums_are_no_calls(tmp_path: Path) -> None:
    for name in ("requests", "Anzahl Anfragen", "nb requêtes"):
        (tmp_path / "a.csv").write_text(f"month,team,{name},usd\n2025-01,sales,4802,72.17\n2025-02,hr,1480,30.43\n")
        with pytest.raises(BadInput, match=f"`{name}`"):
            open_log(tmp_path / "a.csv")


def test_calls_that_tell_only_the_answers_tokens(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", rows("prompt", "response", output_tokens=7))
    assert {(call.notes, *counts_told(call.metered.usage)) for call in found} == {
        ((CallNote.HALF_OF_TOKENS,), None, None, None, 7, 0)
    }
    found = table(tmp_path / "b.csv", rows("prompt", "response", output_tokens=7, input_tokens=9))
    assert {call.notes for call in found} == {()}


@pytest.mark.parametrize(("begun", "ended"), [
    ("started_at", "finished_at"), ("Beginn", "Ende"), ("request_time", "response_time"), ("開始時刻", "終了時刻"),
    ("요청시각", "응답시각"), ("ora inizio", "ora fine"),
])  # fmt: skip
def test_latencies_between_two_moments(tmp_path: Path, begun: str, ended: str) -> None:
    moments = {begun: "2025-03-01 10:00:58", ended: "2025-03-01 10:01:02"}
    found = table(tmp_path / "a.csv", rows("prompt", "response", **moments))
    assert [(call.metered.latency_s, str(call.metered.at)[11:19]) for call in found] == [(4.0, "10:00:58")] * len(PAIRS)
    late = table(tmp_path / "b.csv", rows("prompt", "response", **moments | {ended: "2025-03-04 10:00:00"}))
    assert [call.metered.latency_s for call in late] == [None] * len(PAIRS)


def test_latencies_between_two_epochs(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", rows("prompt", "response", started=1740823258.5, finished=1740823262.5))
    assert [call.metered.latency_s for call in found] == [4.0] * len(PAIRS)


def test_the_first_word_is_not_the_whole_answer(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", rows("提问", "回答", 首字延迟="0.5s", 总耗时="1m 4s"))
    assert found[0].metered.latency_s == 64


@pytest.mark.parametrize("cell", [
    "[user] {}\n[assistant] {}", "Human: {}<br>AI: {}", "Customer: {} // Bot: {}", "10:01 User: {}\n10:02 Bot: {}",
    "用户：{}\n助手：{}", "USER> {}\nBOT> {}",
])  # fmt: skip
def test_chats_in_cells(tmp_path: Path, cell: str) -> None:
    chats = [{"nr": number, "conversation": cell.format(*pair)} for number, pair in enumerate(PAIRS)]
    found = table(tmp_path / "a.csv", chats)
    assert [talk(call) for call in found] == PAIRS


@pytest.mark.parametrize("line", [
    '2025-05-20 09:37:18 INFO llm model=gpt-4o latency=4.2s prompt="{}" response="{}"',
    "[2025-05-20 09:37:18] gpt-4o | Prompt: {} | Response: {} | 4.2s",
    "2025-05-20 09:37:18 | gpt-4o | {} | {} | 4.2s",
])  # fmt: skip
def test_lines_of_a_teams_log(tmp_path: Path, line: str) -> None:
    found = calls_in(tmp_path / "calls.log", "\n".join(line.format(*pair) for pair in PAIRS))
    assert [talk(call) for call in found] == PAIRS
    assert (found[0].model, found[0].metered.latency_s, found[0].metered.at is None) == ("gpt-4o", 4.2, False)


@pytest.mark.parametrize("row", [
    {"question": "{}", "comments": "{}"}, {"review": "{}", "response_from_seller": "{}"},
    {"query": "{}", "results": "3", "clicked": "1"},
])  # fmt: skip
def test_what_people_may_have_written_is_asked(tmp_path: Path, row: dict[str, str]) -> None:
    asked, *others = row
    written = [{asked: pair[0]} | {name: row[name].format(f"{pair[1]} {name}") for name in others} for pair in PAIRS]
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", written)

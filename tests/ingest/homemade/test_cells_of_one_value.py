"""Cells that say nothing, units and counts as spreadsheets and notebooks write them."""

from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.messages.usage import counts_told
from advisor.ingest.reading import read_log, settled
from advisor.types import Answer, Sample
from advisor.types.codes import CallNote
from tests.ingest.homemade.test_odd_logs import samples
from tests.ingest.homemade.test_other_shapes import PAIRS, table, talk

WORDS = ["N/A", "n/a", "#N/A", "(null)", "[null]", "<NA>", "-", "—", "nil", "None", "\\N"]


def rows(**more: Any) -> list[dict[str, Any]]:
    return [{"question": asked, "answer": answered, **more} for asked, answered in PAIRS]


def labelled(path: Path, labels: list[str]) -> list[Sample]:
    table(path, [{"prompt": asked, "response": label} for (asked, _), label in zip(PAIRS, labels, strict=True)])
    return [item for _, item in read_log(settled(open_log(path))) if isinstance(item, Sample)]


@pytest.mark.parametrize("word", WORDS)
def test_words_for_nothing_in_a_cell(tmp_path: Path, word: str) -> None:
    found = table(tmp_path / "a.csv", [*rows(), {"question": "And on Mondays?", "answer": word}])
    assert [call.answer is None for call in found] == [False] * len(PAIRS) + [True]
    assert found[-1].notes == (CallNote.NULL_ANSWER,)


@pytest.mark.parametrize("word", ["N/A", "-", "nil"])
def test_such_a_word_as_a_label(tmp_path: Path, word: str) -> None:
    labels = ["refund", word, "swap", word]
    found = labelled(tmp_path / "a.csv", labels)
    assert [call.answer and call.answer.text for call in found] == labels


def test_such_a_word_that_a_model_said(tmp_path: Path) -> None:
    tokens = {"input_tokens": 40, "output_tokens": 3}
    asked, paid = samples(tmp_path, [
        {"prompt": "Date of the contract, or N/A?", "response": "N/A"},
        {"prompt": "Date of the contract?", "response": "N/A"} | tokens,
    ])  # fmt: skip
    assert [call.answer and call.answer.text for call in (asked, paid)] == ["N/A", "N/A"]
    (failed,) = samples(
        tmp_path, [{"prompt": "Date of the contract?", "response": "N/A"} | tokens | {"output_tokens": 0}]
    )
    assert failed.answer is None


@pytest.mark.parametrize(("word", "asked"), [
    ("-", "Their phone number, '-' if there is none."), ("—", 'Their phone number, or "—".'),
    ("-", "Their phone number, or a dash."), ("N/A", "Their phone number, or N.A. if there is none."),
])  # fmt: skip
def test_such_a_word_that_the_prompt_asks_for(tmp_path: Path, word: str, asked: str) -> None:
    others = [{"prompt": f"{asked} Mail {n}: hello.", "response": f"It is 0221 {n}."} for n in range(3)]
    found = samples(tmp_path, [*others, {"prompt": f"{asked} Mail 4: hi.", "response": word}])
    assert found[-1].answer == Answer(text=word)
    (lost,) = samples(tmp_path, [{"prompt": "Their phone number - or e-mail?", "response": word}])
    assert lost.answer is None
    for said in ("Which dash cam?", '{"sep":"-"}', '{"sep": "-"}', "text.split('-')", '["-"]'):
        (lost,) = samples(tmp_path, [{"prompt": f"Their phone number? {said}", "response": word}])
        assert lost.answer is None


@pytest.mark.parametrize("taken", [203, 3])
def test_such_a_word_after_much_thought(tmp_path: Path, taken: int) -> None:
    usage = {"prompt_tokens": 40, "completion_tokens": taken, "completion_tokens_details": {"reasoning_tokens": 200}}
    body = {"choices": [{"message": {"role": "assistant", "content": "N/A"}}], "usage": usage}
    asked = {"model": "o1", "messages": [{"role": "user", "content": "Date of the contract?"}]}
    (call,) = samples(tmp_path, [{"request": asked, "response": body}])
    assert (call.answer and call.answer.text) == "N/A"
    flat = {"input_tokens": 40, "output_tokens": taken, "reasoning_tokens": 200, "model": "o1"}
    found = table(tmp_path / "a.csv", [row | flat for row in [{"question": "Of when?", "answer": "N/A"}, *rows()]])
    assert (found[0].answer and found[0].answer.text) == "N/A"


def test_an_error_of_a_spreadsheet_is_no_label(tmp_path: Path) -> None:
    found = labelled(tmp_path / "a.csv", ["refund", "#N/A", "swap", "swap"])
    assert [call.answer is None for call in found] == [False, True, False, False]


@pytest.mark.parametrize(
    ("name", "value"), [("lat_s", "4.2"), ("latMs", "4200"), ("lat_ms", "4200"), ("LAT (s)", "4.2")]
)
def test_short_names_of_latencies(tmp_path: Path, name: str, value: str) -> None:
    assert {call.metered.latency_s for call in table(tmp_path / "a.csv", rows(**{name: value}))} == {4.2}


def test_latitudes(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", rows(lat="4.2", lon="50.1", model="gpt-4o"))
    assert {call.metered.latency_s for call in found} == {None}


@pytest.mark.parametrize(("values", "taken"), [
    (("1,953 ms", "472 ms", "9,001 ms", "1,200,000 ms"), (1.953, 0.472, 9.001, 1200)),
    (("12,001 ms", "9,953 ms", "11,200 ms", "953 ms"), (12.001, 9.953, 11.2, 0.953)),
    (("472,125 ms", "98,512 ms", "120,250 ms", "80,111 ms"), (0.472125, 0.098512, 0.12025, 0.080111)),
    (("12,001 ms", "timeout", "1,200 ms", "950 ms"), (12.001, None, 1.2, 0.95)),
    (("1,953 ms", "12,001 ms", "105,001 ms", "640 ms"), (1.953, 12.001, 105.001, 0.64)),
    (("472,125 ms", "98,512 ms", "1953,500 ms", "612,000 ms"), (0.472125, 0.098512, 1.9535, 0.612)),
    (("472,125 ms", "98,512 ms", "850,5 ms", "12,5 ms"), (0.472125, 0.098512, 0.8505, 0.0125)),
    (("1,953 s", "0,472 s", "2,001 s", "3,5 s"), (1.953, 0.472, 2.001, 3.5)),
])  # fmt: skip
def test_thousands_before_a_unit(tmp_path: Path, values: tuple[str, ...], taken: tuple[float | None, ...]) -> None:
    for name in ("Latency", f"Latency ({values[0].split()[-1]})"):
        found = table(tmp_path / "a.csv", [row | {name: value} for row, value in zip(rows(), values, strict=True)])
        assert [call.metered.latency_s for call in found] == pytest.approx(taken)
    first = [{**row, "ttft": 0.4, "latency": value} for row, value in zip(rows(), values, strict=True)]
    assert {call.metered.ttft_s for call in table(tmp_path / "b.csv", first)} == {0.4}


@pytest.mark.parametrize("name", ["ticket_subject", "Conversation subject", "Ticket Betreff"])
def test_a_subject_is_no_conversation(tmp_path: Path, name: str) -> None:
    for found in (
        table(
            tmp_path / "a.csv",
            [row | {name: "Order" if at % 2 else "Bill"} for at, row in enumerate(rows(model="gpt-4o"))],
        ),
    ):
        assert [call.ids.session for call in found] == [None] * len(PAIRS)


def test_a_ticket_is(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", [row | {"ticket": f"T-{at // 2}"} for at, row in enumerate(rows(model="gpt-4o"))])
    assert [call.ids.session for call in found] == ["T-0", "T-0", "T-1", "T-1"]


def test_tokens_of_the_prompt_where_no_answer_came(tmp_path: Path) -> None:
    good = [row | {"prompt_tokens": "40.0", "completion_tokens": "9.0"} for row in rows()]
    lost = {"question": "And on Mondays?", "answer": "nan", "prompt_tokens": "123.0", "completion_tokens": "nan"}
    found = table(tmp_path / "a.csv", [*good, lost])
    assert [[*counts_told(call.metered.usage)] for call in found[-2:]] == [[40, 0, 0, 9, 0], [123, 0, 0, None, None]]
    half = table(tmp_path / "a.csv", [*good, lost | {"answer": "From ten to four."}])[-1]
    assert [*counts_told(half.metered.usage)] == [123, 0, 0, None, None]
    assert talk(half) == ("And on Mondays?", "From ten to four.")


@pytest.mark.parametrize("cell", [
    "1,312 in / 206 out", "1312/206", "in: 1312, out: 206", "prompt=1312 completion=206", "1312 | 206",
    "1312 prompt tokens, 206 completion tokens",
])  # fmt: skip
def test_tokens_of_both_sides_in_one_cell(tmp_path: Path, cell: str) -> None:
    found = table(tmp_path / "a.csv", [row | {"Tokens": cell} for row in rows()])
    assert {tuple(counts_told(call.metered.usage)) for call in found} == {(1312, 0, 0, 206, 0)}


@pytest.mark.parametrize("name", [
    "tokens (in/out)", "tokens prompt/completion (max 4k)", "Token (Eingabe/Ausgabe)", "prompt + completion tokens",
    "token_usage", "Tokens used", "total tokens", "Token count",
])  # fmt: skip
def test_names_of_the_tokens_of_both_sides(tmp_path: Path, name: str) -> None:
    found = table(tmp_path / "a.csv", [row | {name: "1312/206"} for row in rows()])
    assert {tuple(counts_told(call.metered.usage)) for call in found} == {(1312, 0, 0, 206, 0)}
    found = table(tmp_path / "a.csv", [row | {"LLM tokens": "1312 in / 206 out"} for row in rows()])
    assert {tuple(counts_told(call.metered.usage)) for call in found} == {(1312, 0, 0, 206, 0)}


@pytest.mark.parametrize("name", [
    "Tokens used/limit", "max_tokens", "token budget", "tokens (out/in)", "tokens used/remaining", "tokens used/ctx",
    "tokens (total/prompt)", "tokens (completion/total)", "tokens (cached/prompt)", "tokens/s", "tokens (used/allowed)",
    "tokens (answer/question)", "Token (Ausgabe/Eingabe)", "tokens used/context window", "tokens (received/sent)",
])  # fmt: skip
def test_tokens_of_other_things_in_one_cell(tmp_path: Path, name: str) -> None:
    found = table(tmp_path / "a.csv", [row | {name: "312/4096"} for row in rows()])
    assert {call.metered.usage for call in found} == {None}


@pytest.mark.parametrize("cell", ["1,312", "1 312", "1312", "1.312"])
def test_one_count_is_not_of_both_sides(tmp_path: Path, cell: str) -> None:
    (alone,) = {call.metered.usage for call in table(tmp_path / "a.csv", [row | {"Tokens": cell} for row in rows()])}
    assert alone is None
    found = table(tmp_path / "a.csv", [row | {"tokens_in": cell, "tokens_out": cell} for row in rows()])
    assert {tuple(counts_told(call.metered.usage)) for call in found} == {(1312, 0, 0, 1312, 0)}


def test_tokens_of_both_sides_beside_turns(tmp_path: Path) -> None:
    turns = [
        {
            "conversation_id": f"c{at}",
            "role": role,
            "content": text,
            "tokens": "12 in / 7 out" if role == "assistant" else "",
        }
        for at, pair in enumerate(PAIRS)
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    found = table(tmp_path / "a.csv", turns)
    assert {tuple(counts_told(call.metered.usage)) for call in found} == {(12, 0, 0, 7, 0)}

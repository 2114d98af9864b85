"""A table with a header and one without: either way every row is read, whatever the container."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from advisor.ingest.files.headers import is_data
from advisor.ingest.files.rows import read_rows, sniff
from advisor.ingest.files.sources import open_sources

TALK = [
    ("user", "Hi"), ("assistant", "Hello! What can I do for you today?"), ("user", "Where is order 4711?"),
    ("assistant", "It left our warehouse on Monday."), ("user", "thanks"), ("assistant", "You are welcome, any time."),
]  # fmt: skip
ROLES = [("user", "assistant"), ("Customer", "Bot"), ("kunde", "assistent"), ("用户", "助手")]
COLUMNS: dict[str, Callable[[int], str]] = {
    "message_id": lambda row: f"{(row + 7) * 2654435761 % 2**48:012x}-0a",
    "conversation": lambda row: f"conv-{40 + row // 2}",
    "nr": str,
    "created_at": lambda row: f"2025-03-0{row + 1}T10:0{row}:00Z",
    "Datum": lambda row: f"0{row + 1}.03.2025 10:00",
    "when": lambda row: f"3/{row + 11}/2025, 4:0{row} PM",
    "epoch": lambda row: f"174100{row}570.854",
    "latency": lambda row: f"{row}.2 s" if row % 2 else "",
    "tokens": lambda row: str(12 + row) if row % 2 else "",
    "modelo": lambda row: ("gpt-4o-mini", "claude-3-5-haiku-20241022")[row % 2],
    "plan": lambda row: ("free", "pro", "free")[row % 3],
}


def _delimited(delimiter: str, encoding: str = "utf-8") -> Callable[[Path, list[list[str]]], Path]:
    def write(path: Path, table: list[list[str]]) -> Path:
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(table)
        return path

    return write


def _workbook(path: Path, table: list[list[str]]) -> Path:
    book = Workbook()
    for row in table:
        book.active.append([cell or None for cell in row])
    book.save(path)
    return path


def _arrays(path: Path, table: list[list[str]]) -> Path:
    path.write_text(json.dumps(table))
    return path


CONTAINERS = {
    "comma": _delimited(","), "semicolon": _delimited(";", "utf-8-sig"), "tab": _delimited("\t"), "sheet": _workbook,
    "arrays": _arrays,
}  # fmt: skip
SUFFIX = {"sheet": ".xlsx", "arrays": ".json"}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Names and rows: turns or calls, with some of the columns around them, in any order."""
    names = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=6, unique=True))
    roles = dict(zip(("user", "assistant"), draw(st.sampled_from(ROLES)), strict=True))
    if draw(st.booleans()):
        texts = [{"rolle": roles[role], "inhalt": said} for role, said in TALK]
    else:
        texts = [{"question": TALK[at][1], "bot_reply": TALK[at + 1][1]} for at in (2, 0, 4, 2)]
    rows = [{name: COLUMNS[name](at) for name in names} | text for at, text in enumerate(texts)]
    order = draw(st.permutations(list(rows[0])))
    return order, [[row[name] for name in order] for row in rows]


@pytest.mark.parametrize("container", CONTAINERS)
@settings(max_examples=30, deadline=None)
@given(table=tables(), blank=st.booleans())
def test_no_row_is_lost(container: str, table: tuple[list[str], list[list[str]]], blank: bool) -> None:
    names, rows = table
    telling = {"latency", "tokens", "plan", "nr"}
    if "question" in names and telling.issuperset(set(names) - {"question", "bot_reply"}):
        rows = [["What is it?" if cell in ("Hi", "thanks") else cell for cell in row] for row in rows]
    for has_header in (True, False):
        with TemporaryDirectory() as folder:
            above = [[""] * len(names)] * (blank and container != "arrays")
            path = Path(folder, f"a{SUFFIX.get(container, '.csv')}")
            CONTAINERS[container](path, [*above, *[names] * has_header, *rows])
            with open_sources(path) as ([source], _):
                found = [dict(row) for _, row in read_rows(source.path, sniff(source.path)) if isinstance(row, dict)]
        assert [list(row.values()) for row in found] == rows, has_header
        assert (list(found[0]) == names) is has_header


@pytest.mark.parametrize(
    ("first", "below"),
    [
        (["", "0", "1", "2"], ["0", "How are you?", "Fine, thank you very much.", "812"]),
        (["conversation", "user", "message"], ["conv-4000", "assistant", "Fine, thank you very much."]),
        (["Timestamp", "What do you want to know?"], ["2025-03-01", "Fine, thank you very much."]),
        (
            ["Prompt as it was sent to a model", "Answer that came back from it then"],
            ["How are you?", "Very well, thanks."],
        ),
        (["date", "status", "text"], ["n/a", "open", "Fine, thank you very much."]),
    ],
)
def test_odd_headers(first: list[str], below: list[str]) -> None:
    others = [
        [f"{int(cell) + 1}" if cell.isdigit() else cell for cell in below],
        ["", "user", "How are you?"][: len(below)],
    ]
    assert not is_data([first, below, *others])


SAID = [
    ("I have a question about my order", "Our support will answer you soon"),
    ("I have a question", "Our support team will help you with that."),
    ("Can I ask a question to support?", "Of course! Ask away."),
    ("There is a question about the bill", "The support desk replies within a day"),
    ("ich habe eine Frage zu meiner Rechnung", "unser Support antwortet Ihnen gleich"),
    ("tengo una pregunta sobre mi pedido", "el asistente le responde en un momento"),
    ("j'ai une question sur ma facture", "notre assistant vous répond tout de suite"),
    ("私の質問に答えてください", "サポートがすぐに回答いたします"),
    ("我有一个关于订单的问题", "客服会尽快给您答复的"),
    ("у меня вопрос по моему заказу", "наш бот ответит вам через минуту"),
    ("My question was not answered by the bot", "Sorry for that. What was it?"),
    ("HOW DO I ASK SUPPORT A QUESTION", "YOU CAN ASK IT RIGHT HERE, WE ANSWER"),
]
NAMED = [
    ("What is your question?", "Answer"), ("What is your question?", "What did the bot answer?"),
    ("The question the customer asked us", "The answer the assistant gave"),
    ("Full text of the question", "Full text of the answer"), ("Ihre Frage an uns", "Antwort des Assistenten"),
    ("ユーザーの質問内容", "AIアシスタントの回答"), ("用户的问题", "助手的回答内容"),
    ("Text of the user's question to the bot", "Text of the bot's reply to the user"),
    ("Message from the customer to us", "Reply that our assistant wrote"), ("вопрос пользователя", "ответ бота"),
    ("Input sent to the model by the user", "Output received from the model"),
    ("Question asked by the customer in chat", "Answer that was given by the assistant"),
    ("Frage des Kunden an den Bot", "Antwort des Bots an den Kunden"),
    ("Prompt as entered by the employee", "Response as returned by the model"),
]  # fmt: skip
SHORT = [("wifi password", "ask the desk"), ("parking", "level two"), ("late checkout", "until noon")]
BELOW = [
    [("where is it now", "it left the warehouse on monday"), ("can I pay by card", "yes we take all the usual cards")],
    [("Where is my order?", "It left on Monday."), ("Thanks a lot", "You are welcome.")],
    [("注文はどこですか", "月曜日に出荷しました"), ("カードで払えますか", "はい、使えます")],
    [(f"{asked} And {asked.lower()}", f"{said} {said} {said}") for asked, said in zip(
        [said for role, said in TALK if role == "user"], [said for role, said in TALK if role != "user"], strict=True
    )],
]  # fmt: skip


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("first", SAID)
def test_sentences_with_words_of_names_are_data(first: tuple[str, str], below: list[tuple[str, str]]) -> None:
    assert is_data([first, *below])


@pytest.mark.parametrize("first", [
    ("Question for you about my last bill", "Answer from support comes to you tomorrow"),
    ("Frage zu meiner letzten Rechnung bitte", "Antwort vom Support kommt zu Ihnen"),
])  # fmt: skip
def test_a_first_row_in_which_somebody_speaks_is_data(first: tuple[str, str]) -> None:
    assert is_data([first, *BELOW[0]])


@pytest.mark.parametrize("below", [SHORT, *BELOW])
@pytest.mark.parametrize("first", NAMED)
def test_names_are_a_header_however_long(first: tuple[str, str], below: list[tuple[str, str]]) -> None:
    assert not is_data([first, *below])


@pytest.mark.parametrize("first", [
    ("What is your question?", "How did our bot help you"),
    ("Bitte geben Sie Ihre Frage ein", "Antwort des Assistenten auf die Frage"),
    ("Prompt as it was sent to a model", "Answer that came back from it then"),
])  # fmt: skip
def test_questions_of_a_form_over_short_cells(first: tuple[str, str]) -> None:
    assert not is_data([first, *SHORT])

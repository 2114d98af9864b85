"""Chats as text files: the ways in which lines name who speaks, what stands around a call, and where chats end."""

from pathlib import Path

import pytest

from advisor.ingest.homemade.transcripts import messages_in
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Sample
from tests.ingest.homemade.test_other_shapes import PAIRS


def chat(tmp_path: Path, text: str) -> list[Sample]:
    path = tmp_path / "chat.txt"
    path.write_text(text)
    return [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]


def said(call: Sample) -> tuple[str, str | None]:
    return call.request.messages[-1]["content"], call.answer.text if call.answer else None


@pytest.mark.parametrize("way", [
    "--- USER ---\n{}\n--- ASSISTANT ---\n{}\n", "=== User ===\n{}\n\n=== Bot ===\n{}\n\n",
    ">>> user\n{}\n<<< model\n{}\n",
    "USER\n{}\n\nASSISTANT\n{}\n\n", "User - {}\nBot - {}\n", "Kunde – {}\nAssistent – {}\n", "User >> {}\nAI >> {}\n",
    "User (2025-03-04 10:0{n}): {}\nBot (2025-03-04 10:0{n}): {}\n",
    "User [10:0{n} AM]\n{}\n\nBot [10:0{n} AM]\n{}\n\n",
    "**User** (10:0{n})\n{}\n**Assistant** (10:0{n})\n{}\n", "👤 {}\n🤖 {}\n",
])  # fmt: skip
def test_turns_by_other_marks_than_colons(tmp_path: Path, way: str) -> None:
    talks = ["".join(way.format(*pair, n=n) for n, pair in enumerate(PAIRS, start)) for start in (1, 5)]
    found = chat(tmp_path, "\n=====\n".join(talks))
    assert [said(call) for call in found] == PAIRS * 2
    assert [len(call.request.messages) for call in found] == [1, 3, 5, 7][: len(PAIRS)] * 2


@pytest.mark.parametrize("way", [
    "[10:0{n}:30] User: {}\n[10:0{n}:31] Bot: {}\n", "10:0{n} User: {}\n10:0{n} Bot: {}\n",
    "10:0{n} - User: {}\n10:0{n} - Bot: {}\n", "10:0{n}:30\nUser: {}\n\n10:0{n}:31\nBot: {}\n\n",
    "2025-03-04T10:0{n}:30.125+01:00 User: {}\n2025-03-04T10:0{n}:31.125+01:00 Bot: {}\n",
])  # fmt: skip
def test_times_before_who_speaks(tmp_path: Path, way: str) -> None:
    found = chat(tmp_path, "".join(way.format(*pair, n=n) for n, pair in enumerate(PAIRS)))
    assert [said(call) for call in found] == PAIRS
    assert [call.metered.at is not None for call in found] == ["T" in way] * len(PAIRS)


def test_times_in_what_is_said(tmp_path: Path) -> None:
    talk = [("Remind me at\n18:30\nto call mum", "Open between\n10:00\nand\n16:00\non Sundays."), *PAIRS]
    for way in ("10:0{n}\nUser: {}\n\n10:0{n}\n\nBot: {}\n\n", "10:0{n}\nUSER\n{}\n10:0{n}\nBOT\n{}\n"):
        found = chat(tmp_path, "".join(way.format(*pair, n=n) for n, pair in enumerate(talk)))
        assert [said(call) for call in found] == talk


@pytest.mark.parametrize(("user", "bot", "others"), [
    ("Customer - ", "Bot - ", ("User - ", "Bot - ")),
    ("User >> ", "AI >> ", ("Human >> ", "AI >> ")), ("USER\n", "ASSISTANT\n", ("USER\n", "Assistant\n")),
])  # fmt: skip
@pytest.mark.parametrize("place", [3, 600])
def test_a_rare_speaker_begins_a_turn(tmp_path: Path, user: str, bot: str, others: tuple[str, str], place: int) -> None:
    talk = PAIRS * (place // 3 + 2)
    sides = [others if at == place else (user, bot) for at in range(len(talk))]
    text = "".join(f"{me}{asked}\n{it}{told}\n" for (me, it), (asked, told) in zip(sides, talk, strict=True))
    assert [said(call) for call in chat(tmp_path, text)] == talk


def test_one_of_the_staff_speaks_once(tmp_path: Path) -> None:
    talk = [(asked, "I am Grace, an agent." if at == 5 else told) for at, (asked, told) in enumerate(PAIRS * 3)]
    sides = ["Agent" if at == 5 else "Bot" for at in range(len(talk))]
    lines = [f"Customer - {asked}\n{it} - {told}\n" for it, (asked, told) in zip(sides, talk, strict=True)]
    found = chat(tmp_path, "".join(lines))
    assert [said(call) for call in found] == [*talk[:5], *talk[6:]]
    assert found[-1].request.messages[11]["content"] == talk[5][1]


@pytest.mark.parametrize(
    ("way", "line"),
    [
        ("User - {}\nBot - {}\n", "Support - is open all day"),
        ("USER\n{}\n\nBOT\n{}\n\n", "Customer"),
        ("User >> {}\nAI >> {}\n", "Admin -> Users, then Add"),
    ],
)
@pytest.mark.parametrize("places", [(1,), (0, 2)])
def test_a_line_of_an_answer_begins_no_turn(tmp_path: Path, way: str, line: str, places: tuple[int, ...]) -> None:
    talk = [
        (one, f"{other}\n{line}\nand more." if at in places else other) for at, (one, other) in enumerate(PAIRS * 3)
    ]
    found = chat(tmp_path, "".join(way.format(*pair) for pair in talk))
    assert [said(call) for call in found] == talk


@pytest.mark.parametrize("way", [
    "{} - {}\n", "{} >> {}\n", "{}\n{}\n", "{} – {}\n", "--- {} ---\n{}\n", "{} -> {}\n", "{} | {}\n",
])  # fmt: skip
@pytest.mark.parametrize("sides", [("Customer", "Bot"), ("Kunde", "Assistent"), ("USER", "ASSISTANT")])
@pytest.mark.parametrize("quoted", [("User", "Assistant"), ("Human", "AI"), ("user", "bot"), ("Client", "Agent")])
@pytest.mark.parametrize("end", ["", "\nand more."])
def test_a_quoted_exchange_begins_no_turn(
    tmp_path: Path, way: str, sides: tuple[str, str], quoted: tuple[str, str], end: str
) -> None:
    lines = [way.format(name, said) for name, said in zip(quoted, ("hello there", "hi, what now?"), strict=True)]
    example = "".join(lines).rstrip("\n")
    for many, at in ((1, 1), (1, 3), (3, 4)):
        for side in (0, 1):
            talk = [list(pair) for pair in PAIRS * many]
            talk[at][side] += f" It may read:\n{example}{end}"
            text = "".join(way.format(name, said) for pair in talk for name, said in zip(sides, pair, strict=True))
            assert [list(said(call)) for call in chat(tmp_path, text)] == talk


@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize("many", [2, 3])
@pytest.mark.parametrize("way", ["{at}{gap}User: {}\n\n{at}{gap}Bot: {}\n\n", "{at}USER\n{}\n{at}BOT\n{}\n"])
def test_a_time_that_stands_twice_is_no_text(tmp_path: Path, gap: str, many: int, way: str) -> None:
    talk = [*PAIRS, ("Remind me at\n18:30\n18:30\nto call", "I will, at\n18:30\nsharp.")]
    for place in range(len(PAIRS)):
        stands = (f"10:0{n}\n{gap}" * (many if n == place else 1) for n in range(len(talk)))
        found = chat(
            tmp_path, "".join(way.format(*pair, at=at, gap=gap) for pair, at in zip(talk, stands, strict=True))
        )
        assert [said(call) for call in found] == talk


@pytest.mark.parametrize("facts", ["MODEL: nova-pro-1\nLATENCY: 1.25 s\n", "model = gpt-4o\nlatency_s = 1.25\n"])
@pytest.mark.parametrize("end", ["=" * 40 + "\n", "\n"])
def test_facts_above_prompts_in_a_frame(tmp_path: Path, facts: str, end: str) -> None:
    calls = "".join(f"{facts}--- PROMPT ---\n{one}\n--- RESPONSE ---\n{other}\n{end}" for one, other in PAIRS)
    found = chat(tmp_path, calls)
    assert [said(call) for call in found] == PAIRS
    assert [len(call.request.messages) for call in found] == [1] * len(PAIRS)
    assert {call.metered.latency_s for call in found} == {1.25}
    assert {call.model for call in found} <= {"nova-pro-1", "gpt-4o"}


@pytest.mark.parametrize("cell", [
    "Customer - Jane\nAgent - Bob", "user | model\nbot | o3", "User\n\nopens the app\n\nAgent\n\nanswers",
])  # fmt: skip
def test_forms_in_cells_are_no_chats(cell: str) -> None:
    assert messages_in(cell, is_chat=True) is None


def test_a_number_parts_conversations(tmp_path: Path) -> None:
    talk = "".join(f"User: {one}\nAI: {other}\n" for one, other in PAIRS)
    found = chat(tmp_path, f"Conversation 1\n{talk}\nConversation 2\n{talk}")
    assert [said(call) for call in found] == PAIRS * 2
    assert len({call.ids.session for call in found}) == 2

"""Rows that nobody says to the other side, two answers in a row, phone numbers that speak, and lines of loggers."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.ingest.records.rules import NOTHING_TO_ANSWER, calls_of
from advisor.types import Answer, Json, Metered, Request, Sample
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table, talk

NOTE = "internal: looks like fraud"


def tickets(**marks: Any) -> list[dict[str, Any]]:
    """A question, a note of the staff, and an answer each; ``marks``: what the note and the other two have."""
    (name, (note, said)) = next(iter(marks.items()))
    return [
        {
            "id": number,
            "comments": [
                {"author": {"role": "end-user"}, "body": asked, name: said},
                {"author": {"role": "agent"}, "body": NOTE, name: note},
                {"author": {"role": "agent"}, "body": answered, name: said},
            ],
        }
        for number, (asked, answered) in enumerate(PAIRS)
    ]


@pytest.mark.parametrize("marks", [
    {"public": (False, True)}, {"is_public": ("0", "1")}, {"internal": (True, False)}, {"private": ("yes", "no")},
    {"type": ("note", "comment")}, {"type": ("internal", "public")}, {"visibility": ("internal", "external")},
])  # fmt: skip
def test_notes_among_the_staff_are_not_said_to_the_customer(tmp_path: Path, marks: dict[str, Any]) -> None:
    nested = calls_in(tmp_path / "tickets.json", json.dumps({"tickets": tickets(**marks)}))
    flat = [
        {"ticket_id": ticket["id"], "role": each["author"]["role"], **each}
        for ticket in tickets(**marks) for each in ticket["comments"]
    ]  # fmt: skip
    rows = table(tmp_path / "comments.csv", [{k: v for k, v in row.items() if k != "author"} for row in flat])
    for calls in (nested, rows):
        assert [talk(call) for call in calls] == PAIRS
        assert all(len(call.request.messages) == 1 and call.not_replayable is None for call in calls)


@pytest.mark.parametrize("flag", [("private", True), ("public", False), ("type", "note")])
def test_flags_that_users_have_or_all_answers_mark_no_notes(tmp_path: Path, flag: tuple[str, Json]) -> None:
    for sides in (("user", "assistant"), ("assistant",)):
        rows = [
            {"chat_id": at, "role": role, "content": text, flag[0]: flag[1] if role in sides else None}
            for at, pair in enumerate(PAIRS) for role, text in zip(("user", "assistant"), pair, strict=True)
        ]  # fmt: skip
        assert [talk(call) for call in table(tmp_path / f"{len(sides)}.csv", rows)] == PAIRS


@pytest.mark.parametrize("marks", [
    {"private": ("true", "false")}, {"is_public": ("false", "true")}, {"visibility": ("internal", "public")},
])  # fmt: skip
@pytest.mark.parametrize("bot", ["assistant", "Support Bot"])
def test_what_only_a_bot_says_is_no_note(tmp_path: Path, marks: dict[str, Any], bot: str) -> None:
    (name, (on, off)) = next(iter(marks.items()))
    rows = [
        {"chat_id": at, "role": role, "content": text, name: on if at < 2 and role == bot else off}
        for at, pair in enumerate(PAIRS) for role, text in zip(("user", bot), pair, strict=True)
    ]  # fmt: skip
    assert [talk(call) for call in table(tmp_path / "a.csv", rows)] == PAIRS


@pytest.mark.parametrize("marks", [
    {"internal_note": ("true", "false")}, {"public": ("false", "true")}, {"part_type": ("note", "comment")},
])  # fmt: skip
@pytest.mark.parametrize("bot", ["assistant", "AI Agent"])
@pytest.mark.parametrize("every", [1, 2])
def test_notes_of_a_bot_beside_its_answers_are_not_said(
    tmp_path: Path, marks: dict[str, Any], bot: str, every: int
) -> None:
    (name, (on, off)) = next(iter(marks.items()))
    rows = [
        {"chat_id": at, "role": role, "content": text, name: on if text == NOTE else off}
        for at, (asked, answered) in enumerate(PAIRS)
        for role, text in (("customer", asked), (bot, NOTE), (bot, answered))
        if text != NOTE or at % every == 0
    ]
    calls = table(tmp_path / "a.csv", rows)
    assert [talk(call) for call in calls] == PAIRS
    assert {call.not_replayable for call in calls} == {None}


def slack(*events: tuple[str | None, str]) -> str:
    rows = []
    for at, (asked, answered) in enumerate(PAIRS):
        thread = f"17528330{at}0.000100"
        rows += [
            {"type": "message", "user": "U2", "text": asked, "ts": thread, "thread_ts": thread},
            {"type": "message", "subtype": "bot_message", "bot_id": "B1", "text": answered, "ts": f"17528330{at}5.0001",
             "thread_ts": thread},
        ]  # fmt: skip
    others = [
        {**({"subtype": kind} if kind else {}), "type": "message", "user": "U1", "text": text, "ts": f"{at}.0"}
        for at, (kind, text) in enumerate(events)
    ]  # fmt: skip
    return json.dumps([*others, *rows])


def test_what_happens_to_a_channel_of_slack_is_no_call(tmp_path: Path) -> None:
    kinds = (
        "channel_join",
        "channel_leave",
        "channel_topic",
        "channel_purpose",
        "channel_name",
        "pinned_item",
        "bot_add",
    )
    calls = calls_in(tmp_path / "a.json", slack(*((kind, f"<@U1> {kind}") for kind in kinds)))
    assert [talk(call) for call in calls] == PAIRS
    asked = calls_in(tmp_path / "b.json", slack(("thread_broadcast", "Is anybody here?"), ("channel_join", "joined")))
    assert [talk(call)[0] for call in asked].count("Is anybody here?") == 1


def test_two_answers_in_a_row_are_never_glued(tmp_path: Path) -> None:
    rows = [
        {"chat_id": at, "role": role, "content": text}
        for at, (asked, answered) in enumerate(PAIRS)
        for role, text in (("user", asked), ("assistant", "one moment please:"), ("assistant", answered))
    ]
    calls = table(tmp_path / "a.csv", rows)
    assert [call.answer and call.answer.text for call in calls] == [
        text for _, answered in PAIRS for text in ("one moment please:", answered)
    ]
    assert [call.not_replayable for call in calls] == [None, NOTHING_TO_ANSWER] * len(PAIRS)


@pytest.mark.parametrize(("begun", "answer", "whole"), [
    ('{"label":', ' "refund"}', '{"label": "refund"}'), ("The answer is", " Paris.", "The answer is Paris."),
    ("答案是", "巴黎", "答案是巴黎"), ("Sent", "iment: good", "Sentiment: good"), ("1", "2 items", "12 items"),
    ("The best label is", "refund", "The best label is refund"), ("The total is", "42.", "The total is 42."),
    ("Let me look that up for you", "Your order left.", None), ("looks like fraud", "Your order left.", None),
])  # fmt: skip
def test_what_a_prompt_begins_of_the_answer_is_part_of_it(begun: str, answer: str, whole: str | None) -> None:
    messages: list[dict[str, Json]] = [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": begun}]
    (call,) = calls_of(Sample(request=Request(messages=messages), answer=Answer(text=answer), metered=Metered()))
    assert call.answer == Answer(text=whole or answer)
    assert call.not_replayable == (None if whole else NOTHING_TO_ANSWER)


@pytest.mark.parametrize("who", ["+44 7700 900123", "\u202a+49\u00a0170\u00a01234567\u202c", "+1 (415) 555-0132"])
@pytest.mark.parametrize("notice", [
    "", "03/06/2025, 09:00 - Messages and calls are end-to-end encrypted. No one outside of this chat, not even "
    "WhatsApp, can read or listen to them.\n",
])  # fmt: skip
def test_a_phone_number_speaks_as_a_name_does(tmp_path: Path, who: str, notice: str) -> None:
    way = "19/07/2025, 14:0{n} - {who}: {asked}\n19/07/2025, 14:0{n} - Nordkap Assistant: {answered}\n"
    found: dict[str, Any] = {}
    for name in (who, "Tom"):
        lines = [way.format(n=n, who=name, asked=one, answered=two) for n, (one, two) in enumerate(PAIRS)]
        calls = calls_in(tmp_path / f"{len(found)}.txt", notice + "".join(lines))
        found[name] = [(talk(call), len(call.request.messages)) for call in calls]
    assert found[who] == found["Tom"] == [(pair, 1 + 2 * at) for at, pair in enumerate(PAIRS)]


def test_a_number_before_a_colon_within_what_is_said_speaks_for_nobody(tmp_path: Path) -> None:
    said = [(f"{asked}\n+1: a plus", f"{answered}\n+3.5: the score") for asked, answered in PAIRS]
    text = "".join(f"User: {asked}\nBot: {answered}\n" for asked, answered in said)
    assert [talk(call) for call in calls_in(tmp_path / "a.txt", text)] == said


@pytest.mark.parametrize("way", [
    "2025-07-03 08:1{n}:39 | INFO | chat:handle:42 - [2bcc{n}4d] {who}: {text}",
    "2025-07-03 08:1{n}:39.123 | INFO     | app.chat:handle:42 - [2bcc{n}4d] {who}: {text}",
    "2025-05-03 08:0{n}:00 | INFO | [ab12cd{n}] {who}: {text}", "2025-05-03 08:0{n}:00 INFO [ab12cd{n}] {who}: {text}",
    "2025-05-03 08:0{n}:00,120 INFO app.chat - [req-{n}] {who}: {text}",
    "[2025-05-03 08:0{n}:00] [req-{n}] {who} >>> {text}", "[2025-05-03T08:0{n}:00Z] [{n}f2a] {who}: {text}",
])  # fmt: skip
def test_lines_of_loggers_are_paired_by_the_id_in_brackets(tmp_path: Path, way: str) -> None:
    pairs = [*PAIRS[:3], (PAIRS[3][0], f"{PAIRS[3][1]}\n- and cash")]
    user, bot = ("PROMPT", "RESPONSE") if ">>>" in way else ("User", "Bot")
    asked = [way.format(n=n, who=user, text=text) for n, (text, _) in enumerate(pairs)]
    answered = [way.format(n=n, who=bot, text=text) for n, (_, text) in enumerate(pairs)]
    http = 'HTTP Request: POST https://api.openai.com/v1/chat/completions "HTTP/1.1 200 OK"'
    others = [f"2025-07-03 08:15:39 | INFO | httpx:send:10 - {http}", "2025-07-03 08:15:39 | DEBUG | db:get:7 - loaded"]
    lines = [*asked[:2], *others, *answered[:2], asked[2], answered[2], *others, asked[3], answered[3], *others]
    calls = calls_in(tmp_path / "app.log", "\n".join(lines) + "\n")
    assert [talk(call) for call in calls] == pairs
    assert len({call.ids.session for call in calls}) == len(pairs)
    assert all(len(call.request.messages) == 1 for call in calls)


@pytest.mark.parametrize("way", [
    "2025-05-03 08:0{n}:00 | INFO | chat:handle:42 - {who}: {text}", "2025-05-03 08:0{n}:00,120 INFO {who}: {text}",
    "2025-05-03 08:0{n}:00 | INFO | chat:handle:42 - [worker-1] {who}: {text}",
    "[2025-05-03 08:0{n}:00] [worker-1] {who} >>> {text}",
])  # fmt: skip
def test_lines_of_loggers_without_ids_follow_each_other(tmp_path: Path, way: str) -> None:
    lines = [
        way.format(n=n, who=who, text=text)
        for n, pair in enumerate(PAIRS) for who, text in zip(("User", "Bot"), pair, strict=True)
    ]  # fmt: skip
    calls = calls_in(tmp_path / "app.log", "\n".join(lines) + "\n")
    assert [talk(call) for call in calls] == PAIRS
    assert [len(call.request.messages) for call in calls] == [1, 3, 5, 7]


@pytest.mark.parametrize("ids", [("4000", "4001"), ("thread-0", "thread-1"), ("ThreadPool-0_1", "worker-2")])
def test_processes_and_threads_of_a_logger_are_no_conversations(tmp_path: Path, ids: tuple[str, str]) -> None:
    lines = [
        f"2025-05-03 08:0{n}:0{at} INFO [{ids[(n + at) % 2]}] {who}: {text}"
        for n, pair in enumerate(PAIRS) for at, (who, text) in enumerate(zip(("User", "Bot"), pair, strict=True))
    ]  # fmt: skip
    assert [talk(call) for call in calls_in(tmp_path / "app.log", "\n".join(lines) + "\n")] == PAIRS


@pytest.mark.parametrize("way", ["1041", "4000", "Thread-{n}", "worker-{n}", "req-{n}", "{n}"])
def test_calls_of_several_users_at_a_time_are_paired_by_any_id(tmp_path: Path, way: str) -> None:
    ids = [way.format(n=n) if "{" in way else str(int(way) + n) for n in range(len(PAIRS))]
    lines = [
        f"2025-05-03 08:0{n}:0{at} INFO [{ids[n]}] {who}: {PAIRS[n][at]}"
        for two in ((0, 1), (2, 3)) for at, who in enumerate(("User", "Bot")) for n in two
    ]  # fmt: skip
    calls = calls_in(tmp_path / "app.log", "\n".join(lines) + "\n")
    assert [talk(call) for call in calls] == PAIRS
    assert len({call.ids.session for call in calls}) == len(PAIRS)


@pytest.mark.parametrize("way", ["{who}: {text}", "[2025-05-03 08:0{n}:00] {who}: {text}"])
@pytest.mark.parametrize("line", [
    "2025-05-03 08:00:02,120 INFO httpx - HTTP Request: POST https://api.openai.com/v1/chat/completions", "[2025-05-03 "
    "08:00:02] INFO Retrieved 4 documents", "2025-05-03 08:00:02.120 | INFO     | app:ask:42 - done",
])  # fmt: skip
@pytest.mark.parametrize("is_after", [False, True])
def test_lines_of_a_logger_within_a_printed_chat_are_not_said(
    tmp_path: Path, way: str, line: str, *, is_after: bool
) -> None:
    lines = []
    for n, (asked, answered) in enumerate(PAIRS):
        said = [way.format(n=n, who=who, text=text) for who, text in (("You", asked), ("Bot", answered))]
        said.insert(1 + is_after, line)
        lines += said
    assert [talk(call) for call in calls_in(tmp_path / "app.log", "\n".join(lines) + "\n")] == PAIRS


@pytest.mark.parametrize("who", ["Request", "API Request", "Client", "openai", "Agent", "Tool", "HTTP Request"])
def test_requests_that_a_logger_writes_are_not_said(tmp_path: Path, who: str) -> None:
    lines = []
    for n, (asked, answered) in enumerate(PAIRS):
        http = [f"server - {who}: POST /chat 200", f'server - {who}: GET https://api.x.ai/v1 "HTTP/1.1 200 OK"']
        said = [f"chat - User: {asked}", *http, f"chat - Bot: {answered}", f"server - {who}: DELETE /chat"]
        lines += [f"2025-05-03 08:0{n}:0{at},120 INFO {text}" for at, text in enumerate(said)]
    assert [talk(call) for call in calls_in(tmp_path / "app.log", "\n".join(lines) + "\n")] == PAIRS


@pytest.mark.parametrize("way", ["{who}: {text}", "[2025-05-03 08:0{n}:00] {who}: {text}", "**{who}:** {text}"])
def test_lines_of_a_log_that_somebody_pastes_stay(tmp_path: Path, way: str) -> None:
    pasted = "What is it?\n" + 9 * "2024-05-01 10:00:00,123 ERROR Connection refused\n" + "and how do I mend it?"
    pairs = [*PAIRS, (pasted, "The line\n2024-05-01 10:00:00 WARNING Disk full\nsays so.")]
    lines = [
        way.format(n=n, who=who, text=text)
        for n, pair in enumerate(pairs) for who, text in zip(("User", "Bot"), pair, strict=True)
    ]  # fmt: skip
    assert [talk(call) for call in calls_in(tmp_path / "a.txt", "\n".join(lines) + "\n")] == pairs


@pytest.mark.parametrize(
    "way", ["2025-05-03 08:0{n}:00,120 INFO chat - {who}: {text}", "2025-05-03 08:0{n}:00 INFO {who}: {text}"]
)
def test_a_request_that_somebody_speaks_of_is_said(tmp_path: Path, way: str) -> None:
    pairs = [*PAIRS, ("GET /users returns 404, why is that?", "POST /orders with your id does it.")]
    lines = [
        way.format(n=n, who=who, text=text)
        for n, pair in enumerate(pairs) for who, text in zip(("User", "Bot"), pair, strict=True)
    ]  # fmt: skip
    http = '2025-05-03 08:09:00,120 INFO httpx - HTTP Request: POST https://api.openai.com/v1/chat/completions "200"'
    calls = calls_in(tmp_path / "app.log", "\n".join([*lines[:1], http, *lines[1:]]) + "\n")
    assert [talk(call) for call in calls] == pairs


def test_times_and_levels_that_somebody_says_stay(tmp_path: Path) -> None:
    pairs = [*PAIRS, ("What does this mean?\nINFO: ready\nERROR [x1] failed", "It failed.\nWARN: see above")]
    text = "".join(f"User: {asked}\nBot: {answered}\n" for asked, answered in pairs)
    assert [talk(call) for call in calls_in(tmp_path / "a.txt", text)] == pairs


def test_a_third_name_beside_both_sides_is_asked_about_and_the_guess_is_right(tmp_path: Path) -> None:
    said = []
    for asked, answered in PAIRS:
        said += [
            ("Visitor", asked),
            ("HelpBot", answered),
            ("Visitor", "A person, please."),
            ("Lena Fischer", "Hi, this is Lena. How can I help?"),
        ]
    rows = [{"conversation_id": at // 8, "sender": who, "text": text} for at, (who, text) in enumerate(said)]
    with pytest.raises(BadInput, match="Best guess: one row per turn") as refusal:
        table(tmp_path / "a.csv", rows)
    told = shlex.split(str(refusal.value).partition("--columns ")[2])[0]
    assert "speaker=sender" in told
    columns = dict(each.split("=") for each in told.split(","))
    calls = [each for _, each in read_log(open_log(tmp_path / "a.csv", columns=columns)) if isinstance(each, Sample)]
    assert [talk(call) for call in calls] == PAIRS


@pytest.mark.parametrize(
    "other", ["MODEL >>> gpt-4o", "TOKENS >>> 41", "LATENCY >>> 812 ms", "INFO: done", "Error: 429"]
)
def test_other_lines_with_an_id_in_brackets_are_no_turns(tmp_path: Path, other: str) -> None:
    lines = [
        f"[2025-05-03 08:0{n}:0{at}] [req-{n}] {said}"
        for n, (asked, answered) in enumerate(PAIRS)
        for at, said in enumerate((other, f"USER >>> {asked}", other, f"BOT >>> {answered}", other))
    ]
    assert [talk(call) for call in calls_in(tmp_path / "app.log", "\n".join(lines) + "\n")] == PAIRS


@pytest.mark.parametrize("level", ["ERROR", "[CRITICAL]"])
def test_lines_of_errors_that_users_ask_about_are_kept(tmp_path: Path, level: str) -> None:
    quoted = [f"2025-05-03 08:0{n}:00,120 {level} db - refused" for n in range(len(PAIRS))]
    asked = [f"{text}\n{line}\nTraceback" for (text, _), line in zip(PAIRS, quoted, strict=True)]
    lines = [f"User: {one}\nBot: {answered}\n" for one, (_, answered) in zip(asked, PAIRS, strict=True)]
    found = calls_in(tmp_path / "chat.txt", "".join(lines))
    assert [call.request.messages[-1]["content"] for call in found] == asked

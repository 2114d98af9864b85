"""What is replaced, what is not, and that placeholders agree within a sample."""

import json
import socket
from typing import Any

import pytest

from advisor.ingest.redact import Redactor
from advisor.types import Answer, Request, Sample, ToolCall


def redacted(text: str) -> str:
    result = Redactor().redact(Sample(request=Request(messages=[{"role": "user", "content": text}])))
    return str(result.request.messages[0]["content"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to Ann.Lee@example.com now", "Write to <EMAIL_1> now"),
        ("user@host.internal", "<EMAIL_1>"),
        ("a@x.org, b@x.org and A@x.org", "<EMAIL_1>, <EMAIL_2> and <EMAIL_1>"),
        ("ring (212) 555-0198 or +44 20 7946 0958", "ring <PHONE_1> or <PHONE_2>"),
        ("call me at 4155552671", "call me at <PHONE_1>"),
        ("+14155552671", "<PHONE_1>"),
        ("card 4111 1111 1111 1111", "card <CARD_1>"),
        ("pay to DE89370400440532013000", "pay to <IBAN_1>"),
        ("host 192.168.0.123 is down", "host <IP_1> is down"),
        ("ssn 536-90-4399", "ssn <SSN_1>"),
        ("key sk-proj-abcdefghijklmnop1234567890", "key <SECRET_1>"),
        ("AKIAIOSFODNN7EXAMPLE", "<SECRET_1>"),
        ("ghp_" + "a" * 36, "<SECRET_1>"),
        ("Authorization: Bearer abcdef0123456789abcdef", "Authorization: Bearer <SECRET_1>"),
        ("-----BEGIN RSA PRIVATE" + " KEY-----\nMIIE\n-----END RSA PRIVATE" + " KEY-----\nrest", "<SECRET_1>\nrest"),
    ],
)
def test_what_is_replaced(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111 1111 1112",  # wrong check digit
        "order 1643587200000 of 2024-05-20, at 0.998123456",
        "std::vector<int> v; a::b",
        "version 1.2.3, 12/31/2024, see https://example.com/path",
        "task-force-and-other-long-hyphenated-words",
    ],
)
def test_what_stays(text: str) -> None:
    assert redacted(text) == text


def test_one_value_has_one_placeholder_everywhere() -> None:
    sample = Sample(
        request=Request(
            messages=[
                {"role": "user", "content": [{"type": "text", "text": "I am ann@x.org"}]},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {
                            "id": "c",
                            "type": "function",
                            "function": {"name": "f", "arguments": '{"mail": "ann@x.org", "n": 4111111111111111}'},
                        }
                    ],
                },
                {"role": "tool", "tool_call_id": "c", "content": "bob@x.org"},
            ]
        ),
        answer=Answer(text="Mail to ann@x.org", tool_calls=(ToolCall(name="g", arguments='{"to": "bob@x.org"}'),)),
        target={"to": ["ann@x.org"], "n": 1, "none": None},
        has_target=True,
        error="key sk-abcdefghijklmnopqrst was refused",
    )
    redactor = Redactor()
    result = redactor.redact(sample)
    assert result.request.messages[0]["content"] == [{"type": "text", "text": "I am <EMAIL_1>"}]
    arguments: Any = result.request.messages[1]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"mail": "<EMAIL_1>", "n": 4111111111111111}
    assert result.request.messages[2]["content"] == "<EMAIL_2>"
    assert result.answer == Answer(
        text="Mail to <EMAIL_1>", tool_calls=(ToolCall(name="g", arguments='{"to":"<EMAIL_2>"}'),)
    )
    assert result.target == {"to": ["<EMAIL_1>"], "n": 1, "none": None}
    assert result.error == "key <SECRET_1> was refused"
    assert redactor.counts == {"EMAIL": 6, "SECRET": 1}
    assert sample.answer is not None
    assert sample.answer.text == "Mail to ann@x.org"


def test_redaction_asks_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("redaction asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert redacted("new@never-seen-before.example") == "<EMAIL_1>"


def test_names_and_ids_are_cleaned_and_stay_apart() -> None:
    redactor = Redactor()
    messages = [{"role": "user", "name": "ann@x.org", "content": "I am ann@x.org"}]
    first, again, other = (
        redactor.redact(
            Sample(
                request=Request(messages=messages),
                session=session,
                external_id=f"{session}/7",
                use_case="Mail of ann@x.org",
                not_replayable="refused for ann@x.org",
            )
        )
        for session in ("ann@x.org", "ann@x.org", "bob@x.org")
    )
    assert first.request.messages == [{"role": "user", "name": "EMAIL_1", "content": "I am <EMAIL_1>"}]
    assert (first.use_case, first.not_replayable) == ("Mail of <EMAIL_1>", "refused for <EMAIL_1>")
    assert "x.org" not in repr([first, again, other])
    assert first.session == again.session
    assert first.session != other.session
    elsewhere = Redactor().redact(Sample(request=Request(messages=messages), session="ann@x.org"))
    assert elsewhere.session != first.session, "nobody can look it up"
    assert Redactor().redact(Sample(request=Request(messages=messages), session="s-17")).session == "s-17"

"""What is replaced, what is not, and that placeholders agree within a sample."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.redaction import people
from advisor.ingest.redaction.redact import Redactor
from advisor.types import Answer, CallIds, Reference, Request, Sample, ToolCall


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
        reference=Reference({"to": ["ann@x.org"], "n": 1, "none": None}),
        error="key sk-abcdefghijklmnopqrst was refused",
    )
    redactor = Redactor()
    result = redactor.redact(sample)
    assert result.request.messages[0]["content"] == [{"type": "text", "text": "I am <EMAIL_1>"}]
    arguments: Any = result.request.messages[1]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"mail": "<EMAIL_1>", "n": "<CARD_1>"}
    assert result.request.messages[2]["content"] == "<EMAIL_2>"
    assert result.answer == Answer(
        text="Mail to <EMAIL_1>", tool_calls=(ToolCall(name="g", arguments='{"to": "<EMAIL_2>"}'),)
    )
    assert result.reference == Reference({"to": ["<EMAIL_1>"], "n": 1, "none": None})
    assert result.error == "key <SECRET_1> was refused"
    assert redactor.counts == {"EMAIL": 6, "CARD": 1, "SECRET": 1}
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
                ids=CallIds(session=session, external_id=f"{session}/7"),
                use_case="Mail of ann@x.org",
                not_replayable="refused for ann@x.org",
            )
        )
        for session in ("ann@x.org", "ann@x.org", "bob@x.org")
    )
    assert first.request.messages == [{"role": "user", "name": "EMAIL_1", "content": "I am <EMAIL_1>"}]
    assert (first.use_case, first.not_replayable) == ("Mail of <EMAIL_1>", "refused for <EMAIL_1>")
    assert "x.org" not in repr([first, again, other])
    assert first.ids.session == again.ids.session
    assert first.ids.session != other.ids.session
    elsewhere = Redactor().redact(Sample(request=Request(messages=messages), ids=CallIds(session="ann@x.org")))
    assert elsewhere.ids.session != first.ids.session, "nobody can look it up"
    assert (
        Redactor().redact(Sample(request=Request(messages=messages), ids=CallIds(session="s-17"))).ids.session == "s-17"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"phone": "4155552671", "id": "4155552671"}', '{"phone": "<PHONE_1>", "id": "4155552671"}'),
        ('{"phone": {"home": 4155552671}}', '{"phone": {"home": "<PHONE_1>"}}'),
        ('{"userPassword": "correct horse", "n": 1}', '{"userPassword": "<SECRET_1>", "n": 1}'),
        ('{"ann@x.org": {"dateOfBirth": "1990-02-03"}}', '{"<EMAIL_1>": {"dateOfBirth": "<BIRTH_DATE_1>"}}'),
        ('{"a":\n  "see\\nann@x.org",  "b": [1.50, true]}', '{"a":\n  "see\\n<EMAIL_1>",  "b": [1.50, true]}'),
        ('{"log": "{\\"mail\\": \\"ann@x.org\\"}"}', '{"log": "{\\"mail\\": \\"<EMAIL_1>\\"}"}'),
        ('{"url": "https:\\/\\/u:Zx81kLm2@x.org"}', '{"url": "https://<SECRET_1>@x.org"}'),
        ('Use {"ssn": 536904399}.', 'Use {"ssn": "<SSN_1>"}.'),
        ('print("hi\\nann@x.org")', 'print("hi\\n<EMAIL_1>")'),
    ],
)
def test_json_stays_json_and_a_key_tells_what_its_value_is(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_media_stay_as_they_are() -> None:
    url = "data:image/png;base64," + "AKIA" + "A1B2" * 400
    content = [
        {"type": "image_url", "image_url": {"url": url}},
        {"type": "input_audio", "input_audio": {"data": "AKIA" + "ABCD" * 400, "format": "wav"}},
        {"type": "file", "file": {"filename": "ann@x.org.pdf", "file_data": url}},
    ]
    result = Redactor().redact(Sample(request=Request(messages=[{"role": "user", "content": content}])))
    redacted_content = result.request.messages[0]["content"]
    assert redacted_content[:2] == content[:2]
    assert redacted_content[2]["file"] == {"filename": "<EMAIL_1>", "file_data": url}


def test_parameters_are_redacted_and_schemas_still_hold() -> None:
    tool = {
        "type": "function",
        "function": {
            "name": "mail_ann@x.org",
            "description": "Writes to ann@x.org",
            "parameters": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "description": "For example ann@x.org", "default": "ann@x.org"},
                    "ann@x.org": {"enum": ["ann@x.org", "bob@x.org"], "pattern": "bob@x.org"},
                    "phone": {"type": "string", "enum": ["5551234"]},
                },
                "required": ["ann@x.org"],
            },
        },
    }
    params = {"tools": [tool], "stop": ["bob@x.org"], "seed": 4111111111111111, "temperature": 0.2}
    result = Redactor().redact(
        Sample(
            request=Request(messages=[{"role": "user", "content": "I am bob@x.org"}], params=params),
            answer=Answer(tool_calls=(ToolCall(name="f", arguments='{"ann@x.org": "bob@x.org", "phone": "5551234"}'),)),
        )
    )
    function = result.request.params["tools"][0]["function"]
    assert function["name"] == "mail_ann@x.org"
    assert function["description"] == "Writes to <EMAIL_2>"
    properties = function["parameters"]["properties"]
    assert properties["name"] == {"type": "string", "description": "For example <EMAIL_2>", "default": "<EMAIL_2>"}
    assert properties["<EMAIL_2>"] == {"enum": ["<EMAIL_2>", "<EMAIL_1>"], "pattern": "bob@x.org"}
    assert function["parameters"]["required"] == ["<EMAIL_2>"]
    assert properties["phone"]["enum"] == ["<PHONE_1>"]
    assert result.answer is not None  # and what was valid is valid still
    assert json.loads(result.answer.tool_calls[0].arguments) == {"<EMAIL_2>": "<EMAIL_1>", "phone": "<PHONE_1>"}
    assert result.request.params["stop"] == ["<EMAIL_1>"]
    assert result.request.params["seed"] == 4111111111111111


def test_one_key_makes_the_same_pseudonyms() -> None:
    sample = Sample(request=Request(messages=[]), ids=CallIds(session="ann@x.org", external_id="s-17"))
    first, again, other = (Redactor(key).redact(sample) for key in (b"k" * 32, b"k" * 32, b"o" * 32))
    assert first.ids.session == again.ids.session
    assert first.ids.session != other.ids.session
    assert first.ids.external_id == "s-17"


def test_examples_show_the_text_around_a_find() -> None:
    redactor = Redactor(examples=2)
    for name in ("ann", "bob", "cid"):
        redactor.redact(Sample(request=Request(messages=[{"role": "user", "content": f"Write to {name}@x.org now"}])))
    assert redactor.counts == {"EMAIL": 3}
    assert redactor.examples == {
        "EMAIL": [(f"Write to {name}@x.org now", "Write to <EMAIL_1> now") for name in ("ann", "bob")]
    }


def test_overlapping_finds_become_one() -> None:
    assert redacted("postgres://ann:Zx81kLm2@db.x.org/main") == "postgres://<SECRET_1>@db.x.org/main"
    assert redacted("password: ann@x.org-77!") == "password: <SECRET_1>"


@pytest.mark.parametrize(
    "text",
    [
        "password:" * 20_000,
        "key=" * 50_000,
        "sk-" * 60_000,
        "1 " * 100_000,
        "a@" * 100_000,
        "ab:" * 60_000,
        "address: " + "Abc " * 40_000,
        "http://" + "a:" * 90_000,
        "curl -u " * 30_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_texts_end(text: str) -> None:
    assert len(Redactor().redact_text(text)) > 0


@pytest.fixture
def installed_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A spaCy package as ``pip`` lays it out, its recogniser of names a list of them instead of a trained one."""
    pipeline = pytest.importorskip("spacy").blank("en")
    patterns = [{"label": "PERSON", "pattern": name} for name in ("Odile Varga", "Varga", "Kubernetes")]
    pipeline.add_pipe("entity_ruler", name="ner").add_patterns(patterns)
    (tmp_path / "en_made_lg").mkdir()
    pipeline.to_disk(tmp_path / "en_made_lg" / "pipeline")
    load = "import spacy\n\ndef load(**options):\n    return spacy.load(__path__[0] + '/pipeline', **options)\n"
    (tmp_path / "en_made_lg" / "__init__.py").write_text(load)
    about = tmp_path / "en_made_lg-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: en_made_lg\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[spacy_models]\nen_made_lg = en_made_lg\n")
    monkeypatch.syspath_prepend(tmp_path)
    forget_models()
    yield
    monkeypatch.undo()
    forget_models()


def forget_models() -> None:
    people._models.cache_clear()
    people._pipeline.cache_clear()


@pytest.mark.usefixtures("installed_model")
def test_names_are_found_where_a_model_is_installed() -> None:
    assert people.names_available()
    text = "Please tell Odile Varga that Kubernetes is down. Varga's phone is off, says Odile Varga."
    expected = "Please tell <PERSON_1> that Kubernetes is down. <PERSON_2>'s phone is off, says <PERSON_1>."
    assert redacted(text) == expected

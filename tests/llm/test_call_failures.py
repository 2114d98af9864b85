"""Providers' own words for what went wrong, and what may never be in a message."""

from datetime import UTC, datetime

import pytest

from advisor.llm.failures import read_error, refused, retry_after_s, scrub
from advisor.llm.indirect import provider_words
from advisor.llm.masking import Mask
from advisor.types import FailureKind

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"error": {"message": "This model\'s maximum context length is 8192 tokens."}}', "context_overflow"),
        (
            400,
            '{"error": {"type": "exceed_context_size_error", "message": "request (9021 tokens)"}}',
            "context_overflow",
        ),
        (400, '{"error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}}', "context_overflow"),
        (413, '{"message": "too many tokens in the request"}', "context_overflow"),
        (400, '{"error": {"code": "content_filter", "message": "x"}}', "content_filter"),
        (400, '{"error": {"message": "Invalid value for temperature."}}', "bad_request"),
        (400, '[{"error": {"code": 400, "message": "API key not valid. Please pass one.", "status": "X"}}]', "auth"),
        (400, '{"error": {"message": "Your credit balance is too low"}}', "auth"),
        (402, '{"error": {"message": "Insufficient credits"}}', "auth"),
        (403, '{"error": {"message": "This key may not use the model."}}', "auth"),
        (403, '{"error": {"message": "The model requires moderation and your input was flagged"}}', "content_filter"),
        (404, '{"detail": "Not Found"}', "not_found"),
        (408, "", "timeout"),
        (409, '{"error": {"message": "Another request holds the lock"}}', "server"),
        (422, '{"detail": [{"loc": ["body"], "msg": "field required"}]}', "bad_request"),
        (429, '{"error": {"message": "Slow down"}}', "rate_limit"),
        (429, '{"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}', "auth"),
        (500, '{"error": {"message": "Context size has been exceeded."}}', "server"),  # other calls filled it
        (500, '{"error": {"message": "image input is not supported"}}', "bad_request"),
        (502, "<html><body><h1>Bad Gateway</h1></body></html>", "server"),
        (529, '{"error": {"type": "overloaded_error", "message": "Overloaded"}}', "server"),
    ],
)
def test_kind(status: int, body: str, kind: str) -> None:
    assert refused(status, body.encode(), {}).kind == FailureKind(kind)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"error": {"message": "a"}}', "a"),
        ('{"error": "b"}', "b"),
        ('{"detail": "c"}', "c"),
        ('{"message": "d"}', "d"),
        ('[{"error": {"message": "e"}}]', "e"),
        ("plain words", "plain words"),
        ("<html><body>Bad  Gateway</body></html>", "Bad  Gateway"),
        ("", ""),
        ('{"error": null}', '{"error":null}'),
    ],
)
def test_message_in_any_shape(body: str, message: str) -> None:
    assert read_error(body.encode())[0] == message


def test_redirects_say_where_to() -> None:
    error = refused(307, b"", {"Location": "https://host/v1/chat/completions/"})
    assert error.kind == FailureKind.BAD_REQUEST
    assert "https://host/v1/chat/completions/" in str(error)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "-4"}, 0.0),
        ({"Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"Retry-After": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"retry-after-ms": "250", "Retry-After": "1"}, 0.25),
    ],
)
def test_retry_after(headers: dict[str, str], wait: float | None) -> None:
    assert retry_after_s(headers, NOW) == wait


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: s" + "k-example-abcdefghijkl",
        'headers={"Authorization": "Bearer example.token.value"}',
        "api_key=examplevalue99 is wrong",
        "the key of the team is teamkey-example",
        "s" + "k-proj-ab***********wxyz is not active",
    ],
)
def test_no_key_leaves(text: str) -> None:
    said = scrub(text, Mask(["teamkey-example"]))
    assert "[key]" in said
    for secret in ("abcdefghijkl", "example.token", "examplevalue99", "teamkey-example", "wxyz"):
        assert secret not in said


def test_ordinary_words_stay() -> None:
    text = "max_tokens: 4096 is too large; the token: 12345678 limit of this API key is 10"
    assert scrub(text) == text


def test_one_line_of_at_most_300_characters() -> None:
    said = scrub("word\n\t " * 200)
    assert "\n" not in said
    assert len(said) == 300
    assert said.endswith("…")


def test_a_message_can_be_stored_and_hides_no_key() -> None:
    assert scrub("a\ud800b\0c \U0001f600") == "a\ufffdbc \U0001f600"
    assert scrub("it is team\0key-example", Mask(["teamkey-example"])) == "it is [key]"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ('litellm.AuthenticationError: AnthropicException - b\'{"error": {"message": "no key"}}\'', "no key"),
        ('litellm.BadRequestError: XException - {"error": {"message": "too hot"}}', "too hot"),
        ("litellm.APIError: b'half a", "b'half a"),
        ("plain words", "plain words"),
    ],
)
def test_a_provider_is_quoted_and_not_its_whole_body(made: str, said: str) -> None:
    assert provider_words(made) == said

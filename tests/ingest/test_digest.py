"""Which rows are the same call."""

from dataclasses import replace
from datetime import UTC, datetime

from advisor.ingest.digest import content_digest, digest
from advisor.types import Answer, Request, Sample

CALL = Sample(
    request=Request(messages=[{"role": "user", "content": "Hi"}], params={"temperature": 0}),
    answer=Answer(text="Hello"),
    at=datetime(2025, 3, 1, tzinfo=UTC),
)


def test_a_response_id_decides() -> None:
    one, other = replace(CALL, response_id="chatcmpl-1"), replace(CALL, response_id="chatcmpl-1", answer=None, at=None)
    assert digest(one, 1) == digest(other, 7)
    assert digest(one, 1) != digest(replace(CALL, response_id="chatcmpl-2"), 1)


def test_else_content_time_and_occurrence_decide() -> None:
    assert digest(CALL, 1) == digest(replace(CALL, use_case="x", external_id="row 2", id=4), 1)
    assert digest(CALL, 1) != digest(CALL, 2)
    for changed in (
        replace(CALL, at=datetime(2025, 3, 2, tzinfo=UTC)),
        replace(CALL, answer=Answer(text="Hello!")),
        replace(CALL, answer=None),
        replace(CALL, request=replace(CALL.request, params={})),
    ):
        assert content_digest(changed) != content_digest(CALL)
        assert digest(changed, 1) != digest(CALL, 1)


def test_the_order_of_keys_does_not_matter() -> None:
    request = Request(messages=[{"content": "Hi", "role": "user"}], params={"temperature": 0})
    assert content_digest(replace(CALL, request=request)) == content_digest(CALL)

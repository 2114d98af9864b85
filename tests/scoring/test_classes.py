"""Kinds of right answers: labels and tools; texts, objects and several right ones are of no kind."""

import pytest

from advisor.scoring.fields import right_fields
from advisor.scoring.matching import NO_CALL, class_of
from advisor.types import Json, Kind, Request

TOOLS = Request(messages=[], params={"tools": [{"type": "function", "function": {"name": "book"}}]})
PLAIN = Request(messages=[])


@pytest.mark.parametrize(
    ("kind", "request_", "target", "found"),
    [
        (Kind.CLASSIFICATION, PLAIN, "Refund Request", "refund request"),
        (Kind.CLASSIFICATION, PLAIN, {"label": "bug", "priority": 2}, "bug"),
        (Kind.CLASSIFICATION, PLAIN, ["bug", "Bug"], "bug"),
        (Kind.CLASSIFICATION, PLAIN, ["bug", "billing"], None),
        (Kind.QUESTION_ANSWERING, PLAIN, True, "true"),
        (Kind.QUESTION_ANSWERING, PLAIN, "a whole sentence that is no label", None),
        (Kind.EXTRACTION, PLAIN, {"label": "bug", "total": 2}, None),
        (Kind.TOOL_USE, TOOLS, {"name": "book", "arguments": {"city": "Oslo"}}, "book"),
        (Kind.TOOL_USE, TOOLS, None, NO_CALL),
        (Kind.TOOL_USE, TOOLS, {"any_of": [{"name": "book", "arguments": {}}, None]}, None),
    ],
)
def test_a_right_answer_is_of_a_class(kind: Kind, request_: Request, target: Json, found: str | None) -> None:
    assert class_of(kind, request_, target) == found


def test_a_field_of_a_list_is_right_where_any_of_it_is() -> None:
    target = {"id": 1, "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}], "note": None}
    given = {"id": 2, "items": [{"sku": "a", "n": 7}]}
    assert right_fields(target, given) == {"id": False, "items[].sku": True, "items[].n": False}
    assert set(right_fields(target, None).values()) == {False}

"""Tests of JSON Schema, ours and the official ones of draft 2020-12, against the check that judges models' answers."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.scoring.schema import violation
from advisor.scoring.validity import validity
from advisor.types import Answer, Request


@pytest.fixture(scope="module", params=["fixtures", pytest.param("shared", marks=pytest.mark.shared)])
def suite(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """Without the tests that need a document from another address or a dialect of its own."""
    folder: Path = request.getfixturevalue(request.param)
    if request.param == "fixtures":
        lines = (folder / "schema_tests.jsonl").read_bytes().splitlines()
    else:
        packed = folder / "truth" / "json_schema_suite" / "draft2020-12_required.jsonl.gz"
        lines = gzip.decompress(packed.read_bytes()).splitlines()
    tests = [json.loads(line) for line in lines]
    return [test for test in tests if not test["needs_remote"] and test["file"] != "vocabulary.json"]


def told(suite: list[dict[str, Any]]) -> list[str]:
    found = [violation(test["data"], test["schema"]) for test in suite]
    return [each for each in found if each is not None]


def test_every_test_of_the_suite_is_judged_as_published(suite: list[dict[str, Any]]) -> None:
    wrong = [
        (test["file"], test["group"], test["test"])
        for test in suite
        if (violation(test["data"], test["schema"]) is None) is not test["valid"]
    ]
    assert wrong == []
    assert len(suite) in (40, 1_200)


def test_an_answer_is_judged_likewise(suite: list[dict[str, Any]]) -> None:
    for test in suite:
        layout = {"type": "json_schema", "json_schema": {"name": "x", "schema": test["schema"]}}
        request = Request(messages=[{"role": "user", "content": "?"}], params={"response_format": layout})
        score = validity(request, Answer(text=json.dumps(test["data"])), None)
        assert score.passed is test["valid"], (test["file"], test["group"], test["test"])


def test_what_is_wrong_is_told_in_one_line_with_its_place(suite: list[dict[str, Any]]) -> None:
    assert len(told(suite)) > len(suite) / 3
    for found in told(suite):
        place, _, what = found.partition(": ")
        assert place.startswith("$")
        assert 0 < len(what) <= 160

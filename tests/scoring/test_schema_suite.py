"""The official test suite of JSON Schema, draft 2020-12, against the check that judges the models' answers."""

import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from advisor.scoring.schema import violation


def published(shared: Path) -> dict[str, list[dict[str, Any]]]:
    """Tests by file, without those that need a document from another address or a dialect of its own."""
    by_file = defaultdict(list)
    with gzip.open(shared / "truth" / "json_schema_suite" / "draft2020-12_required.jsonl.gz") as lines:
        for line in lines:
            test = json.loads(line)
            if not test["needs_remote"] and test["file"] != "vocabulary.json":
                by_file[test["file"]].append(test)
    return by_file


def test_every_test_of_the_suite_is_judged_as_published(shared: Path) -> None:
    by_file = published(shared)
    wrong = [
        (file, test["group"], test["test"])
        for file, tests in by_file.items()
        for test in tests
        if (violation(test["data"], test["schema"]) is None) is not test["valid"]
    ]
    assert wrong == []
    assert sum(map(len, by_file.values())) == 1_200


def test_what_is_wrong_is_told_in_one_line_with_its_place(shared: Path) -> None:
    told = [
        found
        for tests in published(shared).values()
        for test in tests
        if (found := violation(test["data"], test["schema"])) is not None
    ]
    assert len(told) > 400
    for found in told:
        place, _, what = found.partition(": ")
        assert place.startswith("$")
        assert 0 < len(what) <= 160

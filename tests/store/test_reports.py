"""A report that was stored and read again is the same."""

import json
import re
from collections.abc import Callable

import pytest

from advisor.errors import StoreError
from advisor.report.pdf import compose, render_pdf
from advisor.store.reports import report_from_json, report_to_json
from advisor.types import Report
from tests.report.made_report import large_report, small_report

NOT_RECORDED = (
    "Whether models, parameters, limits and confidence were fixed before the answers were seen is not recorded."
)


@pytest.mark.parametrize("make", [large_report, small_report])
def test_round_trip_is_exact(make: Callable[[], Report]) -> None:
    report = make()
    again = report_from_json(json.loads(json.dumps(report_to_json(report))))
    assert again == report
    zone = repr(again.recommendation.created_at.tzinfo)
    assert _plain(repr(again)) == _plain(repr(report)).replace("datetime.timezone.utc", zone)


def _plain(written: str) -> str:
    """With the codes of messages as they are stored."""
    return re.sub(r"code=<\w+\.\w+: ('\w+')>", r"code=\1", written)


def test_the_pdf_of_the_stored_report_equals_the_first_one() -> None:
    report = large_report()
    assert render_pdf(report_from_json(json.loads(json.dumps(report_to_json(report))))) == render_pdf(report)


def test_another_shape_is_refused_with_the_place_and_a_remedy() -> None:
    value = report_to_json(small_report())
    del value["recommendation"]["baseline"]
    with pytest.raises(StoreError, match=r"recommendation\.baseline.*recommend"):
        report_from_json(value)
    with pytest.raises(StoreError, match="decide again"):
        report_from_json("nothing")


def test_fields_that_older_versions_lack_take_their_defaults() -> None:
    value = report_to_json(small_report())
    del value["recommendation"]["warnings"]
    assert report_from_json(value).recommendation.warnings == ()


def test_a_decision_of_an_older_version_says_nothing_of_what_it_did_not_keep() -> None:
    value = report_to_json(small_report())
    sample = compose(report_from_json(value))["method"]["paragraphs"][0]["text"]
    del value["recommendation"]["frozen"]
    older = compose(report_from_json(value))["method"]["paragraphs"][0]["text"]
    assert sample == f"{older} {NOT_RECORDED}"
    assert older.endswith("draw the same sample.")

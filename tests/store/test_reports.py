"""A report that was stored and read again is the same."""

import json
import re
from collections.abc import Callable

import pytest

from advisor.report.pdf import render_pdf
from advisor.store.reports import report_from_json, report_to_json
from advisor.types import Report
from tests.report.made_report import dossier, large_report, small_report


@pytest.mark.parametrize("make", [large_report, small_report])
def test_round_trip_is_exact(make: Callable[[], Report]) -> None:
    report = make()
    again = report_from_json(json.loads(json.dumps(report_to_json(report))))
    assert again == report
    assert again is not None
    zone = repr(again.recommendation.created_at.tzinfo)
    assert _plain(repr(again)) == _plain(repr(report)).replace("datetime.timezone.utc", zone)


def _plain(written: str) -> str:
    """With the codes of messages as they are stored."""
    return re.sub(r"code=<\w+\.\w+: ('\w+')>", r"code=\1", written)


def test_the_pdf_of_the_stored_report_equals_the_first_one() -> None:
    report = large_report()
    again = report_from_json(json.loads(json.dumps(report_to_json(report))))
    assert again is not None
    assert render_pdf(dossier(again)) == render_pdf(dossier(report))


def test_another_shape_is_no_decision() -> None:
    value = report_to_json(small_report())
    del value["recommendation"]["run"]
    assert report_from_json(value) is None
    assert report_from_json("nothing") is None


def test_fields_that_older_versions_lack_take_their_defaults() -> None:
    value = report_to_json(small_report())
    del value["recommendation"]["remarks"]["warnings"]
    found = report_from_json(value)
    assert found is not None
    assert found.recommendation.remarks.warnings == ()

"""A Report as the texts that the template sets: nothing but strings and lists, each one ready to print."""

import re

from advisor.charts import colours
from advisor.charts.labels import printable
from advisor.report.evidence import charts, use_case
from advisor.report.examples import example
from advisor.report.front import front
from advisor.report.method import method
from advisor.report.roadmap import roadmap
from advisor.text.names import baseline_of, baselines_of
from advisor.text.numbers import day, shorten
from advisor.types import Json, Model, Recommendation, Report, named

VERBATIM = ("svg", "prompt", "baseline", "candidate")
"""Logged text is never touched by the marking of names; drawings are not text."""


def compose(report: Report) -> Json:
    """The whole document as JSON."""
    recommendation = report.recommendation
    compared = {decision.name: baseline_of(decision, recommendation) for decision in recommendation.use_cases}
    document = {
        "title": shorten(recommendation.study, 120),
        "date": day(recommendation.created_at),
        "sample": "Sample data" if recommendation.is_sample_study else "",
        "partial": "Partial run" if recommendation.partial else "",
        "baseline": shorten(baselines_of(recommendation), 120),
        "front": front(report),
        "charts": charts(recommendation),
        "use_cases": [use_case(decision, compared[decision.name]) for decision in recommendation.use_cases],
        "examples": [
            example(shown, compared.get(shown.use_case, recommendation.baseline)) for shown in report.examples
        ],
        "plan": roadmap(report.plan),
        "method": method(report),
        "colours": {"pass": colours.PASS, "fail": colours.FAIL, "unknown": colours.UNKNOWN, "ink": colours.BASELINE},
    }
    return _ready(document, _marker(report))


class _Marker:
    """Marks illustrative candidates inside sentences that name them plainly."""

    def __init__(self, names: list[str], illustrative: frozenset[str]) -> None:
        self._illustrative = illustrative
        longest_first = sorted(map(re.escape, names), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)({'|'.join(longest_first)})(?!\w)(?! \(illustrative)")

    def __call__(self, text: str) -> str:
        return self._pattern.sub(lambda match: named(match[1], match[1] in self._illustrative), text)


def _marker(report: Report) -> _Marker | None:
    recommendation = report.recommendation
    illustrative = _illustrative_names(recommendation, report.models)
    if not illustrative:
        return None
    names = {model.name for model in report.models} | {a.model for d in recommendation.use_cases for a in d.candidates}
    return _Marker(sorted(name for name in names if name), illustrative)


def _ready(value: Json, mark: _Marker | None) -> Json:
    """Every string with its marks and without what the fonts lack."""
    if isinstance(value, str):
        return printable(mark(value) if mark is not None else value)
    if isinstance(value, list):
        return [_ready(item, mark) for item in value]
    if isinstance(value, dict):
        return {
            key: _verbatim(key, item) if key in VERBATIM and isinstance(item, str) else _ready(item, mark)
            for key, item in value.items()
        }
    return value


def _verbatim(key: str, text: str) -> str:
    return text if key == "svg" else printable(text)


def _illustrative_names(recommendation: Recommendation, models: tuple[Model, ...]) -> frozenset[str]:
    """The models whose answers are written for the sample study."""
    assessed = {a.model for d in recommendation.use_cases for a in d.candidates if a.illustrative}
    return frozenset(assessed | {model.name for model in models if model.illustrative})

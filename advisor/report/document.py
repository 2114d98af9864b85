"""A Report as the texts that the template sets: nothing but strings and lists, each one ready to print."""

from advisor.charts import colours
from advisor.charts.labels import printable
from advisor.report.evidence import charts, use_case
from advisor.report.examples import example
from advisor.report.front import front
from advisor.report.method import method
from advisor.report.roadmap import roadmap
from advisor.text.names import baseline_of, baselines_of
from advisor.text.numbers import day, shorten
from advisor.types import Json, Report


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
        "plan": roadmap(report),
        "method": method(report),
        "colours": {"pass": colours.PASS, "fail": colours.FAIL, "unknown": colours.UNKNOWN, "ink": colours.BASELINE},
    }
    return _ready(document)


def _ready(value: Json) -> Json:
    """Every string without what the fonts lack; drawings are not text."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_ready(item) for item in value]
    if isinstance(value, dict):
        return {key: item if key == "svg" else _ready(item) for key, item in value.items()}
    return value

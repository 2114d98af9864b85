"""What both sides say to training: whoever gave the answers, and the model that learns from them."""

from collections.abc import Iterable

from advisor.catalog.licences import licence, licence_of, output_terms
from advisor.plan.configuration.routes import todays
from advisor.types import Report
from advisor.types.ready import Side, Terms


def terms_of(report: Report, trainee: str, answered_by: Iterable[str]) -> tuple[Terms, ...]:
    """Those of every model that gave answers, as the log names it, then of the trainee."""
    found = dict.fromkeys(terms for name in answered_by for terms in _of_answers(report, name))
    return (*found, _of_model(report, trainee))


def _of_answers(report: Report, name: str) -> tuple[Terms, ...]:
    """Of the provider, and of the license where the model is open."""
    model = todays(name, report)
    provider = model.plain_id.partition("/")[0] if model else None
    known = output_terms(provider) if provider else None
    of_host = Terms(Side.ANSWERS, name, provider, None)
    if known:
        of_host = Terms(Side.ANSWERS, name, known.name, known.rule, None, known.source_url, known.checked_on)
    terms = licence((model and licence_of(model.plain_id)) or "")
    if terms is None:
        return (of_host,)
    rule = terms.output_restrictions or ""
    return (of_host, Terms(Side.ANSWERS, name, terms.name, rule, None, terms.source_url, terms.checked_on))


def _of_model(report: Report, name: str) -> Terms:
    model = next(each for each in report.models if each.name == name)
    terms = licence(licence_of(model.plain_id) or model.licence or "")
    if terms is None or terms.id == "unknown":
        return Terms(Side.MODEL, name, None, None)
    rule = "" if terms.is_permissive else terms.summary
    found = Terms(Side.MODEL, name, terms.name, rule, terms.output_restrictions)
    return found._replace(source=terms.source_url, checked_on=terms.checked_on)

"""Page one and the plan as Markdown, to paste into a chat, a document or a repository."""

import re
from collections.abc import Iterator, Sequence

from advisor.report.roadmap import work_rows
from advisor.text.business_case.ask import ask_words, steps_words, why_now
from advisor.text.business_case.board import (
    SAMPLE,
    alternatives,
    close_out,
    confidence_words,
    strip,
    strip_title,
    verdicts,
)
from advisor.text.business_case.figures import figures_heading, money_figures
from advisor.text.business_case.outcomes import other_outcomes, planned_models
from advisor.text.business_case.risks import dangers
from advisor.text.business_case.sign_off import signed_words, signers
from advisor.text.business_case.tasks import passed_words, stop_words
from advisor.text.gates import criteria
from advisor.text.headline import unpaid
from advisor.text.numbers import day
from advisor.text.plan import condition, why
from advisor.types.dossier import Dossier
from advisor.types.texts import spell_out

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def plain(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return _ACTIVE.sub(r"\\\1", spell_out(" ".join(text.split())))


def summary(dossier: Dossier) -> str:
    """Page one."""
    decision = dossier.report.recommendation
    lines = [f"# {plain(ask_words(dossier))}", ""]
    if decision.is_sample_study:
        lines += [f"*{SAMPLE}*", ""]
    lines += [f"- {plain(reason)}" for reason in why_now(dossier)]
    lines += [f"- **Confidence:** {plain(confidence_words(dossier))}"]
    if title := figures_heading(dossier):
        lines += ["", f"## {plain(title)}", ""]
    lines += [f"- **{each['label']}:** {each['value']} ({plain(each['note'])})" for each in money_figures(dossier)]
    if others := other_outcomes(dossier.case, planned_models(dossier.report)):
        lines += [f"- {plain(others)}"]
    lines += ["", f"## {plain(strip_title(decision))}", ""]
    lines += [_verdict(each) for each in strip(dossier)]
    if told := dangers(dossier):
        lines += ["", "## What can go wrong", "", *_table(("Risk", "What we do about it"), told)]
    if known := list(alternatives(dossier)):
        lines += ["", "## Alternatives considered", "", *_table(("Option", "Bill a month", "Quality"), known)]
    if signed := signed_words(dossier):
        lines += ["", f"**{plain(signed)}**"]
    return "\n".join([*lines, "", f"{plain(decision.study)}, {day(decision.created_at)}", ""])


def _verdict(cell: dict[str, str]) -> str:
    saved = f", {cell['note']}" if cell["note"] else ""
    return f"- {cell['word']}: {plain(cell['name'])}{saved}"


def plan(dossier: Dossier) -> str:
    """The roll-out with its dates, owners, criteria and sign-offs."""
    report = dossier.report
    lines = [f"# Migration plan: {plain(report.recommendation.study)}", ""]
    if report.recommendation.is_sample_study:
        lines += [f"*{SAMPLE}*", ""]
    steps = [f"{number}. {plain(step)}" for number, step in enumerate(steps_words(dossier), 1)]
    if unless := unpaid(report.recommendation, dossier.case):
        lines += [plain(unless), *[""] * bool(steps)]
    lines += steps
    if work := work_rows(dossier):
        lines += ["", "## Timeline", "", *_table(("What", "From", "To", "Owner"), work)]
    for line in filter(None, passed_words(dossier.schedule, dossier.case, dossier.data_flows).values()):
        lines += ["", plain(line)]
    if stop := stop_words(dossier):
        lines += ["", plain(stop)]
    words = verdicts(dossier)
    for decision, move in report.moves:
        lines += ["", f"## {plain(decision.name)}: {plain(words[decision.name])}", "", plain(why(decision))]
        if not move.phases:
            continue
        lines += ["", "Start when:", "", *(f"- {plain(condition(each))}" for each in move.phases[0].entry), ""]
        onward, back = criteria(move)
        labels = list(dict.fromkeys([*onward, *back]))
        limits = [(label, onward.get(label, ""), back.get(label, "")) for label in labels]
        lines += _table(("Measured", "Next step", "Roll back"), limits)
    if dossier.schedule.stints:
        lines += ["", "## Around the moves", "", *(f"- {plain(each)}" for each in close_out(dossier))]
        signed = (f"- [ ] {who}: {what}, by {by}" for who, what, by in signers(dossier))
        lines += ["", "## Sign-off", "", *signed]
    return "\n".join([*lines, ""])


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(map(plain, row))} |"

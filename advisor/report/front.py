"""Page one, which suffices by itself: the ask, why now, the money, the verdicts, the risks, the alternatives."""

from advisor.text.business_case.ask import ask_words, why_now
from advisor.text.business_case.board import (
    alternatives,
    banner_words,
    confidence_words,
    strip,
    strip_title,
)
from advisor.text.business_case.figures import figures_heading, money_figures
from advisor.text.business_case.outcomes import other_outcomes, planned_models
from advisor.text.business_case.risks import dangers
from advisor.text.business_case.sign_off import signed_words
from advisor.text.names import bare_name, baselines_of
from advisor.text.numbers import count, listing, shorten
from advisor.types import Json, Recommendation, Verdict
from advisor.types.dossier import Dossier


def front(dossier: Dossier) -> Json:
    """The texts of page one."""
    report = dossier.report
    recommendation = report.recommendation
    return {
        "facts": [
            *_facts(recommendation),
            *([f"scenario {report.scenario.name}"] if report.scenario else []),
        ],
        "banners": [{"word": word, "text": text} for word, text in banner_words(recommendation)],
        "ask": ask_words(dossier),
        "why": [shorten(reason, 400) for reason in why_now(dossier)],
        "figures_title": figures_heading(dossier),
        "figures": money_figures(dossier),
        "others": other_outcomes(dossier.case, planned_models(report)),
        "strip_title": strip_title(recommendation),
        "strip": [cell | {"name": shorten(cell["name"], 60)} for cell in sorted(strip(dossier), key=_stays)],
        "dangers": [[shorten(cell, 400) for cell in row] for row in dangers(dossier, len(dossier.dangers))],
        "confidence": confidence_words(dossier),
        "signed": signed_words(dossier),
        "options": [[shorten(cell, 80) for cell in row] for row in alternatives(dossier)],
    }


def _stays(cell: dict[str, str]) -> bool:
    """Moves come first, since page one may have no room for all."""
    return cell["role"] not in (Verdict.SWITCH, Verdict.ROUTE)


def _facts(recommendation: Recommendation) -> list[str]:
    candidates = list(dict.fromkeys(bare_name(a.model) for d in recommendation.use_cases for a in d.candidates))
    named = listing(candidates) if len(candidates) in (1, 2) else count(len(candidates), "candidate")
    return [
        f"Baseline {shorten(baselines_of(recommendation), 120)}",
        shorten(f"tested: {named}", 120),
        f"{recommendation.run.sample_size:,} samples",
    ]

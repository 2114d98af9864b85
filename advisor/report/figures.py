"""The figures of a report as plain numbers, for other programs."""

import json
from dataclasses import asdict

from advisor.types import Json, Money
from advisor.types.dossier import Dossier
from advisor.types.scenarios import CaseInput


def figures(dossier: Dossier) -> dict[str, Json]:
    """Dollars, shares, codes and ISO dates; what isn't known is null."""
    decision, case = dossier.report.recommendation, dossier.case
    return {
        "study": decision.study,
        "decided_at": decision.created_at.isoformat(),
        "ask": dossier.ask.code,
        "confidence": dossier.confidence.value,
        "doubts": [each.code for each in dossier.doubts],
        "risks": [each.code for each in dossier.dangers],
        "scenario": dossier.report.scenario.name if dossier.report.scenario else None,
        "bill_usd": case.today_usd,
        "plan_usd": case.plan_usd,
        "saved_usd": _money(case.saved if case.today_usd is not None else None),
        "saved_before_usd": case.saved_before_usd,
        "saved_later_usd": case.saved_later,
        "avoided_usd": case.avoided_usd,
        "one_off_usd": case.one_off_usd,
        "one_off": {item.value: usd for item, usd in case.one_off.items()},
        "start": case.start.isoformat() if case.start else None,
        "payback_month": case.payback,
        "net_12_usd": _money(case.net(12)),
        "net_36_usd": _money(case.net(36)),
        "unit": case.inputs.unit or "call",
        "usd_per_unit": list(case.per_unit) if case.per_unit else None,
        "inputs": {
            key.value: {"value": case.inputs[key], "source": case.inputs.source(key).value} for key in CaseInput
        },
        "outcomes": [
            {
                "outcome": each.kind.value,
                "use_cases": each.use_cases,
                "without": each.without or None,
                "saved_usd": _money(each.saved),
                "saved_later_usd": _money(each.later),
                "bills_saved_usd": _money(each.bills),
                "avoided_usd": each.avoided_usd,
                "one_off_usd": each.once_usd,
                "adopting_usd": each.adopting_usd,
                "paid_usd": each.once_usd + each.adopting_usd,
                "net_12_usd": _money(each.net),
                "payback_month": each.payback,
            }
            for each in case.outcomes
        ],
        "options": [
            {
                "option": option.option.value,
                "model": option.model or None,
                "monthly_usd": _money(option.monthly_usd),
                "is_measured": option.is_measured,
                "retires": option.retires.isoformat() if option.retires else None,
            }
            for option in case.options
        ],
        "sensitivity": [{"assumption": swing.assumption.value, "net_12_usd": list(swing.usd)} for swing in case.swings],
        "use_cases": [
            {
                "name": each.name,
                "verdict": each.verdict.value,
                "candidate": each.chosen,
                "bill_usd": each.monthly_baseline_usd,
                "saved_usd": _money(each.target.costs.savings_usd if each.target else None),
            }
            for each in decision.use_cases
        ],
        "steps": [
            {
                "use_case": stint.use_case,
                "traffic_share": stint.phase.traffic_share,
                "start": stint.first.isoformat(),
                "end": stint.last.isoformat(),
                "owner": stint.entered.owner,
            }
            for stint in dossier.schedule.stints
        ],
    }


def figures_json(dossier: Dossier) -> bytes:
    """The same as a file, of which the report has the hash."""
    return json.dumps(figures(dossier), indent=1).encode()


def _money(money: Money | None) -> Json:
    return None if money is None else asdict(money)

"""The money on paper: what is paid once, what comes back by month, what that hangs on, and the options side by side."""

from advisor.text.advice.ending import retirement_note
from advisor.text.business_case.case import (
    LABELS,
    NOT_COUNTED,
    SOURCES,
    assumption_name,
    effort_words,
    input_value,
    item_name,
    swing_words,
    swings_title,
)
from advisor.text.business_case.figures import figures_title, whole_case
from advisor.text.business_case.months import months_words, net_words, unit_words
from advisor.text.business_case.options import bill_words, has_number, option_name, option_quality, others_words
from advisor.text.business_case.outcomes import TITLE, cash_words, outcome_rows, outcomes_note, planned_models
from advisor.text.numbers import dollars
from advisor.types import Json
from advisor.types.business import BusinessCase
from advisor.types.dossier import Dossier
from advisor.types.scenarios import CaseInput

SHOWN_MONTHS = (*range(1, 7), 12, 24, 36)
SEEN = 0.01
"""Of the widest bar: what hangs on an assumption as little has none."""


def money(dossier: Dossier) -> Json:
    """The texts and the lengths of bars, as shares of the page; no sums where nothing moves."""
    case, under = dossier.case, figures_title(dossier)
    models = planned_models(dossier.report)
    rows = outcome_rows(case, models)
    once = [[item_name(case, item), dollars(usd)] for item, usd in case.one_off.items() if usd]
    return {
        "sentence": whole_case(dossier),
        "once": [*once, ["Total", dollars(case.one_off_usd)]] if case.moving else [],
        "effort": f"{effort_words(case).rstrip('.')}. {NOT_COUNTED}" if case.moving else "",
        "cash": cash_words(case, dossier.report),
        "outcomes": {
            "title": TITLE,
            "header": [name for row in rows[:1] for name in row],
            "rows": [[*row.values()] for row in rows],
            "note": outcomes_note(case, models),
        },
        "months": [
            [f"Month {number}", _saved_in(case, number), net_words(case, number)]
            for number in sorted({*SHOWN_MONTHS, case.payback or 1})
        ],
        "unit": " ".join(filter(None, (months_words(case), unit_words(case)))),
        "retirement": retirement_note(case),
        "swings_title": ", ".join(filter(None, (swings_title(case), under[:1].lower() + under[1:]))),
        "swings": _swings(case),
        "options": [
            [
                option_name(option),
                bill_words(case, option),
                option_quality(option),
            ]
            for option in filter(has_number, case.options)
        ],
        "others": others_words(case),
    }


def _saved_in(case: BusinessCase, number: int) -> str:
    """In a month, the avoided work by itself."""
    month = case.months[number - 1]
    saved, avoided = dollars(month.saved.point - month.avoided_usd), month.avoided_usd
    return f"{saved} + {dollars(avoided)} of work" if avoided else saved


def input_rows(case: BusinessCase) -> list[list[str]]:
    """Every input with its value and source."""
    return [[LABELS[key], input_value(case, key), SOURCES[case.inputs.source(key)]] for key in CaseInput]


def _swings(case: BusinessCase) -> list[Json]:
    """Each that can be seen, with the ends of its bar between 0 and 100."""
    if not case.swings:
        return []
    widest = abs(case.swings[0].usd[1] - case.swings[0].usd[0])
    shown = [swing for swing in case.swings if abs(swing.usd[1] - swing.usd[0]) >= SEEN * widest]
    ends = [usd for swing in shown for usd in swing.usd]
    low, high = min(ends), max(ends)
    wide = (high - low) or 1.0

    def place(usd: float) -> float:
        return round(100 * (usd - low) / wide, 1)

    return [
        {
            "name": assumption_name(case, swing.assumption),
            "ends": [f"{by}: {dollars(usd)}" for usd, by in sorted(zip(swing.usd, swing_words(swing), strict=True))],
            "bar": sorted(place(usd) for usd in swing.usd),
            "middle": place(case.net(12).point),
        }
        for swing in shown
    ]

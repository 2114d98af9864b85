"""Cost: the tabs below the first view, of which only the open one is made."""

from advisor.types import Report, Study
from advisor.ui import address
from advisor.ui.evidence.cost import hosting, monthly, optimize, sources, unit


def show(study: Study, report: Report | None) -> None:
    """The tabs."""
    draw = {
        "Monthly bill": lambda: monthly.show(study, report),
        "Other savings": lambda: optimize.show(study),
        "Self-hosting": lambda: hosting.show(study, report),
        "Unit economics": lambda: unit.show(study, report),
        "Sources": lambda: sources.show(study, report),
    }
    for name, tab in zip(draw, address.tabs(list(draw)), strict=True):
        if tab.open:
            with tab:
                draw[name]()

"""Risk and compliance on paper: the register, where prompts go, and guardrails that failed."""

from advisor.text.business_case.paper import RISKS_AHEAD
from advisor.text.business_case.risks import dangers, flow_rows
from advisor.text.business_case.tasks import passed_words
from advisor.text.gates import gate_value
from advisor.text.names import GATES
from advisor.text.numbers import listing, shorten
from advisor.types import Json
from advisor.types.dossier import Dossier


def risks(dossier: Dossier) -> Json:
    """The register, one table of data flow for each pair of hosts, and the guardrails."""
    decision = dossier.report.recommendation
    failed = [
        [shorten(case.name, 60), GATES[gate.name], gate_value(gate) + ", perhaps by chance" * (not gate.beyond_doubt)]
        for case in decision.use_cases
        if (shown := case.shown) is not None
        for gate in shown.gates
        if gate.passed is False
    ]
    return {
        "ahead": RISKS_AHEAD,
        "register": [list(each) for each in dangers(dossier, len(dossier.dangers))],
        "flows": [
            {
                "use_cases": listing(list(flow.use_cases)),
                "rows": [list(row) for row in flow_rows(flow.before, flow.after)],
            }
            for flow in dossier.data_flows
        ],
        "passed": passed_words(dossier.schedule, dossier.case, dossier.data_flows)["data"],
        "failed": failed,
    }

"""When each step of a roll-out goes on and when it goes back, next to the gateway's files."""

from collections.abc import Iterator

from advisor.text.gates import criteria
from advisor.text.numbers import listing
from advisor.text.plan import condition, duration, phase_name
from advisor.text.ready import readme_of, section, table
from advisor.types import Condition, Move
from advisor.types.deployment import Deployment

CRITERIA = "criteria.md"
_WAY = (
    "Every step has the same limits. Go on to the next file when all under Next step hold. Go back to the file before "
    "when one under Roll back does. In the shadow users see nothing: just stop."
)
_SUMS = """jq -s 'def sum: {calls: length, failed_percent:
    (100 * (map(select(all(.status != "success" or .fallback_for))) | length) / ([length, 1] | max))};
  map(select(("\\(.model_id)" | startswith("ALIAS-candidate")) or .fallback_for == "ALIAS")) | group_by(.trace_id)
  | . as $calls | flatten(1) | map(select(.status == "success" and (.fallback_for | not))) | ($calls | sum)
  + {worst_hour: ($calls | group_by(.[0].startTime / 3600 | floor) | map(sum) | max_by(.failed_percent)),
  p95_ttft_s: (map(.completionStartTime - .startTime) | sort | .[length * 0.95 | floor]),
  p95_s: (map(.endTime - .startTime) | sort | .[length * 0.95 | floor]),
  usd_per_1000: (if length > 0 then 1000 * (map(.response_cost // 0) | add) / length else null end)}' new.jsonl"""
_MEASURED = (
    "Quality, invalid and cut-off answers: import `today.jsonl` into the study and replay the new model. At 5% and 25% "
    "live answers aren't logged: import your recent prompts and replay them.",
    "Failed calls, latency and cost: run this with your alias. What the fallback answers counts as failed. Move both "
    "files away before each step.",
)


def criteria_file(deployment: Deployment) -> str:
    """The limits of each move, as the plan has them, and how they're measured."""
    moves = [(route.alias, route.ramp.move) for route in deployment.moves if route.ramp and route.ramp.move]
    parts = [[f"## {alias}", "", *_limits(move)] for alias, move in moves]
    measured = [*section("Measure", _MEASURED), "", "```", *_SUMS.splitlines(), "```"]
    return readme_of(deployment.study, "criteria", [_WAY], *parts, measured)


def _limits(move: Move) -> Iterator[str]:
    onward, back = criteria(move)
    labels = dict.fromkeys([*onward, *back])
    yield from table(
        ("Measured", "Next step", "Roll back"), [(each, onward.get(each, ""), back.get(each, "")) for each in labels]
    )
    ends = [condition(each) for phase in move.phases for each in phase.exit if each.code == Condition.FALLBACK]
    steps = listing([f"{phase_name(phase.traffic_share)} ({duration(phase)})" for phase in move.phases], most=4)
    yield from ("", " ".join([f"{steps}.", *ends]))

"""Gates that fail or are open, in words."""

from collections.abc import Iterator

from advisor.analysis import gates as g
from advisor.analysis.more_data import HOPELESS
from advisor.analysis.verdict import Facts
from advisor.analysis.wording import count, percent, points
from advisor.types import Gate, GateName

REMEDIES = {
    GateName.VALIDITY: "a prompt or parameter that fixes the form of the answer may help",
    GateName.REFUSED: "another prompt or model may help",
    GateName.ANSWERED: "a prompt that says what to decline may help",
    GateName.UNNEEDED: "a prompt that says when no tool is needed may help",
    GateName.TRUNCATION: "a higher limit on the length of its answers may help",
    GateName.ERRORS: "another host may help",
    GateName.IDENTICAL: "check how the model is set up",
    GateName.STABILITY: "a lower temperature may help",
    GateName.INSTRUCTING: "read some of them; they speak to whoever compares answers, not to your customers",
    GateName.CHECKS: "change its prompt, or the checks where they ask too much",
    GateName.TTFT: "a faster host may help, or a higher limit",
    GateName.LATENCY: "a faster host may help, or a higher limit",
}
"""What may bring a failing gate back within its limit."""


def gate_obstacles(facts: Facts) -> Iterator[str]:
    """What stands in the way of each gate that fails or was not timed, and what may change it."""
    for checked in facts.doubtless:
        remedy = REMEDIES.get(checked.gate.name, "it must come back within its limit")
        yield f"{describe(checked.gate, facts.baseline)}, and that is sure: {remedy}."
    for gate in facts.not_timed:
        told = not_timed(gate)
        how = "streamed answers" if gate.name == GateName.TTFT else "answers that the model gives in a replay"
        yield f"{told[:1].upper()}{told[1:]}: {how} are timed."
    for checked in facts.open_gates:
        failing = describe(checked.gate, facts.baseline)
        if g.is_of_set_up(checked):
            yield f"{failing}, by how they are asked ({checked.gate.detail}): check its key, its id and its parameters."
            continue
        if checked.gate.name in g.REFUSALS:
            yield f"{failing}, perhaps by chance: a judge that reads more answers would tell (`--audit`)."
            continue
        more = (
            f"about {count(checked.n_needed, 'answer')} in all would tell"
            if checked.n_needed is not None and checked.n_needed <= HOPELESS
            else REMEDIES.get(checked.gate.name, "more answers would tell")
        )
        yield f"{failing}, perhaps by chance: {more}."


def not_timed(gate: Gate) -> str:
    """A limit on waiting that nothing was timed for, as a clause."""
    what = "the first word" if gate.name == GateName.TTFT else "the whole answer"
    return f"how long {what} takes was not measured and your limit is {gate.limit or 0:.1f} s"


def describe(gate: Gate, baseline: str) -> str:
    """A failing gate as a clause, with its value and limit."""
    value, limit = gate.value or 0.0, gate.limit or 0.0
    more = f"{points(value, limit)} more than {baseline}, limit {points(limit)}"
    words = {
        GateName.VALIDITY: f"Too many invalid answers: {more}",
        GateName.REFUSED: f"Refused where {baseline} answered too often: {percent(value)}, limit {percent(limit)}",
        GateName.ANSWERED: f"Answered where {baseline} declined too often: {percent(value)}, limit {percent(limit)}",
        GateName.UNNEEDED: f"Too many tool calls where none is right: {more}",
        GateName.TRUNCATION: f"Too many cut-off answers: {more}",
        GateName.INSTRUCTING: f"Too many answers that tell the judge what to say: {more}",
        GateName.CHECKS: f"Too many answers that fail your own checks: {more}",
        GateName.ERRORS: f"Too many calls fail: {percent(value)}, limit {percent(limit)}",
        GateName.IDENTICAL: f"The same answer to different prompts too often: {gate.detail}",
        GateName.STABILITY: f"Answers change too often when asked again: {more}",
        GateName.TTFT: f"One answer in twenty takes more than {value:.1f} s to start, limit {limit:.1f} s",
        GateName.LATENCY: f"One answer in twenty takes more than {value:.1f} s, limit {limit:.1f} s",
    }
    return words.get(gate.name, f"{gate.name} is outside its limit")

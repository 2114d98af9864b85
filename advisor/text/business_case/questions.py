"""The six questions of a product manager, answered in short sentences and small tables."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from advisor.text.business_case.ask import ask_words, steps_words
from advisor.text.business_case.board import confidence_words
from advisor.text.business_case.figures import whole_case
from advisor.text.business_case.risks import dangers
from advisor.text.business_case.tasks import UNNAMED
from advisor.text.names import FAILURE_KINDS, GATES, short_name
from advisor.text.numbers import (
    UNKNOWN,
    count,
    day,
    dollars,
    listing,
    percent,
    pts,
    saving,
    seconds,
    signed,
    to_the_cent,
)
from advisor.text.plan import phase_name, timeline_sentence
from advisor.types import FailureKindName
from advisor.types.dossier import Dossier
from advisor.types.questions import Contender, Potential, Spread, Tuning, Weights
from advisor.types.ready import REACH

COMPARED = 3
MOST_STEPS = 3
MENDED = frozenset(
    {
        FailureKindName.INVALID_FORM,
        FailureKindName.WRONG_LABEL,
        FailureKindName.WRONG_FIELDS,
        FailureKindName.MISSING_CALL,
        FailureKindName.NEEDLESS_CALL,
        FailureKindName.WRONG_TOOL,
        FailureKindName.WRONG_ARGUMENT,
    }
)
"""What examples teach: form, labels, fields and tool calls, not knowledge."""
POTENTIALS = {
    Potential.NOT_NEEDED: "not needed",
    Potential.GOOD: "good: license allows it, one GPU serves it",
    Potential.LARGE: "limited: license allows it, needs several GPUs",
    Potential.LICENCE: "license to be read first",
    Potential.UNKNOWN: "unknown: not in the catalog",
}


class Answer(NamedTuple):
    """One question with its answer."""

    question: str
    lines: tuple[str, ...]
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def answers(dossier: Dossier) -> list[Answer]:
    """All six, in the order in which they are asked."""
    return [answer(dossier) for answer in (_strengths, _open_workflow, _switch, _plan, _compare, _tune)]


def _strengths(dossier: Dossier) -> Answer:
    contenders = dossier.outlook.contenders
    lines = ["Measured on your own log, not on industry benchmarks."]
    if not contenders:
        lines.append("Unknown: no candidate has been measured.")
    lines += _pre_recorded(contenders)
    return Answer(
        "What are these models good at in our work, and where do they fall short?",
        tuple(lines),
        ("Model", "Good enough", "Not good enough", "Undecided", "Guardrails outside their limit"),
        tuple(
            (
                each.model,
                _names([*each.good, *(f"{name} (in part)" for name in each.partly)]),
                _names(each.worse),
                _names(each.undecided),
                _names([GATES[gate] for gate in each.failing]),
            )
            for each in contenders
        ),
    )


def _pre_recorded(contenders: Sequence[Contender]) -> Iterator[str]:
    for each in contenders:
        if each.illustrative:
            yield f"{each.model}: pre-recorded answers, so they say nothing about a real model."


def _open_workflow(dossier: Dossier) -> Answer:
    decisions = dossier.report.recommendation.use_cases
    moving = dossier.outlook.open_cases
    closed = [each.name for each in decisions if each.name not in moving]
    share = dossier.outlook.open_share
    of_bill = "Their share of the bill is unknown" if share is None else f"Today they cost {percent(share)} of the bill"
    answer = "Yes" if decisions and not closed else "Partly" if moving else "Not yet"
    lines = [f"{answer}: {len(moving)} of {count(len(decisions), 'use case')} can run on open models. {of_bill}."]
    if closed:
        lines.append(f"Not open yet: {listing(closed)}.")
    known = [(each.model, each.weights) for each in dossier.outlook.contenders if each.weights]
    here = [model.name for model in dossier.report.models if model.is_builtin]
    unknown = [each.model for each in dossier.outlook.contenders if not each.weights and each.model not in here]
    if here:
        lines.append(f"Already on this machine: {listing(here)}.")
    if unknown:
        lines.append(f"Hardware unknown, not in the catalog: {listing(unknown)}.")
    if known:
        lines.append("Rent is for one copy, all month, without spare capacity, long contexts or staff.")
        lines.append("Throughput isn't known here: a load test sizes the fleet.")
    return Answer(
        "Can everything run on open models, on our own hardware?",
        tuple(lines),
        ("Model", "License", "Parameters", "Memory", "Smallest setup", "GPU rent a month"),
        tuple((model, *_weights(weights)) for model, weights in known),
    )


def _weights(weights: Weights) -> tuple[str, ...]:
    return (
        weights.licence or UNKNOWN,
        f"{weights.total_b:g}B" if weights.total_b else UNKNOWN,
        f"{weights.memory_gb:g} GB" if weights.memory_gb else UNKNOWN,
        _setup(weights),
        dollars(weights.usd_a_month),
    )


def _setup(weights: Weights) -> str:
    return f"{weights.gpus} × {weights.gpu}" if weights.gpus else UNKNOWN


def hardware_words(weights: Weights) -> str:
    """What a server of one's own takes at least, as far as the catalog knows."""
    rent = f", {dollars(weights.usd_a_month)} a month" if weights.usd_a_month else ""
    return f"{_setup(weights)}{rent} (estimated from its size, for one copy; a load test sizes the fleet)"


def _switch(dossier: Dossier) -> Answer:
    lines = [
        ask_words(dossier),
        whole_case(dossier),
        f"Confidence: {confidence_words(dossier)}",
        *(f"{risk} {remedy}" for risk, remedy in dangers(dossier, 1)),
    ]
    return Answer("Should we switch?", tuple(lines))


def _plan(dossier: Dossier) -> Answer:
    moves = [(decision, move) for decision, move in dossier.report.moves if decision.target and move.phases]
    rows = []
    for decision, _ in moves:
        mine = [stint for stint in dossier.schedule.stints if stint.use_case == decision.name]
        last = next((stint.first for stint in mine if stint.phase.traffic_share == 1), None)
        owners = dict.fromkeys(stint.entered.owner for stint in mine if stint.entered.owner)
        first = mine[0].first if mine else None
        steps = ", ".join(phase_name(stint.phase.traffic_share) for stint in mine)
        rows.append(
            (decision.name, decision.chosen or UNKNOWN, steps, day(first), day(last), ", ".join(owners) or UNNAMED)
        )
    return Answer(
        "What is the migration plan?",
        (timeline_sentence(dossier.schedule.stints), *steps_words(dossier)[:MOST_STEPS]),
        ("Use case", "Model", "Steps", "Start", "All traffic", "Owners"),
        tuple(rows),
    )


def _compare(dossier: Dossier) -> Answer:
    outlook, decision = dossier.outlook, dossier.report.recommendation
    shown = outlook.contenders[:COMPARED]
    lines = [*_pre_recorded(shown)]
    if len(shown) < COMPARED:
        lines.append(f"{count(len(shown), 'candidate')} so far: replay another to compare three.")
    if len(outlook.contenders) > COMPARED:
        lines.append(f"The best three of {len(outlook.contenders)} candidates.")
    today = listing([*dict.fromkeys(short_name(each.baseline_facts.model) for each in decision.use_cases)] or [UNKNOWN])
    rows = [(f"{today} (today)", "baseline", "baseline", *_spread(outlook.baseline), UNKNOWN)]
    rows += [
        (
            each.model,
            f"{len(each.good)} of {count(len(each.good + each.partly + each.worse + each.undecided), 'use case')}",
            _deltas(each),
            *_spread(each.spread),
            POTENTIALS[each.potential],
        )
        for each in shown
    ]
    return Answer(
        "How do three models compare in accuracy, speed and tuning potential?",
        tuple(lines),
        ("Model", "Good enough", "Difference, worst to best", "p95 latency", "$ per 1,000 calls", "Fine-tuning"),
        tuple(rows),
    )


def _deltas(each: Contender) -> str:
    if not each.deltas:
        return UNKNOWN
    best, worst = signed(each.deltas[0][1]), signed(each.deltas[-1][1])
    return best if best == worst else f"{worst} to {best}"


def _spread(spread: Spread) -> tuple[str, str]:
    return _range(spread.p95_s, seconds), _range(spread.usd_per_1k, to_the_cent)


def _range(ends: tuple[float, float] | None, word: Callable[[float], str]) -> str:
    if ends is None:
        return UNKNOWN
    low, high = word(ends[0]), word(ends[1])
    return low if low == high else f"{low} to {high}"


def _tune(dossier: Dossier) -> Answer:
    question = "What would a fine-tuning roadmap look like?"
    tuning = dossier.outlook.tuning
    if tuning is None:
        if dossier.outlook.contenders and all(each.target for each in dossier.report.recommendation.use_cases):
            return Answer(question, ("Not needed: every use case has a good enough candidate.",))
        if not any(each.deltas for each in dossier.outlook.contenders):
            return Answer(question, ("Unknown: measure a candidate first.",))
        reach = pts(REACH)
        far = f"No use case is just short of a move: undecided, or at most {reach} beyond your acceptable drop."
        return Answer(question, (far, "Test a better model first."))
    model = tuning.contender.model
    accepted = f"you accept a drop of {pts(tuning.margin)}"
    gap = f"{model} is {signed(tuning.delta, tuning.margin)} against today's model; {accepted}."
    return Answer(
        question,
        (
            f"Start with {tuning.use_case}, once you have more examples. {gap}"
            if tuning.samples - tuning.tested < tuning.tested
            else f"Start with {tuning.use_case}. {gap}",
            *_lost(tuning),
            *_pre_recorded([tuning.contender]),
        ),
        ("Step", "Known so far"),
        _steps(tuning),
    )


def _lost(tuning: Tuning) -> Iterator[str]:
    total = sum(n for _, n in tuning.failures)
    if not total:
        yield "Why answers lose is unknown."
        return
    mended = sum(n for kind, n in tuning.failures if kind in MENDED)
    kinds = listing([f"{FAILURE_KINDS[kind].lower()} {n:,}" for kind, n in tuning.failures])
    yield f"{count(total, 'answer')} lost to today's model: {kinds}."
    yield f"{mended:,} of {total:,} are errors of form, label, field or tool call, which training examples show."


def _steps(tuning: Tuning) -> tuple[tuple[str, ...], ...]:
    weights = tuning.contender.weights
    licence = weights.licence if weights and weights.licence else "license unknown"
    setup = f"{licence}; {POTENTIALS[tuning.contender.potential]}" if weights else POTENTIALS[Potential.UNKNOWN]
    references = (
        "with reference answers" if tuning.has_references else "without reference answers: have people label some"
    )
    worth = f"{saving(tuning.saved)} if it passes" if tuning.saved else "saving unknown"
    training = dollars(tuning.training_usd) if tuning.training_usd else "unknown"
    learn = "Download examples under Files; check that today's provider allows training on its answers"
    left = f"{count(tuning.samples - tuning.tested, 'call')} to train on"
    now = signed(tuning.delta, tuning.margin)
    return (
        (f"1. {learn}", f"{count(tuning.samples, 'call')} {references}"),
        ("2. Hold out the tested samples", f"{count(tuning.tested, 'sample')}, which leaves {left}"),
        (f"3. Train {tuning.contender.model}", setup),
        ("4. Replay the held-out samples", f"passes with a drop of at most {pts(tuning.margin)}; now {now}"),
        ("5. Decide", f"{worth}; training cost {training}"),
    )


def _names(names: Sequence[str]) -> str:
    return listing(names) if names else UNKNOWN

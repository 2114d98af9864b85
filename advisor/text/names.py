"""The names of what a decision speaks of: models, verdicts, gates, evidence, kinds, failures."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from advisor.text.numbers import count, day_of, listing
from advisor.types import (
    Assessment,
    Cause,
    Endpoint,
    Evidence,
    Exclusion,
    ExclusionCode,
    FailureKind,
    FailureKindName,
    GateName,
    Grouping,
    Kind,
    Recommendation,
    UseCaseDecision,
    Verdict,
)


class Outcome(StrEnum):
    """A verdict as it is shown: ``need_more_data`` by what would help."""

    SWITCH = "switch"
    ROUTE = "route"
    KEEP = "keep"
    NEED_MORE_DATA = "need_more_data"
    NEEDS_REVIEW = "needs_review"


SYMBOLS = {
    Outcome.SWITCH: "✓",
    Outcome.ROUTE: "⇄",
    Outcome.KEEP: "✗",
    Outcome.NEED_MORE_DATA: "?",
    Outcome.NEEDS_REVIEW: "!",
}
"""Before the words, so that a verdict is never told by color alone."""
OUTCOMES = {
    Outcome.SWITCH: "Move",
    Outcome.ROUTE: "Move part",
    Outcome.KEEP: "Stay",
    Outcome.NEED_MORE_DATA: "Need more data",
    Outcome.NEEDS_REVIEW: "Needs review",
}
"""A verdict on a use case where its models are known or have no room."""
NAMES_REMAIN = "names of people may remain"
"""Of personal data that was replaced without a model that finds them."""
MEASURES = {
    Endpoint.TARGET: "reference answers",
    Endpoint.AGREEMENT: "agreement with the live baseline",
    Endpoint.PAIRWISE: "pairwise comparison",
}
EVIDENCE = {
    Evidence.TARGET: "compared with the reference answers",
    Evidence.AGREEMENT: "compared with the live baseline's answers",
    Evidence.JUDGE: "a judge compared both answers, in both orders",
    Evidence.REVIEWS: "people compared both answers, blind",
    Evidence.NONE: "nothing yet: no judge and no reviews",
}
KINDS = {kind: kind.value.replace("_", " ") for kind in Kind}
GATES = {
    GateName.VALIDITY: "Invalid answers",
    GateName.REFUSED: "Refused where the baseline answered",
    GateName.ANSWERED: "Answered where the baseline declined",
    GateName.UNNEEDED: "Unneeded tool calls",
    GateName.TRUNCATION: "Cut-off answers",
    GateName.ERRORS: "Failed calls",
    GateName.IDENTICAL: "Same answer to different prompts",
    GateName.STABILITY: "Answers that change between repeated calls",
    GateName.CHECKS: "Answers that fail your own checks",
    GateName.INSTRUCTING: "Prompt injection against the judge",
    GateName.UNSUPPORTED: "Unsupported claims",
    GateName.PERSONAL: "Answers with personal data",
    GateName.TTFT: "Time to first token (p95)",
    GateName.LATENCY: "Latency (p95)",
}
FAILURES = {
    FailureKind.RATE_LIMIT: "rate limit",
    FailureKind.SERVER: "server error",
    FailureKind.TIMEOUT: "timeout",
    FailureKind.NETWORK: "no connection",
    FailureKind.AUTH: "key missing or refused",
    FailureKind.BAD_REQUEST: "request refused",
    FailureKind.NOT_FOUND: "unknown model",
    FailureKind.CONTEXT_OVERFLOW: "prompt too long",
    FailureKind.CONTENT_FILTER: "content filter",
    FailureKind.UNSUPPORTED: "unsupported request",
    FailureKind.INVALID_RESPONSE: "invalid response",
    FailureKind.UNREADABLE: "judge's reply can't be read",
}
"""Why calls failed, in a word or two."""
FAILURE_KINDS = {
    FailureKindName.NO_ANSWER: "No answer",
    FailureKindName.CUT_OFF: "Cut off",
    FailureKindName.REFUSED: "Refused",
    FailureKindName.MISSING_CALL: "Missing call",
    FailureKindName.NEEDLESS_CALL: "Needless call",
    FailureKindName.WRONG_TOOL: "Wrong tool",
    FailureKindName.WRONG_ARGUMENT: "Wrong argument",
    FailureKindName.INVALID_FORM: "Invalid form",
    FailureKindName.WRONG_LABEL: "Wrong label",
    FailureKindName.WRONG_FIELDS: "Wrong fields",
    FailureKindName.NUMBER_DIFFERS: "Number differs",
    FailureKindName.FAILED_CHECK: "Failed a check",
    FailureKindName.JUDGED_WORSE: "Worse by the judge",
    FailureKindName.REVIEWED_WORSE: "Worse by people",
    FailureKindName.OTHER_TEXT: "Not the right answer",
}
GAIN_KINDS = {kind: f"Baseline: {words.lower()}" for kind, words in FAILURE_KINDS.items()} | {
    FailureKindName.JUDGED_WORSE: "Better by the judge",
    FailureKindName.REVIEWED_WORSE: "Better by people",
}
"""The same of an improvement, in which the baseline failed."""
SHARED = {
    Grouping.CONVERSATIONS: "a conversation",
    Grouping.PROMPTS: "a template or a passage",
    Grouping.BOTH: "a conversation, a template or a passage",
}
"""What samples have in common that go together."""
SHARED_MANY = {
    Grouping.CONVERSATIONS: "conversations",
    Grouping.PROMPTS: "templates or passages",
    Grouping.BOTH: "conversations, templates or passages",
}
"""The same, of several groups."""
EXCLUSIONS = {
    ExclusionCode.NOT_ASKED: "not called yet",
    ExclusionCode.CANDIDATE_FAILED: "candidate call failed",
    ExclusionCode.BASELINE_FAILED: "baseline call failed",
    ExclusionCode.CANDIDATE_NOT_SCORED: "candidate answer not scored",
    ExclusionCode.BASELINE_NOT_SCORED: "baseline answer not scored",
    ExclusionCode.NOT_JUDGED: "not judged",
    ExclusionCode.EQUAL: "equal answers, beyond the share of the others that is compared",
}
"""Why a pair doesn't count."""
_OF_CANDIDATE = OUTCOMES | {
    Outcome.SWITCH: "Good enough",
    Outcome.ROUTE: "Good enough in part",
    Outcome.KEEP: "Not good enough",
}


PROVISIONAL = " (provisional)"
IF_PASSED = "if the test passes"
ANOTHER = "another model"  # than a successor that failed, or isn't known


def short_name(baseline: str) -> str:
    """A baseline where only one lane is on the page: "gpt-4o" for "gpt-4o-2024-08-06 (recorded)"."""
    return _VERSION.sub("", baseline.removesuffix(" (recorded)"))


_VERSION = re.compile(r"[-@]20\d\d(-?)[01]\d\1[0-3]\d$")
"""The day at the end of a model's name."""


def bare_name(candidate: str) -> str:
    """A candidate or judge where the page says elsewhere that its answers were written for the sample."""
    return candidate.removesuffix(" (illustrative)")


def bare_id(model: str) -> str:
    """What a model is called without its provider: "gpt-6-luna" for "openai/gpt-6-luna"."""
    return model.rpartition("/")[2]


def target_name(decision: UseCaseDecision) -> str:
    """The name of the candidate that a use case moves to; empty where it moves to none."""
    return decision.target.model if decision.target else ""


def outcome(of: Assessment | UseCaseDecision) -> Outcome:
    """What to show a verdict as; that of a use case comes from the candidate that it is reported by."""
    if isinstance(of, Assessment):
        needs_review = of.waits_for_people or of.ruling.reason.code == Cause.VOTES_MISSING
        return Outcome.NEEDS_REVIEW if needs_review else Outcome(of.ruling.verdict)
    held = [of.shown] if of.shown else of.candidates
    if of.verdict is Verdict.NEED_MORE_DATA and {outcome(a) for a in held} == {Outcome.NEEDS_REVIEW}:
        return Outcome.NEEDS_REVIEW
    return Outcome(of.verdict)


def on_hold(decisions: Sequence[UseCaseDecision], of: str = "") -> str:
    """What is undecided, and why: "2 need more data, 1 needs review"; ``of`` is said with the first number."""
    outcomes = [outcome(each) for each in decisions]
    counts = {words: n for held, words in _HOLDS.items() if (n := outcomes.count(held))}
    parts = [f"{n}{of * (place == 0)} {words[n > 1]}" for place, (words, n) in enumerate(counts.items())]
    return ", ".join(parts)


_HOLDS = {
    Outcome.NEED_MORE_DATA: ("needs more data", "need more data"),
    Outcome.NEEDS_REVIEW: ("needs review", "need review"),
}


def candidate_verdict(a: Assessment) -> str:
    """The verdict on a candidate as symbol and words: "✓ Good enough"."""
    return f"{SYMBOLS[outcome(a)]} {candidate_words(a)}"


def outcome_words(of: UseCaseDecision, *, pays: bool, until: str = "") -> str:
    """The verdict on a use case at its shortest: "Move (provisional)", or "Good enough" where moving doesn't pay."""
    if (a := of.target) and (not pays or a.illustrative):
        return f"{OUTCOMES[outcome(of)]} {IF_PASSED}" if pays else candidate_words(a)
    return OUTCOMES[outcome(of)] + _until(until if of.verdict is Verdict.KEEP else "") + PROVISIONAL * of.provisional


def _until(day: str) -> str:
    return f" until {day_of(day)}" if day else ""


def candidate_words(a: Assessment) -> str:
    """The verdict on a candidate: "Good enough", "Not good enough", "Need more data" or "Needs review"."""
    return _OF_CANDIDATE[outcome(a)] + PROVISIONAL * a.ruling.provisional


def decision_words(of: UseCaseDecision, until: str = "") -> str:
    """The verdict on a use case: "Move to ...", "Stay on ...", "Need more data" or "Needs review".

    ``until``: the ISO day by which its calls leave a model that ends.
    """
    match of.verdict:
        case Verdict.SWITCH:
            words = f"Move to {target_name(of)}"
        case Verdict.ROUTE:
            words = f"Move part to {target_name(of)}"
        case Verdict.KEEP:
            words = f"Stay on {short_name(of.baseline_facts.model)}{_until(until)}"
        case Verdict.NEED_MORE_DATA:
            words = OUTCOMES[outcome(of)]
    return words + PROVISIONAL * of.provisional


def evidence_words(a: Assessment) -> str:
    """Where a score comes from; some reviews of the sample study were written, as the answers were."""
    written, reviews = a.trust.written_reviews, a.trust.reviews
    words, same = EVIDENCE[a.quality.evidence], a.quality.same_texts
    if a.quality.evidence == Evidence.REVIEWS and written:
        if written == reviews:
            return "compared by reviews that were written for the sample"
        return f"{words}; {written:,} of the {reviews:,} reviews were written for the sample"
    compared = words.replace("both answers", count(a.quality.n - same, "pair"))
    return f"{compared}; the other {same:,} have the same text" if same else words


def exclusion_words(exclusion: Exclusion) -> str:
    """Why pairs don't count: "candidate call failed (timeout)"."""
    failed = f" ({FAILURES[exclusion.failure]})" if exclusion.failure else ""
    return EXCLUSIONS[exclusion.code] + failed


def method_words(a: Assessment) -> str:
    """How range and p were found: "Tango, clustered"; empty without evidence."""
    return f"{a.difference.method or ''}{', clustered' if a.difference.is_clustered else ''}"


def baselines_of(recommendation: Recommendation) -> str:
    """All models that use cases are compared with."""
    names = dict.fromkeys(decision.baseline for decision in recommendation.use_cases)
    return listing([*names] or [recommendation.run.baseline])


def main_model(models: Iterable[str | None]) -> str | None:
    """The model that wrote most of the answers, of which each has one here; None where none is known."""
    names = Counter(name for name in models if name)
    return names.most_common(1)[0][0] if names else None


def recorded_name(models: Iterable[str | None]) -> str:
    """What to call a recorded baseline."""
    name = main_model(models)
    return f"{name} (recorded)" if name else "the recorded answers"


DELETED_MODEL = "a deleted model"
IN_THE_LOG = "in the log"
"""Whose answer it is, where it was recorded and not generated by a run."""


TERMS = {
    "p50": "The median: half of the calls are faster.",
    "p95": "95% of the calls are faster.",
    "TTFT p50": "Time to first token; half of the calls are faster.",
    "TTFT p95": "Time to first token; 95% of the calls are faster.",
    "Kappa": "Agreement beyond chance: 1 is perfect, 0 is guessing.",
    "Position bias": "Pairs in which the judge's vote changed with the order of the answers.",
    "Shadow": "The new model answers a copy of the calls; users still get today's answers.",
    "Guardrail": "A condition besides quality, such as failed calls or latency, that must hold for a move.",
}
"""What a table heading means, on every page."""
